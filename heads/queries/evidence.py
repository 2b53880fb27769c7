"""A question and its page: which words of the question blocks hold, and what these tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import fsum

from heads.queries.questions import codes, tells
from heads.queries.synonyms import synonyms
from indexlm.labels import CELL_ENDS, bodies, header_rows
from indexlm.page import Block, Page
from indexlm.patterns import late
from indexlm.query_match import length_weight, match_query
from indexlm.text import LONGEST_STEM, has_digit, terms, words

MIN_WEIGHT = 0.25  # of the query's greatest weight, in terms that the label lacks: the item that holds them is meant
_MAX_NAMED_CHARS = 40  # of a block whose first words may be abbreviated
_LEAST_LETTERS = 4  # of a word that is the same with a letter less
_SHORT, _MORE_FOR_SHORT = 3, (5 / 3) ** 2  # letters of a word, and how much more it weighs than by its length
_DIGIT = late(r"(?<![\d.,:])\d(?![\d.,:])")
_ABBREVIATION = 3  # letters of a word that may stand for a longer one


@dataclass(frozen=True)
class Question:
    """A page with a query, which blocks of it belong together, and what they hold of the query."""

    page: Page

    def block(self, index: int) -> Block:
        """The block of that index (1-based)."""
        return self.page.blocks[index - 1]

    @cached_property
    def terms(self) -> frozenset[str]:
        """The terms of the query."""
        return terms(self.page.query)

    @cached_property
    def fitted_weights(self) -> dict[str, float]:
        """The weights of the query's terms, a code as telling as a long word: those that answer trees are fitted to."""
        weights = match_query(self.page).weights
        return weights | {code: weights[code] / length_weight(code) for code in codes(self.page.query) & weights.keys()}

    @cached_property
    def weights(self) -> dict[str, float]:
        """The same, where a word of three letters, such as `dog`, is as telling as one of five."""
        weights = self.fitted_weights
        return weights | {term: weights[term] * _MORE_FOR_SHORT for term in weights if _is_short_word(term)}

    @cached_property
    def title(self) -> frozenset[str]:
        """The terms of the query that the title of the page holds."""
        titles = (self.page.title, *(block.text for block in self.page.blocks if block.tag == "h1"))
        return frozenset().union(*(alike(self.terms, terms(title)) for title in titles))

    @cached_property
    def telling(self) -> dict[str, float]:
        """The weights of the terms that tell parts of the page apart: not of its title, and no function words."""
        return {term: weight for term, weight in self.weights.items() if term not in self.title and tells(term)}

    @cached_property
    def labels(self) -> dict[int, range]:
        """The labels of the page, with their bodies."""
        return bodies(self.page)

    @cached_property
    def headers(self) -> dict[int, tuple[int, ...]]:
        """The header rows of each table row that tell more than the row and the title do.

        In two columns, a row of a table without header cells is a name with its value, and the first may be as well.
        """
        titles = {block.text for block in self.page.blocks if block.tag == "h1"}
        telling = {
            block.index
            for block in self.page.blocks
            if (block.tag == "th" and block.text not in titles) or block.text.count(CELL_ENDS) > 1
        }
        headers = ((row, tuple(i for i in above if i in telling)) for row, above in header_rows(self.page).items())
        return {row: above for row, above in headers if above}

    @cached_property
    def above(self) -> dict[int, list[int]]:
        """By the index of a block, the labels below the title whose bodies hold it."""
        above: dict[int, list[int]] = {}
        for label, body in self.labels.items():
            for i in body if self.block(label).tag != "h1" else ():
                above.setdefault(i, []).append(label)
        return above

    def names(self, index: int) -> tuple[int, ...]:
        """The labels and the header rows of a block."""
        return (*self.above.get(index, ()), *self.headers.get(index, ()))

    @cached_property
    def own(self) -> dict[int, frozenset[str]]:
        """By the index of a block, the telling terms that it holds.

        A verb may be held in another form where no block holds it.
        """
        asked = self.telling.keys()
        held = {block.index: terms(block.text) for block in self.page.blocks}
        own = {i: frozenset(alike(asked, found, by_forms=False)) for i, found in held.items()}
        if lacking := {term: forms for term in asked - set().union(*own.values()) if (forms := verb_forms(term))}:
            for i, found in held.items():
                own[i] = own[i].union(term for term, forms in lacking.items() if not forms.isdisjoint(found))
        return own

    @cached_property
    def own_with_names(self) -> dict[int, frozenset[str]]:
        """The same of a block with its labels and header rows."""
        return {i: own.union(*(self.own[j] for j in self.names(i))) for i, own in self.own.items()}

    @cached_property
    def all_names(self) -> frozenset[int]:
        """The labels and header rows of the page, which answer with what they name."""
        return frozenset(self.labels).union(*self.headers.values())

    def held(self, indices: Iterable[int]) -> set[str]:
        """The terms of the query that blocks hold."""
        return set().union(*(alike(self.terms, terms(self.block(i).text)) for i in indices))

    def beyond(self, indices: Iterable[int]) -> dict[str, float]:
        """The weights of the terms that blocks do not hold."""
        held = self.held(indices)
        return {term: weight for term, weight in self.weights.items() if term not in held}


@lru_cache(maxsize=1)  # answer trees and rules ask the same of a page
def question_of(page: Page) -> Question:
    """A page with a query -> its `Question`."""
    return Question(page)


def _is_short_word(term: str) -> bool:
    """Whether a term has three letters and is no function word, as most words of three letters are."""
    return len(term) == _SHORT and term.isascii() and term.isalpha() and tells(term)


def alike(asked: Set[str], held: frozenset[str], by_forms: bool = True) -> set[str]:
    """The terms that are asked for and held, if only in another word for the same (`lift`, `elevator`).

    A term is held too with one letter more or less at its end (`film`, `filmy`), and `by_forms` as what is done
    (`ship`, `shipping`).
    """
    cut = _cut(held)
    return {term for term in asked if term in held or term in cut or not _other_terms(term, by_forms).isdisjoint(held)}


@lru_cache(maxsize=1 << 12)  # columns and rules ask of the same terms, which keep their hash
def _cut(held: frozenset[str]) -> frozenset[str]:
    """The terms without their last letter, where they have enough."""
    return frozenset([term[:-1] for term in held if len(term) > _LEAST_LETTERS])


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
    is_named = len(block.text) <= _MAX_NAMED_CHARS and has_digit(block.text)
    names = tuple(word for word in words(first) if len(word) >= _ABBREVIATION) if is_named else ()
    return fsum(weight for term, weight in weights.items() if term in own or term.startswith(names))


def asked_items(question: Question, label: int, items: Sequence[int]) -> list[int]:
    """The items of a list that hold what the label lacks of the query, if only the beginning of a word.

    Where none does, the one item whose name holds a digit of the query: a digit is no term.
    """
    beyond = question.beyond([label])
    least = MIN_WEIGHT * max(question.weights.values(), default=0.0)
    found = [i for i in items if held_weight(question.block(i), beyond) >= least > 0]
    digits = set() if found else set(_DIGIT.findall(question.page.query))
    if digits:
        names = {i: question.block(i).text.partition(CELL_ENDS)[0] for i in items}
        counted = [i for i, name in names.items() if digits.intersection(_DIGIT.findall(name))]
        return counted if len(counted) == 1 else []
    return found
