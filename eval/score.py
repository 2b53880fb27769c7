"""From the files of `eval predict` to numbers: the second half of an evaluation, without any model."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

import numpy as np

from eval import metrics
from eval.bootstrap import bootstrap, interval, paired
from eval.domain import domain
from eval.extractors import by_key
from eval.predict import CaseRow, Row
from eval.rows import stream_rows
from indexlm.page import IndexLMError
from indexlm.text import terms

_NO_END = 1 << 30
_LENGTHS = ((0, 100), (101, 250), (251, 500), (501, _NO_END))  # blocks
_ANSWERS = ((0, 0), (1, 1), (2, 3), (4, _NO_END))  # gold blocks
_OVERLAPS = ((0, 24), (25, 49), (50, 74), (75, 100))  # percent
_CURVE_POINTS = 60
_LENGTH_BINS = 8
_SHINGLE_DRAWS = 500

Rows = dict[str, Row]
"""The rows of a system by case id."""


class Predictions(NamedTuple):
    """A folder of predictions: its cases, and by system the rows and the metadata. A system left out has no rows."""

    cases: list[CaseRow]
    systems: dict[str, Rows]
    metadata: dict[str, dict[str, Any]]


class Entry(TypedDict, total=False):
    """A system in the report.

    scores: by metric its `mean` over pages, `interval` and further counts.
    by: by group (`_groups`) and its value: the number of pages, and the main metric's mean.
    cost: milliseconds a page in all and by stage (means), mean token counts, and the peak memory in MB; or nothing.
    by_length_ms: median blocks and milliseconds of pages of similar length.
    errors: pages without an answer.
    answers: of a system that writes its answers.
    curve: recall and precision of the scores, where there are scores.
    calibration: of scores that are probabilities.
    """

    name: str
    version: str
    published: bool
    scores: dict[str, dict[str, Any]]
    by: dict[str, dict[str, tuple[int, float]]]
    cost: dict[str, Any]
    by_length_ms: list[tuple[float, float]]
    errors: int
    answers: dict[str, float]
    curve: list[tuple[float, float]]
    calibration: dict[str, Any]


class Report(TypedDict):
    """Everything that the tables and plots show.

    main_metric: what systems are ranked by.
    ceiling, floor: its mean for the gold blocks (None where there is no reference text) and for all blocks.
    systems: best first.
    left_out: by system why it has no rows.
    pairs: of each two systems their names, `a` and `b`, and their difference (`eval.bootstrap.paired`).
    values: by system the main metric of every case.
    """

    task: str
    pages: int
    main_metric: str
    ceiling: float | None
    floor: float
    systems: list[Entry]
    left_out: dict[str, str]
    pairs: list[dict[str, Any]]
    values: dict[str, list[float]]
    machine: list[str]


@dataclass(slots=True)
class PageScores:
    """The scores of one answer: those that are averaged over pages, and counts that are summed up.

    snippets: as `eval.metrics.snippet_rates` counts them.
    micro: blocks that are kept and gold, kept, and gold.
    """

    values: dict[str, float] = field(default_factory=dict)
    shingles: metrics.Counts | None = None
    snippets: tuple[int, int, int, int] | None = None
    micro: tuple[int, int, int] | None = None


def load(folder: Path, published: Mapping[str, Path] = {}) -> Predictions:
    """A folder of `eval predict` -> its predictions.

    `published` adds systems from files `{id: {"articleBody": text}}`, as WCXB and article-extraction-benchmark publish
    them. Raises `IndexLMError` where a file's ids are not those of the cases.
    """
    path = folder / "cases.json"
    if not path.is_file():
        raise IndexLMError(f"a folder of predictions has a cases.json, written by `eval predict`; {folder} has none")
    cases: list[CaseRow] = json.loads(path.read_text("utf-8"))["cases"]
    systems: dict[str, Rows] = {}
    metadata: dict[str, dict[str, Any]] = {}
    for meta_path in sorted(folder.glob("*.meta.json")):
        meta = json.loads(meta_path.read_text("utf-8"))
        metadata[meta["name"]] = meta
        if "left_out" not in meta:
            rows = meta_path.with_name(meta_path.name.replace(".meta.json", ".jsonl"))
            systems[meta["name"]] = {row["id"]: row for row in stream_rows(rows)}
    for name, file in published.items():
        if name in metadata:
            raise IndexLMError(f"published results have a name of their own; {folder} has predictions of {name!r}")
        systems[name] = _read_published(file)
        metadata[name] = {"name": name, "version": "published", "published": True}
    if not systems:
        raise IndexLMError(f"a folder of predictions has the rows of a system; {folder} has none")
    _check_ids({case["id"] for case in cases}, systems, published)
    return Predictions(cases, systems, metadata)


def _read_published(file: Path) -> Rows:
    try:
        bodies = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise IndexLMError(f"{file} cannot be read as published results: {error}") from None
    if not isinstance(bodies, dict) or not all(isinstance(body, dict) for body in bodies.values()):
        raise IndexLMError(f'published results are {{id: {{"articleBody": text}}}} in JSON; {file} holds others')
    return {id: {"id": id, "text": str(body.get("articleBody") or "")} for id, body in bodies.items()}


def _check_ids(ids: set[str], systems: Mapping[str, Rows], published: Collection[str]) -> None:
    for name, rows in systems.items():
        if missing := ids - rows.keys():
            advice = "" if name in published else "; run `eval predict` again to finish it"
            raise IndexLMError(
                f"systems are compared on the same pages: {name} lacks {len(missing)} of {len(ids)} "
                f"({sorted(missing)[0]} is one){advice}"
            )
        if extra := rows.keys() - ids:
            raise IndexLMError(
                f"systems are compared on the same pages: {name} has {len(extra)} more ({sorted(extra)[0]} is one)"
            )


def score(cases: Sequence[CaseRow], systems: Mapping[str, Rows], metadata: Mapping[str, Mapping[str, Any]]) -> Report:
    """Predictions for cases of one task -> the whole report as data.

    Means over pages have their 95 % bootstrap interval.
    """
    task, main = cases[0]["task"], _main_metric(cases)
    rows = {name: [by_id[case["id"]] for case in cases] for name, by_id in systems.items()}
    pages = {name: _score_pages(name, cases, of_system) for name, of_system in rows.items()}
    values = {name: [page.values[main] for page in of_system] for name, of_system in pages.items()}
    entries = [_entry({**metadata[name], "name": name}, cases, rows[name], pages[name], main) for name in rows]
    entries.sort(key=lambda entry: -entry["scores"][main]["mean"])
    names = [entry["name"] for entry in entries]
    return {
        "task": task,
        "pages": len(cases),
        "main_metric": main,
        # Snippets are no reference that blocks can be aligned with: their ceiling is unknown.
        "ceiling": None if main == "snippet_f1" else _bound(cases, [case["gold"] for case in cases], main),
        "floor": _bound(cases, [range(1, len(case["blocks"]) + 1) for case in cases], main),
        "systems": entries,
        "left_out": {name: meta["left_out"] for name, meta in metadata.items() if "left_out" in meta},
        "pairs": [{"a": a, "b": b, **paired(values[a], values[b])} for a, b in combinations(names, 2)],
        "values": {name: values[name] for name in names},
        "machine": sorted({meta["machine"] for meta in metadata.values() if "machine" in meta}),
    }


def _entry(
    meta: Mapping[str, Any], cases: Sequence[CaseRow], rows: Sequence[Row], pages: Sequence[PageScores], main: str
) -> Entry:
    values = [page.values[main] for page in pages]
    entry: Entry = {
        "name": meta["name"],
        "version": meta.get("version", ""),
        "published": bool(meta.get("published")),
        "scores": _summary(pages) | _by_domain(cases, values),
        "by": {
            key: {value: (len(places), _mean([values[i] for i in places])) for value, places in of_key.items()}
            for key, of_key in _groups(cases).items()
        },
        "cost": _cost(rows),
        "by_length_ms": _by_length(cases, rows),
        "errors": sum(bool(row.get("error")) for row in rows),
    }
    _add_answers(entry, rows)
    _add_curves(entry, cases, rows, bool(meta.get("probabilities")))
    return entry


def _main_metric(cases: Sequence[CaseRow]) -> str:
    """Block F1 for questions, word F1 for pages with reference texts, snippet F1 without these."""
    if cases[0]["task"] == "qe":
        return "block_f1"
    if all(case["text"] for case in cases):
        return "word_f1"
    if bare := [case["id"] for case in cases if not case["must_have"] and not case["must_not_have"]]:
        raise IndexLMError(f"a case has a reference text or snippets; {len(bare)} have neither ({bare[0]} is one)")
    return "snippet_f1"


def _bound(cases: Sequence[CaseRow], indices: Sequence[Sequence[int]], main: str) -> float:
    """The main metric of fixed blocks of every case."""
    rows: list[Row] = [
        {"indices": list(chosen), "text": "\n".join(case["blocks"][i - 1][1] for i in chosen)}
        for case, chosen in zip(cases, indices, strict=True)
    ]
    return _mean([_score_page(case, row, True).values[main] for case, row in zip(cases, rows, strict=True)])


def _score_pages(name: str, cases: Sequence[CaseRow], rows: Sequence[Row]) -> list[PageScores]:
    chooses_blocks = any(row.get("indices") is not None for row in rows)
    if cases[0]["task"] == "qe" and not chooses_blocks:
        raise IndexLMError(f"questions are scored by blocks; {name} chooses none")
    return [_score_page(case, row, chooses_blocks) for case, row in zip(cases, rows, strict=True)]


def _score_page(case: CaseRow, row: Row, chooses_blocks: bool) -> PageScores:
    """One answer -> its scores. An error is a full miss, whatever the reference."""
    page = PageScores()
    if case["task"] == "me":
        _score_text(page, case, row.get("text") or "")
    if chooses_blocks and (case["gold"] or case["task"] == "qe"):
        _score_blocks(page, case, row)
    if row.get("error"):
        page.values = dict.fromkeys(page.values, 0.0)
        page.shingles = page.shingles and metrics.Counts(0.0, 0.0, 1.0)
        page.snippets = page.snippets and (0, page.snippets[1], page.snippets[3], page.snippets[3])
        page.micro = page.micro and (0, *page.micro[1:])
    return page


def _score_text(page: PageScores, case: CaseRow, text: str) -> None:
    if case["text"]:
        precision, recall, f1 = metrics.word_prf(text, case["text"])
        page.values |= {"word_precision": precision, "word_recall": recall, "word_f1": f1}
        page.values["rouge_l"] = metrics.rouge_l(text, case["text"])
        page.shingles = metrics.shingle_counts(text, case["text"])
    page.snippets = metrics.snippet_rates(text, case["must_have"], case["must_not_have"])
    kept, wanted, wrong, unwanted = page.snippets
    if wanted or unwanted:
        # Without wanted snippets, an answer without unwanted ones is right.
        total = kept + wrong + wanted
        page.values["snippet_f1"] = 2 * kept / total if total else 1.0


def _score_blocks(page: PageScores, case: CaseRow, row: Row) -> None:
    gold, indices = set(case["gold"]), row.get("indices") or []
    precision, recall, f1 = metrics.block_prf(indices, gold)
    page.values |= {"block_precision": precision, "block_recall": recall, "block_f1": f1}
    page.values["exact"] = float(set(indices) == gold)
    page.micro = (len(gold.intersection(indices)), len(indices), len(gold))
    if case["task"] == "qe":
        page.values["na_right"] = float(bool(indices) == bool(gold))
        scores = row.get("scores")
        if gold and (scores or row.get("error")):
            page.values["mrr"] = metrics.reciprocal_rank(scores, gold) if scores else 0.0
            page.values["average_precision"] = metrics.average_precision(scores, gold) if scores else 0.0


def _summary(pages: Sequence[PageScores]) -> dict[str, dict[str, Any]]:
    """Pages -> by metric its mean, interval and number of pages."""
    summary: dict[str, dict[str, Any]] = {}
    for key, values in by_key(page.values for page in pages).items():
        summary[key] = {"mean": _mean(values), "interval": interval(values), "pages": len(values)}
    if shingles := [page.shingles for page in pages if page.shingles is not None]:
        precision, recall, f1 = metrics.shingle_prf(shingles)
        bounds = bootstrap(
            len(shingles), lambda places: metrics.shingle_prf([shingles[i] for i in places])[2], _SHINGLE_DRAWS
        )
        summary["shingle_f1"] = {"mean": f1, "precision": precision, "recall": recall, "interval": bounds}
    if snippets := [page.snippets for page in pages if page.snippets is not None]:
        kept, wanted, wrong, unwanted = (sum(column) for column in zip(*snippets, strict=True))
        if wanted:
            summary["must_have"] = {"mean": kept / wanted, "of": wanted}
        if unwanted:
            summary["must_not_have_kept"] = {"mean": wrong / unwanted, "of": unwanted}
    if micro := [page.micro for page in pages if page.micro is not None]:
        shared, chosen, gold = (sum(column) for column in zip(*micro, strict=True))
        summary["micro_block_f1"] = {"mean": 2 * shared / (chosen + gold) if chosen + gold else 1.0}
    return summary


def _by_domain(cases: Sequence[CaseRow], values: Sequence[float]) -> dict[str, dict[str, Any]]:
    """Main content page by page -> the mean over domains, where one has several pages.

    Pages of one shop share a template: a system treats all of them alike.
    """
    domains = defaultdict(list)
    for case, value in zip(cases, values, strict=True):
        domains[domain(case["url"]) or case["id"]].append(value)
    if cases[0]["task"] != "me" or len(domains) in (1, len(cases)):
        return {}
    means = [_mean(of_domain) for of_domain in domains.values()]
    return {"by_domain": {"mean": _mean(means), "interval": interval(means), "domains": len(means)}}


def _cost(rows: Sequence[Row]) -> dict[str, Any]:
    stages = by_key(row.get("seconds") or {} for row in rows)
    tokens = by_key(row.get("tokens") or {} for row in rows)
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


def _add_answers(entry: Entry, rows: Sequence[Row]) -> None:
    """For a system that writes answers, one a window: how many are invalid, and how long they are.

    An answer is invalid where it has to be repaired to be read, or cannot be read at all. Other errors do not count.
    """
    counts = by_key(row["tokens"] for row in rows if "unreadable" in (row.get("tokens") or {}))
    totals = {kind: sum(of_pages) for kind, of_pages in counts.items()}
    if windows := totals.get("windows"):
        entry["answers"] = {
            "windows": windows,
            "invalid": (totals["unreadable"] + totals["repaired"]) / windows,
            "unreadable": totals["unreadable"] / windows,
            "generated": totals["generated"] / windows,
        }


def _by_length(cases: Sequence[CaseRow], rows: Sequence[Row]) -> list[tuple[float, float]]:
    """Pages in `_LENGTH_BINS` groups of similar length -> the median blocks and milliseconds of each group."""
    timed = sorted(
        (len(case["blocks"]), 1000 * row["seconds"]["total"])
        for case, row in zip(cases, rows, strict=True)
        if (row.get("seconds") or {}).get("total")
    )
    groups = [group for group in np.array_split(np.array(timed), _LENGTH_BINS) if len(group)] if timed else []
    return [(float(np.median(group[:, 0])), float(np.median(group[:, 1]))) for group in groups]


def _add_curves(entry: Entry, cases: Sequence[CaseRow], rows: Sequence[Row], probabilities: bool) -> None:
    """For a system with scores: the precision-recall curve over blocks, and the calibration of probabilities."""
    scores: list[float] = []
    truth: list[bool] = []
    for case, row in zip(cases, rows, strict=True):
        of_page = row.get("scores")
        if of_page and (case["gold"] or case["task"] == "qe"):
            gold = set(case["gold"])
            scores += of_page
            truth += [i in gold for i in range(1, len(of_page) + 1)]
    if not scores or not any(truth):
        return
    from sklearn.metrics import precision_recall_curve

    precision, recall, _ = precision_recall_curve(truth, scores)
    # Points at even steps of recall: at even steps of the threshold nearly all would lie at its end.
    points = np.unique(len(recall) - 1 - np.searchsorted(recall[::-1], np.linspace(0, 1, _CURVE_POINTS)))
    entry["curve"] = [(round(float(recall[i]), 4), round(float(precision[i]), 4)) for i in points]
    if probabilities:
        entry["calibration"] = {
            "ece": metrics.calibration_error(scores, truth),
            "brier": metrics.brier(scores, truth),
            "bins": metrics.reliability(scores, truth),
            "blocks": len(scores),
        }


def _groups(cases: Sequence[CaseRow]) -> dict[str, dict[str, list[int]]]:
    """Cases -> by type, language, source, length, and for questions number of answers and overlap of words: the places.

    The length is in blocks. The overlap is the share of the question's terms that stand in a gold block.
    """
    groups: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for i, case in enumerate(cases):
        values = {"kind": case["kind"], "lang": case["lang"], "source": case["source"]}
        values["length"] = _span(len(case["blocks"]), _LENGTHS)
        if case["task"] == "qe":
            values["answers"] = _span(len(case["gold"]), _ANSWERS)
            if case["gold"]:
                values["overlap"] = f"{_span(round(100 * _overlap(case)), _OVERLAPS)} %"
        for key, value in values.items():
            groups[key][value or "?"].append(i)
    if list(groups["source"].values()) == list(groups["kind"].values()):
        del groups["source"]
    return {key: dict(sorted(values.items())) for key, values in groups.items() if len(values) > 1}


def _span(value: int, spans: Sequence[tuple[int, int]]) -> str:
    low, high = next((low, high) for low, high in spans if low <= value <= high)
    return f"from {low}" if high == _NO_END else f"{low}–{high}" if low < high else str(low)


def _overlap(case: CaseRow) -> float:
    query = terms(case["query"])
    held = set[str]().union(*(terms(case["blocks"][i - 1][1]) for i in case["gold"]))
    return len(query & held) / len(query) if query else 0.0


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else 0.0
