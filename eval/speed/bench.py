"""The benchmark of the command `bench`: opens systems and pages, times them, and writes the results as it goes."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.alignment import align
from eval.cases import Case, read_cases
from eval.extractors import (
    ORACLES,
    System,
    check_task,
    describe,
    of_blocks,
    open_extractor,
    open_named_head,
    parse_name,
)
from eval.speed.cold import ColdStart, cold_starts, extract_command
from eval.speed.measure import Timing, run
from eval.speed.oracle import oracle_decoder
from eval.speed.pages import Buckets, by_length, read_files, synthetic_pages, token_counter
from eval.speed.report import to_json
from heads import DecoderHead, Head
from indexlm.html.read import read_page
from indexlm.output.markdown import to_markdown
from indexlm.page import IndexLMError, Page

__all__ = ["BenchOptions", "Pages", "run_bench"]


@dataclass(frozen=True, slots=True)
class Pages:
    """Where the pages of a benchmark come from.

    synthetic: synthetic pages for each length; unused with `files` or `data`.
    files: files or folders of pages.
    data, split, source, limit: a data set, as in `eval.cases.read_cases`.
    """

    synthetic: int = 8
    files: Sequence[str] = ()
    data: Path | None = None
    split: str = "dev"
    source: str = ""
    limit: int = 0

    @property
    def are_synthetic(self) -> bool:
        """Whether no pages are named."""
        return not self.files and self.data is None


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """What `bench` times, and how.

    extractors: names as in `eval.extractors`; the others are compared with the first.
    lengths: tokens of a page, ascending.
    pages: where the pages come from.
    threads: numbers of CPU threads, one after the other.
    rounds: how often each page is timed.
    seconds: no other round of a length begins after this; 0 for no limit.
    cold: how often a whole process is timed.
    out: a JSON file that is written anew after every timing.
    """

    extractors: Sequence[str]
    lengths: Sequence[int]
    pages: Pages = Pages()
    threads: Sequence[int] = (1, 2)
    rounds: int = 3
    seconds: float = 60.0
    cold: int = 5
    out: Path | None = None


def run_bench(options: BenchOptions, notify: Callable[[str], None]) -> tuple[list[Timing], list[ColdStart]]:
    """Time the systems of the options -> their timings and cold starts; `notify` is called with a line for each length.

    Raises `IndexLMError` for a bad option, before anything is timed.
    """
    names = options.extractors
    check_task(names, "me")
    buckets = _open_pages(options)
    cases = [case for bucket in buckets.values() for case in bucket]
    metadata = _metadata(options)
    timings: list[Timing] = []
    starts: list[ColdStart] = []

    def write() -> None:
        if options.out:
            options.out.write_text(json.dumps(to_json(timings, starts, metadata), indent=1) + "\n", "utf-8")

    for timing in run(
        lambda threads: {name: _open_system(name, threads, cases) for name in names},
        buckets,
        threads=options.threads,
        rounds=options.rounds,
        max_seconds=options.seconds,
        together=not options.pages.are_synthetic,
    ):
        timings.append(timing)
        write()
        if timing["extractor"] == names[-1]:
            notify(f"{timing['bucket']} tokens, threads {timing['threads']}: done")
    if options.cold:
        starts += _time_cold_starts(options, cases[0])
        write()
    return timings, starts


def _open_pages(options: BenchOptions) -> Buckets:
    pages = options.pages
    if pages.files and pages.data:
        raise IndexLMError("pages are synthetic, or come from --pages, or from --data; found two of these")
    tokens = token_counter(options.extractors)
    if pages.data:
        cases = read_cases(pages.data, "me", pages.split, pages.source, pages.limit)
        return by_length(cases, options.lengths, tokens)
    if pages.files:
        return by_length(read_files(pages.files), options.lengths, tokens)
    return synthetic_pages(options.lengths, tokens, pages.synthetic)


def _metadata(options: BenchOptions) -> dict[str, Any]:
    pages = options.pages
    return {
        "extractors": {
            name: describe(name) | ({"answers": "gold"} if parse_name(name).kind in ORACLES else {})
            for name in options.extractors
        },
        "pages": "synthetic" if pages.are_synthetic else str(pages.data or " ".join(pages.files)),
        "source": pages.source,
        "rounds": options.rounds,
        "seconds": options.seconds,
    }


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
    page = read_page(case.html, url=case.url)
    return page, case.gold or align(page, case.text)


def _time_cold_starts(options: BenchOptions, case: Case) -> list[ColdStart]:
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_bytes(case.html)
        starts = []
        for threads in options.threads:
            commands = {name: extract_command(name, threads) for name in options.extractors}
            starts += cold_starts(commands, page, threads, options.cold)
        return starts
