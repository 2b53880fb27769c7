"""HTML to numbered blocks: one depth-first walk that closes a block at every block-level boundary.

Every text node that a browser would show lands in exactly one block, and its words survive. What the
walk does not take as content is listed in `SKIPPED`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html import escape
from itertools import islice
from typing import Any

from lxml import etree

from indexlm.html.parse import CONTROL
from indexlm.html.tags import BLOCK_LEVEL, INLINE, LAYOUT_MARKS, PREFORMATTED, SEMANTIC, SKIPPED, SPACED, TRANSPARENT
from indexlm.page import Block

__all__ = ["walk"]

_WHITESPACE = re.compile(r"[ \t\n\r\f\v]+")
_HIDDEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"(?<![a-z0-9])[a-z]{3,}+(?![a-z0-9])")  # no part of a hash
_LANGUAGE = re.compile(
    r"(?:^|\s)(?:language|lang|highlight-source|highlight|brush)[-:]\s*(?!default|none|text)([\w+#]+)", re.IGNORECASE
)
_SPAN = re.compile(r"[0-9]{1,3}")
_MOST_INLINES = 16  # open in one another; more are unclosed tags, which every block would repeat
_MOST_LABELS = 100  # of a path; only pages that nobody wrote are deeper


@dataclass(slots=True)
class _Frame:
    """An open element: its number (0 for an inline one), and whether it hides its content."""

    element: Any
    tag: str
    node: int
    hidden: bool
    parent: _Frame | None  # the nearest numbered one around it
    rows: bool = False  # of a table: whether its rows are blocks
    number: int = 0  # of an ordered list: its next item's; of anything inside it: its item's
    path: tuple[str, ...] = ()  # down to this element, once asked for
    nodes: tuple[int, ...] = ()

    def locate(self, labels: dict[str, str]) -> None:
        """Set `path` and `nodes`, which are made only for elements that hold text; `labels` are those seen so far."""
        pending = []
        frame: _Frame | None = self
        while frame is not None and not frame.path:
            pending.append(frame)
            frame = frame.parent
        for frame in reversed(pending):
            above = frame.parent
            label = frame.label(labels)
            if above is None:
                frame.path, frame.nodes = (label,), (frame.node,)
            else:
                frame.path = (*above.path[1 - _MOST_LABELS :], label)
                frame.nodes = (*above.nodes[1 - _MOST_LABELS :], frame.node)

    def label(self, labels: dict[str, str]) -> str:
        get = self.element.get
        words = " ".join(filter(None, (get("class"), get("id"), get("role"), get("itemprop"))))
        if not words:
            return self.tag
        if words not in labels:
            plain = words if words.islower() else _CAMEL.sub(" ", words).lower()
            labels[words] = "".join(f".{word[:16]}" for word in islice(dict.fromkeys(_WORD.findall(plain)), 6))
        return self.tag + labels[words]


class _Walk:
    """The state of one walk: open elements, the run of text that is being gathered, and the blocks so far."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.labels: dict[str, str] = {}  # what a label makes of an element's words; many elements share theirs
        self.frames: list[_Frame] = []
        self.inlines: list[tuple[str, str]] = []  # (opening, closing) markup of the open inline elements
        self.written = 0  # how many of them are written into `pieces`
        self.pieces: list[str] = []
        self.text: list[str] = []
        self.chars = self.link_chars = self.visible_chars = 0
        self.links = self.pre = 0
        self.line = 0
        self.images = ""  # of runs without text: they go with the next block
        self.breaks = 0  # <br> since the last text
        self.row: Any = None  # the open row of a data table
        self.cells = 0

    # --- gathering a run -------------------------------------------------------------------------

    def add(self, text: str) -> None:
        if text.isspace() and not (self.text or self.pre):
            return  # between blocks, as most text nodes are
        plain = text.isprintable()  # then it holds no control character, and no whitespace but spaces
        if not plain:
            text = CONTROL.sub(" ", text)  # written as an entity
        if text.isspace():
            if self.text or self.pre:
                kept = text if self.pre else " "
                self.text.append(kept)
                self.pieces.append(kept)
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
        if self.text:
            self.text.append(" ")
            self.pieces.append(" ")

    def part(self) -> None:
        """Keep apart what block-level elements part inside a table cell or a `<pre>`."""
        if not self.pre:
            self.space()
        elif self.text and not self.text[-1].endswith("\n"):
            self.text.append("\n")
            self.pieces.append("\n")

    def line_break(self) -> None:
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
        get = element.get
        source = get("src") or get("data-src") or get("data-original") or ""
        if source.startswith("data:"):
            source = get("data-src") or get("data-original") or ""
        if source:
            alt = escape(_WHITESPACE.sub(" ", get("alt") or ""))
            self.pieces.append(f'<img src="{escape(source.strip())}" alt="{alt}"/>')

    def open_inline(self, opening: str, closing: str) -> None:
        self.inlines.append((opening, closing) if len(self.inlines) < _MOST_INLINES else ("", ""))

    def close_inline(self) -> None:
        _, closing = self.inlines.pop()
        if self.written > len(self.inlines):
            self.pieces.append(closing)
            self.written -= 1

    def open_cell(self, element: Any, tag: str) -> None:
        if self.cells:
            self.text.append(" | ")
        self.cells += 1
        spans = "".join(f' {k}="{n}"' for k in ("colspan", "rowspan") if _SPAN.fullmatch(n := element.get(k) or ""))
        self.pieces.append(f"<{tag}{spans}>")

    def close_cell(self, tag: str) -> None:
        self.write_closings()
        self.pieces.append(f"</{tag}>")

    def write_closings(self) -> None:
        if self.written:
            self.pieces += [closing for _, closing in reversed(self.inlines[: self.written])]
            self.written = 0

    # --- closing a block -------------------------------------------------------------------------

    def flush(self, tag: str = "") -> None:
        """End the run: a block if it holds text; its images wait for the next block if it does not."""
        if not self.pieces:
            self.breaks = 0
            return
        self.write_closings()
        if self.chars:
            inner = "".join(self.pieces)
            text = "".join(self.text)
            if self.pre:
                text = text.strip("\n")
                inner = self.code(inner)
            else:
                if "\n" in text:
                    lines = [" ".join(line.split()) for line in text.split("\n")]
                    text = "\n".join(filter(None, lines))
                else:
                    text = " ".join(text.split())
                inner = inner.strip()
                while inner.endswith("<br/>"):
                    inner = inner[:-5].rstrip()
            tag = tag or self.tag()
            if self.images and tag not in ("tr", "th", "pre"):
                inner, self.images = self.images + inner, ""
            frame = self.frames[-1]
            place = frame if frame.node else frame.parent
            assert place is not None  # the root is numbered
            if not place.path:
                place.locate(self.labels)
            self.blocks.append(
                Block(
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
            )
        else:
            self.images += "".join(piece for piece in self.pieces if piece.startswith("<img"))
        self.pieces.clear()
        self.text.clear()
        self.chars = self.link_chars = self.visible_chars = self.breaks = self.cells = 0

    def tag(self) -> str:
        """What the run is: the nearest element that says so, looked for through elements that say nothing."""
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

    def code(self, inner: str) -> str:
        """The content of a `<pre>`, as one `<code>` that keeps its language."""
        inner = inner.replace("<code>", "").replace("</code>", "").strip("\n")
        for frame in self.frames[-4:][::-1]:
            for element in (frame.element, *islice(frame.element.iterchildren("code"), 1)):
                match = _LANGUAGE.search(element.get("class") or "")
                if match or element.get("data-lang"):
                    name = escape(element.get("data-lang") or match.group(1))  # type: ignore[union-attr]
                    return f'<code class="language-{name}">{inner}</code>'
        return f"<code>{inner}</code>"


def _is_data_table(table: Any) -> bool:
    """Whether rows belong together as rows: two columns or more of short cells, and nothing page-like in them."""
    if (table.get("role") or "").lower() in ("presentation", "none"):
        return False
    if next(islice(table.iter(*LAYOUT_MARKS), 1, None), None) is not None:
        return False
    rows = list(islice(table.iter("tr"), 400))
    cells = [list(row.iterchildren("td", "th")) for row in rows]
    if len(rows) < 2 or sum(len(row) > 1 for row in cells) * 2 < len(rows):
        return False
    limit = 1000 if next(table.iter("th"), None) is not None else 300
    return all(sum(map(len, cell.itertext())) <= limit for row in cells for cell in row)


def _is_hidden(element: Any) -> bool:
    get = element.get
    if get("hidden") is not None or get("aria-hidden") == "true":
        return True
    style = get("style")
    return bool(style and _HIDDEN_STYLE.search(style))


def walk(body: Any) -> list[Block]:
    run = _Walk()
    frames = run.frames
    node = 0
    walker = etree.iterwalk(body, events=("start", "end"))
    for event, element in walker:
        tag = element.tag
        if not isinstance(tag, str):
            tag = ""
        if event == "start":
            if tag in SKIPPED or not tag:
                walker.skip_subtree()
                continue
            above = frames[-1] if frames else None
            parent = above if above is None or above.node else above.parent
            hidden = (above is not None and above.hidden) or _is_hidden(element)
            if tag in BLOCK_LEVEL:
                if run.row is None and not run.pre:
                    run.flush()
                    node += 1
                    frames.append(_Frame(element, tag, node, hidden, parent))
                    _number(frames[-1])
                    if tag == "table":
                        frames[-1].rows = _is_data_table(element)
                    elif tag == "tr" and _has_rows(frames):
                        run.row = element
                    if tag in PREFORMATTED:
                        run.pre += 1
                else:
                    frames.append(_Frame(element, tag, 0, hidden, parent))
                    if tag in ("td", "th") and run.row is not None:
                        run.open_cell(element, tag)
                    else:
                        run.part()
            else:
                frames.append(_Frame(element, tag, 0, hidden, parent))
                if tag == "br":
                    run.line_break()
                elif tag == "img":
                    run.image(element)
                elif tag == "a":
                    run.links += 1
                    href = element.get("href")
                    run.open_inline(f'<a href="{escape(href.strip())}">' if href else "", "</a>" if href else "")
                elif tag in INLINE:
                    run.open_inline(f"<{tag}>", f"</{tag}>")
                elif tag in SPACED or "-" in tag:
                    run.space()
            if text := element.text:
                run.add(text)
        else:
            if tag not in SKIPPED and tag:
                if tag in BLOCK_LEVEL:
                    if frames[-1].node and run.row is None:
                        run.flush()
                        if tag in PREFORMATTED:
                            run.pre -= 1
                    elif element is run.row:
                        run.flush(_row_tag(element))
                        run.row = None
                    elif tag in ("td", "th") and run.row is not None:
                        run.close_cell(tag)
                    else:
                        run.part()
                elif tag == "a":
                    run.links -= 1
                    run.close_inline()
                elif tag in INLINE:
                    run.close_inline()
                elif tag in SPACED or "-" in tag:
                    run.space()
                frames.pop()
            if frames and (tail := element.tail):
                run.add(tail)
    if run.images and run.blocks and run.blocks[-1].tag not in ("tr", "th", "pre"):
        last = run.blocks[-1]
        run.blocks[-1] = replace(last, inner=last.inner + run.images)
    return run.blocks


def _number(frame: _Frame) -> None:
    """Set a new frame's number, and count the list on for the next item."""
    above = frame.parent
    if frame.tag in ("ol", "ul", "menu"):
        given = frame.element.get("start") or "1"
        frame.number = int(given) if frame.tag == "ol" and _SPAN.fullmatch(given) else int(frame.tag == "ol")
    elif above is not None and frame.tag != "li":
        frame.number = above.number if above.tag not in ("ol", "ul", "menu") else 0
    elif above is not None and above.tag == "ol":
        given = frame.element.get("value") or ""
        frame.number = int(given) if _SPAN.fullmatch(given) else above.number
        above.number = frame.number + 1


def _has_rows(frames: list[_Frame]) -> bool:
    """Whether the row on top of `frames` belongs to a data table."""
    return next((frame.rows for frame in reversed(frames) if frame.tag == "table"), False)


def _row_tag(row: Any) -> str:
    cells = list(row.iterchildren("td", "th"))
    head = row.getparent()
    is_head = cells and (all(cell.tag == "th" for cell in cells) or (head is not None and head.tag == "thead"))
    return "th" if is_head else "tr"
