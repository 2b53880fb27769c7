"""XHTML, feeds, sitemaps and other XML to HTML."""

from __future__ import annotations

import re
from html import escape, unescape
from html.entities import html5
from typing import Any, NamedTuple

from lxml import etree

from indexlm.html.parse import CONTROL, find_body, parse
from indexlm.html.tree_edits import local_name, text_of
from indexlm.inputs.articles import is_article, read_article
from indexlm.inputs.document import Document, as_html
from indexlm.inputs.vocabularies import read_vocabulary, vocabulary_of
from indexlm.page import IndexLMError
from indexlm.patterns import late

_PROLOG = late(
    r"(?:\s|<\?(?:(?!\?>).)*+\?>|<!--(?:(?!-->).)*+-->|<!DOCTYPE(?:[^\[>]|\[[^\]]*+\])*+>)*+",
    re.DOTALL | re.IGNORECASE,
)
_ROOT = late(r"<(?:([\w.-]+):)?([\w.-]+)([^<>]*)>")
_SUBSET = late(r"\A((?:[^<]++|<(?!!DOCTYPE))*+<!DOCTYPE[^\[>]*+)\[[^\]]*+\]\s*+>", re.IGNORECASE)
_RAW_OR_CDATA = late(
    r"<(script|style)\b[^<>]*+(?<!/)>(?:[^<]++|<(?!/\1))*+|<!--(?:[^-]++|-(?!->))*+"
    r"|<!\[CDATA\[((?:[^\]]++|\](?!\]>))*+)(?:\]\]>|\Z)",
    re.IGNORECASE,
)
_EMPTY_RAW = late(r"<((?:script|style|title|textarea|iframe|noscript|noframes|xmp)\b[^<>]*+)(?<=/)>", re.IGNORECASE)
_ENTITY = late(r"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]*;)")
_STRAY = late(r"&(?!(?:[A-Za-z][\w.-]*|#\d+|#[xX][0-9a-fA-F]+);)")
_CDATA = late(r"(<!\[CDATA\[(?:(?!\]\]>).)*+(?:\]\]>|\Z))", re.DOTALL)
_TAG = late(r"<[a-zA-Z/!]")
_MAILED = late(r"\A\S+@\S+ \(([^()]+)\)\Z")
_REFERENCE = late(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]\w{1,30});")
_TITLES = frozenset(["title", "head", "heading", "caption"])
_ENTRY = "{http://www.w3.org/2005/Atom}entry"
_FEEDS = {"rss", "feed", "rdf"}
_MOST_ITEMS = 100_000


class Root(NamedTuple):
    """The first element of a document: its prefix, its local name in lower case, and its attributes as written."""

    prefix: str
    name: str
    attributes: str
    is_declared: bool


def find_root(text: str) -> Root | None:
    """A document that starts with markup -> its first element; None for anything else."""
    start = _PROLOG.match(text)
    match = _ROOT.match(text, start.end() if start else 0)
    if match is None:
        return None
    return Root(match[1] or "", match[2].lower(), match[3], text.lstrip("\ufeff \t\r\n").startswith("<?xml"))


def read_xhtml(text: str, root: Root) -> Document:
    """XHTML -> the same as HTML: CDATA is text, `<script/>` is empty, a prefix is no part of a name."""
    text = _RAW_OR_CDATA.sub(lambda m: m[0] if m[2] is None else escape(m[2], quote=False), text)
    text = _SUBSET.sub(r"\1>", text, count=1)
    text = _EMPTY_RAW.sub(lambda m: f"<{m[1][:-1].rstrip()}></{m[1][:-1].split()[0]}>", text)
    if root.prefix:
        text = re.sub(rf"(</?){re.escape(root.prefix)}:(?=[A-Za-z])", r"\1", text)
    return Document(text)


def read_xml(text: str, root: Root, name: str) -> Document:
    """A feed, a sitemap or other XML -> a page. Raises `IndexLMError` for a drawing, and for XML without an element."""
    if root.name == "svg":
        raise IndexLMError(f"a page is HTML; {name} is an SVG image")
    tree = parse_xml(text)
    if tree is None:
        raise IndexLMError(f"XML holds an element that can be read; {name} holds none")
    tag = local_name(tree)
    if tag in _FEEDS or tree.tag == _ENTRY:
        return _read_feed(tree)
    if tag in ("urlset", "sitemapindex"):
        return _read_sitemap(tree)
    if tag == "opml":
        return Document(as_html(_outlines(tree), _child_text(tree, "title")), whole=True)
    if tag == "pubmedarticleset":
        return _read_citations(tree)
    if is_article(tree, tag):
        return read_article(tree)
    if vocabulary := vocabulary_of(tree, tag):
        return read_article(tree, read_vocabulary(tree, vocabulary))
    title = next((text_of(e) for e in tree.iter() if local_name(e) in _TITLES), "")
    return Document(as_html(_elements(tree), title), whole=True)


def parse_xml(text: str) -> Any:
    """XML text -> its root, as far as it can be read; None where nothing can."""
    text = re.sub(r"\A\s*<\?xml[^>]*\?>", lambda m: "\n" * m[0].count("\n"), text.lstrip("\ufeff"))
    parts = _CDATA.split(CONTROL.sub(" ", text))
    parts[::2] = (_ENTITY.sub(_character, _STRAY.sub("&amp;", part)) for part in parts[::2])
    parser = etree.XMLParser(
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,
    )
    try:
        return etree.fromstring("".join(parts).encode("utf-8", "replace").strip(), parser)
    except etree.XMLSyntaxError:
        return None


def _character(match: re.Match[str]) -> str:
    """A named entity of HTML, which XML does not know -> its character."""
    return html5.get(match[1], match[0])


def _children(element: Any, *names: str) -> list[Any]:
    return [child for child in element if local_name(child) in names]


def _child_text(element: Any, *names: str) -> str:
    """The text of the first descendant with one of these names."""
    return next((text for child in element.iter() if local_name(child) in names and (text := text_of(child))), "")


def _own_text(element: Any, *names: str) -> str:
    return next((text for child in _children(element, *names) if (text := _plain(child))), "")


def _plain(element: Any) -> str:
    """The text of a title, which may hold markup and entities written as text."""
    text = text_of(element)
    if element.get("type") not in (None, "html", "xhtml"):
        return text
    if not _TAG.search(text):
        return " ".join(_REFERENCE.sub(lambda match: unescape(match.group()), text).split())
    root = parse(text)
    return text_of(root) if root is not None else text


def _link(element: Any) -> str:
    for link in _children(element, "link", "guid"):
        if link.get("rel", "alternate") != "alternate" or link.get("isPermaLink") == "false":
            continue
        address = str(link.get("href") or link.text or "").strip()
        if address.startswith(("http://", "https://", "/")):
            return address
    return ""


def _read_feed(tree: Any) -> Document:
    """RSS 0.9 to 2.0, RDF or Atom -> a heading for each item, its date and author, and its content."""
    channel = next(iter(_children(tree, "channel")), tree)
    items = [e for parent in dict.fromkeys((channel, tree)) for e in _children(parent, "item", "entry")][:_MOST_ITEMS]
    title, link = _own_text(channel, "title"), _link(channel)
    if tree.tag == _ENTRY:
        return Document(as_html(_item(tree, ""), title), url=link, whole=True)
    base = tree.get("{http://www.w3.org/XML/1998/namespace}base") or ""
    heading = f"<h1>{escape(title)}</h1>" if title else ""
    about = _own_text(channel, "description", "subtitle", "tagline")
    out = [heading + (f"<p>{escape(about)}</p>" if about else "")]
    feed_authors = _authors(channel) if local_name(channel) == "feed" else ""
    out += [_item(item, feed_authors) for item in items]
    lang = _own_text(channel, "language") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    return Document(as_html("\n".join(out), title, lang, base or link), url=link, whole=True)


def _item(item: Any, feed_authors: str) -> str:
    title, link = _own_text(item, "title"), _link(item)
    date = _own_text(item, "pubdate", "published", "updated", "date", "issued", "modified")
    authors = _authors(item) or feed_authors
    shown = escape(title or link)
    heading = f'<a href="{escape(link)}">{shown}</a>' if link else shown
    out = [f"<article><h2>{heading}</h2>" if shown else "<article>"]
    if line := " · ".join(filter(None, (date, authors))):
        out.append(f"<p>{escape(line)}</p>")
    contents = [_content(e) for e in _children(item, "encoded", "content", "body")]
    contents = [content for content in contents if content]
    summaries = [_content(e) for e in _children(item, "description", "summary")]
    shown_text = _letters("".join(contents))
    out += [summary for summary in summaries[:1] if summary and _letters(summary).rstrip(".…")[:200] not in shown_text]
    out += contents
    text = "" if contents or any(summaries) else _child_text(item, "description", "subtitle")  # of media and podcasts
    if text:
        out.append(f"<p>{escape(text)}</p>")
    out += [f'<p><a href="{escape(url)}">{escape(url)}</a></p>' for url in _files(item)]
    return "".join(out) + "</article>"


def _files(item: Any) -> list[str]:
    """The addresses of an item's recordings and films."""
    files = [
        *_children(item, "enclosure"),
        *(link for link in _children(item, "link") if link.get("rel") == "enclosure"),
    ]
    addresses = ((file.get("url") or file.get("href") or "").strip() for file in files)
    kinds = ((file.get("type") or "") for file in files)
    return [url for url, kind in zip(addresses, kinds, strict=True) if url and not kind.startswith("image/")]


def _authors(item: Any) -> str:
    """The names of those who wrote an item; RSS writes them behind an address, as in `jo@example.org (Jo Doe)`."""
    elements = _children(item, "creator") or _children(item, "author")
    names = (_own_text(element, "name") or _plain(element) for element in elements)
    return ", ".join(dict.fromkeys(_MAILED.sub(r"\1", name) for name in names if name))


def _letters(html: str) -> str:
    return "".join(re.sub(r"<[^<>]*>", " ", html).split())


def _content(element: Any) -> str:
    """The content of an item -> HTML whose tags are closed."""
    if len(element):  # XHTML as elements
        for child in element.iter():
            if isinstance(child.tag, str):
                child.tag = local_name(child)
        html = "".join(etree.tostring(child, method="html", encoding="unicode") for child in element)
        return fragment(escape(element.text or "", quote=False) + html)
    text = element.text or ""
    if text.lstrip().startswith("<![CDATA["):  # written as text
        text = text.strip().removeprefix("<![CDATA[").removesuffix("]]>")
    if element.get("type") not in ("text", "text/plain") and (_TAG.search(text) or "&" in text):
        return fragment(text)
    return "".join(f"<p>{escape(part)}</p>" for part in re.split(r"\n\s*\n", text) if part.strip())


def fragment(html: str) -> str:
    """A piece of HTML -> the same with all of its tags closed, so that nothing reaches beyond it."""
    root = parse(html)
    if root is None:
        return ""
    body = find_body(root)
    inner = "".join(etree.tostring(child, method="html", encoding="unicode") for child in body)
    return f"<div>{escape(body.text or '', quote=False)}{inner}</div>"


def _read_sitemap(tree: Any) -> Document:
    """A sitemap or an index of them -> a table of addresses and dates."""
    rows = []
    for entry in tree:
        address = _own_text(entry, "loc")
        if address:
            title = _child_text(entry, "title") or _child_text(entry, "name")
            date = _own_text(entry, "lastmod") or _child_text(entry, "publication_date")
            cells = "".join(f"<td>{escape(text)}</td>" for text in (title, date) if text)
            rows.append(f'<tr><td><a href="{escape(address)}">{escape(address)}</a></td>{cells}</tr>')
    return Document(as_html(f"<table>{chr(10).join(rows)}</table>", "Sitemap"), whole=True)


def _read_citations(tree: Any) -> Document:
    """Articles as PubMed describes them -> title, authors, journal and abstract of each."""
    out, titles, authors = [], [], ""
    for article in (element for element in tree.iter() if local_name(element) == "article"):
        titles.append(_child_text(article, "articletitle") or _child_text(article, "vernaculartitle"))
        names = (
            " ".join(filter(None, (_own_text(author, "forename") or _own_text(author, "initials"), last)))
            for author in article.iter()
            if local_name(author) == "author" and (last := _own_text(author, "lastname", "collectivename"))
        )
        authors = "; ".join(names)
        journal = next((element for element in article if local_name(element) == "journal"), article)
        about = filter(None, (_child_text(journal, name) for name in ("title", "year", "volume", "issue")))
        out.append(f"<article><h1>{escape(titles[-1])}</h1><p>{escape(authors)}</p><p>{escape(', '.join(about))}</p>")
        for part in (element for element in article.iter() if local_name(element) == "abstracttext"):
            label = f"<b>{escape(part.get('Label'))}</b> " if part.get("Label") else ""
            out.append(f"<p>{label}{escape(text_of(part), quote=False)}</p>")
        out.append("</article>")
    title = titles[0] if len(titles) == 1 else ""
    head = f'<title>{escape(title)}</title><meta name="author" content="{escape(authors)}">' if title else ""
    return Document(as_html("\n".join(out), title, head=head), whole=True)


def _outlines(tree: Any) -> str:
    out = []
    for outline in tree.iter():
        if local_name(outline) == "outline":
            text = escape(" ".join((outline.get("text") or outline.get("title") or "").split()))
            address = escape(outline.get("xmlUrl") or outline.get("htmlUrl") or "")
            out.append(f'<li><a href="{address}">{text or address}</a>' if address else f"<li>{text}")
    return f"<ul>{chr(10).join(out)}</ul>"


def _elements(tree: Any) -> str:
    """XML of no known kind -> a paragraph for each element that holds text itself; titles are headings."""
    out: list[str] = []
    for event, element in (walker := etree.iterwalk(tree, events=("start",))):
        name = local_name(element)
        own = (element.text or "") + "".join(child.tail or "" for child in element)
        is_of_runs = name == "p" and any(local_name(run) == "t" for child in element for run in child)  # of Word
        if event != "start" or not (own.strip() or is_of_runs):
            continue
        tag = "h2" if name in _TITLES and not len(element) else "p"
        out.append(f"<{tag}>{escape(text_of(element), quote=False)}</{tag}>")
        walker.skip_subtree()
    return "\n".join(out)
