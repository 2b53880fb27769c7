"""Text to an element tree (lxml), with what broken and very deep pages need."""

from __future__ import annotations

import re
from itertools import dropwhile
from typing import Any

from lxml import etree

from indexlm.html.tags import BLOCK_LEVEL
from indexlm.text import word_set

_MAX_DEPTH = 1000  # libxml2 stops reading a page at 2,048 open elements
_TAG = re.compile(
    r"<!--(?:(?!-->).)*+(?:-->|\Z)"
    r"|<(script|style|textarea|title)\b(?:(?!</\1).)*+(?:</\1[^>]*+>|\Z)"
    r"|<(/?)([a-zA-Z][^\s/<>]*+)(?:[^<>\"']|\"[^\"<]{0,9999}+\"|'[^'<]{0,9999}+'|[\"'])*+>",
    re.DOTALL | re.IGNORECASE,
)
_OF_HEAD = word_set("base link meta noscript script style template title")
_VOID = word_set("area base br col embed hr img input link meta source track wbr")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
"""Control characters that are no white space."""
_CONTROL_TO_SPACE = bytes(32 if CONTROL.match(chr(byte)) else byte for byte in range(256))


def parse(html: str) -> Any:
    """HTML -> the root element, or None where there is none."""
    # Surrogates cannot be encoded. libxml2 stops at NUL and cannot write other control characters.
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
    """The page without the tags deeper than `_MAX_DEPTH`. Their text stays, with the boundaries of its blocks."""
    depth = 0

    def replace(match: re.Match[str]) -> str:
        nonlocal depth
        closing, tag = match.group(2), (match.group(3) or "").lower()
        if not tag or tag in _VOID:
            return match.group()
        depth = max(0, depth - 1) if closing else depth + 1
        if depth + bool(closing) <= _MAX_DEPTH:
            return match.group()
        return "<br><br>" if tag in BLOCK_LEVEL else ""

    return _TAG.sub(replace, html)


def find_body(root: Any) -> Any:
    """The root -> the element that holds all content: `<body>`, with what stands behind its end tag moved into it.

    A page may leave out `<body>`. libxml2 does not know that `<main>` or `<nav>` begin it, and puts them into the head;
    they are moved back too.
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
