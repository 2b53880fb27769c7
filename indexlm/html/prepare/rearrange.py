"""What is changed in a page's tree before it is walked, so that it stands there as readers see it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from lxml import etree

from indexlm.html.elements import find_elements
from indexlm.html.embedded import read_noscripts
from indexlm.html.prepare.editor_lists import read_editor_lists
from indexlm.html.prepare.editor_styles import read_editor_styles
from indexlm.html.prepare.shadow import move_roots
from indexlm.html.prepare.streamed import place_streamed
from indexlm.html.prepare.tabs import place_tabs
from indexlm.html.prepare.word_lists import read_word_lists
from indexlm.html.tags import BLOCK_LEVEL
from indexlm.html.tree_edits import add_before

_MOST_VERSES, _MOST_BUTTONS, _MOST_PARTS = 1000, 5000, 20
_METHODS = frozenset(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"])
_READ = (["p"], ["ol", "ul"], ["li"], ["pre"], ["section"], ["button"])
_typed: Any = etree.XPath(
    ".//span[@data-type = 'footnote'] | .//div[@data-type = 'note' or @data-type = 'tip' or @data-type = 'warning']"
)


def rearrange(body: Any) -> None:
    """Put what is streamed, and what hosts of shadow roots, lists of editors and tabs hold, where it is shown."""
    place_streamed(body)
    templates, noscripts = find_elements(body, ["template"], ["noscript"])
    move_roots(templates)
    read_noscripts(noscripts)
    paragraphs, lists, items, codes, sections, buttons = find_elements(body, *_READ)
    if read_word_lists(paragraphs):
        _, lists, items, *_ = find_elements(body, *_READ)
    read_editor_lists(lists, items)
    read_editor_styles(body)
    if codes:
        place_tabs(body)
    _read_verses(codes)
    if sections and sections[0].get("data-type"):
        _read_book(body)
    _read_operations(buttons)


def _read_verses(codes: Sequence[Any]) -> None:
    """Make lines of text of the verses of WordPress, which are no code."""
    for verse in codes[:_MOST_VERSES]:
        if "wp-block-verse" in (verse.get("class") or ""):
            verse.tag = "div"
            verse.set("style", "white-space: pre-line")


def _read_book(body: Any) -> None:
    """Name the notes and boxes of a book of O'Reilly by their types."""
    for element in _typed(body):
        kind = element.get("data-type")
        element.set("class", f"{element.get('class') or ''} {'footnote-text' if kind == 'footnote' else kind}")


def _read_operations(buttons: Sequence[Any]) -> None:
    """Make one line of a button that says a method and a path of HTTP, as Swagger and Redoc write operations."""
    for button in buttons[:_MOST_BUTTONS]:
        if len(button) and (button[0].text or "").strip().upper() in _METHODS and "/" in "".join(button.itertext()):
            button.tag = "div"
            for part in islice(button.iterdescendants("*"), _MOST_PARTS):
                if part.tag in BLOCK_LEVEL:
                    part.tag = "span"
                add_before(part, " ")
