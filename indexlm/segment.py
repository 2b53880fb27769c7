"""HTML to numbered blocks: one depth-first walk that closes a block at every block-level boundary.

Every text node that a browser would show lands in exactly one block, and its words survive. What the
walk does not take as content is listed in `SKIPPED`.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from html import escape
from itertools import dropwhile, islice
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
_SPACED = frozenset(["button", "label", "rt"])  # inline, but shown apart; custom elements too
_PRE = frozenset(["pre", "listing", "xmp"])
_LAYOUT_MARKS = ("table", "h1", "h2", "h3", "form", "pre", "article", "section", "nav", "blockquote", "dl")

_MAX_DEPTH = 1000  # libxml2 stops reading a page at 2,048 open elements
_WHITESPACE = re.compile(r"[ \t\n\r\f\v]+")
_HIDDEN_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"(?<![a-z0-9])[a-z]{3,}+(?![a-z0-9])")  # no part of a hash
_LANGUAGE = re.compile(
    r"(?:^|\s)(?:language|lang|highlight-source|highlight|brush)[-:]\s*(?!default|none|text)([\w+#]+)", re.IGNORECASE
)
_JSON_TYPE = re.compile(r'"@type"\s*:\s*\[?\s*"(?:https?://schema\.org/)?(\w+)"')
_TAG = re.compile(
    r"<!--(?:(?!-->).)*+(?:-->|\Z)"
    r"|<(script|style|textarea|title)\b(?:(?!</\1).)*+(?:</\1[^>]*+>|\Z)"
    r"|<(/?)([a-zA-Z][^\s/<>]*+)(?:[^<>\"']|\"[^\"<]{0,9999}+\"|'[^'<]{0,9999}+'|[\"'])*+>",
    re.DOTALL | re.IGNORECASE,
)
_OF_HEAD = _names("base link meta noscript script style template title")
_VOID = _names("area base br col embed hr img input link meta source track wbr")
_SPAN = re.compile(r"[0-9]{1,3}")
_FEW_BYTES = 200
_LATIN = ("cp1250", "cp1254", "cp1257", "cp1258", "cp4", "cp8", "iso8859", "latin", "mac", "hp")
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_MOST_INLINES = 16  # open in one another; more are unclosed tags, which every block would repeat
_MOST_LABELS = 100  # of a path; only pages that nobody wrote are deeper
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
_CONTROL_TO_SPACE = bytes(32 if _CONTROL.match(chr(byte)) else byte for byte in range(256))


def decode(html: bytes, content_type: str = "") -> str:
    """Bytes -> text, by BOM, then the declared charset (`content_type`, then `<meta>`), then detection.

    The order is that of the WHATWG standard as w3lib implements it, but for one thing: a `<meta>` is not believed where
    the bytes are UTF-8 beyond ASCII, as those of a page that was saved or converted without its `<meta>` are. Text in
    another encoding is hardly ever valid UTF-8 by chance. Undecodable bytes become U+FFFD.
    """
    from w3lib.encoding import html_to_unicode

    if not content_type and not html.startswith(_WIDE_MARKS) and not html.isascii():
        with contextlib.suppress(UnicodeDecodeError):
            return html.decode("utf-8-sig")
    try:
        encoding, text = html_to_unicode(content_type or None, html, auto_detect_fun=_detect)
    except (LookupError, ValueError):  # a declared codec that is none for text, such as hex
        encoding, text = "", ""
    # A page whose declaration can be read as ASCII is not in UTF-16, whatever it declares (WHATWG).
    if not encoding or (encoding.startswith(("utf-16", "utf-32")) and not html.startswith(_WIDE_MARKS)):
        return html.decode(_detect(html), "replace")
    return str(text)


def _detect(html: bytes) -> str:
    try:
        html.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError as error:
        from charset_normalizer import from_bytes

        marked = sum(byte > 127 for byte in html)
        if html.decode("utf-8", "replace").count("\ufffd") * 20 < marked:
            return "utf-8"  # but for a few broken bytes
        start = max(0, error.start - 1024)
        best = from_bytes(html[start : start + 65536]).best()
        if best is None or best.encoding == "ascii" or (marked < _FEW_BYTES and best.encoding.startswith(_LATIN)):
            return "cp1252"  # a few accents could be in any of these: what browsers fall back to
        return best.encoding


def _parse(html: str) -> Any:
    # A surrogate cannot be encoded, and NUL and its like end a text for libxml2 or cannot be written again.
    data = html.encode("utf-8", "replace").translate(_CONTROL_TO_SPACE)
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False
    )
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
        closing, tag = match.group(2), (match.group(3) or "").lower()
        if not tag or tag in _VOID:
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
            text = _CONTROL.sub(" ", text)  # written as an entity
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
    get = element.get
    if get("hidden") is not None or get("aria-hidden") == "true":
        return True
    style = get("style")
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
                if walk.row is None and not walk.pre:
                    walk.flush()
                    node += 1
                    frames.append(_Frame(element, tag, node, hidden, parent))
                    _number(frames[-1])
                    if tag == "table":
                        frames[-1].rows = _is_data_table(element)
                    elif tag == "tr" and _has_rows(frames):
                        walk.row = element
                    if tag in _PRE:
                        walk.pre += 1
                else:
                    frames.append(_Frame(element, tag, 0, hidden, parent))
                    if tag in ("td", "th") and walk.row is not None:
                        walk.open_cell(element, tag)
                    else:
                        walk.part()
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
                elif tag in _SPACED or "-" in tag:
                    walk.space()
            if text := element.text:
                walk.add(text)
        else:
            if tag not in SKIPPED and tag:
                if tag in _BLOCK_LEVEL:
                    if frames[-1].node and walk.row is None:
                        walk.flush()
                        if tag in _PRE:
                            walk.pre -= 1
                    elif element is walk.row:
                        walk.flush(_row_tag(element))
                        walk.row = None
                    elif tag in ("td", "th") and walk.row is not None:
                        walk.close_cell(tag)
                    else:
                        walk.part()
                elif tag == "a":
                    walk.links -= 1
                    walk.close_inline()
                elif tag in _INLINE:
                    walk.close_inline()
                elif tag in _SPACED or "-" in tag:
                    walk.space()
                frames.pop()
            if frames and (tail := element.tail):
                walk.add(tail)
    if walk.images and walk.blocks and walk.blocks[-1].tag not in ("tr", "th", "pre"):
        last = walk.blocks[-1]
        walk.blocks[-1] = replace(last, inner=last.inner + walk.images)
    return walk.blocks


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


def _meta(elements: Iterable[Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for meta in elements:
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
    stated: dict[str, list[Any]] = {"meta": [], "link": [], "base": [], "script": []}
    for element in root.iter(*stated):
        stated[element.tag].append(element)
    meta = _meta(stated["meta"])
    canonical = next((link.get("href") for link in stated["link"] if link.get("rel") == "canonical"), None)
    url = url or (canonical or meta.get("og:url") or "").strip()
    base = next((element.get("href") for element in stated["base"] if element.get("href")), "")
    titles = (
        _collapse(_CONTROL.sub(" ", "".join(element.itertext())))
        for element in root.iter("title")
        if element.getparent().tag != "svg"
    )
    kinds = [meta.get("og:type", "")]
    for script in stated["script"]:
        if "ld+json" in (script.get("type") or ""):
            kinds += _JSON_TYPE.findall(script.text or "")
    return Page(
        blocks=tuple(_walk(_body(root))),
        url=url,
        title=next(filter(None, titles), "") or meta.get("og:title", ""),
        query=_collapse(query),
        lang=(root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or "").strip()
        or meta.get("content-language", ""),
        base_url=_join(url, base),
        kinds=tuple(dict.fromkeys(kind.lower() for kind in kinds if kind)),
    )


def _body(root: Any) -> Any:
    """The element that holds all content: `<body>`, with what a broken page has behind its end tag put back in.

    A page may leave `<body>` out, and libxml2 does not know that HTML5's `<main>`, `<nav>` and so on begin it: they are
    found in the head, from where they are put back too.
    """
    body = root.find("body")
    head = root.find("head")
    strayed = [] if head is None else [*dropwhile(lambda e: e.tag in _OF_HEAD or not isinstance(e.tag, str), head)]
    if strayed:
        if body is None:
            body = root.makeelement("body")
            root.append(body)
        text, body.text = body.text, None
        for i, element in enumerate(strayed):
            body.insert(i, element)
        strayed[-1].tail = (strayed[-1].tail or "") + (text or "")
    if body is None:
        body = root
    elif body.tail:
        last = body.makeelement("span")
        last.text, body.tail = body.tail, None
        body.append(last)
    behind = [*root.itersiblings()] if body is root else [*body.itersiblings(), *root.itersiblings()]
    for element in behind:
        body.append(element)
    return body


def _join(url: str, base: str) -> str:
    try:
        return urljoin(url, base)
    except ValueError:
        return url
