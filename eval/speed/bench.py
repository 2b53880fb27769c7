"""The benchmark of the command `bench`: opens systems and pages, times them, and writes the results as it goes."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.alignment import align
from eval.cases import Case
from eval.extractors import ORACLES, System, describe, of_blocks, open_extractor, open_named_head, parse_name
from eval.speed.cold import ColdStart, cold_starts, extract_command
from eval.speed.measure import Timing, run
from eval.speed.oracle import oracle_decoder
from eval.speed.pages import Buckets
from eval.speed.report import to_json
from heads import DecoderHead, Head
from indexlm.output.markdown import to_markdown
from indexlm.page import IndexLMError, Page


def run_bench(
    names: Sequence[str],
    buckets: Buckets,
    threads: Sequence[int],
    rounds: int,
    seconds: float,
    cold: int,
    out: Path | None,
    metadata: Mapping[str, Any],
    notify: Callable[[str], None],
    *,
    together: bool,
) -> tuple[list[Timing], list[ColdStart]]:
    """Time systems on pages -> their timings and cold starts; `notify` is called with a line for each length.

    names: as in `eval.extractors`; the others are compared with the first.
    threads: numbers of CPU threads, one after the other.
    rounds: how often each page is timed.
    seconds: no other round of a length begins after this; 0 for no limit.
    cold: how often a whole process is timed.
    out: a JSON file that is written anew after every timing, with `metadata`.
    together: whether the buckets are pages of one set, which is timed as a whole too.
    """
    cases = [case for bucket in buckets.values() for case in bucket]
    answers = {name: {"answers": "gold"} if parse_name(name).kind in ORACLES else {} for name in names}
    systems = {name: describe(name) | answers[name] for name in names}
    metadata = {"extractors": systems, **metadata, "rounds": rounds, "seconds": seconds}
    timings: list[Timing] = []
    starts: list[ColdStart] = []

    def write() -> None:
        if out:
            out.write_text(json.dumps(to_json(timings, starts, metadata), indent=1) + "\n", "utf-8")

    def open_all(threads: int) -> dict[str, System]:
        return {name: _open_system(name, threads, cases) for name in names}

    for timing in run(open_all, buckets, threads=threads, rounds=rounds, max_seconds=seconds, together=together):
        timings.append(timing)
        write()
        if timing["extractor"] == names[-1]:
            notify(f"{timing['bucket']} tokens, threads {timing['threads']}: done")
    if cold:
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "page.html"
            page.write_bytes(cases[0].html)
            for count in threads:
                starts += cold_starts({name: extract_command(name, count) for name in names}, page, count, cold)
        write()
    return timings, starts


def _open_system(name: str, threads: int, cases: Sequence[Case]) -> System:
    """A system that turns HTML into Markdown, or into text if it is a tool."""
    if not parse_name(name).head:
        return open_extractor(name, threads)
    head: Head = open_named_head(name, threads)
    if parse_name(name).kind in ORACLES and isinstance(head, DecoderHead):
        head = oracle_decoder(head, map(_with_gold, cases))
    return of_blocks(head, to_markdown)


def _with_gold(case: Case) -> tuple[Page, tuple[int, ...]]:
    if not case.gold and not case.text:
        raise IndexLMError(f"an oracle decoder writes the gold answer of a page; {case.id} has none")
    page = case.read()
    return page, case.gold or align(page, case.text)
