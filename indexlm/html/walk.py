"""An element tree to numbered blocks: one depth-first walk that ends a block at every block-level boundary.

Every text node that a browser would show lands in exactly one block, and its words survive. `indexlm.html.tags.SKIPPED`
lists the elements that are no content.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from lxml import etree

from indexlm.html.builder import BlockBuilder, FullError
from indexlm.html.formulas import marked_formula
from indexlm.html.frame import Frame
from indexlm.html.hidden import HiddenRules
from indexlm.html.media import EMBEDS, embed
from indexlm.html.permalinks import has_word, is_sign, permalinks
from indexlm.html.plan import make_plan
from indexlm.html.shadow import fill_slots
from indexlm.html.tables import is_data_table, move_footers, row_tag
from indexlm.html.tags import BLOCK_LEVEL, HEADINGS, INLINE, LISTS, PREFORMATTED, SKIPPED, SPACED, shown_tag
from indexlm.limits import LIMITS, Limits
from indexlm.page import Block

_MARKUP = {tag: (f"<{tag}>", f"</{tag}>") for tag in INLINE} | {"tt": ("<code>", "</code>"), "strike": ("<s>", "</s>")}
"""Inline elements whose markup stays, with what they are written as."""
_PHRASES = frozenset(["p", *HEADINGS, "li", "dt", "dd", "a", "label", "td", "th", "summary", "figcaption", "caption"])
"""Elements whose custom elements stand in a line."""
_GENERIC = ("span", "div")
_MARKED = re.compile("math|atex|mw-editsection")  # class words of formulas, and of a wiki's links to edit a section
_NO_CONTENT = SKIPPED | EMBEDS
_WITH_PERMALINKS = frozenset([*HEADINGS, "dt", "summary"])
_SHOWN_BY = frozenset(["style", "role", "hidden", "aria-hidden"])
"""Attributes that say how an element is shown."""
_COUNTED = (*LISTS, "li")
_FEW_CHARS = 150  # of a page that is no text


def walk(root: Any, body: Any, elements: dict[int, Any] | None = None, limits: Limits = LIMITS) -> list[Block]:
    """A page's root and the element that holds its content -> its blocks.

    Of a page with more than `limits.blocks`, one block more than these; at the deadline, those so far. `elements`,
    where it is given, gets the element of each block by its number (the last of `Block.nodes`).
    """
    rules = HiddenRules(root)
    plan = make_plan(body)
    blocks = _walk(body, rules, BlockBuilder(plan, limits), elements)
    return _walk(body, rules, BlockBuilder(plan, limits, True), elements) if _is_of_images(blocks, body) else blocks


def _is_of_images(blocks: list[Block], body: Any) -> bool:
    """Whether a page shows images with hardly any text but links."""
    chars = sum(block.chars - block.link_chars for block in blocks if not block.hidden)
    return chars < _FEW_CHARS and next(body.iter("img"), None) is not None


def _walk(body: Any, rules: HiddenRules, builder: BlockBuilder, elements: dict[int, Any] | None) -> list[Block]:
    with suppress(FullError):
        _fill(body, rules, builder)
    if elements is not None:
        elements |= builder.elements
    return builder.finish()


def _fill(body: Any, rules: HiddenRules, builder: BlockBuilder) -> None:
    frames, inserts = builder.frames, builder.plan.inserts
    extras: set[Any] = set()  # elements of a heading that are no part of its text
    node = 0
    walker = etree.iterwalk(body, events=("start", "end"))
    for event, element in walker:
        if event == "start":
            tag = element.tag
            is_content, insert = True, None
            if tag in _GENERIC:
                if (names := element.get("class")) and _MARKED.search(names):
                    is_content, insert = "mw-editsection" not in names, marked_formula(element)
            elif tag in _NO_CONTENT:
                is_content = _is_content(builder, element)
            elif tag == "a":
                is_content = not is_sign(element)
            if inserts and element in inserts:
                insert = inserts[element]
            if insert is not None:
                builder.insert(insert)
            if insert is not None or not is_content or (extras and element in extras):
                walker.skip_subtree()
                continue
            node += _open(builder, rules, element, node + 1)
            if frames[-1].tag in _WITH_PERMALINKS:
                extras.update(permalinks(element))
            if text := element.text:
                builder.add(text)
        else:
            if frames and frames[-1].element is element:
                _close(builder, element)
            if frames and (tail := element.tail):
                builder.add(tail)


def _is_content(builder: BlockBuilder, element: Any) -> bool:
    """Whether an element that mostly is no content is. What it leaves is added here: a task's box, a film's address."""
    if element.tag in EMBEDS:
        builder.insert(embed(element))
    elif element.tag == "input" and _is_task_box(builder, element):
        builder.task_box(element.get("checked") is not None)
    elif element.tag == "template" and (element.get("shadowrootmode") or element.get("shadowmode")):
        fill_slots(element)
        return True
    return False


def _is_task_box(builder: BlockBuilder, element: Any) -> bool:
    """Whether an `<input>` is the box of a task in a list, and no control of a form."""
    item = next((frame for frame in builder.frames[-3:] if frame.tag == "li"), None)
    if item is None or (element.get("type") or "").lower() != "checkbox":
        return False
    classes = (element.get("class") or "") + (item.element.get("class") or "")
    return element.get("disabled") is not None or "task" in classes


def _open(builder: BlockBuilder, rules: HiddenRules, element: Any, node: int) -> bool:
    """Open an element. Returns whether it took the number `node`, as an element that parts blocks does."""
    frames = builder.frames
    above = frames[-1] if frames else None
    tag = element.tag
    hidden = "" if above is None else above.hidden
    if is_styled := not _SHOWN_BY.isdisjoint(element.keys()):
        tag = shown_tag(element)
        hidden = rules.reason(element, hidden)
    elif rules.by_element:
        hidden = rules.by_element.get(element, hidden)
    if "-" in tag and above is not None and _stacks(above):
        tag = "div"
    if tag in BLOCK_LEVEL and builder.row is None and not builder.pre:
        builder.flush()
        frame = Frame(element, tag, node, hidden, _parent(above, tag))
        frames.append(frame)
        if tag in _COUNTED or (frame.parent is not None and frame.parent.number):
            _set_number(frame)
        if tag == "table":
            move_footers(element)
            builder.plan.read_table(element)
            frame.rows = is_data_table(element)
        elif tag == "tr" and _has_rows(frames):
            builder.row = element
        elif tag == "hr":
            builder.rule = bool(builder.blocks)
        if is_styled or tag in PREFORMATTED or builder.plan.preformatted:
            frame.keeps_space = builder.plan.keeps_space(element, tag)
            builder.pre += frame.keeps_space
        return True
    frames.append(Frame(element, tag, 0, hidden, above if above is None or above.node else above.parent))
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
    elif tag in _MARKUP:
        builder.open_inline(*_MARKUP[tag])
    elif tag == "rt":
        if has_word("".join(element.itertext())):
            builder.add("(")
    elif tag in SPACED or "-" in tag:
        builder.space()
    return False


def _close(builder: BlockBuilder, element: Any) -> None:
    tag = builder.frames[-1].tag
    if builder.pre and not builder.frames[-1].node and builder.is_line(element, tag):
        builder.close_line()
    elif tag in BLOCK_LEVEL:
        if builder.frames[-1].node and builder.row is None:
            builder.flush()
            builder.pre -= builder.frames[-1].keeps_space
        elif element is builder.row:
            builder.flush(row_tag(element))
            builder.row = None
        elif tag in ("td", "th") and builder.row is not None:
            builder.close_cell(tag)
        else:
            builder.part()
    elif tag == "a":
        builder.close_link()
    elif tag in ("sup", "sub"):
        builder.close_script(tag)
    elif tag in _MARKUP:
        builder.close_inline()
    elif tag == "rt":
        if has_word("".join(element.itertext())):
            builder.add(")")
    elif tag in SPACED or "-" in tag:
        builder.space()
    builder.frames.pop()


def _parent(above: Frame | None, tag: str) -> Frame | None:
    """The nearest numbered element around a new one. A list directly in a list belongs to the item before it."""
    parent = above if above is None or above.node else above.parent
    if tag in LISTS and parent is not None and parent.tag in LISTS and parent.item is not None:
        return parent.item
    return parent


def _stacks(frame: Frame) -> bool:
    """Whether the custom elements directly in an element are blocks: no text and no inline element beside them."""
    if frame.stacks is None:
        element = frame.element
        frame.stacks = (
            frame.tag not in _PHRASES
            and not (element.text or "").strip()
            and all(not (child.tail or "").strip() and _may_stack(child.tag) for child in element)
        )
    return frame.stacks


def _may_stack(tag: Any) -> bool:
    return not isinstance(tag, str) or tag in BLOCK_LEVEL or tag in SKIPPED or "-" in tag


def _set_number(frame: Frame) -> None:
    """Set a new frame's number, and advance the number of its list."""
    above, get = frame.parent, frame.element.get
    if frame.tag in LISTS:
        if frame.tag == "ol":
            is_reversed = get("reversed") is not None
            first = sum(1 for _ in frame.element.iterchildren("li")) if is_reversed else 1
            frame.number, frame.step = _number(get("start"), first), -1 if is_reversed else 1
    elif above is not None and frame.tag != "li":
        frame.number = above.number if above.tag not in LISTS else 0
    elif above is not None and above.tag in LISTS:
        above.item = frame
        if above.tag == "ol":
            frame.number = _number(get("value"), above.number)
            above.number = frame.number + above.step


def _number(value: str | None, default: int) -> int:
    """The number that a list or an item states (at most nine digits, as in Markdown), or else the default."""
    return int(value) if value and len(value) < 10 and value.isascii() and value.isdigit() else default


def _has_rows(frames: list[Frame]) -> bool:
    """Whether the row on top of `frames` belongs to a data table."""
    return next((frame.rows for frame in reversed(frames) if frame.tag == "table"), False)
