"""Clean HTML to Markdown: markdownify, with what extracted pages need besides."""

from __future__ import annotations

import re
from typing import Any

import markdownify

__all__ = ["convert"]

_MarkdownConverter: Any = markdownify.MarkdownConverter  # its types leave out half of its methods
_TAG_START = re.compile(r"<(?=[A-Za-z/!?])")
_BACKTICKS = re.compile(r"`{3,}")


class _Converter(_MarkdownConverter):  # type: ignore[misc]
    def escape(self, text: str, parent_tags: set[str]) -> str:
        """Text that stays text: a page that writes about `<b>` or `[x](y)` must not come out as markup."""
        escaped: str = _MarkdownConverter.escape(self, text, parent_tags)
        return _TAG_START.sub(r"\\<", escaped).replace("](", r"]\(")

    def convert_pre(self, el: Any, text: str, parent_tags: set[str]) -> str:
        """A fence longer than any run of backticks in the code."""
        if not text:
            return ""
        code = el.find("code")
        names = code.get("class", []) if code is not None else []
        language = next((name.removeprefix("language-") for name in names if name.startswith("language-")), "")
        fence = "`" * max([3, *(len(run) + 1 for run in _BACKTICKS.findall(text))])
        return f"\n\n{fence}{language}\n{text}\n{fence}\n\n"

    def convert_td(self, el: Any, text: str, parent_tags: set[str]) -> str:
        """A cell; a bar in it is no border."""
        return str(_MarkdownConverter.convert_td(self, el, text.replace("|", r"\|"), parent_tags))

    def convert_th(self, el: Any, text: str, parent_tags: set[str]) -> str:
        """A header cell, likewise."""
        return str(_MarkdownConverter.convert_th(self, el, text.replace("|", r"\|"), parent_tags))


def convert(html: str, images: bool) -> str:
    """HTML -> Markdown with ATX headings, `-` bullets, tables and fenced code."""
    converter = _Converter(
        heading_style="ATX",
        bullets="-",
        escape_underscores=False,
        escape_asterisks=False,
        table_infer_header=True,
        strip=None if images else ["img"],
    )
    return str(converter.convert(html)).strip()
