"""Blocks cut at lines, sentences and words; the markup around a cut is closed and opened again."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from html import unescape
from itertools import islice
from typing import NamedTuple

from indexlm.page import Block
from indexlm.patterns import late
from indexlm.text import UNSPACED

_TOKEN = late(rf"<[^>]*>|\s+|&[#\w]+;|[{UNSPACED}]|[^<&\s{UNSPACED}]+|.", re.DOTALL)
_TAG = late(r"<(/?)([a-z0-9]+)[^>]*>")
_UNSPACED = late(f"[{UNSPACED}]")
_EMPTY_CELL = late(r"<(td|th)\b[^>]*></\1>$")
_CELL = late(r"<(td|th)\b[^>]*>.*?</\1>", re.DOTALL)
_SPAN = late(r"<t[dh]\b[^>]*\b(?:col|row)span=")
_BEGUN = late(r"<(?!t[dh]\b)[a-z0-9]+\b[^>]*(?<!/)>\s*\Z")
_MARKUP = late(r"<[^>]*>")
_BEFORE_CODE = late(r"\n((?:[ \t]|<[^>]*>)*)\Z")
_LAST_LINE = late(r"\n[ \t]*(?=(?:</[^>]*>)*\Z)")  # of code, which holds nothing
_MOST_NAME = 40  # characters of a cell that names its row
_VOID = ("br", "img", "hr")
_SENTENCE = late(r"[.!?…:;。！？；]['\"”’)\]]*\s*$")


class Slice(NamedTuple):
    """A block's words from `first` to before `last`, as `words` numbers them."""

    block: Block
    first: int
    last: int


def whole(block: Block) -> Slice:
    """A block -> all of it."""
    return Slice(block, 0, len(words(block)))


class _Words(NamedTuple):
    """By word of a block: where it starts in `inner`, the tags that are open there, and the cells closed before."""

    starts: list[int]
    opened: list[tuple[str, ...]]
    cells: list[int]


def words(block: Block) -> list[int]:
    """A block -> where its words start in `inner`; in a script without spaces each character is a word.

    A word starts after white space, at a cell or after `<br>`; never inside a tag or an entity.
    """
    return _words(block).starts


@lru_cache(maxsize=4096)
def _words(block: Block) -> _Words:
    starts: list[int] = []
    opened: list[tuple[str, ...]] = []
    cells: list[int] = []
    stack: tuple[str, ...] = ()
    closed = 0
    open_word = False
    for match in _TOKEN.finditer(block.inner):
        token = match.group()
        if tag := _TAG.fullmatch(token):
            closing, name = tag.groups()
            open_word = open_word and name not in ("br", "td", "th")
            closed += bool(closing) and name in ("td", "th")
            if closing:
                stack = stack[:-1]
            elif name not in _VOID:
                stack = (*stack, token)
        elif token.isspace():
            open_word = False
        else:
            unspaced = len(token) == 1 and _UNSPACED.match(token) is not None
            if not open_word or unspaced:
                starts.append(match.start())
                opened.append(stack)
                cells.append(closed)
            open_word = not unspaced
    return _Words(starts, opened, cells)


def cut(part: Slice, target: float) -> tuple[Slice, Slice] | None:
    """A slice -> two, at the best place near a share (0 to 1) of its words; None for a single word.

    Code is cut at lines, other text at the ends of sentences, and where none is near at words.
    """
    block, first, last = part
    if last - first < 2:
        return None
    starts = words(block)
    middle = min(max(first + round((last - first) * target), first + 1), last - 1)
    reach = max(1, int((last - first) * min(target, 1 - target) / 2))
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
    """A slice -> a block of its words, whose markup is complete."""
    block, first, last = part
    starts, opened, _ = _words(block)
    is_end = last == len(starts)
    if first == 0 and is_end:
        return block
    inner = block.inner[starts[first] if first else 0 : len(block.inner) if is_end else starts[last]]
    inner = "".join(opened[first] if first else ()) + _indentation(block, starts[first] if first else 0) + inner
    left = [] if is_end else [*opened[last]]
    while left and (begun := _BEGUN.search(inner)):
        inner = inner[: begun.start()].rstrip()  # what begins with the next word
        left.pop()
    inner += "".join(f"</{_TAG.match(tag)[2]}>" for tag in reversed(left))  # type: ignore[index]
    if block.tag in ("tr", "th") and not is_end:
        inner = _EMPTY_CELL.sub("", inner)
    if block.tag == "pre":
        inner = _LAST_LINE.sub("", inner)
    return replace(block, inner=inner, text=_text(inner))


def _indentation(block: Block, start: int) -> str:
    """The white space before the first word of a line of code; nothing for other words."""
    match = _BEFORE_CODE.search(block.inner, 0, start) if block.tag == "pre" else None
    return _MARKUP.sub("", match[1]) if match else ""


def header_above(header: Block, part: Slice) -> Block | None:
    """A header's row and a slice of a row -> the header's cells above it; None where cells span, so that none is known.

    A whole row has the whole header.
    """
    block, first, last = part
    starts = words(block)
    if first == 0 and last == len(starts):
        return header
    if _SPAN.search(header.inner + block.inner):
        return None
    start = _words(block).cells[first] if first else 0
    count = len(_CELL.findall(to_block(part).inner))
    cells = [match.group() for match in islice(_CELL.finditer(header.inner), start + count)]
    inner = "".join([*(cells[:1] if _name_of(part) else ()), *cells[start:]])
    return replace(header, inner=inner, text=_text(inner))


def to_named_block(part: Slice) -> Block:
    """A slice -> its block. A later part of a row begins with the header cell that names the row."""
    block, name = to_block(part), _name_of(part)
    return replace(block, inner=name + block.inner, text=_text(name + block.inner)) if name else block


def _name_of(part: Slice) -> str:
    """The header cell that begins the row of which a slice is a later part, where it is short; else nothing."""
    block, first, _ = part
    if block.tag != "tr" or not first or not _words(block).cells[first] or _SPAN.search(block.inner):
        return ""
    match = _CELL.match(block.inner)
    is_name = match is not None and match.group(1) == "th" and 0 < len(_text(match.group())) <= _MOST_NAME
    return match.group() if match is not None and is_name else ""


def text_of(part: Slice) -> str:
    """A slice -> its words as text."""
    if part.first == 0 and part.last == len(words(part.block)):
        return part.block.text
    return to_block(part).text


def _text(inner: str) -> str:
    return unescape(_MARKUP.sub(" ", inner)).strip()
