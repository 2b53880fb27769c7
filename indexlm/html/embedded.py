"""Texts inside a page's own source: the `srcdoc` of frames, HTML in drawings, fields whose text is to be copied, and
HTML as the text of a `<noscript>`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lxml import etree

from indexlm.html.parse import find_body, parse

_MOST_CHARS = 500_000  # of a document in a frame
_MOST_DRAWN, _LEAST_CHARS = 3, 15  # pieces of HTML in a drawing; more or shorter ones are labels in a diagram

_LINES = ("p", "span", "a", "li", "td", "dd", "figcaption")
_IS_MARKUP = re.compile(r"\s*<[a-zA-Z!][^<>]*>")
_SELECTS = re.compile(r"\bselect\(|\bcopy", re.IGNORECASE)
_CODE_SIGNS = re.compile(r"[<>{}=;\\|]|^[ \t]*[$#]|\]\(", re.MULTILINE)


def read_noscripts(noscripts: Iterable[Any]) -> None:
    """Read the markup that stands as text in a `<noscript>`, as browsers with scripts save it.

    One of nothing but an image stands in the line of the image for which it is shown.
    """
    for element in noscripts:
        source = element.text or ""
        if element.getparent().tag in _LINES and len(element) == 1 and element[0].tag == "img":
            element.set("style", "display: inline")
        if len(element) or len(source) > _MOST_CHARS or not _IS_MARKUP.match(source):
            continue
        root = parse(source)
        inside = None if root is None else find_body(root)
        element.text = None if inside is None else inside.text
        element.extend([] if inside is None else list(inside))


def show_copied(field: Any) -> bool:
    """A `<textarea>` -> whether it shows a text that readers copy; then that is code, or lines of text."""
    get = field.get
    is_copied = get("readonly") is not None or _SELECTS.search(f"{get('onclick')} {get('onfocus')}")
    if not is_copied or not (field.text or len(field)):
        return False
    if len(field):  # markup that is not escaped
        inside = "".join(etree.tostring(child, method="html", encoding="unicode") for child in field)
        field.text = (field.text or "") + inside
        del field[:]
    is_code = _CODE_SIGNS.search(field.text) is not None
    field.tag = "pre" if is_code else "div"
    if not is_code:
        field.set("style", "white-space: pre-line")
    return bool(field.text.strip())


def show_srcdoc(frame: Any) -> bool:
    """An `<iframe>` -> whether its `srcdoc` holds text; then its content becomes that of the frame."""
    source = frame.get("srcdoc") or ""
    if not source or len(source) > _MOST_CHARS or (frame.get("src") or "").startswith("http"):
        return False
    root = parse(source)
    body = None if root is None else find_body(root)
    if body is None:
        return False
    for script in [*body.iter("script", "style")]:
        script.text = None
    if "".join(body.itertext()).count(" ") < 2:
        return False
    frame.tag = "div"
    frame.text = body.text
    frame.extend(list(body))
    return True


def show_drawn(drawing: Any) -> list[Any] | None:
    """An `<svg>` -> what in it is no content, where some of it is HTML with text; None for other drawings."""
    pieces = [*drawing.iter("foreignobject")]
    if not 0 < len(pieces) <= _MOST_DRAWN:
        return None
    if all(sum(len(text.strip()) for text in piece.itertext()) < _LEAST_CHARS for piece in pieces):
        return None
    around = {ancestor for piece in pieces for ancestor in (piece, *piece.iterancestors())}
    inside = {element for piece in pieces for element in piece.iterdescendants()}
    return [element for element in drawing.iterdescendants("*") if element not in around and element not in inside]
