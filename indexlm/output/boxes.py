"""Boxes beside the text (notes, warnings, alerts) in Markdown, which has none: quotations with a bold title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from indexlm.page import Block

_BOX = re.compile(
    r"(?:div|aside|figure|blockquote)\.(?:[^.]+\.)*?"
    r"(?:admonition|admonitionblock|callout|notecard|markdown\.alert|custom\.block|confluence\.information\.macro)(?:\.|$)"
)
_TITLE = re.compile(r"(?:p|div|td|span|strong|h[1-6])\.(?:[^.]+\.)*(?:title|heading|icon|label)(?:\.|$)")
_MARKED = re.compile(r"<(?:b|strong|code)\b")
_MOST_TITLE = 80  # characters


@lru_cache(maxsize=4096)
def is_box(label: str) -> bool:
    """Whether the label of an element is that of a box."""
    return "." in label and _BOX.match(label) is not None


def title_lines(blocks: Sequence[Block]) -> dict[int, str]:
    """Kept blocks -> by index, the titles of boxes in bold."""
    lines = {}
    for block in blocks:
        is_short = len(block.text) <= _MOST_TITLE and not block.is_heading and block.tag not in ("pre", "tr", "th")
        if (
            is_short
            and _TITLE.match(block.path[-1])
            and any(map(is_box, block.path))
            and not _MARKED.search(block.inner)
        ):
            lines[block.index] = f"<p><strong>{block.inner}</strong></p>"
    return lines
