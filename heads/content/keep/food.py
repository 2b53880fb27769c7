"""What is to eat: recipes in cards of their own, and bills of fare, which are named as menus of a site are."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache

from heads.content.blocks import may_be_content
from indexlm.page import Block, Page
from indexlm.paths import paths_of
from indexlm.patterns import late
from indexlm.text import CURRENCY_NAMES, CURRENCY_SIGNS

AMOUNT = late(rf"[{CURRENCY_SIGNS}]\s?\d|\d\s?(?:[{CURRENCY_SIGNS}]|(?:{CURRENCY_NAMES})\b)")
"""An amount of money."""
_RECIPE = re.compile(r"(?!body|html)\w+\.(?:.*\.)?recipe(?:\.|$)")
_MENU = re.compile(r"(?!body|html|nav|header|footer)\w+\.(?:.*\.)?menus?(?:\.|$)")
_KEPT_SHARE = 0.6  # of the characters of a recipe's card without links; from there on it is kept as a whole
_MIN_BLOCKS = 5  # of such a card
_MIN_SCORE = 0.3  # tree score of a block that is kept because its recipe is
_MIN_PRICES = 3  # of a bill of fare


def keep_recipes(page: Page, kept: set[int], tree_scores: Sequence[float]) -> None:
    """Keep the notes and values of a recipe that is kept for the most part, if the trees allow it."""
    for inside in _named(page, _recipes).values():
        texts = [block for block in inside if 2 * block.link_chars <= block.chars]
        chars = sum(block.chars for block in texts if block.index in kept)
        if len(inside) >= _MIN_BLOCKS and chars >= _KEPT_SHARE * sum(block.chars for block in texts):
            kept.update(
                block.index
                for block in texts
                if tree_scores[block.index - 1] >= _MIN_SCORE and may_be_content(block, 0, True) and not block.hidden
            )


def keep_fares(page: Page, kept: set[int]) -> None:
    """Keep dishes with their prices: a menu of a site is links."""
    for inside in _named(page, _menus).values():
        if any(block.link_chars or block.hidden or block.is_control for block in inside):
            continue
        if sum(AMOUNT.search(block.text) is not None for block in inside) >= _MIN_PRICES:
            kept.update(block.index for block in inside)


def _named(page: Page, depths: Callable[[tuple[str, ...]], tuple[int, ...]]) -> dict[int, list[Block]]:
    """The blocks of each element of a name."""
    found: defaultdict[int, list[Block]] = defaultdict(list)
    for index in paths_of(page).those(depths):
        block = page.blocks[index - 1]
        for depth in depths(block.path):
            found[block.nodes[depth]].append(block)
    return found


@lru_cache(maxsize=4096)
def _recipes(path: tuple[str, ...]) -> tuple[int, ...]:
    """The depths of elements that are named as a recipe."""
    return tuple(depth for depth, label in enumerate(path) if "recipe" in label and _RECIPE.match(label))


@lru_cache(maxsize=4096)
def _menus(path: tuple[str, ...]) -> tuple[int, ...]:
    """The depth of the first element that is named as a menu, and in no part of a site that holds one."""
    if any(label.partition(".")[0] in ("nav", "header", "footer", "aside") for label in path):
        return ()
    return tuple(depth for depth, label in enumerate(path) if "menu" in label and _MENU.match(label))[:1]
