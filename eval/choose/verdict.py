"""From measurements to a decision. Nothing here measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import NamedTuple

from eval.choose.figures import Figures, Wanted, ratio, slowness
from eval.choose.quality import difference

TIE = 0.01
"""The share by which a simpler candidate may be worse than the best, where the difference is not significant."""

LAYOUT_GAIN = 0.2
"""Where quality is the aim, the default layout of processes is left only for one that is faster by this share."""


class Refusal(NamedTuple):
    """A candidate, the limit that it breaks, its value, the value that is needed, and the reason in words."""

    name: str
    limit: str
    value: float
    needed: float
    reason: str

    @property
    def excess(self) -> float:
        """By which share the limit is broken."""
        if not isfinite(self.value):
            return inf
        return abs(self.value - self.needed) / max(abs(self.needed), 1e-9)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision: what is recommended (None where nothing meets the limits), why, and what was refused.

    ties: those between which and the best there is no significant difference within `TIE`, or none at all.
    front: those that no other is better than in both quality and cost (or latency).
    """

    recommended: Figures | None
    best: Figures | None = None
    ties: tuple[Figures, ...] = ()
    refused: tuple[Refusal, ...] = ()
    front: tuple[str, ...] = ()
    eligible: tuple[Figures, ...] = field(default=(), repr=False)


def refusals(figures: Figures, wanted: Wanted, best_f1: float) -> list[Refusal]:
    """The limits that a candidate breaks; `best_f1` is the highest quality measured."""
    quality, result = figures.quality, list[Refusal]()

    def most(limit: str, value: float | None, bound: float | None, unit: str) -> None:
        if bound is not None and value is not None and value > bound:
            amount = f"{value:.0f} {unit}" if isfinite(value) else "without end"
            share = value / bound if bound else inf
            over = f", {share - 1:.0%} above" if share < 10 else f", {share:.0f} times as much"
            over = over if isfinite(share) else ""
            reason = f"{limit}: {amount}, the most is {bound:g} {unit}{over}"
            result.append(Refusal(figures.name, limit, value, bound, reason))

    def least(limit: str, value: float | None, bound: float | None) -> None:
        if bound is not None and value is not None and value < bound:
            reason = f"{limit}: {value:.3f}, the least is {bound:.3f}, {bound - value:.3f} below"
            result.append(Refusal(figures.name, limit, value, bound, reason))

    most("p95", 1000 * figures.latency.p95, wanted.max_p95_ms, "ms")
    if wanted.scenario == "server" and not isfinite(figures.latency.p95):
        most("load", inf, wanted.rate, "pages a second") if wanted.max_p95_ms is None else None
    most("memory", figures.memory_mb, wanted.max_memory_mb, "MB")
    most("cold start", figures.cold_ms, wanted.cold_start_ms, "ms")
    most("cores", float(figures.candidate.cores), float(wanted.cores), "cores")
    if quality is None:
        reason = "quality: not known without references of your pages (--gold)"
        result.append(Refusal(figures.name, "quality", 0.0, 1.0, reason))
        return result
    least(quality.metric, quality.mean, wanted.min_f1)
    least("recall", quality.recall, wanted.min_recall)
    if wanted.aim != "quality" and quality.mean < best_f1 - wanted.max_loss:
        loss = best_f1 - quality.mean
        reason = f"loss: {loss:.3f} {quality.metric} below the best mode, the most is {wanted.max_loss:g} (--max-loss)"
        result.append(Refusal(figures.name, "loss", loss, wanted.max_loss, reason))
    return result


def decide(all_figures: Sequence[Figures], wanted: Wanted) -> Verdict:
    """What was measured -> the decision.

    Of those that meet the limits, the best by the aim; of these between which there is no significant difference, the
    one with the fewest changes from the defaults within `TIE` of the best. For quality this chooses the mode, and then
    the layout of its processes by speed. Tools are never recommended.
    """
    own = [figures for figures in all_figures if not figures.mode.is_reference]
    best_f1 = max((figures.quality.mean for figures in own if figures.quality), default=0.0)
    refused = {figures.name: refusals(figures, wanted, best_f1) for figures in own}
    eligible = [figures for figures in own if not refused[figures.name]]
    flat = tuple(refusal for of_one in refused.values() for refusal in of_one)
    front = tuple(figures.name for figures in own if _is_on_front(figures, own, wanted))
    if not eligible:
        return Verdict(None, refused=flat, front=front)
    pool, best, ties = eligible, None, list[Figures]()
    if wanted.aim == "quality":
        best = max(eligible, key=lambda figures: (_mean(figures), -slowness(figures, wanted)))
        tied = [figures for figures in eligible if _ties_in_quality(figures, best)]
        fewest = min(tied, key=lambda figures: (figures.mode.changes, -_mean(figures), figures.mode.name))
        ties = [figures for figures in tied if figures.mode != fewest.mode]
        pool = [figures for figures in eligible if figures.mode == fewest.mode]
    fastest = min(pool, key=lambda figures: (slowness(figures, wanted), -_mean(figures), figures.name))
    margin = LAYOUT_GAIN if wanted.aim == "quality" else TIE
    near = [figures for figures in pool if _ties_in_speed(figures, fastest, wanted, margin)]
    chosen = min(near, key=lambda f: (f.candidate.changes, -_mean(f), slowness(f, wanted), f.name))
    ties += [figures for figures in near if figures is not chosen]
    return Verdict(chosen, best or fastest, tuple(ties), flat, front, tuple(eligible))


def _mean(figures: Figures) -> float:
    return figures.quality.mean if figures.quality else 0.0


def _ties_in_quality(figures: Figures, best: Figures) -> bool:
    if figures.quality is None or best.quality is None or figures.mode == best.mode:
        return figures.mode == best.mode
    _, low, _ = difference(best.quality, figures.quality)
    return low <= 0 and figures.quality.mean >= (1 - TIE) * best.quality.mean


def _ties_in_speed(figures: Figures, fastest: Figures, wanted: Wanted, margin: float) -> bool:
    if figures is fastest:
        return True
    mean, low, _ = ratio(figures, fastest, wanted)
    return mean <= 1 + margin and (low <= 1 or wanted.aim == "quality")


def _is_on_front(figures: Figures, others: Sequence[Figures], wanted: Wanted) -> bool:
    mine = (-_mean(figures), slowness(figures, wanted))
    return not any(
        (o := (-_mean(other), slowness(other, wanted))) != mine and o[0] <= mine[0] and o[1] <= mine[1]
        for other in others
    )


class Tightest(NamedTuple):
    """Why nothing meets the limits: the limit that is the tightest, and what could be had of it, in words."""

    limit: str
    sentence: str


def tightest(all_figures: Sequence[Figures], wanted: Wanted) -> Tightest:
    """Limits that nothing meets -> the one that costs least to give up.

    That is the limit without which something is left; of several the one whose nearest candidate misses it by the
    smallest share. Where each limit alone leaves nothing, it is the one that most candidates break.
    """
    own = [figures for figures in all_figures if not figures.mode.is_reference]
    best_f1 = max((figures.quality.mean for figures in own if figures.quality), default=0.0)
    broken = [refusals(figures, wanted, best_f1) for figures in own]
    single = [of_one[0] for of_one in broken if len(of_one) == 1]
    if single:
        nearest = min(single, key=lambda refusal: (refusal.excess, refusal.name))
        return Tightest(nearest.limit, f"with all other limits kept, {nearest.name} is nearest: {nearest.reason}")
    counts: dict[str, list[Refusal]] = {}
    for refusal in (refusal for of_one in broken for refusal in of_one):
        counts.setdefault(refusal.limit, []).append(refusal)
    limit, of_limit = max(counts.items(), key=lambda item: (len(item[1]), min(r.excess for r in item[1])))
    nearest = min(of_limit, key=lambda refusal: (refusal.excess, refusal.name))
    return Tightest(
        limit, f"every candidate breaks several limits; the nearest to this one is {nearest.name}: {nearest.reason}"
    )
