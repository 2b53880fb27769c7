"""Main content that hangs together: blocks of one list, table or section are kept or dropped together.

A hole in a kept list is worse than an extra line of it, and a heading says nothing without its section. These rules
come after the choice by expected F1, which takes each block for itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from heads.content.blocks import NO_CONTENT, may_be_content, tags_around
from heads.content.drop.elements import controls, drop_closed, drop_forms
from heads.content.drop.names import drop_inline_links, drop_offers
from heads.content.drop.repeats import drop_repeats
from heads.content.drop.short_pages import is_short
from heads.content.drop.texts import furniture, is_furniture, no_content
from heads.content.keep.alike import keep_alike, keep_main_list, keep_paragraphs
from heads.content.keep.beside import keep_beside, keep_links
from heads.content.keep.food import AMOUNT, keep_fares, keep_recipes
from heads.content.keep.leads import keep_leads
from heads.content.keep.notes import keep_addresses_of_links, keep_marked_notes, keep_named_notes
from heads.reasons import Reasons
from indexlm.labels import bodies, cards, header_rows, list_node, lists_around, pairs, sections
from indexlm.page import Block, Page
from indexlm.paths import heading_of, paths_of

_MAX_HOLE = 4  # blocks
_MIN_HOLE_SCORE = 0.3  # mean tree score of a hole that is filled
_MAX_HOLE_LINKS = 0.5  # of a hole's characters
_MIN_KEPT_SHARE = 0.5  # of a list's blocks; from there on all are kept
_MOST_KEPT_SHARE = 0.75  # from there on whatever the trees say of the others
_MIN_ITEM_SCORE = 0.2  # tree score of a block that is kept because its list is
_MAX_STRAY_SHARE = 0.2  # of a list's blocks; up to there none is kept
_MAX_NAME, _MAX_VALUE = 40, 80  # characters of a pair's
_MIN_CARD_SCORE = 0.1  # mean tree score of a card that is kept because those beside it are
_MAX_NAME_SHARE = 2  # of a card's other characters, in its name
_MIN_NAMED_CARDS = 2  # of a row, whose names are kept
_MIN_NAME_SCORE = 0.05  # tree score of a name that is kept because its card is
_MIN_AMOUNT_SCORE = 0.05  # tree score of an amount of money that is kept because it stands between kept blocks
_NEAR_BEFORE, _NEAR_AFTER = 2, 3  # blocks
_NEAR_TITLE = 8  # blocks behind the heading that names the page
_NEAR_ITEMS = 4  # blocks
_MIN_NEAR_ITEM_SCORE = 0.3  # tree score of an item that is kept because it stands between kept blocks
SHORT_PAGE = 30
"""Blocks of a page of which models and expected F1 say less: they are trained on longer ones."""
_MOST_TEXTS = 25  # blocks without links of a page that is long by its menus alone
_MIN_REST_SCORE = 0.075  # tree score of a block that is kept on a short page because it stands beside kept blocks
_MIN_BETWEEN_SCORE = 0.03  # the same of one that stands between kept blocks
_MIN_SENTENCE = 120  # characters of a heading that is a text of its own, such as what a customer says
_MIN_HEADING_SCORE = 0.1  # tree score of a heading that is kept because its section is
_NO_CONTENT = "no content by what it says"
_OFFER = "an offer or a list of other pages"
_CLOSED = "not shown"
REPEATED = "a repeated text"
_NOTE = "a note or a box of facts"


def coherent(
    page: Page,
    indices: Iterable[int],
    tree_scores: Sequence[float],
    beta: float = 1.0,
    reasons: Reasons | None = None,
) -> tuple[int, ...]:
    """Main content blocks (1-based) and all blocks' tree scores -> the blocks to keep together.

    Rules apply one after the other, each with the reason that `reasons` notes. Where precision counts more than recall
    (`beta` below 1), those that keep what may be doubted are left out, and where recall does, repeated texts stay. What
    has a score of 0, as what stands around the content of a short page, is never kept.
    """
    kept = set(indices)
    reasons = Reasons(kept) if reasons is None else reasons

    def apply(rule: str, step: Callable[..., None], *more: object) -> None:
        step(page, kept, *more)
        reasons.note(rule, kept)

    dropped = furniture(page, kept, beta) | controls(page, kept)
    dropped |= {i for i, score in enumerate(tree_scores, 1) if not score}
    kept -= dropped
    reasons.note(_NO_CONTENT, kept)
    chosen = set(kept)
    apply("a form", drop_forms)
    apply(_OFFER, drop_offers)
    apply(_CLOSED, drop_closed)
    apply("between kept blocks", _fill_holes, tree_scores)
    has_few_texts = is_short(page, _MOST_TEXTS)
    if beta >= 1 and has_few_texts:
        apply("an address", _keep_addresses, tree_scores)
        apply("beside kept blocks of a short page", _keep_rest, tree_scores)
    apply("as most of its list", _decide_lists, tree_scores)
    rows = cards(page)
    apply("as the cards beside it", _decide_cards, tree_scores, rows, has_few_texts)
    apply("the name of a card", _name_cards, tree_scores, rows)
    apply("a name and its value", _decide_pairs)
    apply("an amount beside kept blocks", _keep_amounts, tree_scores)
    apply("an item between kept blocks", _keep_items, tree_scores)
    if beta >= 1:
        apply("named like kept blocks", keep_alike, tree_scores)
        apply("in the page's own list", keep_main_list, tree_scores)
        apply("links that the writer chose", keep_links, tree_scores)
        apply("the rest of a recipe", keep_recipes, tree_scores)
        if is_short(page):
            apply("a paragraph beside kept text", keep_paragraphs, tree_scores)
            apply("a dish and its price", keep_fares)
    apply("belongs to kept text", keep_beside, tree_scores)
    apply(_NOTE, keep_named_notes)
    apply("a table's header, or rows below it", _decide_headers, tree_scores)
    dropped |= no_content(page, kept - chosen, kept, beta)
    kept -= dropped
    reasons.note(_NO_CONTENT, kept)
    apply(_OFFER, drop_offers)
    apply(_OFFER, drop_inline_links)
    apply(_CLOSED, drop_closed)
    apply(_NOTE, keep_marked_notes)
    apply("says where links lead", keep_addresses_of_links)
    if beta <= 1:
        apply(REPEATED, drop_repeats)
    apply("as its section", _decide_headings, tree_scores)
    if beta >= 1:
        apply("the lead", keep_leads, tree_scores)
    kept -= dropped
    reasons.note(_NO_CONTENT, kept)
    return tuple(sorted(kept))


def _keep_rest(page: Page, kept: set[int], tree_scores: Sequence[float]) -> None:
    """Keep what stands beside kept blocks in the short element that holds all of them, but for forms and menus.

    Expected F1 cares little for the few words of an address, a date or a price. Blocks of one path, such as the prices
    of a menu, are decided together.
    """
    if not kept:
        return
    first, last = min(kept), max(kept)
    shared = set.intersection(*(set(page.blocks[i - 1].nodes[:-1]) for i in kept))
    if (table := list_node(page.blocks[first - 1])) in shared:  # what is kept is in one list
        nodes = page.blocks[first - 1].nodes
        shared.difference_update(nodes[nodes.index(table) :])
    beside = [block for block in page.blocks if shared.issubset(block.nodes)]
    values = sum(name.tag == "dt" and value.tag == "dd" for name, value in pairwise(beside))
    if len(beside) - values > SHORT_PAGE:  # a name and its value count as one
        return
    start = first if len(shared) == 1 else 0  # what stands before it in the body is the page's head
    beside = [
        block
        for block in beside
        if (block.index > start or block.tag == "address")
        and may_be_content(block, len(shared), first < block.index < last)
    ]
    paths = {page.blocks[i - 1].path for i in kept}
    highest: defaultdict[tuple[str, ...], float] = defaultdict(float)
    for block in beside:
        highest[block.path] = max(highest[block.path], tree_scores[block.index - 1])
    beside = [block for block in beside if not block.hidden or block.path in paths]
    kept.update(block.index for block in beside if highest[block.path] >= _MIN_REST_SCORE)
    first, last = min(kept), max(kept)
    kept.update(b.index for b in beside if first < b.index < last and tree_scores[b.index - 1] >= _MIN_BETWEEN_SCORE)


def _keep_addresses(page: Page, kept: set[int], tree_scores: Sequence[float]) -> None:
    """Keep addresses that stand in no footer or menu: they are the page's own, wherever its text begins."""
    addresses = [block for block in page.blocks if block.tag == "address" and not block.hidden]
    kept.update(
        block.index
        for block in addresses
        if kept and tree_scores[block.index - 1] >= _MIN_BETWEEN_SCORE and may_be_content(block, 0, False)
    )


def _fill_holes(page: Page, kept: set[int], tree_scores: Sequence[float]) -> None:
    """Fill holes of few blocks between kept blocks of one element, of no links, that the trees do not rule out."""
    for before, after in pairwise(sorted(kept)):
        if 1 < after - before <= _MAX_HOLE + 1 and _is_hole(page, before, after, tree_scores):
            kept.update(range(before + 1, after))


def _is_hole(page: Page, before: int, after: int, tree_scores: Sequence[float]) -> bool:
    """Whether what stands between two blocks of one element belongs to it: no links, and nothing the trees rule out."""
    around = page.blocks[before - 1].nodes[:-1]
    hole = page.blocks[before : after - 1]
    return (
        page.blocks[after - 1].nodes[:-1] == around
        and all(block.nodes[: len(around)] == around for block in hole)
        and sum(tree_scores[before : after - 1]) >= _MIN_HOLE_SCORE * len(hole)
        and sum(block.link_chars for block in hole) <= _MAX_HOLE_LINKS * sum(block.chars for block in hole)
        and not any(tags_around(block, len(around)) & NO_CONTENT or is_furniture(block) for block in hole)
    )


def _decide_lists(page: Page, kept: set[int], tree_scores: Sequence[float]) -> None:
    """Keep a list or table whole that is kept for the most part, and nothing of one that is kept but for a few blocks.

    Lists are of items that are nested alike and are no headings: a table for layout is none. What the trees rule out
    stays out, unless nearly all is kept. Lists of one path, as in boxes beside each other, count as one.
    """
    lists: defaultdict[int, list[int]] = defaultdict(list)
    for i, node in enumerate(lists_around(page), 1):
        if node:
            lists[node].append(i)
    alike: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for items in lists.values():
        alike[page.blocks[items[0] - 1].path].extend(items)
    chosen = frozenset(kept)
    for items in lists.values():
        count = len(kept.intersection(items))
        if not 0 < count < len(items) or not _are_alike([page.blocks[i - 1] for i in items]):
            continue
        before, after = items[0] - 1, items[-1] + 1
        is_inside = after - before == len(items) + 1 <= _MAX_HOLE + 1 and kept.issuperset((before, after))
        others = alike[page.blocks[items[0] - 1].path]
        are_mostly = len(chosen.intersection(others)) >= _MOST_KEPT_SHARE * len(others)
        if count >= _MIN_KEPT_SHARE * len(items) or are_mostly:
            least = 0.0 if are_mostly or count >= _MOST_KEPT_SHARE * len(items) else _MIN_ITEM_SCORE
            kept.update(i for i in items if tree_scores[i - 1] >= least)
        elif is_inside and _is_hole(page, before, after, tree_scores):
            kept.update(items)
        elif count <= _MAX_STRAY_SHARE * len(items):
            kept.difference_update(items)


def _decide_cards(
    page: Page, kept: set[int], tree_scores: Sequence[float], rows: Sequence[Sequence[range]], has_few_texts: bool
) -> None:
    """Keep in each card of a row, of which anything is kept, what most of them keep, unless the trees rule it out.

    Where most cards of a row are kept on a short page, so are the others that are like them.
    """
    paths = paths_of(page).places
    for row in rows:
        begun = {i for card in row if not kept.isdisjoint(card) for i in card}
        if begun:
            places: defaultdict[int, list[int]] = defaultdict(list)
            for card in row:
                for i in card:
                    places[paths[i - 1]].append(i)
            for like in places.values():
                if len(like) > len(kept.intersection(like)) >= _MIN_KEPT_SHARE * len(like):
                    kept.update(i for i in like if i in begun and tree_scores[i - 1] >= _MIN_ITEM_SCORE)
        whole = [card for card in row if 2 * len(kept.intersection(card)) >= len(card)]
        if has_few_texts and 2 * len(whole) >= len(row) > len(whole):
            _keep_cards(page, kept, tree_scores, whole, [card for card in row if kept.isdisjoint(card)])


def _keep_cards(
    page: Page, kept: set[int], tree_scores: Sequence[float], whole: Sequence[range], others: Sequence[range]
) -> None:
    """Keep cards that are like those beside them, which are mostly kept, if the trees do not rule them out."""
    of_whole = [page.blocks[i - 1] for card in whole for i in card]
    tags = {block.tag for block in of_whole if block.index in kept}
    for card in others:
        blocks = [page.blocks[i - 1] for i in card]
        like = [block for block in blocks if block.tag in tags]
        is_like = any(b.is_heading for b in blocks) == any(b.is_heading for b in of_whole) and all(
            tags_around(block, 0).isdisjoint((*NO_CONTENT, "aside")) for block in blocks
        )
        score = sum(tree_scores[i - 1] for i in card) / len(card)
        few_links = 2 * sum(block.link_chars for block in blocks) <= sum(block.chars for block in blocks)
        kept.update(block.index for block in like if is_like and few_links and score >= _MIN_CARD_SCORE)


def _decide_headers(page: Page, kept: set[int], tree_scores: Sequence[float]) -> None:
    """Keep a row with its header rows, and a header row with the rows below that the trees do not rule out."""
    rows: defaultdict[int, list[int]] = defaultdict(list)
    for row, headers in header_rows(page).items():
        kept.update(headers if row in kept else ())
        for header in headers:
            rows[header].append(row)
    for header, below in rows.items():
        if header in kept and kept.isdisjoint(below):
            kept.update(row for row in below if tree_scores[row - 1] >= _MIN_ITEM_SCORE)


def _decide_pairs(page: Page, kept: set[int]) -> None:
    """Keep a short name with its short value, and in a list of definitions the value with its name."""
    blocks = page.blocks
    if any(block.tag == "dt" for block in blocks):
        for label, body in bodies(page).items():
            if blocks[label - 1].tag == "dt" and blocks[body[0] - 1].tag == "dd" and _is_pair(blocks, label, body):
                kept.update(() if kept.isdisjoint((label, *body)) else (label, *body))
    nameless = [i - 1 for i in kept if i > 1 and i - 1 not in kept and _is_pair(blocks, i - 1, (i,))]
    if nameless:
        kept.update(pairs(page).intersection(nameless))


def _name_cards(page: Page, kept: set[int], tree_scores: Sequence[float], rows: Sequence[Sequence[range]]) -> None:
    """Keep the short names that begin cards of a row, where all that follows in these cards is kept."""
    for row in rows:
        nameless = [
            card[0]
            for card in row
            if card[0] not in kept and kept.issuperset(card[1:]) and _is_name(page, card, tree_scores[card[0] - 1])
        ]
        kept.update(nameless if len(nameless) >= _MIN_NAMED_CARDS else ())


def _is_name(page: Page, card: Sequence[int], score: float) -> bool:
    """Whether the first block of a card is short, beside what follows as well, and in no form."""
    name, others = page.blocks[card[0] - 1], page.blocks[card[0] : card[-1]]
    if score < _MIN_NAME_SCORE or name.hidden or name.chars > _MAX_VALUE or "form" in tags_around(name, 0):
        return False
    return name.chars <= _MAX_NAME_SHARE * sum(block.chars for block in others)


def _is_pair(blocks: Sequence[Block], label: int, body: Sequence[int]) -> bool:
    """Whether a name and its value are short, and no links."""
    name, values = blocks[label - 1], [blocks[i - 1] for i in body]
    is_brief = name.chars <= _MAX_NAME and sum(value.chars for value in values) <= _MAX_VALUE
    return is_brief and not any(block.link_chars for block in (name, *values))


def _keep_amounts(page: Page, kept: set[int], tree_scores: Sequence[float]) -> None:
    """Keep amounts between kept blocks, or near the page's heading above them, unless the trees rule them out."""
    chosen = frozenset(kept)
    title = heading_of(page) or 0
    below_title = range(title + 1, min(title + _NEAR_TITLE, min(kept, default=0)) if title else 0)
    for block in page.blocks:
        i = block.index
        if tree_scores[i - 1] < _MIN_AMOUNT_SCORE or block.chars > _MAX_NAME or block.link_chars or block.hidden:
            continue
        before, after = range(i - _NEAR_BEFORE, i), range(i + 1, i + 1 + _NEAR_AFTER)
        is_between = not chosen.isdisjoint(before) and not chosen.isdisjoint(after)
        if (is_between or i in below_title) and AMOUNT.search(block.text):
            kept.add(i)


def _keep_items(page: Page, kept: set[int], tree_scores: Sequence[float]) -> None:
    """Keep items of a list that stand between kept blocks, unless the trees rule them out."""
    chosen = frozenset(kept)
    for block in page.blocks:
        if block.tag != "li" or block.hidden or 2 * block.link_chars > block.chars:
            continue
        before = range(block.index - _NEAR_ITEMS, block.index)
        after = range(block.index + 1, block.index + 1 + _NEAR_ITEMS)
        if tree_scores[block.index - 1] >= _MIN_NEAR_ITEM_SCORE and not (
            chosen.isdisjoint(before) or chosen.isdisjoint(after)
        ):
            kept.add(block.index)


def _are_alike(blocks: Sequence[Block]) -> bool:
    return len({len(block.path) for block in blocks}) == 1 and not any(block.is_heading for block in blocks)


def _decide_headings(page: Page, kept: set[int], tree_scores: Sequence[float]) -> None:
    """Keep a heading whose section begins with a kept block, and drop one of whose section nothing is kept.

    One directly above a stronger one, as of a price, is kept with it, and one that is a text of its own stays; so does
    the page's `h1`. From the last to the first: what is decided for a subheading counts for the heading above it.
    """
    below = list(reversed(sections(page).items()))
    kept.update(i for i, body in below if body[0] in kept and tree_scores[i - 1] >= _MIN_HEADING_SCORE)
    for i, body in below:
        heading = page.blocks[i - 1]
        if heading.tag != "h1" and heading.chars < _MIN_SENTENCE and kept.isdisjoint(body):
            kept.discard(i)
    for above, stronger in pairwise(block for block in page.blocks if block.is_heading):
        is_beside = above.index + 1 == stronger.index
        if is_beside and above.tag > stronger.tag and stronger.index in kept:
            is_eyebrow = tree_scores[above.index - 1] >= _MIN_HEADING_SCORE and not above.link_chars
            kept.update([above.index] if is_eyebrow else ())
