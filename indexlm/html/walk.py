"""An element tree to numbered blocks: one depth-first walk that ends a block at every block-level boundary.

Every text node that a browser would show lands in exactly one block, and its words survive. `indexlm.html.tags.SKIPPED`
lists the elements that are no content.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from lxml import etree

from indexlm.html import pieces
from indexlm.html.builder import SEAM_TEXTS, BlockBuilder
from indexlm.html.content import hidden_address
from indexlm.html.elements import (
    has_rows,
    heads_quotation,
    is_cell_of,
    is_target,
    is_task_box,
    is_verse,
    rename,
    stacks,
    touches_next,
)
from indexlm.html.embedded import show_copied, show_drawn, show_srcdoc
from indexlm.html.formulas import marked_formula
from indexlm.html.frame import Frame
from indexlm.html.grids import read_grid
from indexlm.html.hidden.consent import find_consents, is_wall
from indexlm.html.hidden.rules import NO_FONT, HiddenRules, is_dropped
from indexlm.html.hidden.screen_readers import says_nothing_new
from indexlm.html.hidden.screens import is_hidden
from indexlm.html.hidden.sheets import INLINE_BOXES
from indexlm.html.marks import (
    BOX,
    BOXES,
    DROPPED,
    EDITOR,
    FORMULA,
    GRID,
    ICON,
    LABEL,
    LINES,
    MAIL,
    NOTE,
    RENAMED,
    REPLACED,
    SPOKEN,
    UNSEEN,
    box_state,
    is_icon,
    read_marks,
    read_style_marks,
    says_nothing,
)
from indexlm.html.media import EMBEDS, embed, is_of_images
from indexlm.html.numbers import set_number
from indexlm.html.permalinks import has_word, is_joined, is_sign, leads_to_itself, paragraph_of, permalinks
from indexlm.html.plan import make_plan
from indexlm.html.prepare.rearrange import rearrange
from indexlm.html.prepare.shadow import fill_slots, is_root
from indexlm.html.scripts import is_note_link
from indexlm.html.seams import parts_tail, seam_before, seam_behind
from indexlm.html.side_notes import is_side_note
from indexlm.html.tables import is_data_table, prepare_table, row_tag
from indexlm.html.tags import BLOCK_LEVEL, HEADINGS, INLINE, LISTS, PREFORMATTED, SKIPPED, SPACED, shown_tag
from indexlm.limits import LIMITS, FullError, Limits
from indexlm.page import UNREADABLE, Block

_MARKUP = {tag: (f"<{tag}>", f"</{tag}>") for tag in INLINE - {"a", "q", "sub", "sup"}}
_MARKUP |= {"tt": ("<code>", "</code>"), "strike": ("<s>", "</s>")}
"""Inline elements whose markup stays, with what they are written as."""
_REPLACED_TAGS = ("span", "div", "a", "summary")
_LOOKED_INTO = SKIPPED | EMBEDS | {"a"}
_WITH_PERMALINKS = frozenset([*HEADINGS, "dt", "summary"])
_SHOWN_BY = frozenset(["style", "role", "hidden", "aria-hidden", "color"])
"""Attributes that say how an element is shown."""
_COUNTED = frozenset([*LISTS, "li"])
_CELLS = ("td", "th")
_WITHOUT_TEXT = ("img", "br", "hr", "wbr")
_MOST_OF_VERSE = 4  # elements in a line of a poem, its break among them


def walk(root: Any, body: Any, elements: dict[int, Any] | None = None, limits: Limits = LIMITS) -> list[Block]:
    """A page's root and the element that holds its content -> its blocks.

    Of a page with more than `limits.blocks`, one block more than these; at the deadline, those so far. `elements`,
    where it is given, gets the element of each block by its number (the last of `Block.nodes`).
    """
    rearrange(body)
    rules = HiddenRules(root)
    plan = make_plan(body)
    consents = find_consents(body)
    blocks = _walk(body, rules, BlockBuilder(plan, limits, consents), elements)
    if consents and is_wall(blocks):
        blocks = _walk(body, rules, BlockBuilder(plan, limits), elements)
    if is_of_images(blocks, body):
        return _walk(body, rules, BlockBuilder(plan, limits, consents, reads_alts=True), elements)
    return blocks


def _walk(body: Any, rules: HiddenRules, builder: BlockBuilder, elements: dict[int, Any] | None) -> list[Block]:
    with suppress(FullError):
        _fill(body, rules, builder)
    if elements is not None:
        elements |= builder.elements
    return builder.finish()


def _fill(body: Any, rules: HiddenRules, builder: BlockBuilder, is_note: bool = False) -> None:
    """Add the blocks of the body, or the text of a note inside the open block."""
    frames, inserts, extras, displays = builder.frames, builder.plan.inserts, builder.extras, rules.displays
    node = 0
    walker = etree.iterwalk(body, events=("start", "end"))
    for event, element in walker:
        if event == "end":
            if frames and frames[-1].element is element:
                _close(builder, rules, frames[-1])
            text = element.tail if frames and element is not body else None
        else:
            if inserts and (insert := inserts.get(element)) is not None:
                builder.insert(insert)
                walker.skip_subtree()
                continue
            tag = element.tag
            if (extras and element in extras) or (tag in _LOOKED_INTO and not _is_content(builder, element, tag)):
                walker.skip_subtree()
                continue
            marks, names, is_styled = 0, None, False
            if keys := element.keys():
                is_styled = not _SHOWN_BY.isdisjoint(keys)
                if "class" in keys:
                    names = element.get("class")
                    marks = read_marks(names)
                    if (marks & REPLACED and tag in _REPLACED_TAGS and _replace(builder, element, names, marks)) or (
                        marks & ICON and is_icon(names, element)
                    ):
                        walker.skip_subtree()
                        continue
            if marks or is_styled or displays or tag == "d-footnote":
                if marks & GRID or (is_styled and "style" in keys) or (displays and keys):
                    read_grid(element, displays)
                if marks & RENAMED:
                    rename(element)
                may_be_note = marks & NOTE or tag == "d-footnote" or (is_styled and "role" in keys)
                if may_be_note and not is_note and is_side_note(builder, rules, element, marks):
                    builder.side_notes.append(element)
                    builder.gap = True
                    walker.skip_subtree()
                    continue
            node += _open(builder, rules, element, keys, names, marks, is_styled, node + 1)
            text = element.text
        # Most text nodes are the white space between blocks.
        if text and (builder.text or builder.pre or not text.isspace()):
            builder.add(text)


def _end_run(rules: HiddenRules, builder: BlockBuilder) -> None:
    """Make a block of the run, if it holds anything, and behind it one of each of its notes."""
    if builder.pieces or builder.hidden.pieces:
        builder.flush()
        if builder.side_notes:
            notes, builder.side_notes = builder.side_notes, []
            for note in notes:
                _fill(note, rules, builder, is_note=True)
                builder.flush()
    else:
        builder.breaks = 0


def _replace(builder: BlockBuilder, element: Any, names: str, marks: int) -> bool:
    """Whether something else stands for an element with such names. It is added: a formula, a box, or nothing."""
    if marks & DROPPED and says_nothing(names, element):
        return True
    if marks & SPOKEN and says_nothing_new(element):
        builder.gap = True
        builder.visible_chars += not builder.frames[-1].hidden  # what is seen beside it
        return True
    if marks & BOX and (state := box_state(names, element)) is not None:
        if any(frame.tag == "li" for frame in builder.frames[-4:]):
            pieces.task_box(builder, state)
            return True
    elif marks & MAIL and (address := hidden_address(element.get("data-cfemail") or "")):
        builder.add(address)
        return True
    elif marks & FORMULA and (insert := marked_formula(element)) is not None:
        builder.insert(insert)
        return True
    return False


def _is_content(builder: BlockBuilder, element: Any, tag: str) -> bool:
    """Whether an element is content that may be none: a link, or one that is mostly left out."""
    if tag == "a":
        return not (element.get("href") or "").startswith(("#", "javascript:")) or not is_sign(element)
    return _is_shown(builder, element)


def _is_shown(builder: BlockBuilder, element: Any) -> bool:
    """Whether an element that mostly is no content is."""
    tag = element.tag
    if tag in EMBEDS:
        if tag == "iframe" and show_srcdoc(element):
            return True
        builder.insert(embed(element))
    elif tag == "input":
        if is_task_box(element, builder.frames):
            pieces.task_box(builder, element.get("checked") is not None)
    elif tag == "textarea":
        return show_copied(element)
    elif tag == "template":
        if is_root(element):
            fill_slots(element)
            return True
    elif tag == "svg" and (others := show_drawn(element)) is not None:
        builder.extras.update(others)
        return True
    return False


def _open(
    builder: BlockBuilder,
    rules: HiddenRules,
    element: Any,
    keys: list[str],
    names: str | None,
    marks: int,
    is_styled: bool,
    node: int,
) -> bool:
    """Open an element. Returns whether it took the number `node`, as an element that parts blocks does."""
    frames = builder.frames
    above = frames[-1] if frames else None
    parent = above if above is None or above.node else above.parent
    tag = element.tag
    hidden = "" if above is None else above.hidden
    if is_styled:
        tag = shown_tag(element)
        hidden = rules.reason(element, hidden)
    elif tag == "dialog" or hidden == NO_FONT or (keys and rules.has_names and rules.is_named(element, keys, names)):
        hidden = rules.reason(element, hidden)
    if marks & UNSEEN and not hidden and names and is_hidden(names, element):
        hidden = "display:none"
    if above is not None and ("-" in tag or tag == "cite") and _is_block(element, tag, above):
        tag = "div"
    elif tag == "div" and 0 < len(element) < _MOST_OF_VERSE and element[-1].tag == "br" and is_verse(element):
        tag = "span"
    if tag in BLOCK_LEVEL and builder.row is None and not builder.pre:
        if builder.pieces or builder.hidden.pieces or builder.breaks:
            _end_run(rules, builder)
        if tag in LISTS and parent is not None and parent.tag in LISTS and parent.item is not None:
            parent = parent.item  # a list directly in a list belongs to the item before it
        frame = Frame(element, tag, node, hidden, parent, keys, names)
        frames.append(frame)
        if tag in _COUNTED or (parent is not None and parent.number):
            set_number(frame)
        if tag in _OPENED_BLOCKS:
            _open_block(builder, frame)
        if marks & EDITOR and tag == "div":
            builder.plan.read_editor(element)
        if is_styled or tag in PREFORMATTED or builder.plan.preformatted:
            frame.keeps_space = builder.plan.keeps_space(element, tag)
            builder.pre += frame.keeps_space
    else:
        frame = Frame(element, tag, 0, hidden, parent, keys, names)
        is_piece = hidden and above is not None and hidden != above.hidden and tag not in _WITHOUT_TEXT
        if is_piece and is_dropped(element, hidden):
            if not (is_styled or marks & UNSEEN or hidden in UNREADABLE) and above is not None:
                frame.hidden = above.hidden  # a rule closes it: if it is all of a block, a script may show it
            builder.begin_hidden(frame)
        frames.append(frame)
        frame.is_label = marks & LABEL > 0
        if marks or builder.text or builder.boxes or rules.boxes is not None:
            _part(builder, rules, frame, marks)
        if tag != "span" or builder.pre:
            _open_inline(builder, frame, above)
    if tag in _WITH_PERMALINKS and len(element):
        builder.extras.update(permalinks(element))
    if is_styled and (style := element.get("style")):
        marks |= read_style_marks(style)
    if marks:
        if marks & BOXES and tag not in ("table", "tr"):
            builder.boxes.append(frame)
        if marks & LINES and not builder.pre:
            builder.lined.append(frame)
    return frame.node > 0


def _part(builder: BlockBuilder, rules: HiddenRules, frame: Frame, marks: int) -> None:
    """Note where space may part an element that was opened in a run from the text before it."""
    element, tag = frame.element, frame.tag
    is_amid_text = bool(builder.text) and not builder.text[-1][-1:].isspace()
    is_box = (
        rules.boxes is not None
        and tag in INLINE_BOXES
        and rules.boxes.may_be_of(element, frame.names)
        and (is_amid_text or touches_next(element))
        and rules.boxes.are_of(element, frame.names)
    )
    if (is_box or marks & (SPOKEN | NOTE)) and not builder.is_code():
        builder.gap = frame.is_apart = True
    elif len(builder.frames) > 1 and builder.boxes and builder.boxes[-1] is builder.frames[-2]:
        builder.gap = True
    elif is_amid_text:
        before = element.getprevious()
        if before is not None and not before.tail and not isinstance(builder.seam, tuple):
            builder.seam = None if builder.is_code(-1) else (before, element)
        elif builder.seam is None:
            is_in_caption = builder.frames[-2].tag == "figcaption"
            builder.seam = seam_before(element, tag, frame.is_label, builder.text[-1], is_in_caption)


_OPENED_BLOCKS = frozenset(["table", "tr", "hr", "li", *HEADINGS])


def _open_block(builder: BlockBuilder, frame: Frame) -> None:
    """Do what only some elements need that part blocks."""
    element, tag = frame.element, frame.tag
    if tag == "table":
        prepare_table(element)
        builder.plan.read_table(element)
        frame.rows = is_data_table(element)
    elif tag == "li":
        if "data-inline-task-id" in frame.keys:
            pieces.task_box(builder, "checked" in (element.get("class") or "").split())
    elif tag == "hr":
        builder.rule = bool(builder.blocks)
    elif has_rows(builder.frames) if tag == "tr" else len(element) and is_joined(element):
        builder.row = element
    elif tag != "tr" and (paragraph := paragraph_of(element)) is not None:
        paragraph.tag = tag


def _open_inline(builder: BlockBuilder, frame: Frame, above: Frame | None) -> None:
    """Open an element that does not part blocks, or that stands where none are parted: in a row or in code."""
    element, tag = frame.element, frame.tag
    if tag == "button":
        builder.is_in_control = pieces.is_control(element)
    if builder.pre and pieces.is_code_line(builder, element, tag):
        pieces.open_line(builder)
    elif tag == "a":
        href = element.get("href") or ""
        frame.is_link = href != "" or not is_target(element)
        is_note = "#" in href and is_note_link(element, href)
        if frame.is_link:
            is_own = href[:1] == "#" and not is_note and leads_to_itself(element, href[1:])
            pieces.open_link(builder, "" if is_own else href)
        else:
            builder.open_inline("", "")
        if is_note:
            builder.notes.add(element)
            builder.add("[")
    elif tag in _MARKUP:
        builder.open_inline(*_MARKUP[tag])
    elif tag in BLOCK_LEVEL:
        if tag in _CELLS and is_cell_of(builder.row, element):
            pieces.open_cell(builder, element, tag)
        else:
            pieces.open_in_row(builder, element, tag)
    elif tag == "br":
        builder.line_break()
    elif tag in ("img", "amp-img"):
        pieces.add_image(builder, element)
    elif tag in ("sup", "sub"):
        pieces.open_script(builder, element, tag)
    elif tag == "embed":
        builder.insert(embed(element))
    elif tag == "q":
        pieces.quote(builder, element, opens=True)
    elif tag == "rt":
        if has_word("".join(element.itertext())):
            builder.add("(")
    elif tag in SPACED or ("-" in tag and not pieces.is_word(builder, above)):
        builder.space()


def _is_block(element: Any, tag: str, above: Frame) -> bool:
    """Whether a custom element, or a `<cite>`, is shown as a block."""
    return heads_quotation(element) if tag == "cite" else tag != "amp-img" and stacks(above)


def _close(builder: BlockBuilder, rules: HiddenRules, frame: Frame) -> None:
    if frame.node and builder.row is None:
        if builder.pieces or builder.hidden.pieces or builder.breaks:
            _end_run(rules, builder)
        builder.pre -= frame.keeps_space
        builder.frames.pop()
    else:
        _close_inline(builder, frame)
    if builder.boxes and builder.boxes[-1] is frame:
        builder.boxes.pop()
    elif builder.boxes and builder.boxes[-1] is builder.frames[-1]:
        builder.gap = True
    if builder.lined and builder.lined[-1] is frame:
        builder.lined.pop()


def _close_inline(builder: BlockBuilder, frame: Frame) -> None:
    """Close an element that does not part blocks, a row, or what stands in a row or in code."""
    element, tag = frame.element, frame.tag
    if builder.pre and not frame.node and pieces.is_code_line(builder, element, tag):
        pieces.close_line(builder)
    elif tag in _MARKUP:
        builder.close_inline()
    elif tag in BLOCK_LEVEL:
        if element is builder.row:
            if tag == "tr":
                builder.flush(row_tag(element))
                builder.row = None
            else:
                builder.row = None
                builder.flush()
        elif tag in _CELLS and is_cell_of(builder.row, element):
            pieces.close_cell(builder, element, tag)
        else:
            builder.part(tag)
    elif tag == "a":
        if builder.notes and element in builder.notes:
            builder.add("]")
        if frame.is_link:
            pieces.close_link(builder)
        else:
            builder.close_inline()
    elif tag in ("sup", "sub"):
        pieces.close_script(builder, tag)
    elif tag == "q":
        pieces.quote(builder, element, opens=False)
    elif tag == "rt":
        if has_word("".join(element.itertext())):
            builder.add(")")
    elif (tag in SPACED or ("-" in tag and not pieces.is_word(builder, builder.frames[-2]))) and parts_tail(element):
        builder.space()
    if tag == "button":
        builder.is_in_control = False
    if builder.hidden.frame is frame:
        builder.end_hidden()
    builder.frames.pop()
    if builder.seam is not None:  # no text since
        if type(builder.seam) is tuple and builder.seam[1] is element:
            builder.seam = None
    elif builder.text and (frame.is_label or len(builder.text) < SEAM_TEXTS):
        builder.seam = seam_behind(element, tag, frame.is_label)
    if frame.is_apart:
        builder.gap = True
