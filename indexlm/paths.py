"""The paths of a page's blocks: what is asked of a path is asked once, since most blocks share theirs with another."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, TypeVar

from indexlm.page import Page

_T = TypeVar("_T")


class Paths(NamedTuple):
    """The different paths of a page, in the order of its blocks; of each block the place of its own; and all labels."""

    different: tuple[tuple[str, ...], ...]
    places: tuple[int, ...]
    labels: frozenset[str]

    def each(self, answer: Callable[[tuple[str, ...]], _T]) -> list[_T]:
        """What a path answers -> that of each block."""
        answers = [answer(path) for path in self.different]
        return [answers[place] for place in self.places]

    def those(self, is_one: Callable[[tuple[str, ...]], object]) -> list[int]:
        """What is true of some paths -> the indices (1-based) of the blocks that have one of these."""
        places = {place for place, path in enumerate(self.different) if is_one(path)}
        return [index for index, place in enumerate(self.places, 1) if place in places] if places else []


@lru_cache(maxsize=1)  # layout, features and rules ask the same of a page
def paths_of(page: Page) -> Paths:
    """A page -> the paths of its blocks."""
    different: dict[tuple[str, ...], int] = {}
    places = tuple([different.setdefault(block.path, len(different)) for block in page.blocks])
    labels: frozenset[str] = frozenset().union(*different)
    return Paths(tuple(different), places, labels)


@lru_cache(maxsize=1)
def heading_of(page: Page) -> int | None:
    """A page -> its heading: rules ask for it again and again, and it is looked for in all blocks."""
    return page.heading
