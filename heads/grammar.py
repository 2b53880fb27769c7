"""The interval grammar: which tokens may come next in an answer, whatever the tokenizer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from indexlm.intervals import NA, Interval

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["Grammar", "State"]


_MOST_KNOWN = 4096  # places in answers whose tokens are remembered


class State(NamedTuple):
    """How far an answer on a page of `total` blocks has come.

    `expect` is what the next character may be: `open` (`[` or `N`), `na` (`A`), `pair` (`[`), `start` and
    `end` (digits of a number), `more` (`,` or `]`, after a pair), `next` (`[`, after a comma) or `done`.
    `digits` is the number that is being written, `begun` the open pair's start, `kept` the pairs so far.
    """

    total: int
    expect: str = "open"
    digits: str = ""
    begun: int = 0
    kept: tuple[Interval, ...] = ()

    @property
    def least(self) -> int:
        """The least number that may be written here: an end is not before its start, and pairs that touch are one."""
        if self.expect == "end":
            return self.begun
        return self.kept[-1].end + 2 if self.kept else 1

    @property
    def may_end(self) -> bool:
        """Whether the next token can be one after which nothing more is kept: `NA`, or the last bracket."""
        return self.expect in ("open", "more") or (self.expect == "end" and bool(self.digits))

    def after(self, char: str) -> State | None:
        """The state after one more character, or None if it may not come."""
        expect = self.expect
        if char.isdigit():
            if expect not in ("start", "end"):
                return None
            digits = self.digits + char
            return self._replace(digits=digits) if _reaches(digits, self.least, self.total) else None
        if expect == "start" and char == "," and self._is_whole():
            return self._replace(expect="end", digits="", begun=int(self.digits))
        if expect == "end" and char == "]" and self._is_whole():
            kept = (*self.kept, Interval(self.begun, int(self.digits)))
            return self._replace(expect="more", digits="", begun=0, kept=kept)
        if expect == "open":
            if char == "N":
                return self._replace(expect="na")
            return self._replace(expect="pair") if char == "[" and self.total else None
        if expect == "na":
            return self._replace(expect="done") if char == "A" else None
        if expect == "more":
            if char == "]":
                return self._replace(expect="done")
            return self._replace(expect="next") if char == "," and self.least <= self.total else None
        if expect in ("pair", "next") and char == "[":
            return self._replace(expect="start")
        return None

    def _is_whole(self) -> bool:
        return bool(self.digits) and self.least <= int(self.digits) <= self.total


def _reaches(digits: str, least: int, most: int) -> bool:
    """Whether a number that begins with `digits` can lie in least..most."""
    if digits[0] == "0":
        return False
    low = high = int(digits)
    while low <= most:
        if high >= least:
            return True
        low, high = low * 10, high * 10 + 9
    return False


class _Node(NamedTuple):
    tokens: list[int]
    children: dict[str, Any]


class Grammar:
    """The tokens of one tokenizer that answers are made of, as a tree of their characters.

    A token may come next exactly when each of its characters may: answers are canonical (ascending
    pairs that do not touch, within 1..total, or `NA` alone). A whole answer needs no end token.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.root = _Node([], {})
        self.text: dict[int, str] = {}
        self.known: dict[tuple[int, str, str, int], list[int]] = {}
        for token, i in tokenizer.get_vocab(with_added_tokens=False).items():
            if re.fullmatch(rf"[\[\],\d]+|{NA}|[{NA}]", token, re.ASCII):
                self.text[i] = token
                node = self.root
                for char in token:
                    node = node.children.setdefault(char, _Node([], {}))
                node.tokens.append(i)

    def allowed(self, state: State) -> list[int]:
        """The ids of the tokens that may come next; empty only when the answer is done."""
        key = (state.total, state.expect, state.digits, state.least)  # whatever led there
        if key not in self.known:
            if len(self.known) >= _MOST_KNOWN:
                self.known.clear()
            self.known[key] = self._allowed(state)
        return self.known[key]

    def _allowed(self, state: State) -> list[int]:
        found: list[int] = []
        reached: list[tuple[State, _Node]] = [(state, self.root)]
        while reached:
            here, node = reached.pop()
            for char, child in node.children.items():
                following = here.after(char)
                if following is not None:
                    found += child.tokens
                    if child.children:
                        reached.append((following, child))
        return found

    def advance(self, state: State, token: int) -> State:
        """The state after one of the allowed tokens."""
        for char in self.text[token]:
            following = state.after(char)
            if following is None:
                raise ValueError(f"token {self.text[token]!r} may not follow {state}")
            state = following
        return state
