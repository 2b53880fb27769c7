"""A page of a crawl as a row: its content in each format, and all that is known of how it was chosen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from time import perf_counter
from typing import Any, NamedTuple

from indexlm.extraction import FORMATS, Extraction
from indexlm.extractor import Extractor
from indexlm.inputs.document import Source
from indexlm.output.chunks import check_sizes
from indexlm.output.links import check_links
from indexlm.page import IndexLMError
from indexlm.scale.records import Record

CONTENTS = tuple(format for format in FORMATS if format != "intervals")
"""The formats that a row may have; its intervals are there always."""
_NESTED = ("json", "chunks", "metadata")  # columns of objects: JSON in a Parquet file, objects in JSONL


class Content(NamedTuple):
    """What a row holds of a page, as the options of `extract` of the same names.

    query: what the kept blocks answer; empty for main content.
    """

    formats: tuple[str, ...] = ("markdown",)
    query: str = ""
    title: bool = False
    metadata: bool = False
    images: bool = False
    links: str = "absolute"
    max_tokens: int = 512
    overlap: int = 0

    def check(self) -> None:
        """Raise `IndexLMError` for an option that cannot be."""
        for format in self.formats:
            if format not in CONTENTS:
                raise IndexLMError(f"a format of a row is {', '.join(CONTENTS)}; found {format!r}")
        check_links(self.links)
        check_sizes(self.max_tokens, self.overlap)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a page's content."""
        return (*dict.fromkeys(self.formats), *(["metadata"] if self.metadata else []))


def extract_row(content: Content, extractor: Extractor, source: Source) -> dict[str, Any]:
    """A page -> the columns of its row that come from it. Raises what `Extractor.extract` raises."""
    began = perf_counter()
    url = source.url if source.url.lower().startswith(("http://", "https://")) else ""
    extraction = extractor.extract(source._replace(url=url), url=url, query=content.query)
    expected, error = extraction.prediction.expected_f1, extraction.prediction.error
    row: dict[str, Any] = {
        "url": source.url or extraction.page.url,
        "title": extraction.page.title,
        "language": extraction.page.lang,
        "blocks": len(extraction.page.blocks),
        "decided_by": extraction.prediction.decided_by,
        "expected_f1": None if expected is None else round(expected, 4),
        "warnings": list(extraction.warnings),
        "error": error,
    }
    extraction = (extraction.with_title() if content.title else extraction).with_links(content.links)
    row["intervals"] = [list(interval) for interval in extraction.intervals]
    row |= {name: _column(name, content, extraction) for name in content.columns}
    texts: dict[str, Any] = _as_text(row)
    return texts | {"milliseconds": round(1000 * (perf_counter() - began), 2)}


def _column(name: str, content: Content, extraction: Extraction) -> Any:
    if name == "metadata":
        return extraction.metadata.to_dict()
    if name == "json":
        return {key: value for key, value in extraction.json().items() if key != "seconds"}
    if name == "chunks":
        return [chunk.to_dict() for chunk in extraction.chunks(content.max_tokens, content.overlap)]
    return extraction.render(name, images=content.images, links=content.links) if extraction.indices else ""


def _as_text(value: Any) -> Any:
    """The same value with text that every file can hold: half of a surrogate pair is none."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {key: _as_text(item) for key, item in value.items()}
    return [_as_text(item) for item in value] if isinstance(value, list | tuple) else value


def to_row(content: Content, record: Record, result: Any) -> dict[str, Any]:
    """A record, and what was made of it or its error -> its row; a page that failed has empty content."""
    row: dict[str, Any] = _as_text({"id": record.id, "url": record.url, "captured": record.captured or None})
    if not isinstance(result, Exception):
        return {**row, **result}
    message = str(result) if isinstance(result, IndexLMError) else f"{record.id}: {result}"
    row |= {"title": "", "language": "", "blocks": 0, "decided_by": "", "expected_f1": None, "warnings": []}
    row |= {"error": " ".join(message.split()), "intervals": [], "milliseconds": None}
    empty: dict[str, Any] = {"json": {}, "chunks": [], "metadata": {}}
    row = _as_text(row | {name: empty.get(name, "") for name in content.columns})
    return row


def columns(content: Content) -> dict[str, str]:
    """The columns of a row, in their order, with their types."""
    types = dict.fromkeys(("id", "url", "captured", "title", "language", *content.columns), "text")
    types |= {"intervals": "intervals", "blocks": "int", "expected_f1": "float", "decided_by": "text"}
    return types | {"warnings": "texts", "error": "text", "milliseconds": "float"}


def schema(content: Content, metadata: dict[str, str]) -> Any:
    """The Arrow schema of a shard, with what stands in the file's metadata."""
    import pyarrow as pa

    types = {"text": pa.string(), "texts": pa.list_(pa.string()), "int": pa.int32(), "float": pa.float32()}
    types["intervals"] = pa.list_(pa.list_(pa.int32()))
    return pa.schema([(name, types[kind]) for name, kind in columns(content).items()], metadata=metadata)


def to_line(content: Content, row: dict[str, Any]) -> bytes:
    """A row -> its line of JSONL."""
    return (json.dumps({name: row[name] for name in columns(content)}, ensure_ascii=False) + "\n").encode()


def to_batch(rows: Sequence[dict[str, Any]], schema: Any) -> Any:
    """Rows -> a table of Arrow."""
    import pyarrow as pa

    flat = [row | {name: json.dumps(row[name], ensure_ascii=False) for name in _NESTED if name in row} for row in rows]
    return pa.Table.from_pylist(flat, schema=schema)
