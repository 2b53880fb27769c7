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
from urllib.parse import urljoin

from lxml import etree

from indexlm.page import Block, Page

__all__ = ["SKIPPED", "decode", "read_page"]


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


SKIPPED = _names(
    "script style template svg canvas iframe object embed audio video head title select option optgroup "
    "datalist textarea input meta link base param source track area map annotation annotation-xml rp "
    "frame frameset noframes noembed plaintext"
)
"""Elements that are no content: code, drawings, foreign documents, media and pure form controls."""

_GENERIC = _names(
    "div section article main aside nav header footer form fieldset center body html hgroup search "
    "details noscript table tbody thead tfoot tr td th ul ol dl menu dir figure blockquote address dialog "
    "picture"
)
_SEMANTIC = _names("p h1 h2 h3 h4 h5 h6 li dt dd figcaption caption summary legend pre listing xmp hr")
_BLOCK_LEVEL = _GENERIC | _SEMANTIC
_TRANSPARENT = _names("div center address form fieldset figure noscript hgroup")
_INLINE = _names("a b strong i em code kbd samp var sub sup mark q s del ins u small abbr cite time")
_PRE = frozenset(["pre", "listing", "xmp"])
_LAYOUT_MARKS = ("table", "h1", "h2", "h3", "form", "pre", "article", "section", "nav", "blockquote", "dl")

_MAX_DEPTH = 1000  # libxml2 stops reading a page at 2,048 open elements
_WHITESPACE = re.compile(r"[ \t\n\r\f\v]+")
_HIDDEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"(?<![a-z0-9])[a-z]{3,}(?![a-z0-9])")  # no part of a hash
_LANGUAGE = re.compile(
    r"(?:^|\s)(?:language|lang|highlight-source|highlight|brush)[-:]\s*(?!default|none|text)([\w+#]+)", re.IGNORECASE
)
_JSON_TYPE = re.compile(r'"@type"\s*:\s*\[?\s*"(?:https?://schema\.org/)?(\w+)"')
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)[^>]*>")
_VOID = _names("area base br col embed hr img input link meta source track wbr")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")


def decode(html: bytes, content_type: str = "") -> str:
    """Bytes -> text, by BOM, then the declared charset (`content_type`, then `<meta>`), then detection.

    The order is that of the WHATWG standard as w3lib implements it. Undecodable bytes become U+FFFD.
    """
    from w3lib.encoding import html_to_unicode

    text: str = html_to_unicode(content_type or None, html, auto_detect_fun=_detect)[1]
    return text


def _detect(html: bytes) -> str:
    try:
        html.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        best = from_bytes(html[:65536]).best()
        return best.encoding if best else "cp1252"


def _parse(html: str) -> Any:
    # A surrogate cannot be encoded, and NUL and its like end a text for libxml2 or cannot be written again.
    data = _CONTROL.sub(" ", html).encode("utf-8", "replace")
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None
    if any("depth" in entry.message for entry in parser.error_log.filter_from_errors()):
        root = etree.fromstring(_flatten(html).encode("utf-8", "replace"), parser)
    return root


def _flatten(html: str) -> str:
    """The page without the tags that lie deeper than `_MAX_DEPTH`: their text stays, parted as blocks are."""
    depth = 0

    def keep(match: re.Match[str]) -> str:
        nonlocal depth
        closing, tag = match.group(1), match.group(2).lower()
        if tag in _VOID:
            return match.group()
        depth = max(0, depth - 1) if closing else depth + 1
        if depth + bool(closing) <= _MAX_DEPTH:
            return match.group()
        return "<br><br>" if tag in _BLOCK_LEVEL else ""

    return _TAG.sub(keep, html)


@dataclass(slots=True)
class _Frame:
    """An open element: its number (0 for an inline one), and whether it hides its content."""

    element: Any
    tag: str
    node: int
    hidden: bool
    parent: _Frame | None  # the nearest numbered one around it
    rows: bool = False  # of a table: whether its rows are blocks
    path: tuple[str, ...] = ()  # down to this element, once asked for
    nodes: tuple[int, ...] = ()

    def locate(self) -> _Frame:
        """This element with `path` and `nodes` set; they are made only for elements that hold text."""
        pending = []
        frame: _Frame | None = self
        while frame is not None and not frame.path:
            pending.append(frame)
            frame = frame.parent
        for frame in reversed(pending):
            above = frame.parent
            frame.path = (*(above.path if above else ()), frame.label())
            frame.nodes = (*(above.nodes if above else ()), frame.node)
        return self

    def label(self) -> str:
        get = self.element.get
        words = " ".join(filter(None, (get("class"), get("id"), get("role"), get("itemprop"))))
        if not words:
            return self.tag
        found = dict.fromkeys(_WORD.findall(_CAMEL.sub(" ", words).lower()))
        return ".".join([self.tag, *(w[:16] for w in islice(found, 6))])


class _Walk:
    """The state of one walk: open elements, the run of text that is being gathered, and the blocks so far."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
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
        bare = text.strip()
        if not bare:
            if self.text:
                kept = text if self.pre else " "
                self.text.append(kept)
                self.pieces.append(kept)
            return
        if not self.chars:
            self.line = self.frames[-1].element.sourceline or 0
        for opening, _ in self.inlines[self.written :]:
            self.pieces.append(opening)
        self.written = len(self.inlines)
        if not self.pre:
            text = _WHITESPACE.sub(" ", text)
        self.text.append(text)
        self.pieces.append(escape(text, quote=False))
        size = len(bare)
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
        self.inlines.append((opening, closing))

    def close_inline(self) -> None:
        _, closing = self.inlines.pop()
        if self.written > len(self.inlines):
            self.pieces.append(closing)
            self.written -= 1

    def open_cell(self, element: Any, tag: str) -> None:
        if self.cells:
            self.text.append(" | ")
        self.cells += 1
        spans = "".join(f' {k}="{escape(element.get(k))}"' for k in ("colspan", "rowspan") if element.get(k))
        self.pieces.append(f"<{tag}{spans}>")

    def close_cell(self, tag: str) -> None:
        self.write_closings()
        self.pieces.append(f"</{tag}>")

    def write_closings(self) -> None:
        for _, closing in reversed(self.inlines[: self.written]):
            self.pieces.append(closing)
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
                lines = [" ".join(line.split()) for line in text.split("\n")]
                text = "\n".join(line for line in lines if line)
                inner = inner.strip()
                while inner.endswith("<br/>"):
                    inner = inner[:-5].rstrip()
            tag = tag or self.tag()
            if self.images and tag not in ("tr", "th", "pre"):
                inner, self.images = self.images + inner, ""
            frame = self.frames[-1]
            place = frame if frame.node else frame.parent
            assert place is not None  # the root is numbered
            place.locate()
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
                )
            )
        elif self.pieces and self.row is None:
            self.images += "".join(piece for piece in self.pieces if piece.startswith("<img"))
        self.pieces.clear()
        self.text.clear()
        self.chars = self.link_chars = self.visible_chars = self.breaks = self.cells = 0

    def tag(self) -> str:
        """What the run is: the nearest element that says so, looked for through elements that say nothing."""
        if self.pre:
            return "pre"
        for frame in reversed(self.frames):
            if frame.tag in _SEMANTIC:
                return frame.tag
            if frame.tag in ("td", "th"):
                return "div"
            if frame.tag in _BLOCK_LEVEL and frame.tag not in _TRANSPARENT:
                break
        for frame in reversed(self.frames):
            if frame.tag in _BLOCK_LEVEL:
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
    if next(islice(table.iter(*_LAYOUT_MARKS), 1, None), None) is not None:
        return False
    rows = list(islice(table.iter("tr"), 400))
    cells = [list(row.iterchildren("td", "th")) for row in rows]
    if len(rows) < 2 or sum(len(row) > 1 for row in cells) * 2 < len(rows):
        return False
    limit = 1000 if next(table.iter("th"), None) is not None else 300
    return all(sum(map(len, cell.itertext())) <= limit for row in cells for cell in row)


def _is_hidden(element: Any) -> bool:
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    style = element.get("style")
    return bool(style and _HIDDEN_STYLE.search(style))


def _walk(body: Any) -> list[Block]:
    walk = _Walk()
    frames = walk.frames
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
            if tag in _BLOCK_LEVEL:
                if walk.row is None:
                    walk.flush()
                    node += 1
                    frames.append(_Frame(element, tag, node, hidden, parent))
                    if tag == "table":
                        frames[-1].rows = _is_data_table(element)
                    elif tag == "tr" and _has_rows(frames):
                        walk.row = element
                    if tag in _PRE:
                        walk.pre += 1
                else:
                    frames.append(_Frame(element, tag, 0, hidden, parent))
                    if tag in ("td", "th"):
                        walk.open_cell(element, tag)
                    else:
                        walk.space()
            else:
                frames.append(_Frame(element, tag, 0, hidden, parent))
                if tag == "br":
                    walk.line_break()
                elif tag == "img":
                    walk.image(element)
                elif tag == "a":
                    walk.links += 1
                    href = element.get("href")
                    walk.open_inline(f'<a href="{escape(href.strip())}">' if href else "", "</a>" if href else "")
                elif tag in _INLINE:
                    walk.open_inline(f"<{tag}>", f"</{tag}>")
                elif tag in ("button", "label"):
                    walk.space()
            if element.text:
                walk.add(element.text)
        else:
            if tag not in SKIPPED and tag:
                if tag in _BLOCK_LEVEL:
                    if walk.row is None:
                        walk.flush()
                        if tag in _PRE:
                            walk.pre -= 1
                    elif element is walk.row:
                        walk.flush(_row_tag(element))
                        walk.row = None
                    elif tag in ("td", "th"):
                        walk.close_cell(tag)
                    else:
                        walk.space()
                elif tag == "a":
                    walk.links -= 1
                    walk.close_inline()
                elif tag in _INLINE:
                    walk.close_inline()
                elif tag in ("button", "label"):
                    walk.space()
                frames.pop()
            if element.tail and frames:
                walk.add(element.tail)
    if walk.images and walk.blocks:
        last = walk.blocks[-1]
        walk.blocks[-1] = replace(last, inner=last.inner + walk.images)
    return walk.blocks


def _has_rows(frames: list[_Frame]) -> bool:
    """Whether the row on top of `frames` belongs to a data table."""
    return next((frame.rows for frame in reversed(frames) if frame.tag == "table"), False)


def _row_tag(row: Any) -> str:
    cells = list(row.iterchildren("td", "th"))
    head = row.getparent()
    is_head = cells and (all(cell.tag == "th" for cell in cells) or (head is not None and head.tag == "thead"))
    return "th" if is_head else "tr"


def _meta(root: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for meta in root.iter("meta"):
        key, value = meta.get("property") or meta.get("name") or meta.get("http-equiv"), meta.get("content")
        if key and value:
            found.setdefault(key.lower(), value.strip())
    return found


def _collapse(text: str) -> str:
    return " ".join(text.split())


def read_page(html: bytes | str, url: str = "", query: str = "") -> Page:
    """HTML -> its numbered blocks. Never raises on content: a page without text has no blocks.

    `url` resolves relative links; where it is empty, the address that the page states of itself
    (`rel=canonical`, `og:url`) stands in. A `query` makes the page a QE task.
    """
    root = _parse(decode(html) if isinstance(html, bytes) else html)
    if root is None:
        return Page((), url=url, query=query, base_url=url)
    meta = _meta(root)
    canonical = next((link.get("href") for link in root.iter("link") if link.get("rel") == "canonical"), None)
    url = url or (canonical or meta.get("og:url") or "").strip()
    base = next((element.get("href") for element in root.iter("base") if element.get("href")), "")
    titles = (_collapse("".join(element.itertext())) for element in root.iter("title"))
    kinds = [meta.get("og:type", "")]
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or ""):
            kinds += _JSON_TYPE.findall(script.text or "")
    body = root.find("body")
    return Page(
        blocks=tuple(_walk(root if body is None else body)),
        url=url,
        title=next(filter(None, titles), "") or meta.get("og:title", ""),
        query=_collapse(query),
        lang=(root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or "").strip()
        or meta.get("content-language", ""),
        base_url=_join(url, base),
        kinds=tuple(dict.fromkeys(kind.lower() for kind in kinds if kind)),
    )


def _join(url: str, base: str) -> str:
    try:
        return urljoin(url, base)
    except ValueError:
        return url
