"""Text nodes and inline elements to blocks."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape
from itertools import islice
from typing import Any

from indexlm.html.frame import Frame
from indexlm.html.parse import CONTROL
from indexlm.html.tags import BLOCK_LEVEL, SEMANTIC, TRANSPARENT
from indexlm.page import Block

SPAN = re.compile(r"[0-9]{1,3}")
"""A number that is believed as a span of cells or an item's number."""
_WHITESPACE = re.compile(r"[ \t\n\r\f\v]+")
_LANGUAGE = re.compile(
    r"(?:^|\s)(?:language|lang|highlight-source|highlight|brush)[-:]\s*(?!default|none|text)([\w+#]+)", re.IGNORECASE
)
_MOST_INLINES = 16  # open in one another; more are unclosed tags, which every block would repeat
_NO_IMAGES = ("tr", "th", "pre")


class BlockBuilder:
    """Gathers the text between two block-level boundaries (a run), and makes a block of it.

    `frames` are the open elements, which the walk pushes and pops; `blocks` are the blocks so far.
    """

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.elements: dict[int, Any] = {}  # by number those that blocks stand in
        self.labels: dict[str, str] = {}  # by the words of an element; many elements have the same
        self.frames: list[Frame] = []
        self.inlines: list[tuple[str, str]] = []  # (opening, closing) markup of the open inline elements
        self.written = 0  # how many of them are written to `pieces`
        self.pieces: list[str] = []
        self.text: list[str] = []
        self.chars = self.link_chars = self.visible_chars = 0
        self.links = self.pre = 0
        self.line = 0
        self.images = ""  # images of runs without text: they go with the next block
        self.breaks = 0  # <br> since the last text
        self.row: Any = None  # the open row of a data table
        self.cells = 0

    def add(self, text: str) -> None:
        """Add a text node."""
        if text.isspace() and not (self.text or self.pre):
            return  # white space between blocks, as most text nodes are
        plain = text.isprintable()  # no control characters, and no white space but spaces
        if not plain:
            text = CONTROL.sub(" ", text)  # the page wrote them as entities
        if text.isspace():
            if self.text or self.pre:
                space = text if self.pre else " "
                self.text.append(space)
                self.pieces.append(space)
            return
        if not self.chars:
            self.line = self.frames[-1].element.sourceline or 0
        if self.written < len(self.inlines):
            self.pieces += [opening for opening, _ in self.inlines[self.written :]]
            self.written = len(self.inlines)
        if not self.pre and not (plain and "  " not in text):
            text = _WHITESPACE.sub(" ", text)
        self.text.append(text)
        self.pieces.append(escape(text, quote=False))
        size = len(text.strip())
        self.chars += size
        self.breaks = 0
        if self.links:
            self.link_chars += size
        if not self.frames[-1].hidden:
            self.visible_chars += size

    def space(self) -> None:
        """Add a space, unless the run is empty."""
        if self.text:
            self.text.append(" ")
            self.pieces.append(" ")

    def part(self) -> None:
        """Separate what a block-level element separates inside a table cell or a `<pre>`."""
        if not self.pre:
            self.space()
        elif self.text and not self.text[-1].endswith("\n"):
            self.text.append("\n")
            self.pieces.append("\n")

    def line_break(self) -> None:
        """Add a `<br>`; the second in a row ends the run."""
        if self.pre:
            self.text.append("\n")
            self.pieces.append("\n")
            return
        self.breaks += 1
        if self.breaks > 1 and self.row is None and self.chars:
            self.flush()
        elif self.text:
            self.text.append("\n")
            self.pieces.append("<br/>")

    def image(self, element: Any) -> None:
        """Add an `<img>` that has a source."""
        get = element.get
        source = get("src") or get("data-src") or get("data-original") or ""
        if source.startswith("data:"):
            source = get("data-src") or get("data-original") or ""
        if source:
            alt = escape(_WHITESPACE.sub(" ", get("alt") or ""))
            self.pieces.append(f'<img src="{escape(source.strip())}" alt="{alt}"/>')

    def open_link(self, element: Any) -> None:
        """Open an `<a>`."""
        self.links += 1
        href = element.get("href")
        self.open_inline(f'<a href="{escape(href.strip())}">' if href else "", "</a>" if href else "")

    def close_link(self) -> None:
        """Close an `<a>`."""
        self.links -= 1
        self.close_inline()

    def open_inline(self, opening: str, closing: str) -> None:
        """Open an inline element; its markup is written with the next text."""
        self.inlines.append((opening, closing) if len(self.inlines) < _MOST_INLINES else ("", ""))

    def close_inline(self) -> None:
        """Close the innermost inline element."""
        _, closing = self.inlines.pop()
        if self.written > len(self.inlines):
            self.pieces.append(closing)
            self.written -= 1

    def open_cell(self, element: Any, tag: str) -> None:
        """Open a cell of the open row."""
        if self.cells:
            self.text.append(" | ")
        self.cells += 1
        spans = "".join(f' {k}="{n}"' for k in ("colspan", "rowspan") if SPAN.fullmatch(n := element.get(k) or ""))
        self.pieces.append(f"<{tag}{spans}>")

    def close_cell(self, tag: str) -> None:
        """Close a cell of the open row."""
        self._write_closings()
        self.pieces.append(f"</{tag}>")

    def _write_closings(self) -> None:
        if self.written:
            self.pieces += [closing for _, closing in reversed(self.inlines[: self.written])]
            self.written = 0

    def flush(self, tag: str = "") -> None:
        """End the run. With text it is a block; without, its images wait for the next block."""
        if not self.pieces:
            self.breaks = 0
            return
        self._write_closings()
        if self.chars:
            self.blocks.append(self._block(tag or self._tag()))
        else:
            self.images += "".join(piece for piece in self.pieces if piece.startswith("<img"))
        self.pieces.clear()
        self.text.clear()
        self.chars = self.link_chars = self.visible_chars = self.breaks = self.cells = 0

    def finish(self) -> list[Block]:
        """All blocks; images behind the last text go with the last block."""
        if self.images and self.blocks and self.blocks[-1].tag not in _NO_IMAGES:
            self.blocks[-1] = replace(self.blocks[-1], inner=self.blocks[-1].inner + self.images)
        return self.blocks

    def _block(self, tag: str) -> Block:
        text, inner = self._content()
        if self.images and tag not in _NO_IMAGES:
            inner, self.images = self.images + inner, ""
        frame = self.frames[-1]
        place = frame if frame.node else frame.parent
        assert place is not None  # the root is numbered
        if not place.path:
            place.locate(self.labels)
        self.elements[place.node] = place.element
        return Block(
            index=len(self.blocks) + 1,
            tag=tag,
            text=text,
            inner=inner,
            path=place.path,
            nodes=place.nodes,
            link_chars=self.link_chars,
            chars=self.chars,
            hidden=not self.visible_chars,
            line=self.line,
            number=place.number if place.tag not in ("ol", "ul", "menu") else 0,
        )

    def _content(self) -> tuple[str, str]:
        """The run's text and its markup, without the white space around them."""
        text, inner = "".join(self.text), "".join(self.pieces)
        if self.pre:
            return text.strip("\n"), self._code(inner)
        if "\n" in text:
            lines = [" ".join(line.split()) for line in text.split("\n")]
            text = "\n".join(filter(None, lines))
        else:
            text = " ".join(text.split())
        inner = inner.strip()
        while inner.endswith("<br/>"):
            inner = inner[:-5].rstrip()
        return text, inner

    def _tag(self) -> str:
        """The run's tag: the nearest semantic element, unless an element that is not transparent stands between."""
        if self.pre:
            return "pre"
        for frame in reversed(self.frames):
            if frame.tag in SEMANTIC:
                return frame.tag
            if frame.tag in ("td", "th"):
                return "div"
            if frame.tag in BLOCK_LEVEL and frame.tag not in TRANSPARENT:
                break
        for frame in reversed(self.frames):
            if frame.tag in BLOCK_LEVEL:
                return frame.tag if frame.tag in ("blockquote", "address") else "div"
        return "div"

    def _code(self, inner: str) -> str:
        """The content of a `<pre>`, as one `<code>` that keeps its language."""
        inner = inner.replace("<code>", "").replace("</code>", "").strip("\n")
        for frame in self.frames[-4:][::-1]:
            for element in (frame.element, *islice(frame.element.iterchildren("code"), 1)):
                match = _LANGUAGE.search(element.get("class") or "")
                if match or element.get("data-lang"):
                    name = escape(element.get("data-lang") or match.group(1))  # type: ignore[union-attr]
                    return f'<code class="language-{name}">{inner}</code>'
        return f"<code>{inner}</code>"
