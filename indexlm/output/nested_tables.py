"""Tables in items and quotations: written on their own, and put into the Markdown where they stand.

The converter indents such tables by four columns, whatever the item, and loses the place of what stands behind them.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from indexlm.patterns import late

PLACE = "\ufdd9"
"""No character, and so in no text: around the number of a table, where it is put."""
_TAGS = late(r"<(/?)(li|blockquote|table)\b[^>]*>")
_PLACE = late(rf"^([ >\d.)-]*){PLACE}(\d+){PLACE}", re.MULTILINE)
_MARKER = late(r"[^> ]")


def set_aside(html: str) -> tuple[str, list[str]]:
    """HTML -> the same with a paragraph in place of each table in an item or a quotation, and these tables."""
    if "<table>" not in html or not ("<li>" in html or "<blockquote>" in html):
        return html, []
    out: list[str] = []
    tables: list[str] = []
    depth = end = start = 0
    for match in _TAGS.finditer(html):
        closes, tag = match.groups()
        if tag != "table":
            depth += -1 if closes else 1
        elif not closes:
            start = match.start()
        elif depth:
            out += (html[end:start], f"<p>{PLACE}{len(tables)}{PLACE}</p>")
            end = match.end()
            tables.append(html[start:end])
    return "".join([*out, html[end:]]), tables


def put_back(markdown: str, tables: list[str], convert: Callable[[str], str]) -> str:
    """Markdown with such places -> the same with the tables, each line of which begins as the place does."""
    written = convert(f"\n<p>{PLACE}</p>\n".join(tables)).split(PLACE)

    def put(match: re.Match[str]) -> str:
        first, *others = written[int(match[2])].strip().split("\n")
        below = _MARKER.sub(" ", match[1])
        return "\n".join([match[1] + first, *(below + line for line in others)])

    return _PLACE.sub(put, markdown)
