"""The central types: a page is a numbered sequence of blocks, and a prediction says which of them to keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Decider = Literal["", "model", "trees", "mixed"]

UNREADABLE = frozenset(["off-screen", "zero size", "zero font", "transparent", "colour of the background"])
"""What hides a block for good, of the reasons in `Block.hidden_by`. What the others hide can mostly be opened."""
_LONG_TITLE = 2000  # characters; more is no name
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])


class IndexLMError(ValueError):
    """A mistake in the input or the options. Its text is one sentence with the rule and the value found."""


def first_line(error: Exception) -> str:
    """The first line of an exception's message."""
    return str(error).strip().partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Block:
    """One numbered piece of a page.

    index: 1-based.
    tag: the element that the block is shown as.
    text: its text, whitespace collapsed (a line break stands for `<br>`; `pre` keeps its whitespace). Formulas are TeX
        between `$` or `$$`; powers and indices are written as `indexlm.html.scripts` says.
    inner: the cleaned markup between `<tag>` and `</tag>`; images and links to embedded media beside it are part of it.
    path: its ancestors, from `body` to its own element, as `tag.word.word` (words of class, id, role and itemprop).
    nodes: the numbers of the same elements in document order. Two blocks share an ancestor if they share its number.
    link_chars, chars: characters of its text nodes inside links, and in all, without the space around each.
    hidden: whether all of it is hidden.
    hidden_by: why, in the words of `indexlm.html.hidden.rules`; empty for a block that is shown.
    line: the source line where it starts, from 1.
    number: the number of the ordered list's item that it stands in; 0 outside of one.
    after_rule: whether a thematic break (`<hr>`) stands between it and the block before.
    is_control: whether all of it stands in buttons, and it is no heading or term.
    """

    index: int
    tag: str
    text: str
    inner: str
    path: tuple[str, ...] = ()
    nodes: tuple[int, ...] = ()
    link_chars: int = 0
    chars: int = 0
    hidden: bool = False
    line: int = 0
    number: int = 0
    hidden_by: str = ""
    after_rule: bool = False
    is_control: bool = False

    @property
    def link_density(self) -> float:
        """The share of the block's characters that stand inside links, 0 to 1."""
        return self.link_chars / self.chars if self.chars else 0.0

    @property
    def is_heading(self) -> bool:
        """Whether it is a heading, `h1` to `h6`."""
        return self.tag in _HEADINGS

    @property
    def html(self) -> str:
        """The block as a self-contained element."""
        tag = "tr" if self.tag == "th" else self.tag
        return f"<{tag}>{self.inner}</{tag}>"


@dataclass(frozen=True, slots=True)
class Page:
    """A page cut into blocks, and what is asked of it.

    blocks: in page order, numbered from 1.
    query: what the kept blocks should answer; empty for the main content (ME).
    base_url: what relative links are resolved against.
    kinds: the types that the page states of itself (`og:type`, schema.org), in lower case.
    whole: whether all of it is content, as in a plain text or a feed: then nothing is left out of its main content.
    warnings: what makes its text doubtful: a kind (`indexlm.inputs.document.Warn`), a colon, and the reason.
    """

    blocks: tuple[Block, ...]
    url: str = ""
    title: str = ""
    query: str = ""
    lang: str = ""
    base_url: str = ""
    kinds: tuple[str, ...] = ()
    whole: bool = False
    warnings: tuple[str, ...] = ()

    def __hash__(self) -> int:
        """Of what tells most pages apart: caches ask for it often, and that of all blocks takes a millisecond."""
        return hash((self.url, self.title, self.query, len(self.blocks)))

    @property
    def heading(self) -> int | None:
        """Which block names the page: the first `h1` half of whose words the title holds, or else the only `h1`."""
        headings = [block for block in self.blocks if block.tag == "h1" and not block.hidden]
        title = self.title[:_LONG_TITLE].lower()
        title_words = frozenset(title.split())
        for block in headings:
            text = block.text.lower()
            words = text.split()
            if text in title or 2 * sum(word in title_words for word in words) >= len(words):
                return block.index
        return headings[0].index if len(headings) == 1 else None

    @property
    def unreadable(self) -> frozenset[int]:
        """The blocks (1-based) that no reader of the page can see or open: off-screen, without size, transparent.

        Transparent text that is a quarter of the page's text or more is not hidden: an animation starts from it.
        """
        hidden = [block for block in self.blocks if block.hidden_by in UNREADABLE]
        if not hidden:
            return frozenset()
        shown = sum(block.chars for block in self.blocks if block.hidden_by not in UNREADABLE)
        transparent = sum(block.chars for block in hidden if block.hidden_by == "transparent")
        dropped = hidden if 3 * transparent <= shown else [b for b in hidden if b.hidden_by != "transparent"]
        return frozenset(block.index for block in dropped) if shown else frozenset()

    @property
    def text(self) -> str:
        """The text of all blocks, one a line."""
        return "\n".join(block.text for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Prediction:
    """Which blocks a head keeps.

    indices: the kept blocks, 1-based and ascending.
    scores: of each block the probability, 0 to 1, that it belongs to the answer, by whoever decided it; None where a
        decoder kept intervals.
    error: why an answer could not be read; then no block is kept.
    decided_by: `model`, `trees`, or `mixed` where the trees decided some of the blocks; empty where nobody did.
    expected_f1: the F1 (0 to 1) that is expected of `indices`; of `NA`, the probability that no block answers. None
        where that is not known.
    seconds: the time by stage.
    tokens: what was read and generated, and other counts.
    warnings: what is doubtful about the choice, a sentence each.
    reasons: of each block that a rule keeps or drops against the choice by scores, or by a decoder's intervals, the
        rule.
    """

    indices: tuple[int, ...]
    scores: tuple[float, ...] | None = None
    error: str = ""
    decided_by: Decider = ""
    expected_f1: float | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    reasons: dict[int, str] = field(default_factory=dict)
