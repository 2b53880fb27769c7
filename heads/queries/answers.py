"""From the blocks that a head keeps for a query to a whole answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from math import fsum

from heads.queries.choosing import chosen
from heads.queries.evidence import Question, asked_items, held_weight, question_of
from heads.queries.extremes import extreme_row
from heads.queries.kinds import asked_kind, is_dated, lacks_kind
from heads.queries.months import MONTHS_OF_YEAR
from heads.queries.numbered import of_asked_number
from heads.queries.periods import on_asked
from heads.queries.questions import asks_how_much, how_to, tells
from heads.queries.rivals import (
    lacks_thing,
    leading_block,
    matching_block,
    may_have_rivals,
    of_kind_beside,
    without_lesser,
)
from heads.queries.weekdays import WEEKDAYS
from heads.reasons import Reasons
from indexlm.labels import cards, is_apart, list_node, pairs
from indexlm.layout import word_count
from indexlm.page import Page
from indexlm.text import has_digit, terms

_OPENERS = frozenset(["h2", "h3", "h4", "h5", "h6", "summary"])
_QUESTION_ENDS = ("?", "？", "؟", "か。", "か")
_MAX_PROSE_WORDS = 60  # of a body that is kept whole; of a longer one its first block
_MAX_WORDS = 120  # of a body of subheadings, or of a list, that is kept whole
_MIN_LABEL_SHARE = 0.3  # of the query's weight, in a label that is asked for
_MIN_MATCH = 0.33  # of the question's weight, in the title and the labels of the steps that answer it
_MIN_LIKE = 3  # blocks of a card that are set alike: rows of a list, each of which tells something
_MAX_STEPS_WORDS = 300  # of a list of steps that is kept whole
_MAX_CARD_WORDS = 40  # of a card that is kept whole
_MAX_NAMELESS_WORDS = 4  # of a card, which tell nothing without its heading
SURE = 0.75
"""The probability that a page answers from which an answer need not share a word with its question."""


def whole_answer(
    page: Page, indices: Sequence[int], is_sure: bool = True, beta: float = 1.0, reasons: Reasons | None = None
) -> tuple[int, ...]:
    """Blocks kept for a query -> these and what belongs to them (`indexlm.labels`). `reasons` notes why.

    - A label that repeats the query, or names what is asked for, is answered by its body: if that is kept from its
      start, or not at all, it is kept whole; of a long one, its first block. Below an `h1` it is the first block. A
      label with a year answers by itself when something was.
    - Of a list or a table below a label, the items are kept that hold what the label lacks of the query; where none
      does, the list is asked for, and kept whole. Of several paragraphs too, those are kept that hold what it lacks, or
      what kind of thing is asked for (`kinds`), and of subheadings those that hold what it lacks.
    - What a head keeps may be replaced by what the words of the query choose (`choosing`, `rivals`); where recall
      counts more than precision (`beta`), a rival is added, and nothing goes for it.
    - Where the question is how something is done, all steps of a list are kept with one of them. The page's one list
      of steps answers a question about what the list or the page is named for. Where it is how much, items without a
      number are dropped beside those of another list.
    - Where the most or the least of something is asked for, it is the row of a table, or the item of a list of prices,
      that holds it (`extremes`).
    - What a question names by a word and a number (`type 7`) is the rows or items of that number (`numbered`).
    - Where a day of the week, a month or a season is asked for, it is the rows, items or lines of it (`periods`).
    - Where the question is how much or how many, nothing without a number is an answer; where it is where something
      is, nothing that names no place. A block answers for all that below a label which repeats the question.
    - A header row without a row below it is answered by the rows that hold most of what it lacks of the query.
    - A short card is kept whole where its heading is kept, or only a few words of it; not for one of several like rows,
      nor where some blocks below the heading hold what is asked for.
    - A heading that asks a question comes with the beginning of its answer.
    - A definition comes with its terms and a term with its definition, the value of a pair with its name, and a table
      row with its header rows.
    """
    reasons = Reasons(indices) if reasons is None else reasons
    question = question_of(page)
    if not may_have_rivals(question):
        return _whole(question, indices, is_sure, reasons)
    kept: Sequence[int] = indices
    if beta <= 1:
        kept = [i for i in without_lesser(question, sorted(_with_rows(question, {*indices}))) if i in indices]
    reasons.note("another holds more of the question", {*kept})
    answer = _whole(question, kept, is_sure, reasons)
    best = 0
    if not answer:
        best = matching_block(question)
    elif indices:
        best = leading_block(question, answer)
        if not best and (beside := of_kind_beside(question, answer)):
            answer = tuple(sorted({beside, *question.headers.get(beside, ()), *(answer if beta > 1 else ())}))
            reasons.note("beside it is what kind of thing is asked for", {*answer})
    if best:
        rival = _whole(question, [best], True, Reasons())
        answer = tuple(sorted({*answer, *rival})) if beta > 1 else rival
        reasons.note("it holds most of the question", {*answer})
    if beta <= 1:
        answer = tuple(of_asked_number(question, answer))
        reasons.note("of the number that is asked for", {*answer})
    if row := extreme_row(question, answer):
        answer = _with_extreme(question, answer, row, beta > 1)
        reasons.note("of its column or list it is the most or the least", {*answer})
    for calendar in (WEEKDAYS, MONTHS_OF_YEAR) if beta <= 1 else ():
        answer = tuple(on_asked(question, answer, calendar))
        reasons.note("of the day or month that is asked for", {*answer})
    if lacks_thing(question, answer, is_sure):
        answer = ()
        reasons.note("what is asked for is never named", set())
    if beta <= 1 and not is_sure and lacks_kind(page.query, (page.blocks[i - 1].text for i in answer)):
        answer = answer if _repeats(question, answer) else ()
        reasons.note("not the kind of thing that is asked for", {*answer})
    return answer


def _with_extreme(question: Question, answer: Sequence[int], row: int, is_added: bool) -> tuple[int, ...]:
    """An answer with the row or item that is the most or the least, and its header rows.

    It takes the place of other rows of its table or list; where none of these is kept, of the whole answer. Where it
    `is_added`, nothing goes.
    """
    node, headers = list_node(question.block(row)), question.headers.get(row, ())
    beside = {i for i in answer if list_node(question.block(i)) == node}
    replaced = (beside - question.all_names) if beside else {*answer}
    kept = {*answer} if is_added else {*answer} - replaced
    return tuple(sorted({*kept, row, *headers}))


def _repeats(question: Question, kept: Sequence[int]) -> bool:
    """Whether a kept block, or a label above it, holds all words of the question that tell something.

    One that holds the only such word must itself be a question.
    """
    asked = {term for term in question.terms if tells(term)}
    holding = {*kept, *chain.from_iterable(question.above.get(i, ()) for i in kept)}
    texts = [question.block(i).text.rstrip() for i in holding if asked and asked <= question.held([i])]
    return bool(texts) and (len(asked) > 1 or any(text.endswith(_QUESTION_ENDS) for text in texts))


def _whole(question: Question, indices: Sequence[int], is_sure: bool, reasons: Reasons) -> tuple[int, ...]:
    page, labels = question.page, question.labels
    kept = chosen(question, set(indices), is_sure)
    reasons.note("by words of the question", kept)
    for i in sorted(kept):
        body = labels.get(i, range(0))
        if not body or is_dated(page.query, page.blocks[i - 1].text):
            continue
        if page.blocks[i - 1].tag == "h1":
            kept.update(body[:1] if kept.isdisjoint(body) else ())
        elif kept.isdisjoint(body) or body[0] in kept:
            kept.update(_answer(question, i))
    terms_kept = (labels[i] for i in kept & labels.keys() if page.blocks[i - 1].tag == "dt")
    kept |= {i for body in terms_kept if kept.isdisjoint(body) for i in body}
    kept |= {label for label, body in labels.items() if _asks(page, label) and body[0] in kept}
    kept |= _asked_by_label(question, kept)
    kept = _with_rows(question, kept)
    kept = _steps(question, kept)
    if asks_how_much(page.query):
        kept -= _without_numbers(page, kept)
    reasons.note("below a label, or in its list", kept)
    names = pairs(page)
    for i, body in labels.items():
        if (page.blocks[i - 1].tag == "dt" or i in names) and not kept.isdisjoint(body):
            kept.add(i)
    for row in cards(page) if kept else ():
        kept |= _of_cards(question, row, kept)
    kept = kept.union(*(question.headers.get(i, ()) for i in kept))
    reasons.note("belongs to the answer", kept)
    return tuple(sorted(kept))


def _of_cards(question: Question, row: Sequence[range], kept: set[int]) -> set[int]:
    """Of a row of cards those that are kept whole, and the headings of those that answer in part.

    One card alone that answers in part needs no heading, unless a block of few words is kept of it.
    """
    page, labels = question.page, question.labels
    found, names, is_brief = set[int](), set[int](), False
    for card in row:
        named = [i for i in card if page.blocks[i - 1].is_heading]
        if not named or _words(page, card) > _MAX_CARD_WORDS:
            continue
        paths = Counter(page.blocks[i - 1].path for i in card)
        own = [i for i in card if i in kept and paths[page.blocks[i - 1].path] < _MIN_LIKE]
        part = _answer(question, named[0]) if named[0] in labels else ()
        if part and len(part) < len(labels[named[0]]) and kept.issuperset(part):
            names.add(named[0])
            is_brief |= any(word_count(page.blocks[i - 1]) <= _MAX_NAMELESS_WORDS for i in own)
        elif not kept.isdisjoint(named) or (own and _words(page, own) <= _MAX_NAMELESS_WORDS):
            found.update(card)
    return found | (names if is_brief or len(names) > 1 else set())


def _steps(question: Question, kept: set[int]) -> set[int]:
    """What is kept -> all steps of which some are kept, where the question is how something is done.

    The page's one list of steps, where all words of the question that the page holds at all stand in the title or in
    the labels of the list.
    """
    page, labels = question.page, question.labels
    rest = how_to(page.query)
    lists = _procedures(page) if rest else []
    for steps in lists:
        if not kept.isdisjoint(steps):
            return kept.union(steps) if _words(page, steps) <= _MAX_STEPS_WORDS else kept
    if len(lists) != 1:
        return kept
    steps = lists[0]
    named = question.title | question.held([label for label, body in labels.items() if steps[0] in body])
    asked = {term: question.weights[term] for term in terms(rest) & question.weights.keys()}
    others = question.held(block.index for block in page.blocks if block.index not in steps)
    held = fsum(weight for term, weight in asked.items() if term in named)
    is_named = held >= _MIN_MATCH * fsum(asked.values()) > 0
    return set(steps) if is_named and asked.keys() & others <= named else kept


def _without_numbers(page: Page, kept: set[int]) -> set[int]:
    """Items that hold no number, in lists other than those of items that do: steps beside ingredients."""
    items = [page.blocks[i - 1] for i in kept if page.blocks[i - 1].tag == "li"]
    counted = {list_node(block) for block in items if has_digit(block.text)}
    return {block.index for block in items if list_node(block) not in counted} if counted else set()


def _procedures(page: Page) -> list[list[int]]:
    """The lists of a page whose items are numbered."""
    found: dict[int, list[int]] = {}
    for block in page.blocks:
        if block.number and block.tag == "li" and not is_apart(block):
            found.setdefault(list_node(block), []).append(block.index)
    return [steps for steps in found.values() if len(steps) > 1]


def _asks(page: Page, label: int) -> bool:
    """Whether a label is a heading, or what opens a section, that asks a question."""
    block = page.blocks[label - 1]
    return block.tag in _OPENERS and block.tag != "h1" and block.text.rstrip().endswith(_QUESTION_ENDS)


def _answer(question: Question, label: int) -> Sequence[int]:
    """A label -> the part of its body that answers; of subheadings those that hold what it lacks of the query.

    Where text stands before the first subheading, it is that text.
    """
    page, labels = question.page, question.labels
    body = labels[label]
    first = question.block(body[0])
    if node := list_node(first):
        items = [i for i in body if node in page.blocks[i - 1].nodes]
        return asked_items(question, label, items) or items
    if first.is_heading:
        parts = [i for i in body if i in labels and page.blocks[i - 1].is_heading]
        if asked := asked_items(question, label, parts):
            return [i for part in asked for i in (part, *_answer(question, part))]
        return body if _words(page, body) <= _MAX_WORDS else body[:2]
    body = body[: next((n for n, i in enumerate(body) if page.blocks[i - 1].is_heading), len(body))]
    is_prose = not any(list_node(page.blocks[i - 1]) for i in body)
    several = body if is_prose and len(body) > 1 else ()
    if asked := asked_items(question, label, several) or _of_asked_kind(page, several):
        return asked
    return body if _words(page, body) <= _MAX_PROSE_WORDS else body[:1]


def _of_asked_kind(page: Page, body: Sequence[int]) -> list[int]:
    """The blocks of a body that hold what kind of thing is asked for, an amount or a time."""
    kind = asked_kind(page.query)
    return [i for i in body if kind.holds(page.blocks[i - 1].text)] if kind else []


def _asked_by_label(question: Question, kept: set[int]) -> set[int]:
    """The lists, tables and sections of subheadings that are asked for by their label, where some of them is kept."""
    page, weights = question.page, question.weights
    whole: set[int] = set()
    total = fsum(weights.values()) or 1.0
    for label, body in question.labels.items():
        first = page.blocks[body[0] - 1]
        node = list_node(first)
        part = [i for i in body if not node or node in page.blocks[i - 1].nodes]
        is_title = page.blocks[label - 1].tag == "h1"
        if is_title or first.tag in ("dt", "dd") or not (node or first.is_heading) or kept.isdisjoint(part):
            continue
        is_asked = label in kept or held_weight(page.blocks[label - 1], weights) >= _MIN_LABEL_SHARE * total
        answering = [i for i in part if i in kept] if first.is_heading else part
        if is_asked and _words(page, part) <= _MAX_WORDS and not asked_items(question, label, answering):
            whole.update(part if node else [label, *part])
    return whole


def _with_rows(question: Question, kept: set[int]) -> set[int]:
    """What is kept, with the rows that answer header rows kept alone.

    Where none holds a term of the query, it is the one of the kind that is asked for, or else all of a short table.
    Beside another answer, a header row goes of which no row is kept, and which holds no term either.
    """
    headers = question.headers
    rows_below: dict[tuple[int, ...], list[int]] = {}
    for row, above in headers.items():
        rows_below.setdefault(above, []).append(row)
    asked, dropped = set[int](), set[int]()
    groups = (above[:-1] for above in rows_below if above[-1] in kept)  # a group that is kept answers those above it
    alone = kept.difference(*(headers.get(row, ()) for row in kept), *groups)
    for above, rows in rows_below.items():
        if alone.isdisjoint(above):
            continue
        beyond = question.beyond(above)
        held = [held_weight(question.block(row), beyond) for row in rows]
        most = max(held)
        best = [row for row, weight in zip(rows, held, strict=True) if weight == most]
        if most == 0 and kept.difference(above) and not question.held(above):
            dropped.update(above)
            continue
        if most == 0 and len(of_kind := _of_asked_kind(question.page, rows)) == 1:
            best = of_kind
        asked.update(best if most > 0 or len(best) == 1 or _words(question.page, rows) <= _MAX_WORDS else ())
    return (kept - dropped) | asked


def _words(page: Page, indices: Sequence[int]) -> int:
    return sum(word_count(page.blocks[i - 1]) for i in indices)
