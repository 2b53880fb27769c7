"""A crawl of copies and mutations of pages: `python -m tests.bench.crawl OUT [--pages 20000] [--data me/dev.parquet]`.

Without `--data`, the pages are those of the tests. A fifth of the copies is mutated: cut, with parts in another order,
or with other bytes. Files of WARC, JSONL and Parquet take turns. Every page has an address of its own.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.conftest import ROOT
from tests.crawls import answer, page, record, warc, write_lines, write_parquet

_MOST_BYTES = 60_000
_IN_FILE = 250


def read_pages(data: str = "", most_bytes: int = _MOST_BYTES) -> list[str]:
    """The pages that are copied: of a Parquet file's column `html`, or of the tests."""
    if data:
        import pyarrow.parquet as pq

        most_bytes = 1 << 20
        pages = [str(html) for html in pq.read_table(data, columns=["html"])["html"].to_pylist()]
    else:
        paths = sorted((ROOT / "tests").glob("pages/*.html")) + sorted((ROOT / "tests").glob("short/*.html"))
        pages = [path.read_text("utf-8", "replace") for path in paths]
        pages += [page(i, paragraphs) for i, paragraphs in enumerate((3, 10, 30, 60))]
    return [html for html in pages if len(html) <= most_bytes]


def copies(pages: Sequence[str], count: int, seed: int = 1) -> Iterator[str]:
    """So many copies, a fifth of them mutated."""
    rng = random.Random(seed)
    for i in range(count):
        html = pages[i % len(pages)]
        yield html if rng.random() < 0.8 else mutate(html, rng)


def mutate(html: str, rng: random.Random) -> str:
    """A page that is broken in one of three ways."""
    kind = rng.randrange(3)
    if kind == 0:
        return html[: rng.randrange(1, len(html))]
    if kind == 1:
        parts = re.split(r"(?=<)", html)
        rng.shuffle(parts)
        return "".join(parts)
    place = rng.randrange(len(html))
    return html[:place] + "".join(chr(rng.randrange(1, 0x3000)) for _ in range(20)) + html[place:]


def write_crawl(out: Path, pages: Sequence[str], count: int) -> None:
    """Files of 250 pages."""
    out.mkdir(parents=True, exist_ok=True)
    rows = [{"html": html, "url": f"https://site.example/{i}"} for i, html in enumerate(copies(pages, count))]
    for n, start in enumerate(range(0, count, _IN_FILE)):
        some = rows[start : start + _IN_FILE]
        if n % 3 == 0:
            items = [record(row["url"], answer(row["html"].encode(), kind="text/html; charset=utf-8")) for row in some]
            (out / f"{n:05d}.warc.gz").write_bytes(warc(items))
        elif n % 3 == 1:
            write_lines(out / f"{n:05d}.jsonl", some)
        else:
            write_parquet(out / f"{n:05d}.parquet", some, group=50)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--pages", type=int, default=20_000)
    parser.add_argument("--data", default="")
    arguments = parser.parse_args()
    write_crawl(arguments.out, read_pages(arguments.data), arguments.pages)
