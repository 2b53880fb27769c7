"""What is changed in a page's tree before it is walked, so that it stands there as readers see it."""

from __future__ import annotations

from typing import Any

from lxml import etree

from indexlm.html.editor_lists import read_editor_lists
from indexlm.html.editor_styles import read_editor_styles
from indexlm.html.embedded import read_noscripts
from indexlm.html.shadow import move_roots
from indexlm.html.step_lists import read_steps
from indexlm.html.tabs import place_tabs
from indexlm.html.word_lists import read_word_lists

_BOOK_PARTS = ("chapter", "preface", "appendix", "sect1")
_typed: Any = etree.XPath(
    ".//span[@data-type = 'footnote'] | .//div[@data-type = 'note' or @data-type = 'tip' or @data-type = 'warning']"
)


def rearrange(body: Any) -> None:
    """Put what hosts of shadow roots, lists of editors and tabs hold where it is shown, and read escaped markup."""
    move_roots(body)
    read_noscripts(body)
    read_word_lists(body)
    read_editor_lists(body)
    place_tabs(body)
    head = body.getprevious()
    sheets = [*head.iter("style")] if head is not None and head.tag == "head" else []
    for element in [*body.iter(*_CHANGES, "style")]:  # one pass: each takes as long as the page has elements
        if change := _CHANGES.get(element.tag):
            change(element)
        elif element.tag == "style":
            sheets.append(element)
    read_editor_styles(body, [css for sheet in sheets if (css := sheet.text)])


def _read_verse(verse: Any) -> None:
    """Make lines of text of the verses of WordPress, which are no code."""
    if "wp-block-verse" in (verse.get("class") or ""):
        verse.tag = "div"
        verse.set("style", "white-space: pre-line")


def _read_quotation(aside: Any) -> None:
    """Make a part of the text of what a post of Discourse quotes: on other pages it stands beside the text."""
    if "quote" in (aside.get("class") or "").split() and next(aside.iterchildren("blockquote"), None) is not None:
        aside.tag = "div"


def _read_parameter(element: Any) -> None:
    """Take the italics from the parameters of a function as Sphinx writes them."""
    if element.get("class") == "sig-param":
        element.tag = "span"


def _read_book(section: Any) -> None:
    """Name the notes and boxes of a book of O'Reilly by their types."""
    if section.get("data-type") in _BOOK_PARTS:
        for element in _typed(section):
            kind = element.get("data-type")
            name = "footnote-text" if kind == "footnote" else kind
            if name not in (element.get("class") or "").split():
                element.set("class", f"{element.get('class') or ''} {name}")


def _read_list_of_role(element: Any) -> None:
    if element.get("role") == "list":
        read_steps(element)


_CHANGES = {
    "ul": read_steps,
    "div": _read_list_of_role,
    "pre": _read_verse,
    "aside": _read_quotation,
    "em": _read_parameter,
    "section": _read_book,
}
"""By tag what changes an element."""
