"""Which blocks hold more of a query than others do, with their labels, and so answer it in their place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import fsum

from heads.queries.evidence import Question
from heads.queries.kinds import PERSON, Kind, asked_kind, counted_things, is_dated
from heads.queries.postal import asked_address
from heads.queries.questions import OFFERED, asked_thing, how_to
from heads.queries.shapes import asked_shape
from indexlm.labels import is_apart, list_node
from indexlm.page import Block

_MIN_LEAD = 1.2  # of the weight of what is kept: the block that holds so much answers in its place
_MIN_SHARE, _MIN_OWN = 0.25, 0.2  # of the query, with labels and without: an answer where none is kept
_MIN_SHARE_OF_ONE = 0.4  # likewise, of a block that holds one term
_MIN_SHARE_OF_KIND = 0.3  # likewise, of a block that holds what kind of thing is asked for
_MAX_LABEL = 60  # characters of a label that goes with its body


def may_have_rivals(question: Question) -> bool:
    """Whether words of a query choose blocks: steps answer together, and a shape is found by itself."""
    query = question.page.query
    return bool(question.telling) and not how_to(query) and not asked_shape(query) and asked_address(query) is None


def without_lesser(question: Question, kept: Sequence[int]) -> list[int]:
    """The blocks of which no other holds the same of the query, and more.

    Nor does one hold as much that is of the kind that is asked for, where they are not.
    """
    held = {i: question.own_with_names[i] for i in kept if i not in question.all_names}
    kind = _asked_kind(question) if len(held) > 1 else None
    of_kind, lacking = set[int](), set[int]()
    if kind is not None and kind is not PERSON:  # many kinds of people are not named
        of_kind = {i for i in held if kind.holds(question.block(i).text)}
        lacking = {i for i in held if not kind.meets(question.block(i).text)}

    distinct, distinct_of_kind = set(held.values()), {held[i] for i in of_kind}  # few, of however many blocks

    def is_lesser(i: int) -> bool:
        if any(held[i] < other for other in distinct):
            return True
        return i in lacking and any(held[i] <= other for other in distinct_of_kind)

    lesser = {i for i in held if is_lesser(i)}
    indices = frozenset(kept)
    for label in question.labels.keys() & indices:
        inside = indices.intersection(question.labels[label])
        if not inside or question.block(label).chars > _MAX_LABEL or question.block(label).text.endswith((":", "：")):
            continue
        if inside <= lesser | question.all_names and question.block(label).tag != "h1":
            own = question.own_with_names[label].union(*(question.own_with_names[i] for i in inside))
            if any(own < other for other in distinct):
                lesser |= {label, *inside}
    return [i for i in kept if i not in lesser]


def leading_block(question: Question, kept: Sequence[int]) -> int:
    """The one block that holds most of the query, and clearly more than all that are kept together; 0 for none.

    Where nothing kept is of the kind that the question asks for, it is one that is, and holds no less of the query.
    """
    kind = _asked_kind(question)
    lacks_kind = kind is not None and not any(kind.meets(question.block(i).text) for i in kept)
    others = (block for block in _answers(question) if block.index not in kept)
    leading, most = _first(question, others, kind if lacks_kind else None)
    if not leading or (kind is not None and not kind.may_hold(question.block(leading).text)):
        return 0
    least = _weight(question, frozenset[str]().union(*(question.own_with_names[i] for i in kept)))
    return leading if most > _MIN_LEAD * least or (lacks_kind and most >= least > 0) else 0


def of_kind_beside(question: Question, kept: Sequence[int]) -> int:
    """The one row or item beside what is kept that is of the kind that is asked for, where that is not; 0 for none.

    An item of a list holds all of the question that is kept, with its labels: what stands beside it is another thing.
    """
    kind = _asked_kind(question)
    if kind is None or kind is PERSON or any(kind.may_hold(question.block(i).text) for i in kept):
        return 0
    nodes = {list_node(question.block(i)) for i in kept if i not in question.all_names}
    if len(nodes) != 1 or 0 in nodes:
        return 0
    others = (block for block in question.page.blocks if block.index not in question.all_names)
    beside = [block.index for block in others if list_node(block) in nodes and kind.holds(block.text)]
    if len(beside) != 1:
        return 0
    held = frozenset[str]().union(*(question.own_with_names[i] for i in kept))
    is_other = question.block(beside[0]).tag == "li" and not held <= question.own_with_names[beside[0]]
    return 0 if is_other else beside[0]


def matching_block(question: Question) -> int:
    """Where nothing is kept: the one block that holds most of the query, much of it by itself; 0 for none."""
    total = fsum(question.telling.values())
    kind = _asked_kind(question)
    blocks = [block for block in _answers(question) if _weight(question, question.own[block.index]) >= _MIN_OWN * total]
    matching, most = _first(question, blocks)
    least = _MIN_SHARE if matching and len(question.own_with_names[matching]) > 1 else _MIN_SHARE_OF_ONE
    is_of_kind = not matching or kind is None or kind.may_be_missed or kind.may_hold(question.block(matching).text)
    if matching and most >= least * total and is_of_kind:
        return 0 if asked_thing(question.page.query) else matching
    if kind is None:
        return 0
    dated = [question.block(i) for i in question.all_names if is_dated(question.page.query, question.block(i).text)]
    of_kind, most = _first(question, [*dated, *_answers(question)], kind)
    return of_kind if most >= _MIN_SHARE_OF_KIND * total else 0


def lacks_thing(question: Question, kept: Sequence[int], is_sure: bool) -> bool:
    """Whether a question is whether there is something that a page never names.

    A head may be sure of an answer in other words, if that holds at least something of the question.
    """
    thing = asked_thing(question.page.query)
    if (
        not thing
        or not thing <= question.telling.keys()
        or any(not thing.isdisjoint(held) for held in question.own.values())
    ):
        return False
    return not is_sure or not any(question.own_with_names[i] - OFFERED for i in kept)


def _asked_kind(question: Question) -> Kind | None:
    """The kind of thing that is asked for: a number of things where the page counts them, or else any number."""
    counted = counted_things(question.page.query)
    if counted and any(counted.holds(question.block(i).text) for i, held in question.own.items() if held):
        return counted
    return asked_kind(question.page.query)


def _answers(question: Question) -> list[Block]:
    """The blocks that hold something of the query, and are no names of others."""
    named = (
        block for block in question.page.blocks if question.own[block.index] and block.index not in question.all_names
    )
    return [block for block in named if not (block.is_heading or block.tag == "th" or is_apart(block))]


def _first(question: Question, blocks: Iterable[Block], kind: Kind | None = None) -> tuple[int, float]:
    """The one of some blocks that holds most of the query with its labels, and the weight of that; 0 for several.

    With a `kind`, of those that hold such a thing.
    """
    by_weight = defaultdict[float, list[Block]](list)
    for block in blocks:
        by_weight[_weight(question, question.own_with_names[block.index])].append(block)
    for most in sorted(by_weight, reverse=True):
        leading = [block.index for block in by_weight[most] if kind is None or kind.holds(block.text)]
        if leading:
            return (leading[0] if len(leading) == 1 else 0), most
    return 0, 0.0


def _weight(question: Question, held: frozenset[str]) -> float:
    return fsum(question.telling[term] for term in held)
