"""Which HTML elements are content, part blocks, or stay inside them."""

from __future__ import annotations

from indexlm.text import word_set

SKIPPED = word_set(
    "script style template svg canvas iframe object audio video head title select option optgroup "
    "datalist textarea input meta link base param area map annotation annotation-xml rp "
    "frame frameset noframes noembed plaintext lite-youtube youtube-video lite-vimeo vimeo-video amp-youtube amp-vimeo"
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
INLINE = word_set("a b strong i em code kbd samp var sub sup mark q s del ins u small abbr cite time")
"""Inline elements whose markup stays."""
SPACED = frozenset(["button", "label", "rt"])
"""Inline elements that are shown with space around them, as custom elements are."""
PREFORMATTED = frozenset(["pre", "listing", "xmp"])
LAYOUT_MARKS = ("table", "h1", "h2", "h3", "form", "pre", "article", "section", "nav", "blockquote", "dl")
"""Elements that show that a table is there for its layout."""
