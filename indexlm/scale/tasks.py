"""Inputs cut into tasks: a file, a part of one, or a run of small files, each of which becomes one shard."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from indexlm.inputs.read import WEB_SUFFIXES
from indexlm.page import IndexLMError
from indexlm.scale.files import WatchedFile, address_of, open_filesystem

_MOST_FILES = 10_000  # of pages in a task
_READERS = 16  # threads that ask for the parts of files
_KINDS = {".warc": "warc", ".parquet": "parquet", ".jsonl": "jsonl", ".ndjson": "jsonl"}
_PACKED = (".gz", ".zst", ".bz2", ".xz")


class File(NamedTuple):
    """An input file: its path or address, and its bytes."""

    address: str
    size: int


class Task(NamedTuple):
    """What becomes one shard.

    kind: `warc`, `parquet`, `jsonl` or `pages`.
    files: one file of data, or several pages.
    start, stop: the part of a file: row groups of Parquet, bytes of JSONL and WARC; `stop` is -1 for its end.
    """

    number: int
    kind: str
    files: tuple[File, ...]
    start: int = 0
    stop: int = -1

    @classmethod
    def of(cls, row: Sequence[Any]) -> Task:
        """A task as JSON holds it -> the task."""
        number, kind, files, start, stop = row
        return cls(number, kind, tuple(File(*file) for file in files), start, stop)


class Cut(NamedTuple):
    """How inputs are cut.

    task_bytes: about so many bytes of input make a task.
    split_warc: whether WARC files are cut too, which takes a pass over each; without it, a WARC file is a task.
    """

    task_bytes: int = 64 << 20
    split_warc: bool = False


class Plan(NamedTuple):
    """The tasks of a run, and how many files of its folders are no pages."""

    tasks: list[Task]
    skipped: int


def plan_tasks(inputs: Iterable[str], cut: Cut = Cut()) -> Plan:  # noqa: B008
    """Files, folders and fsspec addresses, with `*` for parts of names -> the tasks, in their order.

    Raises `IndexLMError` for an input that does not exist, and for a folder without a page.
    """
    files, skipped = _list_all(inputs)
    return Plan([task._replace(number=n) for n, task in enumerate(_cut(files, cut))], skipped)


def check_inputs(inputs: Iterable[str], tasks: Sequence[Task], finished: Collection[int]) -> None:
    """Raise `IndexLMError` where inputs hold other files than the tasks that were made of them, or of other sizes.

    A file that is gone is left to its task where that is not `finished`: it cannot be reached, perhaps for a while.
    """
    now = {file.address: file.size for _, file in _list_all(inputs)[0]}
    before = {file.address: file.size for task in tasks for file in task.files}
    waiting = {file.address for task in tasks if task.number not in finished for file in task.files}
    changes = [f"{address} is new" for address in now.keys() - before.keys()]
    changes += [f"{address} is gone" for address in before.keys() - now.keys() - waiting]
    changes += [
        f"{address} had {before[address]} bytes, and has {now[address]}"
        for address in now.keys() & before.keys()
        if now[address] != before[address]
    ]
    if changes:
        others = f", and {len(changes) - 1} other files are new, gone or changed" if len(changes) > 1 else ""
        raise IndexLMError(
            f"an input stays as it is during a run; {min(changes)}{others}; another --out begins another run"
        )


def _list_all(inputs: Iterable[str]) -> tuple[list[tuple[str, File]], int]:
    """Inputs -> their files with their kinds, and how many others are in the folders."""
    files: list[tuple[str, File]] = []
    skipped = 0
    for source in inputs:
        named, left_out = _list_files(source)
        files += named
        skipped += left_out
    return files, skipped


def _list_files(source: str) -> tuple[list[tuple[str, File]], int]:
    """An input -> its files with their kinds, and how many others are in the folder."""
    if not source.strip():
        raise IndexLMError(f"an input is a file, a folder or an address of fsspec; found {source!r}")
    system, path = open_filesystem(source)
    try:
        if not system.exists(path) and any(mark in path for mark in "*?["):
            details = system.glob(path, detail=True)
            is_folder = False
        else:
            is_folder = system.isdir(path)
            details = system.find(path, detail=True) if is_folder else {path: system.info(path)}
    except FileNotFoundError:
        details = {}
    except Exception as error:  # of a disk or any network
        raise IndexLMError(f"{source} cannot be read: {error}") from None
    named = [(_kind(name), name, row) for name, row in sorted(details.items()) if row["type"] == "file"]
    if not named:
        raise IndexLMError(f"an input is a file, a folder or an address of fsspec; there is nothing at {source!r}")
    taken = [row for row in named if row[0] or not is_folder]
    if not taken:
        raise IndexLMError(f"a folder holds pages, WARC, Parquet or JSONL files; {source} has none in {len(named)}")
    files = [(kind or "pages", File(address_of(system, name), int(row["size"] or 0))) for kind, name, row in taken]
    return files, len(named) - len(taken)


def _kind(name: str) -> str:
    """What a file holds, by its suffix; nothing for one that is no page."""
    path = PurePosixPath(name.lower())
    if path.name.startswith("."):
        return ""
    suffix = path.with_suffix("").suffix if path.suffix in _PACKED else path.suffix
    return _KINDS.get(suffix, "pages" if suffix in WEB_SUFFIXES else "")


def _cut(files: Sequence[tuple[str, File]], cut: Cut) -> Iterator[Task]:
    large = [(kind, file) for kind, file in files if kind != "pages" and file.size > cut.task_bytes]
    with ThreadPoolExecutor(_READERS) as pool:
        parts = dict(zip(large, pool.map(lambda item: _parts(item[0], item[1], cut), large), strict=True))
    pages: list[File] = []
    size = 0
    for kind, file in files:
        if pages and (kind != "pages" or len(pages) == _MOST_FILES or size + file.size > cut.task_bytes):
            yield Task(0, "pages", tuple(pages))
            pages, size = [], 0
        if kind == "pages":
            pages.append(file)
            size += file.size
            continue
        for start, stop in pairwise([*parts.get((kind, file), [0]), -1]):
            yield Task(0, kind, (file,), start, stop)
    if pages:
        yield Task(0, "pages", tuple(pages))


def _parts(kind: str, file: File, cut: Cut) -> list[int]:
    """Where the parts of a large file begin; of one that cannot be read, its begin: reading it says why."""
    if kind == "jsonl":
        is_packed = file.address.lower().endswith(_PACKED)
        return [0] if is_packed else list(range(0, file.size, cut.task_bytes))
    try:
        with WatchedFile(file.address, file.size) as source:
            if kind == "parquet":
                return _groups(source, cut.task_bytes)
            if cut.split_warc:
                return _records(source, cut.task_bytes)
    except Exception:
        return [0]
    return [0]


def _groups(source: Any, task_bytes: int) -> list[int]:
    from pyarrow.parquet import ParquetFile

    metadata = ParquetFile(source).metadata
    starts, size = [0], 0
    for i in range(metadata.num_row_groups):
        if size >= task_bytes:
            starts.append(i)
            size = 0
        group = metadata.row_group(i)
        size += sum(group.column(k).total_compressed_size for k in range(group.num_columns))
    return starts


def _records(source: Any, task_bytes: int) -> list[int]:
    """The bytes of a WARC file at which a part begins: each the begin of a record that can be read by itself."""
    from fastwarc.warc import ArchiveIterator

    file = source.buffered()
    starts = [0]
    try:
        for record in ArchiveIterator(file, parse_http=False):
            if record.stream_pos >= starts[-1] + task_bytes:
                starts.append(record.stream_pos)
    except OSError:  # the last part ends there too
        pass
    for start in starts[1:]:
        file.seek(start)
        if not file.read(5).startswith((b"\x1f\x8b\x08", b"WARC/")):
            return [0]  # all records are packed in one
    return starts
