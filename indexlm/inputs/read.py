"""Any input to one HTML document: by its content first, and where that leaves it open by its suffix."""

from __future__ import annotations

import re
from dataclasses import replace
from os import PathLike, fspath
from pathlib import PurePosixPath
from typing import IO, Any

from indexlm.addresses import split_address
from indexlm.html.decode import decode
from indexlm.html.tags import BLOCK_LEVEL, INLINE, SKIPPED
from indexlm.inputs import document
from indexlm.inputs.calendar import is_calendar, read_calendar
from indexlm.inputs.confluence import is_stored, read_stored
from indexlm.inputs.data import find_delimiter, parse_json, read_csv, read_json
from indexlm.inputs.document import Document, Source, as_html
from indexlm.inputs.frames import read_view_source, show_frames
from indexlm.inputs.mail import is_mail, read_mail, read_webarchive
from indexlm.inputs.mailbox import read_mailbox, split_mailbox
from indexlm.inputs.packed import check_is_text, too_large, unpack
from indexlm.inputs.text import is_markdown, read_markdown, read_text, starts_as_markdown
from indexlm.inputs.xml import Root, find_root, parse_xml, read_xhtml, read_xml
from indexlm.page import IndexLMError
from indexlm.patterns import late
from indexlm.text import word_set

Input = bytes | bytearray | memoryview | str | PathLike[str] | IO[bytes] | IO[str] | Source
"""What a page may be given as: its bytes or text, a path, an open file, or what `indexlm.sources.load` read."""

WEB_SUFFIXES = word_set(
    ".html .htm .xhtml .xht .shtml .stm .php .php3 .php4 .php5 .phtml .asp .aspx .jsp .jspx .jsf .cfm .cgi .do "
    ".mht .mhtml .eml .mbox .webarchive .rss .atom"
)
"""The suffixes of files that are pages, letters and feeds."""
OTHER_SUFFIXES = word_set(
    ".txt .text .md .markdown .mdown .mkd .json .jsonl .ndjson .ipynb .csv .tsv .xml .rdf .opml .ics"
)
"""The suffixes of other files that can be read."""
_MARKDOWN = (".md", ".markdown", ".mdown", ".mkd")
_TEXT = (".txt", ".text", ".log")
_BY_TYPE = {
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/x-markdown": ".md",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
}
_DOCUMENT = late(r"<(?:!doctype\s+html|html|head|body|\?xml|!--\[if)\b", re.IGNORECASE)
_ELEMENTS = (
    "a abbr address article aside b base blockquote body br button center cite code dd details div dl dt em "
    "figure font footer form frameset h1 h2 h3 h4 h5 h6 head header hr html i iframe img input li link main meta nav "
    "noscript ol p pre script section small span strong style sub summary sup table tbody td textarea tfoot th thead "
    "title tr u ul video"
)
_TAG = late(rf"</?(?:{'|'.join(_ELEMENTS.split())})(?:\s[^<>]*)?/?>|<!--|<[a-z]+-[a-z-]+[\s>]", re.IGNORECASE)
_ENTITY = late(r"&(?:[a-zA-Z]{2,8}|#\d{1,7}|#x[0-9a-fA-F]{1,6});")
_HTML_NAMES = (
    frozenset(_ELEMENTS.split())
    | BLOCK_LEVEL
    | INLINE
    | SKIPPED
    | word_set(
        "acronym applet basefont bdi bdo big blink col colgroup command data dfn embed image isindex keygen label "
        "marquee math menuitem meter nobr output portal progress rb rt rtc ruby selectedcontent slot source strike "
        "track tt wbr"
    )
)
"""The elements that HTML has, or had."""
_XML_ROOTS = frozenset(["rss", "feed", "rdf", "urlset", "sitemapindex", "opml", "svg"])
_ARTICLE = late(r"\s*(?:<!DOCTYPE article\b[^>]*>\s*)?<article\b[^>]*>\s*(?:<processing-meta\b[^>]*>\s*)?<front\b")
"""The beginning of an article of a journal in XML; HTML has `<article>` too."""
_FILE_NAME = late(r"[^\s<>][^\n<>]{0,4095}")


def read_document(
    page: Input, *, url: str = "", name: str = "", content_type: str = "", max_bytes: int | None = None
) -> Document:
    """A page in any form -> its HTML. `url` and `name` are for the suffix, and `name` for errors too.

    Raises `IndexLMError` for what is no page, such as an image, for more than `max_bytes` (None: `MAX_BYTES`), packed
    or unpacked, and for a text that is an address or a file's name.
    """
    most = document.MAX_BYTES if max_bytes is None else min(max_bytes, document.MAX_BYTES)
    source = to_source(page)
    source = source._replace(
        url=url or source.url, name=name or source.name, content_type=content_type or source.content_type
    )
    label = source.name or source.url or "the input"
    content, warnings = source.content, source.warnings
    if len(content) > most:
        raise too_large(label, most)
    if isinstance(content, bytes):
        content, kind, of_packing = unpack(content, source.content_type, label, most)
        warnings = (*warnings, *of_packing)
        source = source._replace(content=content, content_type=kind)
    opened = _read_bytes(source, label)
    if warnings:
        opened = replace(opened, warnings=(*warnings, *opened.warnings))
    return opened if opened.url or not source.url else replace(opened, url=source.url)


def to_source(page: Input) -> Source:
    """A page in any form -> its content. Raises `IndexLMError` for what is none, or cannot be read."""
    if isinstance(page, Source):
        return page
    if isinstance(page, bytes):
        return Source(page)
    if isinstance(page, str):
        check_is_html(page)
        return Source(page)
    if isinstance(page, (bytearray, memoryview)):
        return Source(bytes(page))
    if isinstance(page, PathLike):
        from indexlm.sources import read_file

        return read_file(fspath(page))
    if callable(getattr(page, "read", None)):
        return _read_open_file(page)
    raise IndexLMError(
        f"a page is bytes, a str of HTML, a Path, an open file or what load() returns; found {type(page).__name__}"
    )


def sendable(page: Any) -> Any:
    """A page that another process can be sent: what an open file holds stands in for the file."""
    html = page[0] if type(page) is tuple else page
    if not (isinstance(html, memoryview) or callable(getattr(html, "read", None))):
        return page
    try:
        source = to_source(html)
    except IndexLMError as error:
        return error
    return (source, page[1]) if type(page) is tuple else source


def _read_open_file(file: IO[bytes] | IO[str]) -> Source:
    try:
        content = file.read(document.MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # closed, or text in another encoding
        raise IndexLMError(f"an open file can be read; this one cannot: {error}") from None
    name = getattr(file, "name", "")
    if not isinstance(content, (bytes, bytearray, str)):
        raise IndexLMError(f"an open file holds bytes or text; found {type(content).__name__}")
    content = bytes(content) if isinstance(content, bytearray) else content
    return Source(content, name=name if isinstance(name, str) else "")


def check_is_html(text: str) -> None:
    """Raise `IndexLMError` for a text that is an address or the name of a file, which says what to call."""
    if len(text) > 4096 or not _FILE_NAME.fullmatch(short := text.strip()):
        return
    shown = short if len(short) <= 80 else short[:77] + "..."
    if re.match(r"(?:view-source:)?https?://\S+$", short, re.IGNORECASE):
        raise IndexLMError(f"a str is a page's HTML; found the address {shown!r}: extract(load({shown!r})) fetches it")
    suffix = PurePosixPath(short.replace("\\", "/")).suffix.lower()
    is_name = " " not in short and suffix in WEB_SUFFIXES | OTHER_SUFFIXES | {".gz"}
    if is_name or (("/" in short or "\\" in short or "." in short) and _exists(short)):
        raise IndexLMError(f"a str is a page's HTML; found the file name {shown!r}: extract(Path({shown!r})) reads it")


def _exists(name: str) -> bool:
    import os

    return os.path.isfile(name)  # never raises, whatever the name


def _read_bytes(source: Source, label: str) -> Document:
    """A source whose bytes are unpacked -> its document."""
    content = source.content
    start = content[: 1 << 16]
    if is_mail(start if isinstance(start, bytes) else start.encode("utf-8", "replace")):
        data = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
        mails = split_mailbox(data)
        mail = read_mailbox(mails, label) if len(mails) > 1 else read_mail(data, label)
        return mail if mail.whole else replace(mail, html=_read_html(mail.html, mail.url).html)
    if isinstance(content, str):
        return read_decoded(content, source, label)
    if content.startswith(b"bplist00"):
        return read_webarchive(content, label)
    check_is_text(content, label, source.content_type)
    return read_decoded(decode(content, source.content_type), source, label)


def read_decoded(text: str, source: Source, label: str) -> Document:
    """Text -> its document, by what it is."""
    text = text.removeprefix("\ufeff")
    suffix = _suffix(source)
    start = text[:4096].lstrip()
    if start.startswith("<"):
        if suffix in (*_MARKDOWN, *_TEXT) and not _DOCUMENT.match(start):
            return read_markdown(text) if suffix in _MARKDOWN else read_text(text)
        root = find_root(text)
        if root is not None and root.name != "html" and (root.name in _XML_ROOTS or _is_xml(text, root, suffix)):
            return read_xml(text, root, label)
        is_xhtml = root is not None and root.name == "html" and (root.is_declared or "xmlns" in root.attributes)
        if root is not None and is_xhtml and (root.is_declared or root.prefix or "<![CDATA[" in text):
            return read_xhtml(text, root)
        return _read_html(text, source.url)
    return _read_plain(text, suffix)


def _is_xml(text: str, root: Root, suffix: str) -> bool:
    """Whether a document says that it is XML, or is one element that HTML does not know."""
    if root.is_declared or suffix == ".xml" or "article-type=" in root.attributes or _ARTICLE.match(text):
        return True
    is_known = root.prefix or "-" in root.name or root.name in _HTML_NAMES
    return not is_known and text.rstrip().lower().endswith(f"</{root.name}>")


def _read_html(text: str, url: str) -> Document:
    if (inner := read_view_source(text)) is not None:
        return _read_html(inner, url)
    if is_stored(text) and (stored := read_stored(text, parse_xml)) is not None:
        return stored
    return show_frames(text, url) or Document(text)


def _read_plain(text: str, suffix: str) -> Document:
    """Text that does not start with markup -> its document."""
    if is_calendar(text):
        title, body = read_calendar(text)
        return Document(as_html(body, title), whole=True)
    if suffix not in (*_MARKDOWN, *_TEXT) and (value := parse_json(text)) is not None:
        return read_json(value)
    if suffix in (".csv", ".tsv"):
        return read_csv(text, find_delimiter(text, suffix))
    if suffix in _MARKDOWN:
        return read_markdown(text)
    if suffix not in _TEXT and _TAG.search(text) and not starts_as_markdown(text):
        return _read_html(text, "")
    if is_markdown(text):
        return read_markdown(text)
    if suffix not in _TEXT:
        if delimiter := find_delimiter(text, suffix):
            return read_csv(text, delimiter)
        if _ENTITY.search(text):
            from html import unescape

            text = unescape(text)
    return read_text(text)


def _suffix(source: Source) -> str:
    """The suffix that says what an input is: of its name or its address, but for `.gz`, or of its content type."""
    name = source.name
    if not name and source.url:
        kind = source.content_type.partition(";")[0].strip().lower()
        if kind in _BY_TYPE:
            return _BY_TYPE[kind]
        name = split_address(source.url).path
    elif not name:
        return _BY_TYPE.get(source.content_type.partition(";")[0].strip().lower(), "")
    return PurePosixPath(name.lower().removesuffix(".gz")).suffix
