"""Where elements of a kind are, and what one is by where it stands: a block, a cell of the open row, a target."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from lxml import etree

from indexlm.html.frame import Frame
from indexlm.html.tags import BLOCK_LEVEL, HEADINGS, SKIPPED

_VERSE = 100  # characters of a line of a poem
_PHRASES = frozenset(["p", *HEADINGS, "li", "dt", "dd", "a", "label", "td", "th", "summary", "figcaption", "caption"])
"""Elements whose custom elements stand in a line."""
_IN_LINE = frozenset(["span", "b", "strong", "em", "i", "small", "time", "s", "u", "mark", "cite"])
"""The same, unless something in them parts blocks."""


def find_elements(root: Any, *groups: Iterable[str]) -> list[list[Any]]:
    """The elements in a root with the tags of each group, in page order. To go over a page once for all saves time."""
    found: list[list[Any]] = [[] for _ in groups]
    places = {tag: elements for tags, elements in zip(groups, found, strict=True) for tag in tags}
    for element in root.iter(*places):
        places[element.tag].append(element)
    return found


def heads_quotation(cite: Any) -> bool:
    """Whether a `<cite>` stands before a quotation, as a forum writes whom it quotes, and not in a sentence."""
    around = cite.getparent()
    if cite.getprevious() is not None or (around.text or "").strip():
        return False
    outer = around.getparent() if around.tag == "div" else None
    return around.tag == "blockquote" or (outer is not None and outer.tag == "blockquote" and outer[0] is around)


def is_task_box(element: Any, frames: Sequence[Frame]) -> bool:
    """Whether an `<input>` is the box of a task in a list, and no control of a form."""
    item = next((frame for frame in frames[-4:] if frame.tag == "li"), None)
    get = element.get
    if item is None or (get("type") or "").lower() != "checkbox":
        return False
    if get("disabled") is not None or item.element.get("data-checked") is not None:
        return True
    if "task" in (get("class") or "") + (item.element.get("class") or ""):
        return True
    return not (get("name") or get("value") or get("id") or get("onchange"))


def is_target(link: Any) -> bool:
    """Whether an `<a>` without an address is the target of links, as `<a name="note">` is, and no link of a script."""
    get = link.get
    is_named = get("name") is not None or get("id") is not None
    return is_named and get("onclick") is None and get("role") is None and get("class") is None


def is_verse(element: Any) -> bool:
    """Whether a `<div>` is a line that ends with a break, beside others, as poems are written."""
    return _ends_line(element) and any(
        other is not None and other.tag == "div" and _ends_line(other)
        for other in (element.getprevious(), element.getnext())
    )


def _ends_line(element: Any) -> bool:
    if not len(element) or element[-1].tag != "br" or (element[-1].tail or "").strip():
        return False
    if sum(map(len, element.itertext())) > _VERSE:
        return False
    return not any(inner.tag in BLOCK_LEVEL for inner in element.iterdescendants("*"))


def rename(element: Any) -> None:
    """Give an element the tag of what it is, if its classes say that it is something else.

    The parameters of a function in Sphinx are no emphasis, and the lines of its stanzas are no blocks.
    """
    if element.tag == "em":
        element.tag = "span" if element.get("class") == "sig-param" else "em"
    elif "line-block" in element.get("class").split():
        _read_stanza(element)


def _read_stanza(stanza: Any) -> None:
    """End each line of a stanza (of Sphinx) with a break, where it is an element; those in it are read with it."""
    if stanza.tag == "span":
        return
    names = [(line.get("class") or "").split() for line in stanza]
    if not all("line" in own or "line-block" in own for own in names):
        return
    for line, own in zip(stanza, names, strict=True):
        if "line-block" in own:
            _read_stanza(line)
        elif next(line.iter("br"), None) is None:
            etree.SubElement(line, "br")
        line.tag = "span"


def touches_next(element: Any) -> bool:
    """Whether text or an element follows an element without white space."""
    tail = element.tail
    return not tail[0].isspace() if tail else element.getnext() is not None


def is_cell_of(row: Any, element: Any) -> bool:
    """Whether a cell belongs to the open row, and to no table in one of its cells."""
    if row is None or element.getparent() is row:
        return row is not None
    around = next(element.iterancestors("tr", "table", "td", "th"), None)
    return around is None or around is row


def has_rows(frames: Sequence[Frame]) -> bool:
    """Whether the row on top of `frames` belongs to a data table."""
    return next((frame.rows for frame in reversed(frames) if frame.tag == "table"), False)


def stacks(frame: Frame) -> bool:
    """Whether the custom elements directly in an element are blocks: no text and no inline element beside them."""
    if frame.stacks is None:
        element = frame.element
        frame.stacks = (
            frame.tag not in _PHRASES
            and not (element.tag in _IN_LINE and not any(i.tag in BLOCK_LEVEL for i in element.iterdescendants("*")))
            and not (element.text or "").strip()
            and all(not (child.tail or "").strip() and _may_stack(child.tag) for child in element)
        )
    return frame.stacks


def _may_stack(tag: Any) -> bool:
    return not isinstance(tag, str) or tag in BLOCK_LEVEL or tag in SKIPPED or "-" in tag
