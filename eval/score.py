"""From the files that `eval predict` wrote to numbers: the second half of an evaluation, without any model."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from eval.metrics import (
    Counts,
    average_precision,
    block_prf,
    brier,
    calibration_error,
    reciprocal_rank,
    reliability,
    rouge_l,
    shingle_counts,
    shingle_prf,
    snippet_rates,
    word_prf,
)
from eval.predict import read_rows
from indexlm.page import IndexLMError

__all__ = ["bootstrap", "interval", "load", "paired", "score"]


_DRAWS = 2000
_SEED = 0
_LENGTHS = ((0, 100), (101, 250), (251, 500), (501, 1 << 30))  # blocks
_CURVE_POINTS = 60
_LENGTH_BINS = 8

Rows = dict[str, dict[str, Any]]


def load(
    folder: Path, published: Mapping[str, Path] = {}
) -> tuple[list[dict[str, Any]], dict[str, Rows], dict[str, Any]]:
    """A folder of predictions -> its cases, the rows of each system by case id, and what each says of itself.

    `published` adds systems from files `{id: {"articleBody": text}}`, as WCXB and article-extraction-benchmark publish
    them. Raises `IndexLMError` where a file's ids are not those of the cases.
    """
    path = folder / "cases.json"
    if not path.is_file():
        raise IndexLMError(f"a folder of predictions holds a cases.json, written by `eval predict`; {folder} has none")
    cases = json.loads(path.read_text("utf-8"))["cases"]
    systems: dict[str, Rows] = {}
    stated: dict[str, Any] = {}
    for meta_path in sorted(folder.glob("*.meta.json")):
        meta = json.loads(meta_path.read_text("utf-8"))
        stated[meta["name"]] = meta
        if "left_out" not in meta:
            rows = meta_path.with_name(meta_path.name.replace(".meta.json", ".jsonl"))
            systems[meta["name"]] = {row["id"]: row for row in read_rows(rows)}
    for name, file in published.items():
        try:
            bodies = json.loads(file.read_text("utf-8"))
            systems[name] = {key: {"id": key, "text": said.get("articleBody") or ""} for key, said in bodies.items()}
        except (OSError, ValueError, AttributeError) as error:
            raise IndexLMError(f"{file} cannot be read as published results: {error}") from None
        stated[name] = {"name": name, "version": "published", "published": True}
    if not systems:
        raise IndexLMError(f"a folder of predictions holds the rows of a system; {folder} has none")
    ids = {case["id"] for case in cases}
    for name, rows_of in systems.items():
        if missing := ids - rows_of.keys():
            raise IndexLMError(
                f"systems are compared on the same pages: {name} lacks {len(missing)} of {len(ids)} "
                f"({sorted(missing)[0]} is one); run `eval predict` again to finish it"
            )
        if extra := rows_of.keys() - ids:
            raise IndexLMError(
                f"systems are compared on the same pages: {name} has {len(extra)} more ({sorted(extra)[0]} is one)"
            )
    return cases, systems, stated


def score(
    cases: Sequence[dict[str, Any]], systems: Mapping[str, Rows], stated: Mapping[str, Any], strata: bool = True
) -> dict[str, Any]:
    """Cases of one task and the rows of systems -> the whole report as data: `systems`, best first, and their `pairs`.

    Means over pages have their 95 % bootstrap interval. `ceiling` and `floor` are the gold blocks and all blocks.
    """
    task = cases[0]["task"]
    main = _main_metric(cases)
    known = {name: [rows[case["id"]] for case in cases] for name, rows in systems.items()}
    chooses = {name: any(row.get("indices") is not None for row in rows) for name, rows in known.items()}
    if task == "qe" and not all(chooses.values()):
        name = next(name for name, does in chooses.items() if not does)
        raise IndexLMError(f"questions are scored by blocks; {name} chooses none")
    per_page = {
        name: [_of_page(case, row, chooses[name]) for case, row in zip(cases, rows, strict=True)]
        for name, rows in known.items()
    }

    def bound(indices: Callable[[dict[str, Any]], Sequence[int]]) -> float:
        return _mean([_of_page(case, _chosen(case, indices(case)), True)[main] for case in cases])

    report: dict[str, Any] = {
        "task": task,
        "pages": len(cases),
        "main_metric": main,
        # Snippets are no reference that blocks could be aligned with: what could be reached is not known.
        "ceiling": None if main == "snippet_f1" else bound(lambda case: case["gold"]),
        "floor": bound(lambda case: range(1, len(case["blocks"]) + 1)),
        "systems": [],
        "left_out": {name: meta["left_out"] for name, meta in stated.items() if "left_out" in meta},
    }
    groups = _groups(cases) if strata else {}
    for name, pages in per_page.items():
        entry: dict[str, Any] = {"name": name, "version": stated[name].get("version", "")}
        entry["published"] = bool(stated[name].get("published"))
        entry["scores"] = _summary(pages, task) | _by_domain(cases, [page[main] for page in pages])
        entry["by"] = {
            key: {value: [len(where), _mean([pages[i][main] for i in where])] for value, where in values.items()}
            for key, values in groups.items()
        }
        entry["cost"] = _cost(known[name])
        entry |= _of_answers(known[name])
        entry["by_length_ms"] = _by_length(cases, known[name])
        entry["errors"] = sum(bool(row.get("error")) for row in known[name])
        entry |= _of_scores(cases, known[name], bool(stated[name].get("probabilities")))
        report["systems"].append(entry)
    report["systems"].sort(key=lambda entry: -entry["scores"][main]["mean"])
    names = [entry["name"] for entry in report["systems"]]
    values = {name: [page[main] for page in per_page[name]] for name in names}
    report["pairs"] = [
        {"a": a, "b": b} | paired(values[a], values[b]) for i, a in enumerate(names) for b in names[i + 1 :]
    ]
    report["values"] = values
    report["machine"] = sorted({meta["machine"] for meta in stated.values() if "machine" in meta})
    return report


def _main_metric(cases: Sequence[dict[str, Any]]) -> str:
    """What systems are ranked by: block F1 of questions, word F1 of reference texts, F1 of snippets without such."""
    if cases[0]["task"] == "qe":
        return "block_f1"
    if all(case["text"] for case in cases):
        return "word_f1"
    if bare := [case["id"] for case in cases if not case["must_have"] and not case["must_not_have"]]:
        raise IndexLMError(f"a case has a reference text or snippets; {len(bare)} have neither ({bare[0]} is one)")
    return "snippet_f1"


def _chosen(case: dict[str, Any], indices: Sequence[int] | range) -> dict[str, Any]:
    return {"indices": list(indices), "text": "\n".join(case["blocks"][i - 1][1] for i in indices)}


def _of_page(case: dict[str, Any], row: dict[str, Any], chooses: bool) -> dict[str, Any]:
    """One answer -> its scores; an error is a full miss, whatever the reference.

    `chooses` says whether the system chooses blocks: one that does not has no block scores.
    """
    failed = bool(row.get("error"))
    found: dict[str, Any] = {}
    gold, indices = case["gold"], row.get("indices") or []
    if case["task"] == "me":
        text = row.get("text") or ""
        if case["text"]:
            precision, recall, f1 = (0.0, 0.0, 0.0) if failed else word_prf(text, case["text"])
            found |= {"word_precision": precision, "word_recall": recall, "word_f1": f1}
            found["shingles"] = Counts(0.0, 0.0, 1.0) if failed else shingle_counts(text, case["text"])
            found["rouge_l"] = 0.0 if failed else rouge_l(text, case["text"])
        wanted, unwanted = case["must_have"], case["must_not_have"]
        kept, of, wrong, of_wrong = snippet_rates(text, wanted, unwanted)
        found["snippets"] = (0, of, of_wrong, of_wrong) if failed else (kept, of, wrong, of_wrong)
        if wanted or unwanted:
            kept, of, wrong, _ = found["snippets"]
            # Where nothing must be kept, nothing wrong is all that can be right.
            found["snippet_f1"] = 2 * kept / (kept + wrong + of) if kept + wrong + of else float(not failed)
    if chooses and (gold or case["task"] == "qe"):
        precision, recall, f1 = (0.0, 0.0, 0.0) if failed else block_prf(indices, gold)
        shared = 0 if failed else len(set(indices) & set(gold))
        found |= {"block_precision": precision, "block_recall": recall, "block_f1": f1}
        found["exact"] = float(not failed and set(indices) == set(gold))
        found["micro"] = (shared, len(indices), len(gold))
    if chooses and case["task"] == "qe":
        found["na_right"] = float(not failed and bool(indices) == bool(gold))
        if gold and (row.get("scores") or failed):
            found["mrr"] = 0.0 if failed else reciprocal_rank(row["scores"], gold)
            found["average_precision"] = 0.0 if failed else average_precision(row["scores"], gold)
    return found


def _summary(pages: Sequence[dict[str, Any]], task: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in (
        "word_f1", "word_precision", "word_recall", "rouge_l", "snippet_f1",
        "block_f1", "block_precision", "block_recall", "exact", "na_right", "mrr", "average_precision",
    ):  # fmt: skip
        values = [page[key] for page in pages if key in page]
        if values:
            found[key] = {"mean": _mean(values), "interval": interval(values), "pages": len(values)}
    shingles = [page["shingles"] for page in pages if "shingles" in page]
    if shingles:
        precision, recall, f1 = shingle_prf(shingles)
        found["shingle_f1"] = {
            "mean": f1,
            "precision": precision,
            "recall": recall,
            "interval": bootstrap(len(shingles), lambda drawn: shingle_prf([shingles[i] for i in drawn])[2], 500),
        }
    snippets = [page["snippets"] for page in pages if "snippets" in page]
    kept, wanted, wrong, unwanted = (sum(column) for column in zip(*snippets, strict=True)) if snippets else (0,) * 4
    if wanted:
        found["must_have"] = {"mean": kept / wanted, "of": wanted}
    if unwanted:
        found["must_not_have_kept"] = {"mean": wrong / unwanted, "of": unwanted}
    micro = [page["micro"] for page in pages if "micro" in page]
    if micro:
        shared, chosen, gold = (sum(column) for column in zip(*micro, strict=True))
        found["micro_block_f1"] = {"mean": 2 * shared / (chosen + gold) if chosen + gold else 1.0}
    return found


def _by_domain(cases: Sequence[dict[str, Any]], values: Sequence[float]) -> dict[str, Any]:
    """Main content page by page -> the mean in which every domain counts the same, where one has several pages.

    Pages of one shop share a template: what a system makes of one it makes of all.
    """
    domains = defaultdict(list)
    for case, value in zip(cases, values, strict=True):
        domains[_domain(case["url"]) or case["id"]].append(value)
    if cases[0]["task"] != "me" or len(domains) in (1, len(cases)):
        return {}
    means = [_mean(of_domain) for of_domain in domains.values()]
    return {"by_domain": {"mean": _mean(means), "interval": interval(means), "domains": len(means)}}


def _domain(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _cost(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    stages: defaultdict[str, list[float]] = defaultdict(list)
    tokens: defaultdict[str, list[float]] = defaultdict(list)
    for row in rows:
        for stage, value in (row.get("seconds") or {}).items():
            stages[stage].append(value)
        for kind, count in (row.get("tokens") or {}).items():
            tokens[kind].append(count)
    if not stages.get("total"):
        return {}
    total = np.array(stages["total"])
    return {
        "median_ms": 1000 * float(np.median(total)),
        "p95_ms": 1000 * float(np.percentile(total, 95)),
        "mean_ms": 1000 * float(total.mean()),
        "stages_ms": {stage: 1000 * float(np.mean(values)) for stage, values in stages.items() if stage != "total"},
        "tokens": {kind: float(np.mean(counts)) for kind, counts in tokens.items()},
        "peak_mb": max(row.get("peak_bytes") or 0 for row in rows) / 1e6,
    }


def _of_answers(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Of a system that writes its answers, one a window: how many are invalid, and how long they are.

    Invalid is what has to be repaired to be read, or cannot be read at all. Errors of other kinds are not counted.
    """
    wrote = [row["tokens"] for row in rows if "unreadable" in (row.get("tokens") or {})]
    windows = sum(tokens["windows"] for tokens in wrote)
    if not windows:
        return {}
    unreadable = sum(tokens["unreadable"] for tokens in wrote)
    return {
        "answers": {
            "windows": windows,
            "invalid": (unreadable + sum(tokens["repaired"] for tokens in wrote)) / windows,
            "unreadable": unreadable / windows,
            "generated": sum(tokens["generated"] for tokens in wrote) / windows,
        }
    }


def _by_length(cases: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]]) -> list[tuple[float, float]]:
    """Pages in `_LENGTH_BINS` groups of like length -> the median number of blocks and of milliseconds of each."""
    timed = sorted(
        (len(case["blocks"]), 1000 * row["seconds"]["total"])
        for case, row in zip(cases, rows, strict=True)
        if (row.get("seconds") or {}).get("total")
    )
    groups = [group for group in np.array_split(np.array(timed), _LENGTH_BINS) if len(group)] if timed else []
    return [(float(np.median(group[:, 0])), float(np.median(group[:, 1]))) for group in groups]


def _of_scores(cases: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]], probabilities: bool) -> dict[str, Any]:
    """What scores say beyond the chosen blocks: the precision-recall curve, and calibration of probabilities."""
    scores: list[float] = []
    truth: list[bool] = []
    for case, row in zip(cases, rows, strict=True):
        if row.get("scores") and (case["gold"] or case["task"] == "qe"):
            gold = set(case["gold"])
            scores += row["scores"]
            truth += [i in gold for i in range(1, len(row["scores"]) + 1)]
    if not scores or not any(truth):
        return {}
    from sklearn.metrics import precision_recall_curve

    precision, recall, _ = precision_recall_curve(truth, scores)
    # Points at even steps of recall: at even steps of the threshold nearly all would lie at its end.
    picked = np.unique(len(recall) - 1 - np.searchsorted(recall[::-1], np.linspace(0, 1, _CURVE_POINTS)))
    found: dict[str, Any] = {"curve": [[round(float(recall[i]), 4), round(float(precision[i]), 4)] for i in picked]}
    if probabilities:
        found["calibration"] = {
            "ece": calibration_error(scores, truth),
            "brier": brier(scores, truth),
            "bins": reliability(scores, truth),
            "blocks": len(scores),
        }
    return found


def _groups(cases: Sequence[dict[str, Any]]) -> dict[str, dict[str, list[int]]]:
    """Where to look at pages apart: by type, language, source and length in blocks -> the places of their cases."""
    groups: dict[str, defaultdict[str, list[int]]] = {
        key: defaultdict(list) for key in ("kind", "lang", "source", "length")
    }
    for i, case in enumerate(cases):
        for key in ("kind", "lang", "source"):
            groups[key][case[key] or "?"].append(i)
        low, high = next((low, high) for low, high in _LENGTHS if low <= len(case["blocks"]) <= high)
        groups["length"][f"{low}–{high}" if high < 1 << 30 else f"from {low}"].append(i)
    if list(groups["source"].values()) == list(groups["kind"].values()):
        del groups["source"]
    return {key: dict(sorted(values.items())) for key, values in groups.items() if len(values) > 1}


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else 0.0


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Values a page -> the 95 % bootstrap interval of their mean (percentiles of 2,000 draws, seeded)."""
    array = np.asarray(values, float)
    draws = np.random.default_rng(_SEED).integers(len(array), size=(_DRAWS, len(array)))
    low, high = np.percentile(array[draws].mean(axis=1), (2.5, 97.5))
    return float(low), float(high)


def bootstrap(count: int, statistic: Callable[[Sequence[int]], float], draws: int) -> tuple[float, float]:
    """A statistic of `count` things by their places -> its 95 % bootstrap interval (percentiles, seeded)."""
    drawn = np.random.default_rng(_SEED).integers(count, size=(draws, count))
    low, high = np.percentile([statistic(indices.tolist()) for indices in drawn], (2.5, 97.5))
    return float(low), float(high)


def paired(a: Sequence[float], b: Sequence[float]) -> dict[str, Any]:
    """Two systems' values on the same pages -> the mean difference a - b, its 95 % interval, and who wins how often.

    `winner` is `a` or `b` only where the interval does not hold 0.
    """
    difference = np.asarray(a, float) - np.asarray(b, float)
    low, high = interval(difference.tolist())
    return {
        "difference": float(difference.mean()),
        "interval": (low, high),
        "wins": int((difference > 1e-9).sum()),
        "ties": int((np.abs(difference) <= 1e-9).sum()),
        "losses": int((difference < -1e-9).sum()),
        "winner": "a" if low > 0 else "b" if high < 0 else "",
    }
