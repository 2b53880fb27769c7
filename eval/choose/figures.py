"""The figures of a candidate in a scenario, from the seconds of its pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite
from statistics import median
from typing import Any, Literal

import numpy as np

from eval.choose.candidates import Candidate, Mode
from eval.choose.load import Latency, percentiles, simulate
from eval.choose.quality import Quality

Scenario = Literal["single", "server", "offline", "many-queries"]
Aim = Literal["quality", "speed", "cost"]

_DRAWS = 1000
_SEED = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What must hold, and what is aimed at.

    scenario: `single` (one page at a time), `server` (pages arrive at random, `rate` a second), `offline` (all at
        once), `many-queries` (all questions of a page at once).
    max_loss: the most F1 below the best mode measured, for the aims speed and cost.
    price: of an hour of a core, in any currency.
    """

    scenario: Scenario = "single"
    aim: Aim = "quality"
    rate: float = 0.0
    cores: int = 1
    max_p95_ms: float | None = None
    max_memory_mb: float | None = None
    min_f1: float | None = None
    min_recall: float | None = None
    cold_start_ms: float | None = None
    max_loss: float = 0.02
    price: float = 0.04


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of a candidate.

    quality: None where it is not known.
    seconds: of each visit of a page, in the same order for all candidates, of one process.
    pages_per_second: what all its processes do; `speeds` are those of real repeats.
    how: `alone` (one page at a time), `simulated` (a queue, or processes that do not disturb each other) or `run`.
    errors: pages without an answer.
    """

    candidate: Candidate
    quality: Quality | None
    seconds: tuple[float, ...]
    latency: Latency
    pages_per_second: float
    memory_mb: float
    how: str = "alone"
    speeds: tuple[float, ...] = ()
    cold_ms: float | None = None
    agreement: float | None = None
    expected_f1: float | None = None
    errors: int = 0

    @property
    def mode(self) -> Mode:
        return self.candidate.mode

    @property
    def name(self) -> str:
        return self.candidate.name


def to_figures(
    candidate: Candidate,
    seconds: Sequence[float],
    quality: Quality | None,
    peak_mb: float,
    parent_mb: float,
    wanted: Wanted,
    *,
    speeds: Sequence[float] = (),
    is_loaded: bool = False,
    **rest: Any,
) -> Figures:
    """The seconds of visits, in one of its processes -> the figures.

    peak_mb, parent_mb: the most memory of a process with a model, and of the one that sends it pages.
    speeds: pages a second of real repeats.
    is_loaded: whether the seconds were measured while all its processes worked.
    """
    workers = candidate.workers
    alone = len(seconds) / sum(seconds)
    latency = simulate(seconds, wanted.rate, workers) if wanted.scenario == "server" else percentiles(seconds)
    has_parent = workers > 1 or wanted.scenario == "server"
    memory = workers * peak_mb + parent_mb * has_parent
    how = "run" if speeds or is_loaded else "simulated" if has_parent else "alone"
    speed = median(speeds) if speeds else workers * alone
    return Figures(candidate, quality, tuple(seconds), latency, speed, memory, how, tuple(speeds), **rest)


def core_seconds(figures: Figures, wanted: Wanted) -> float:
    """The seconds of cores that a page (in many-queries: with all its questions) keeps busy or reserved."""
    if wanted.scenario == "server":
        return figures.candidate.cores / wanted.rate
    return figures.candidate.cores / figures.pages_per_second


def cost_of_a_million(figures: Figures, wanted: Wanted) -> float:
    """What a million pages cost, by the price of an hour of a core."""
    return 1e6 * core_seconds(figures, wanted) / 3600 * wanted.price


def slowness(figures: Figures, wanted: Wanted) -> float:
    """What the aims speed and cost make least: core seconds a page, or seconds a page (under load: p95)."""
    if wanted.aim == "cost":
        return core_seconds(figures, wanted)
    return figures.latency.p95 if wanted.scenario == "server" else 1 / figures.pages_per_second


def ratio(a: Figures, b: Figures, wanted: Wanted) -> tuple[float, float, float]:
    """How many times as slow (or dear) a is as b, and its 95 % interval: by pairs of pages, or the range of repeats."""
    mean = slowness(a, wanted) / slowness(b, wanted) if isfinite(slowness(a, wanted)) else inf
    if wanted.scenario == "server" or not isfinite(mean):
        return mean, mean, mean
    if a.speeds and b.speeds:
        cores = a.candidate.cores / b.candidate.cores if wanted.aim == "cost" else 1.0
        return mean, cores * min(b.speeds) / max(a.speeds), cores * max(b.speeds) / min(a.speeds)
    first, second = np.asarray(a.seconds), np.asarray(b.seconds)
    draws = np.random.default_rng(_SEED).integers(len(first), size=(_DRAWS, len(first)))
    ratios = first[draws].sum(axis=1) / second[draws].sum(axis=1) * mean / (first.sum() / second.sum())
    low, high = np.percentile(ratios, (2.5, 97.5))
    return mean, float(low), float(high)
