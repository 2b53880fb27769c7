"""Measurements that ship: the quality and the time of the shipped modes on development pages, by page type."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from eval.choose.candidates import Mode, layouts, shipped_modes, variants
from eval.choose.figures import Figures, Wanted, to_figures
from eval.choose.quality import METRICS, PREDICTED, Quality

_DRAWS = 1000  # of pages, by the mix of types
_SEED = 0


@cache
def measurements() -> dict[str, Any]:
    """`indexlm`, `machine`, `cores`, `date`, and `tasks`: by task the `kinds` of its pages and its `modes`.

    A mode has `f1`, `recall` and the `seconds` of each page, on one thread; `peak_mb` and `cold_ms`.
    """
    data: dict[str, Any] = json.loads(files("eval.choose").joinpath("shipped.json").read_text("utf-8"))
    return data


def page_weights(task: str, mix: Mapping[str, float] | None) -> list[float]:
    """The share of each page type (None: as they were measured) -> what each measured page weighs; the sum is 1."""
    kinds = measurements()["tasks"][task]["kinds"]
    if task != "me" or mix is None:
        return [1 / len(kinds)] * len(kinds)
    counts = Counter(kinds)
    total = sum(share for kind, share in mix.items() if counts[kind])
    return [mix.get(kind, 0.0) / counts[kind] / total for kind in kinds]


def predicted_quality(mode: Mode, task: str, mix: Mapping[str, float] | None) -> Quality | None:
    """The quality that shipped measurements predict for a mix of page types; None for a mode that is not among them."""
    row = measurements()["tasks"][task]["modes"].get(mode.name)
    if row is None or mode.model:
        return None
    weights = tuple(page_weights(task, mix))
    return Quality(PREDICTED + METRICS[task], tuple(row["f1"]), weights, tuple(row["recall"]))


def shipped_figures(task: str, mix: Mapping[str, float] | None, wanted: Wanted) -> list[Figures]:
    """The figures of the shipped modes, on the machine that they were measured on, for a mix of page types.

    More threads are taken to save no time: little is lost by that, as half of a page's time is Python.
    """
    data = measurements()
    of_task = data["tasks"][task]
    modes = shipped_modes(task)
    modes += [variant for mode in modes for variant in variants(mode, True)]
    draws = np.random.default_rng(_SEED)
    pages = draws.choice(len(of_task["kinds"]), _DRAWS, p=page_weights(task, mix))
    result = []
    for mode in modes:
        row = of_task["modes"].get(mode.name)
        if row is None:
            continue
        shares = wanted.scenario in ("offline", "server")
        for candidate in layouts(mode, min(wanted.cores, data["cores"]), data["cores"], shares):
            drawn = np.asarray(row["seconds"])[pages].tolist()
            quality = predicted_quality(mode, task, mix)
            rest = {"cold_ms": row["cold_ms"], "expected_f1": row["expected_f1"], "errors": row["errors"]}
            result.append(to_figures(candidate, drawn, quality, row["peak_mb"], data["parent_mb"], wanted, **rest))
    return result
