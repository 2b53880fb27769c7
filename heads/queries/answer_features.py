"""What a model makes of the blocks of a question's page, and how they match the question: columns for answer trees.

A model reads windows, and each block with little of its text. Trees over these columns see the page as a whole: how
far a block is ahead of all others, what stands beside and above it, and which blocks hold more of the question.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from math import fsum, log
from typing import TYPE_CHECKING

import numpy as np

from heads.queries.evidence import alike, question_of
from heads.queries.kinds import asked_kind
from heads.queries.meaning import meanings
from heads.queries.questions import asks_how_much
from heads.selection import log_odds
from indexlm.labels import is_apart
from indexlm.layout import word_count
from indexlm.page import Block, Page
from indexlm.query_match import match_query
from indexlm.text import has_digit, is_sequence, terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

_OF_MODEL = """
odds rank behind_best above_other others expected before after siblings_mean label_odds body_odds
"""
"""Log-odds of the model: of the block, against the others of the page, and of what stands around it."""
_OF_WORDS = "match match_behind telling telling_behind with_labels with_labels_behind label_telling title_match"
"""Shares of the question's weight: by all terms, and by those that tell; `behind`: against the best block."""
_OF_MEANING = """
soft soft_behind soft_labels soft_labels_behind concept concept_behind concept_labels concept_labels_behind concepts
kind_held page_held page_soft
"""
"""What is held in any words (`meaning`), by the block and on the page; and the kind of thing that is asked for."""
_OF_BLOCK = "kind is_label is_apart words has_number place blocks siblings"
_OF_QUESTION = "telling_weight sequences terms asks_number query_number"
NAMES = tuple(f"{_OF_MODEL} {_OF_WORDS} {_OF_MEANING} {_OF_BLOCK} {_OF_QUESTION}".split())
"""What the columns of `features` are."""
_MOST_LIKELY, _BEST_MATCHES = 24, 6  # blocks of a page that are looked at
_NONE = -14.0  # log-odds of a block that is not there: about those of the least probability
_KINDS = {f"h{level}": 1 for level in range(2, 7)} | {"h1": 0, "p": 2, "li": 3, "tr": 4, "th": 5, "dt": 6, "dd": 7}
_OTHER_KIND = 8
_LEAST = 1e-6  # answers that are expected beside a block


def candidates(page: Page, scores: Sequence[float]) -> list[int]:
    """The places (from 0) of the blocks that may answer: the most likely ones, and those that match the query best."""
    shares = match_query(page).shares
    likely = sorted(range(len(scores)), key=lambda i: -scores[i])[:_MOST_LIKELY]
    matching = sorted(range(len(shares)), key=lambda i: -shares[i])[:_BEST_MATCHES]
    return sorted({*likely, *(i for i in matching if shares[i] > 0)})


def features(page: Page, scores: Sequence[float], places: Sequence[int]) -> NDArray[np.float32]:
    """A question's page, the probabilities of its blocks and some of their places -> the columns `NAMES` of these."""
    odds = [log_odds(score) for score in scores]
    columns = _of_model(page, scores, odds, places) | _of_blocks(page, places) | _of_words(page, odds, places)
    columns |= _of_meaning(page, places)
    table = np.empty((len(places), len(NAMES)), np.float32)
    for i, name in enumerate(NAMES):
        table[:, i] = columns[name]
    return table


def _of_model(
    page: Page, scores: Sequence[float], odds: Sequence[float], places: Sequence[int]
) -> dict[str, Sequence[float] | float]:
    count = len(odds)
    order = sorted(range(count), key=lambda i: -odds[i])
    rank = {place: n for n, place in enumerate(order)}
    best, second = odds[order[0]], odds[order[1]] if count > 1 else _NONE
    expected = fsum(scores)
    siblings = _siblings(page)
    groups = [siblings[_around(page.blocks[i])] for i in places]
    return {
        "odds": [odds[i] for i in places],
        "rank": [rank[i] for i in places],
        "behind_best": [odds[i] - best for i in places],
        "above_other": [odds[i] - (second if i == order[0] else best) for i in places],
        "others": [log(max(expected - scores[i], _LEAST)) for i in places],
        "expected": expected,
        "before": [odds[i - 1] if i else _NONE for i in places],
        "after": [odds[i + 1] if i + 1 < count else _NONE for i in places],
        "siblings": [len(group) for group in groups],
        "siblings_mean": [fsum(odds[j] for j in group) / len(group) for group in groups],
    }


def _of_blocks(page: Page, places: Sequence[int]) -> dict[str, Sequence[float] | float]:
    blocks = [page.blocks[i] for i in places]
    return {
        "kind": [_KINDS.get(block.tag, _OTHER_KIND) for block in blocks],
        "is_apart": [is_apart(block) for block in blocks],
        "words": [word_count(block) for block in blocks],
        "has_number": [has_digit(block.text) for block in blocks],
        "place": [i / len(page.blocks) for i in places],
        "blocks": len(page.blocks),
    }


def _of_words(page: Page, odds: Sequence[float], places: Sequence[int]) -> dict[str, Sequence[float] | float]:
    question = question_of(page)
    weights = question.fitted_weights
    telling = {term: weights[term] for term in question.telling}
    own = [alike(weights.keys(), terms(block.text)) for block in page.blocks]
    named_by = [question.names(i) for i in range(1, len(own) + 1)]
    match = _shares(own, weights)
    tell = _shares(own, telling)
    with_names = (
        held.union(*(own[j - 1] for j in names)) if names else held for held, names in zip(own, named_by, strict=True)
    )
    labelled = _shares(with_names, telling)
    inside = [[odds[j - 1] for j in question.labels.get(i + 1, ())] for i in places]
    return {
        "match": [match[i] for i in places],
        "match_behind": _behind(match, places),
        "telling": [tell[i] for i in places],
        "telling_behind": _behind(tell, places),
        "with_labels": [labelled[i] for i in places],
        "with_labels_behind": _behind(labelled, places),
        "label_telling": [max((tell[j - 1] for j in named_by[i]), default=0.0) for i in places],
        "title_match": _shares([question.title], weights)[0],
        "is_label": [bool(of_label) for of_label in inside],
        "label_odds": [max((odds[j - 1] for j in question.above.get(i + 1, ())), default=_NONE) for i in places],
        "body_odds": [max(of_label, default=_NONE) for of_label in inside],
        "telling_weight": fsum(telling.values()),
        "sequences": sum(map(is_sequence, weights)) / max(1, len(weights)),
        "terms": len(weights),
        "asks_number": asks_how_much(page.query),
        "query_number": has_digit(page.query),
    }


def _of_meaning(page: Page, places: Sequence[int]) -> dict[str, Sequence[float] | float]:
    found = meanings(page)
    shares = {
        "soft": found.terms,
        "soft_labels": found.terms_with_labels,
        "concept": found.concepts,
        "concept_labels": found.concepts_with_labels,
    }
    kind = asked_kind(page.query)
    on_page, in_any_words = found.on_page
    return {
        **{name: [values[i] for i in places] for name, values in shares.items()},
        **{f"{name}_behind": _behind(values, places) for name, values in shares.items()},
        "concepts": found.asked,
        "kind_held": [(1 if kind.holds(page.blocks[i].text) else -1) if kind else 0 for i in places],
        "page_held": on_page,
        "page_soft": in_any_words,
    }


def _behind(values: Sequence[float], places: Sequence[int]) -> list[float]:
    """The values at some places, less the greatest of all."""
    greatest = max(values)
    return [values[i] - greatest for i in places]


def _shares(held: Iterable[Set[str]], weights: dict[str, float]) -> list[float]:
    """Sets of terms that are held -> of each the share of the weights that it has."""
    total = fsum(weights.values()) or 1.0
    return [fsum(weights[term] for term in own & weights.keys()) / total if own else 0.0 for own in held]


def _siblings(page: Page) -> dict[int, list[int]]:
    """By the number of an element, the places of the blocks whose own elements stand in it."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for place, block in enumerate(page.blocks):
        found[_around(block)].append(place)
    return found


def _around(block: Block) -> int:
    return block.nodes[-2] if len(block.nodes) > 1 else 0
