"""What class names and styles say of an element, for the walk: formulas, boxes, lines; read once for each name."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from indexlm.html.grids import may_be_grid
from indexlm.html.hidden.screens import may_hide, may_hide_by
from indexlm.patterns import late
from indexlm.text import word_set

DROPPED = 1
"""A wiki's link to edit a section, or back from a note; a sign of LaTeXML; the number of a cell of Jupyter; what folds
a text in XenForo and rustdoc; what Webflow shows after a form is sent."""
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
RENAMED = 8192
"""A name by which an element is another than its tag says: a stanza, or a parameter, of Sphinx."""
REPLACED = DROPPED | FORMULA | BOX | SPOKEN | MAIL
"""What may stand for something else than its text."""

_EDITED = word_set(
    "mw-editsection mw-cite-backlink viewcode-link viewcode-back secedit copy-popup-wrapper wp-block-file__button "
    "ltx_tag_item ltx_tag_note ltx_ERROR w-form-done w-form-fail w-dyn-empty hideme "
    "bbCodeBlock-expandLink expand-control-text informations jp-InputPrompt jp-OutputPrompt input_prompt output_prompt"
)
_GUTTER = word_set(
    "CodeMirror-gutter CodeMirror-gutters CodeMirror-gutter-wrapper CodeMirror-linenumber CodeMirror-cursors "
    "cm-gutters ace_gutter margin-view-overlays"
)
_EDITOR = word_set("CodeMirror-code cm-content ace_text-layer view-lines mermaid fragment")
_BOX = late(r"check-?box|chcklst-box|(?:task|to-?do)[\w-]*(?:box|check)", re.IGNORECASE)
_BOXES = late(r"(?:^|\s)(?:inline-)?(?:d-)?(?:flex|grid)(?:$|\s)|display\s*:\s*(?:inline-)?(?:flex|grid)", re.I)
_LINES = late(
    r"(?:^|\s)whitespace-(?:pre-wrap|pre-line|break-spaces)(?:$|\s)"
    r"|white-space\s*:\s*(?:pre-wrap|pre-line|break-spaces)",
    re.IGNORECASE,
)
_ICON = late(r"(?:^|\s)(?:mat(?:erial)?-(?:icons?|symbols)(?:-\w+)*|google-(?:material-icons|symbols))(?:$|\s)")
_SPOKEN = late(
    r"(?:^|[\s_-])(?:sr-?only|screen-?reader(?!-?(?:friendly|skip))|(?:visually|accessibly|a11y)-?hidden|assistive-text"
    r"|v-visible-sr|off-?screen)|(?:^|\s)clipped(?:$|\s)",
    re.IGNORECASE,
)
_LABELS = word_set(
    "badge chip pill tag label count counter num number step chapter index ordinal required optional deprecated "
    "flag sticker ribbon tagline subtitle subheading desc description credit status"
)
_LABELS |= {f"{word}s" for word in _LABELS}
_NOTE = late(
    r"(?:side|margin)-?notes?|ltx_note_outer|(?:modern-footnotes-)?foot-?note_{0,2}-?(?:text|content|body|note)"
    r"|inline-?note|(?:tool-?tip|popover)[_-]{0,2}(?:text|content|body|inner|box)",
    re.IGNORECASE,
)
_OPENS_PART = late(r"\s*(?:click|klicken|hier klicken|cliquez|haga clic|clique)\b", re.IGNORECASE)
_GLYPHS = late("[\ue000-\uf8ff\U000f0000-\U0010fffd]+")
_GLYPH_NAME = late(r"[a-z\d]+(?:_[a-z\d]+)*")
_ON = late(r"(?:^|[\s_-])(?:on|checked|done|complete[d]?|true)(?:$|[\s_-])", re.IGNORECASE)
_OFF = late(r"(?:^|[\s_-])(?:off|unchecked|open|empty|false|todo|square-o)(?:$|[\s_-])", re.IGNORECASE)


@lru_cache(maxsize=8192)
def read_marks(names: str) -> int:
    """A `class` attribute -> what it says, as a sum of the marks above."""
    marks = 0
    for name in names.split():
        marks |= _marks_of(name)
    if marks & UNSEEN and not may_hide(names):
        marks ^= UNSEEN
    return marks


@lru_cache(maxsize=8192)
def read_style_marks(style: str) -> int:
    """A style -> which of `BOXES` and `LINES` it says."""
    marks = BOXES if ("flex" in style or "grid" in style) and _BOXES.search(style) else 0
    return marks | LINES if ("pre-" in style or "break-" in style) and _LINES.search(style) else marks


@lru_cache(maxsize=16384)
def _marks_of(name: str) -> int:
    """One class -> what it says. Pages share most of their classes with others, but not the whole of attributes."""
    marks = 0
    if "math" in name or "atex" in name:
        marks |= FORMULA
    if "__cf_email__" in name:
        marks |= MAIL
    if name in _EDITED or name in _GUTTER:
        marks |= DROPPED
    if name in _EDITOR:
        marks |= EDITOR
    if ("box" in name or "check" in name) and _BOX.search(name):
        marks |= BOX
    if "ico" in name or "symbols" in name or "fa" in name:
        marks |= ICON
    if _may_be_spoken(name) and _SPOKEN.search(name):
        marks |= SPOKEN
    if ("note" in name or "tip" in name or "pop" in name or "hint" in name) and _NOTE.fullmatch(name):
        marks |= NOTE
    if not _LABELS.isdisjoint(name.lower().replace("_", "-").split("-")):
        marks |= LABEL
    if name in ("line-block", "sig-param"):
        marks |= RENAMED
    if name in ("memname", "Nm", "colist") or (("able" in name or "tbl" in name) and may_be_grid(name)):
        marks |= GRID
    if may_hide_by(name):
        marks |= UNSEEN
    return marks | read_style_marks(name)


def _may_be_spoken(name: str) -> bool:
    """Whether a class may match `_SPOKEN`; written out, which is much faster than `any`."""
    return (
        "reader" in name
        or "only" in name
        or "idden" in name
        or "assistive" in name
        or "screen" in name
        or "clipped" in name
        or "-sr" in name
    )


def says_nothing(names: str, element: Any) -> bool:
    """Whether an element with names of what is dropped is none of the text; some of these names stand for content too.

    Pages fade in parts that they call `hideme`, Confluence names the text that opens a part, and `informations` is the
    size of a file in Discourse.
    """
    if element.tag == "summary":
        return True
    if "expand-control" in names:
        return _OPENS_PART.match("".join(element.itertext())) is not None
    if "informations" in names:
        before = element.getprevious()
        return before is not None and before.get("class") == "filename"
    return "hideme" not in names


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
