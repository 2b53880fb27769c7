"""Emphasis around whole paragraphs, which libxml2 ends before the first: `<b><p>One.</p><p>Two.</p></b>`."""

from __future__ import annotations

import re

from indexlm.patterns import late

_AROUND = late(
    r"<(?P<tag>[bBiI])(?P<rest>\s[^<>]*+)?>\s*+(?=(?:<[bBiI](?:\s[^<>]*+)?>\s*+){0,2}+<[pP][\s>])"
)  # three times as fast as with IGNORECASE
_PARAGRAPH = late(r"<p(?:\s[^<>]*+)?>", re.IGNORECASE)
_ENDS = {tag: late(rf"<(?P<closes>/?){tag}(?:\s[^<>]*+)?>", re.IGNORECASE) for tag in ("b", "i")}
_UNEMPHASIZED = late(r"font-(?:weight|style)\s*:\s*(?:normal|[1-5]00)", re.IGNORECASE)
_MOST_OPEN = 20  # elements that are not closed; a page with more says nothing by them
_MOST_CHARS = 20_000  # in an element that is emphasized; a longer one is not closed where its author meant to


def into_paragraphs(html: str) -> str:
    """HTML -> the same with emphasis around paragraphs inside each of them. Other pages are returned as they are.

    Only an element that is closed is meant to hold them.
    """
    if _AROUND.search(html) is None:
        return html
    for tag in _ENDS:
        html = _into_paragraphs(html, tag)
    return html


def _into_paragraphs(html: str, tag: str) -> str:
    parts: list[str] = []
    done = unclosed = 0
    for opening in _AROUND.finditer(html):
        start = opening.end()
        if start <= done or opening["tag"].lower() != tag or _UNEMPHASIZED.search(opening["rest"] or ""):
            continue
        if end := _end(html, start, tag):
            parts += html[done:start], _PARAGRAPH.sub(rf"\g<0><{tag}>", html[start:end])
            done = end
        elif (unclosed := unclosed + 1) > _MOST_OPEN:
            break
    return "".join([*parts, html[done:]])


def _end(html: str, start: int, tag: str) -> int:
    """Where an element whose content begins at `start` is closed; 0 for nowhere near."""
    depth = 1
    for match in _ENDS[tag].finditer(html, start, start + _MOST_CHARS):
        depth += -1 if match["closes"] else 1
        if not depth:
            return match.start()
    return 0
