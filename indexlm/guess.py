"""Metadata that a page does not state, guessed by other libraries (extra `metadata`), each value with a mark."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import Any

from indexlm.html.guard import trim_tags
from indexlm.metadata import Metadata, MetadataValue

_LEAST_CHARACTERS = 40  # of a text whose language is guessed
_MOST_CHARACTERS = 10_000
_MOST_HTML, _MOST_TAGS = 2_000_000, 50_000  # of a page in which a date is looked for
_LEAST_PROBABILITY = 0.9
_UNDATED = re.compile(
    r"(?:©|&copy;|\(c\)|copyright)[^<\d]{0,30}(?:\d{4}\s*[–-]\s*)?\d{4}\b(?!-)|\sxmlns(?::\w+)?=\"[^\"]{0,200}\"",
    re.IGNORECASE,
)
"""What holds a year that is none of the page's: who owns it, and the vocabularies it is written in."""
_NEW_YEAR = "-01-01"
_FIRST_OF_JANUARY = re.compile(
    r"\b0?1[./-]0?1[./-](?:\d\d)?\d\d\b|\b\d{4}[./-]?0?1[./-]?0?1\b|1月1日|\bjan\w*\.? 1(?:st)?\b"
    r"|\b1(?:st|er|\.)? (?:de )?(?:jan|gen|ene|sty|oca|янв|ιαν)",
    re.IGNORECASE,
)
"""Without it, a date of that day is a year that stands somewhere on the page."""


def guess_missing(metadata: Metadata, html: str, text: str, url: str = "") -> Metadata:
    """A page's metadata, source, kept text and address -> the same with guesses where the page states nothing.

    The date of publication is htmldate's, the language py3langid's. Without these libraries nothing is guessed.
    """
    guesses: dict[str, MetadataValue] = {}
    if metadata.published is None and (date := _date(html, url)):
        guesses["published"] = MetadataValue(date, "htmldate", guessed=True)
    if metadata.language is None and (language := _language(text)):
        guesses["language"] = MetadataValue(language, "py3langid", guessed=True)
    return replace(metadata, **guesses) if guesses else metadata


def _date(html: str, url: str) -> str:
    try:
        from htmldate import find_date
    except ImportError:
        return ""
    if len(html) > _MOST_HTML or html.count("<") > _MOST_TAGS:
        return ""
    with suppress(Exception):  # a page's content may break any of its parsers
        html = _UNDATED.sub(" ", trim_tags(html))
        date = find_date(html, original_date=True, outputformat="%Y-%m-%d", url=url or None) or ""
        is_year = date.endswith(_NEW_YEAR) and not any(map(_FIRST_OF_JANUARY.search, (html, url)))
        return "" if is_year else date
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
