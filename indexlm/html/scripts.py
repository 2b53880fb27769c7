"""Raised and lowered text (`<sup>`, `<sub>`) in plain characters: a power never joins its base's digits."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from indexlm.patterns import late

_RAISED = str.maketrans("0123456789+-−=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_PLAIN_SIGNS = late(r"[\d+\-−=(),\s–]*\d[\d+\-−=(),\s–]*|[+\-−]", re.ASCII)
# What is written raised after a number or in an abbreviation, and reads on from it: 1st, 2e, XIXe, no, Dr, Mme.
_ORDINAL = late(
    r"(?:[0-9]|(?<![A-Za-z])[IVXLCDM]+)(?i:[aeoºª]|st|nd|rd|th|d|er|ers|re|res|es|ère|ères|[eè]mes?|de|te|ste|os|as)"
    r"|(?i:[a-z]th|n[or]|n?os|dr|me|mme|mlle|mgr|st|ste|mr|mrs|pr|fr|vve|cie|ct)|\w*(?:TM|SM|MC|MD|tm)"
)
_TRADEMARKS = {"TM": "™", "tm": "™", "SM": "℠"}
_IN_BRACKETS = late(r"\([^()]*\)")
_MEASURED = late(r"\d[:.,]\d+\Z")  # a time or a price, which has no ordinal
_BASE = late(r"\w+\s?$")
_WORDS = late(r"[^\W\d_]{3,}(?:\s[^\W\d_]+)*")
_NAMED = late(r"[^\W\d_]{2}[a-z]$")  # what a word may stand above: no name of a quantity
_CENTS = late(r"([.,]?)\d\d")
_OF_PRICE = late(r"price|amount|cost|cents|decimal|fraction|prix|preis|precio|prezzo|preco", re.IGNORECASE)
_MARK = late(r"[0-9]{1,3}|[a-z]{1,2}|[ivx]{1,5}|[*†‡§¶#]{1,3}|(?:note|nb|n|fn)\s?[0-9]{1,3}", re.IGNORECASE)
_MARK_NAMES = late(r"foot-?note|note_mark|f(?:t?n)(?:ref|t)?[-_:]?\d|end-?note|note-?ref|cite", re.IGNORECASE)
_FEW_TEXTS = 20  # text nodes of a link around a mark
_LONG = 24  # characters of a script; longer text is small print


def script_text(content: str, tag: str, before: str) -> str:
    """What a `<sup>` or `<sub>` holds, and the text before it -> what stands for it.

    Signs and digits have characters of their own (`10⁻⁸`, `H₂O`); other exponents and indices are marked (`x^n`,
    `a^(n+1)`, `V_max`). Ordinals, trademarks, marks of notes in brackets and small print stay as they are.
    """
    text = content.strip()
    if text.startswith("°"):
        return content
    if _PLAIN_SIGNS.fullmatch(text):
        return content.translate(_RAISED if tag == "sup" else _LOWERED)
    base = _BASE.search(before[-_LONG:])
    if base is None and not before.endswith((")", "]", "}")):
        return content
    if (words := _words_apart(text, tag, before)) is not None:
        return words
    if len(text) > _LONG or not any(map(str.isalnum, text)) or text[0] in "[$" or text[-1] in "]$":
        return content
    if tag == "sup" and text in _TRADEMARKS:
        return _TRADEMARKS[text]
    is_measured = text.islower() and len(text) == 1 and _MEASURED.search(before[-_LONG:]) is not None
    if tag == "sup" and base is not None and not is_measured and _ORDINAL.fullmatch(_tail(before) + text):
        return content
    return ("^" if tag == "sup" else "_") + (text if text.isalpha() or _IN_BRACKETS.fullmatch(text) else f"({text})")


def _words_apart(text: str, tag: str, before: str) -> str | None:
    """Raised or lowered words, which are small print or a badge (`Registry New`), as they stand; None for an index.

    A single lowered word is an index, as in `Out_Max`.
    """
    if not _WORDS.fullmatch(text) or not _NAMED.search(before[-_LONG:].rstrip()):
        return None
    if before[-1:].isspace():
        return text
    return f" {text}" if " " in text or (tag == "sup" and text.istitle()) else None


def cents_after(element: Any, before: str) -> str | None:
    """A `<sup>`, and the text before it -> the sign before its digits, if these are the cents of a price; else None."""
    match = _CENTS.fullmatch("".join(islice(element.itertext(), 3)).strip())
    if match is None or not before:
        return None
    if match.group(1):
        return "" if before[-1].isdigit() else None
    around = (element, element.getparent(), element.getparent().getparent())
    is_price = any(other is not None and _OF_PRICE.search(other.get("class") or "") for other in around)
    if not is_price or not before.rstrip(".,")[-1:].isdigit():
        return None
    return "." if before[-1].isdigit() else ""


def _tail(before: str) -> str:
    """The last word of a text; of a word that ends with a digit, that digit."""
    word = before[-_LONG:].split(" ")[-1] or before.strip()[-_LONG:].split(" ")[-1]
    return word[-1] if word[-1:].isdigit() else (re.findall(r"\w+", word) or [""])[-1]


def is_note_mark(element: Any) -> bool:
    """Whether a `<sup>` is the mark of a note: short, linked within the page or named so, and without brackets."""
    text = "".join(element.itertext()).strip()
    if not _MARK.fullmatch(text):
        links = [*element.iter("a")]
        parts = re.split(r"\s*[,;\u2013-]\s*|\s+", text)
        if len(links) < 2 or len(text) > _LONG or not all(map(_MARK.fullmatch, parts)):
            return False
        return all("#" in (link.get("href") or "") for link in links)
    link = next(element.iter("a"), None)
    if link is None:
        link = next(element.iterancestors("a"), None)
        if link is not None and "".join(islice(link.itertext(), _FEW_TEXTS)).strip() != text:
            return False  # the link is of more than the mark
    if link is not None:
        if not any(map(str.isalnum, text)) and (link.get("href") or "").startswith("#"):
            return False  # a permalink, which goes
        return "#" in (link.get("href") or "") or bool(_MARK_NAMES.search(_names(link)))
    return bool(_MARK_NAMES.search(_names(element)))


def is_note_link(link: Any, href: str) -> bool:
    """Whether a link without a `<sup>` is the mark of a note, such as `<a href="#footnote-1">1</a>`."""
    if not (_MARK_NAMES.search(href) or _MARK_NAMES.search(_names(link))):
        return False
    text = "".join(link.itertext()).strip()
    if not _MARK.fullmatch(text) or next(link.iter("sup"), None) is not None:
        return False
    return next(link.iterancestors("sup"), None) is None


def _names(element: Any) -> str:
    return " ".join(filter(None, map(element.get, ("class", "id", "role", "rel", "epub:type"))))
