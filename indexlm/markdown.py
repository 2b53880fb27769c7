"""Clean HTML to Markdown: html-to-markdown, with what extracted pages need besides."""

from __future__ import annotations

import re

from html_to_markdown import ConversionOptions
from html_to_markdown import convert as _convert
from html_to_markdown.options import PreprocessingOptions

__all__ = ["convert"]

_OPTIONS = ConversionOptions(
    heading_style="atx",
    bullets="-",
    autolinks=False,
    compact_tables=True,
    extract_metadata=False,
    preprocessing=PreprocessingOptions(enabled=False),
)
_IMAGE = re.compile(r"<img [^>]*>")
_CODE = re.compile(r"(<code\b.*?</code>)", re.DOTALL)
_MARKUP = re.compile(r"(?=&lt;[A-Za-z/!?])|(?<=\])(?=\()")
# Two that are no characters, and so stand in no text; replaced at the end: the converter doubles a backslash, and sets
# no empty line before a quotation, which a paragraph of its own brings. (Many control characters it refuses.)
_ESCAPE, _APART = "\ufdd0", "\ufdd1"
_FOREIGN = str.maketrans("", "", _ESCAPE + _APART)
_QUOTATION = re.compile(rf"{_APART}\n(?:[ >]*\n)?[ >]*(?=> )")


def convert(html: str, images: bool) -> str:
    """HTML as `to_html` writes it -> Markdown with ATX headings, `-` bullets, tables and fenced code.

    Text stays text: a page that writes about `<b>` or `[x](y)` must not come out as markup.
    """
    html = html.translate(_FOREIGN)
    if not images:
        html = _IMAGE.sub("", html)
    parts = _CODE.split(html)
    parts[::2] = (_MARKUP.sub(_ESCAPE, part) for part in parts[::2])
    apart = "".join(parts).replace("<blockquote>", f"<p>{_APART}</p><blockquote>")
    made = (_convert(apart, _OPTIONS).content or "").replace(_ESCAPE, "\\")
    return _QUOTATION.sub("", made).replace(_APART, "").strip()
