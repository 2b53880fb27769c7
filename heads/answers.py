"""From the blocks that a head keeps for a query to a whole answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum

from indexlm.labels import bodies, header_rows, is_apart, list_node
from indexlm.layout import word_count
from indexlm.page import Block, Page
from indexlm.query_match import match_query
from indexlm.text import terms

_MAX_PROSE_WORDS = 60  # of a body that is kept whole; of a longer one its first block
_MAX_WORDS = 120  # of a body of subheadings, or of a list, that is kept whole
_MIN_WEIGHT = 0.3  # of the query's greatest weight, in terms that the label lacks: the item that holds them is meant
_MIN_LABEL_SHARE = 0.3  # of the query's weight, in a label that is asked for
_MIN_ITEM_SHARE = 0.5  # of the query's weight, in an item and its labels, that is kept where a head keeps nothing
_ABBREVIATION = 3  # letters of a word that may stand for a longer one


def whole_answer(page: Page, indices: Sequence[int]) -> tuple[int, ...]:
    """Blocks kept for a query -> these and what belongs to them (`indexlm.labels`).

    - A label that repeats the query, or names what is asked for, is answered by its body: if that is kept from its
      start, or not at all, it is kept whole; of a long one, its first block. Below an `h1` it is the first block.
    - Of a list or a table below a label, the items are kept that hold what the label lacks of the query; where none
      does, the list is asked for, and kept whole.
    - Where nothing is kept, the one item or row that holds half of the query, together with its labels, is the answer.
    - A definition comes with its terms, and a table row with its header rows.
    """
    kept = set(indices)
    labels, headers = bodies(page), header_rows(page)
    weights = match_query(page).weights
    if not kept:
        kept.update(_matching_item(page, labels, headers, weights))
    for i in sorted(kept):
        body = labels.get(i, range(0))
        if not body:
            continue
        if page.blocks[i - 1].tag == "h1":
            kept.update(body[:1] if kept.isdisjoint(body) else ())
        elif kept.isdisjoint(body) or body[0] in kept:
            kept.update(_answer(page, i, body, weights))
    kept |= _whole_lists(page, kept, labels, weights)
    for i, body in labels.items():
        if page.blocks[i - 1].tag == "dt" and not kept.isdisjoint(body):
            kept.add(i)
    return tuple(sorted(kept.union(*(headers.get(i, ()) for i in kept))))


def _answer(page: Page, label: int, body: range, weights: Mapping[str, float]) -> Sequence[int]:
    """A label and its body -> the part of the body that answers."""
    first = page.blocks[body[0] - 1]
    if node := list_node(first):
        items = [i for i in body if node in page.blocks[i - 1].nodes]
        return _asked_items(page, label, items, weights) or items
    if first.is_heading:
        return body if _words(page, body) <= _MAX_WORDS else body[:2]
    return body if _words(page, body) <= _MAX_PROSE_WORDS else body[:1]


def _asked_items(page: Page, label: int, items: Sequence[int], weights: Mapping[str, float]) -> list[int]:
    """The items of a list that hold what the label lacks of the query, if only the beginning of a word."""
    above = terms(page.blocks[label - 1].text)
    beyond = {term: weight for term, weight in weights.items() if term not in above}
    least = _MIN_WEIGHT * max(weights.values(), default=0.0)

    def holds(block: Block) -> bool:
        own = terms(block.text)
        starts = tuple(term for term in own if len(term) >= _ABBREVIATION)
        return fsum(w for term, w in beyond.items() if term in own or term.startswith(starts)) >= least > 0

    return [i for i in items if holds(page.blocks[i - 1])]


def _whole_lists(page: Page, kept: set[int], labels: Mapping[int, range], weights: Mapping[str, float]) -> set[int]:
    """The items of the lists and tables that are asked for by their label, where some of them are kept."""
    items: dict[int, list[int]] = {list_node(page.blocks[i - 1]): [] for i in kept}
    items.pop(0, None)
    for block in page.blocks:
        for node in items.keys() & set(block.nodes):
            items[node].append(block.index)
    whole: set[int] = set()
    for own in items.values():
        label = next((i for i in range(own[0] - 1, 0, -1) if own[0] in labels.get(i, ())), 0)
        if not label or page.blocks[own[0] - 1].tag in ("dt", "dd") or _words(page, own) > _MAX_WORDS:
            continue
        above = terms(page.blocks[label - 1].text)
        share = fsum(w for term, w in weights.items() if term in above) / (fsum(weights.values()) or 1.0)
        if (label in kept or share >= _MIN_LABEL_SHARE) and not _asked_items(page, label, own, weights):
            whole.update(own)
    return whole


def _matching_item(
    page: Page, labels: Mapping[int, range], headers: Mapping[int, Sequence[int]], weights: Mapping[str, float]
) -> list[int]:
    """The one item of a list or table row that holds most of the query together with its labels; none for little."""
    above: dict[int, list[int]] = {}
    for label, body in labels.items():
        for i in body if page.blocks[label - 1].tag != "h1" else ():
            above.setdefault(i, []).append(label)
    total, least = fsum(weights.values()), _MIN_WEIGHT * max(weights.values(), default=0.0)
    best: list[int] = []
    most = 0.0
    for block in page.blocks:
        own = terms(block.text)
        is_candidate = list_node(block) and block.tag not in ("th", "dt") and not is_apart(block)
        if not is_candidate or fsum(w for term, w in weights.items() if term in own) < least:
            continue
        held = own.union(
            *(terms(page.blocks[i - 1].text) for i in (*above.get(block.index, ()), *headers.get(block.index, ())))
        )
        share = fsum(w for term, w in weights.items() if term in held) / total
        if share >= most:
            best, most = [*(best if share == most else ()), block.index], share
    return best if len(best) == 1 and most >= _MIN_ITEM_SHARE else []


def _words(page: Page, indices: Sequence[int]) -> int:
    return sum(word_count(page.blocks[i - 1]) for i in indices)
