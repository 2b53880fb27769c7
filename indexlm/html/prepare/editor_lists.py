"""Lists whose tags do not say what they show: of Google Docs and Quill, and of what is included and what is not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from lxml import etree

from indexlm.html.media import tick
from indexlm.html.step_lists import read_steps
from indexlm.html.tree_edits import take_out

_GOOGLE = re.compile(r"(?:^|\s)lst-kix_(\w+)-(\d)(?:\s|$)")
_QUILL = re.compile(r"(?:^|\s)ql-indent-(\d)(?:\s|$)")
_PLAIN = re.compile(r"list-style(?:-type)?\s*:[^;]*\bnone\b", re.IGNORECASE)
_NUMBERED = re.compile(r"list-style(?:-type)?\s*:[^;]*\bdecimal\b", re.IGNORECASE)
_OWN_NUMBER = re.compile(r"\(?(?:\d+(?:\.\d+)*[.)]?|[a-z][.)]|[ivxl]+[.)])\s", re.IGNORECASE)
_EXCLUDED = re.compile(r"(?:^|[\s_-])(?:not[-_]?(?:available|included)|unavailable|excluded?)(?:$|[\s_-])")
_MOST_IN_ICON = 20  # text nodes
_ICONS = ("i", "svg", "span", "img", "em")
_TAGS = {"bullet": "ul", "ordered": "ol", "checked": "ul", "unchecked": "ul"}


def read_editor_lists(lists: Sequence[Any], items: Sequence[Any]) -> None:
    """Nest the lists of Google Docs and Quill by the levels that their classes state.

    `lists` and `items` are all of a page, in its order. A list that shows no numbers of its own, but items that write
    theirs, is none of numbers.
    """
    read: set[Any] = set()
    for element in lists:
        if element not in read and (match := _GOOGLE.search(element.get("class") or "")):
            levels = [*_google_levels(element, match.group(1))]
            read.update(level for level, _ in levels)
            _nest(levels)
        elif element.tag == "ul" and _NUMBERED.search(_style(element)):
            element.tag = "ol"
        elif element.tag == "ul":
            if len(element) == 1 and element.get("class"):
                _join_next(element)
            if not read_steps(element):
                _write_signs([*element])
        elif element.tag == "ol" and _PLAIN.search(element.get("style") or "") and _counts_itself(element):
            element.tag = "ul"
    of_quill = [li for li in items if li.get("data-list") or "ql-indent-" in (li.get("class") or "")]
    for element in dict.fromkeys(item.getparent() for item in of_quill):
        if element.tag in ("ol", "ul"):
            _nest([*_quill_levels(element)])


def _join_next(first: Any) -> None:
    """Put the items of the lists behind a list into it, where each of them holds one, as Notion writes lists."""
    names = first.get("class")
    while not (first.tail or "").strip():
        after = first.getnext()
        if after is None or after.tag != "ul" or after.get("class") != names or len(after) != 1:
            return
        item = after[0]
        if item.tag != "li" or (after.text or "").strip():
            return
        first.append(item)
        first.tail = after.tail
        after.getparent().remove(after)


def _style(element: Any) -> str:
    """The style of a list, or else of its first item."""
    return element.get("style") or next((item.get("style") or "" for item in element), "")


def _write_signs(items: Sequence[Any]) -> None:
    """Write signs before the items of a list of which some are crossed out, by icons beside ticks or by their names."""
    if len(items) < 2:
        return
    is_excluded = [*map(_is_excluded, items)]
    signs = ["✗" if out else _icon_sign(item) for item, out in zip(items, is_excluded, strict=True)]
    if "✗" in signs and ("✓" in signs or any(is_excluded)):
        for item, sign in zip(items, signs, strict=True):
            item.text = f"{sign} {(item.text or '').lstrip()}" if sign else item.text


def _is_excluded(item: Any) -> bool:
    names = item.get("class") or ""
    return ("available" in names or "clude" in names) and _EXCLUDED.search(names) is not None


def _icon_sign(item: Any) -> str:
    """The sign of the icon that an item begins with; empty for none."""
    icon = item[0] if len(item) else None
    if icon is None or icon.tag not in _ICONS or (item.text or "").strip():
        return ""
    if "".join(islice(icon.itertext(), _MOST_IN_ICON)).strip():
        return ""
    return tick(icon) or (tick(icon[0]) if len(icon) else "")


def _counts_itself(element: Any) -> bool:
    """Whether the items of a list without numbers write their own."""
    texts = ["".join(item.itertext()).strip() for item in element.findall("li")]
    return bool(texts) and all(map(_OWN_NUMBER.match, texts))


def _google_levels(element: Any, name: str) -> Iterator[tuple[Any, int]]:
    """The lists beside one another that are levels of one, each with its level."""
    while element is not None and element.tag in ("ol", "ul"):
        match = _GOOGLE.search(element.get("class") or "")
        if match is None or match.group(1) != name:
            return
        yield element, int(match.group(2))
        if (element.tail or "").strip():
            return
        element = element.getnext()


def _quill_levels(element: Any) -> Iterator[tuple[Any, int]]:
    """A list of Quill -> a list for each of its items, beside one another in its place, each with its level."""
    last = element
    for i, item in enumerate(element.findall("li")):
        state = item.get("data-list") or ""
        match = _QUILL.search(item.get("class") or "")
        if state.endswith("checked"):
            _add_box(item, state == "checked")
        if i == 0:
            element.tag = _TAGS.get(state, element.tag)
        else:
            made = etree.Element(_TAGS.get(state, element.tag))
            made.append(item)
            made.tail, last.tail = last.tail, None
            last.addnext(made)
            last = made
        yield last, int(match.group(1)) if match else 0


def _add_box(item: Any, is_checked: bool) -> None:
    box = etree.Element("input", {"type": "checkbox", "disabled": ""} | ({"checked": ""} if is_checked else {}))
    box.tail, item.text = item.text, None
    item.insert(0, box)


def _nest(lists: Iterable[tuple[Any, int]]) -> None:
    """Put each list into the last item of the one before it that is of a lower level, or go on in that of its own."""
    opened: list[tuple[Any, int]] = []
    for element, level in lists:
        while len(opened) > 1 and opened[-1][1] > level:
            opened.pop()
        around, level_around = opened[-1] if opened else (None, level)
        last = None if around is None else next(around.iterchildren(reversed=True), None)
        if around is None or last is None or level < level_around:
            opened = [(element, level)]
        elif level == level_around and element.tag == around.tag:
            take_out(element)
            around.extend([*element])
        elif level == level_around:
            holder = opened[-2][0][-1] if len(opened) > 1 else None
            if holder is not None:
                take_out(element)
                holder.append(element)
            opened[-1] = (element, level)
        else:
            take_out(element)
            last.append(element)
            opened.append((element, level))
