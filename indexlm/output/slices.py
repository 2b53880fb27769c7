"""Blocks cut at lines, sentences and words; the markup around a cut is closed and opened again."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from indexlm.page import Block
from indexlm.text import UNSPACED

_TOKEN = re.compile(rf"<[^>]*>|\s+|&[#\w]+;|[{UNSPACED}]|[^<&\s{UNSPACED}]+|.", re.DOTALL)
_TAG = re.compile(r"<(/?)([a-z0-9]+)[^>]*>")
_MARKUP = re.compile(r"<[^>]*>")
_VOID = ("br", "img", "hr")
_SENTENCE = re.compile(r"[.!?…:;。！？；]['\"”’)\]]*\s*$")


class Slice(NamedTuple):
    """A block's words from `first` to before `last`, as `words` numbers them."""

    block: Block
    first: int
    last: int


def whole(block: Block) -> Slice:
    """A block -> all of it."""
    return Slice(block, 0, len(words(block)))


@lru_cache(maxsize=4096)
def words(block: Block) -> tuple[int, ...]:
    """A block -> where its words start in `inner`; in a script without spaces each character is a word.

    A word starts after white space, at a cell or after `<br>`; never inside a tag or an entity.
    """
    starts: list[int] = []
    open_word = False
    for match in _TOKEN.finditer(block.inner):
        token = match.group()
        if token[0] == "<":
            open_word = open_word and not token.startswith(("<br", "<td", "<th", "</td", "</th"))
        elif token.isspace():
            open_word = False
        else:
            unspaced = len(token) == 1 and re.match(f"[{UNSPACED}]", token) is not None
            if not open_word or unspaced:
                starts.append(match.start())
            open_word = not unspaced
    return tuple(starts)


def cut(part: Slice, target: float) -> tuple[Slice, Slice] | None:
    """A slice -> two, at the best place near a share (0 to 1) of its words; None for a single word.

    Code is cut at lines, other text at the ends of sentences, and where none is near at words.
    """
    block, first, last = part
    if last - first < 2:
        return None
    starts = words(block)
    middle = min(max(first + round((last - first) * target), first + 1), last - 1)
    reach = max(1, (last - first) // 4)
    near = range(max(first + 1, middle - reach), min(last, middle + reach + 1))
    good = [at for at in near if _is_end(block, starts[at - 1], starts[at])]
    at = min(good, key=lambda at: abs(at - middle), default=middle)
    return Slice(block, first, at), Slice(block, at, last)


def _is_end(block: Block, before: int, start: int) -> bool:
    """Whether a line (in code) or a sentence ends before a word."""
    between = block.inner[before:start]
    if block.tag == "pre":
        return "\n" in between
    return "<br" in between or "</t" in between or bool(_SENTENCE.search(_MARKUP.sub("", between)))


def to_block(part: Slice) -> Block:
    """A slice -> a block of its words, whose markup is complete; cells of a row stay in their columns."""
    block, first, last = part
    starts = words(block)
    if first == 0 and last == len(starts):
        return block
    start = starts[first] if first else 0
    end = starts[last] if last < len(starts) else len(block.inner)
    before, inner = block.inner[:start], block.inner[start:end]
    opened = _open(before)
    behind = _open(before + inner)
    inner = "".join(tag for _, tag in opened) + inner + "".join(f"</{name}>" for name, _ in reversed(behind))
    if block.tag in ("tr", "th"):
        inner = re.sub(r"<(td|th)\b[^>]*></\1>$", "", inner) if last < len(starts) else inner
        closed = before.count("</td>") + before.count("</th>")
        inner = "<td></td>" * closed + inner
    if block.tag == "pre":
        inner = inner.replace("\n</code>", "</code>")
    return replace(block, inner=inner, text=_text(inner))


def text_of(part: Slice) -> str:
    """A slice -> its words as text."""
    if part.first == 0 and part.last == len(words(part.block)):
        return part.block.text
    return to_block(part).text


def _text(inner: str) -> str:
    from html import unescape

    return unescape(_MARKUP.sub(" ", inner)).strip()


def _open(markup: str) -> list[tuple[str, str]]:
    """Markup -> the (name, tag) of the elements that are open at its end."""
    stack: list[tuple[str, str]] = []
    for match in _TAG.finditer(markup):
        closing, name = match.groups()
        if closing:
            while stack and stack.pop()[0] != name:
                pass
        elif name not in _VOID:
            stack.append((name, match.group()))
    return stack
