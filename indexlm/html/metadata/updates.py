"""When a page was last changed, by what it shows to its readers."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from lxml import etree

from indexlm.html.metadata.dates import iso_date
from indexlm.html.metadata.written_dates import written_date
from indexlm.patterns import late
from indexlm.text import word_set

_LABEL = late(
    r"(?:^|[|·•(–—,;/]|\s-\s)\s*(?:(?:page\s+|article\s+)?(?:last\s+)?(?:updated?|modified|changed|edited|reviewed"
    r"|revised)(?:\s+on)?|last\s+(?:change|edit|revision|review)|stand|zuletzt\s+(?:aktualisiert|geändert)(?:\s+am)?"
    r"|aktualisiert(?:\s+am)?|letzte\s+(?:änderung|aktualisierung)|(?:dernière\s+)?(?:mise?\s+à\s+jour|modifi(?:é|cation))"
    r"(?:\s+le)?|(?:última\s+)?(?:actualización|actualizado|atualização|atualizado|modificación)(?:\s+(?:el|em))?"
    r"|(?:ultimo\s+)?aggiorna(?:mento|to)(?:\s+il)?|laatst\s+(?:bijgewerkt|gewijzigd)(?:\s+op)?|обновлено|最終更新日?"
    r"|更新日|更新时间|更新時間|最后更新|最後更新)[\s:：|]+",
    re.IGNORECASE,
)
_DATE = late(r"(?:\w{3,9},\s+)?(?:(?:令和|平成)?\d{1,4}[\W年]|[^\W\d_]{3,9}\.?\s\d)[^\n|·•()]{0,40}")
_DOTTED = late(r"(\d{1,2})\.(\d{1,2})\.(\d{4})\b")
_UPDATED = frozenset(["updated", "modified", "dt-updated", "entry-modified", "post-modified", "date-modified"])
"""Classes of a `<time>` that is no time of publication."""
_PUBLISHED = word_set("published entry-published dt-published entry-date post-date date-published pubdate entry-time")
"""Classes of a `<time>` of publication."""
_MOST_TEXT = 200  # characters of a text that holds a label
_MOST_TEXTS = 20  # in an element around it
_LEVELS = 4  # around the text of a date, in which its label is looked for
_times: Any = etree.XPath("//time[@class and @datetime]")
_publications: Any = etree.XPath("//time[@datetime and (@class or @pubdate)] | //abbr[@title and @class]")
_dated: Any = etree.XPath("//body//text()[contains(., '20') or contains(., '19') or contains(., '令和')]")
_REGIONS = frozenset(["body", "main", "article", "section"])
_NO_TEXT = frozenset(["script", "style", "pre", "code", "textarea", "option"])


def find_published(root: Any) -> list[str]:
    """The root element -> when the page was published, if all `<time>` that are named for it say the same."""
    found = {
        element.get("datetime") or element.get("title")
        for element in _publications(root)
        if element.get("pubdate") is not None or not _PUBLISHED.isdisjoint((element.get("class") or "").lower().split())
    }
    return [*found] if len(found) == 1 else []


def find_updates(root: Any) -> list[str]:
    """The root element -> the date of the last change, if the page shows one and no other.

    It stands in a `<time>` that is named for it, or behind a label such as `Last updated`.
    """
    for element in _times(root):
        names = element.get("class").split()
        if not _UPDATED.isdisjoint(names) and _PUBLISHED.isdisjoint(names):
            return [element.get("datetime")]
    found: set[str] = set()
    for text in _dated(root):
        parent = text.getparent()
        if len(text) <= _MOST_TEXT and (text.is_tail or parent.tag not in _NO_TEXT):
            line = _line_around(parent.getparent() if text.is_tail else parent)
            dates = (_date_at(line[label.end() :]) for label in _LABEL.finditer(line))
            found.update(date for date in dates if date)
    return [*found] if len(found) == 1 else []


def _line_around(element: Any) -> str:
    """The texts of the largest short element around one, with bars between them."""
    line = ""
    for _ in range(_LEVELS):
        parts = [*islice(element.itertext(), _MOST_TEXTS)]
        if element.tag in _REGIONS or len(parts) == _MOST_TEXTS or sum(map(len, parts)) > _MOST_TEXT:
            break
        line, element = "|".join(part for text in parts if (part := " ".join(text.split()))), element.getparent()
    return line


def _date_at(text: str) -> str:
    """The date that a text begins with; empty for none."""
    match = _DATE.match(text)
    if match is None:
        return ""
    if dotted := _DOTTED.match(text):
        day, month, year = dotted.groups()
        return iso_date(f"{year}-{month}-{day}")
    date = iso_date(match.group())
    return date if len(date) > len("2024-05") else written_date(match.group()) or date
