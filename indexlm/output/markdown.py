"""Kept blocks as Markdown: html-to-markdown, with what extracted pages need besides."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from indexlm.output.alignment import SIDES, mark_sides, show_sides
from indexlm.output.escape import ANGLES, ESCAPE, escape
from indexlm.output.html import to_html
from indexlm.output.nested_tables import PLACE, put_back, set_aside
from indexlm.output.notation import PLACE_MARKS, hide_formulas, show_formulas, write_scripts
from indexlm.output.rows import one_span
from indexlm.page import Page

_CODE_BLOCK = re.compile(r"(?<=<pre>)(<code\b[^>]*>)(.*?)(?=</code></pre>)", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_IMAGE_TAG = r"<img [^>]*>"
_LINKED = rf"<a(?: href=\"[^\"]*\")?>{_IMAGE_TAG}</a>"
_IMAGE = re.compile(rf"{_LINKED}|{_IMAGE_TAG}")
_ABOVE_TEXT = re.compile(
    rf"<(?:p|li|dd|blockquote)>(?:{_LINKED}|{_IMAGE_TAG})+(?=[^\s<]|<(?!/|img |br|a(?: href=\"[^\"]*\")?><img ))"
)
_BESIDE_IMAGE = re.compile(
    r"(?<=[^\s>])(?=(?:<a href=\"[^\"]*\">)?<img )|(?<=/>)(?<=\"/>)(?=[^\s<])|(?<=/></a>)(?=[^\s<]|<a )"
)
# No character, and so in no text: a paragraph of it brings an empty line before a quotation.
_APART = "\ufdd1"
_BEHIND_LIST = "\ufdd6"  # so that a paragraph behind a list in a quotation is no part of its last item
_FOREIGN = f"{ESCAPE}{_APART}{_BEHIND_LIST}{PLACE_MARKS}{ANGLES}{SIDES}{PLACE}"
_WITHOUT_FOREIGN = str.maketrans("", "", _FOREIGN)
_LIST_END = re.compile(r"</([uo]l)>\n<p>")
_AFTER_LIST = re.compile(rf"(?:\n[ >]*)?\n[ >]*{_BEHIND_LIST}(\n[ >]*)(?=\n)")
_QUOTATION = re.compile(rf"{_APART}\n(?:[ >]*\n)?[ >]*(?=> )")


def to_markdown(page: Page, indices: Iterable[int], images: bool = False) -> str:
    """Kept blocks -> Markdown: ATX headings, `-` bullets, nested lists, tables, fenced code with its language.

    Text stays text: a page that writes about `<b>`, `[x](y)` or `__init__` does not come out as markup.
    """
    return _convert(to_html(page, indices, for_markdown=True), images)


def _convert(html: str, images: bool) -> str:
    from html_to_markdown import convert

    if any(map(html.__contains__, _FOREIGN)):
        html = html.translate(_WITHOUT_FOREIGN)
    html, formulas = hide_formulas(write_scripts(html))
    if "<pre>" in html:
        html = _CODE_BLOCK.sub(lambda match: match[1] + _TAG.sub("", match[2]), html)  # a fence holds no links
    if images:
        html = _BESIDE_IMAGE.sub(" ", _ABOVE_TEXT.sub(r"\g<0><br/>", html))
    elif "<img " in html:
        html = _IMAGE.sub("", html).replace("<p></p>\n<h", "<h")  # images above headings
    html = mark_sides(one_span(escape(html)))
    html, tables = set_aside(html)
    if "<blockquote>" in html:
        html = html.replace("<blockquote>", f"<p>{_APART}</p><blockquote>")
        html = _LIST_END.sub(rf"</\1>\n<p>{_BEHIND_LIST}</p>\n<p>", html)
    markdown = convert(html, _options()).content or ""
    if tables:
        markdown = put_back(markdown, tables, lambda table: convert(table, _options()).content or "")
    if SIDES[0] in markdown or SIDES[1] in markdown:
        markdown = show_sides(markdown)
    if _APART in markdown:
        markdown = _AFTER_LIST.sub(r"\1", _QUOTATION.sub("", markdown).replace(_APART, ""))
    markdown = markdown.replace(ESCAPE, "\\").replace(ANGLES[0], "<").replace(ANGLES[1], ">").strip()
    return show_formulas(markdown, formulas)


@lru_cache(maxsize=1)
def _options() -> Any:
    from html_to_markdown import ConversionOptions
    from html_to_markdown.options import PreprocessingOptions

    return ConversionOptions(
        heading_style="atx",
        bullets="-",
        highlight_style="none",  # no renderer of CommonMark or GitHub knows ==text==
        autolinks=False,
        compact_tables=True,
        br_in_tables=True,
        extract_metadata=False,
        preprocessing=PreprocessingOptions(enabled=False),
    )
