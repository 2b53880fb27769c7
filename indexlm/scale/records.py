"""A task's pages, one after the other, as they stand in its files."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any, NamedTuple

from indexlm.inputs.document import MAX_BYTES, Source
from indexlm.scale.files import InputError, WatchedFile
from indexlm.scale.tasks import File, Task

_ROWS = 32  # of a Parquet file that are in memory at once


class Record(NamedTuple):
    """A page of an input, or why there is none.

    address: its file.
    offset: its place there: the byte of a WARC record or a line, the number of a Parquet row (from 0).
    url: the page's address.
    captured: when it was fetched, as its WARC record says.
    source: the page; None where it cannot be read, as `error` says.
    """

    address: str
    offset: str
    url: str
    captured: str
    source: Source | None
    error: str = ""

    @property
    def id(self) -> str:
        """What names it among all pages of all inputs."""
        return f"{self.address}#{self.offset}"

    @classmethod
    def failed(cls, address: str, offset: str, error: str, url: str = "", captured: str = "") -> Record:
        """A record that cannot be read; the error names it."""
        return cls(address, offset, url, captured, None, f"{error} ({address}, at {offset})")


class Columns(NamedTuple):
    """The names under which Parquet and JSONL files hold a page and its address."""

    html: str = "html"
    url: str = "url"


def read_task(task: Task, columns: Columns, max_bytes: int = MAX_BYTES) -> Iterator[Record | None]:
    """A task -> its records, in their order; None for one that is left out since it is no page.

    What is wrong with the data is a record with an `error`. Raises `InputError` for a file that cannot be reached.
    """
    for file in task.files:
        if task.kind == "pages":
            yield _read_page(file, max_bytes)
            continue
        with closing(WatchedFile(file.address, file.size)) as source:
            yield from _read_file(task, file, source, columns, max_bytes)
            if source.fault is not None:
                raise InputError(f"{file.address} cannot be read: {source.fault}")


def _read_page(file: File, max_bytes: int) -> Record:
    try:
        with closing(WatchedFile(file.address, file.size)) as source:
            content = source.buffered().read(max_bytes + 1)
    except InputError as error:
        return Record(file.address, "0", "", "", None, str(error))
    except Exception as error:
        return Record(file.address, "0", "", "", None, f"{file.address} cannot be read: {error}")
    return Record(file.address, "0", "", "", Source(content, name=file.address))


def _read_file(
    task: Task, file: File, source: WatchedFile, columns: Columns, max_bytes: int
) -> Iterator[Record | None]:
    if task.kind == "warc":
        from indexlm.scale.warc import read_warc

        records = read_warc(source.buffered(), file.address, task.start, task.stop, max_bytes)
    elif task.kind == "parquet":
        records = _read_parquet(source, file.address, task.start, task.stop, columns)
    else:
        records = _read_lines(source, file.address, task.start, task.stop, columns, max_bytes)
    for record in records:
        if record is not None and record.error and source.fault is not None:
            return  # not the data is at fault
        yield record


def _read_parquet(source: WatchedFile, address: str, start: int, stop: int, columns: Columns) -> Iterator[Record]:
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    row = 0
    try:
        file = ParquetFile(source, buffer_size=1 << 20)
        missing = [name for name in columns if name not in file.schema_arrow.names]
        if missing:
            names = ", ".join(file.schema_arrow.names[:20])
            yield Record.failed(address, "0", f"a Parquet file has a column {missing[0]!r}; this one has {names}")
            return
        groups = range(start, file.num_row_groups if stop < 0 else stop)
        row = sum(file.metadata.row_group(i).num_rows for i in range(start))
        for batch in file.iter_batches(_ROWS, row_groups=groups, columns=list(columns)):
            for html, url in zip(*(_values(batch.column(name)) for name in columns), strict=True):
                yield _from_values(address, row, html, url, columns)
                row += 1
    except (ArrowException, OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        yield Record.failed(address, f"{row}+rest", f"a Parquet file is whole; this one is not: {reason}")


def _values(column: Any) -> list[Any]:
    """A column of Arrow -> its values. Text that is not UTF-8 stays bytes, which `str` would not hold."""
    import pyarrow as pa

    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return list(column.to_pylist())
    binary = column.cast(pa.large_binary() if pa.types.is_large_string(column.type) else pa.binary())
    return [_text(value) for value in binary.to_pylist()]


def _text(value: bytes | None) -> str | bytes | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return value


def _read_lines(
    source: WatchedFile, address: str, start: int, stop: int, columns: Columns, max_bytes: int
) -> Iterator[Record]:
    """The lines that begin from byte `start` to before `stop`."""
    from fsspec.compression import compr
    from fsspec.utils import infer_compression

    most = 4 * max_bytes + (1 << 16)  # a character of JSON takes up to six bytes, but few do
    packing = infer_compression(address)
    place = start
    try:
        file = io.BufferedReader(compr[packing](source, mode="rb")) if packing else source.buffered()
        if start:
            file.seek(start - 1)
            place = start - 1 + _pass_line(file, most)
        while stop < 0 or place < stop:
            line = file.readline(most)
            if not line:
                return
            size = len(line)
            if size == most and not line.endswith(b"\n"):
                size += _pass_line(file, most)
                yield Record.failed(address, str(place), f"a line has at most {most} bytes; this one has {size}")
            elif line.strip():
                yield _from_line(address, place, line, columns)
            place += size
    except Exception as error:  # each kind of compression has its own
        yield Record.failed(address, f"{place}+rest", f"a JSONL file is whole; this one is not: {error}")


def _pass_line(file: Any, most: int) -> int:
    """Go to the next line -> how many bytes that was."""
    size = 0
    while line := file.readline(most):
        size += len(line)
        if line.endswith(b"\n"):
            break
    return size


def _from_line(address: str, place: int, line: bytes, columns: Columns) -> Record:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Record.failed(address, str(place), f"a line is a JSON object; this one is none: {error}")
    if not isinstance(row, dict):
        return Record.failed(address, str(place), f"a line is a JSON object; found {type(row).__name__}")
    missing = [name for name in columns if name not in row]
    if missing:
        names = ", ".join([*row][:20])[:200]
        return Record.failed(address, str(place), f"a line has a field {missing[0]!r}; this one has {names}")
    return _from_values(address, place, row[columns.html], row[columns.url], columns)


def _from_values(address: str, place: int, html: Any, url: Any, columns: Columns) -> Record:
    url = url.decode("utf-8", "replace") if isinstance(url, bytes) else url or ""
    if not isinstance(url, str):
        return Record.failed(address, str(place), f"{columns.url!r} is text; found {type(url).__name__}")
    if not isinstance(html, str | bytes):
        message = f"{columns.html!r} is text or bytes; found {'nothing' if html is None else type(html).__name__}"
        return Record.failed(address, str(place), message, url)
    return Record(address, str(place), url, "", Source(html, url))
