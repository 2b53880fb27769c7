"""XML of articles and books (JATS, TEI, DocBook) to HTML: the names of its elements, and what HTML calls them."""

from __future__ import annotations

from html import escape
from typing import Any

from lxml import etree

from indexlm.html.tree_edits import local_name, put_first, take_out, text_of
from indexlm.inputs.document import Document, as_html
from indexlm.text import word_set

_NAMES_OF = {
    "section": "sec section sect1 sect2 sect3 sect4 sect5 chapter appendix preface part div div1 div2 div3 "
    "abstract trans-abstract ref-list app ack refsection refsect1 refsect2 boxed-text",
    "p": "para simpara ref ab fn footnote bibl label",
    "em": "italic hi emphasis firstterm foreign citetitle",
    "strong": "bold",
    "code": "monospace literal code command filename function varname option constant classname methodname parameter",
    "pre": "preformat programlisting screen synopsis literallayout eg",
    "ul": "itemizedlist simplelist",
    "ol": "orderedlist procedure",
    "li": "list-item listitem item step member",
    "dl": "variablelist def-list",
    "dt": "term",
    "dd": "def",
    "blockquote": "disp-quote epigraph",
    "aside": "note tip warning caution important sidebar",
    "figure": "fig",
    "table": "informaltable",
    "tr": "row",
    "td": "entry cell",
    "br": "break lb",
    "a": "ext-link link ulink uri",
}
_NAMES = {name: tag for tag, names in _NAMES_OF.items() for name in names.split()}
_SAME = word_set("p table thead tbody tfoot tr td th sup sub blockquote figure math q")
_INLINE = word_set("xref name surname given-names firstname l mixed-citation element-citation label styled-content")
_DROPPED = word_set(
    "journal-meta article-id article-categories permissions pub-date graphic mediaobject inlinemediaobject "
    "imageobject pb fw encodingdesc revisiondesc profiledesc publicationstmt sourcedesc processing-meta aff "
    "author-notes copyright legalnotice elocation-id counts self-uri funding-group indexterm"
)
_OF_FRONT = word_set("history volume issue fpage lpage")
"""Names of data about an article, if they stand in its front matter: elsewhere such elements hold text."""
_FRONT = ("article-meta", "front", "info", "articleinfo")
_HEADS = ("title", "head")
_NOTES = ("fn", "footnote", "note")
_CITATIONS = word_set("mixed-citation element-citation nlm-citation citation")
_UNTITLED = word_set(
    "table figure aside list itemizedlist orderedlist simplelist variablelist procedure step example formalpara"
)
"""Names of elements whose title is no heading of a section."""
_ORDERED = ("ordered", "order", "number", "arabic", "alpha-lower", "roman-lower")
_ROOTS = ("book", "article", "chapter", "section", "refentry", "appendix", "part")
_PARTS = word_set("front info articleinfo bookinfo chapter section sect1 sec para body refnamediv title")
_MOST_LEVEL = 6
_FORMULA = "formula-"  # before the tags of MathML, whose names HTML knows
_LINKS = ("{http://www.w3.org/1999/xlink}href", "url", "target", "href")


def is_article(root: Any, name: str) -> bool:
    """Whether the root of XML, of this local name, is that of an article or a book."""
    if name in ("tei", "tei.2"):
        return True
    return name in _ROOTS and any(local_name(child) in _PARTS for child in root)


def read_article(root: Any, authors: str = "") -> Document:
    """The root of an article or a book, and who wrote it -> a page of its sections, all of which is content."""
    for element in [element for element in root.iter("*") if _is_dropped(element)]:
        take_out(element)
    for formula in [element for element in root.iter("*") if local_name(element) == "math"]:
        for element in formula.iter("*"):
            element.tag = _FORMULA + local_name(element)
    levels: dict[Any, int] = {}
    mixed = {element for element in root.iter("*") if _is_mixed(element) or local_name(element) in _CITATIONS}
    notes: set[Any] = set()  # notes in a sentence, and what is in them
    title = ""
    for element in [*root.iter("*")]:
        if element.tag.startswith(_FORMULA):
            element.tag = element.tag.removeprefix(_FORMULA)
            continue
        around = element.getparent()
        level = levels.get(around, 0)
        name = local_name(element)
        is_in_text = around in mixed
        if around in notes or (is_in_text and name in _NOTES):
            notes.add(element)
        tag = _tag_in_text(name) if is_in_text else _tag_of(element, name, level)
        tag = "span" if element in notes and tag != "a" else tag
        tag = tag or ("span" if is_in_text or name in _INLINE else "div")
        levels[element] = level + (tag == "section" and around is not None)
        if tag == "h1" and not title:
            title = text_of(element)
        _rename(element, name, tag)
        if element in notes and around not in notes:
            element.set("role", "note")
    root.tag = "article"
    etree.cleanup_namespaces(root)
    html = etree.tostring(root, method="html", encoding="unicode", with_tail=False)
    head = f'<title>{escape(title)}</title><meta name="author" content="{escape(authors)}">' if authors else ""
    return Document(as_html(html, title, head=head), whole=True)


def _is_dropped(element: Any) -> bool:
    """Whether an element holds data about the article, or a formula for a second time."""
    name = local_name(element)
    if name in _OF_FRONT:
        return local_name(element.getparent()) in _FRONT
    beside = (element.getprevious(), element.getnext()) if name == "tex-math" else ()
    return name in _DROPPED or any(other is not None and local_name(other) == "math" for other in beside)


def _is_mixed(element: Any) -> bool:
    """Whether text stands directly in an element."""
    return bool((element.text or "").strip()) or any((child.tail or "").strip() for child in element)


def _tag_in_text(name: str) -> str:
    """What HTML calls an element of this name that stands in a text; empty where that is not known."""
    if name == "title":
        return "em"
    if name in ("ref", "label"):
        return "a" if name == "ref" else "span"
    return _tag_by_name(name)


def _tag_by_name(name: str) -> str:
    return name if name in _SAME else _NAMES.get(name, "")


def _tag_of(element: Any, name: str, level: int) -> str:
    """What HTML calls an element of this name below so many sections; empty where that is not known."""
    around = element.getparent()
    above = "" if around is None else _name_above(around)
    if name in _HEADS or (name == "article-title" and above == "title-group"):
        return f"h{min(level + 1, _MOST_LEVEL)}" if above not in _UNTITLED else "p"
    if name == "list":
        kind = element.get("list-type") or element.get("type") or ""
        return "dl" if kind == "gloss" else "ol" if kind in _ORDERED else "ul"
    if name == "label" and above in ("ref", "fn"):
        return "span"
    if name == "listitem" and above == "varlistentry":
        return "dd"
    if name == "cell" and element.get("role") == "label":
        return "th"
    if name in ("contrib", "author") and above in ("contrib-group", "authorgroup", "titlestmt", "info"):
        return "p"
    return _tag_by_name(name)


def _rename(element: Any, name: str, tag: str) -> None:
    """Give an element the name of HTML, and of its attributes what HTML knows."""
    kept = {key: element.get(key) for key in ("colspan", "rowspan") if element.get(key)}
    if tag == "a" and (href := next(filter(None, map(element.get, _LINKS)), "")):
        kept["href"] = href
    if tag == "pre" and (language := element.get("language")):
        kept["data-lang"] = language
    if tag == "em" and (element.get("rend") or element.get("role")) in ("bold", "strong", "b"):
        tag = "strong"
    element.attrib.clear()
    for key, value in kept.items():
        element.set(key, value)
    element.set("data-name", name)
    element.tag = tag
    if name == "name" and len(element) == 2 and local_name(element[1]) == "given-names":
        element.append(element[0])
    if name == "label" and tag == "p" and (title := element.getnext()) is not None and local_name(title) in _HEADS:
        title.text = f"{''.join(element.itertext()).strip()} {title.text or ''}"
        element.clear(keep_tail=True)
        element.tag = "span"
    elif name == "l":
        element.append(etree.Element("br"))
    elif name in ("label", "surname", "given-names") and tag == "span":
        element.tail = f" {element.tail or ''}"
    elif name == "abstract" and not any(local_name(child) in _HEADS for child in element):
        put_first(element, "h2", "Abstract")


def _name_above(element: Any) -> str:
    """The name of an element that has that of HTML already: its own where it groups a title or an item."""
    name = element.get("data-name") or local_name(element)
    return element.tag if element.tag in ("table", "figure", "aside") else name
