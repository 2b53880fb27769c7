"""How well each block of a page matches the query, by words alone."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from math import fsum, log
from typing import NamedTuple

from indexlm.page import Page
from indexlm.text import LONGEST_STEM, is_sequence, terms


class QueryMatch(NamedTuple):
    """`shares`: of each block, the share of the query's weight that it holds (0 to 1). `weights`: of each term."""

    shares: list[float]
    weights: dict[str, float]


@lru_cache(maxsize=1)  # the prompt, the answer trees and the rules ask the same of a page
def match_query(page: Page) -> QueryMatch:
    """A page -> how well its blocks match its query; no shares and no weights without a query.

    A term weighs by its inverse block frequency. On a page of few blocks that does not tell function words apart,
    which are short in most languages: so a stem also counts the square of its share of `LONGEST_STEM` letters.
    """
    if not page.query:
        return QueryMatch([], {})
    query = terms(page.query)
    shared = [query & terms(block.text) for block in page.blocks]
    frequency = Counter(term for block_terms in shared for term in block_terms)
    weights = {term: length_weight(term) * log(1 + (len(shared) + 0.5) / (frequency[term] + 0.5)) for term in query}
    # Sets have another order in every process: only `fsum` has the same result whatever the order.
    total = fsum(weights.values()) or 1.0
    return QueryMatch([fsum(weights[term] for term in block_terms) / total for block_terms in shared], weights)


def length_weight(term: str) -> float:
    """A number is as telling as the longest stem; sequences of characters are all of a length."""
    return 1.0 if term.isdecimal() or is_sequence(term) else (len(term) / LONGEST_STEM) ** 2
