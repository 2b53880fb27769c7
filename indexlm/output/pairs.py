"""Names and values that a page lays out in an element each (`Weight`, `2 kg`) in Markdown: one line a pair."""

from __future__ import annotations

from collections.abc import Sequence

from indexlm.labels import shared_depth
from indexlm.output.terms import term_with
from indexlm.page import Block
from indexlm.text import word_set

_NAMES = word_set("label key term name title attribute property")
_VALUES = word_set("value val values")
_LABEL = frozenset(["label"])
_MOST_NAME, _MOST_VALUE = 60, 160  # characters
_OTHERS = ("pre", "tr", "th", "dt", "dd")


def pair_lines(kept: Sequence[Block]) -> dict[int, str]:
    """Kept blocks -> by index, the lines of those that are pairs: the name with its value, and nothing for the value.

    The names of their elements say what is a name and what a value; both are alone in the element around them.
    """
    lines: dict[int, str] = {}
    for i in range(len(kept) - 1):
        name, value = kept[i], kept[i + 1]
        if value.index != name.index + 1 or "." not in name.path[-1] or name.index in lines:
            continue
        if name.link_chars or len(name.text) > _MOST_NAME or len(value.text) > _MOST_VALUE:
            continue
        around = shared_depth(name, value)
        if not _is_pair(name, value, around):
            continue
        element = name.nodes[around - 1]
        if any(element in other.nodes for other in (*kept[max(i - 1, 0) : i], *kept[i + 2 : i + 3])):
            continue
        line = term_with(name, value)
        is_item = name.path[around - 1].partition(".")[0] == "li"
        lines |= {name.index: line if is_item else f"<p>{line}</p>", value.index: ""}
    return lines


def _is_pair(name: Block, value: Block, around: int) -> bool:
    """Whether two blocks are a name and its value, by the names of the elements inside the one around both."""
    if name.tag in _OTHERS or value.tag in _OTHERS or value.is_heading or "<br/>" in value.inner:
        return False
    if any(part.partition(".")[0] == "li" for part in (*name.path[around:], *value.path[around:])):
        return False
    names = _words(name.path[around:])
    if not names & _NAMES:
        return False
    return bool(_words(value.path[around:]) & _VALUES) or (bool(names & _LABEL) and not name.is_heading)


def _words(labels: Sequence[str]) -> set[str]:
    return {word for label in labels for word in label.split(".")[1:]}
