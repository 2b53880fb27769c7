"""Calibration of a checkpoint on training rows that it has not seen (`heads.settings.Settings.calibration`)."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import chain
from math import inf
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

from eval.examples import Example, me_examples, qe_examples
from eval.metrics import PRF, block_prf, calibration_error, word_prf
from eval.rows import read_rows
from heads import ClassifierHead, DecoderHead, open_head
from heads.cascade import plan
from heads.queries.answers import SURE, whole_answer
from heads.selection import MIN_PROBABILITY, calibrated, choose
from heads.settings import Settings, Task
from indexlm.layout import word_count
from indexlm.options import FAVOURS
from indexlm.output.text import to_text
from indexlm.page import IndexLMError
from train.backbone import load_tokenizer
from train.data.mixture import HELD_OUT_SOURCES, read_mixture
from train.data.prepare import is_held_out
from train.data.rows import load_rows
from train.data.sources import is_free
from train.recipe import Recipe

_MIN_BEST_SCORES = [i / 25 for i in range(21)]
_BETAS = (1.0, 0.7, 0.5, 0.35, 1.4)  # the first of equal ones is taken
_END_PENALTIES = [i / 2 for i in range(-4, 7)]
_ALIKE = 0.01  # in a classifier's F1
_POWERS = (2.0, 1.5, 1.0, 3.0)  # of beta, in a decoder's odds of keeping; the first of alike ones is taken
_FAVOURED = tuple(FAVOURS.values())  # betas for which a power is chosen
_FLAT = 0.002  # end penalties (of which the smallest is taken) and powers whose scores differ by less are alike
_SEED = 7
_UNREAD = 0.06  # `skip_window_max_f1_loss` of a classifier: a quarter fewer tokens than with 0.02, and the same F1
_QUESTIONS = 1  # of each held-out article
_ARTICLES = 25  # of each source
_DECODER_STEP = 3  # of the questions: each is answered once for every end penalty


class Calibration(TypedDict, total=False):
    """A task's calibration, and what it was measured to do.

    calibration: the numbers that `heads.settings.CALIBRATION_KEYS` names.
    score: the mean F1 with it; of a classifier, known and new sources count half each. score_before: a decoder's
        without it.
    pages: how many pages it was measured on.
    error_before, error_after: a classifier's calibration error; after: on each half of the pages with the scaling of
        the other half.
    """

    calibration: dict[str, float]
    score: float
    pages: int
    score_before: float
    error_before: float
    error_after: float


def calibrate(model: Path, data: Path, threads: int = 0) -> dict[Task, Calibration]:
    """Set `calibration` in a checkpoint's config, on the held-out rows of `data`, for ME and QE apart.

    A classifier's probabilities are Platt-scaled: logistic regression on the log-odds of a block's raw score and of its
    tree score. `min_best_score` and `beta` are what then scores best, where sources that no training sees count half.
    The classifier reads all pages, also those that the trees decide, because there are few; these are scored with the
    blocks that the trees keep. A decoder's `end_penalty` is what scores best, on every third question; so is its
    `beta_power`, by F-beta where precision and recall are favoured. ME is scored by word F1, QE by block F1. Of each
    source of questions at most `_ARTICLES` articles count. Answer trees read calibrated probabilities, so that they are
    to be fitted anew afterwards (`train.answers`). A classifier that leaves windows to its trees leaves more from
    then on. Raises `IndexLMError` without held-out rows.
    """
    head = open_head(model, threads=threads)
    head.answer_trees = None
    settings = head.settings
    pages = list(me_examples(read_rows(data / "me" / "train.parquet", _is_calibrated_on)))
    articles = _spread(read_mixture(data, _is_calibrated_on).questions)
    questions = list(qe_examples(articles, pages, _SEED, per_article=_QUESTIONS))
    if not pages or not questions:
        raise IndexLMError(
            f"a head is calibrated on held-out pages and questions; {data} holds {len(pages)} and {len(questions)}"
        )
    tasks: dict[Task, list[Example]] = {"me": pages, "qe": questions}
    if isinstance(head, DecoderHead):
        results = {
            task: _fit_end_penalty(head, task, examples[:: 1 if task == "me" else _DECODER_STEP])
            for task, examples in tasks.items()
        }
    else:
        raw = head.with_settings(replace(settings.alone(), calibration={}))
        results = {
            task: _fit([_sample(raw, example, settings.skip_model_min_f1) for example in examples], task)
            for task, examples in tasks.items()
        }
    _store(model, settings, results)
    return results


def calibrate_rows(model: Path, recipe: Recipe) -> dict[Task, Calibration]:
    """Set `calibration` as `calibrate` does, on the rows that the recipe of a classifier's training held out.

    Both tasks are scored by block F1. A task without such rows is left out.
    """
    import torch
    from transformers import AutoModelForTokenClassification

    tokenizer = load_tokenizer(recipe)
    rows = load_rows(recipe, tokenizer, "classifier").calibration
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = AutoModelForTokenClassification.from_pretrained(model, dtype=torch.float32).eval().to(device)
    samples: dict[Task, list[_Sample]] = {}
    for row in rows:
        places = row["markers"] if recipe.readout == "marker" else row["lasts"]
        with torch.no_grad():
            logits = network(input_ids=torch.tensor([row["ids"]], device=device)).logits[0, places]
        raw, count = logits.float().softmax(-1)[:, 1].tolist(), len(places)
        score = partial(_score_lines, [i for i, is_gold in enumerate(row["gold"], 1) if is_gold])
        samples.setdefault(row["task"], []).append(_Sample(raw, [0.5] * count, row["gold"], [1.0] * count, score))
    results = {task: _fit(of_task, task) for task, of_task in samples.items()}
    _store(model, Settings.read_from(model), results)
    return results


def _score_lines(gold: Sequence[int], kept: Sequence[int], is_sure: bool) -> float:
    return _block_f1(gold, kept)


def _spread(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows -> at most `_ARTICLES` of each source, evenly drawn."""
    by_source: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_source[row["source"]].append(row)
    return [row for of_source in by_source.values() for row in of_source[:: -(-len(of_source) // _ARTICLES)]]


def _is_calibrated_on(row: dict[str, Any]) -> bool:
    return is_free(row["license"]) and is_held_out(row)


def _f1(example: Example, kept: Sequence[int]) -> float:
    return _prf(example, kept)[2]


def _prf(example: Example, kept: Sequence[int]) -> PRF:
    """By words for main content, by blocks for a query."""
    if example.page.query:
        return block_prf(kept, example.gold)
    return word_prf(to_text(example.page, kept), example.text)


def _block_f1(gold: Sequence[int], kept: Sequence[int]) -> float:
    return block_prf(kept, gold)[2]


def _store(model: Path, settings: Settings, results: dict[Task, Calibration]) -> None:
    numbers = {str(task): result["calibration"] for task, result in results.items()}
    unread = settings.skip_window_max_f1_loss
    if unread and settings.head == "classifier":
        unread = max(unread, _UNREAD)
    replace(settings, calibration=numbers, answer_trees=False, skip_window_max_f1_loss=unread).write_to(model)


def _fit_end_penalty(head: DecoderHead, task: Task, examples: Sequence[Example]) -> Calibration:
    """A decoder and examples of a task -> the calibration with the smallest end penalty of those that score best."""

    def mean_score(end_penalty: float) -> float:
        penalized = head.with_settings(replace(head.settings, calibration={task: {"end_penalty": end_penalty}}))
        return statistics.fmean(_f1(example, penalized([example.page])[0].indices) for example in examples)

    scores = [mean_score(end_penalty) for end_penalty in _END_PENALTIES]
    smooth = _smooth(scores)
    best = [i for i, value in enumerate(smooth) if value >= max(smooth) - _FLAT]
    i = min(best, key=lambda i: abs(_END_PENALTIES[i]))
    return {
        "calibration": {
            "end_penalty": _END_PENALTIES[i],
            "beta_power": _fit_beta_power(head, task, examples, _END_PENALTIES[i]),
            "min_best_score": 0.0,
        },
        "score": scores[i],
        "score_before": scores[_END_PENALTIES.index(0)],
        "pages": len(examples),
    }


def _fit_beta_power(head: DecoderHead, task: Task, examples: Sequence[Example], end_penalty: float) -> float:
    """A decoder and examples of a task -> the power with the best mean F-beta over `_FAVOURED`, or one alike."""

    def mean_score(power: float) -> float:
        numbers = {"end_penalty": end_penalty, "beta_power": power}
        scores = []
        for beta in _FAVOURED:
            leaning = head.with_settings(replace(head.settings, beta=beta, calibration={task: numbers}))
            scores += [_f_beta(_prf(example, leaning([example.page])[0].indices), beta) for example in examples]
        return statistics.fmean(scores)

    scores = [mean_score(power) for power in _POWERS]
    return next(power for power, score in zip(_POWERS, scores, strict=True) if score >= max(scores) - _FLAT)


def _f_beta(prf: PRF, beta: float) -> float:
    precision, recall, _ = prf
    return (1 + beta**2) * precision * recall / (beta**2 * precision + recall) if precision and recall else 0.0


def _smooth(scores: Sequence[float]) -> list[float]:
    """Scores of neighbouring settings -> means over the neighbours, so that a lucky setting does not win."""
    return [statistics.fmean(scores[max(0, i - 1) : i + 2]) for i in range(len(scores))]


@dataclass(frozen=True, slots=True)
class _Sample:
    """A page for a classifier's calibration: a value for each of its blocks (or lines).

    raw: the probability before calibration.
    tree_scores: the tree scores; 0.5 without trees.
    truth: whether the block is gold.
    weights: what the block counts in the expected F1.
    score: the kept indices of the page, and whether the head is sure of them -> their F1.
    is_new: whether no training sees the page's source.
    """

    raw: list[float]
    tree_scores: list[float]
    truth: list[bool]
    weights: list[float]
    score: Callable[[tuple[int, ...], bool], float]
    is_new: bool = False


def _sample(head: ClassifierHead, example: Example, skip_model_min_f1: float | None) -> _Sample:
    """An uncalibrated classifier and an example -> its sample. The score of a page that the trees decide is theirs."""
    page = example.page
    raw = list(head([page])[0].scores or ())
    cascade = plan(page, head.trees, skip_model_min_f1)
    tree_scores = cascade.tree_scores or [0.5] * len(raw)
    weights = [1.0 if page.query else float(word_count(block)) for block in page.blocks]
    truth = [i in example.gold for i in range(1, len(raw) + 1)]
    by_trees = cascade.kept if cascade.skips_model else None

    @cache  # neighbouring numbers mostly choose the same blocks
    def score(kept: tuple[int, ...], is_sure: bool) -> float:
        if page.query:
            return _f1(example, whole_answer(page, kept, is_sure))
        return _f1(example, kept if by_trees is None else by_trees)

    return _Sample(raw, tree_scores, truth, weights, score, example.source in HELD_OUT_SOURCES)


def _fit(samples: Sequence[_Sample], task: Task) -> Calibration:
    """Samples of a task -> a classifier's calibration."""
    halves = [samples[::2], samples[1::2]]
    unseen: list[float] = []
    truth: list[bool] = []
    for fitted, measured in (halves, halves[::-1]):
        scaling = _scaling(fitted)
        for sample in measured:
            unseen += calibrated(sample.raw, sample.tree_scores, scaling)
            truth += sample.truth
    scaling = _scaling(samples)
    scaled = [calibrated(sample.raw, sample.tree_scores, scaling) for sample in samples]

    def mean_score(min_best_score: float, beta: float) -> float:
        scores: tuple[list[float], list[float]] = [], []
        for s, sample in zip(scaled, samples, strict=True):
            kept = choose(s, sample.weights, min_best_score, beta)
            scores[sample.is_new].append(sample.score(kept, max(s) >= SURE))
        return statistics.fmean(statistics.fmean(of_sources) for of_sources in scores if of_sources)

    scores = {beta: [mean_score(least, beta) for least in _MIN_BEST_SCORES] for beta in _BETAS}
    smooth = {(beta, i): value for beta in _BETAS for i, value in enumerate(_smooth(scores[beta]))}
    # Of numbers that score alike: the beta in the middle, and the greatest floor, so that least is answered where there
    # is no answer; for main content the least, since a page has some.
    alike = [key for key, value in smooth.items() if value >= max(smooth.values()) - _ALIKE]
    beta = statistics.median_low(beta for beta, _ in alike)
    floors = [i for of_beta, i in alike if of_beta == beta]
    best = min(floors) if task == "me" else max(floors)
    numbers = scaling | {"min_best_score": _MIN_BEST_SCORES[best], "beta": beta}
    raw, gold = list(chain(*(sample.raw for sample in samples))), list(chain(*(sample.truth for sample in samples)))
    return {
        "calibration": {name: round(value, 4) for name, value in numbers.items()},
        "score": scores[beta][best],
        "pages": len(samples),
        "error_before": calibration_error(raw, gold),
        "error_after": calibration_error(unseen, truth),
    }


def _scaling(samples: Sequence[_Sample]) -> dict[str, float]:
    """Samples -> the Platt scaling of their log-odds; none where all blocks are gold, or no block is."""
    from sklearn.linear_model import LogisticRegression

    truth = [is_gold for sample in samples for is_gold in sample.truth]
    if len(set(truth)) < 2:
        return {"score_scale": 1.0, "tree_scale": 0.0, "shift": 0.0}
    rows = [(raw, tree) for s in samples for raw, tree in zip(s.raw, s.tree_scores, strict=True)]
    probabilities = np.clip(np.array(rows), MIN_PROBABILITY, 1 - MIN_PROBABILITY)
    fitted = LogisticRegression(C=inf).fit(np.log(probabilities / (1 - probabilities)), truth)
    score_scale, tree_scale = map(float, fitted.coef_[0])
    return {"score_scale": score_scale, "tree_scale": tree_scale, "shift": float(fitted.intercept_[0])}
