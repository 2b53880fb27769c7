"""Index intervals: `[[2,4],[7,7]]` in, `[[2,4],[7,7]]` out, and repairs of anything else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

NA = "NA"
"""The answer that keeps no block."""


class Interval(NamedTuple):
    """Blocks `start` to `end`: 1-based and inclusive at both ends."""

    start: int
    end: int


class Parsed(NamedTuple):
    """A generated answer: its `intervals` in canonical form, and the `repairs` that reading it took.

    `error` says why no answer could be read; `repairs` are short sentences.
    """

    intervals: tuple[Interval, ...]
    repairs: tuple[str, ...] = ()
    error: str = ""


def to_intervals(indices: Iterable[int]) -> tuple[Interval, ...]:
    """Indices in any order, repeats allowed -> the fewest ascending intervals that hold exactly them."""
    intervals: list[Interval] = []
    for i in sorted(set(indices)):
        if intervals and i == intervals[-1].end + 1:
            intervals[-1] = Interval(intervals[-1].start, i)
        else:
            intervals.append(Interval(i, i))
    return tuple(intervals)


def to_indices(intervals: Iterable[tuple[int, int]]) -> tuple[int, ...]:
    """Intervals, overlapping or not -> their indices, ascending and once each."""
    return tuple(sorted({i for start, end in intervals for i in range(start, end + 1)}))


def format_intervals(intervals: Iterable[tuple[int, int]]) -> str:
    """Intervals -> `[[2,4],[7,7]]`; none -> `NA`. The syntax of arXiv 2512.06641, without spaces."""
    pairs = ",".join(f"[{start},{end}]" for start, end in intervals)
    return f"[{pairs}]" if pairs else NA


_EXACT = re.compile(r"\[\[\d+,\d+\](?:,\[\d+,\d+\])*\]\Z")
_PAIR = re.compile(r"\[\s*(\d+)(?:\s*(?:,|-|–|\.\.)\s*(\d+))?\s*\]")
_NA = re.compile(r"(?<!\w)N\s?/?\s?A(?!\w)", re.IGNORECASE)
_MOST_DIGITS = 9


def parse_intervals(text: str, count: int) -> Parsed:
    """A model's answer on a page of `count` blocks -> its intervals, ascending, disjoint and within 1..count.

    The exact syntax is read as it is. Otherwise every `[a,b]` in the text counts, and `[a]` as `[a,a]`. Reversed pairs
    are turned round, overlapping ones united, pairs outside the page cut or dropped, and a truncated tail is ignored.
    `repairs` names each such step.
    """
    text = text.strip()
    if text == NA:
        return Parsed(())
    repairs: list[str] = []
    matches = _PAIR.findall(text)
    pairs = [(int(a[:_MOST_DIGITS]), int((b or a)[:_MOST_DIGITS])) for a, b in matches]
    if not pairs:
        if _NA.search(text):
            return Parsed((), ("read NA out of other text",))
        excerpt = text if len(text) <= 60 else text[:57] + "..."
        return Parsed((), error=f"an answer is NA or intervals such as [[2,4],[7,7]]; found {excerpt!r}")
    if not _EXACT.match(text):
        if not all(b for _, b in matches):
            repairs.append("read single indices as intervals")
        if not re.search(r"\]\s*\]\Z", text):
            repairs.append("ignored text after the last whole interval")
        if not repairs:
            repairs.append("read intervals out of other text")
    indices: set[int] = set()
    previous = 0
    for start, end in pairs:
        if start > end:
            repairs.append(f"turned [{start},{end}] round")
            start, end = end, start
        if start < 1 or end > count:
            repairs.append(f"cut [{start},{end}] to the page's 1 to {count}")
            start, end = max(start, 1), min(end, count)
            if start > end:
                continue
        if start <= previous:
            repairs.append(f"put [{start},{end}] in order")
        previous = max(previous, end)
        indices.update(range(start, end + 1))
    return Parsed(to_intervals(indices), tuple(repairs))
