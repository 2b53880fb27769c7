"""What documents of word processors show by numbered classes of their style sheets, such as `.c1{font-weight:700}`."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from lxml import etree

_SIGNS = ("lst-kix", ".c1{", ".c2{", ".c3{", ".T1", ".s1", ".calibre")
"""What the style sheets of Google Docs, LibreOffice, Apple's editors and Calibre hold, one of them at least."""
_SAMPLE = 2000  # characters at either end of a sheet, in which these are looked for
_RULE = re.compile(r"\.((?:c|T|s|calibre_?)\d{1,3})\s*\{([^{}]*)\}")
_EMPHASIS = re.compile(
    r"font-weight\s*:\s*(?:bold|[6-9]00)|font-style\s*:\s*(?:italic|oblique)|text-decoration[a-z-]*\s*:[^;]*line-through"
)
_styles: Any = etree.XPath("../head/style | style | */style | */*/style")  # where such documents have theirs
_MOST_SPANS = 20_000


def read_editor_styles(body: Any) -> None:
    """Give the emphasis of such classes to the elements themselves, and make titles of Google Docs headings."""
    texts = (style.text for style in _styles(body))
    sheets = [css for css in texts if css and any(sign in css[:_SAMPLE] + css[-_SAMPLE:] for sign in _SIGNS)]
    if not sheets:
        return
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
