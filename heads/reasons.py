"""Why blocks are kept or dropped against their scores: the rules that decide after these."""

from __future__ import annotations

from collections.abc import Iterable, Set


class Reasons:
    """The blocks (1-based) that scores choose, and the rules that change the choice, one after the other."""

    __slots__ = ("_chosen", "_kept", "_rules")

    def __init__(self, chosen: Iterable[int] = ()) -> None:
        self._chosen = self._kept = frozenset(chosen)
        self._rules: dict[int, str] = {}

    def note(self, rule: str, kept: Set[int]) -> None:
        """Note what is kept after a rule: it is the reason of the blocks that it added or took."""
        if kept != self._kept:
            self._rules |= dict.fromkeys(kept ^ self._kept, rule)
            self._kept = frozenset(kept)

    def found(self) -> dict[int, str]:
        """The rule behind each block that is kept though the scores drop it, or dropped though they keep it."""
        return {i: self._rules[i] for i in sorted(self._chosen ^ self._kept)}
