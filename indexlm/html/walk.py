"""An element tree to numbered blocks: one depth-first walk that ends a block at every block-level boundary.

Every text node that a browser would show lands in exactly one block, and its words survive. `indexlm.html.tags.SKIPPED`
lists the elements that are no content.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from lxml import etree

from indexlm.html.builder import SPAN, BlockBuilder
from indexlm.html.code import Code
from indexlm.html.formulas import marked_formula
from indexlm.html.frame import Frame
from indexlm.html.media import EMBEDS, embed
from indexlm.html.plan import make_plan
from indexlm.html.tags import BLOCK_LEVEL, INLINE, LAYOUT_MARKS, SKIPPED, SPACED
from indexlm.page import Block

_HIDDEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_FEW_CHARS = 150  # of a page that is no text
_LISTS = ("ol", "ul", "menu")


def walk(body: Any) -> list[Block]:
    """The element that holds the page's content -> its blocks."""
    plan = make_plan(body)
    blocks = _walk(body, plan, reads_alts=False)
    return _walk(body, plan, reads_alts=True) if _is_of_images(blocks, body) else blocks


def _is_of_images(blocks: list[Block], body: Any) -> bool:
    """Whether a page shows images with hardly any text but links."""
    chars = sum(block.chars - block.link_chars for block in blocks if not block.hidden)
    return chars < _FEW_CHARS and next(body.iter("img"), None) is not None


def _walk(body: Any, plan: Code, reads_alts: bool) -> list[Block]:
    builder = BlockBuilder(plan, reads_alts)
    inserts = plan.inserts
    node = 0
    walker = etree.iterwalk(body, events=("start", "end"))
    for event, element in walker:
        tag = element.tag
        if event == "start":
            insert = None
            if tag == "span" or tag == "div":
                names = element.get("class")
                if names and ("math" in names or "atex" in names):
                    insert = marked_formula(element)
            elif tag in EMBEDS:
                insert = embed(element)
            if inserts and element in inserts:
                insert = inserts[element]
            if insert is not None:
                builder.insert(insert)
            if insert is not None or not isinstance(tag, str) or tag in SKIPPED:
                walker.skip_subtree()
                continue
            node += _open(builder, element, tag, node + 1)
            if text := element.text:
                builder.add(text)
        else:
            if builder.frames and builder.frames[-1].element is element:
                _close(builder, element, tag)
            if builder.frames and (tail := element.tail):
                builder.add(tail)
    return builder.finish()


def _open(builder: BlockBuilder, element: Any, tag: str, node: int) -> bool:
    """Open an element. Returns whether it took the number `node`, as an element that parts blocks does."""
    frames = builder.frames
    above = frames[-1] if frames else None
    parent = above if above is None or above.node else above.parent
    hidden = (above is not None and above.hidden) or _is_hidden(element)
    if tag in BLOCK_LEVEL and builder.row is None and not builder.pre:
        builder.flush()
        frame = Frame(element, tag, node, hidden, parent)
        frames.append(frame)
        _set_number(frame)
        if tag == "table":
            builder.plan.read_table(element)
            frame.rows = _is_data_table(element)
        elif tag == "tr" and _has_rows(frames):
            builder.row = element
        frame.keeps_space = builder.plan.keeps_space(element, tag)
        builder.pre += frame.keeps_space
        return True
    frames.append(Frame(element, tag, 0, hidden, parent))
    if builder.pre and builder.is_line(element, tag):
        builder.open_line()
    elif tag in BLOCK_LEVEL:
        if tag in ("td", "th") and builder.row is not None:
            builder.open_cell(element, tag)
        else:
            builder.part()
    elif tag == "br":
        builder.line_break()
    elif tag == "img":
        builder.image(element)
    elif tag == "embed":
        builder.insert(embed(element))
    elif tag == "a":
        builder.open_link(element)
    elif tag in ("sup", "sub"):
        builder.open_script(element, tag)
    elif tag in INLINE:
        builder.open_inline(f"<{tag}>", f"</{tag}>")
    elif tag in SPACED or "-" in tag:
        builder.space()
    return False


def _close(builder: BlockBuilder, element: Any, tag: str) -> None:
    if builder.pre and not builder.frames[-1].node and builder.is_line(element, tag):
        builder.close_line()
    elif tag in BLOCK_LEVEL:
        if builder.frames[-1].node and builder.row is None:
            builder.flush()
            builder.pre -= builder.frames[-1].keeps_space
        elif element is builder.row:
            builder.flush(_row_tag(element))
            builder.row = None
        elif tag in ("td", "th") and builder.row is not None:
            builder.close_cell(tag)
        else:
            builder.part()
    elif tag == "a":
        builder.close_link()
    elif tag in ("sup", "sub"):
        builder.close_script(tag)
    elif tag in INLINE:
        builder.close_inline()
    elif tag in SPACED or "-" in tag:
        builder.space()
    builder.frames.pop()


def _is_data_table(table: Any) -> bool:
    """Whether the rows are blocks: at least two columns of short cells, and nothing page-like in them."""
    if (table.get("role") or "").lower() in ("presentation", "none"):
        return False
    if next(islice(table.iter(*LAYOUT_MARKS), 1, None), None) is not None:
        return False
    rows = list(islice(table.iter("tr"), 400))
    cells = [list(row.iterchildren("td", "th")) for row in rows]
    if len(rows) < 2 or sum(len(row) > 1 for row in cells) * 2 < len(rows):
        return False
    limit = 1000 if next(table.iter("th"), None) is not None else 300
    return all(sum(map(len, cell.itertext())) <= limit for row in cells for cell in row)


def _is_hidden(element: Any) -> bool:
    get = element.get
    if get("hidden") is not None or get("aria-hidden") == "true":
        return True
    style = get("style")
    return bool(style and _HIDDEN_STYLE.search(style))


def _set_number(frame: Frame) -> None:
    """Set a new frame's number, and advance the number of its list."""
    above = frame.parent
    if frame.tag in _LISTS:
        value = frame.element.get("start") or "1"
        frame.number = int(value) if frame.tag == "ol" and SPAN.fullmatch(value) else int(frame.tag == "ol")
    elif above is not None and frame.tag != "li":
        frame.number = above.number if above.tag not in _LISTS else 0
    elif above is not None and above.tag == "ol":
        value = frame.element.get("value") or ""
        frame.number = int(value) if SPAN.fullmatch(value) else above.number
        above.number = frame.number + 1


def _has_rows(frames: list[Frame]) -> bool:
    """Whether the row on top of `frames` belongs to a data table."""
    return next((frame.rows for frame in reversed(frames) if frame.tag == "table"), False)


def _row_tag(row: Any) -> str:
    cells = list(row.iterchildren("td", "th"))
    head = row.getparent()
    is_head = cells and (all(cell.tag == "th" for cell in cells) or (head is not None and head.tag == "thead"))
    return "th" if is_head else "tr"
