"""How much of a question blocks hold in any words: its terms, other words for them, and what these are related to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import lru_cache
from math import fsum, log
from typing import NamedTuple

from heads.queries.concepts import concepts_of, languages, relations
from heads.queries.evidence import question_of
from heads.queries.kinds import MONEY
from heads.queries.postal import POSTAL
from heads.queries.questions import tells
from heads.queries.shapes import EMAIL, PHONE, TEMPERATURE
from indexlm.page import Page
from indexlm.patterns import late

_SAME, _RELATED = 0.8, 0.4  # of a term's weight, for a block that holds it in other words, or what is related to it
_MEANT = 0.5  # of the greatest weight, for a concept of function words alone (`how much`)
_SHAPES = {
    "price": MONEY,
    "phone": PHONE,
    "email": EMAIL,
    "location": POSTAL,
    "hours": late(r"(?<!\d)\d{1,2}[:.h]\d{2}(?!\d)|\d\s?(?:am|pm|uhr)\b|\d\s?[時点]", re.IGNORECASE),
    "temperature": TEMPERATURE,
    "weight": late(r"\d\s?(?:kg|g|lbs?|кг|公斤|キロ)\b", re.IGNORECASE),
    "distance": late(r"\d\s?(?:km|miles?|м|км|公里|キロ)\b", re.IGNORECASE),
    "discount": late(r"\d\s?%"),
    "duration": late(r"\d\s?(?:min\w*|h|hours?|days?|weeks?|months?|years?)\b", re.IGNORECASE),
}
"""Concepts that a text shows by its shape, as an amount of money that of a price."""


class Meanings(NamedTuple):
    """What the blocks of a page hold of its query, in shares of its weight (0 to 1).

    terms, concepts: of each block, of the terms and of the concepts. with_labels: the same with the block's labels and
    header rows. on_page: of the terms, what the page holds at all, as they are and in any words. asked: how many
    concepts the query has.
    """

    terms: list[float]
    terms_with_labels: list[float]
    concepts: list[float]
    concepts_with_labels: list[float]
    on_page: tuple[float, float]
    asked: int


@lru_cache(maxsize=1)  # answer trees and rules ask the same of a page
def meanings(page: Page) -> Meanings:
    """A page with a query -> how much of the query its blocks hold."""
    question = question_of(page)
    langs = languages(page)
    telling = question.telling or question.weights
    asked = concepts_of(page.query, langs)
    answering = asked.keys() | {other for concept in asked for other in relations().get(concept, ())}
    shapes = {concept: shape for concept, shape in _SHAPES.items() if concept in answering}
    held = []
    for block in page.blocks:
        spoken = {*concepts_of(block.text, langs)}
        if shapes:
            spoken |= {concept for concept, shape in shapes.items() if shape.search(block.text)}
        held.append(spoken)
    weights = _concept_weights(asked, telling, held)
    by_term = {term: [concept for concept, evoking in asked.items() if term in evoking] for term in telling}

    def shares(own: Set[str], concepts: Set[str]) -> tuple[float, float]:
        parts = {} if answering.isdisjoint(concepts) else _parts(asked, concepts)
        if not (own or parts):  # as of most blocks
            return 0.0, 0.0
        of_terms = _of_terms(telling, by_term, own, parts)
        return of_terms, fsum(weights[concept] * part for concept, part in parts.items()) / _SAME

    alone = [shares(question.own[i], of_block) for i, of_block in enumerate(held, 1)]
    labelled = []
    for i, of_block in enumerate(held, 1):
        if names := question.names(i):
            own = question.own[i].union(*(question.own[name] for name in names))
            labelled.append(shares(own, of_block.union(*(held[name - 1] for name in names))))
        else:
            labelled.append(alone[i - 1])
    total, total_of_concepts = fsum(telling.values()) or 1.0, fsum(weights.values()) or 1.0
    literal = set[str]().union(*question.own.values())
    at_all = fsum(telling[term] for term in literal & telling.keys())
    in_any_words, _ = shares(literal, set[str]().union(*held))
    return Meanings(
        [of_terms / total for of_terms, _ in alone],
        [of_terms / total for of_terms, _ in labelled],
        [of_concepts / total_of_concepts for _, of_concepts in alone],
        [of_concepts / total_of_concepts for _, of_concepts in labelled],
        (at_all / total, in_any_words / total),
        len(asked),
    )


def _of_terms(
    telling: Mapping[str, float], by_term: Mapping[str, Sequence[str]], own: Set[str], parts: Mapping[str, float]
) -> float:
    """The weight of the terms that are held themselves, or of which a concept is held in part."""
    return fsum(
        weight * (1.0 if term in own else max((parts.get(concept, 0.0) for concept in by_term[term]), default=0.0))
        for term, weight in telling.items()
    )


def _parts(asked: Iterable[str], held: Set[str]) -> dict[str, float]:
    """By concept that is asked for, the part of its weight that concepts which are held have; without those of none."""
    parts = {}
    for concept in asked:
        if concept in held:
            parts[concept] = _SAME
        elif not relations().get(concept, frozenset()).isdisjoint(held):
            parts[concept] = _RELATED
    return parts


def _concept_weights(
    asked: Mapping[str, frozenset[str]], telling: Mapping[str, float], of_blocks: Sequence[set[str]]
) -> dict[str, float]:
    """By concept of a question its weight: that of the terms for it, and more where few blocks speak of it."""
    count = Counter(concept for held in of_blocks for concept in held & asked.keys())
    most = max(telling.values(), default=1.0)
    weights = {}
    for concept, evoking in asked.items():
        own = max((telling[term] for term in evoking & telling.keys()), default=0.0)
        if not own:
            own = _MEANT * most if not any(map(tells, evoking)) else 0.0
        weights[concept] = own * log(1 + (len(of_blocks) + 0.5) / (count[concept] + 0.5))
    return weights
