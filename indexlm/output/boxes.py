"""Boxes beside the text (notes, warnings, alerts) in Markdown, which has none: quotations with a bold title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape

from indexlm.page import Block

_BOX = re.compile(
    r"(?:div|aside|figure|blockquote)\.(?:[^.]+\.)*?"
    r"(?:admonition|admonitionblock|callout|notecard|markdown\.alert|custom\.block|confluence\.information\.macro)(?:\.|$)"
)
_TITLE = re.compile(r"(?:p|div|td|span|strong|h[1-6])\.(?:[^.]+\.)*(?:title|heading|icon|label)(?:\.|$)")
_MARKED = re.compile(r"<(?:b|strong|code)\b")
_MOST_TITLE = 80  # characters
_KINDS = frozenset(["note", "tip", "hint", "info", "important", "warning", "caution", "danger", "attention"])
_LONGEST_KIND = 12
_LEVELS = 3  # from a title up to its box


@lru_cache(maxsize=4096)
def is_box(label: str) -> bool:
    """Whether the label of an element is that of a box."""
    return "." in label and _BOX.match(label) is not None


def named_boxes(blocks: Sequence[Block]) -> tuple[frozenset[int], dict[int, str]]:
    """Kept blocks -> the elements named `note`, `warning` or so that begin with that word, and the words' lines."""
    boxes: set[int] = set()
    lines: dict[int, str] = {}
    for i, block in enumerate(blocks):
        kind = block.text.rstrip(":!").lower() if len(block.text) < _LONGEST_KIND else ""
        if kind not in _KINDS or any(map(is_box, block.path)):
            continue
        for label, node in zip(block.path[: -_LEVELS - 1 : -1], block.nodes[: -_LEVELS - 1 : -1], strict=True):
            is_begun = i > 0 and node in blocks[i - 1].nodes
            if is_begun or label.partition(".")[0] in ("li", "dd", "body"):
                break
            if kind in label.split(".")[1:] and i + 1 < len(blocks) and node in blocks[i + 1].nodes:
                boxes.add(node)
                lines[block.index] = f"<p><strong>{escape(block.text)}</strong></p>"
                break
    return frozenset(boxes), lines


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
