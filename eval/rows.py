"""Rows of data sets on disk: Parquet and JSONL."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from indexlm.page import IndexLMError

_BATCH_ROWS = 64


def read_rows(path: Path, keep: Callable[[dict[str, Any]], bool] = lambda row: True) -> list[dict[str, Any]]:
    """A Parquet or JSONL file -> its rows for which `keep` holds, in file order."""
    return [row for row in stream_rows(path) if keep(row)]


def stream_rows(path: Path, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """A Parquet or JSONL file -> its rows in file order, a few in memory at a time; with `columns`, only those.

    A column that a row lacks is left out. Raises `IndexLMError` for a file that cannot be read.
    """
    if path.suffix == ".jsonl":
        for _, row in read_lines(path):
            yield row if columns is None else {name: row[name] for name in columns if name in row}
        return
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(path) as file:
            names = None if columns is None else [name for name in file.schema_arrow.names if name in columns]
            for batch in file.iter_batches(_BATCH_ROWS, columns=names):
                yield from batch.to_pylist() if names != [] else ({} for _ in range(batch.num_rows))
    except (OSError, ArrowException) as error:
        raise IndexLMError(f"{path} cannot be read as Parquet: {error}") from None


def whole_rows(path: Path) -> Iterator[dict[str, Any]]:
    """A JSONL file that is written line by line -> its rows; a last line that was not written to its end is cut off."""
    os.truncate(path, path.read_bytes().rfind(b"\n") + 1)
    return stream_rows(path)


def html_of(row: Mapping[str, Any]) -> bytes:
    """The `html` of a row as bytes; in files it is bytes, text or nothing."""
    html = row["html"] or ""
    return html if isinstance(html, bytes) else html.encode("utf-8", "replace")


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """A JSONL file -> its rows, each with the number of its line. Raises `IndexLMError` for one that cannot be read."""
    number = 0
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    row = json.loads(line)
                    if not isinstance(row, dict):
                        raise ValueError(f"a line is an object; found {type(row).__name__}")
                    yield number, row
    except (OSError, ValueError) as error:
        raise IndexLMError(f"{path}:{number} cannot be read as JSONL: {error}") from None
