"""Pages of Confluence as it stores and exports them, with macros as elements, to HTML."""

from __future__ import annotations

from typing import Any

from lxml import etree

from indexlm.html.tree_edits import local_name, put_first, take_out
from indexlm.inputs.document import Document, as_html
from indexlm.text import word_set

_PREFIXES = ("ac", "ri", "at")
_TAGS = {"task-list": "ul", "task": "li", "plain-text-body": "pre", "link-body": "span", "plain-text-link-body": "span"}
_DROPPED = ("parameter", "task-id", "task-uuid", "task-status", "placeholder", "default-parameter", "macro-id")
_LISTS_OF_PAGES = word_set("toc toc-zone children pagetree recently-updated contentbylabel anchor livesearch")
_BEGIN = 2000  # characters
_BOXES = ("info", "note", "tip", "warning")


def is_stored(text: str) -> bool:
    """Whether a text is a page as Confluence stores it: without `<html>`, so that others are told at once."""
    return "<html" not in text[:_BEGIN].lower() and ("<ac:" in text or "<ri:" in text)


def read_stored(text: str, parse_xml: Any) -> Document | None:
    """A page as Confluence stores it -> its HTML; None where it cannot be read. `parse_xml` reads broken XML too."""
    spaces = " ".join(f'xmlns:{prefix}="urn:{prefix}"' for prefix in _PREFIXES)
    root = parse_xml(f"<div {spaces}>{text}</div>")
    if root is None:
        return None
    for element in [*root.iter("*")]:
        if element.getroottree().getroot() is root:
            _read(element)
    etree.cleanup_namespaces(root)
    html = etree.tostring(root, method="html", encoding="unicode", with_tail=False)
    return Document(as_html(html), whole=True)


def _read(element: Any) -> None:
    """Give an element of Confluence the name of HTML, and what is written in its attributes as text."""
    name = local_name(element)
    own = str(element.tag).startswith("{urn:")
    if not own:
        if name == "time" and not (element.text or "").strip():
            element.text = element.get("datetime") or ""
    elif name in _DROPPED:
        take_out(element)
    elif name in ("structured-macro", "macro"):
        _read_macro(element)
    elif name == "link":
        _read_link(element)
    elif name == "image":
        source = next(filter(None, (_named(inner, "value", "filename") for inner in element)), "")
        _become(element, "img", src=source, alt=_named(element, "alt"))
    elif name == "emoticon":
        text = _named(element, "emoji-fallback")
        _become(element, "span")
        element.text = "" if text.startswith(":") else text
    elif name == "task":
        is_done = any(local_name(part) == "task-status" and (part.text or "").strip() == "complete" for part in element)
        _become(element, "li")
        box = etree.Element("input", type="checkbox")
        if is_done:
            box.set("checked", "checked")
        element.insert(0, box)
    else:
        is_part = name.startswith("task-") or str(element.tag).startswith("{urn:ri}")
        _become(element, _TAGS.get(name, "span" if is_part else "div"))


def _read_macro(macro: Any) -> None:
    name = _named(macro, "name")
    parameters = {
        _named(part, "name"): "".join(part.itertext()).strip() for part in macro if local_name(part) == "parameter"
    }
    title = parameters.get("title", "")
    if name in _LISTS_OF_PAGES:
        take_out(macro)
        return
    if name in ("status", "jira"):
        _become(macro, "span")
        macro.text = title or parameters.get("key", "")
    elif name == "expand":
        _become(macro, "details")
        put_first(macro, "summary", title)
    elif name in _BOXES:
        _become(macro, "div", **{"class": f"admonition {name}"})
        put_first(macro, "p", title or name.capitalize(), **{"class": "admonition-title"})
    else:
        _become(macro, "div")
        put_first(macro, "p", title)
    language = parameters.get("language", "")
    for body in macro:
        if language and local_name(body) == "plain-text-body":
            body.set("lang", language)


def _read_link(link: Any) -> None:
    """A link to a page, an attachment or a person: its own text, or else the name of what it leads to."""
    text = "".join(link.itertext()).strip()
    if not text:
        names = (_named(inner, "content-title", "filename", "username") for inner in link)
        text = next(filter(None, names), "")
        link.text = text
    _become(link, "span")


def _become(element: Any, tag: str, **attributes: str) -> None:
    """Give an element a name of HTML, and these attributes in place of its own; a language that it was given stays."""
    language = element.get("lang") if tag == "pre" else None
    element.attrib.clear()
    element.tag = tag
    for name, value in attributes.items():
        element.set(name, value)
    if language:
        element.set("data-lang", language)


def _named(element: Any, *names: str) -> str:
    """The first attribute of Confluence with one of these names."""
    values = (element.get(f"{{urn:{prefix}}}{name}") or element.get(name) for name in names for prefix in _PREFIXES)
    return str(next(filter(None, values), ""))
