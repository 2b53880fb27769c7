"""Regular expressions that are compiled when they are first used: one page needs a fifth of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, AnyStr, cast

_METHODS = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer", "pattern", "flags", "groups")


class Late:
    """A pattern that is compiled at the first use of a method, and from then on has those of the compiled one."""

    def __init__(self, source: str | bytes, flags: int) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS:
            raise AttributeError(name)
        compiled = re.compile(self._source, self._flags)
        vars(self).update({method: getattr(compiled, method) for method in _METHODS})
        return getattr(compiled, name)


def late(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """`re.compile`, but the pattern is compiled when it is first used."""
    return cast("re.Pattern[AnyStr]", Late(source, flags))


def finder(source: str) -> Callable[[str], bool]:
    """A pattern -> whether a name or a style holds it; remembered, since a page repeats most of them."""
    pattern = late(source)

    @lru_cache(maxsize=8192)
    def holds(text: str) -> bool:
        return pattern.search(text) is not None

    return holds
