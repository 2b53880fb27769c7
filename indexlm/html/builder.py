"""Text nodes and inline elements to blocks."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape
from textwrap import dedent
from typing import Any

from indexlm.html.code import Code
from indexlm.html.formulas import image_formula
from indexlm.html.frame import Frame, run_tag
from indexlm.html.insert import Insert
from indexlm.html.invisible import drop_invisible, without_last_breaks
from indexlm.html.language import code_language
from indexlm.html.media import image_source, image_text, is_copy
from indexlm.html.parse import CONTROL
from indexlm.html.scripts import is_note_mark, script_text
from indexlm.html.tags import HEADINGS
from indexlm.limits import Limits
from indexlm.page import Block

_SPAN = re.compile(r"[0-9]{1,3}")  # what is believed as a span of cells
_MOST_COLUMNS = 50  # that a cell spans; each is a cell in Markdown
_CJK = "\u2e80-\u312f\u31a0-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff9f\uffe0-\uffe6"  # written without spaces
_BETWEEN_CJK = re.compile(rf"(?<=[{_CJK}])[ \t]*[\n\r][ \t\n\r]*(?=[{_CJK}])")
_CJK_END = re.compile(rf"[{_CJK}][ \t]*[\n\r][ \t\n\r]*\Z")
_CJK_CHARACTER = re.compile(rf"[{_CJK}]")
_SPECIAL = re.compile("[&<>]")
_WHITESPACE = re.compile(r"[ \t\n\r\f\v]+")
_MOST_INLINES = 16  # open in one another; more are unclosed tags, which every block would repeat
_MOST_REPEATED = 20_000  # characters of an inline element that is written again in one block after the other
_MOST_ADDRESS = 8000  # characters; no browser takes much more
_MOST_EMBEDS = 100  # that wait for a block
_ALT = re.compile(r'(?<=" )alt="[^"]*"(?=/>$)')
_NO_IMAGES = ("tr", "th", "pre")
_NO_LINKS = (*_NO_IMAGES, *HEADINGS)
_CELL_ALT = 20  # characters of an image's alternative text that is a cell's value, such as Yes
_ALT_WORDS = 4  # of an alternative text that says something


def _shared(block: Block, nodes: tuple[int, ...]) -> int:
    """How many of the elements in `nodes` hold the block."""
    return sum(node in nodes for node in block.nodes)


class FullError(Exception):
    """A page has as many blocks as it may have, or its time is over."""


class BlockBuilder:
    """Gathers the text between two block-level boundaries (a run), and makes a block of it.

    With `reads_alts`, images without text beside them are blocks of their alternative text.
    `frames` are the open elements, which the walk pushes and pops; `blocks` are the blocks so far.
    """

    __slots__ = (  # an instance without them, with so many attributes, reads slowly
        "after_line",
        "alts",
        "blocks",
        "breaks",
        "cell_start",
        "cells",
        "chars",
        "dropped",
        "elements",
        "embeds",
        "frames",
        "hidden_by",
        "images",
        "inlines",
        "labels",
        "limits",
        "line",
        "line_end",
        "line_starts",
        "link_chars",
        "links",
        "pieces",
        "plan",
        "pre",
        "reads_alts",
        "repeated",
        "row",
        "rule",
        "scripts",
        "text",
        "visible_chars",
        "written",
    )

    def __init__(self, plan: Code, limits: Limits, reads_alts: bool = False) -> None:
        self.plan = plan
        self.limits = limits
        self.blocks: list[Block] = []
        self.elements: dict[int, Any] = {}  # by number those that blocks stand in
        self.labels: dict[str, str] = {}  # by the words of an element; many elements have the same
        self.frames: list[Frame] = []
        self.inlines: list[tuple[str, str]] = []  # (opening, closing) markup of the open inline elements
        self.written = 0  # how many of them are written to `pieces`
        self.repeated: list[int] = []  # of each of them, the characters that were written again
        self.pieces: list[str] = []
        self.text: list[str] = []
        self.chars = self.link_chars = self.visible_chars = 0
        self.links = self.pre = 0
        self.line = 0
        self.images: list[str] = []  # images of runs without text: they go with the next block
        self.breaks = 0  # <br> since the last text
        self.embeds: list[tuple[str, tuple[int, ...]]] = []  # links to media that wait for a block; nodes around each
        self.alts: list[str] = []  # alternative texts of the run's images
        self.reads_alts = reads_alts
        self.cell_start = 0  # where in `text` the open cell begins
        self.row: Any = None  # the open row of a data table
        self.cells = 0
        self.hidden_by = ""  # why the first hidden text of the run is hidden
        self.rule = False  # whether an <hr> stands before the next block
        self.line_end = False  # whether the last text ended with a line in a script without spaces
        self.line_starts: list[int] = []  # of the open lines of code: where in `text`
        self.dropped = False  # whether something in the code so far is none of it
        self.after_line = False  # whether nothing followed the last line of code yet
        self.scripts: list[tuple[list[str], int, bool]] = []  # of the open <sup> and <sub>: run, start, mark of a note

    def add(self, text: str) -> None:
        """Add a text node."""
        if text.isspace() and not (self.text or self.pre):
            return  # white space between blocks, as most text nodes are
        if self.pre and (text := self._without_source_breaks(text)) == "":
            return
        plain = text.isprintable()  # nothing invisible, and no white space but spaces
        if not plain:
            text = CONTROL.sub(" ", text)  # the page wrote them as entities
            if not text.isascii():
                text = drop_invisible(text)
        if not text or text.isspace():
            if text and self.pre:
                self._write(text, text)
            elif text:
                self.space()
            return
        if not self.pre and (self.line_end or not plain or "  " in text):
            text = self._collapse(text)
        self._append(text, escape(text, quote=False) if _SPECIAL.search(text) else text)

    def insert(self, insert: Insert) -> None:
        """Add what stands for an element."""
        self.dropped |= bool(self.pre) and not insert.text
        if insert.text:
            self._append(*insert)
        elif insert.inner and len(self.embeds) < _MOST_EMBEDS and len(insert.inner) < _MOST_ADDRESS:
            frame = self.frames[-1] if self.frames[-1].node else self.frames[-1].parent
            assert frame is not None  # the root is numbered
            frame.locate(self.labels)
            self.embeds.append((insert.inner, frame.nodes))

    def _append(self, text: str, inner: str) -> None:
        """Add text and its markup, inside the open inline elements."""
        if not self.chars:
            self.line = self.frames[-1].element.sourceline or 0
        if self.written < len(self.inlines):
            self.pieces += [opening for opening, _ in self.inlines[self.written :]]
            self.written = len(self.inlines)
        self.text.append(text)
        self.pieces.append(inner)
        size = len(text.strip())
        self.chars += size
        self.breaks = 0
        if self.links:
            self.link_chars += size
        if not (hidden := self.frames[-1].hidden):
            self.visible_chars += size
        elif not self.hidden_by:
            self.hidden_by = hidden

    def _write(self, text: str, markup: str) -> None:
        self.text.append(text)
        self.pieces.append(markup)

    def _collapse(self, text: str) -> str:
        """A text -> the same with single spaces, and none for the end of a line in a script without spaces."""
        if not text.isascii() or self.line_end:
            before = self.text[-1][-1:] if self.text else ""
            if self.line_end and not _CJK_CHARACTER.match(text.lstrip()):
                text = " " + text
            elif _CJK_CHARACTER.match(before) and "\n" in text[: len(text) - len(text.lstrip())]:
                text = text.lstrip() if _CJK_CHARACTER.match(text.lstrip()) else text
            text = _BETWEEN_CJK.sub("", text)
            self.line_end = _CJK_END.search(text) is not None
            text = text.rstrip() if self.line_end else text
        return _WHITESPACE.sub(" ", text)

    def space(self) -> None:
        """Add a space, unless the run is empty."""
        if self.text:
            self._write(" ", " ")

    def task_box(self, checked: bool) -> None:
        """Add the box of a task."""
        self._write("[x] " if checked else "[ ] ", f'<input type="checkbox"{" checked" * checked}/> ')

    def part(self) -> None:
        """Separate what a block-level element separates inside a table cell or a `<pre>`."""
        if not self.pre:
            self.space()
        elif self.text and not self.text[-1].endswith("\n"):
            self._write("\n", "\n")

    def is_line(self, element: Any, tag: str) -> bool:
        """Whether an element in code is one of its lines."""
        return tag in ("tr", "li") or element in self.plan.lines

    def open_line(self) -> None:
        """Begin a line of code."""
        self.part()
        self.line_starts.append(len(self.text))

    def close_line(self) -> None:
        """End a line of code; one without text is an empty line."""
        if self.line_starts.pop() == len(self.text) and self.text:
            self._write("\n", "\n")
        self.part()
        self.after_line = True

    def _without_source_breaks(self, text: str) -> str:
        """White space in code, without what only the source shows: between cells, and the newline behind a line."""
        after_line, self.after_line = self.after_line, False
        if not text.isspace():
            return text
        if self.frames[-1].tag in ("table", "tbody", "thead", "tr", "ol", "ul"):
            return ""
        return text.partition("\n")[2] if after_line and "\n" in text else text

    def line_break(self) -> None:
        """Add a `<br>`; the second in a row ends the run."""
        if self.pre:
            self._write("\n", "\n")
            return
        self.breaks += 1
        if self.breaks > 1 and self.row is None and self.chars:
            self.flush()
        elif self.text:
            self._write("\n", "<br/>")

    def image(self, element: Any) -> None:
        """Add an `<img>`: its text where it stands for text, or else its picture, which waits for text beside it."""
        if formula := image_formula(element):
            self.insert(formula)
            return
        if text := image_text(element):
            self.add(text)
            return
        alt = _WHITESPACE.sub(" ", element.get("alt") or "")
        is_second = any(frame.tag == "noscript" for frame in self.frames[-3:]) and is_copy(element)
        if not is_second and (source := image_source(element)):
            piece = f'<img src="{escape(source)}" alt="{escape(alt)}"/>'
            if piece not in (*self.images[-1:], *self.pieces[-1:]) and len(piece) < 2 * _MOST_ADDRESS:
                self.pieces.append(piece)
        if alt.strip() and element.get("aria-hidden") is None and (self.reads_alts or not self.links):
            self.alts.append(alt.strip())  # a linked image is a logo or a button

    def _add_alts(self, least: int = 1) -> None:
        """Add the alternative texts (of at least so many words) of the images since the last text."""
        alts = [alt for alt in dict.fromkeys(self.alts) if alt.count(" ") + 1 + len(alt.encode()) // 40 >= least]
        self.alts.clear()
        if alts:
            if self.pieces:  # what is written beside an image is not said again in its place
                self.pieces[-1] = _ALT.sub('alt=""', self.pieces[-1])
            self.add(". ".join(alts) if least > 1 else " ".join(alts))

    def open_link(self, element: Any) -> None:
        """Open an `<a>`."""
        self.links += 1
        href = element.get("href")
        is_link = bool(href) and len(href) <= _MOST_ADDRESS
        self.open_inline(f'<a href="{escape(href.strip())}">' if is_link else "", "</a>" if is_link else "")

    def close_link(self) -> None:
        """Close an `<a>`."""
        self.links -= 1
        self.close_inline()

    def open_script(self, element: Any, tag: str) -> None:
        """Open a `<sup>` or `<sub>`."""
        self.open_inline(f"<{tag}>", f"</{tag}>")
        is_mark = tag == "sup" and is_note_mark(element)
        if is_mark:
            self.insert(Insert("[", "["))
        self.scripts.append((self.text, len(self.text), is_mark))

    def close_script(self, tag: str) -> None:
        """Close a `<sup>` or `<sub>`: its text is written so that it does not join the text before it."""
        text, start, is_mark = self.scripts.pop()
        if is_mark:
            self.insert(Insert("]", "]"))
        elif text is self.text and not self.pre and len(text) > start:
            text[start:] = [script_text("".join(text[start:]), tag, "".join(text[max(0, start - 9) : start]))]
        self.close_inline()

    def open_inline(self, opening: str, closing: str) -> None:
        """Open an inline element; its markup is written with the next text."""
        self.inlines.append((opening, closing) if len(self.inlines) < _MOST_INLINES else ("", ""))
        self.repeated.append(0)

    def close_inline(self) -> None:
        """Close the innermost inline element."""
        _, closing = self.inlines.pop()
        self.repeated.pop()
        if self.written > len(self.inlines):
            self.pieces.append(closing)
            self.written -= 1

    def open_cell(self, element: Any, tag: str) -> None:
        """Open a cell of the open row."""
        if self.cells:
            self.text.append(" | ")
        self.cells += 1
        spans = "".join(f' {k}="{n}"' for k in ("colspan", "rowspan") if _SPAN.fullmatch(n := element.get(k) or ""))
        if spans.startswith(" c") and int(element.get("colspan")) > _MOST_COLUMNS:
            spans = spans.replace(element.get("colspan"), str(_MOST_COLUMNS), 1)
        self.pieces.append(f"<{tag}{spans}>")
        self.alts.clear()
        self.cell_start = len(self.text)

    def close_cell(self, tag: str) -> None:
        """Close a cell of the open row. The alternative text of an image counts where the cell has no other."""
        if self.alts and not "".join(self.text[self.cell_start :]).strip() and len(self.alts[0]) <= _CELL_ALT:
            self._add_alts()
        self._write_closings()
        self.pieces.append(f"</{tag}>")

    def _write_closings(self) -> None:
        if self.written:
            self.pieces += [closing for _, closing in reversed(self.inlines[: self.written])]
            for i, (opening, _) in enumerate(self.inlines[: self.written]):
                self.repeated[i] += len(opening)
                if self.repeated[i] > _MOST_REPEATED:  # an element that is never closed
                    self.inlines[i] = ("", "")
            self.written = 0

    def flush(self, tag: str = "") -> None:
        """End the run. With text it is a block; without, its images wait for the next block."""
        if not self.pieces:
            self.breaks = 0
            return
        if self.alts and not self.chars and self.row is None:
            if self.frames[-1].tag in HEADINGS:
                self._add_alts()
            elif self.reads_alts:
                self._add_alts(_ALT_WORDS)
        self._write_closings()
        if self.chars:
            self.blocks.append(self._block(tag or ("pre" if self.pre else self._tag())))
            if self.embeds:
                self._place_embeds()
            count = len(self.blocks)
            if count > self.limits.blocks or (not count & 255 and self.limits.is_late):
                raise FullError
        else:
            self.images += [piece for piece in self.pieces if piece.startswith("<img")]
        self.pieces.clear()
        self.alts.clear()
        self.text = []  # an open script still holds the old one
        self.chars = self.link_chars = self.visible_chars = self.breaks = self.cells = 0
        self.hidden_by, self.line_end = "", False

    def finish(self) -> list[Block]:
        """All blocks; images and media behind the last text go with the last block."""
        for link, _ in self.embeds:
            self._attach(link, len(self.blocks) - 1)
        if self.images and self.blocks and self.blocks[-1].tag not in _NO_IMAGES:
            self.blocks[-1] = replace(self.blocks[-1], inner=self.blocks[-1].inner + "".join(self.images))
        return self.blocks

    def _place_embeds(self) -> None:
        """Put each link that waits at the new block or at the one before it: at the nearer one, and at no heading."""
        new = self.blocks[-1]
        before = self.blocks[-2] if len(self.blocks) > 1 else None
        waiting = []
        for link, nodes in self.embeds:
            takes = [block is not None and block.tag not in _NO_LINKS for block in (before, new)]
            if before is not None and takes[0] and (not takes[1] or _shared(before, nodes) >= _shared(new, nodes)):
                self._attach(link, len(self.blocks) - 2)
            elif takes[1]:
                self.blocks[-1] = replace(self.blocks[-1], inner=f"{link}<br/>{self.blocks[-1].inner}")
            else:
                waiting.append((link, nodes))
        self.embeds = waiting

    def _attach(self, link: str, i: int) -> None:
        """Put a link behind the text of a block that takes one: the block `i`, or one before it."""
        while i >= 0 and self.blocks[i].tag in _NO_LINKS:
            i -= 1
        if i >= 0:
            self.blocks[i] = replace(self.blocks[i], inner=f"{self.blocks[i].inner}<br/>{link}")

    def _block(self, tag: str) -> Block:
        text, inner = self._content()
        if self.images and tag not in _NO_IMAGES:
            inner, self.images = "".join(self.images) + inner, []
        after_rule, self.rule = self.rule, False
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
            hidden_by="" if self.visible_chars else self.hidden_by,
            line=self.line,
            number=place.number if place.tag not in ("ol", "ul", "menu") else 0,
            after_rule=after_rule,
        )

    def _content(self) -> tuple[str, str]:
        """The run's text and its markup, without the white space around them."""
        text, inner = "".join(self.text), "".join(self.pieces)
        if self.pre:
            return self._code(text, inner)
        if "\n" in text:
            lines = [" ".join(line.split()) for line in text.split("\n")]
            text = "\n".join(filter(None, lines))
        else:
            text = " ".join(text.split())
        return text, without_last_breaks(inner)

    def _tag(self) -> str:
        top = self.frames[-1]
        top.run_tag = top.run_tag or run_tag(self.frames)
        return top.run_tag

    def _code(self, text: str, inner: str) -> tuple[str, str]:
        """The text and markup of code: the markup as one `<code>` that keeps its language."""
        text, inner = text.replace("\xa0", " ").strip("\n"), inner.replace("\xa0", " ")
        inner = inner.replace("<code>", "").replace("</code>", "").strip("\n")
        if self.dropped and (dedented := dedent(text)) != text:  # what parted a line's number from its text
            text, inner = dedented, escape(dedented, quote=False)
        self.dropped = False
        name = code_language(frame.element for frame in reversed(self.frames))
        return text, f'<code class="language-{escape(name)}">{inner}</code>' if name else f"<code>{inner}</code>"
