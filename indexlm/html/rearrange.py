"""What is changed in a page's tree before it is walked, so that it stands there as readers see it."""

from __future__ import annotations

from itertools import islice
from typing import Any

from lxml import etree

from indexlm.html.editor_lists import read_editor_lists
from indexlm.html.editor_styles import read_editor_styles
from indexlm.html.embedded import read_noscripts
from indexlm.html.shadow import move_roots
from indexlm.html.step_lists import read_step_lists
from indexlm.html.tabs import place_tabs
from indexlm.html.word_lists import read_word_lists

_typed: Any = etree.XPath(
    "//span[@data-type = 'footnote'] | //div[@data-type = 'note' or @data-type = 'tip' or @data-type = 'warning']"
)
_MOST_VERSES = _MOST_ASIDES = 1000
_MOST_PARAMETERS = 10_000


def rearrange(body: Any) -> None:
    """Put what hosts of shadow roots, lists of editors and tabs hold where it is shown, and read escaped markup."""
    move_roots(body)
    read_noscripts(body)
    read_word_lists(body)
    read_editor_lists(body)
    read_step_lists(body)
    read_editor_styles(body)
    place_tabs(body)
    _read_verses(body)
    _read_quotations(body)
    for element in _typed(body):  # books of O'Reilly
        kind = element.get("data-type")
        element.set("class", f"{element.get('class') or ''} {'footnote-text' if kind == 'footnote' else kind}")
    for parameter in islice(body.iter("em"), _MOST_PARAMETERS):
        if parameter.get("class") == "sig-param":  # Sphinx writes the parameters of a function in italics
            parameter.tag = "span"


def _read_verses(body: Any) -> None:
    """Make lines of text of the verses of WordPress, which are no code."""
    for verse in islice(body.iter("pre"), _MOST_VERSES):
        if "wp-block-verse" in (verse.get("class") or ""):
            verse.tag = "div"
            verse.set("style", "white-space: pre-line")


def _read_quotations(body: Any) -> None:
    """Make parts of the text of what posts of Discourse quote, which stands beside it for no other page."""
    for aside in islice(body.iter("aside"), _MOST_ASIDES):
        if "quote" in (aside.get("class") or "").split() and next(aside.iterchildren("blockquote"), None) is not None:
            aside.tag = "div"
