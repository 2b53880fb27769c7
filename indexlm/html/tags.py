"""Which HTML elements are content, part blocks, or stay inside them."""

from __future__ import annotations

__all__ = [
    "BLOCK_LEVEL",
    "INLINE",
    "LAYOUT_MARKS",
    "PREFORMATTED",
    "SEMANTIC",
    "SKIPPED",
    "SPACED",
    "TRANSPARENT",
    "names",
]


def names(names: str) -> frozenset[str]:
    return frozenset(names.split())


SKIPPED = names(
    "script style template svg canvas iframe object embed audio video head title select option optgroup "
    "datalist textarea input meta link base param source track area map annotation annotation-xml rp "
    "frame frameset noframes noembed plaintext"
)
"""Elements that are no content: code, drawings, foreign documents, media and pure form controls."""

_GENERIC = names(
    "div section article main aside nav header footer form fieldset center body html hgroup search "
    "details noscript table tbody thead tfoot tr td th ul ol dl menu dir figure blockquote address dialog "
    "picture"
)
SEMANTIC = names("p h1 h2 h3 h4 h5 h6 li dt dd figcaption caption summary legend pre listing xmp hr")
BLOCK_LEVEL = _GENERIC | SEMANTIC
TRANSPARENT = names("div center address form fieldset figure noscript hgroup")
INLINE = names("a b strong i em code kbd samp var sub sup mark q s del ins u small abbr cite time")
SPACED = frozenset(["button", "label", "rt"])  # inline, but shown apart; custom elements too
PREFORMATTED = frozenset(["pre", "listing", "xmp"])
LAYOUT_MARKS = ("table", "h1", "h2", "h3", "form", "pre", "article", "section", "nav", "blockquote", "dl")
