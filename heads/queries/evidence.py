"""Which words of a query blocks hold, and what these tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from functools import lru_cache
from math import fsum

from heads.queries.questions import codes
from heads.queries.synonyms import synonyms
from indexlm.labels import CELL_ENDS, header_rows
from indexlm.page import Block, Page
from indexlm.patterns import late
from indexlm.query_match import length_weight, match_query
from indexlm.text import LONGEST_STEM, terms, words

MIN_WEIGHT = 0.25  # of the query's greatest weight, in terms that the label lacks: the item that holds them is meant
_MAX_NAMED_CHARS = 40  # of a block whose first words may be abbreviated
_LEAST_LETTERS = 4  # of a word that is the same with a letter less
_DIGIT = late(r"(?<![\d.,:])\d(?![\d.,:])")
_ABBREVIATION = 3  # letters of a word that may stand for a longer one


def query_weights(page: Page) -> dict[str, float]:
    """The weights of the query's terms, where a code is as telling as a long word."""
    weights = match_query(page).weights
    return weights | {code: weights[code] / length_weight(code) for code in codes(page.query) & weights.keys()}


def title_terms(page: Page) -> set[str]:
    titles = (page.title, *(block.text for block in page.blocks if block.tag == "h1"))
    return set().union(*(alike(terms(page.query), terms(title)) for title in titles))


def held_terms(page: Page, indices: Iterable[int]) -> set[str]:
    """The terms of the query that blocks hold."""
    asked = terms(page.query)
    return set().union(*(alike(asked, terms(page.blocks[i - 1].text)) for i in indices))


def alike(asked: Set[str], held: Set[str], by_forms: bool = True) -> set[str]:
    """The terms that are asked for and held, if only in another word for the same (`lift`, `elevator`).

    A term is held too with one letter more or less at its end (`film`, `filmy`), and `by_forms` as what is done
    (`ship`, `shipping`).
    """
    more = {term[:-1] for term in held if len(term) > _LEAST_LETTERS}
    return {term for term in asked if term in held or term in more or not _other_terms(term, by_forms).isdisjoint(held)}


@lru_cache(maxsize=1 << 12)
def _other_terms(term: str, by_forms: bool) -> frozenset[str]:
    """What may stand for a term: the same without its last letter, other words and, `by_forms`, those of a verb."""
    shorter = [term[:-1]] if len(term) > _LEAST_LETTERS and term.isalpha() else []
    return synonyms().get(term, frozenset()).union(shorter, verb_forms(term) if by_forms else ())


def verb_forms(term: str) -> frozenset[str]:
    """The stem of an English verb -> that of what it does (`ship`, `shipping`), and the other way round."""
    if not (term.isascii() and term.isalpha()):
        return frozenset()
    found = set()
    if _ABBREVIATION < len(term) < LONGEST_STEM:  # of a longer word, a stem is no whole verb
        found |= {term.removesuffix("e") + "ing", term + term[-1] + "ing"}
    for end in ("ing", "in", "i"):  # cut off at the length of a stem
        stem = term.removesuffix(end)
        if stem != term:
            found |= {stem, stem + "e"} | ({stem[:-1]} if stem[-1:] == stem[-2:-1] else set())
    return frozenset(form[:LONGEST_STEM] for form in found if len(form) > _ABBREVIATION)


def held_weight(block: Block, weights: Mapping[str, float]) -> float:
    """The weight of the terms that a block holds; before a number, its first words may be short for them (`Sat 10`)."""
    own = alike(weights.keys(), terms(block.text))
    first = block.text.split(maxsplit=1)[0]
    is_named = len(block.text) <= _MAX_NAMED_CHARS and any(map(str.isdigit, block.text))
    names = tuple(word for word in words(first) if len(word) >= _ABBREVIATION) if is_named else ()
    return fsum(weight for term, weight in weights.items() if term in own or term.startswith(names))


def held_with(page: Page, index: int, above: Sequence[int], weights: Mapping[str, float]) -> float:
    held = held_terms(page, (index, *above))
    return fsum(weight for term, weight in weights.items() if term in held)


def labels_above(page: Page, labels: Mapping[int, range]) -> dict[int, list[int]]:
    """By the index of a block, the labels below the title whose bodies hold it."""
    above: dict[int, list[int]] = {}
    for label, body in labels.items():
        for i in body if page.blocks[label - 1].tag != "h1" else ():
            above.setdefault(i, []).append(label)
    return above


def asked_items(page: Page, label: int, items: Sequence[int], weights: Mapping[str, float]) -> list[int]:
    """The items of a list that hold what the label lacks of the query, if only the beginning of a word.

    Where none does, the one item whose name holds a digit of the query: a digit is no term.
    """
    above = held_terms(page, [label])
    beyond = {term: weight for term, weight in weights.items() if term not in above}
    least = MIN_WEIGHT * max(weights.values(), default=0.0)
    found = [i for i in items if held_weight(page.blocks[i - 1], beyond) >= least > 0]
    digits = set() if found else set(_DIGIT.findall(page.query))
    if digits:
        names = {i: page.blocks[i - 1].text.partition(CELL_ENDS)[0] for i in items}
        counted = [i for i, name in names.items() if digits.intersection(_DIGIT.findall(name))]
        return counted if len(counted) == 1 else []
    return found


def telling_headers(page: Page) -> dict[int, tuple[int, ...]]:
    """The header rows of each table row that tell more than the row and the title do.

    In two columns, a row of a table without header cells is a name with its value, and the first may be as well.
    """
    titles = {block.text for block in page.blocks if block.tag == "h1"}
    telling = {
        block.index
        for block in page.blocks
        if (block.tag == "th" and block.text not in titles) or block.text.count(CELL_ENDS) > 1
    }
    headers = ((row, tuple(i for i in above if i in telling)) for row, above in header_rows(page).items())
    return {row: above for row, above in headers if above}
