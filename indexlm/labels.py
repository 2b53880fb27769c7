"""Which blocks belong to which label: a heading and its section, a term and its definition, a question and its answer.

A label is a block that names what follows it. What counts is structure (where a block stands, how it is set, how it
ends), not which words it holds.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise

from indexlm.page import Block, Page
from indexlm.paths import paths_of

_BOLD = re.compile(r"<(b|strong)>(?:(?!</\1>).)*</\1>\W*", re.DOTALL)
_TERMS = frozenset(["dt", "summary", "legend", "caption"])
_ITEMS = frozenset(["li", "dt", "dd"])
_ROWS = frozenset(["tr", "th"])
_MEANING = _TERMS | _ITEMS | _ROWS | {"pre", "h1", "h2", "h3", "h4", "h5", "h6"}
"""Tags that name what their text is, which is no name or value of a pair then."""
_LISTS = frozenset(["ul", "ol", "menu", "dir", "dl", "table"])
_APART = frozenset(["nav", "aside", "footer", "header", "form"])
_QUOTATIONS = frozenset(["blockquote"])
_QUESTION_ENDS = ("?", "？", "؟", "\u037e", "か。", "か")
_LEAD_IN_ENDS = (":", "：")
CELL_ENDS = " | "
_SENTENCE_END = re.compile(r"[.!?…。！？।۔][\W]*$")
_DIGIT = re.compile(r"\d")
_MOST_TERMS = 50  # that share a definition
_MAX_LABEL_CHARS = 160  # of a label that only its look makes one, and of the values of pairs
_MAX_NAME_CHARS = 60  # of the first block of a pair


_DEPTH_OF_PARTS = 2  # elements around what is no part of a page but all of it


class Rank(IntEnum):
    """What makes a block a label, the strongest first; headings have the ranks 1 to 6.

    A label's body ends where a label of its rank or a stronger one begins.
    """

    TERM = 7  # an element that names what follows: dt, summary, legend, caption
    SET_APART = 8  # all of it bold, the name of a pair, or each block of its place is before a longer one of another
    QUESTION = 9
    LEAD_IN = 10


def bodies(page: Page) -> dict[int, range]:
    """A page -> by the index of each label, the indices of the blocks that it names.

    A label and its body share the innermost element that holds the label and the block behind it. A body ends before a
    part of the page that is set apart (`nav`, `footer` …), unless the label stands in it too. A question that ends its
    element (a post) is answered by the next block that is set as it is, and by what stands beside that; one that is
    quoted, by what stands below the quotation.
    """
    blocks = page.blocks
    apart = _set_apart(blocks)
    names = pairs(page)
    following = (*blocks[1:], None)[: len(blocks)]
    return _bodies(
        page,
        [
            _rank(block, after, block.path in apart or block.index in names)
            for block, after in zip(blocks, following, strict=True)
        ],
    )


def pairs(page: Page) -> frozenset[int]:
    """A page -> the indices of names before their values: blocks two and two, each pair alone in one of like elements.

    So a page lays out a table without `<table>`.
    """
    blocks = page.blocks
    found: defaultdict[tuple[object, ...], list[Block]] = defaultdict(list)
    is_plain = [block.tag not in _MEANING for block in blocks]
    for i in range(len(blocks) - 1):
        name, value = blocks[i], blocks[i + 1]
        if not (is_plain[i] and is_plain[i + 1]) or len(name.text) > _MAX_NAME_CHARS:
            continue
        around = shared_depth(name, value)
        if around < 2:
            continue
        element = name.nodes[around - 1]
        before, after = blocks[i - 1 : i] if i else (), blocks[i + 2 : i + 3]
        if any(len(other.nodes) >= around and other.nodes[around - 1] == element for other in (*before, *after)):
            continue
        found[(name.nodes[around - 2], *name.path[:around])].append(name)
    return frozenset(
        name.index
        for names in found.values()
        if len(names) > 1 and _are_values([blocks[name.index].text for name in names])
        for name in names
    )


def _are_values(texts: Sequence[str]) -> bool:
    """Whether texts are short, not all the same, as buttons are, and few of them sentences, as posts are."""
    sentences = sum(_SENTENCE_END.search(text) is not None for text in texts)
    return max(map(len, texts)) <= _MAX_LABEL_CHARS and 2 * sentences < len(texts) and len(set(texts)) > 1


def sections(page: Page) -> dict[int, range]:
    """A page -> `bodies` of its headings alone."""
    return _bodies(page, [int(block.tag[1]) if block.is_heading else None for block in page.blocks])


def _bodies(page: Page, ranks: Sequence[int | None]) -> dict[int, range]:
    apart = _depths(page, _APART)
    named = ((i, _body(page.blocks, ranks, apart, i, rank)) for i, rank in enumerate(ranks) if rank is not None)
    return {i + 1: range(body.start + 1, body.stop + 1) for i, body in named if body}


def cards(page: Page) -> list[list[range]]:
    """A page -> its rows of cards, elements of several blocks beside others like them: of each card its blocks."""
    blocks = page.blocks
    depths: dict[int, int] = {}  # of the elements beside others like them, by number
    for one, other in pairwise(blocks):
        if one.nodes is other.nodes or one.nodes[:-1] == other.nodes[:-1]:
            continue  # paragraphs, items
        depth = shared_depth(one, other)
        if min(len(one.nodes), len(other.nodes)) > depth and one.path[depth] == other.path[depth]:
            depths[one.nodes[depth]] = depths[other.nodes[depth]] = depth
    found: dict[int, list[int]] = {node: [] for node in depths}
    for block in blocks:
        for node in block.nodes:
            if node in found:
                found[node].append(block.index)
    rows: defaultdict[tuple[int, str], list[range]] = defaultdict(list)
    for node, of_card in found.items():
        first, depth = blocks[of_card[0] - 1], depths[node]
        if len(of_card) > 1:
            above = first.nodes[depth - 1] if depth else 0
            rows[above, first.path[depth]].append(range(of_card[0], of_card[-1] + 1))
    return list(rows.values())


def list_node(block: Block) -> int:
    """The number of the innermost list or table that a list item, a term or a row stands in; 0 for other blocks."""
    return node_around(block, _LISTS) if block.tag in _ITEMS or block.tag in _ROWS else 0


@lru_cache(maxsize=1)
def lists_around(page: Page) -> tuple[int, ...]:
    """A page -> of each block the number of the innermost list or table around it; 0 for none."""
    depths = _depths(page, _LISTS)
    return tuple([block.nodes[depth] if depth >= 0 else 0 for block, depth in zip(page.blocks, depths, strict=True)])


def node_around(block: Block, tags: frozenset[str]) -> int:
    """The number of the innermost element around a block that has one of the tags; 0 for none."""
    depth = _last(block.path, tags)
    return block.nodes[depth] if depth >= 0 else 0


def is_apart(block: Block) -> bool:
    """Whether a block stands in a part of the page that is set apart (`nav`, `footer` …)."""
    return _last(block.path, _APART) >= 0


def header_rows(page: Page) -> dict[int, tuple[int, ...]]:
    """A page -> by the index of each table row below header rows, the indices of the nearest of these in its table.

    Of header rows with one cell, which head a group, it is the last one, below those of the columns. The first row of
    a table without header cells is one if it holds no digit, and a column below it one in every row.
    """
    plain = _plain_headers(page.blocks)
    headers: dict[int, list[int]] = {}
    rows: dict[int, tuple[int, ...]] = {}
    for previous, block in zip((None, *page.blocks), page.blocks, strict=False):
        if block.index in plain:
            headers[list_node(block)] = [block.index]
        elif block.tag == "th":
            goes_on = previous is not None and previous.tag == "th" and list_node(previous) == list_node(block)
            above = headers.get(list_node(block), [])
            if CELL_ENDS not in block.text:  # it heads a group of rows, below the header of all columns
                above = [i for i in above if CELL_ENDS in page.blocks[i - 1].text]
            elif not goes_on:
                above = []
            headers[list_node(block)] = [*above, block.index]
        elif block.tag == "tr" and list_node(block) in headers:
            rows[block.index] = tuple(headers[list_node(block)])
    return rows


def _plain_headers(blocks: Sequence[Block]) -> set[int]:
    """The first rows of tables that head columns of numbers, though their cells are no header cells."""
    tables: defaultdict[int, list[Block]] = defaultdict(list)
    for block in blocks:
        if block.tag in _ROWS:
            tables[list_node(block)].append(block)
    found = set()
    for first, *others in tables.values():
        if len(others) < 1 or _DIGIT.search(first.text) or any(row.tag == "th" for row in (first, *others)):
            continue
        cells = [row.text.split(CELL_ENDS) for row in (first, *others)]
        if len(cells[0]) > 1 and all(len(row) == len(cells[0]) for row in cells):
            columns = [*zip(*cells[1:], strict=True)][1:]
            if any(all(map(_DIGIT.search, column)) for column in columns):
                found.add(first.index)
    return found


def _rank(block: Block, following: Block | None, is_set_apart: bool) -> int | None:
    if block.is_heading:
        return int(block.tag[1])
    if block.tag in _TERMS:
        return Rank.TERM
    if block.tag in _ROWS or block.tag == "pre":
        return None
    if len(block.text) <= _MAX_LABEL_CHARS and (is_set_apart or (block.tag != "li" and _BOLD.fullmatch(block.inner))):
        return Rank.SET_APART
    if block.text.endswith(_QUESTION_ENDS):
        return Rank.QUESTION
    leads_in = block.text.endswith(_LEAD_IN_ENDS) or (following is not None and _goes_on(block, following))
    return Rank.LEAD_IN if leads_in else None


def _goes_on(block: Block, following: Block) -> bool:
    """Whether a short block that ends no sentence goes on in a list: in the item itself, or directly behind it."""
    if following.tag != "li" or len(block.text) > _MAX_LABEL_CHARS or _SENTENCE_END.search(block.text):
        return False
    depth = len(block.nodes)
    is_inside = block.tag == "li" and following.nodes[depth - 1 : depth] == block.nodes[-1:]
    return is_inside or (block.tag == "p" and following.nodes[: depth - 1] == block.nodes[:-1])


def _set_apart(blocks: Sequence[Block]) -> set[tuple[str, ...]]:
    """The paths of blocks that come more than once, each before a block of another path; these are longer together."""
    sizes: defaultdict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    lone = set()
    for block, following in zip(blocks, (*blocks[1:], None)[: len(blocks)], strict=True):
        is_beside = following is not None and following.nodes[: len(block.nodes) - 1] == block.nodes[:-1]
        if following is None or not is_beside or following.path == block.path or following.is_heading:
            lone.add(block.path)
        else:
            sizes[block.path].append((len(block.text), len(following.text)))
    return {
        path
        for path, pairs in sizes.items()
        if len(pairs) > 1 and path not in lone and sum(own for own, _ in pairs) < sum(other for _, other in pairs)
    }


def _body(blocks: Sequence[Block], ranks: Sequence[int | None], apart: Sequence[int], i: int, rank: int) -> range:
    label, start = blocks[i], i + 1
    while start < min(len(blocks), i + _MOST_TERMS) and label.tag == blocks[start].tag == "dt":
        start += 1  # terms that share a definition
    while start < min(len(blocks), i + _MOST_TERMS) and blocks[start].is_control:
        start += 1  # buttons beside a heading
    if rank == Rank.QUESTION:
        start = _answer(blocks, ranks, i)
        around = len(blocks[start].nodes) - 1 if start < len(blocks) else 0
    else:
        around = shared_depth(label, blocks[start]) if start < len(blocks) else 0
    if start == len(blocks) or (rank == Rank.LEAD_IN and not _is_led_into(label, blocks[start])):
        return range(0)
    stop, is_closed = start, False
    element = blocks[start].nodes[:around]
    while stop < len(blocks) and blocks[stop].nodes[:around] == element:
        other = ranks[stop]
        is_closed = other is not None and other <= rank
        if is_closed or apart[stop] >= around:
            break
        stop += 1
    is_first = i == 0 or blocks[i - 1].nodes[: len(label.nodes) - 1] != label.nodes[:-1]
    names_all = rank == Rank.SET_APART and is_first and len(label.nodes) > _DEPTH_OF_PARTS
    is_among_others = rank >= Rank.SET_APART and not (is_closed or names_all)
    is_among_others = is_among_others and blocks[start].nodes[:-1] == label.nodes[:-1]
    if rank == Rank.LEAD_IN or is_among_others:
        stop = min(stop, _piece(blocks, start))
    return range(start, stop)


def _is_led_into(label: Block, following: Block) -> bool:
    """Whether a final colon leads into what is beside the block: an item, a row, code, or if it is short any block."""
    if following.nodes[: len(label.nodes) - 1] != label.nodes[:-1] or following.is_heading:
        return False
    return bool(list_node(following)) or following.tag == "pre" or len(label.text) <= _MAX_LABEL_CHARS


def _answer(blocks: Sequence[Block], ranks: Sequence[int | None], i: int) -> int:
    """The place of a question -> that of its answer: the next block that is set as it is, or else the next one.

    An item or a code block directly behind it is its answer too. The number of blocks where there is none.
    """
    label = blocks[i]
    depth = _last(label.path, _QUOTATIONS)
    if depth >= 0:  # quoted above its answer, as in a forum
        behind = next((j for j in range(i + 1, len(blocks)) if label.nodes[depth] not in blocks[j].nodes), len(blocks))
        if (
            behind < len(blocks)
            and blocks[behind].nodes[:depth] == label.nodes[:depth]
            and not blocks[behind].is_heading
        ):
            return behind
    for j in range(i + 1, len(blocks)):
        block = blocks[j]
        if block.text in label.text:
            continue  # a quotation of the question
        if block.path[-1:] == label.path[-1:] or (j == i + 1 and (list_node(block) or block.tag == "pre")):
            return j
        if block.is_heading and block.nodes[:-1] == label.nodes[:-1]:
            break
    is_beside = i + 1 < len(blocks) and blocks[i + 1].nodes[:-1] == label.nodes[:-1] and not blocks[i + 1].is_heading
    return i + 1 if is_beside else len(blocks)


def _piece(blocks: Sequence[Block], start: int) -> int:
    """The end of the piece of content that begins at `start`: a whole list or table, or one block."""
    node = list_node(blocks[start])
    stop = start + 1
    while node and stop < len(blocks) and node in blocks[stop].nodes:
        stop += 1
    return stop


def _depths(page: Page, tags: frozenset[str]) -> list[int]:
    """Of each block of a page what `_last` finds in its path."""
    return paths_of(page).each(lambda path: _last(path, tags))


@lru_cache(maxsize=4096)
def _last(path: tuple[str, ...], tags: frozenset[str]) -> int:
    """The depth of the innermost element of a path that has one of the tags; -1 for none."""
    for i in range(len(path) - 1, -1, -1):
        if path[i].partition(".")[0] in tags:
            return i
    return -1


def shared_depth(a: Block, b: Block) -> int:
    """How many of the outermost elements hold both blocks."""
    one, other = a.nodes, b.nodes
    count = min(len(one), len(other))
    while count and (one[count - 1] != other[count - 1] or one[:count] != other[:count]):  # mostly all but a few
        count -= 1
    return count
