"""What the cells of a table state: numbers, amounts of money, dates and years, in values that can be compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from math import fsum

from indexlm.html.metadata.dates import iso_date
from indexlm.html.metadata.written_dates import written_date
from indexlm.patterns import late
from indexlm.text import CURRENCY_NAMES, CURRENCY_SIGNS, has_digit, word_set

_NUMBER = late(r"(?<![\w.,:])[-−]?[$€£¥₹]?\d(?:[\d.,:]|['’\u00a0\u202f ](?=\d{3}(?!\d)))*")
_GROUPS = late(r"\d{1,3}(?:([.,'’\u00a0\u202f ])\d{3})(?:\1\d{3})*")
_UNIT = late(r"\s?([^\W\d_]{1,8}|[%°])")
_SIGN_BEFORE = late(rf"([{CURRENCY_SIGNS}])\s?[-−]?[\d.,'’\s]+$")
_RANGE = late(r"\d\s?(?:[-–—~〜]|to|bis)\s?\d")
_PRICE = late(
    rf"(?:[{CURRENCY_SIGNS}]|\b(?:{CURRENCY_NAMES})\b)\s?\d[\d.,]*|\d[\d.,]*\s?(?:[{CURRENCY_SIGNS}元円원]|(?:{CURRENCY_NAMES})\b)"
)
_THOUSANDS = late(r"(?<![\d.,])\d{1,3}(?:\.\d{3})+(?![\d.,])")
_BLANK = late(r"\W*|n/?a|none|tba|tbd", re.IGNORECASE)
_MOST_DIGITS, _MOST_PARTS = 15, 4
_YEAR = late(r"(?<![\d.,])(?:1\d{3}|20\d\d)(?![\d,]|\.\d|\s?(?:[^\W\d_]{1,2}\b|[%°]))")  # no length in mm
_FREE = late(
    r"\b(?:free|gratis|gratuit[oae]?s?|kostenlos|бесплатно|darmow\w+|ücretsiz)\b|無料|免费|무료", re.IGNORECASE
)
_ORDINALS = word_set("st nd rd th er e º ª")
_COMMA_DECIMALS = word_set("de fr es it pt nl pl ru uk tr sv da no nb nn fi cs sk hu ro bg el id vi sl hr sr et lv lt")
_MAX_PRICED = 120  # characters of a text that has one price


def decimal_sign(lang: str, cells: Sequence[str] = ()) -> str:
    """A page's language -> what stands before decimals; without one, a column tells by points that part thousands."""
    pointed = [cell for cell in cells if "." in cell] if not lang else []
    is_comma = lang[:2] in _COMMA_DECIMALS or (bool(pointed) and all(map(_THOUSANDS.search, pointed)))
    return "," if is_comma else "."


def is_blank(cell: str) -> bool:
    """Whether a cell holds nothing, or a sign for it."""
    return _BLANK.fullmatch(cell) is not None


def is_range(cell: str) -> bool:
    """Whether a cell holds two numbers, from one to the other."""
    return _RANGE.search(cell) is not None


def number_in(cell: str, decimal: str) -> float | None:
    """The first number of a cell (times such as `1:48.6` in their last unit); None without one.

    Groups of three digits are thousands, but for one that stands behind the `decimal` sign of the page's language.

    >>> number_in("1,140 m", "."), number_in("1.140,50 €", ","), number_in("4.275 kg", "."), number_in("1:30", ".")
    (1140.0, 1140.5, 4.275, 90.0)
    """
    cell = "".join(str(unicodedata.digit(c)) if c.isdecimal() and not c.isascii() else c for c in cell)
    match = _NUMBER.search(cell)
    if not match:
        return None
    text = re.sub(r"[$€£¥₹]", "", match.group().replace("−", "-")).rstrip(".,:'’\u00a0\u202f ")
    sign, text = (-1, text[1:]) if text.startswith("-") else (1, text)
    if len(text) > _MOST_DIGITS:
        return None
    if ":" in text:
        parts = text.replace(",", ".").split(":")
        if len(parts) > _MOST_PARTS or not all(re.fullmatch(r"\d+(?:\.\d+)?", part) for part in parts):
            return None
        return sign * fsum(float(part) * 60 ** (len(parts) - 1 - n) for n, part in enumerate(parts))
    if (groups := _GROUPS.fullmatch(text)) and (groups[1] != decimal or text.count(decimal) > 1):
        return sign * float(re.sub(r"\D", "", text))
    whole, mark, part = text.rpartition("." if text.rfind(".") > text.rfind(",") else ",")
    whole, part = (whole, part) if mark else (part, "")
    is_whole = whole.isdecimal() or _GROUPS.fullmatch(whole) is not None
    return (
        sign * float(f"{re.sub(r'[^0-9]', '', whole) or 0}.{part or 0}")
        if is_whole and re.fullmatch(r"\d*", part)
        else None
    )


def unit_of(cell: str) -> str:
    """The sign before the first number of a cell, or what stands behind it; empty for nothing, and for `3rd`."""
    number = _NUMBER.search(cell)
    sign = _SIGN_BEFORE.search(cell[: number.end()]) if number else None
    if sign:
        return sign[1]
    unit = _UNIT.match(cell, number.end() - cell[: number.end()].endswith(" ")) if number else None
    found = unit[1].lower().removesuffix("s") if unit else ""
    return "" if found in _ORDINALS else found


def amount_in(cell: str, decimal: str) -> float | None:
    """The first number of a cell of prices; 0 for what is free."""
    return 0.0 if _FREE.search(cell) and not has_digit(cell) else number_in(cell, decimal)


def only_price(text: str, decimal: str) -> float | None:
    """The one amount of money in a short text; None for none and for several."""
    if len(text) > _MAX_PRICED:
        return None
    found = _PRICE.findall(text)
    if not found and not has_digit(text) and _FREE.search(text):
        return 0.0
    return number_in(re.sub(r"^[^\d-]*", "", found[0]), decimal) if len(found) == 1 else None


def currency_of(text: str) -> str:
    """What stands beside the first amount of money in a text; empty for none."""
    found = _PRICE.search(text)
    return re.sub(r"[\d.,\s]", "", found[0]) if found else ""


def time_in(cell: str) -> float | None:
    """A date, a month or a year -> days, so that later ones are more; None without one."""
    written = iso_date(cell) or written_date(cell)
    if re.match(r"\d{4}-\d\d", written):
        year, month, *day = (int(part) for part in written[:10].split("-"))
        return float(year * 372 + month * 31 + (day[0] if day else 0))
    year_alone = _YEAR.search(cell)
    return float(year_alone[0]) * 372 if year_alone else None


def is_date(cell: str) -> bool:
    """Whether a cell is a date with a month."""
    return "-" in iso_date(cell) or written_date(cell) != ""
