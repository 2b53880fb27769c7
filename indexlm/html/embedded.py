"""Documents inside a page's own source: the `srcdoc` of frames, and HTML in drawings."""

from __future__ import annotations

from typing import Any

from indexlm.html.parse import find_body, parse

_MOST_CHARS = 500_000  # of a document in a frame
_MOST_DRAWN, _LEAST_CHARS = 3, 15  # pieces of HTML in a drawing; more or shorter ones are labels in a diagram


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
