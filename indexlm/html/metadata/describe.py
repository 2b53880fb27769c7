"""What a page states of itself, for users: title, author, dates, and where each value comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import unescape
from typing import Any

from lxml import etree

from indexlm.html.metadata.bylines import find_bylines, is_of_item, is_of_others, marked_authors
from indexlm.html.metadata.dates import iso_date
from indexlm.html.metadata.essentials import join_address, language_of, meta_contents, read_metadata
from indexlm.html.metadata.linked_data import RDFA, Node, main_items, read_json_ld, read_microdata, texts, types
from indexlm.html.metadata.people import split_people, without_address
from indexlm.html.metadata.titles import names_of_host, whole_title
from indexlm.html.metadata.updates import find_published, find_updates
from indexlm.html.metadata.written_dates import written_date
from indexlm.html.parse import CONTROL, parse
from indexlm.metadata import Metadata, MetadataValue
from indexlm.patterns import late

_LANGUAGE = late(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_PLACEHOLDER = late(r"(?i)null|none|undefined|unknown|n/?a|-+|.*(?:\{\{|\}\}|<%|%>|\$\{).*")
_OTHER_SCHEME = late(r"(?!https?:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_BY = late(r"(?i)^by:?\s+")
_NOBODY = late(r"(?i)admin(?:istrator)?|webmaster|editor|staff|user|guest")
_DAY_LENGTH = len("2024-05-03")
_WRITTEN = late(r"(?i)written by|author|geschrieben von|verfasst von|écrit par|escrito por|scritto da|autor")
_BREAK = late(r"<(?:br|wbr|hr)\s*/?>", re.IGNORECASE)
_ELEMENT = late(r"<([a-zA-Z][a-zA-Z0-9]*)(?:\s[^<>]*)?>([^<>]*)</\1\s*>")
_SEMICOLON = late(r"\s*;\s*")
_NO_TIME = "1970-01-01T00:00:00"  # what systems write for no time
_MOST_LEVELS = 8  # of elements in one another

# By field the properties of schema.org, and the names of <meta>, the first with a value counts.
_PROPERTIES = {
    "title": "headline name title",
    "author": "author creator",
    "published": "datePublished datePosted dateCreated uploadDate",
    "modified": "dateModified",
    "site": "publisher isPartOf",
    "description": "description abstract",
    "language": "inLanguage",
    "image": "image thumbnailUrl",
    "canonical": "url mainEntityOfPage",
}
_NAMES = {
    "title": "og:title citation_title dc.title dcterms.title parsely-title twitter:title",
    "author": "citation_author citation_authors article:author og:article:author author authors dc.creator "
    "dcterms.creator dc.contributor parsely-author sailthru.author byl article.author",
    "published": "article:published_time og:article:published_time og:published_time citation_publication_date "
    "citation_date citation_online_date dcterms.issued dc.date.issued dcterms.created dc.date.created dcterms.date "
    "dc.date parsely-pub-date bt:pubdate sailthru.date datepublished article.published "
    "publish_date publish-date publishdate publication_date publication-date pubdate date",
    "modified": "article:modified_time og:article:modified_time og:updated_time dcterms.modified dc.date.modified "
    "last-modified last_modified lastmod datemodified date_modified modified-date modified_date modification_date "
    "article.updated article:modified revised",
    "site": "og:site_name citation_journal_title application-name apple-mobile-web-app-title dc.publisher "
    "dcterms.publisher publisher copyright.holder",
    "description": "og:description description dc.description dcterms.description dcterms.abstract twitter:description",
    "language": "content-language og:locale dc.language dcterms.language citation_language language",
    "image": "og:image og:image:url og:image:secure_url twitter:image twitter:image:src thumbnail",
    "canonical": "og:url twitter:url",
    "type": "og:type",
}
_NAMES_OF = {field: tuple(names.split()) for field, names in _NAMES.items()}
_PROPERTIES_OF = {field: tuple(names.split()) for field, names in _PROPERTIES.items()}
_ADDRESSES = ("image", "canonical")

_marked: Any = etree.XPath("//*[@itemprop or @rel='author']")


def describe(html: str, url: str = "") -> Metadata:
    """HTML, and the page's address where it is known -> the metadata that the page states; nothing is guessed.

    Read from JSON-LD, microdata, `<meta>` (Open Graph, Dublin Core, `citation_…`, plain names), `<link>` and the page's
    own elements, the first with a value. It is read when it is asked for, and costs a parse of the page.
    """
    root = parse(html)
    if root is None:
        return Metadata()
    page = read_metadata(root, url)
    contents = meta_contents(root.iter("meta"))
    scripts = (script.text or "" for script in root.iter("script") if "ld+json" in (script.get("type") or "").lower())
    headings = ["".join(heading.itertext()) for heading in root.iter("h1")]
    own = {"title": [([page.title], "title"), (headings[:1], "h1")]}
    own["language"] = [([language_of(root)], "html lang")]
    for field, rel in (("canonical", "canonical"), ("image", "image_src")):
        links = (link.get("href") or "" for link in root.iter("link") if rel in (link.get("rel") or "").lower().split())
        own[field] = [([address], f"link {rel}") for address in links]
    marked: Any = _marked(root)
    by = [a for a in marked if a.get("rel") == "author"]
    by = [a for a in by if not is_of_others(a)] or by
    own["author"] = [
        (["".join(a.itertext()) for a in by], "rel=author"),
        (marked_authors(marked), "microdata"),
        (_labelled(contents), "twitter:data"),
        (find_bylines(root), "byline"),
    ]
    own["published"] = [(_outside_items(marked, "datePublished"), "microdata"), (find_published(root), "time")]
    own["image"].append((_outside_items(marked, "image"), "microdata"))
    own["description"] = [(_outside_items(marked, "description"), "microdata")]
    own["modified"] = [(_outside_items(marked, "dateModified"), "microdata"), (find_updates(root), "shown")]
    has_microdata = any(element.get("itemprop") is not None for element in marked)
    items = {"json-ld": read_json_ld(scripts), "microdata": read_microdata(root) if has_microdata else []}
    if "typeof=" in html:
        items["rdfa"] = read_microdata(root, RDFA)
    _add_parsely(contents)
    addresses = (page.url, *(address for (address,), _ in own["canonical"]), *contents.get("og:url", ()))
    return _metadata(items, contents, own, addresses, page.base_url, headings[0] if len(headings) == 1 else "")


def _metadata(
    items: Mapping[str, list[Node]],
    contents: Mapping[str, list[str]],
    own: Mapping[str, list[tuple[list[str], str]]],
    addresses: tuple[str, ...],
    base_url: str,
    heading: str,
) -> Metadata:
    """Items by where they stand, contents of `<meta>`, values of the page's own elements, its heading -> metadata."""
    main = {source: main_items(nodes, addresses) for source, nodes in items.items()}
    by_id = {str(node["@id"]): node for nodes in items.values() for node in nodes if "@id" in node}
    sites = [node for nodes in items.values() for node in nodes if "WebSite" in types(node)]

    def candidates(field: str) -> Iterator[tuple[list[str], str]]:
        """The values of a field, by source; those that are nearest to what the page is about come first."""
        if field in ("language", "canonical"):  # these describe the document
            yield from own.get(field, ())
        properties = _PROPERTIES_OF.get(field, ())
        for source, nodes in main.items():
            if field == "type":
                yield from ((types(node)[:1], source) for node in nodes)
            for node in nodes:
                yield from ((texts(node, name, by_id), source) for name in properties)
        if field == "site":
            yield from ((texts(node, "name", by_id), "json-ld") for node in sites)
        for name in _NAMES_OF[field]:
            yield contents.get(name, []), name
        yield from own.get(field, ())

    def first(field: str) -> MetadataValue | None:
        for raw, source in candidates(field):
            values = [value for value in (_clean(field, text, base_url) for text in raw) if value]
            if values:
                if field == "author":
                    values = [person for value in values for person in split_people(value)]
                joined = "; ".join(dict.fromkeys(values)) if field == "author" else values[0]
                return MetadataValue(joined, source)
        return None

    metadata = Metadata(**{field: first(field) for field in _NAMES_OF})
    if metadata.title is None:
        return metadata
    stated = _clean("title", own["title"][0][0][0], "")
    names = [metadata.site.value] if metadata.site else names_of_host(addresses)
    heading = " ".join(heading.replace("\u200b", "").replace("¶", "").split())
    return replace(metadata, title=whole_title(metadata.title, stated, "" if heading in names else heading, names))


def _outside_items(marked: Any, name: str) -> list[str]:
    """Elements with microdata -> the moments that they state as a property outside of any item."""
    own = [element for element in marked if element.get("itemprop") == name and not is_of_item(element)]
    return [element.get("datetime") or element.get("content") or "".join(element.itertext()) for element in own]


def _add_parsely(contents: dict[str, list[str]]) -> None:
    """Add what a page says in the JSON of its `parsely-page`, as if it were in elements of their own."""
    try:
        page = json.loads(contents.get("parsely-page", ["{}"])[0])
    except (ValueError, RecursionError):
        return
    for key, name in (("title", "title"), ("authors", "author"), ("author", "author"), ("pub_date", "pub-date")):
        value = page.get(key) if isinstance(page, dict) else None
        found = [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]
        if found:
            contents.setdefault(f"parsely-{name}", found)


def _labelled(contents: Mapping[str, list[str]]) -> list[str]:
    """The author that a page names in the labels of its card: `twitter:label1` is `Written by`."""
    labels = ((contents.get(f"twitter:label{i}", [""])[0], contents.get(f"twitter:data{i}", [])) for i in (1, 2))
    return next((data for label, data in labels if _WRITTEN.fullmatch(label)), [])


def _without_tags(text: str) -> str:
    """A text without the tags of whole elements; `<int>` alone, as in a page about code, is text."""
    text = _BREAK.sub(" ", text)
    for _ in range(_MOST_LEVELS):
        text, count = _ELEMENT.subn(r"\2", text)
        if not count:
            break
    return text


def _in_usual_case(tag: str) -> str:
    """A tag of a language as it is usually written: `pt-BR`, `zh-Hant`."""
    language, *others = tag.split("-")
    sizes = {2: str.upper, 4: str.title}
    return "-".join([language.lower(), *(sizes.get(len(part), str)(part) for part in others)])


def _clean(field: str, text: str, base_url: str) -> str:
    """A field's value as the page states it -> as users get it; empty for what is none."""
    if "&" in text:
        text = unescape(text)
    text = " ".join(CONTROL.sub(" ", text).split())
    if not text or _PLACEHOLDER.fullmatch(text):
        return ""
    if field in ("published", "modified"):
        date = iso_date(text)
        if len(date) < _DAY_LENGTH:
            date = written_date(text) or date
        return "" if date.startswith(_NO_TIME) else date
    if field == "language":
        tag = text.replace("_", "-").split(",")[0].strip()
        return _in_usual_case(tag) if _LANGUAGE.fullmatch(tag) else ""
    if field in _ADDRESSES:
        address = join_address(base_url, text)
        return "" if _OTHER_SCHEME.match(address) else address
    if "<" in text:
        text = " ".join(_without_tags(text).split())
    if field == "author":
        text = without_address(_BY.sub("", text)).rstrip("; ")
        if text.startswith(("http://", "https://", "@", "/")) or _NOBODY.fullmatch(text):
            return ""
        return _SEMICOLON.sub("; ", text)
    return text
