"""The question rows that the shipped models are trained on: from which files, in which shares, in which shapes."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from eval.examples import table_tags
from eval.rows import read_rows
from train.data.guides import section_row, table_row

Row = dict[str, Any]

HELD_OUT_SOURCES = frozenset(["faquad", "german_tqa", "kazqad", "scratch_faq", "tydiqa_goldp_fi"])
"""Sources of `qe/more.parquet` that no training sees: pt, de (tables), kk, FAQ in 30 languages, fi."""

_WEAK_SOURCES = {"wikitablequestions": 0.3, "qmsum": 0.3, "hybridqa": 0.5, "ottqa": 0.5}  # evidence often lacks a step
_LANGUAGE_POWER = 0.9
_MOST_QUESTIONS = 6  # of an article that count for its weight
_GUIDES_SHARE = 0.2  # of the rows of an epoch
_TABLES_SHARE = 0.06
_PASSAGES_SHARE = 0.12
_FLAT_TABLES = 0.25  # of the tables: each row a paragraph
_PASSAGES = (4, 10)  # others on a page of passages
_REGION = re.compile("[-_@].*")  # of a language's name
_SHORT_QUESTION = 0.1  # of the questions, without capitals and question mark


class Mixture:
    """Where the question rows of an epoch are drawn from.

    questions: QE rows. documents: help documents by language (`train.data.guides`).
    """

    def __init__(self, questions: Sequence[Row], documents: Sequence[Row] = ()) -> None:
        self.questions = list(questions)
        self.documents: defaultdict[str, list[Row]] = defaultdict(list)
        for document in documents:
            self.documents[document["lang"]].append(document)
        self._same_question: defaultdict[str, list[tuple[Row, Row]]] = defaultdict(list)
        for row in self.questions:
            for question in row["questions"]:
                if question["answerable"]:
                    self._same_question[question["question"].lower()].append((row, question))
        self._by_language: defaultdict[str, list[Row]] = defaultdict(list)
        for row in self.questions:
            self._by_language[row["lang"]].append(row)
        self._several = [
            row for row in self.questions if any(self._answers(question) > 1 for question in row["questions"])
        ]

    def draw(self, count: int, rng: random.Random) -> Iterator[Row]:
        """About `count` rows. A language counts by a power of its articles (`_LANGUAGE_POWER`)."""
        languages = Counter(row["lang"] for row in self.questions)
        weights = [
            min(len(row["questions"]), _MOST_QUESTIONS)
            * _WEAK_SOURCES.get(row["source"], 1.0)
            * languages[row["lang"]] ** (_LANGUAGE_POWER - 1)
            for row in self.questions
        ]
        guides, tables = (int(count * share * bool(self.documents)) for share in (_GUIDES_SHARE, _TABLES_SHARE))
        passages = int(count * _PASSAGES_SHARE)
        chosen = rng.choices(self.questions, weights, k=count - guides - tables) if self.questions else []
        for row in chosen[passages:]:
            yield _in_shape(row, rng)
        for row in chosen[:passages]:
            yield self._passages(rng.choice(self._several) if self._several and rng.random() < 0.5 else row, rng)
        for make, number in ((section_row, guides), (table_row, tables)):
            for language in rng.choices(sorted(self.documents), k=number):
                guide = make(self.documents[language], rng)
                if guide is not None:
                    yield guide

    def _answers(self, question: Row) -> int:
        """How many paragraphs of all articles answer a question."""
        asked = self._same_question[question["question"].lower()]
        return sum(len(same["relevant"]) for _, same in asked)

    def texts(self, count: int, rng: random.Random) -> Iterator[str]:
        """About `count` characters of text of each language, an article or document at a time."""
        texts: defaultdict[str, list[str]] = defaultdict(list)
        for row in self.questions:
            questions = (question["question"] for question in row["questions"])
            texts[row["lang"]].append("\n".join([row["title"] or "", *questions, *row["paragraphs"]]))
        for language, documents in self.documents.items():
            for document in documents:
                parts = ((section["heading"] or "", *section["paragraphs"]) for section in document["sections"])
                lines = [document["title"] or "", *chain.from_iterable(parts)]
                texts[language].append("\n".join(filter(None, lines)))
        for language in sorted(texts):
            length = 0
            for text in rng.sample(texts[language], len(texts[language])):
                yield text
                length += len(text)
                if length > count:
                    break

    def _passages(self, row: Row, rng: random.Random) -> Row:
        """A row -> one of its questions on a page of single paragraphs, those of all articles that it is asked of."""
        question = rng.choice(row["questions"])
        asked = self._same_question[question["question"].lower()] or [(row, question)]
        answering = {text for other, same in asked for text in (other["paragraphs"][i] for i in same["relevant"])}
        others = rng.choices(self._by_language[row["lang"]], k=rng.randint(*_PASSAGES))
        texts = {rng.choice(other["paragraphs"]) for other in others} - answering
        mixed = rng.sample([*sorted(texts), *sorted(answering)], len(texts) + len(answering))
        relevant = [i for i, text in enumerate(mixed) if text in answering]
        tag = rng.choice(("p", "p", "li"))
        question = question | {"relevant": relevant, "answerable": bool(relevant)}
        return row | {"title": "", "paragraphs": mixed, "tags": [tag] * len(mixed), "questions": [question]}


def read_mixture(data: Path, is_wanted: Callable[[Row], bool]) -> Mixture:
    """A data folder -> those rows of `qe/train.parquet`, `qe/more.parquet` and `text/howto.parquet` that are wanted.

    The last two files may be missing.
    """
    questions = read_rows(data / "qe" / "train.parquet", is_wanted)
    more, guides = data / "qe" / "more.parquet", data / "text" / "howto.parquet"
    if more.is_file():
        questions += read_rows(more, is_wanted)
    documents = read_rows(guides, is_wanted) if guides.is_file() else []
    return Mixture(questions, [row | {"lang": _REGION.sub("", row["lang"])} for row in documents if row["sections"]])


def _in_shape(row: Row, rng: random.Random) -> Row:
    """A row with one of its questions; some tables laid as paragraphs, some questions without capitals."""
    question = rng.choice(row["questions"])
    if rng.random() < _SHORT_QUESTION:
        question = question | {"question": question["question"].lower().rstrip("?？ ")}
    row = row | {"questions": [question]}
    if rng.random() < _FLAT_TABLES and table_tags(row["paragraphs"]):
        row["tags"] = ["p"] * len(row["paragraphs"])
    return row
