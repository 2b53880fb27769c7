"""What class names and styles say of an element, for the walk: formulas, boxes, lines; read once for each text."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from indexlm.html.grids import may_be_grid
from indexlm.html.screens import may_hide

DROPPED = 1
"""A wiki's link to edit a section, or back from a note; a sign of LaTeXML; what Webflow shows after a form is sent."""
FORMULA = 2
"""TeX, between delimiters or as data."""
BOX = 4
"""The box of a task."""
BOXES = 8
"""The elements in it are boxes beside one another, so that space parts them."""
LINES = 16
"""A newline in its text ends a line."""
EDITOR = 32
"""The lines of a code editor, or the source of a diagram."""
ICON = 64
"""An icon of a font: a character for private use, or the name that the font draws as one sign (`schedule`)."""
SPOKEN = 128
"""Text for screen readers, which stands apart from what is seen."""
LABEL = 256
"""A label, a badge or a number, which stands apart from the text beside it."""
NOTE = 512
"""A note or an explanation of a word that a page shows beside the text, or when it is asked for."""
MAIL = 1024
"""An address of mail that a script of Cloudflare writes."""
UNSEEN = 2048
"""A name by which a CSS framework hides an element, on wide screens at least."""
GRID = 4096
"""A table of elements that mean nothing by themselves."""
REPLACED = DROPPED | FORMULA | BOX | SPOKEN | MAIL
"""What may stand for something else than its text."""

_EDITED = frozenset(
    ["mw-editsection", "mw-cite-backlink", "ltx_tag_item", "ltx_tag_note", "w-form-done", "w-form-fail", "w-dyn-empty"]
)
_GUTTER = re.compile(
    r"(?:^|\s)(?:CodeMirror-(?:gutters?|gutter-wrapper|linenumber|cursors)|cm-gutters|ace_gutter|margin-view-overlays)"
    r"(?:$|\s)"
)
_EDITOR = re.compile(r"(?:^|\s)(?:CodeMirror-code|cm-content|ace_text-layer|view-lines|mermaid|fragment)(?:$|\s)")
_EDITOR_PARTS = ("cm-", "ace_", "view-", "Mirror", "mermaid", "fragment")
_BOX = re.compile(r"check-?box|chcklst-box|(?:task|to-?do)[\w-]*(?:box|check)", re.IGNORECASE)
_BOXES = re.compile(r"(?:^|\s)(?:inline-)?(?:d-)?(?:flex|grid)(?:$|\s)|display\s*:\s*(?:inline-)?(?:flex|grid)", re.I)
_LINES = re.compile(
    r"(?:^|\s)whitespace-(?:pre-wrap|pre-line|break-spaces)(?:$|\s)"
    r"|white-space\s*:\s*(?:pre-wrap|pre-line|break-spaces)",
    re.IGNORECASE,
)
_ICON = re.compile(r"(?:^|\s)(?:mat(?:erial)?-(?:icons?|symbols)(?:-\w+)*|google-(?:material-icons|symbols))(?:$|\s)")
_SPOKEN = re.compile(
    r"(?:^|[\s_-])(?:sr-?only|screen-?reader(?!-?(?:friendly|skip))|(?:visually|accessibly|a11y)-?hidden|assistive-text"
    r"|v-visible-sr|off-?screen)|(?:^|\s)clipped(?:$|\s)",
    re.IGNORECASE,
)
_OF_SPOKEN = ("reader", "only", "idden", "assistive", "screen", "clipped", "-sr")
_LABEL = re.compile(
    r"(?:^|[\s_-])(?:badge|chip|pill|tag|label|count(?:er)?|num(?:ber)?|step|chapter|index|ordinal|required|optional|deprecated)s?(?:$|[\s_-])"
)
_NOTE = re.compile(
    r"(?:^|\s)(?:(?:side|margin)-?notes?|ltx_note_outer|(?:modern-footnotes-)?foot-?note_{0,2}-?(?:text|content|body|note)"
    r"|inline-?note|(?:tool-?tip|popover)[_-]{0,2}(?:text|content|body|inner|box))(?:$|\s)",
    re.IGNORECASE,
)
_MAY_LABEL = re.compile("badge|chip|pill|tag|label|count|num|step|chapter|index|ordinal|required|optional|deprecated")
_GLYPHS = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]+")
_GLYPH_NAME = re.compile(r"[a-z\d]+(?:_[a-z\d]+)*")
_ON = re.compile(r"(?:^|[\s_-])(?:on|checked|done|complete[d]?|true)(?:$|[\s_-])", re.IGNORECASE)
_OFF = re.compile(r"(?:^|[\s_-])(?:off|unchecked|open|empty|false|todo|square-o)(?:$|[\s_-])", re.IGNORECASE)


@lru_cache(maxsize=8192)
def read_marks(names: str) -> int:
    """A `class` attribute or a style -> what it says, as a sum of the marks above."""
    marks = 0
    if "math" in names or "atex" in names:
        marks |= FORMULA
    if "__cf_email__" in names:
        marks |= MAIL
    if any(part in names for part in _EDITOR_PARTS):
        marks |= DROPPED if _GUTTER.search(names) else EDITOR if _EDITOR.search(names) else 0
    if ("mw-" in names or "ltx_tag" in names or "w-" in names) and not _EDITED.isdisjoint(names.split()):
        marks |= DROPPED
    if ("box" in names or "check" in names) and _BOX.search(names):
        marks |= BOX
    if "ico" in names or "symbols" in names or "fa" in names:
        marks |= ICON
    if any(part in names for part in _OF_SPOKEN) and _SPOKEN.search(names):
        marks |= SPOKEN
    if ("flex" in names or "grid" in names) and _BOXES.search(names):
        marks |= BOXES
    if ("note" in names or "tip" in names or "pop" in names or "hint" in names) and _NOTE.search(names):
        marks |= NOTE
    if _MAY_LABEL.search(lower := names.lower()):
        marks |= LABEL if _LABEL.search(lower) else 0
    if ("able" in names or "tbl" in names) and may_be_grid(names):
        marks |= GRID
    if may_hide(names):
        marks |= UNSEEN
    if ("pre-" in names or "break-" in names) and _LINES.search(names):
        marks |= LINES
    return marks


def is_icon(names: str, element: Any) -> bool:
    """Whether an element with such names shows an icon of a font, and no text."""
    text = (element.text or "").strip()
    if len(element) or not text:
        return False
    return bool(_GLYPHS.fullmatch(text) or (_ICON.search(names) and _GLYPH_NAME.fullmatch(text)))


def box_state(names: str, element: Any) -> bool | None:
    """Whether an empty element whose names say that it is a task's box is ticked; None where it is no such box."""
    if len(element) or (element.text or "").strip():
        return None
    state = element.get("aria-checked")
    if state in ("true", "false"):
        return bool(state == "true")
    if _ON.search(names):
        return True
    return False if _OFF.search(names) else None
