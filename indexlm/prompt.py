"""The rendered prompt: what both heads read, byte for byte.

    system   what to keep and how to answer (one text for ME, one for QE)
    user     URL: https://…
             Title: …
             Query: …                                (QE alone)
             Page: article b7w6 d3x4 y8z2            (structural alone)
             Blocks:
             [1] h1 w3d0 m0k0 r5n0 p0c0 post title: The first heading
             [2] p w6d1 m0k0 r0n4 p0c1 post body: A paragraph that is long … and cut.
             (closing instruction)

The format follows the paper (arXiv 2512.06641); the words are ours. Decisions that the format carries:

- A line is a marker, a body and a newline. Marker and body are tokenized apart and joined: `[12]` is
  the same tokens on every page, and a window can number its blocks from 1 without tokenizing again.
- `plain` is the paper's `[i] <tag>content</tag>`. `structural` puts the block's figures and the words
  of its ancestors' class names before the text, because most of what tells main content from
  boilerplate is there.
- A long block shows its head and its tail (three quarters and one quarter of the budget). The budget counts
  units of text that are about a token in any tokenizer: a run of up to seven letters, of up to three
  digits, or one other character.
- `<|` cannot occur in a rendered text, so no page can write a chat template's control tokens.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from indexlm.figures import measure
from indexlm.page import IndexLMError, Page

__all__ = ["PROFILES", "SYSTEM_ME", "SYSTEM_QE", "Profile", "Prompt", "clip", "marker", "render"]

Profile = Literal["plain", "structural"]
PROFILES: tuple[Profile, ...] = ("plain", "structural")

_ANSWER = "Answer with intervals of block numbers like [[2,4],[7,7]], or NA."
SYSTEM_ME = f"Keep the main content of a web page: no menus, ads, footers. {_ANSWER}"
SYSTEM_QE = f"Keep the blocks of a web page that answer the query. {_ANSWER}"
_CLOSING_ME = "Main content:"
_CLOSING_QE = "Blocks that answer the query:"


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


_UNIT = r"\s*(?:[A-Za-z]{1,7}|\d{1,3}|[^\sA-Za-z\d])"
_HEADER_UNITS = 16
_QUERY_UNITS = 48
_PATH_WORDS = 4
_LANDMARKS = _names("main article nav aside header footer table blockquote form")
_EMPTY_WORDS = _names(
    "div section span row col container wrapper wrap inner outer flex grid block clearfix wp elementor "
    "widget element module component desktop mobile bg px py mt mb ml mr pt pb sm md lg xl text font"
)


class Prompt(NamedTuple):
    """A page as text: `bodies[i]` follows the marker of block i + 1 and ends with a newline."""

    system: str
    header: str
    bodies: list[str]
    closing: str

    def user(self, first: int = 1, last: int | None = None) -> str:
        """The user's message over blocks `first` to `last` (1-based, inclusive), numbered from 1."""
        lines = (marker(i) + body for i, body in enumerate(self.bodies[first - 1 : last], 1))
        return self.header + "".join(lines) + self.closing


def marker(index: int) -> str:
    """Block number -> `[12]`."""
    return f"[{index}]"


def render(page: Page, profile: Profile = "structural", block_units: int = 24) -> Prompt:
    """A page -> its prompt; a block's text is given at most `block_units` units (about a token each)."""
    if profile not in PROFILES:
        raise IndexLMError(f"the render profile is one of {', '.join(PROFILES)}; found {profile!r}")
    if block_units < 4:
        raise IndexLMError(f"a block needs at least 4 units of text; found {block_units}")
    header = [f"URL: {_line(clip(page.url, _HEADER_UNITS))}", f"Title: {_line(clip(page.title, _HEADER_UNITS))}"]
    if page.query:
        header.append(f"Query: {_line(clip(page.query, _QUERY_UNITS))}")
    if profile == "plain":
        bodies = [f" <{b.tag}>{_line(clip(b.text, block_units))}</{b.tag}>\n" for b in page.blocks]
    else:
        figures = measure(page)
        header.append(f"Page: {' '.join([*(_line(k[:20]) for k in page.kinds[:3]), figures.page])}")
        paths: dict[tuple[str, ...], str] = {}  # most blocks share theirs with another
        for block in page.blocks:
            if block.path not in paths:
                paths[block.path] = _path(block.path)
        bodies = [
            f" {b.tag} {figure}{' hidden' if b.hidden else ''}{paths[b.path]}: {_line(clip(b.text, block_units))}\n"
            for b, figure in zip(page.blocks, figures.blocks, strict=True)
        ]
    system, closing = (SYSTEM_QE, _CLOSING_QE) if page.query else (SYSTEM_ME, _CLOSING_ME)
    return Prompt(system, "\n".join([*header, "Blocks:\n"]), bodies, closing)


def _line(text: str) -> str:
    """Text that stays on its line and cannot write a control token."""
    return " ".join(text.replace("<|", "< |").encode("utf-8", "replace").decode().split())


def _path(path: tuple[str, ...]) -> str:
    """The words of a block's ancestors, nearest first: landmarks, and class names that say something."""
    found: dict[str, None] = {}
    for label in reversed(path):
        tag, *names = label.split(".")
        said = [name for name in names if name not in _EMPTY_WORDS]
        if tag in _LANDMARKS:
            said.insert(0, tag)
        found.update(dict.fromkeys(said[:2]))
        if len(found) >= _PATH_WORDS:
            break
    kept = list(found)[:_PATH_WORDS]
    if len(found) >= _PATH_WORDS:
        # The outermost landmark tells more than the last class name.
        outermost = next((tag for label in path if (tag := label.partition(".")[0]) in _LANDMARKS), None)
        if outermost and outermost not in kept:
            kept[-1] = outermost
    return "".join(f" {word}" for word in kept)


def clip(text: str, units: int) -> str:
    """Text -> at most `units` units of it: the head, and from a longer text the tail after ` … `."""
    whole = _units(units)
    if (match := whole.match(text)) is None or match.end() >= len(text.rstrip()):
        return text
    tail_units = units // 4
    head = _units(units - tail_units).match(text)
    # Read backwards, a unit is the same but for its leading space; enough characters for any unit.
    backwards = text.rstrip()[: -64 * tail_units - 1 : -1] if tail_units else ""
    tail = _units(tail_units).match(backwards)
    assert head is not None  # for both may match the empty string
    assert tail is not None
    return f"{head.group()} … {tail.group()[::-1].strip()}"


_compiled: dict[int, re.Pattern[str]] = {}


def _units(count: int) -> re.Pattern[str]:
    if count not in _compiled:
        _compiled[count] = re.compile(f"(?:{_UNIT}){{0,{count}}}")
    return _compiled[count]
