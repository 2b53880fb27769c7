"""Other XML of texts (FictionBook, DITA, RFC) in the names of articles and books, which `articles` reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from indexlm.html.tree_edits import local_name, put_first, take_out, text_of

_LISTS = {"ul": "itemizedlist", "ol": "orderedlist", "li": "listitem", "dl": "variablelist", "dt": "term", "dd": "def"}
_MARKS = {"b": "bold", "i": "italic", "em": "italic", "strong": "bold", "tt": "literal"}
_FICTION = {
    "emphasis": "italic",
    "strong": "bold",
    "code": "literal",
    "v": "l",
    "stanza": "p",
    "poem": "disp-quote",
    "cite": "disp-quote",
    "subtitle": "p",
    "text-author": "p",
    "a": "ext-link",
}
_DITA = _LISTS | _MARKS
for _name, _others in {
    "para": "shortdesc cmd",
    "procedure": "steps substeps",
    "itemizedlist": "steps-unordered choices",
    "step": "substep choice",
    "programlisting": "codeblock msgblock lines pre",
    "literal": "codeph cmdname filepath userinput systemoutput apiname parmname option",
    "bold": "uicontrol wintitle",
    "informaltable": "simpletable choicetable",
    "row": "strow sthead chrow chhead",
    "entry": "stentry choption chdesc",
    "link": "xref",
    "section": "topic task concept reference",
}.items():
    _DITA |= dict.fromkeys(_others.split(), _name)
_RFC = _LISTS | _MARKS
_RFC |= {
    "t": "para",
    "name": "title",
    "sourcecode": "programlisting",
    "artwork": "programlisting",
    "xref": "link",
    "relref": "link",
    "eref": "link",
    "blockquote": "disp-quote",
    "aside": "note",
    "references": "section",
    "reference": "para",
}
_DROPPED = {
    "fictionbook": ("description", "binary", "image", "empty-line", "stylesheet"),
    "rfc": ("author", "date", "area", "workgroup", "keyword", "iref", "seriesinfo", "link", "note"),
    "dita": ("prolog", "data", "indexterm"),
}
_VOCABULARIES: Mapping[str, Mapping[str, str]] = {"fictionbook": _FICTION, "rfc": _RFC, "dita": _DITA}
_TOPICS = ("topic", "task", "concept", "reference", "dita")


def vocabulary_of(root: Any, name: str) -> str:
    """The vocabulary of a root of this local name, which `read_vocabulary` knows; empty for another."""
    if name in _TOPICS:
        return "dita" if name == "dita" or any(local_name(child) == "title" for child in root) else ""
    return name if name in _VOCABULARIES else ""


def read_vocabulary(root: Any, vocabulary: str) -> str:
    """Write a root and all in it in the names of articles and books. Returns who wrote it."""
    authors = "; ".join(dict.fromkeys(filter(None, (_author(e) for e in root.iter("*") if local_name(e) == "author"))))
    names, dropped = _VOCABULARIES[vocabulary], _DROPPED[vocabulary]
    if vocabulary == "fictionbook":
        _keep_book_title(root)
    for element in [*root.iter("*")]:
        name = local_name(element)
        if name in dropped and element.getparent() is not None:
            take_out(element)
        elif name == "title" and len(element):
            _as_text(element, text_of(element))
        elif name in names and element.getparent() is not None:
            _read(element, name, names[name])
        if vocabulary == "rfc" and name == "section":
            put_first(element, "title", element.get("title") or "")
    return authors


def _read(element: Any, name: str, becomes: str) -> None:
    if becomes == "link" and (target := element.get("target")):
        if not (element.text or "").strip() and not len(element):
            element.text = f"[{target}]" if "://" not in target else target
        if "://" not in target:
            element.set("target", f"#{target}")
    if name == "reference":
        parts = (text_of(part) for part in element.iter("*") if local_name(part) == "title")
        label, text = element.get("anchor") or "", " ".join(parts)
        target = element.get("target") or ""
        _as_text(element, " ".join(filter(None, (f"[{label}]" if label else "", text, target))))
    if becomes == "programlisting" and (language := element.get("type") or element.get("outputclass")):
        element.set("language", language.removeprefix("language-"))
    element.tag = becomes


def _keep_book_title(root: Any) -> None:
    """Write the title of a book in its description above its first body."""
    title = next((e for e in root.iter("*") if local_name(e) == "book-title"), None)
    body = next((e for e in root.iter("*") if local_name(e) == "body"), None)
    if title is not None and body is not None and not any(local_name(child) == "title" for child in body):
        put_first(body, "title", title.text or "")


def _author(element: Any) -> str:
    """The name of an author, in an attribute or in parts."""
    if whole := element.get("fullname"):
        return str(whole)
    parts = (child for child in element if local_name(child) in ("first-name", "middle-name", "last-name", "nickname"))
    names = {local_name(part): text_of(part) for part in parts}
    nickname = names.pop("nickname", "")
    return " ".join(filter(None, names.values())) or nickname


def _as_text(element: Any, text: str) -> None:
    tail = element.tail
    for child in [*element]:
        element.remove(child)
    element.text, element.tail = text, tail
