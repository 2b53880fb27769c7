"""Markup that would cost far more than its size: cut before it is parsed, so that time and memory grow with the page.

libxml2 takes time with the square of the attributes of one element, and gives up on pages that nest too deep. Long
class names and styles would be read again for every element inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from indexlm.html.tags import BLOCK_LEVEL
from indexlm.patterns import late
from indexlm.text import word_set

MAX_DEPTH = 200
"""Open elements; libxml2 stops at 256 unless it is told to go on, and people's pages have less than 100."""
_MOST_ATTRIBUTES = 250  # of an element
_LONG_TAG = 8192  # characters without `>`: only such are looked at
_MOST_VALUES = 10_000  # of attributes in a page; one with more may have a tag of thousands, with `>` in them
_FAR = 1 << 20  # characters that a tag is looked for before such a place
_LONG_VALUE = 2000  # characters of an attribute that names or styles
_QUOTED_END = late(r"=\s*+(?:\"[^\">]*+>|'[^'>]*+>)")
_TAG_START = late(r"</?[a-zA-Z]")
_NAMING = word_set("class id style role itemprop itemtype rel type name lang data-lang data-language")
_ATTRIBUTE = r"(?:[\s/]++|=?[^\s/>=]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>\"'][^\s>]*+)?+)?+)"
_RAW = ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes")
_TAG = late(
    r"<!--(?:[^-]++|-(?!->))*+(?:-->)?+"
    + "".join(rf"|<{name}(?=[\s/>]){_ATTRIBUTE}*+>?+(?:[^<]++|<(?!/{name}))*+" for name in _RAW)
    + rf"|<(/?)([a-zA-Z][^\s/>]*+)({_ATTRIBUTE}*+)(?:>|\Z)",
    re.IGNORECASE,
)
_NAME_AND_VALUE = late(r"[\s/]++|(=?[^\s/>=]++)(\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>\"'][^\s>]*+)?+)?+")
_VOID = word_set("area base br col embed hr img input link meta source track wbr")
_CLOSED_BY_ITSELF = word_set("p li td th tr tbody option a form")
_PRIORITIES = {"div": 150, "td": 160, "th": 160, "tr": 170, "thead": 180, "tbody": 180, "tfoot": 180, "table": 190}
"""An end tag does not reach beyond an open element of a higher priority, as libxml2 has it."""


def trim_tags(html: str) -> str:
    """HTML -> the same without what no reader needs of tags longer than `_LONG_TAG`; other pages are returned as is."""
    if not any(_long_tags(html)) and not _has_quoted_ends(html):
        return html
    parts: list[str] = []
    end = 0
    for match in _TAG.finditer(html):
        if match.end(3) - match.start(3) >= _LONG_TAG // 2 and (tag := _trimmed(match)) != match.group():
            parts += html[end : match.start()], tag
            end = match.end()
    return "".join([*parts, html[end:]]) if parts else html


def _has_quoted_ends(html: str) -> bool:
    """Whether a long tag has `>` in its values, so that `_long_tags` does not see it."""
    if html.count("=") <= _MOST_VALUES:
        return False
    reached = 0  # by the tag that was looked at last
    for quoted in _QUOTED_END.finditer(html):
        if quoted.start() >= reached:
            opening = _TAG_START.search(html, html.rfind(">", 0, quoted.end() - 1) + 1, quoted.start())
            match = _TAG.match(html, opening.start()) if opening else None
            reached = match.end() if match else quoted.end()
            if match and match.end(3) - match.start(3) > _LONG_TAG:
                return True
    return False


def _long_tags(html: str) -> Iterator[bool]:
    """By place in the page, whether a tag covers it. Most pages have no place to look at but inside their scripts."""
    reached = 0  # by the tag that was looked at last
    for start in range(0, len(html) - _LONG_TAG, _LONG_TAG):
        if start >= reached and html.find(">", start, start + _LONG_TAG) < 0:
            before = html.rfind(">", max(0, start - _FAR), start)
            opening = html.find("<", max(before, 0, start - _FAR), start)
            match = _TAG.match(html, opening) if opening >= 0 else None
            reached = match.end() if match else 0
            yield match is not None and match.end(3) - match.start(3) > _LONG_TAG // 2


def _trimmed(match: re.Match[str]) -> str:
    """A long tag -> the same with fewer attributes and shorter values."""
    kept: list[str] = []
    count = 0
    for attribute in _NAME_AND_VALUE.finditer(match.group(3)):
        name, value = attribute.group(1), attribute.group(2) or ""
        if name is None:
            kept.append(attribute.group() if "\n" in attribute.group() else " ")
            continue
        count += 1
        if count > _MOST_ATTRIBUTES:
            kept.append("\n" * attribute.group().count("\n"))  # source lines hold
        elif len(value) > _LONG_VALUE and name.lower() in _NAMING:
            text = value.lstrip("= \t\r\n")
            quote = text[0] if text[:1] in ("'", '"') else '"'
            short = text.strip(quote)[:_LONG_VALUE].rpartition(" ")[0] or ""
            kept.append(f"{name}={quote}{short}{quote}{chr(10) * (value.count(chr(10)) - short.count(chr(10)))}")
        else:
            kept.append(attribute.group())
    return f"<{match.group(1)}{match.group(2)}{''.join(kept)}>"


def flatten(html: str, max_depth: int = MAX_DEPTH) -> str:
    """HTML -> the same without the tags deeper than `max_depth`. Their text stays, with the boundaries of its blocks.

    Depth is counted as libxml2 counts it, or higher: an end tag that closes nothing is no step up.
    """
    opened: list[str] = []
    kept = 0  # of the open elements, those whose tags stay

    def replace(match: re.Match[str]) -> str:
        nonlocal kept
        closing, tag = match.group(1), (match.group(2) or "").lower()
        if not tag or tag in _VOID or tag in _RAW:
            return match.group()
        if closing:
            place = _closes(opened, tag)
            if place < 0:
                return ""
            stays = place < kept
            del opened[place:]
            kept = min(kept, place)
        else:
            if tag in _CLOSED_BY_ITSELF and opened and opened[-1] == tag:
                opened.pop()
                kept = min(kept, len(opened))
            stays = kept == len(opened) < max_depth
            opened.append(tag)
            kept += stays
            if len(opened) > 2 * max_depth:
                del opened[max_depth:]  # an end tag of these closes nothing that stays
        if stays:
            return match.group()
        return "<br><br>" if tag in BLOCK_LEVEL else ""

    return _TAG.sub(replace, html)


def _closes(opened: list[str], tag: str) -> int:
    """The open elements and an end tag -> the place of the one that it closes; -1 for none."""
    priority = _PRIORITIES.get(tag, 100)
    for place in range(len(opened) - 1, -1, -1):
        if opened[place] == tag:
            return place
        if _PRIORITIES.get(opened[place], 100) > priority:
            return -1
    return -1


def strip_tags(html: str) -> str:
    """HTML -> its text alone, with the boundaries of its blocks: for what stays too deep in any case."""

    def replace(match: re.Match[str]) -> str:
        tag = (match.group(2) or "").lower()
        return "<br><br>" if tag in BLOCK_LEVEL or tag == "br" else " " if not tag else ""

    return _TAG.sub(replace, html)
