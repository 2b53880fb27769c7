"""What every kind of input becomes: one HTML document, and what is to be known about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import NamedTuple

MAX_BYTES = 32 * 1024 * 1024
"""The most bytes (or characters) of an input, and of what it unpacks to."""


class Warn(StrEnum):
    """The kinds of warnings. A warning is one of these words, a colon, and the reason."""

    NO_TEXT = "no text"
    NEEDS_JAVASCRIPT = "needs JavaScript"
    ERROR_PAGE = "error page"
    BOT_CHECK = "bot check"
    COOKIE_WALL = "cookie wall"
    LOGIN_WALL = "login wall"
    PAYWALL = "paywall"
    TRUNCATED_INPUT = "truncated input"
    ENCODING = "encoding"
    FRAMES = "frames"
    REDIRECT = "redirect"
    SKIPPED_FILES = "skipped files"
    LIMIT = "limit"

    def because(self, reason: str) -> str:
        """The warning with its reason."""
        return f"{self}: {reason}"


class Source(NamedTuple):
    """An input as it came.

    content: its bytes, or its text.
    url: its address, where it has one.
    name: its file name, for its suffix; empty for an address.
    content_type: the HTTP header of that name.
    warnings: what went wrong on the way.
    """

    content: bytes | str
    url: str = ""
    name: str = ""
    content_type: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """An input as HTML.

    url: the address that the input states of itself; empty where it states none.
    whole: whether all of it is content, as in a plain text or a feed: there is no boilerplate to leave out.
    warnings: what went wrong on the way.
    """

    html: str
    url: str = ""
    whole: bool = False
    warnings: tuple[str, ...] = ()


def as_html(body: str, title: str = "", lang: str = "", base: str = "", head: str = "") -> str:
    """The content of a `<body>` -> a page. It starts on the page's first line, so that source lines hold.

    A `head` of its own stands in place of that of `title`.
    """
    head = head or f"<title>{escape(title)}</title>"
    lang = f' lang="{escape(lang)}"' if lang else ""
    base = f'<base href="{escape(base)}">' if base else ""
    return f"<!DOCTYPE html><html{lang}><head>{head}{base}</head><body>{body}</body></html>"
