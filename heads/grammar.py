"""The interval grammar: which tokens may come next in an answer, for any tokenizer."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from indexlm.intervals import NA, Interval
from indexlm.page import IndexLMError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_MOST_STATES = 4096  # whose allowed tokens are remembered
_PART = re.compile(rf"[\[\],\d]+|{NA}|[{NA}]", re.ASCII)  # of an answer


class State(NamedTuple):
    """How far an answer on a page of `total` lines has come.

    expect: what the next character may be: `open` (`[` or `N`), `na` (`A`), `pair` (`[`), `start` and `end` (digits of
        a number), `more` (`,` or `]`, after a pair), `next` (`[`, after a comma), or `done`.
    digits: the number that is being written.
    start: the start of the open pair.
    intervals: the pairs so far.
    """

    total: int
    expect: str = "open"
    digits: str = ""
    start: int = 0
    intervals: tuple[Interval, ...] = ()

    @property
    def minimum(self) -> int:
        """The least number that may come here: an end is not before its start, and pairs that touch are one."""
        if self.expect == "end":
            return self.start
        return self.intervals[-1].end + 2 if self.intervals else 1

    @property
    def may_end(self) -> bool:
        """Whether the next token can be one after which nothing more is kept: `NA`, or the last bracket."""
        return self.expect in ("open", "more") or (self.expect == "end" and bool(self.digits))

    def after(self, char: str) -> State | None:
        """The state after one more character, or None where it may not come."""
        expect = self.expect
        if char.isdigit():
            if expect not in ("start", "end"):
                return None
            digits = self.digits + char
            return self._replace(digits=digits) if _reaches(digits, self.minimum, self.total) else None
        if expect == "start" and char == "," and self._is_whole():
            return self._replace(expect="end", digits="", start=int(self.digits))
        if expect == "end" and char == "]" and self._is_whole():
            intervals = (*self.intervals, Interval(self.start, int(self.digits)))
            return self._replace(expect="more", digits="", start=0, intervals=intervals)
        if expect == "open":
            if char == "N":
                return self._replace(expect="na")
            return self._replace(expect="pair") if char == "[" and self.total else None
        if expect == "na":
            return self._replace(expect="done") if char == "A" else None
        if expect == "more":
            if char == "]":
                return self._replace(expect="done")
            return self._replace(expect="next") if char == "," and self.minimum <= self.total else None
        if expect in ("pair", "next") and char == "[":
            return self._replace(expect="start")
        return None

    def _is_whole(self) -> bool:
        return bool(self.digits) and self.minimum <= int(self.digits) <= self.total


def _reaches(digits: str, minimum: int, maximum: int) -> bool:
    """Whether a number that begins with `digits` can lie between the two."""
    if digits[0] == "0":
        return False
    low = high = int(digits)
    while low <= maximum:
        if high >= minimum:
            return True
        low, high = low * 10, high * 10 + 9
    return False


class _Node(NamedTuple):
    tokens: list[int]
    children: dict[str, Any]


class Grammar:
    """The tokens of one tokenizer that answers are made of, as a tree of their characters.

    A token may come next exactly when each of its characters may. Answers are canonical: ascending pairs that do not
    touch, within 1 and the total, or `NA` alone. A whole answer needs no end token.

    whole_numbers: up to which number (from 1) each one is a token.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.root = _Node([], {})
        self.text: dict[int, str] = {}
        self._known: dict[tuple[int, str, str, int], list[int]] = {}
        for token, i in tokenizer.get_vocab(with_added_tokens=False).items():
            if _PART.fullmatch(token):
                self.text[i] = token
                node = self.root
                for char in token:
                    node = node.children.setdefault(char, _Node([], {}))
                node.tokens.append(i)
        if not {"[", "]", ",", "N", *"0123456789"} <= {*"".join(self.text.values())}:
            raise IndexLMError("the tokens of a decoder's tokenizer hold digits, `[`, `]`, `,` and `NA`; these do not")
        numbers = {*self.text.values()}
        self.whole_numbers = next(number for number in count() if str(number + 1) not in numbers)

    def allowed(self, state: State) -> list[int]:
        """The ids of the tokens that may come next; empty only when the answer is done."""
        key = (state.total, state.expect, state.digits, state.minimum)  # whatever led there
        if key not in self._known:
            if len(self._known) >= _MOST_STATES:
                self._known.clear()
            self._known[key] = self._allowed(state)
        return self._known[key]

    def _allowed(self, state: State) -> list[int]:
        tokens: list[int] = []
        reached: list[tuple[State, _Node]] = [(state, self.root)]
        while reached:
            here, node = reached.pop()
            for char, child in node.children.items():
                following = here.after(char)
                if following is not None:
                    tokens += child.tokens
                    if child.children:
                        reached.append((following, child))
        return tokens

    def advance(self, state: State, token: int) -> State:
        """The state after one of the allowed tokens."""
        for char in self.text[token]:
            following = state.after(char)
            if following is None:
                raise ValueError(f"token {self.text[token]!r} may not follow {state}")
            state = following
        return state
