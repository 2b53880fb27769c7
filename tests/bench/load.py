"""Requests a second and their latency: `python -m tests.bench.load [--seconds 20] [--clients 1 8 32] [--head …]`.

A service with two processes runs beside the clients on 127.0.0.1, so they share the cores. The pages are those of the
data set in `INDEXLM_DATA` where it is there (WCXB, dev), else synthetic ones. Prints a table.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from tests.conftest import ROOT

Answer = tuple[int, float]  # the status, and the seconds


@contextmanager
def served(*arguments: str) -> Iterator[int]:
    """`indexlm serve` in a process of its own -> its port. Its log is thrown away."""
    command = [sys.executable, str(ROOT / "cli.py"), "serve", "--port", "0", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stderr
        port = int(re.findall(r":(\d+)/", process.stderr.readline())[0])
        threading.Thread(target=process.stderr.read, daemon=True).start()
        try:
            yield port
        finally:
            process.terminate()
            process.wait(60)


def read_pages(limit: int) -> list[bytes]:
    """At most `limit` pages."""
    from eval.cases import read_cases
    from eval.synthetic import synthetic_page

    data = Path(os.environ.get("INDEXLM_DATA", ROOT.parent / "shared" / "data"))
    if (data / "me" / "dev.parquet").is_file():
        return [case.html for case in read_cases(data, "me", source="wcxb", limit=limit)]
    return [synthetic_page(seed, 20 + seed % 100).html for seed in range(limit)]


def send(connection: http.client.HTTPConnection, path: str, body: bytes) -> Answer:
    """One request -> its answer."""
    began = time.perf_counter()
    connection.request("POST", path, body, {"Content-Type": "text/html"})
    answer = connection.getresponse()
    answer.read()
    return answer.status, time.perf_counter() - began


def measure(port: int, pages: list[bytes], head: str, clients: int, seconds: float) -> tuple[list[Answer], float]:
    """Clients that ask one request after the other, until the time is over -> all answers, and the seconds."""
    answers: list[Answer] = []
    numbers = count()
    end = time.perf_counter() + seconds

    def run() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        while time.perf_counter() < end:
            answers.append(send(connection, f"/v1/extract?head={head}", pages[next(numbers) % len(pages)]))
        connection.close()

    began = time.perf_counter()
    threads = [threading.Thread(target=run) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers, time.perf_counter() - began


def main() -> None:
    """Measure, and print a line for each head and number of clients."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--head", nargs="+", default=["trees", "classifier"])
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    pages = read_pages(161)
    size = sum(map(len, pages)) / len(pages) / 1024
    print(f"{len(pages)} pages of {size:.0f} KiB on average, {options.workers} processes\n")
    print("| head | clients | requests/s | p50 ms | p95 ms | p99 ms | not 200 |\n| --- " + "| ---: " * 6 + "|")
    for head in options.head:
        with served("--workers", str(options.workers), "--head", head, "--queue", "64") as port:
            measure(port, pages, head, 4, min(5.0, options.seconds))
            for clients in options.clients:
                answers, seconds = measure(port, pages, head, clients, min(options.seconds, 600))
                times = sorted(1000 * taken for status, taken in answers if status == 200)
                cuts = " | ".join(
                    f"{times[min(len(times) - 1, int(share * len(times)))]:.0f}" for share in (0.5, 0.95, 0.99)
                )
                failed = sum(status != 200 for status, _ in answers)
                print(f"| {head} | {clients} | {len(answers) / seconds:.1f} | {cuts} | {failed} |", flush=True)


if __name__ == "__main__":
    main()
