"""The dial between precision and recall, measured: what each head keeps of the same pages under several betas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from statistics import fmean
from typing import NamedTuple

from eval.cases import Case
from eval.extractors import open_named_head, parse_name
from eval.metrics import PRF, block_prf, word_prf
from indexlm.output.text import to_text
from indexlm.page import IndexLMError, Page

BETAS = (0.25, 0.5, 1.0, 2.0, 4.0)


class DialPoint(NamedTuple):
    """A head under a beta: means over cases.

    precision: over the cases of which something is kept. recall: over the cases that have gold.
    f1: over all cases; right where nothing is kept and nothing is gold.
    kept: the share of cases of which something is kept.
    """

    name: str
    beta: float
    precision: float
    recall: float
    f1: float
    kept: float


def measure_dial(
    names: Sequence[str], cases: Sequence[Case], betas: Sequence[float] = BETAS, threads: int = 0
) -> Iterator[DialPoint]:
    """Heads by their names (`eval.extractors`) and cases of one task -> a point for each head and beta.

    Main content is scored by words, questions by blocks. Raises `IndexLMError` for what is no head, for one without its
    grammar, which no beta moves, and for trees on questions.
    """
    for name in names:
        if not parse_name(name).head or parse_name(name).kind == "decoder-unconstrained":
            raise IndexLMError(f"a dial is measured of heads, and of a decoder with its grammar; found {name!r}")
        if parse_name(name).head == "trees" and cases[0].task == "qe":
            raise IndexLMError(f"trees answer no questions (qe); found {name!r}")
    pages = [case.read() for case in cases]
    for name in names:
        head = open_named_head(name, threads)
        for beta in betas:
            dialled = head.with_settings(replace(head.settings, beta=beta))
            kept = [dialled([page])[0].indices for page in pages]
            yield _point(name, beta, cases, pages, kept)


def _point(
    name: str, beta: float, cases: Sequence[Case], pages: Sequence[Page], kept: Sequence[tuple[int, ...]]
) -> DialPoint:
    scores = [_prf(case, page, chosen) for case, page, chosen in zip(cases, pages, kept, strict=True)]
    precisions = [prf[0] for prf, chosen in zip(scores, kept, strict=True) if chosen]
    recalls = [prf[1] for prf, case in zip(scores, cases, strict=True) if case.gold or case.text]
    precision, recall = (fmean(values) if values else 0.0 for values in (precisions, recalls))
    return DialPoint(name, beta, precision, recall, fmean(prf[2] for prf in scores), len(precisions) / len(cases))


def _prf(case: Case, page: Page, kept: tuple[int, ...]) -> PRF:
    return block_prf(kept, case.gold) if case.task == "qe" else word_prf(to_text(page, kept), case.text)


def to_markdown(points: Iterable[DialPoint]) -> str:
    """Points -> a table."""
    lines = ["| head | beta | precision | recall | F1 | kept something |", "| --- | ---: | ---: | ---: | ---: | ---: |"]
    for name, beta, *means in points:
        lines.append(f"| {name} | {beta:g} | {' | '.join(f'{mean:.3f}' for mean in means)} |")
    return "\n".join(lines)
