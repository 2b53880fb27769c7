"""From the blocks that a head keeps for a query to those that the words of the query choose."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import pairwise
from math import fsum

from heads.queries.evidence import MIN_WEIGHT, Question, alike, asked_items, held_weight
from heads.queries.kinds import has_money
from heads.queries.meaning import meanings
from heads.queries.postal import POSTAL, asked_address
from heads.queries.questions import asks_who_wrote, is_byline, is_word, tells
from heads.queries.shapes import asked_shape, has_shape
from heads.queries.subjects import asked_subjects, asks_price, is_price, names_prices, names_subject
from indexlm.labels import CELL_ENDS, is_apart, list_node
from indexlm.layout import word_count
from indexlm.page import Block, Page
from indexlm.patterns import late
from indexlm.text import has_digit, terms, words

_MIN_SHARED_WEIGHT = 0.3  # of the query's weight, in what a doubtful answer shares with its question
_MIN_MEANT = 0.25  # of the question, in other words for it, that a doubtful answer holds with its labels
_MIN_MATCH = 0.33  # of the query's weight, in an item and its labels or in a label, that is kept where nothing else is
_LEAST_LETTERS = 4  # of one word of a label that is asked for by all of its words
_MIN_NAMED, _MIN_NAMED_SHARE = 4, 0.3  # labels of a page of named parts, in all and of its blocks
_MAX_PART_WORDS = 30  # of a block of such a page that answers in words of the question
_MOST_COMPARED = 2  # blocks that begin with names in the query
_MOST_LINES = 3  # blocks that follow each other and have the shape that is asked for
_MOST_PRICES = 20  # rows of a list of prices that is kept whole
_MOST_ASKED = 4  # items below a label that is asked for in place of what a head is sure of
_CROSSED = late(r"\s*<(?:s|del|strike)\b")
_MAX_VALUE_CHARS = 40  # of a block that is a name and its number
_NAME_OF_NUMBER = late(r"\s*([^\W\d_]{3,}(?: [^\W\d_]+){0,2})\s+(?=[€$£¥₹]?\s?\d)")
_NAME = late(r"\s*(?:<(b|strong)>([^<]{2,40})</\1>|([^<:：]{2,40})(?::\s|：))")


def chosen(question: Question, kept: set[int], is_sure: bool) -> set[int]:
    """The blocks that a head keeps -> these, or what the words of the query choose in place of them.

    - Blocks that hold no term of the query that weighs and is no function word, nor do their labels, are no answer,
      unless the head `is_sure` or they hold much of it in other words. On a page of named parts, words of its title do
      not count either, and short blocks that hold no other are no answer however sure the head is.
    - A question for a telephone number, an address or a temperature is answered by the one block that holds one, and
      what the subject of a page costs by the first block that is a price, or else by the one list of prices.
    - The one label whose words all stand in the query is answered where it says all of the question, where a head is
      not sure of what it keeps elsewhere, and where items below it hold more of the query. So is the one label,
      row or block beginning with a name that names the subject that is asked for.
    - Where nothing is kept, who wrote the page is answered by its byline. Else the one item or row that holds much of
      the query, together with its labels, is the answer; where there is none, the one label that does, and its body,
      or the blocks that begin with names in the query.
    """
    page, labels, of_head = question.page, question.labels, kept
    telling = question.telling if _has_named_parts(question) else {}
    naming = {term: weight for term, weight in question.weights.items() if tells(term)}
    if (
        kept
        and not is_sure
        and _is_unrelated(question, kept, naming or question.weights)
        and not _is_meant(question, kept)
    ):
        kept = set()
    covered = _covered_label(question)
    is_short = covered not in kept and _longest(page, kept) <= _MAX_PART_WORDS
    if kept and telling and is_short and _is_unrelated(question, kept, telling):
        kept = set()
    if shaped := _of_asked_shape(question, kept):
        return {shaped}
    if replacing := _address(question, kept, of_head, is_sure) or _prices(question, kept):
        return replacing
    subject = 0 if covered or asked_shape(page.query) else _subject_label(question)
    if covered and kept.isdisjoint(labels[covered]) and _says_all(question, covered):
        return {covered}
    label = covered or subject
    is_elsewhere = label and kept and kept.isdisjoint((label, *labels.get(label, ())))
    if is_elsewhere and (not is_sure or _outweighs(question, label, kept)):
        return {label}
    if kept:
        return kept
    if asks_who_wrote(page.query, question.title) and (byline := _byline(page)):
        return {byline}
    item = _matching_item(question, telling or question.weights)
    named = [covered] if covered else _matching_label(question)
    return set(item or named or _named_blocks(question) or ([subject] if subject else []))


def _outweighs(question: Question, label: int, kept: set[int]) -> bool:
    """Whether few blocks below a label hold what it lacks of a query, and with it more than what is kept does."""
    items = asked_items(question, label, question.labels.get(label, ()))
    if not 0 < len(items) <= _MOST_ASKED:
        return False
    around = {name for i in kept for name in question.names(i)}
    own = _weight(question, kept | around, question.telling)
    below = ((i, label, *question.headers.get(i, ())) for i in items)
    return own < max(_weight(question, indices, question.telling) for indices in below)


def _weight(question: Question, indices: Iterable[int], weights: Mapping[str, float]) -> float:
    """What the terms weigh that some blocks hold together."""
    return fsum(weights[term] for term in question.held(indices) & weights.keys())


def _says_all(question: Question, label: int) -> bool:
    """Whether a label holds all that a question says beside function words and the title."""
    asked = {term for term in question.terms - question.title if tells(term)}
    return bool(asked) and asked <= question.held([label])


def _subject_label(question: Question) -> int:
    """The one label, row or block that begins with a name, that names the subject that is asked for; 0 for none."""
    blocks, labels = question.page.blocks, question.labels
    for subject in asked_subjects(question.page.query):
        below_title = (block for block in map(question.block, labels) if block.tag != "h1" and not is_apart(block))
        named = [block.index for block in below_title if names_subject(block.text, subject)]
        found = (
            _innermost(named, labels)
            or [block.index for block in blocks if _is_pair(block) and names_subject(_before_cell(block), subject)]
            or [block.index for block in blocks if names_subject(_name(block), subject)]
        )
        if len(found) == 1:
            return found[0]
    return 0


def _is_pair(block: Block) -> bool:
    """Whether a block is a row of a name and its value."""
    return block.tag == "tr" and block.text.count(CELL_ENDS) == 1


def _before_cell(block: Block) -> str:
    return block.text.partition(CELL_ENDS)[0]


def _prices(question: Question, kept: Set[int]) -> set[int]:
    """The first block that is a price and stands in no list, if what the page is named for is asked to cost.

    Where there is none, and nothing is kept, the rows of the one list or table of prices. None where it is kept.
    """
    page = question.page
    if not asks_price(page.query, question.title):
        return set()
    amounts = (block for block in page.blocks if is_price(block.text) and not _CROSSED.match(block.inner))
    prices = [block for block in amounts if not (list_node(block) or is_apart(block))]
    plain = (block for block in prices if not _names_what(block))
    if first := next((block.index for block in [*plain, *prices]), 0):
        return {first} - kept
    rows: defaultdict[int, list[int]] = defaultdict(list)
    for block in page.blocks if not kept else ():
        node = list_node(block)
        if node and block.index not in question.all_names and (has_digit(block.text) or has_money(block.text)):
            rows[node].append(block.index)
    of_prices = [members for members in rows.values() if _is_of_prices(question, members)]
    return {*of_prices[0]} if len(of_prices) == 1 and len(of_prices[0]) <= _MOST_PRICES else set()


def _is_of_prices(question: Question, members: Sequence[int]) -> bool:
    """Whether all members of a list hold an amount of money, and its label or its header row names prices or tickets.

    A list outside of navigation without a label of its own is of what the page is.
    """
    if len(members) < 2 or not all(has_money(question.block(i).text) for i in members):
        return False
    if any(is_apart(question.block(i)) for i in members):
        return False
    names = [question.block(i).text for i in question.names(members[0])]
    return not names or any(names_prices(name) for name in names)


def _names_what(block: Block) -> bool:
    """Whether a price says what it is for, as for delivery."""
    return any(len(word) >= _LEAST_LETTERS for word in words(block.text) if word.isalpha())


def _byline(page: Page) -> int:
    """The one block that names who wrote the page; 0 for none."""
    found = [block.index for block in page.blocks if is_byline(block) and not is_apart(block)]
    return found[0] if len(found) == 1 else 0


def _name(block: Block) -> str:
    """The name that a block begins with (`<b>Fee</b> 9 euro`, `Fee: 9 euro`, `Fee 9 euro`); empty for none."""
    if block.is_heading or block.tag == "th" or is_apart(block):
        return ""
    if name := _NAME.match(block.inner):
        return name[2] or name[3]
    name = _NAME_OF_NUMBER.match(block.text) if len(block.text) <= _MAX_VALUE_CHARS and block.tag != "tr" else None
    return name[1] if name else ""


def _named_blocks(question: Question) -> list[int]:
    """The one block, or the two that are compared, that begins with a name whose words all stand in the query."""
    found = []
    for block in question.page.blocks:
        own = {term for term in terms(_name(block)) if tells(term) and is_word(term)}
        if own and own == alike(own, question.terms):
            found.append(block.index)
    return found if len(found) <= _MOST_COMPARED else []


def _of_asked_shape(question: Question, kept: set[int]) -> int:
    """The one block of the shape that is asked for and whose labels hold most of the rest; 0 where one is kept."""
    asked = asked_shape(question.page.query)
    if asked is None or any(has_shape(question.block(i), asked[1]) for i in kept):
        return 0
    rest = {term: question.telling[term] for term in terms(asked[0]) & question.telling.keys()}
    if kept and rest and not _is_unrelated(question, kept, rest):
        return 0
    found = [block for block in question.page.blocks if has_shape(block, asked[1])]
    best = _most_asked(question, found, rest)
    return best[0].index if len(best) == 1 else 0


def _most_asked(question: Question, found: Sequence[Block], rest: Mapping[str, float]) -> list[Block]:
    """The blocks that hold most of the rest of a question, with their labels; those outside of footers, if any."""
    held = [_weight(question, (block.index, *question.above.get(block.index, ())), rest) for block in found]
    most = max(held, default=0.0)
    best = [block for block, weight in zip(found, held, strict=True) if weight == most]
    return [block for block in best if not is_apart(block)] or best


def _address(question: Question, kept: Set[int], of_head: Set[int], is_sure: bool) -> set[int]:
    """The postal address that a question asks for: one block, or the lines that follow each other; once if it is twice.

    None where a head kept a block (`of_head`), unless the question says `address`, the head is not sure and no address
    is kept; and none where what else is asked for stands on the page, but by no address.
    """
    asked = asked_address(question.page.query)
    if asked is None or (of_head and (is_sure or not asked[1])):
        return set()
    found = [block for block in question.page.blocks if POSTAL.search(block.text)]
    if not kept.isdisjoint(block.index for block in found):
        return set()
    rest = {term: question.telling[term] for term in terms(asked[0]) & question.telling.keys()}
    best = _most_asked(question, found, rest)
    around = {i for block in best for i in (block.index, *question.above.get(block.index, ()))}
    if not rest.keys() & question.held(around) and rest.keys() & set().union(*question.own.values()):
        return set()
    if len({block.text for block in best}) == 1:
        return {best[0].index}
    follow = len(best) <= _MOST_LINES and all(other.index == one.index + 1 for one, other in pairwise(best))
    return {block.index for block in best} if follow else set()


def _is_unrelated(question: Question, kept: set[int], weights: Mapping[str, float]) -> bool:
    held = question.held(kept.union(*(question.above.get(i, ()) for i in kept)))
    least = _MIN_SHARED_WEIGHT * max(weights.values(), default=0.0)
    return bool(weights) and max((weights[term] for term in held & weights.keys()), default=0.0) < least


def _is_meant(question: Question, kept: set[int]) -> bool:
    """Whether a kept block, with its labels, holds much of the question in other words for it."""
    shares = meanings(question.page).terms_with_labels
    return any(shares[i - 1] >= _MIN_MEANT for i in kept)


def _has_named_parts(question: Question) -> bool:
    """Whether many blocks of a page are labels below its title, or rows of a name and its value."""
    blocks = [block for block in question.page.blocks if not is_apart(block)]
    is_label = (block.tag not in ("h1", "tr") and block.index in question.labels for block in blocks)
    named = sum(is_label) + sum(map(_is_pair, blocks))
    return named >= max(_MIN_NAMED, _MIN_NAMED_SHARE * len(blocks))


def _longest(page: Page, kept: set[int]) -> int:
    return max((word_count(page.blocks[i - 1]) for i in kept), default=0)


def _matching_item(question: Question, telling: Mapping[str, float]) -> list[int]:
    """The one item of a list or table row that holds most of the query together with its labels; none for little."""
    weights = question.weights
    total, least = fsum(weights.values()), MIN_WEIGHT * max(weights.values(), default=0.0)
    best: list[int] = []
    most = 0.0
    for block in question.page.blocks:
        is_candidate = list_node(block) and block.tag not in ("th", "dt") and not is_apart(block)
        if not is_candidate or held_weight(block, telling) < least:
            continue
        rest = question.beyond(question.names(block.index))
        share = (total - fsum(rest.values()) + held_weight(block, rest)) / total
        if share >= most:
            best, most = [*(best if share == most else ()), block.index], share
    return best if len(best) == 1 and most >= _MIN_MATCH else []


def _covered_label(question: Question) -> int:
    """The one label below the title whose words all stand in the query, one of them no short one; 0 for none.

    Of labels in one another it is the innermost.
    """
    found = []
    for label in question.labels:
        block = question.block(label)
        own = terms(block.text) if block.tag != "h1" and not is_apart(block) else set()
        is_long = any(len(term) >= _LEAST_LETTERS or not term.isascii() for term in own)
        if is_long and own == alike(own, question.terms):
            found.append(label)
    innermost = _innermost(found, question.labels)
    return innermost[0] if len(innermost) == 1 else 0


def _innermost(found: Sequence[int], labels: Mapping[int, range]) -> list[int]:
    """Of labels, in page order, those whose bodies hold none of the others."""
    following = (bisect_left(found, labels[label].start) for label in found)
    return [
        label
        for label, i in zip(found, following, strict=True)
        if not any(j in labels[label] for j in found[i : i + 1])
    ]


def _matching_label(question: Question) -> list[int]:
    """The one label below the title that holds most of the query; none for little."""
    weights, named = question.weights, map(question.block, question.labels)
    held = {block.index: held_weight(block, weights) for block in named if block.tag != "h1" and not is_apart(block)}
    most, least = max(held.values(), default=0.0), _MIN_MATCH * fsum(weights.values())
    best = [label for label, weight in held.items() if weight == most]
    return best if len(best) == 1 and most >= least > 0 else []
