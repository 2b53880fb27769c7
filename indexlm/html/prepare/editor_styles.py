"""What documents of word processors show by numbered classes of their style sheets, such as `.c1{font-weight:700}`."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

_BODY = re.compile(r"(?:^|\s)(?:c\d+|doc-content|calibre\d*)(?:\s|$)")
"""A class of the body in documents of Google Docs and Calibre."""
_EDITORS = re.compile(r"LibreOffice|OpenOffice|Cocoa|Google", re.IGNORECASE)
"""Who made a document, as its head says."""
_RULE = re.compile(r"\.((?:c|T|s|calibre_?)\d{1,3})\s*\{([^{}]*)\}")
_EMPHASIS = re.compile(
    r"font-weight\s*:\s*(?:bold|[6-9]00)|font-style\s*:\s*(?:italic|oblique)|text-decoration[a-z-]*\s*:[^;]*line-through"
)
_MOST_SPANS = 20_000


def read_editor_styles(body: Any) -> None:
    """Give the emphasis of such classes to the elements themselves, and make titles of Google Docs headings."""
    if not _is_of_editor(body):
        return
    sheets = [css for style in body.getroottree().iter("style") if (css := style.text)]
    rules = {name: ";".join(_EMPHASIS.findall(rule)) for css in sheets for name, rule in _RULE.findall(css)}
    if any(rules.values()):
        for span in islice(body.iter("span"), _MOST_SPANS):
            names = (span.get("class") or "").split()
            if emphasis := ";".join(rule for name in names if (rule := rules.get(name, ""))):
                span.set("style", f"{emphasis};{span.get('style') or ''}")
    if "doc-content" in (body.get("class") or "").split() and next(body.iter("h1"), None) is None:
        title = next((p for p in body.iterchildren("p") if "title" in (p.get("class") or "").split()), None)
        if title is not None:
            title.tag = "h1"


def _is_of_editor(body: Any) -> bool:
    """Whether a word processor made the page, as its head or the names of its body say."""
    if _BODY.search(body.get("class") or "") or any(div.get("id") == "contents" for div in body.iterchildren("div")):
        return True
    head = body.getprevious()
    metas = head.iterchildren("meta") if head is not None and head.tag == "head" else ()
    names = ((meta.get("name") or "").lower() == "generator" and meta.get("content") for meta in metas)
    return any(_EDITORS.search(name) for name in names if name)
