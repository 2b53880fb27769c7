"""Timing systems in turns: the stages of an extraction, pages a second, and ratios.

Systems take turns on every page, so that other work on the machine hits all alike, and they are compared by ratios on
the same pages. Another one begins on every page (A B, B A …): what it remembers of a page's texts saves time for the
others that read them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from time import perf_counter, sleep
from typing import Any, NamedTuple, TypedDict

import numpy as np

from eval.bootstrap import bootstrap
from eval.cases import Case
from eval.extractors import Answer, System, by_key
from eval.speed.pages import Buckets
from indexlm.page import IndexLMError

_WARM_UP_PAGES = 2
_REST = 0.005  # seconds before each call: threads of the call before spin for a while
_DRAWS = 1000


class Timings(NamedTuple):
    """By system: the answers to each page by round, whose `total` is the time that was measured.

    `failed` counts by system the pages that it raised on first. They are not among the answers.
    """

    answers: dict[str, list[list[Answer]]]
    failed: Counter[str]

    @property
    def seconds(self) -> dict[str, list[list[float]]]:
        """By system the seconds of each page by round."""
        return {name: [[a.seconds["total"] for a in page] for page in pages] for name, pages in self.answers.items()}


class Timing(TypedDict):
    """A system's times on the pages of a bucket.

    seconds: by stage its `p50` and `p95`.
    tokens: means of what was read and generated.
    ratio: to the first system (`ratio`); None for that one.
    data: the seconds of every page and round.
    """

    extractor: str
    bucket: str
    threads: int
    pages: int
    failed: dict[str, int]
    seconds: dict[str, dict[str, float]]
    tokens: dict[str, float]
    pages_per_second: float
    ratio: dict[str, Any] | None
    data: list[float]


def measure(
    systems: Mapping[str, System],
    cases: Sequence[Case],
    *,
    rounds: int = 2,
    max_seconds: float = 0.0,
    clock: Callable[[], float] = perf_counter,
) -> Timings:
    """Time systems on pages: after a warm-up, in every round each page goes to all systems, and first to each in turn.

    No round but the first begins after `max_seconds` (0 for no limit). A page that a system raises on is left out for
    all of them.
    """
    answers: dict[str, list[list[Answer]]] = {name: [[] for _ in cases] for name in systems}
    failed: dict[int, str] = {}

    names = [*systems]

    def turn(i: int, first: int = 0, is_warm_up: bool = False) -> None:
        first %= len(names)
        for name in names[first:] + names[:first]:
            sleep(_REST)
            began = clock()
            try:
                answer = systems[name](cases[i])
            except Exception:  # whatever one page does to a tool, the others are timed
                failed.setdefault(i, name)
                return
            total = clock() - began
            if not is_warm_up:
                answers[name][i].append(replace(answer, seconds={**answer.seconds, "total": total}))

    for i in range(min(_WARM_UP_PAGES, len(cases))):
        turn(i, is_warm_up=True)
    began = clock()
    for n in range(rounds):
        if n and max_seconds and clock() - began > max_seconds:
            break
        for i in range(len(cases)):
            if i not in failed:
                turn(i, first=i + n)
    done = [i for i in range(len(cases)) if i not in failed]
    return Timings({name: [pages[i] for i in done] for name, pages in answers.items()}, Counter(failed.values()))


def ratio(seconds: Sequence[float], base: Sequence[float], name: str = "") -> dict[str, Any]:
    """Seconds of a system and of another one, `name`, on the same pages -> how many times as many the first takes.

    all: of the sums over pages, and so of pages a second; `all_interval` is its 95 % interval.
    median: the median over pages; `median_interval` is its 95 % interval.
    """
    a, b = np.asarray(seconds, float), np.asarray(base, float)

    def of_sums(places: Any) -> float:
        return float(a[places].sum() / b[places].sum())

    def median(places: Any) -> float:
        return float(np.median(a[places] / b[places]))

    return {
        "to": name,
        "pages": len(a),
        "all": of_sums(slice(None)),
        "all_interval": bootstrap(len(a), of_sums, _DRAWS),
        "median": median(slice(None)),
        "median_interval": bootstrap(len(a), median, _DRAWS),
    }


def run(
    open_all: Callable[[int], Mapping[str, System]],
    buckets: Buckets,
    threads: Sequence[int],
    *,
    rounds: int = 2,
    max_seconds: float = 0.0,
    together: bool = False,
) -> Iterator[Timing]:
    """Time what `open_all` opens for each number of threads -> the timing of each system and bucket.

    With `together` the buckets are pages of one set, and timings of all of them follow. Without it, raises
    `IndexLMError` for a bucket without a page that all systems can read.
    """
    for count in threads:
        systems = open_all(count)
        parts: list[Timings] = []
        for bucket, cases in buckets.items():
            timings = measure(systems, cases, rounds=rounds, max_seconds=max_seconds)
            parts.append(timings)
            if any(timings.seconds.values()) or not together:
                yield from _summaries(bucket, count, timings)
        if together:
            yield from _summaries("all", count, _join(parts))


def _join(parts: Sequence[Timings]) -> Timings:
    answers = {name: [page for part in parts for page in part.answers[name]] for name in parts[0].answers}
    return Timings(answers, sum((part.failed for part in parts), Counter()))


def _summaries(bucket: str, threads: int, timings: Timings) -> Iterator[Timing]:
    pages = {name: [float(np.median(rounds)) for rounds in of_pages] for name, of_pages in timings.seconds.items()}
    first = next(iter(pages))
    if not pages[first]:
        raise IndexLMError(
            f"extractors are timed on pages that all of them can read; of {bucket} tokens there is none: "
            f"{' and '.join(timings.failed)} failed"
        )
    for name in pages:
        answers = [answer for rounds in timings.answers[name] for answer in rounds]
        stages = by_key(answer.seconds for answer in answers)
        tokens = by_key(answer.tokens for answer in answers)
        yield {
            "extractor": name,
            "bucket": bucket,
            "threads": threads,
            "pages": len(pages[name]),
            "failed": timings.failed,
            "seconds": {
                stage: {"p50": float(np.median(values)), "p95": float(np.percentile(values, 95))}
                for stage, values in stages.items()
            },
            "tokens": {kind: float(np.mean(counts)) for kind, counts in tokens.items()},
            "pages_per_second": len(pages[name]) / sum(pages[name]),
            "ratio": ratio(pages[name], pages[first], first) if name != first else None,
            "data": stages["total"],
        }
