"""Text nodes and inline elements to blocks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from operator import sub
from typing import Any

from indexlm.html.code import CODE, Code
from indexlm.html.content import are_controls, code_content, markup, plain_content, run_tag
from indexlm.html.formulas import split_formulas
from indexlm.html.frame import Frame
from indexlm.html.hidden.invisible import drop_invisible
from indexlm.html.insert import MOST_ADDRESS, Insert
from indexlm.html.item_marks import MOST_MARKS, holder_of, repeats_number
from indexlm.html.media import without_alt
from indexlm.html.parse import CONTROL
from indexlm.html.printed_lines import is_line, join_lines
from indexlm.html.seams import is_parted
from indexlm.html.spaces import collapse, one_line, single_spaces
from indexlm.html.tags import HEADINGS, PREFORMATTED
from indexlm.html.waiting import NO_IMAGES, HiddenPieces, Waiting
from indexlm.limits import Limits
from indexlm.page import Block
from indexlm.text import word_set

_VERBATIM = ("code", "kbd", "samp", "tt")
_MOST_INLINES = 16  # open in one another; more are unclosed tags, which every block would repeat
_MOST_REPEATED = 20_000  # characters of an inline element that is written again in one block after the other
_MOST_EMBEDS = 100  # that wait for a block
_CELL_LINES = frozenset(["li", "dt", "dd", "tr", "p", "div", "blockquote", "figcaption", *HEADINGS])
_NAMES = (*HEADINGS, "dt", "summary", "tr", "th")  # tags of blocks whose buttons open what they name
_RUN_START = (0,) * 9
SEAM_TEXTS = 4  # before a seam that are looked at, and of a block in which a number at its begin is
_ALT_WORDS = 4  # of an alternative text that says something


class BlockBuilder:
    """Gathers the text between two block-level boundaries (a run), and makes a block of it.

    `extras` are elements that are no content of the page. With `reads_alts`, images without text beside them are blocks
    of their alternative text.
    `frames` are the open elements, which the walk pushes and pops; `blocks` are the blocks so far.
    """

    __slots__ = tuple(  # an instance without them, with so many attributes, reads slowly
        word_set(
            """
            after_line alts blocks boxes breaks cell_break cell_start cells chars column_names control_chars dropped
            elements extras frames gap hidden hidden_by inlines is_in_control last_element lead limits line line_end
            line_starts lined link_chars links mixed notes pieces plan pre reads_alts repeated rooms row rule scripts
            seam side_notes text visible_chars waiting written
            """
        )
    )

    def __init__(self, plan: Code, limits: Limits, extras: Iterable[Any] = (), reads_alts: bool = False) -> None:
        self.plan = plan
        self.limits = limits
        self.blocks: list[Block] = []
        self.elements: dict[int, Any] = {}  # by number those that blocks stand in
        self.frames: list[Frame] = []
        self.inlines: list[tuple[str, str]] = []  # (opening, closing) markup of the open inline elements
        self.written = 0  # how many of them are written to `pieces`
        self.repeated: list[int] = []  # of each of them, the characters that were written again
        self.pieces: list[str] = []
        self.text: list[str] = []
        self.chars = self.link_chars = self.visible_chars = self.control_chars = 0
        self.line = self.links = self.pre = 0  # the source line, and open elements of each kind
        self.is_in_control = False
        self.breaks = self.cells = 0  # <br> since the last text, and cells of the open row
        self.waiting = Waiting()
        self.alts: list[str] = []  # alternative texts of the run's images
        self.reads_alts = reads_alts
        self.cell_start = 0  # where in `text` the open cell begins
        self.cell_break = False  # whether an item in the open cell has ended
        self.row: Any = None  # the open row of a data table
        self.column_names: dict[Any, list[str]] = {}  # by table
        self.rooms: dict[Any, int] = {}  # of tables with spans, the columns, and by cell how many it may span
        self.hidden_by = ""  # why the first hidden text of the run is hidden
        self.rule = False  # whether an <hr> stands before the next block
        self.line_end = False  # whether the last text ended with a line in a script without spaces
        self.line_starts: list[int] = []  # of the open lines of code: where in `text`
        self.dropped = False  # whether something in the code so far is none of it
        self.after_line = False  # whether nothing followed the last line of code yet
        self.extras = set(extras)  # elements that are no part of the text around them, such as permalinks
        self.notes: set[Any] = set()  # links that are marks of notes
        self.hidden = HiddenPieces()
        self.boxes: list[Frame] = []  # open elements in which space parts the elements
        self.lined: list[Frame] = []  # open elements in which a newline ends a line
        self.mixed: dict[Any, bool] = {}  # whether text stands directly in an element
        self.lead: tuple[str, str, Frame, Block | None] | None = None
        """What waits for its text, the box of a task or the number of a clause: text, markup, what holds both, and the
        number as a block."""
        self.last_element: Any = None  # that of the last block
        self.gap = False  # whether space parts the next text, unless that is a sign such as a comma
        self.seam: tuple[Any, Any] | int | None = None
        """Two elements that meet before the next text; where an element meets text, whether it is a label."""
        self.side_notes: list[Any] = []  # elements in the run that are blocks behind it
        self.scripts: list[tuple[list[str], int, bool]] = []  # of the open <sup> and <sub>: run, start, mark of a note

    def add(self, text: str) -> None:
        """Add a text node."""
        if text.isprintable() and not (self.pre or self.line_end) and "\\" not in text and "$$" not in text:
            if text.isspace():  # one or more spaces
                self.space()
            elif text:  # as most texts are: of one line, and nothing in it is invisible
                text = single_spaces(text) if "  " in text else text
                self.append(text, markup(text))
            return
        if (is_space := text.isspace()) and not (self.text or self.pre):
            return  # white space between blocks, as most text nodes are
        if self.lined and "\n" in text and self.row is None and not self.pre:
            self._add_lines(text)
            return
        if self.pre and (text := self._without_source_breaks(text)) == "":
            return
        if self.cells and "\n" in text and any(frame.tag in PREFORMATTED for frame in self.frames[-3:]):
            self._add_cell_lines(text)
            return
        if is_space and not self.pre:
            self.space()
            return
        plain = text.isprintable()  # nothing invisible, and no white space but spaces
        if not plain and not self.pre and not self.line_end and text.isascii() and (core := one_line(text)):
            text, plain = core, True
        if not plain:
            text = CONTROL.sub(" ", text)  # the page wrote them as entities
            if not text.isascii():
                text = drop_invisible(text)
        if not text or ((self.pre or not plain) and text.isspace()):
            if text and self.pre:
                self.write(text, text)
            elif text:
                self.space()
            return
        if not self.pre and (self.line_end or not plain or "  " in text):
            text, self.line_end = collapse(text, self.text[-1] if self.text else "", self.line_end)
        may_hold_tex = ("\\" in text or "$$" in text) and not self.pre and self.frames[-1].tag not in _VERBATIM
        if may_hold_tex and len(parts := split_formulas(text)) > 1:
            for part in parts:
                if isinstance(part, str):
                    self.add(part)
                else:
                    self.insert(part)
            return
        self.append(text, markup(text))

    def _add_lines(self, text: str) -> None:
        """Add a text node whose newlines are shown."""
        for i, line in enumerate(text.split("\n")):
            if i:
                self.line_break()
            self.add(line)

    def _add_cell_lines(self, text: str) -> None:
        """Add code in a cell, a line after the other."""
        for i, line in enumerate(text.split("\n")):
            self.cell_break = self.cell_break or (i > 0 and len(self.text) > self.cell_start)
            self.add(line)

    def insert(self, insert: Insert) -> None:
        """Add what stands for an element."""
        self.dropped |= bool(self.pre) and not insert.text
        if insert.text:
            self.append(*insert)
        elif insert.inner and self.cells:
            self.pieces.append(insert.inner)
        elif insert.inner and len(self.waiting.embeds) < _MOST_EMBEDS and len(insert.inner) < MOST_ADDRESS:
            frame = self.frames[-1] if self.frames[-1].node else self.frames[-1].parent
            assert frame is not None  # the root is numbered
            frame.locate()
            self.waiting.embeds.append((insert.inner, frame.nodes, self.chars > 0))

    def append(self, text: str, inner: str) -> None:
        """Add text and its markup, inside the open inline elements."""
        frame = self.frames[-1]
        if not self.chars:
            self.line = frame.element.sourceline or 0
            if self.lead is not None and not frame.hidden:
                self._write_lead()
        if self.cell_break:
            self.cell_break = False
            if self.text:
                self.write_closings()
                self.write("" if self.text[-1][-1:] == " " else " ", "<br/>")
        if self.gap or self.seam is not None:
            self._part(text)
        while self.written < len(self.inlines):
            self.pieces.append(self.inlines[self.written][0])
            self.written += 1
        self.text.append(text)
        self.pieces.append(inner)
        size = len(text.strip())
        self.chars += size
        self.breaks = 0
        if self.links:
            self.link_chars += size
        if self.is_in_control:
            self.control_chars += size
        if not frame.hidden:
            self.visible_chars += size
        elif not self.hidden_by:
            self.hidden_by = frame.hidden

    def _write_lead(self) -> None:
        """Write what waits for this text before it; a number that has lost its text, or stands before code, alone."""
        assert self.lead is not None
        (text, markup, holder, block), self.lead = self.lead, None
        if holder in self.frames and (block is None or not (self.pre or self.row is not None)):
            self.write(text, markup)
        elif block is not None:
            self.blocks.append(replace(block, index=len(self.blocks) + 1))

    def _part(self, text: str) -> None:
        """Add a space before a text, where the elements on either side are shown apart."""
        gap, seam, self.gap, self.seam = self.gap, self.seam, False, None
        if is_parted(self.text[-SEAM_TEXTS:], text, gap, seam) and not (type(seam) is int and self.is_code()):
            self.write(" ", " ")

    def is_code(self, end: int | None = None) -> bool:
        """Whether text here is code; with `end`, outside of the last elements."""
        return self.pre > 0 or any(frame.tag in CODE for frame in self.frames[-4:end])

    def write(self, text: str, markup: str) -> None:
        self.text.append(text)
        self.pieces.append(markup)

    def space(self) -> None:
        """Add a space, unless the run is empty or ends with one."""
        if self.text and self.text[-1][-1:] != " ":
            self.write(" ", " ")

    def begin_hidden(self, frame: Frame) -> None:
        """Open an element in the run that nobody sees."""
        if self.hidden.frame is None:
            self.hidden.frame = frame
            places = (len(self.text), len(self.pieces), self.written, len(self.alts), self.cells)
            self.hidden.start = (*places, self.chars, self.visible_chars, self.link_chars, self.control_chars)

    def end_hidden(self) -> None:
        """Close it."""
        self._cut_hidden()
        self.hidden.frame = None

    def _cut_hidden(self) -> None:
        """Take what nobody sees out of the run. It waits there until the run ends."""
        text, pieces, written, alts, self.cells, *counts = self.hidden.start
        closings = [closing for _, closing in reversed(self.inlines[written : self.written])]
        self.hidden.add(self.text[text:], [*self.pieces[pieces:], *closings])
        self.hidden.count(*map(sub, (self.chars, self.visible_chars, self.link_chars, self.control_chars), counts))
        del self.text[text:], self.pieces[pieces:], self.alts[alts:]
        self.written = min(written, self.written)
        self.chars, self.visible_chars, self.link_chars, self.control_chars = counts

    def _show_hidden(self) -> None:
        """Make a run of what nobody sees, where it has no other text; else that goes."""
        hidden = self.hidden
        if hidden.chars and not self.visible_chars:
            self.text[:0] = hidden.text
            self.pieces[:0] = hidden.pieces
            self.chars += hidden.chars
            self.visible_chars += hidden.visible_chars
            self.link_chars += hidden.link_chars
            self.control_chars += hidden.control_chars
        hidden.clear()

    def part(self, tag: str = "") -> None:
        """Separate what a block-level element separates inside a table cell or a `<pre>`."""
        if tag in _CELL_LINES and self.cells:
            self._end_cell_line()
        elif not self.pre:
            self.space()
        elif self.text and not self.text[-1].endswith("\n"):
            self.write("\n", "\n")

    def _end_cell_line(self) -> None:
        """End a line in a cell; in a header, lines are broken to make its column narrow."""
        if any(frame.tag == "th" for frame in self.frames[-4:]):
            self.space()
        else:
            self.cell_break = self.cell_break or len(self.text) > self.cell_start

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
            self.write("\n", "\n")
            return
        if self.cells:
            self._end_cell_line()
            return
        self.breaks += 1
        if self.breaks > 1 and self.row is None and self.chars:
            self.flush()
        elif self.text:
            self.write("\n", "<br/>")

    def add_alts(self, least: int = 1) -> None:
        """Add the alternative texts (of at least so many words) of the images since the last text."""
        alts = [alt for alt in dict.fromkeys(self.alts) if alt.count(" ") + 1 + len(alt.encode()) // 40 >= least]
        self.alts.clear()
        if alts:
            if self.pieces:  # what is written beside an image is not said again in its place
                self.pieces[-1] = without_alt(self.pieces[-1])
            self.add(". ".join(alts) if least > 1 else " ".join(alts))

    def open_inline(self, opening: str, closing: str) -> None:
        """Open an inline element; its markup is written with the next text. Code in code is code already."""
        is_again = opening == "<code>" and (opening, closing) in self.inlines
        self.inlines.append(("", "") if is_again or len(self.inlines) >= _MOST_INLINES else (opening, closing))
        self.repeated.append(0)

    def close_inline(self) -> None:
        """Close the innermost inline element."""
        _, closing = self.inlines.pop()
        self.repeated.pop()
        if self.written > len(self.inlines):
            self.pieces.append(closing)
            self.written -= 1

    def write_closings(self) -> None:
        if self.written:
            self.pieces += [closing for _, closing in reversed(self.inlines[: self.written])]
            for i, (opening, _) in enumerate(self.inlines[: self.written]):
                self.repeated[i] += len(opening)
                if self.repeated[i] > _MOST_REPEATED:  # an element that is never closed
                    self.inlines[i] = ("", "")
            self.written = 0

    def flush(self, tag: str = "") -> None:
        """End the run. With text it is a block; without, its images wait for the next block."""
        if self.hidden.frame is not None:
            self._cut_hidden()
            self.hidden.start = _RUN_START
        if self.hidden.pieces:
            self._show_hidden()
        if not self.pieces:
            self.breaks = 0
            return
        if self.alts and not self.chars and self.row is None:
            if self.frames[-1].tag in HEADINGS:
                self.add_alts()
            elif self.reads_alts:
                self.add_alts(_ALT_WORDS)
        self.write_closings()
        if self.chars:
            self._add_block(self._block(tag or ("pre" if self.pre else run_tag(self.frames))))
            if self.waiting.embeds:
                self.waiting.place(self.blocks)
            self.limits.check_blocks(len(self.blocks))
        else:
            self.waiting.images += [piece for piece in self.pieces if "<img " in piece]
        self.pieces.clear()
        self.alts.clear()
        self.text = []  # an open script still holds the old one
        self.chars = self.link_chars = self.visible_chars = self.control_chars = self.breaks = self.cells = 0
        self.hidden_by, self.line_end, self.cell_break, self.gap, self.seam = "", False, False, False, None

    def _add_block(self, block: Block) -> None:
        """Add a block; a line of a printed page goes on in the one before."""
        if len(block.text) <= MOST_MARKS and self.row is None and (holder := holder_of(block, self.frames)) is not None:
            if not repeats_number(block):
                self.lead = (f"{block.text} ", f"{block.inner} ", holder, block)
            return
        element = self.frames[-1].element
        before, self.last_element = self.last_element, element
        if block.text[0].islower() and before is not None and element.getprevious() is before:
            joined = join_lines(self.blocks[-1], block) if is_line(element) and is_line(before) else None
            if joined is not None:
                self.blocks[-1] = joined
                return
        self.blocks.append(block)

    def finish(self) -> list[Block]:
        """All blocks; images and media behind the last text go with the last block."""
        if self.lead is not None:
            self._write_lead()
        self.waiting.finish(self.blocks)
        return self.blocks

    def _block(self, tag: str) -> Block:
        text, inner = "".join(self.text), "".join(self.pieces)
        if self.pre:
            text, inner = code_content(text, inner, self.frames, self.dropped)
            self.dropped = False
        else:
            text, inner = plain_content(text, inner)
        if self.waiting.images and tag not in NO_IMAGES:
            inner, self.waiting.images = "".join(self.waiting.images) + inner, []
        after_rule, self.rule = self.rule, False
        place = self.frames[-1] if self.frames[-1].node else self.frames[-1].parent
        assert place is not None  # the root is numbered
        if not place.path:
            place.locate()
        self.elements[place.node] = place.element
        return Block(  # by position, which is faster: 300 a page
            len(self.blocks) + 1,
            tag,
            text,
            inner,
            place.path,
            place.nodes,
            self.link_chars,
            self.chars,
            not self.visible_chars,
            self.line,
            place.number if place.tag not in ("ol", "ul", "menu") else 0,
            "" if self.visible_chars else self.hidden_by,
            after_rule,
            self.control_chars > 0 and are_controls(self.control_chars, self.chars, text) and tag not in _NAMES,
        )
