"""Lists of Microsoft Word and Outlook, which write each item as a paragraph with its sign or number as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lxml import etree

from indexlm.html.tree_edits import take_out
from indexlm.patterns import late

_LIST_CLASS = late(r"(?:^|\s)MsoList")
_LEVEL = late(r"mso-list:\s*[^;]*?\blevel(\d)")
_INDENT = late(r"margin-left:\s*([0-9]{0,4}\.?[0-9]{1,4})(in|pt|cm|mm|px)?", re.IGNORECASE)
_POINTS = {"in": 72.0, "pt": 1.0, "cm": 28.35, "mm": 2.835, "px": 0.75}
_SIGN = late(r"\s*(?:[·•o§▪■□◦‣–—-]|[\uf000-\uf0ff])\s*")
_NUMBER = late(r"\s*\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,6})[.)]\s*")
_MOST_SPANS = 6  # before the text of an item
_MOST_LEVELS = 9


def read_word_lists(paragraphs: Iterable[Any]) -> bool:
    """Put paragraphs of Word that are items into lists, nested by their levels, without their signs and numbers.

    Returns whether some are.
    """
    items = [p for p in paragraphs if _has_list_class(p.get("class") or "") or _level(p)]
    group: list[tuple[Any, Any]] = []  # items that follow each other, each with what holds its sign
    for p in items:
        if group and group[-1][0].getnext() is not p:
            _nest(group)
            group = []
        if (sign := _sign(p)) is not None:
            group.append((p, sign))
    _nest(group)
    return bool(items)


def _has_list_class(names: str) -> bool:
    return "MsoList" in names and _LIST_CLASS.search(names) is not None


def _level(p: Any) -> int:
    style = p.get("style")
    match = _LEVEL.search(style) if style else None
    return min(int(match.group(1)), _MOST_LEVELS) if match else 0


def _sign(p: Any) -> Any:
    """The outermost element at the begin of an item that holds its sign or number alone; None for none."""
    if (p.text or "").strip():
        return None
    for span in _first_elements(p):
        if span.tag not in ("span", "b", "i", "font"):
            return None
        text = "".join(span.itertext())
        if "mso-list:ignore" in (span.get("style") or "").lower().replace(" ", ""):
            return span if text.strip() else None
        if text.strip() and (_SIGN.fullmatch(text) or _NUMBER.fullmatch(text)):
            return span
    return None


def _first_elements(p: Any) -> Iterator[Any]:
    """The first element in a paragraph, the first in that, and so on, as long as no text stands before them."""
    element = next(p.iterchildren(), None)
    for _ in range(_MOST_SPANS):
        if element is None:
            return
        yield element
        if (element.text or "").strip():
            return
        element = next(element.iterchildren(), None)


def _nest(group: Sequence[tuple[Any, Any]]) -> None:
    if not group:
        return
    indents = sorted({_indent(p) for p, _ in group})
    lists: list[tuple[int, Any]] = []  # the open ones with their levels
    for p, sign in group:
        level = _level(p) or 1 + indents.index(_indent(p))
        text = "".join(sign.itertext()).strip()
        while len(lists) > 1 and lists[-1][0] > level:
            lists.pop()
        if not lists or lists[-1][0] < level:
            made = etree.Element("ul" if _SIGN.fullmatch(text) else "ol")
            if lists:
                lists[-1][1][-1].append(made)
            else:
                p.addprevious(made)
            lists.append((level, made))
        take_out(sign)
        p.tag = "li"
        if (number := text.strip("().")).isdigit():
            p.set("value", number)
        lists[-1][1].append(p)


def _indent(p: Any) -> float:
    match = _INDENT.search(p.get("style") or "")
    return float(match.group(1)) * _POINTS[(match.group(2) or "px").lower()] if match else 0.0
