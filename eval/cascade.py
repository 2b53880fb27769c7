"""Whether two heads are better than one: what asking a second one where the first is unsure gains, from predictions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import NamedTuple

import numpy as np

from eval.bootstrap import Interval, paired
from eval.metrics import block_prf, word_prf
from eval.predict import CaseRow, Row
from eval.score import Predictions
from indexlm.page import IndexLMError

_LIMITS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


class Cascade(NamedTuple):
    """What a rule does, as means over cases.

    rule: when the second head is asked, and decides.
    asked: the share of cases in which it is.
    f1: word F1 of main content, block F1 of questions.
    gain, interval: over the first head alone, with its 95 % bootstrap interval.
    milliseconds: of a case; of one that both heads read, the sum.
    """

    rule: str
    asked: float
    f1: float
    gain: float
    interval: Interval
    milliseconds: float


def measure_cascades(predictions: Predictions, first: str, second: str) -> list[Cascade]:
    """Predictions, and the names of two of their systems -> the first alone, each rule, and the second alone.

    Rules: the first head expects an F1 below a limit (of a page that its trees decide, they do); it answers NA. Raises
    `IndexLMError` for a system that has no rows.
    """
    cases, systems = predictions.cases, predictions.systems
    for name in (first, second):
        if name not in systems:
            raise IndexLMError(f"a cascade is made of systems with predictions: {', '.join(systems)}; found {name!r}")
    rows, others = ([systems[name][case["id"]] for case in cases] for name in (first, second))
    f1s, other_f1s = ([_f1(case, row) for case, row in zip(cases, of, strict=True)] for of in (rows, others))
    rules = [(f"{first} alone", [False] * len(cases))]
    for limit in _LIMITS:
        rules.append((f"expected F1 below {limit}", [(row["expected_f1"] or 0.0) < limit for row in rows]))
    if cases[0]["task"] == "qe":
        rules.insert(1, ("the first answers NA", [not row["indices"] for row in rows]))
    cascades = [_cascade(rule, asks, (f1s, other_f1s), (rows, others)) for rule, asks in rules]
    milliseconds = 1000 * fmean(row["seconds"]["total"] for row in others)
    alone = _cascade(f"{second} alone", [True] * len(cases), (f1s, other_f1s), (rows, others))
    return [*cascades, alone._replace(milliseconds=milliseconds)]


def _f1(case: CaseRow, row: Row) -> float:
    if row.get("error"):
        return 0.0
    return (
        block_prf(row["indices"], case["gold"])[2] if case["task"] == "qe" else word_prf(row["text"], case["text"])[2]
    )


def _cascade(
    rule: str,
    asks: Sequence[bool],
    f1s: tuple[Sequence[float], Sequence[float]],
    rows: tuple[Sequence[Row], Sequence[Row]],
) -> Cascade:
    mixed = np.where(asks, f1s[1], f1s[0]).tolist()
    result = paired(mixed, f1s[0])
    seconds = [a["seconds"]["total"] + ask * b["seconds"]["total"] for ask, a, b in zip(asks, *rows, strict=True)]
    return Cascade(rule, fmean(asks), fmean(mixed), result["difference"], result["interval"], 1000 * fmean(seconds))


def to_markdown(cascades: Iterable[Cascade]) -> str:
    """Cascades -> a table."""
    lines = ["| rule | asked | F1 | gain | interval | ms a case |", "| --- | ---: | ---: | ---: | ---: | ---: |"]
    for rule, asked, f1, gain, (low, high), milliseconds in cascades:
        cells = (rule, f"{asked:.0%}", f"{f1:.3f}", f"{gain:+.4f}", f"{low:+.4f} to {high:+.4f}", f"{milliseconds:.0f}")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
