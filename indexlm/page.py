"""The types everything else speaks: a page is a numbered sequence of blocks."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Block", "Example", "IndexLMError", "Page", "Prediction"]

_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])


class IndexLMError(ValueError):
    """A mistake in what the user gave: its text is one sentence with the rule and the value found."""


@dataclass(frozen=True, slots=True)
class Block:
    """One numbered piece of a page.

    `index` is 1-based. `text` has its whitespace collapsed (`\\n` stands for `<br>`; in `pre` it is kept).
    `inner` is the cleaned markup between `<tag>` and `</tag>`. `path` names the ancestors from `body`
    down to the block's own element as `tag.word.word` (words of class, id, role and itemprop), and
    `nodes` gives the same elements' numbers in document order, so that two blocks share an ancestor
    exactly when they share its number. `chars` and `link_chars` count the characters of the text nodes,
    in all and inside links, each without the space around it. `line` is the source line where the block
    starts (1-based), `number` what an ordered list calls the item that it stands in (0 outside of one).
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
    """A segmented page and what is asked of it: an empty `query` asks for the main content (ME).

    `base_url` is what relative links are resolved against; `kinds` are the types that the page states
    of itself (`og:type`, schema.org), lowercased.
    """

    blocks: tuple[Block, ...]
    url: str = ""
    title: str = ""
    query: str = ""
    lang: str = ""
    base_url: str = ""
    kinds: tuple[str, ...] = ()

    @property
    def heading(self) -> int | None:
        """Which block names the page: the first `h1` half of whose words the title holds, or else the only `h1`."""
        found = [block for block in self.blocks if block.tag == "h1" and not block.hidden]
        title = self.title.lower()
        held = frozenset(title.split())
        for block in found:
            text = block.text.lower()
            words = text.split()
            if text in title or 2 * sum(word in held for word in words) >= len(words):
                return block.index
        return found[0].index if len(found) == 1 else None

    @property
    def text(self) -> str:
        """The text of all blocks, one a line."""
        return "\n".join(block.text for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Prediction:
    """Which blocks a predictor keeps: `indices` are 1-based and ascending.

    `scores` holds one probability a block where the predictor has them (of blocks that a head leaves to the trees, the
    trees'). An unreadable answer is data:
    no indices and the reason in `error`. `seconds` splits the time by stage, `tokens` counts what was
    read and generated.
    """

    indices: tuple[int, ...]
    scores: tuple[float, ...] | None = None
    error: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Example:
    """A page with the blocks to keep (1-based, ascending). An extractor is given only `page`.

    `text` is the reference text of a main content example, `kind` the page's type where the source states one.
    """

    page: Page
    gold: tuple[int, ...]
    text: str = ""
    id: str = ""
    source: str = ""
    kind: str = ""
