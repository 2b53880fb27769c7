"""What single blocks are, for rules that keep others beside them."""

from __future__ import annotations

from heads.content.drop.texts import is_furniture
from indexlm.page import Block

NO_CONTENT = frozenset(["form", "nav", "footer"])


def tags_around(block: Block, depth: int) -> set[str]:
    """The tags of the elements around a block below that depth, and its own."""
    return {label.partition(".")[0] for label in block.path[depth:]}


def may_be_content(block: Block, depth: int, is_between: bool) -> bool:
    """Whether a block is no list of links and no furniture, and below that depth in no form or menu.

    An aside may be content where it stands between kept blocks.
    """
    around = tags_around(block, depth)
    is_inside = around.isdisjoint(NO_CONTENT) and (is_between or "aside" not in around)
    return is_inside and 2 * block.link_chars <= block.chars and not is_furniture(block)
