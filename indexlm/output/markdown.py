"""Kept blocks as Markdown: html-to-markdown, with what extracted pages need besides."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from indexlm.output.html import to_html
from indexlm.output.notation import PLACE_MARKS, hide_formulas, show_formulas, write_scripts
from indexlm.page import Page

_IMAGE = re.compile(r"<img [^>]*>")
_CODE = re.compile(r"(<code\b.*?</code>)", re.DOTALL)
_MARKUP = re.compile(r"(?=&lt;[A-Za-z/!?])|(?<=\])(?=\()")
# Two code points that are no characters, and so stand in no text. They are replaced at the end. `_ESCAPE` stands for a
# backslash, which the converter would double. `_APART` is a paragraph that brings an empty line before a quotation.
_ESCAPE, _APART = "\ufdd0", "\ufdd1"
_FOREIGN = str.maketrans("", "", _ESCAPE + _APART + PLACE_MARKS)
_QUOTATION = re.compile(rf"{_APART}\n(?:[ >]*\n)?[ >]*(?=> )")


def to_markdown(page: Page, indices: Iterable[int], images: bool = False) -> str:
    """Kept blocks -> Markdown: ATX headings, `-` bullets, nested lists, tables, fenced code with its language.

    Text stays text: a page that writes about `<b>` or `[x](y)` does not come out as markup.
    """
    return _convert(to_html(page, indices), images)


def _convert(html: str, images: bool) -> str:
    from html_to_markdown import convert

    html, formulas = hide_formulas(write_scripts(html.translate(_FOREIGN)))
    if not images:
        html = _IMAGE.sub("", html)
    parts = _CODE.split(html)
    parts[::2] = (_MARKUP.sub(_ESCAPE, part) for part in parts[::2])
    marked = "".join(parts).replace("<blockquote>", f"<p>{_APART}</p><blockquote>")
    markdown = (convert(marked, _options()).content or "").replace(_ESCAPE, "\\")
    return show_formulas(_QUOTATION.sub("", markdown).replace(_APART, "").strip(), formulas)


@lru_cache(maxsize=1)
def _options() -> Any:
    from html_to_markdown import ConversionOptions
    from html_to_markdown.options import PreprocessingOptions

    return ConversionOptions(
        heading_style="atx",
        bullets="-",
        autolinks=False,
        compact_tables=True,
        extract_metadata=False,
        preprocessing=PreprocessingOptions(enabled=False),
    )
