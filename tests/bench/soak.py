"""A service under mixed and hostile pages: `python -m tests.bench.soak [--minutes 30] [--clients 8]`.

Each request has to be answered, by content or by a problem: what is not is lost. A line a minute says how many of each
status there were, and the resident MiB of the service and of its processes. Memory is flat where the last line has
about the numbers of the third one.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.bench.load import read_pages, send, served

_WORD = b"<p>Some words that stand in a paragraph.</p>"
HOSTILE: dict[str, Callable[[random.Random], bytes]] = {
    "empty": lambda rng: b"",
    "noise": lambda rng: rng.randbytes(50_000),
    "letters": lambda rng: b"a" * 500_000,
    "angles": lambda rng: b"<" * 200_000,
    "deep": lambda rng: b"<div>" * 20_000 + _WORD,
    "wide": lambda rng: _WORD * 20_000,
    "huge": lambda rng: _WORD * 150_000,
    "too large": lambda rng: b"<p>" * 3_000_000,
    "table": lambda rng: b"<table>" + b"<tr><td>1<td>2<td>3<td>4" * 10_000,
    "attributes": lambda rng: b"<p " + b"a='b' " * 100_000 + b">text",
    "entities": lambda rng: b"&amp;&#x41;&bogus;" * 20_000,
    "cut": lambda rng: rng.choice(_PAGES)[: rng.randrange(1, 20_000)],
    "scrambled": lambda rng: _scrambled(rng, rng.choice(_PAGES)),
    "bomb": lambda rng: (
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY %c "%s">' % (c, b"&%c;" % (c - 1) * 10) for c in b"bcdefghij")
        + b"]><rss><channel><item><title>&j;</title></item></channel></rss>"
    ),
}
_PAGES: list[bytes] = []


def _scrambled(rng: random.Random, page: bytes) -> bytes:
    parts = re.split(rb"(?=<)", page)
    rng.shuffle(parts)
    return b"".join(parts)


def resident(port: int) -> tuple[float, float]:
    """MiB of the service itself, and of the processes that it started."""
    import os

    def mib(pid: int) -> float:
        status = Path(f"/proc/{pid}/status").read_text("utf-8")
        return int(re.findall(r"VmRSS:\s*(\d+) kB", status)[0]) / 1024

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    pages = float(re.findall(r'indexlm_process_bytes{pool="pages"} (\S+)', text)[0])
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text("utf-8").split()
    return mib(int(children[0])), pages / (1 << 20)


def main() -> None:
    """Run until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--hostile", type=float, default=0.1, help="The share of hostile pages.")
    options = parser.parse_args()
    _PAGES.extend(read_pages(161))
    statuses: Counter[str] = Counter()
    end = time.monotonic() + 60 * min(options.minutes, 120)

    def run(port: int, seed: int) -> None:
        rng = random.Random(seed)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        while time.monotonic() < end:
            is_hostile = rng.random() < options.hostile
            name = rng.choice(list(HOSTILE)) if is_hostile else "page"
            body = HOSTILE[name](rng) if is_hostile else rng.choice(_PAGES)
            query = rng.choice(["", "", "&query=When+does+it+open%3F"])
            try:
                status, _ = send(connection, f"/v1/extract?head=classifier{query}", body)
                statuses[f"{name} {status}"] += 1
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                statuses[f"{name} lost: {type(error).__name__}"] += 1

    with served("--workers", "2", "--timeout", "10", "--memory", "1024", "--head", "classifier") as port:
        threads = [threading.Thread(target=run, args=(port, seed), daemon=True) for seed in range(options.clients)]
        for thread in threads:
            thread.start()
        began = time.monotonic()
        while time.monotonic() < end:
            time.sleep(max(0.0, min(60.0, end - time.monotonic())))
            own, processes = resident(port)
            row = {"minutes": round((time.monotonic() - began) / 60, 1), "requests": sum(statuses.values())}
            lost = sum(number for name, number in statuses.items() if "lost" in name)
            print(json.dumps(row | {"lost": lost, "mib": [round(own), round(processes)]}), flush=True)
        for thread in threads:
            thread.join(150)
    print(json.dumps(dict(sorted(statuses.items())), indent=1))


if __name__ == "__main__":
    main()
