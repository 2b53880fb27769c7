"""From the blocks that a head keeps for a query to a whole answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import fsum

from indexlm.labels import bodies, header_rows, list_node
from indexlm.page import Page
from indexlm.query_match import match_query
from indexlm.text import terms

WHOLE_BODY_WORDS=120
WHOLE_PROSE=60
ASKED=0.3

def whole_answer(page: Page, indices: Sequence[int], opts=()) -> tuple[int, ...]:
    kept = set(indices)
    if not kept: return ()
    labels = bodies(page)
    weights = match_query(page).weights
    title = page.heading
    for i in indices:
        body = labels.get(i, ())
        if not body: continue
        if kept.isdisjoint(body):
            kept.update(body[:1] if page.blocks[i-1].tag == 'h1' else _part(page, i, body, weights))
        elif page.blocks[i-1].tag != 'h1' and 'complete' in opts and body[0] in kept:
            part=_part(page,i,body,weights)
            if len(kept & set(part)): kept.update(part)
    if 'list' in opts:
        kept |= _lists(page, kept, labels, weights)
    if 'head' in opts:
        headers = header_rows(page)
        kept.update(j for i in list(kept) for j in headers.get(i, ()))
    return tuple(sorted(kept))

def _words(page, body):
    from indexlm.layout import word_count
    return sum(word_count(page.blocks[i-1]) for i in body)

def _part(page, label, body, weights):
    blocks = page.blocks
    first = blocks[body[0]-1]
    n = _words(page, body)
    node = list_node(first)
    if node:
        piece = tuple(i for i in body if node in blocks[i-1].nodes)
        return _asked_items(page, label, piece, weights)
    if first.is_heading:
        if n <= WHOLE_BODY_WORDS: return body
        return body[:2]
    if n <= WHOLE_PROSE: return body
    return body[:1]

def _asked_items(page, label, items, weights):
    if not weights: return items
    beyond = {t: w for t, w in weights.items() if t not in terms(page.blocks[label-1].text)}
    most = max(weights.values(), default=0)
    def holds(i):
        own = terms(page.blocks[i-1].text)
        return fsum(w for t, w in beyond.items() if t in own or any(len(o) >= 3 and t.startswith(o) for o in own)) >= ASKED * most
    asked = tuple(i for i in items if holds(i))
    return asked or items

def _lists(page, kept, labels, weights):
    """kept items of a list whose label is asked for"""
    added = set()
    blocks = page.blocks
    total = fsum(weights.values()) or 1
    by_node = {}
    for i in kept:
        if (node := list_node(blocks[i-1])): by_node.setdefault(node, []).append(i)
    for node, own in by_node.items():
        items = tuple(b.index for b in blocks if node in b.nodes)
        label = next((l for l in range(items[0]-1, 0, -1) if items[0] in labels.get(l, ())), 0)
        if not label or blocks[items[0]-1].tag in ('dt','dd'): continue
        t = terms(blocks[label-1].text)
        if fsum(w for k, w in weights.items() if k in t) < 0.3 * total and label not in kept: continue
        asked = _asked_items(page, label, items, weights)
        if asked == items and _words(page, items) <= WHOLE_BODY_WORDS: added.update(items)
    return added
