"""Edits of an element tree (lxml), where text stands behind elements as well as in them."""

from __future__ import annotations

from typing import Any

from lxml import etree


def local_name(element: Any) -> str:
    """The name of an element without its namespace or prefix, in lower case; nothing for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def text_of(element: Any) -> str:
    """All text of an element, with single spaces."""
    return " ".join("".join(element.itertext()).split())


def add_before(element: Any, text: str) -> None:
    """Add text before an element."""
    before, around = element.getprevious(), element.getparent()
    if text and before is not None:
        before.tail = (before.tail or "") + text
    elif text and around is not None:
        around.text = (around.text or "") + text


def take_out(element: Any) -> None:
    """Take an element out of its tree; the text behind it stays."""
    if (around := element.getparent()) is not None:
        add_before(element, element.tail or "")
        element.tail = None
        around.remove(element)


def put_first(element: Any, tag: str, text: str, **attributes: str) -> None:
    """Put a new element before the others in an element, if there is text for it."""
    if text:
        first = etree.Element(tag, attributes)
        first.text = text
        element.insert(0, first)
