"""Names of people in what a page says of its authors: `Ada Roe and Bo Lee` are two."""

from __future__ import annotations

import re

from indexlm.patterns import late

_PARTED = late(r",?\s+(?:and|und|et|y|e|och|og|en|i|и|та|ve|&|\+)\s+|\s*[,;、，/|]\s*")
_PERSON = late(
    r"[^\W\d_a-z][\w.'’-]*(?:\s(?:[^\W\d_a-z][\w.'’-]*|de|van|von|der|den|da|dos|del|della|di|la|le|bin|al)){0,4}"
    r"\s[^\W\d_a-z][\w.'’-]*"
)
_NO_PERSON = late(
    r"\b(?:editors?|editorial|staff|teams?|news\w*|press|media|magazine|company|co|corp\w*|inc|ltd|gmbh|llc|group"
    r"|universit\w+|institut\w*|department|ministry|council|committee|association|society|agency|offices?|foundation"
    r"|administration|service|center|centre|bureau|writers?|reporters?|correspondents?|contributors?|redaktion|board"
    r"|services|studios?|labs?|project|times|post|today|herald|daily|journal|review|guardian|tribune|gazette|bank|museum"
    r"|library|college|school|church|trust|union|club|and|of|for|the|with|chief|senior|fellow|student|professor|director"
    r"|manager|officer|president|analyst|economist|scientist|engineer|welle|images|photo\w*|sports?|reuters)\b",
    re.IGNORECASE,
)
_WITH_ADDRESS = late(r"([^()<>@]+?)\s*[(<]\s*[\w.+-]+@[\w.-]+\s*[)>]|[\w.+-]+@[\w.-]+\s+\(([^()@]+)\)")


def split_people(text: str) -> list[str]:
    """A text that names authors -> each of them where all its parts are full names of people, or else the text."""
    parts = _PARTED.split(text)
    return parts if len(parts) > 1 and all(map(_is_person, parts)) else [text]


def without_address(text: str) -> str:
    """A name without the address of mail beside it: `Ada Roe (ada@coast.example)`."""
    match = _WITH_ADDRESS.fullmatch(text)
    return (match[1] or match[2]) if match else text


def without_place(text: str) -> str:
    """Names without the one word behind them, such as where they write from: `Ada Roe and Bo Lee, Bath`."""
    names, comma, place = text.rpartition(", ")
    is_place = bool(comma) and " " not in place and all(map(_is_person, _PARTED.split(names)))
    return names if is_place else text


def _is_person(text: str) -> bool:
    return _PERSON.fullmatch(text) is not None and not _NO_PERSON.search(text)
