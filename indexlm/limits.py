"""What a page may cost. What breaks a limit is cut, and the page says so."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from time import monotonic

from indexlm.page import IndexLMError

_TAGS_A_BLOCK = 12  # for each block that a page may have
_SHORTEST_TAG = 3  # characters


class FullError(Exception):
    """A page has as many blocks as it may have, or its time is over."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a page.

    blocks: the most blocks; what follows them is left out. A page has at most twelve times as many tags.
    windows: the most windows that a model reads; the other blocks are left to the trees, or do not answer a query.
    deadline: the time (of `time.monotonic`) at which segmenting and reading stop with what they have.
    """

    blocks: int = 20_000
    windows: int = 200
    deadline: float = inf

    @property
    def tags(self) -> int:
        """The most tags of a page."""
        return _TAGS_A_BLOCK * self.blocks

    @property
    def is_late(self) -> bool:
        """Whether the deadline is over."""
        return self.deadline < inf and monotonic() > self.deadline

    def check_blocks(self, count: int) -> None:
        """Raise `FullError` for one block more than a page may have, and, now and then, when the time is over."""
        if count > self.blocks or (not count & 255 and self.is_late):
            raise FullError


LIMITS = Limits()
"""The limits where none are asked for: no page that people read comes near them."""


def check_number(rule: str, value: object, least: float, most: float = inf, whole: bool = False) -> None:
    """Raise `IndexLMError`, which states the rule, for what is no number between two. NaN is none."""
    is_number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if not is_number or not least <= value <= most:  # type: ignore[operator]
        raise IndexLMError(f"{rule}; found {_shown(value)}")


def check_address(url: str) -> None:
    """Raise `IndexLMError` for a page's address that is none; an empty one is right."""
    if url and not url.lower().startswith(("http://", "https://", "file:")):
        raise IndexLMError(f"an address (url) starts with http://, https:// or file:; found {url!r}")


def check_seconds(name: str, value: object) -> None:
    """Raise `IndexLMError` for what is no number above 0; infinity is no limit."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise IndexLMError(f"{name} is more than 0 seconds; found {_shown(value)}")


def check_text(name: str, value: object) -> None:
    """Raise `IndexLMError` for what is no text."""
    if not isinstance(value, str):
        raise IndexLMError(f"{name} is text; found {_shown(value)}")


def check_query(query: object) -> None:
    """Raise `IndexLMError` for what is no text, and for white space; no text is no query."""
    check_text("a query", query)
    if query and not str(query).strip():
        raise IndexLMError(f"a query has at least one word; found {_shown(query)}")


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."


def cut_tags(html: str, most: int) -> str:
    """HTML -> its begin with at most so many tags, where it has characters for more of them."""
    if len(html) <= _SHORTEST_TAG * most or html.count("<") <= most:
        return html
    low, high = 0, len(html)  # html[:low] has at most `most`
    while high - low > 1:
        middle = (low + high) // 2
        count = html.count("<", low, middle)
        if count <= most:
            low, most = middle, most - count
        else:
            high = middle
    return html[:low]
