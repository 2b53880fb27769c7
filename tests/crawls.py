"""Small crawls for tests: WARC, JSONL and Parquet files of pages of our own."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

SENTENCE = "This is sentence {} of a page that a reader would want to keep for a later day, and it is long enough."


def page(number: int, paragraphs: int = 4) -> str:
    """A page of some paragraphs below a heading, with links around them that are no content."""
    text = "".join(f"<p>{SENTENCE.format(f'{number}-{i}')}</p>" for i in range(paragraphs))
    menu = "".join(f'<li><a href="/{i}">Menu {i}</a></li>' for i in range(5))
    return (
        f'<html lang="en"><head><title>Page {number}</title></head><body><nav><ul>{menu}</ul></nav><main>'
        f'<h1>Page {number}</h1>{text}<p><a href="next/{number}">More of this</a></p></main></body></html>'
    )


def rows(first: int, count: int) -> list[dict[str, Any]]:
    """Pages with their addresses."""
    return [{"html": page(i), "url": f"https://site.example/{i}"} for i in range(first, first + count)]


def answer(body: bytes, *headers: str, status: str = "200 OK", kind: str = "text/html") -> bytes:
    """An HTTP answer."""
    head = [f"HTTP/1.1 {status}", *([f"Content-Type: {kind}"] if kind else []), *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def record(
    url: str,
    block: bytes,
    *headers: str,
    type: str = "response",
    kind: str = "application/http; msgtype=response",
    length: int | None = None,
) -> bytes:
    """A WARC record."""
    head = ["WARC/1.0", f"WARC-Type: {type}", f"WARC-Target-URI: {url}", "WARC-Date: 2026-02-03T04:05:06Z"]
    head += [f"WARC-Record-ID: <urn:uuid:{abs(hash(url)):032x}>", f"Content-Type: {kind}", *headers]
    head.append(f"Content-Length: {len(block) if length is None else length}")
    return "\r\n".join(head).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def warc(records: Iterable[bytes], packed: bool = True) -> bytes:
    """Records -> a WARC file, each of them packed by itself or none."""
    return b"".join(gzip.compress(item) if packed else item for item in records)


def warc_of_pages(first: int, count: int) -> bytes:
    """A packed WARC file of pages, with a request before each."""
    items = []
    for row in rows(first, count):
        request = f"GET / HTTP/1.1\r\nHost: site.example\r\nX: {row['url']}\r\n\r\n".encode()
        items.append(record(row["url"], request, type="request", kind="application/http; msgtype=request"))
        items.append(record(row["url"], answer(row["html"].encode())))
    return warc(items)


def write_lines(path: Path, values: Sequence[Any]) -> None:
    """A JSONL file."""
    path.write_text("".join(json.dumps(value) + "\n" for value in values), "utf-8")


def write_parquet(path: Path, values: Sequence[dict[str, Any]], group: int = 1000) -> None:
    """A Parquet file with so many rows in a row group."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist([*values]), path, row_group_size=group)


def read_shards(folder: str | Path) -> list[dict[str, Any]]:
    """The rows of a run's Parquet shards, in the order of its tasks, without the time that each took."""
    import pyarrow.dataset as ds

    table = ds.dataset(str(folder), format="parquet").to_table()
    return [{name: value for name, value in row.items() if name != "milliseconds"} for row in table.to_pylist()]
