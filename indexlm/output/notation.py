"""Formulas, powers and indices on their way through the converter to Markdown, which knows none of them."""

from __future__ import annotations

import re
from html import unescape

from indexlm.html.scripts import script_text
from indexlm.patterns import late

_FORMULA = late(r'<span class="math (inline|display)">\\[(\[](.*?)\\[)\]]</span>', re.DOTALL)
PLACE_MARKS = "\ufdd2\ufdd3"
"""Two code points that are no characters; they stand around a formula's number while the converter works."""
_PLACE = late("([0-9]+)".join(PLACE_MARKS))
_SCRIPT = late(r"<(su[bp])>((?:<(?!su[bp])[a-z][^<>]*>)*)([^<]*)((?:</(?!su[bp])[a-z]+>)*)</\1>")
_TAG = late(r"<[^<>]*>")
_MOST_NESTED = 4
# What a reader of Markdown without formulas would take for emphasis, a link or a tag.
_HARMLESS = (
    (late(r"(?<!\\)(?<!\^)\s*\*\s*"), " * "),
    (late(r"(?<=[^\w\s\\])_(?=\S)"), " _ "),
    (late(r"\]\("), "] ("),
    (late(r"<(?=[A-Za-z/!?])"), "< "),
)
_CELL = late(r"</?t[dh]\b")
_BAR = late(r"(\\?)\|")


def write_scripts(html: str) -> str:
    """HTML -> the same with each `<sup>` and `<sub>` as `script_text` writes it in a block's text."""

    def write(match: re.Match[str]) -> str:
        tag, opening, content, closing = match.groups()
        before = unescape(_TAG.sub("", html[max(0, match.start() - 200) : match.start()]).rpartition("<")[2])
        text = script_text(content, tag, before)
        return text if "<a" not in opening else f"{opening}{text}{closing}"  # x^n stands without emphasis

    if "<su" not in html:
        return html
    for _ in range(_MOST_NESTED):  # the innermost first
        html, count = _SCRIPT.subn(write, html)
        if not count:
            break
    return html


def hide_formulas(html: str) -> tuple[str, list[str]]:
    """HTML -> the same with a place in plain characters for each formula, and the formulas in Markdown."""
    formulas: list[str] = []
    if '<span class="math ' not in html:
        return html, formulas
    last, in_cell = 0, False

    def is_in_cell(place: int) -> bool:
        nonlocal last, in_cell
        for match in _CELL.finditer(html, last, place):
            in_cell = not match.group().startswith("</")
        last = place
        return in_cell

    def hide(match: re.Match[str]) -> str:
        tex, mark = unescape(match.group(2)), "$$" if match.group(1) == "display" else "$"
        for pattern, replacement in _HARMLESS:
            tex = pattern.sub(replacement, tex)
        if "|" in tex and is_in_cell(match.start()):
            tex = _BAR.sub(lambda bar: r"\Vert " if bar.group(1) else r"\vert ", tex)  # a bar would end the cell
        formulas.append(f"{mark}{tex.strip()}{mark}")
        return f"{len(formulas) - 1}".join(PLACE_MARKS)

    return _FORMULA.sub(hide, html), formulas


def show_formulas(markdown: str, formulas: list[str]) -> str:
    """Markdown with places -> with the formulas there."""
    return _PLACE.sub(lambda match: formulas[int(match.group(1))], markdown) if formulas else markdown
