"""Text to an element tree (lxml), with what broken and very deep pages need."""

from __future__ import annotations

import re
from itertools import dropwhile
from typing import Any

from lxml import etree

from indexlm.html.emphasis import into_paragraphs
from indexlm.html.guard import flatten, strip_tags, trim_tags
from indexlm.text import word_set

_OF_HEAD = word_set("base link meta noscript script style template title")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
"""Control characters that are no white space."""
_CONTROL_TO_SPACE = bytes(32 if CONTROL.match(chr(byte)) else byte for byte in range(256))
# End tags that a browser shows as a break where nothing is open, and libxml2 leaves out. Whether a paragraph is open
# is not known here; behind one that is, a break shows nothing.
_BREAKS = re.compile(r"</[pP]>(?=[^\s<])|</[bB][rR]\s*+/?>")


def parse(html: str) -> Any:
    """HTML -> the root element, or None where there is none. Depth and attributes are bounded: see `guard`."""
    html = into_paragraphs(trim_tags(html))
    html = _BREAKS.sub(lambda match: "<br>" if match.group()[2] in "bB" else "</p><br>", html)
    root, log = _parse(html, is_huge=False)
    limits = [entry.message for entry in log if entry.type_name == "ERR_RESOURCE_LIMIT"]
    if not limits:
        return root
    if "depth" not in limits[0]:  # a text or an attribute of more than 10 million characters
        root, log = _parse(html, is_huge=True)
    for simplified in (flatten, strip_tags):
        if not any("depth" in entry.message for entry in log.filter_from_errors()):
            break
        root, log = _parse(simplified(html), is_huge="depth" not in limits[0])
    return root


def _parse(html: str, is_huge: bool) -> tuple[Any, Any]:
    # Surrogates cannot be encoded. libxml2 stops at NUL and cannot write other control characters.
    data = html.encode("utf-8", "replace").translate(_CONTROL_TO_SPACE)
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=is_huge, remove_comments=True, remove_pis=True, collect_ids=False
    )
    try:
        return etree.fromstring(data, parser), parser.error_log
    except etree.XMLSyntaxError:
        return None, parser.error_log


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
