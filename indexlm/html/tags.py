"""Which HTML elements are content, part blocks, or stay inside them."""

from __future__ import annotations

import re
from typing import Any

from indexlm.html.step_lists import read_steps
from indexlm.text import word_set

SKIPPED = word_set(
    "script style template svg canvas iframe object audio video head title select option optgroup "
    "datalist textarea input meta link base param area map annotation annotation-xml rp "
    "frame frameset noframes noembed plaintext amp-ad amp-embed amp-auto-ads amp-sticky-ad amp-consent "
    "amp-social-share amp-user-notification lite-youtube youtube-video lite-vimeo vimeo-video amp-youtube amp-vimeo"
)
"""Elements that are no content: code, drawings, foreign documents, media and form controls."""

_GENERIC = word_set(
    "div section article main aside nav header footer form fieldset center body html hgroup search "
    "details noscript table tbody thead tfoot tr td th ul ol dl menu dir figure blockquote address dialog "
    "picture"
)
SEMANTIC = word_set("p h1 h2 h3 h4 h5 h6 li dt dd figcaption caption summary legend pre listing xmp hr")
"""Elements that name what their text is."""
BLOCK_LEVEL = _GENERIC | SEMANTIC
"""Elements that part blocks."""
TRANSPARENT = word_set("div center address form fieldset figure noscript hgroup")
"""Elements through which a block's tag is looked for."""
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
LISTS = frozenset(["ol", "ul", "menu"])
INLINE = word_set("a b strong i em code kbd samp var sub sup mark q s del ins u small abbr cite time")
"""Inline elements whose markup stays."""
SPACED = frozenset(["button", "label"])
"""Inline elements that are shown with space around them, as custom elements are."""
PREFORMATTED = frozenset(["pre", "listing", "xmp"])

_ROLES = {"table": "table", "grid": "table", "treegrid": "table", "row": "tr", "cell": "td", "gridcell": "td"}
_ROLES |= {"columnheader": "th", "rowheader": "th", "list": "ul", "listitem": "li"}
_DISPLAY = re.compile(r"(?:^|;)\s*display\s*:\s*(\w+)", re.IGNORECASE)
_BLOCK_DISPLAYS = ("block", "flex", "grid", "table")
_EMPHASIS = re.compile(
    r"(?:^|;)\s*(?:font-weight\s*:\s*(?P<b>bold|[6-9]00)|font-style\s*:\s*(?P<i>italic|oblique)"
    r"|text-decoration(?:-line)?\s*:[^;]*(?P<s>line-through))",
    re.IGNORECASE,
)
_UNEMPHASIZED = re.compile(r"(?:^|;)\s*font-(?:weight\s*:\s*(?:normal|[1-5]00)|style\s*:\s*normal)", re.IGNORECASE)


def shown_tag(element: Any) -> str:
    """An element -> the tag that it is shown as, by its role and its style.

    Only elements that mean nothing by themselves (`div`, `span`, custom elements) are shown as others, a paragraph as a
    heading, and emphasis that its style takes back as none.
    """
    tag: str = element.tag
    if tag in ("b", "i"):  # documents of Google stand in a `<b>` of normal weight
        return "span" if _UNEMPHASIZED.search(element.get("style") or "") else tag
    if tag not in ("div", "span", "p") and "-" not in tag:
        return tag if tag != "noscript" or element.get("style") != "display: inline" else "span"
    if role := element.get("role"):
        if role == "heading":
            level = element.get("aria-level") or ""
            return f"h{level}" if level in tuple("123456") else "h2"
        if role in _ROLES and tag != "p":
            return "ol" if role == "list" and read_steps(element) else _ROLES[role]
        if role == "rowgroup" and len(element) and _ROLES.get(element[0].get("role") or "") in ("td", "th"):
            return "tr"
    if tag == "p" or not (style := element.get("style")):
        return tag
    if match := _DISPLAY.search(style):
        display = match.group(1).lower()
        if tag != "div" and display in _BLOCK_DISPLAYS:
            return "div"
        if tag == "div" and display == "inline":
            return "span"
    if tag == "span" and (match := _EMPHASIS.search(style)) and element.getparent().tag not in HEADINGS:
        return match.lastgroup or tag
    return tag
