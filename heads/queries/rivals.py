"""Which blocks hold more of a query than others do, with their labels, and so answer it in their place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import fsum
from typing import NamedTuple

from heads.queries.evidence import alike, labels_above, title_terms, verb_forms
from heads.queries.kinds import PERSON, Kind, asked_kind, counted_things, is_dated
from heads.queries.questions import OFFERED, asked_shape, asked_thing, how_to, tells
from indexlm.labels import is_apart, list_node
from indexlm.page import Block, Page
from indexlm.text import terms

_MIN_LEAD = 1.2  # of the weight of what is kept: the block that holds so much answers in its place
_MIN_SHARE, _MIN_OWN = 0.25, 0.2  # of the query, with labels and without: an answer where none is kept
_MIN_SHARE_OF_ONE = 0.4  # likewise, of a block that holds one term

_MIN_SHARE_OF_KIND = 0.3  # likewise, of a block that holds what kind of thing is asked for


class Clues(NamedTuple):
    """What the blocks of a page hold of a query.

    weights: of the terms that tell parts of the page apart: not of its title, and no function words.
    own: by the index of a block, those of them that it holds. held: those that it or one of its labels holds.
    labels: the indices of labels and header rows, which answer with what they name.
    """

    weights: Mapping[str, float]
    own: Mapping[int, frozenset[str]]
    held: Mapping[int, frozenset[str]]
    labels: frozenset[int]
    bodies: Mapping[int, range]


def clues(
    page: Page, labels: Mapping[int, range], headers: Mapping[int, Sequence[int]], weights: Mapping[str, float]
) -> Clues | None:
    """What the blocks of a page hold of its query; None where that chooses no blocks.

    Steps answer together, and a shape is found by itself.
    """
    title = title_terms(page)
    telling = {term: weight for term, weight in weights.items() if term not in title and tells(term)}
    if not telling or how_to(page.query) or asked_shape(page.query):
        return None
    asked = set(telling)
    own = {block.index: frozenset(alike(asked, terms(block.text), by_forms=False)) for block in page.blocks}
    if lacking := {term: forms for term in asked.difference(*own.values()) if (forms := verb_forms(term))}:
        for i, holds in own.items():
            found = terms(page.blocks[i - 1].text)
            own[i] = holds.union(term for term, forms in lacking.items() if not forms.isdisjoint(found))
    above = labels_above(page, labels)
    held = {i: holds.union(*(own[j] for j in (*above.get(i, ()), *headers.get(i, ())))) for i, holds in own.items()}
    return Clues(telling, own, held, frozenset(labels).union(*headers.values()), labels)


def without_lesser(page: Page, kept: Sequence[int], found: Clues) -> list[int]:
    """The blocks of which no other holds the same of the query, and more.

    Nor does one hold as much that is of the kind that is asked for, where they are not.
    """
    held = {i: found.held[i] for i in kept if i not in found.labels}
    kind = _asked_kind(page, found) if len(held) > 1 else None
    of_kind, lacking = set[int](), set[int]()
    if kind is not None and kind is not PERSON:  # many kinds of people are not named
        of_kind = {i for i in held if kind.holds(page.blocks[i - 1].text)}
        lacking = {i for i in held if not kind.meets(page.blocks[i - 1].text)}

    def is_lesser(i: int) -> bool:
        if any(held[i] < other for other in held.values()):
            return True
        return i in lacking and any(held[i] <= held[j] for j in of_kind)

    lesser = {i for i in held if is_lesser(i)}
    for label in found.bodies.keys() & kept:
        inside = {i for i in found.bodies[label] if i in kept}
        if inside <= lesser | found.labels and page.blocks[label - 1].tag != "h1":
            own = found.held[label].union(*(found.held[i] for i in inside))
            if any(own < other for i, other in held.items() if i not in inside):
                lesser |= {label, *inside}
    return [i for i in kept if i not in lesser]


def leading_block(page: Page, kept: Sequence[int], found: Clues) -> int:
    """The one block that holds most of the query, and clearly more than all that are kept together; 0 for none.

    Where nothing kept is of the kind that the question asks for, it is one that is, and holds no less of the query.
    """
    kind = _asked_kind(page, found)
    lacks_kind = kind is not None and not any(kind.meets(page.blocks[i - 1].text) for i in kept)
    others = (block for block in _answers(page, found) if block.index not in kept)
    leading, most = _first(others, found, kind if lacks_kind else None)
    if not leading or (kind is not None and not kind.may_hold(page.blocks[leading - 1].text)):
        return 0
    least = _weight(frozenset[str]().union(*(found.held[i] for i in kept)), found)
    return leading if most > _MIN_LEAD * least or (lacks_kind and most >= least > 0) else 0


def of_kind_beside(page: Page, kept: Sequence[int], found: Clues) -> int:
    """The one row or item beside what is kept that is of the kind that is asked for, where that is not; 0 for none."""
    kind = _asked_kind(page, found)
    if kind is None or kind is PERSON or any(kind.may_hold(page.blocks[i - 1].text) for i in kept):
        return 0
    nodes = {list_node(page.blocks[i - 1]) for i in kept if i not in found.labels}
    if len(nodes) != 1 or 0 in nodes:
        return 0
    beside = [b for b in page.blocks if list_node(b) in nodes and b.index not in found.labels and kind.holds(b.text)]
    return beside[0].index if len(beside) == 1 else 0


def matching_block(page: Page, found: Clues) -> int:
    """Where nothing is kept: the one block that holds most of the query, much of it by itself; 0 for none."""
    total = fsum(found.weights.values())
    kind = _asked_kind(page, found)
    blocks = [block for block in _answers(page, found) if _weight(found.own[block.index], found) >= _MIN_OWN * total]
    matching, most = _first(blocks, found)
    least = _MIN_SHARE if matching and len(found.held[matching]) > 1 else _MIN_SHARE_OF_ONE
    is_of_kind = not matching or kind is None or kind.outranks or kind.may_hold(page.blocks[matching - 1].text)
    if matching and most >= least * total and is_of_kind:
        return 0 if asked_thing(page.query) else matching
    if kind is None:
        return 0
    dated = [page.blocks[i - 1] for i in found.labels if is_dated(page.query, page.blocks[i - 1].text)]
    of_kind, most = _first([*dated, *_answers(page, found)], found, kind)
    return of_kind if most >= _MIN_SHARE_OF_KIND * total else 0


def lacks_thing(page: Page, kept: Sequence[int], is_sure: bool, found: Clues) -> bool:
    """Whether a question is whether there is something that a page never names.

    A head may be sure of an answer in other words, if that holds at least something of the question.
    """
    thing = asked_thing(page.query)
    if not thing or not thing <= found.weights.keys() or any(not thing.isdisjoint(held) for held in found.own.values()):
        return False
    return not is_sure or not any(found.held[i] - OFFERED for i in kept)


def _asked_kind(page: Page, found: Clues) -> Kind | None:
    """The kind of thing that is asked for: a number of things where the page counts them, or else any number."""
    counted = counted_things(page.query)
    if counted and any(counted.holds(page.blocks[i - 1].text) for i, held in found.own.items() if held):
        return counted
    return asked_kind(page.query)


def _answers(page: Page, found: Clues) -> list[Block]:
    """The blocks that hold something of the query, and are no names of others."""
    named = (block for block in page.blocks if found.own[block.index] and block.index not in found.labels)
    return [block for block in named if not (block.is_heading or block.tag == "th" or is_apart(block))]


def _first(blocks: Iterable[Block], found: Clues, kind: Kind | None = None) -> tuple[int, float]:
    """The one of some blocks that holds most of the query with its labels, and the weight of that; 0 for several.

    With a `kind`, of those that hold such a thing.
    """
    by_weight = defaultdict[float, list[Block]](list)
    for block in blocks:
        by_weight[_weight(found.held[block.index], found)].append(block)
    for most in sorted(by_weight, reverse=True):
        leading = [block.index for block in by_weight[most] if kind is None or kind.holds(block.text)]
        if leading:
            return (leading[0] if len(leading) == 1 else 0), most
    return 0, 0.0


def _weight(held: frozenset[str], found: Clues) -> float:
    return fsum(found.weights[term] for term in held)
