"""Memory over a long stream of pages: `python -m tests.bench.memory [PAGES] [WORKERS]`.

The golden pages come again and again, each time as another page. A JSON line after each tenth of them has the resident
MiB of this process and of its workers. Memory is flat where the last line has about the numbers of the second one.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import sys
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

from indexlm import Extractor
from tests.conftest import MAIN, golden_html


def stream(count: int) -> Iterator[tuple[bytes, str]]:
    pages = [golden_html(name) for name in MAIN]
    for number, html in enumerate(islice(cycle(pages), count)):
        heading = f'<div class="page{number:x}"><p>Page {number} of {count}.</p></div>'.encode()
        yield html.replace(b"</body>", heading * (1 + number % 7) + b"</body>"), f"https://{number}.example/"


def processes() -> list[int]:
    """This process and its workers."""
    return [os.getpid(), *(child.pid for child in multiprocessing.active_children() if child.pid)]


def resident(pid: int) -> float:
    """MiB that a process uses now."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return round(int(re.findall(r"VmRSS:\s*(\d+) kB", status)[0]) / 1024, 1)


def main(count: int = 10_000, workers: int = 1) -> None:
    began = perf_counter()
    failed = 0
    results = Extractor(threads=1).extract_many(stream(count), workers=workers)
    for number, result in enumerate(results, 1):
        failed += isinstance(result, Exception)
        if number % max(1, count // 10) == 0:
            row = {"pages": number, "failed": failed, "mib": [resident(pid) for pid in processes()]}
            print(json.dumps(row | {"seconds": round(perf_counter() - began, 1)}), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
