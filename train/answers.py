"""Answer trees: fitted on what a calibrated head makes of questions that no training has seen."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median_low
from typing import Any, NamedTuple

import numpy as np

from eval.cases import read_cases
from eval.examples import Example, crop, me_examples, qe_examples
from eval.metrics import block_prf
from eval.rows import read_rows
from heads import DecoderHead, Head, open_head
from heads.queries.answer_features import NAMES, candidates, features
from heads.queries.answer_trees import FILE, spread
from heads.queries.answers import SURE, whole_answer
from heads.selection import choose
from heads.settings import Settings
from indexlm.page import IndexLMError, Page
from indexlm.text import word_set
from train.data.facts import fact_examples
from train.data.mixture import read_mixture
from train.data.prepare import is_held_out
from train.data.sources import is_free
from train.data.splits import hash_of
from train.trees import write_trees

_FACTS, _HELD_OUT, _SITES = "facts", "held out", "sites"
SITES = Path(__file__).parent / "data" / "sites" / "questions.jsonl"
"""Pages as shops, clinics, cities, hotels and others have them, with questions as users type them.

A language model wrote them for this purpose, 168 pages in 29 languages. Of each page's eight questions, about half
share few or no words with what answers, and two have no answer.
"""
_MOST_ARTICLES = 450  # of a source
_QUESTIONS = 12  # of each held-out article
_FEW = word_set("bitcoin_faq freebsd_faq monero_faq opensource_guide python_faq react_faq rust_faq vue_faq")
_QUESTIONS_OF_FEW = 3  # of each article of these sources, which have few and long ones
_HOSTS = 600  # pages that articles are embedded in
_CROPPED = 0.3  # of the pages
_FACTS_SHARE = 0.2
_WEAK = word_set("freebsd_faq hybridqa medquad opensource_guide ottqa python_faq react_faq wikitablequestions")
_WEIGHTS = {_FACTS: 3.0, _HELD_OUT: 5.0, _SITES: 2.0, "qmsum": 0.3} | dict.fromkeys(_WEAK, 0.5)
"""By source: less where references hold more or fewer blocks than answer."""
_FOLDS = 4
_FLOORS = [i / 50 for i in range(5, 23)]
_ALIKE = 0.003  # in F1
_POSITIVE = word_set(
    "odds behind_best above_other match match_behind telling telling_behind with_labels soft soft_behind soft_labels"
    " soft_labels_behind concept concept_behind concept_labels concept_labels_behind"
)
"""Columns with which an answer is never less probable."""


class _Sample(NamedTuple):
    """A page of a question: its places that are looked at, their columns and whether they answer."""

    page: Page
    gold: tuple[int, ...]
    source: str
    scores: list[float]
    places: list[int]
    table: Any
    answers: list[bool]


def fit_answer_trees(
    model: Path, data: Path, *, articles: int = 12000, seed: int = 61, threads: int = 0, iterations: int = 350
) -> dict[str, float]:
    """Write `answers.onnx` to a checkpoint's folder and set what its settings say of it. Returns counts and figures.

    `articles` and `seed` are those of the `prepare` whose windows the head was trained on: the questions that it
    drew are left out. Other questions of these sources are read, those held out of `qe/train.parquet`, synthetic facts
    of another seed, and the pages of `SITES`. The least probability of an answer is what scores best on questions of
    titles that the trees have not seen, where questions held out, those of `SITES` and others count a third each.
    Raises `IndexLMError` for a head that is not calibrated for queries, and for a decoder that writes numbers digit by
    digit.
    """
    head = open_head(model, threads=threads)
    if "qe" not in head.settings.calibration:
        raise IndexLMError(f"answer trees are fitted to a head that is calibrated for queries; {model} is not")
    if isinstance(head, DecoderHead):
        head.check_line_scores()
    head.answer_trees = lambda _, scores: list(scores)  # they are fitted to what the head makes of a page by itself
    samples = [_sample(head, example) for example in _examples(data, articles, seed)]
    floor, score = _fit_to(samples, model / FILE, iterations, seed)
    _store(model, head.settings, floor)
    return {"pages": len(samples), "blocks": sum(len(sample.places) for sample in samples), "floor": floor, "f1": score}


def _fit_to(samples: Sequence[_Sample], path: Path, iterations: int, seed: int) -> tuple[float, float]:
    """Samples -> the trees, written to `path`; returns the floor, and its F1 on titles that trees have not seen."""
    held_back: list[list[float]] = [[]] * len(samples)
    folds = [hash_of(sample.page.title or sample.page.query) % _FOLDS for sample in samples]
    for k in range(_FOLDS):
        trees = _fit([sample for sample, fold in zip(samples, folds, strict=True) if fold != k], iterations, seed)
        for i, sample in enumerate(samples):
            if folds[i] == k:
                held_back[i] = trees.predict_proba(sample.table)[:, 1].tolist()
    write_trees(_fit(samples, iterations, seed), path, NAMES)
    return _floor(samples, held_back)


def _examples(data: Path, articles: int, seed: int) -> list[Example]:
    """Questions that no training has seen, embedded in pages; of held-out ones the source is `_HELD_OUT`."""
    rng = random.Random(seed + 1)
    mixture = read_mixture(data, lambda row: is_free(row["license"]) and not is_held_out(row))
    drawn = mixture.draw(articles, random.Random(seed))
    seen = {_plain(question["question"]) for row in drawn for question in row["questions"]}
    more = read_rows(data / "qe" / "more.parquet", lambda row: is_free(row["license"]) and not is_held_out(row))
    count: Counter[str] = Counter()
    rows = []
    for row in rng.sample(more, len(more)):
        unseen = [question for question in row["questions"] if _plain(question["question"]) not in seen]
        for question in rng.sample(unseen, min(len(unseen), _QUESTIONS_OF_FEW if row["source"] in _FEW else 1)):
            if count[row["source"]] < _MOST_ARTICLES:
                count[row["source"]] += 1
                rows.append(row | {"questions": [question]})
    held_out = read_rows(data / "qe" / "train.parquet", lambda row: is_free(row["license"]) and is_held_out(row))
    hosts = read_rows(data / "me" / "train.parquet", lambda row: is_free(row["license"]) and not is_held_out(row))
    pages = list(me_examples(rng.sample(hosts, min(_HOSTS, len(hosts)))))
    found = [
        *qe_examples(rows, pages, seed, per_article=1),
        *(replace(e, source=_HELD_OUT) for e in qe_examples(held_out, pages, seed, per_article=_QUESTIONS)),
    ]
    found = [crop(example, rng) if rng.random() < _CROPPED else example for example in found]
    prose = [text for row in more if row["lang"] == "en" for text in row["paragraphs"]]
    facts = fact_examples(prose, int(_FACTS_SHARE * len(found)), rng.randrange(1 << 30)) if prose else ()
    sites = (Example(case.read(), case.gold, source=_SITES) for case in read_cases(SITES, "qe"))
    return [*found, *(replace(example, source=_FACTS) for example in facts), *sites]


def _plain(question: str) -> str:
    """A question without what `train.data.mixture` may take from it."""
    return question.lower().rstrip("?？ ")


def _sample(head: Head, example: Example) -> _Sample:
    page, gold = example.page, set(example.gold)
    scores = list(head([page])[0].scores or ())
    places = candidates(page, scores)
    answers = [place + 1 in gold for place in places]
    return _Sample(page, example.gold, example.source, scores, places, features(page, scores, places), answers)


def _fit(samples: Sequence[_Sample], iterations: int, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    counts = [len(sample.places) for sample in samples]
    return HistGradientBoostingClassifier(
        max_iter=iterations,
        early_stopping=False,
        learning_rate=0.05,
        max_leaf_nodes=31,
        min_samples_leaf=40,
        l2_regularization=1.0,
        max_features=0.3,  # of the columns, at every node
        monotonic_cst=[int(name in _POSITIVE) for name in NAMES],
        random_state=seed,
    ).fit(
        np.concatenate([sample.table for sample in samples]),
        np.concatenate([sample.answers for sample in samples]),
        sample_weight=np.repeat([_WEIGHTS.get(sample.source, 1.0) for sample in samples], counts),
    )


def _floor(samples: Sequence[_Sample], found: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Samples and the probabilities of their places -> the middle one of the floors that score best, and its F1."""
    scores: dict[float, float] = {}
    rows = np.array([_outcome(sample, of_places) for sample, of_places in zip(samples, found, strict=True)])
    sources = np.array([sample.source for sample in samples])
    groups = [sources == _HELD_OUT, sources == _SITES]
    groups.append(~np.logical_or(*groups))
    for floor in _FLOORS:
        f1 = np.where(rows[:, 0] >= floor, rows[:, 1], rows[:, 2])
        scores[floor] = float(np.mean([f1[group].mean() for group in groups if group.any()]))
    best = median_low(floor for floor, score in scores.items() if score >= max(scores.values()) - _ALIKE)
    return best, scores[best]


def _outcome(sample: _Sample, found: Sequence[float]) -> tuple[float, float, float]:
    """A sample -> the probability of its best block, and the F1 of what is kept and of keeping nothing."""
    scores = spread(sample.scores, sample.places, found)
    best = max(scores)
    answers = (choose(scores, [1] * len(scores), 0.0), ())
    kept, none = (block_prf(whole_answer(sample.page, i, best >= SURE), sample.gold)[2] for i in answers)
    return best, kept, none


def _store(model: Path, settings: Settings, floor: float) -> None:
    numbers = settings.calibration["qe"]
    fitted = {"min_best_score": floor, "beta": 1.0}
    calibration = settings.calibration | {"qe": numbers | {name: fitted[name] for name in numbers.keys() & fitted}}
    replace(settings, answer_trees=True, calibration=calibration).write_to(model)
