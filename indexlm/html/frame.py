"""The elements that are open at a point of the walk."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"(?<![a-z0-9])[a-z]{3,}+(?![a-z0-9])")  # no part of a hash
_OTHER_NAMES = ("id", "role", "itemprop")  # in this order
_HAS_OTHERS = frozenset(_OTHER_NAMES)
_MOST_LABELS = 100  # of a path; only generated pages are deeper


@dataclass(slots=True)
class Frame:
    """An open element.

    node: its number in document order; 0 for an inline element.
    hidden: why its content is hidden, as `HiddenRules` says it; empty where it is shown.
    parent: the nearest numbered element around it.
    keys, names: its attributes' names, and its `class`.
    rows: of a table, whether its rows are blocks.
    number: of an ordered list, the number of its next item; of an element inside one, the number of its item.
    step: of an ordered list, what its number advances by: 1, or -1 where it counts down.
    item: of a list, its last item so far.
    stacks: whether the custom elements directly in it are blocks; None until that is asked.
    keeps_space: whether it is code whose white space is kept.
    is_apart: whether it is an inline element that space parts from what stands beside it.
    is_label: whether it is an inline element whose names say that it holds a label or a number.
    is_link: whether it is an `<a>` that is no mere target of links.
    path, nodes: as in `Block`; empty until `locate` sets them.
    run_tag: the tag of text directly in it; empty until it is asked.
    """

    element: Any
    tag: str
    node: int
    hidden: str
    parent: Frame | None
    keys: Sequence[str]
    names: str | None
    rows: bool = False
    number: int = 0
    step: int = 1
    item: Frame | None = None
    stacks: bool | None = None
    keeps_space: bool = False
    is_apart: bool = False
    is_label: bool = False
    is_link: bool = False
    path: tuple[str, ...] = ()
    nodes: tuple[int, ...] = ()
    run_tag: str = ""

    def locate(self) -> None:
        """Set `path` and `nodes`, which only elements with text need."""
        above, label = self.parent, self.label()
        if above is None:
            self.path, self.nodes = (label,), (self.node,)
            return
        if not above.path:
            pending = [above]
            while (outer := pending[-1].parent) is not None and not outer.path:
                pending.append(outer)
            while pending:  # from the outside: pages may be deeper than calls may nest
                pending.pop().locate()
        path, nodes = above.path, above.nodes
        if len(path) >= _MOST_LABELS:
            path, nodes = path[1 - _MOST_LABELS :], nodes[1 - _MOST_LABELS :]
        self.path, self.nodes = path + (label,), nodes + (self.node,)  # noqa: RUF005, faster

    def label(self) -> str:
        """The element's tag with the words of its class, id, role and itemprop, as `tag.word.word`."""
        words = self.names
        if self.keys and not _HAS_OTHERS.isdisjoint(self.keys):
            for name in _OTHER_NAMES:
                if name in self.keys and (other := self.element.get(name)):
                    words = f"{words} {other}" if words else other
        return self.tag + _words_of(words) if words else self.tag


@lru_cache(maxsize=16384)
def _words_of(names: str) -> str:
    """The names of an element -> six words of them at most, as `.word.word`. The pages of a site share most names."""
    plain = names if names.islower() else _CAMEL.sub(" ", names).lower()
    return "".join([f".{word[:16]}" for word in islice(dict.fromkeys(_WORD.findall(plain)), 6)])
