"""From the blocks that a head keeps for a query to a whole answer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from math import fsum

from heads.questions import asked_shape, asks_how_much, codes, has_shape, how_to, is_yes_or_no, tells
from heads.subjects import asked_subjects, names_subject
from indexlm.labels import CELL_ENDS, bodies, cards, header_rows, is_apart, list_node, pairs
from indexlm.layout import word_count
from indexlm.page import Block, Page
from indexlm.query_match import length_weight, match_query
from indexlm.text import terms, words

_OPENERS = frozenset(["h2", "h3", "h4", "h5", "h6", "summary"])
_QUESTION_ENDS = ("?", "？", "؟")
SURE = 0.75
"""The probability that a page answers from which an answer need not share a word with its question."""

_MAX_PROSE_WORDS = 60  # of a body that is kept whole; of a longer one its first block
_MAX_WORDS = 120  # of a body of subheadings, or of a list, that is kept whole
_MIN_WEIGHT = 0.25  # of the query's greatest weight, in terms that the label lacks: the item that holds them is meant
_MIN_SHARED_WEIGHT = 0.3  # likewise, in what a doubtful answer shares with its question
_MIN_LABEL_SHARE = 0.3  # of the query's weight, in a label that is asked for
_MIN_MATCH = 0.33  # of the query's weight, in an item and its labels or in a label, that is kept where nothing else is
_MIN_LIKE = 3  # blocks of a card that are set alike: rows of a list, each of which tells something
_MAX_STEPS_WORDS = 300  # of a list of steps that is kept whole
_MAX_CARD_WORDS = 40  # of a card that is kept whole
_MAX_NAMELESS_WORDS = 4  # of a card, which tell nothing without its heading
_MAX_NAMED_CHARS = 40  # of a block whose first words may be abbreviated
_LEAST_LETTERS = 4  # of one word of a label that is asked for by all of its words
_MIN_NAMED, _MIN_NAMED_SHARE = 4, 0.3  # labels of a page of named parts, in all and of its blocks
_MAX_PART_WORDS = 30  # of a block of such a page that answers in words of the question
_SHORTEST = 2  # letters of a name; others are no words in most languages
_MOST_COMPARED = 2
_MOST_ASKED = 4  # items below a label that is asked for in place of what a head is sure of
_NAME = re.compile(r"\s*(?:<(b|strong)>([^<]{2,40})</\1>|([^<:：]{2,40})(?::\s|：))")
_ABBREVIATION = 3  # letters of a word that may stand for a longer one


def whole_answer(page: Page, indices: Sequence[int], is_sure: bool = True) -> tuple[int, ...]:
    """Blocks kept for a query -> these and what belongs to them (`indexlm.labels`).

    - A label that repeats the query, or names what is asked for, is answered by its body: if that is kept from its
      start, or not at all, it is kept whole; of a long one, its first block. Below an `h1` it is the first block.
    - Of a list or a table below a label, the items are kept that hold what the label lacks of the query; where none
      does, the list is asked for, and kept whole. Of several paragraphs too, those are kept that hold what it lacks.
    - Blocks that hold no term of the query that weighs, nor do their labels, are no answer, unless the head `is_sure`.
      On a page of named parts, words of its title and function words do not count, and short blocks are no answer
      without another however sure the head is.
    - A question for a telephone number or an address of mail is answered by the one block that holds one. Where the
      question is how something is done, all steps of a list are kept with one of them, and the page's one list of
      steps answers a question about what the list or the page is named for.
    - Where nothing is kept, or the head is not sure of what is, the one label whose words all stand in the query is
      answered.
    - Where nothing is kept, the one item or row that holds much of the query, together with its labels, is the answer;
      where there is none, the one label that does, and its body.
    - A header row without a row below it is answered by the rows that hold most of what it lacks of the query.
    - A short card is kept whole where its heading is kept, or only a few words of it.
    - A heading that asks a question comes with the beginning of its answer.
    - A definition comes with its terms and a term with its definition, the value of a pair with its name, and a table
      row with its header rows.
    """
    labels, headers = bodies(page), _headers(page)
    weights = _weights(page)
    kept = _chosen(page, set(indices), is_sure, labels, headers, weights)
    for i in sorted(kept):
        body = labels.get(i, range(0))
        if not body:
            continue
        if page.blocks[i - 1].tag == "h1":
            kept.update(body[:1] if kept.isdisjoint(body) else ())
        elif kept.isdisjoint(body) or body[0] in kept:
            kept.update(_answer(page, i, body, weights))
    terms_kept = (labels[i] for i in kept & labels.keys() if page.blocks[i - 1].tag == "dt")
    kept |= {i for body in terms_kept if kept.isdisjoint(body) for i in body}
    kept |= {label for label, body in labels.items() if _asks(page, label) and body[0] in kept}
    kept |= _asked_by_label(page, kept, labels, weights)
    kept |= _asked_rows(page, kept, headers, weights)
    kept = _steps(page, kept, labels, weights)
    if asks_how_much(page.query):
        kept -= _without_numbers(page, kept)
    names = pairs(page)
    for i, body in labels.items():
        if (page.blocks[i - 1].tag == "dt" or i in names) and not kept.isdisjoint(body):
            kept.add(i)
    for card in chain(*cards(page)) if kept else ():
        named = [i for i in card if page.blocks[i - 1].is_heading]
        if named and _words(page, card) <= _MAX_CARD_WORDS:
            paths = Counter(page.blocks[i - 1].path for i in card)
            own = [i for i in card if i in kept and paths[page.blocks[i - 1].path] < _MIN_LIKE]
            if not kept.isdisjoint(named) or (own and _words(page, own) <= _MAX_NAMELESS_WORDS):
                kept.update(card)
    return tuple(sorted(kept.union(*(headers.get(i, ()) for i in kept))))


def _weights(page: Page) -> dict[str, float]:
    """The weights of the query's terms, where a code is as telling as a long word."""
    weights = match_query(page).weights
    return weights | {code: weights[code] / length_weight(code) for code in codes(page.query) & weights.keys()}


def _chosen(
    page: Page,
    kept: set[int],
    is_sure: bool,
    labels: Mapping[int, range],
    headers: Mapping[int, Sequence[int]],
    weights: Mapping[str, float],
) -> set[int]:
    """The blocks that a head keeps -> these, or what the words of the query choose in place of them."""
    telling = _telling(page, labels, weights)
    if kept and not is_sure and _is_unrelated(page, kept, labels, weights):
        kept = set()
    if kept and telling and _longest(page, kept) <= _MAX_PART_WORDS and _is_unrelated(page, kept, labels, telling):
        kept = set()
    if shaped := _of_asked_shape(page, kept, labels, weights):
        return {shaped}
    covered = _covered_label(page, labels)
    is_other = covered or is_yes_or_no(page.query) or asked_shape(page.query)
    subject = 0 if is_other else _subject_label(page, labels)
    if covered and kept.isdisjoint(labels[covered]) and _says_all(page, covered):
        return {covered}
    label = covered or subject
    if label and kept and kept.isdisjoint((label, *labels.get(label, ()))):
        if not is_sure or _outweighs(page, label, kept, labels, headers, weights):
            return {label}
    if kept:
        return kept
    item = _matching_item(page, labels, headers, weights, telling or weights)
    covered = [covered] if covered else _matching_label(page, labels, weights)
    return set(item or covered or _named_blocks(page) or ([subject] if subject else []))


def _outweighs(
    page: Page,
    label: int,
    kept: set[int],
    labels: Mapping[int, range],
    headers: Mapping[int, Sequence[int]],
    weights: Mapping[str, float],
) -> bool:
    """Whether few blocks below a label hold what it lacks of a query, and with it more than what is kept does."""
    items = _asked_items(page, label, labels.get(label, ()), weights)
    if not 0 < len(items) <= _MOST_ASKED:
        return False
    title = _title_terms(page)
    telling = {term: weight for term, weight in weights.items() if term not in title and tells(term)}
    above = _labels_above(page, labels)
    around = {label for i in kept for label in (*above.get(i, ()), *headers.get(i, ()))}
    own = fsum(telling[term] for term in _held_terms(page, kept | around) & telling.keys())
    return own < max(_held_with(page, i, (label, *headers.get(i, ())), telling) for i in items)


def _says_all(page: Page, label: int) -> bool:
    """Whether a label holds all that a question says beside function words and the title."""
    asked = {term for term in terms(page.query) - _title_terms(page) if tells(term)}
    return bool(asked) and asked <= _held_terms(page, [label])


def _subject_label(page: Page, labels: Mapping[int, range]) -> int:
    """The one label, or row of a name and its value, that names the subject that is asked for; 0 for none."""
    for subject in asked_subjects(page.query):
        named = [
            label
            for label in labels
            if (block := page.blocks[label - 1]).tag != "h1"
            and not is_apart(block)
            and names_subject(block.text, subject)
        ]
        found = [label for label in named if not any(other in labels[label] for other in named)]
        found = found or [
            block.index
            for block in page.blocks
            if block.tag == "tr"
            and block.text.count(CELL_ENDS) == 1
            and names_subject(block.text.partition(CELL_ENDS)[0], subject)
        ]
        if len(found) == 1:
            return found[0]
    return 0


def _named_blocks(page: Page) -> list[int]:
    """The one block, or the two that are compared, that begins with a name whose words all stand in the query."""
    asked = terms(page.query)
    found = []
    for block in page.blocks:
        name = _NAME.match(block.inner) if not (block.is_heading or block.tag == "th" or is_apart(block)) else None
        own = {term for term in terms(name[2] or name[3]) if tells(term) and _is_word(term)} if name else set()
        if own and own == _alike(own, asked):
            found.append(block.index)
    return found if len(found) <= _MOST_COMPARED else []


def _is_word(term: str) -> bool:
    return len(term) > _SHORTEST or not term.isascii()


def _of_asked_shape(page: Page, kept: set[int], labels: Mapping[int, range], weights: Mapping[str, float]) -> int:
    """The one block of the shape that is asked for and whose labels hold most of the rest; 0 where one is kept."""
    asked = asked_shape(page.query)
    if asked is None or any(has_shape(page.blocks[i - 1], asked[1]) for i in kept):
        return 0
    rest = {term: weights[term] for term in terms(asked[0]) - _title_terms(page) if tells(term) and term in weights}
    if kept and rest and not _is_unrelated(page, kept, labels, rest):
        return 0
    above = _labels_above(page, labels)
    found = [block for block in page.blocks if has_shape(block, asked[1])]
    held = [_held_with(page, block.index, above.get(block.index, ()), rest) for block in found]
    best = [block for block, weight in zip(found, held, strict=True) if weight == max(held)]
    inside = [block for block in best if not is_apart(block)] or best
    return inside[0].index if len(inside) == 1 else 0


def _steps(page: Page, kept: set[int], labels: Mapping[int, range], weights: Mapping[str, float]) -> set[int]:
    """What is kept -> all steps of which some are kept, where the question is how something is done.

    The page's one list of steps, where all words of the question that the page holds at all stand in the title or in
    the labels of the list.
    """
    rest = how_to(page.query)
    lists = _procedures(page, labels) if rest else []
    for steps in lists:
        if not kept.isdisjoint(steps):
            return kept.union(steps) if _words(page, steps) <= _MAX_STEPS_WORDS else kept
    if len(lists) != 1:
        return kept
    steps = lists[0]
    named = _title_terms(page) | _held_terms(page, [label for label, body in labels.items() if steps[0] in body])
    asked = {term: weights[term] for term in terms(rest) & weights.keys()}
    others = _held_terms(page, [block.index for block in page.blocks if block.index not in steps])
    held = fsum(weight for term, weight in asked.items() if term in named)
    is_named = held >= _MIN_MATCH * fsum(asked.values()) > 0
    return set(steps) if is_named and asked.keys() & others <= named else kept


def _without_numbers(page: Page, kept: set[int]) -> set[int]:
    """Items that hold no number, in lists other than those of items that do: steps beside ingredients."""
    items = [page.blocks[i - 1] for i in kept if page.blocks[i - 1].tag == "li"]
    counted = {list_node(block) for block in items if any(map(str.isdigit, block.text))}
    return {block.index for block in items if list_node(block) not in counted} if counted else set()


def _procedures(page: Page, labels: Mapping[int, range]) -> list[list[int]]:
    """The lists of a page whose items are numbered."""
    found: dict[int, list[int]] = {}
    for block in page.blocks:
        if block.number and block.tag == "li" and not is_apart(block):
            found.setdefault(list_node(block), []).append(block.index)
    return [steps for steps in found.values() if len(steps) > 1]


def _title_terms(page: Page) -> set[str]:
    titles = (page.title, *(block.text for block in page.blocks if block.tag == "h1"))
    return set().union(*(_alike(terms(page.query), terms(title)) for title in titles))


def _held_terms(page: Page, indices: Iterable[int]) -> set[str]:
    """The terms of the query that blocks hold."""
    asked = terms(page.query)
    return set().union(*(_alike(asked, terms(page.blocks[i - 1].text)) for i in indices))


def _alike(asked: set[str], held: set[str]) -> set[str]:
    """The terms that are asked for and held, if only with one letter more or less at their end (`film`, `filmy`)."""
    more = {term[:-1] for term in held if len(term) > _LEAST_LETTERS}
    return {
        term
        for term in asked
        if term in held or term in more or (len(term) > _LEAST_LETTERS and term[:-1] in held and term.isalpha())
    }


def _headers(page: Page) -> dict[int, tuple[int, ...]]:
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


def _asks(page: Page, label: int) -> bool:
    """Whether a label is a heading, or what opens a section, that asks a question."""
    block = page.blocks[label - 1]
    return block.tag in _OPENERS and block.tag != "h1" and block.text.rstrip().endswith(_QUESTION_ENDS)


def _answer(page: Page, label: int, body: range, weights: Mapping[str, float]) -> Sequence[int]:
    """A label and its body -> the part of the body that answers."""
    first = page.blocks[body[0] - 1]
    if node := list_node(first):
        items = [i for i in body if node in page.blocks[i - 1].nodes]
        return _asked_items(page, label, items, weights) or items
    if first.is_heading:
        return body if _words(page, body) <= _MAX_WORDS else body[:2]
    is_prose = not any(page.blocks[i - 1].is_heading or list_node(page.blocks[i - 1]) for i in body)
    if is_prose and len(body) > 1 and (asked := _asked_items(page, label, body, weights)):
        return asked
    return body if _words(page, body) <= _MAX_PROSE_WORDS else body[:1]


def _asked_items(page: Page, label: int, items: Sequence[int], weights: Mapping[str, float]) -> list[int]:
    """The items of a list that hold what the label lacks of the query, if only the beginning of a word."""
    above = _held_terms(page, [label])
    beyond = {term: weight for term, weight in weights.items() if term not in above}
    least = _MIN_WEIGHT * max(weights.values(), default=0.0)
    return [i for i in items if _held(page.blocks[i - 1], beyond) >= least > 0]


def _held(block: Block, weights: Mapping[str, float]) -> float:
    """The weight of the terms that a block holds; before a number, its first words may be short for them (`Sat 10`)."""
    own = _alike(set(weights), terms(block.text))
    first = block.text.split(maxsplit=1)[0]
    is_named = len(block.text) <= _MAX_NAMED_CHARS and any(map(str.isdigit, block.text))
    names = tuple(word for word in words(first) if len(word) >= _ABBREVIATION) if is_named else ()
    return fsum(weight for term, weight in weights.items() if term in own or term.startswith(names))


def _asked_by_label(page: Page, kept: set[int], labels: Mapping[int, range], weights: Mapping[str, float]) -> set[int]:
    """The lists, tables and sections of subheadings that are asked for by their label, where some of them is kept."""
    whole: set[int] = set()
    total = fsum(weights.values()) or 1.0
    for label, body in labels.items():
        first = page.blocks[body[0] - 1]
        node = list_node(first)
        part = [i for i in body if not node or node in page.blocks[i - 1].nodes]
        is_title = page.blocks[label - 1].tag == "h1"
        if is_title or first.tag in ("dt", "dd") or not (node or first.is_heading) or kept.isdisjoint(part):
            continue
        is_asked = label in kept or _held(page.blocks[label - 1], weights) >= _MIN_LABEL_SHARE * total
        answering = [i for i in part if i in kept] if first.is_heading else part
        if is_asked and _words(page, part) <= _MAX_WORDS and not _asked_items(page, label, answering, weights):
            whole.update(part if node else [label, *part])
    return whole


def _asked_rows(
    page: Page, kept: set[int], headers: Mapping[int, Sequence[int]], weights: Mapping[str, float]
) -> set[int]:
    """The rows that answer header rows kept alone; all of a short table where none holds a term of the query."""
    rows_below: dict[tuple[int, ...], list[int]] = {}
    for row, above in headers.items():
        rows_below.setdefault(tuple(above), []).append(row)
    asked: set[int] = set()
    groups = (above[:-1] for above in rows_below if above[-1] in kept)  # a group that is kept answers those above it
    alone = kept.difference(*(headers.get(row, ()) for row in kept), *groups)
    for above, rows in rows_below.items():
        if alone.isdisjoint(above):
            continue
        named = _held_terms(page, above)
        beyond = {term: weight for term, weight in weights.items() if term not in named}
        held = [_held(page.blocks[row - 1], beyond) for row in rows]
        most = max(held)
        best = [row for row, weight in zip(rows, held, strict=True) if weight == most]
        asked.update(best if most > 0 or _words(page, rows) <= _MAX_WORDS else ())
    return asked


def _is_unrelated(page: Page, kept: set[int], labels: Mapping[int, range], weights: Mapping[str, float]) -> bool:
    above = {i for i, body in labels.items() if page.blocks[i - 1].tag != "h1" and not kept.isdisjoint(body)}
    held = _held_terms(page, kept | above)
    least = _MIN_SHARED_WEIGHT * max(weights.values(), default=0.0)
    return bool(weights) and max((weights[term] for term in held & weights.keys()), default=0.0) < least


def _telling(page: Page, labels: Mapping[int, range], weights: Mapping[str, float]) -> dict[str, float]:
    """The query's terms that tell parts of a page of named parts apart: not of its title, and no function words."""
    blocks = [block for block in page.blocks if not is_apart(block)]
    named = sum(_is_named(block, labels) for block in blocks)
    if named < max(_MIN_NAMED, _MIN_NAMED_SHARE * len(blocks)):
        return {}
    title = _title_terms(page)
    return {term: weight for term, weight in weights.items() if term not in title and tells(term)}


def _is_named(block: Block, labels: Mapping[int, range]) -> bool:
    """Whether a block is a label below the title, or a row of a name and its value."""
    return (block.tag != "h1" and block.index in labels) if block.tag != "tr" else block.text.count(CELL_ENDS) == 1


def _longest(page: Page, kept: set[int]) -> int:
    return max(word_count(page.blocks[i - 1]) for i in kept)


def _matching_item(
    page: Page,
    labels: Mapping[int, range],
    headers: Mapping[int, Sequence[int]],
    weights: Mapping[str, float],
    telling: Mapping[str, float],
) -> list[int]:
    """The one item of a list or table row that holds most of the query together with its labels; none for little."""
    above = _labels_above(page, labels)
    total, least = fsum(weights.values()), _MIN_WEIGHT * max(weights.values(), default=0.0)
    best: list[int] = []
    most = 0.0
    for block in page.blocks:
        is_candidate = list_node(block) and block.tag not in ("th", "dt") and not is_apart(block)
        if not is_candidate or _held(block, telling) < least:
            continue
        named_by = (*above.get(block.index, ()), *headers.get(block.index, ()))
        held = _held_terms(page, named_by)
        rest = {term: weight for term, weight in weights.items() if term not in held}
        share = (total - fsum(rest.values()) + _held(block, rest)) / total
        if share >= most:
            best, most = [*(best if share == most else ()), block.index], share
    return best if len(best) == 1 and most >= _MIN_MATCH else []


def _labels_above(page: Page, labels: Mapping[int, range]) -> dict[int, list[int]]:
    """By the index of a block, the labels below the title whose bodies hold it."""
    above: dict[int, list[int]] = {}
    for label, body in labels.items():
        for i in body if page.blocks[label - 1].tag != "h1" else ():
            above.setdefault(i, []).append(label)
    return above


def _held_with(page: Page, index: int, above: Sequence[int], weights: Mapping[str, float]) -> float:
    held = _held_terms(page, (index, *above))
    return fsum(weight for term, weight in weights.items() if term in held)


def _covered_label(page: Page, labels: Mapping[int, range]) -> int:
    """The one label below the title whose words all stand in the query, one of them no short one; 0 for none.

    Of labels in one another it is the innermost.
    """
    asked = terms(page.query)
    found = []
    for label in labels:
        block = page.blocks[label - 1]
        own = terms(block.text) if block.tag != "h1" and not is_apart(block) else set()
        if own and own == _alike(own, asked) and any(len(term) >= _LEAST_LETTERS or not term.isascii() for term in own):
            found.append(label)
    innermost = [label for label in found if not any(other in labels[label] for other in found)]
    return innermost[0] if len(innermost) == 1 else 0


def _matching_label(page: Page, labels: Mapping[int, range], weights: Mapping[str, float]) -> list[int]:
    """The one label below the title that holds most of the query; none for little."""
    named = [page.blocks[label - 1] for label in labels]
    held = {block.index: _held(block, weights) for block in named if block.tag != "h1" and not is_apart(block)}
    most, least = max(held.values(), default=0.0), _MIN_MATCH * fsum(weights.values())
    best = [label for label, weight in held.items() if weight == most]
    return best if len(best) == 1 and most >= least > 0 else []


def _words(page: Page, indices: Sequence[int]) -> int:
    return sum(word_count(page.blocks[i - 1]) for i in indices)
