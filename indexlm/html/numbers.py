"""The numbers of ordered lists and of their items."""

from __future__ import annotations

from indexlm.html.frame import Frame
from indexlm.html.tags import LISTS


def set_number(frame: Frame) -> None:
    """Set a new frame's number, and advance the number of its list."""
    above, tag = frame.parent, frame.tag
    if tag in LISTS:
        if tag == "ol":
            get = frame.element.get
            is_reversed = get("reversed") is not None
            first = sum(1 for _ in frame.element.iterchildren("li")) if is_reversed else 1
            frame.number, frame.step = _number(get("start"), first), -1 if is_reversed else 1
    elif above is not None and tag != "li":
        frame.number = above.number if above.tag not in LISTS else 0
    elif above is not None and above.tag in LISTS:
        above.item = frame
        if above.tag == "ol":
            frame.number = _number(frame.element.get("value"), above.number)
            above.number = frame.number + above.step


def _number(value: str | None, default: int) -> int:
    """The number that a list or an item states (at most nine digits, as in Markdown), or else the default."""
    return int(value) if value and len(value) < 10 and value.isascii() and value.isdigit() else default
