"""What a page may cost. What breaks a limit is cut, and the page says so."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from time import monotonic

from indexlm.page import IndexLMError

_TAGS_A_BLOCK = 10  # for each block that a page may have


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a page.

    blocks: the most blocks; what follows them is left out. A page has at most ten times as many tags.
    windows: the most windows that a model reads; the other blocks are left to the trees, or do not answer a query.
    deadline: the time (of `time.monotonic`) at which segmenting and reading stop with what they have.
    """

    blocks: int = 50_000
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


LIMITS = Limits()
"""The limits where none are asked for: no page that people read comes near them."""


def check_whole(name: str, value: object, least: int, unit: str) -> None:
    """Raise `IndexLMError` for a limit that is no whole number from `least` on."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise IndexLMError(f"{name} is a whole number of {unit} from {least}; found {value!r}")


def check_seconds(name: str, value: object) -> None:
    """Raise `IndexLMError` for a limit that is no number above 0; infinity is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise IndexLMError(f"{name} is more than 0 seconds; found {value!r}")


def cut_tags(html: str, most: int) -> str:
    """HTML -> its begin with at most so many tags."""
    if html.count("<") <= most:
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
