"""What a question names by a word and a number, as `type 7` or `Gate B12`, among others of the same word."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from functools import lru_cache
from math import fsum

from heads.queries.evidence import Question
from heads.queries.questions import tells
from indexlm.labels import is_apart, list_node
from indexlm.patterns import late
from indexlm.text import terms

_NAMED = late(
    r"([^\W\d_]{3,})\s*(?:no\.?|nr\.?|n[°º.]|№|#)?\s*\b([a-z]?\d{1,4}[a-z]?)"
    r"(?![\w%€$£]|[.,:/–-]\d|\s?[€$£%])",
    re.IGNORECASE,
)

Name = tuple[str, str]
"""The stem of a word, and a number in lower case."""


@lru_cache(maxsize=1 << 11)
def numbered_names(text: str) -> frozenset[Name]:
    """The words of a text that a number follows.

    >>> sorted(numbered_names("Paper type 7, Gate B12, 10 copies"))
    [('gate', 'b12'), ('type', '7')]
    """
    found = ((terms(match[1]), match[2].lower()) for match in _NAMED.finditer(text))
    return frozenset((stem, number) for stems, number in found for stem in stems if tells(stem))


def of_asked_number(question: Question, kept: Collection[int]) -> list[int]:
    """What is kept -> the same without the rows and items of other numbers than the one that is asked for.

    Where other members of a table or list are kept, or nothing at all, it is the member of that number that holds most
    of the question; the number must tell it from others of the same word.
    """
    asked = numbered_names(question.page.query)
    members: defaultdict[int, dict[int, frozenset[Name]]] = defaultdict(dict)
    for block in question.page.blocks if asked else ():
        if (node := list_node(block)) and block.index not in question.all_names and not is_apart(block):
            members[node][block.index] = numbered_names(block.text)
    result = {*kept}
    for named in members.values():
        for name in asked:
            of_number = {i for i, names in named.items() if name in names}
            others = {
                i for i, names in named.items() if names.isdisjoint(asked) and any(n[0] == name[0] for n in names)
            }
            if of_number and others and (not kept or not result.isdisjoint(of_number | others)):
                best = of_number & result or _most(question, of_number)
                headers = (i for member in best for i in question.headers.get(member, ()))
                result = (result - others) | best | {*headers}
    return sorted(result)


def _most(question: Question, members: Collection[int]) -> set[int]:
    """The members that hold most of the question."""
    weights = {i: fsum(question.telling[term] for term in question.own[i]) for i in members}
    return {i for i, weight in weights.items() if weight == max(weights.values())}
