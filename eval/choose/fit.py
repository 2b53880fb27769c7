"""Makes the data of this package: `python -m eval.choose.fit types DATA` and `… shipped DATA FOLDER`.

`types` fits the page types on the training pages of WCXB, and prints how well they are told, domains left out, and how
well the F1 of a mix is predicted. `shipped` measures the shipped modes on development pages, with its rows in FOLDER,
where it goes on if it was stopped. Its times are CPU seconds of one thread: other work on the machine hardly changes
them.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from eval.cases import Case, read_cases
from eval.choose.candidates import Candidate, Mode, shipped_modes, variants
from eval.choose.inputs import Workload
from eval.choose.measure import COLD_RUNS, Clock, Store, cores_here
from eval.choose.page_types import TYPES, page_features, type_probabilities
from eval.choose.quality import expected_f1, score_rows
from eval.domain import domain
from eval.rows import read_rows
from indexlm import __version__
from indexlm.html.read import read_page
from indexlm.machine import machine

HERE = Path(__file__).parent
_STRENGTH = 0.02  # the inverse of the L2 penalty: the best of 0.001 to 0.1, training domains left out
_FOLDS = 5
_QUESTIONS = 150
_THREADS = 1
_SAMPLES = 500  # of 50 pages, to see how well their F1 is predicted
_SAMPLE_PAGES = 50


def main() -> None:
    """Run one of the two."""
    what, data = sys.argv[1], Path(sys.argv[2])
    if what == "types":
        print(json.dumps(fit_types(data), indent=1))
        print(json.dumps(prediction_error(data), indent=1))
    else:
        tasks = {task: measure_task(data, task, Path(sys.argv[3]) / task) for task in ("me", "qe")}
        content = {"indexlm": __version__, "machine": machine(), "cores": cores_here()}
        content |= {"date": datetime.now(UTC).date().isoformat(), "parent_mb": tasks["me"].pop("parent_mb")}
        tasks["qe"].pop("parent_mb")
        (HERE / "shipped.json").write_text(json.dumps(content | {"tasks": tasks}) + "\n", "utf-8")


def _typed_pages(data: Path, split: str) -> tuple[Any, Any, list[str]]:
    """Pages of WCXB -> their features, the places of their types in `TYPES`, and their domains."""
    rows = read_rows(data / "me" / f"{split}.parquet", lambda row: row["source"] == "wcxb")
    pages = [read_page(row["html"], url=row["url"] or "") for row in rows]
    kept = [(page, row) for page, row in zip(pages, rows, strict=True) if page.blocks]
    types = [TYPES.index(row["page_type"]) for _, row in kept]
    return np.array([page_features(page) for page, _ in kept]), np.array(types), [domain(row["url"]) for _, row in kept]


def fit_types(data: Path) -> dict[str, float]:
    """Write `page_types.json` -> the accuracy on held-out training domains and on development pages."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold

    def fit(table: Any, types: Any) -> tuple[Any, Any, Any]:
        mean, scale = table.mean(axis=0), table.std(axis=0)
        scale[scale == 0] = 1.0
        model = LogisticRegression(C=_STRENGTH, max_iter=500)
        return mean, scale, model.fit(np.clip((table - mean) / scale, -5, 5), types)

    def accuracy(fitted: tuple[Any, Any, Any], table: Any, types: Any) -> float:
        mean, scale, model = fitted
        return float((model.predict(np.clip((table - mean) / scale, -5, 5)) == types).mean())

    table, types, domains = _typed_pages(data, "train")
    folds = GroupKFold(_FOLDS).split(table, types, domains)
    held_out = [accuracy(fit(table[a], types[a]), table[b], types[b]) for a, b in folds]
    mean, scale, model = fitted = fit(table, types)
    content = {"mean": mean, "scale": scale, "weights": model.coef_, "bias": model.intercept_}
    rounded = {name: np.vectorize(lambda x: float(f"{x:.4g}"))(values).tolist() for name, values in content.items()}
    (HERE / "page_types.json").write_text(json.dumps(rounded) + "\n", "utf-8")
    return {
        "training domains left out": float(np.mean(held_out)),
        "dev": accuracy(fitted, *_typed_pages(data, "dev")[:2]),
    }


def prediction_error(data: Path) -> dict[str, Any]:
    """How well shipped measurements predict the F1 of pages of other domains, from told types.

    Half of the domains of the measured pages are the shipped ones, of the other half samples are drawn, many times; the
    errors are those of the sample's mean F1, and those without types beside them.
    """
    from eval.choose.shipped import measurements

    of_task = measurements()["tasks"]["me"]
    cases = {case.id: case for case in read_cases(data, "me", source="wcxb")}
    chosen = [cases[id] for id in of_task["ids"]]
    told = np.array([type_probabilities(case.read()) for case in chosen])
    kinds = np.array([TYPES.index(kind) for kind in of_task["kinds"]])
    domains = np.unique([domain(case.url) for case in chosen], return_inverse=True)[1]
    draws = np.random.default_rng(0)
    errors: dict[str, list[tuple[float, float]]] = {name: [] for name in of_task["modes"]}
    differences = []
    for _ in range(_SAMPLES):
        is_measured = draws.permutation(domains.max() + 1)[domains] % 2 == 0
        one_type = draws.choice(len(TYPES), 3, replace=False)  # a workload of few types, as real ones are
        others = np.flatnonzero(~is_measured & np.isin(kinds, one_type))
        if len(others) < 5:
            continue
        sample = draws.choice(others, _SAMPLE_PAGES)
        counts = np.bincount(kinds[is_measured], minlength=len(TYPES))
        mix = told[sample].mean(axis=0) * (counts > 0)
        weights = (mix / np.maximum(counts, 1) / mix.sum())[kinds] * is_measured
        predicted = {name: float(weights @ row["f1"]) for name, row in of_task["modes"].items()}
        reached = {name: float(np.mean(np.array(row["f1"])[sample])) for name, row in of_task["modes"].items()}
        for name, row in of_task["modes"].items():
            without = float(np.mean(np.array(row["f1"])[is_measured]))
            errors[name].append((predicted[name] - reached[name], without - reached[name]))
        pair = [values["classifier"] - values["trees"] for values in (predicted, reached)]
        differences.append(pair[0] - pair[1])
    table = {
        name: {"mean absolute error": np.abs(values).mean(axis=0)[0], "without types": np.abs(values).mean(axis=0)[1]}
        for name, values in errors.items()
    }
    return {
        "modes": {name: {key: round(float(value), 4) for key, value in row.items()} for name, row in table.items()},
        "classifier - trees": round(float(np.abs(differences).mean()), 4),
    }


def measure_task(data: Path, task: str, folder: Path) -> dict[str, Any]:
    """A task's development pages -> what `eval.choose.shipped` reads of it."""
    cases = read_cases(data, task, source="wcxb" if task == "me" else "", limit=0 if task == "me" else _QUESTIONS)
    workload = Workload(task, tuple(cases), frozenset(case.id for case in cases))
    modes = shipped_modes(task)
    modes += [variant for mode in modes for variant in variants(mode, True) if not mode.name.endswith("-alone")]
    store = Store(folder, workload)
    keys = [(mode, _THREADS) for mode in modes]
    groups = [(case,) for case in cases]
    for mode in modes:
        for _ in store.answer(mode, cases):
            pass
    clock = Clock(False, cores_here(), True)
    if not all(store.rounds(mode, threads, groups, clock) for mode, threads in keys):
        store.time_in_turns(keys, groups, clock)
    print(f"{task}: timed", file=sys.stderr)
    rows = {mode.name: _mode_row(store, mode, cases) for mode in modes}
    kinds = [case.kind for case in cases]
    ids = [case.id for case in cases]
    return {"kinds": kinds, "ids": ids, "modes": rows, "parent_mb": round(store.parent_mb(), 1)}


def _mode_row(store: Store, mode: Mode, cases: Sequence[Case]) -> Mapping[str, Any]:
    rows = store.rows(mode)
    quality = score_rows(cases, rows)
    assert quality is not None, "there are cases"
    seconds = store.seconds(mode, _THREADS, Clock(False, cores_here(), True))
    return {
        "f1": [round(value, 4) for value in quality.values],
        "recall": [round(value, 4) for value in quality.recalls],
        "expected_f1": expected_f1(rows),
        "errors": sum(bool(row["error"]) for row in rows.values()),
        "peak_mb": round(max(row["peak_bytes"] for row in rows.values()) / 1e6, 1),
        "cold_ms": round(1000 * _cold_seconds(store, mode, cases[0]), 1),
        "seconds": [round(seconds[case.id], 5) for case in cases],
    }


def _cold_seconds(store: Store, mode: Mode, case: Case) -> float:
    """The CPU seconds of a whole process that extracts a page."""
    before = os.times()
    store.cold_start(Candidate(mode, _THREADS, 1, cores_here()), case, case.page.query if case.page else "")
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return spent / (COLD_RUNS + 1)


if __name__ == "__main__":
    main()
