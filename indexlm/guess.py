"""Metadata that a page does not state, guessed by other libraries (extra `metadata`), each value with a mark."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import Any

from lxml import etree

from indexlm.html.guard import trim_tags
from indexlm.html.metadata.dates import iso_date
from indexlm.html.metadata.written_dates import shown_date
from indexlm.html.parse import parse
from indexlm.metadata import Metadata, MetadataValue
from indexlm.patterns import late

_LEAST_CHARACTERS = 40  # of a text whose language is guessed
_MOST_CHARACTERS = 10_000
_MOST_HTML, _MOST_TAGS = 2_000_000, 50_000  # of a page in which a date is looked for
_LEAST_PROBABILITY = 0.9
_UNDATED = late(
    r"(?:©|&copy;|\(c\)|copyright)[^<\d]{0,30}(?:\d{4}\s*[–-]\s*)?\d{4}\b(?!-)|\sxmlns(?::\w+)?=\"[^\"]{0,200}\"",
    re.IGNORECASE,
)
"""What holds a year that is none of the page's: who owns it, and the vocabularies it is written in."""
_COMMENTS = late(r"(?:comments?|commentlist|disqus_thread)(?:[-_].*)?|(?:post|entry|article|user)-comments?")
"""Classes and ids of what readers wrote below a page, at dates of their own."""
# A label that htmldate does not know, before a day, a month and a year.
_LABEL = late(r">\s*[^\W\d_][^<>\d:]{1,30}:\s*(?=\d{1,2}\.?\s[^<>\d]{3,20}\s\d{4})")
_TIMES = late(r"\s(?:datetime|title)=[\"']?(\d{4}-\d\d-\d\dT[\d:.+Z-]{5,24})")
_commented: Any = etree.XPath("//*[contains(@class, 'omment') or contains(@id, 'omment') or @id='disqus_thread']")
_FIRST_DAY = late(
    r"\b0?1([./-])0?1\b|\bjan\w*\.?\s+0?1\b|\b0?1(?:st|er|º|\.)?\s+(?:de\s+)?(?:jan|jän|ene|gen|янв|sty|led|oca|يناير)"
    r"|1\s*[月월]\s*1\s*[日일]|/01/01/",
    re.IGNORECASE,
)


def guess_missing(metadata: Metadata, html: str, text: str, url: str = "") -> Metadata:
    """A page's metadata, source, kept text and address -> the same with guesses where the page states nothing.

    The date of publication is htmldate's, or else one that is shown in a language of other letters; the language is
    py3langid's. Without these libraries they guess nothing.
    """
    guesses: dict[str, MetadataValue] = {}
    if metadata.published is None and (date := _date(html, url)):
        guesses["published"] = date
    if metadata.language is None and (language := _language(text)):
        guesses["language"] = MetadataValue(language, "py3langid", guessed=True)
    return replace(metadata, **guesses) if guesses else metadata


def _date(html: str, url: str) -> MetadataValue | None:
    """When a page was published; the first day of a year only where page or address names that day."""
    if len(html) > _MOST_HTML or html.count("<") > _MOST_TAGS:
        return None
    html = _UNDATED.sub(" ", trim_tags(html))
    html = _without_comments(html)
    found = _day(html, url) or (_day(_LABEL.sub(">", html), url) if _LABEL.search(html) else "")
    found = _moment(html, found) if found else ""
    if not found and not html.isascii() and (shown := shown_date(html)):
        return MetadataValue(shown, "shown", guessed=True)
    return MetadataValue(found, "htmldate", guessed=True) if found else None


def _moment(html: str, day: str) -> str:
    """A day -> the time of that day that a page gives for machines, if it is the only one."""
    times = {time for time in _TIMES.findall(html) if time.startswith(day)}
    return (len(times) == 1 and iso_date(times.pop())) or day


def _without_comments(html: str) -> str:
    """A page without what is called comments, unless that holds its heading, as in a thread."""
    if "omment" not in html or (root := parse(html)) is None:
        return html
    for element in _commented(root):
        names = f"{element.get('id') or ''} {element.get('class') or ''}".lower().split()
        if any(map(_COMMENTS.fullmatch, names)) and next(element.iter("h1", "main", "body"), None) is None:
            element.clear(keep_tail=True)
    return str(etree.tostring(root, encoding="unicode", method="html"))


def _day(html: str, url: str) -> str:
    found = _find_date(html, url)
    only_year = found.endswith("-01-01") and not _FIRST_DAY.search(html + url)
    return "" if only_year else found


def _find_date(html: str, url: str) -> str:
    with suppress(Exception):  # it may not be installed, and a page's content may break any of its parsers
        from htmldate import find_date

        return find_date(html, original_date=True, outputformat="%Y-%m-%d", url=url or None) or ""
    return ""


def _language(text: str) -> str:
    if len(text) < _LEAST_CHARACTERS or (identifier := _identifier()) is None:
        return ""
    language, probability = identifier.classify(text[:_MOST_CHARACTERS])
    return str(language) if probability >= _LEAST_PROBABILITY else ""


@lru_cache(maxsize=1)
def _identifier() -> Any:
    """py3langid with probabilities; None where it is not installed."""
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    except ImportError:
        return None
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
