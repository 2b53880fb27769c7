"""Recipes in cards of their own, and bills of fare."""

from __future__ import annotations

import pytest

from heads.content.coherence import coherent
from heads.content.keep.food import keep_fares, keep_recipes
from indexlm import read_page

CARD = (
    "<div class=wprm-recipe-container><h2>Leek tart</h2><ul><li>Three large leeks</li><li>A sheet of pastry</li></ul>"
    "<p>Soften the leeks in butter for as long as it takes.</p>{}</div>"
)
DISHES = "<div class=menu-item><div>{}</div><div>Bread, butter</div><div>£9.50</div></div>" * 3


@pytest.mark.parametrize(
    ("part", "score", "is_kept"),
    [
        ("<div>It freezes well.</div>", 0.4, True),
        ("<div>It freezes well.</div>", 0.2, False),
        ("<div><a href=/pin>Pin it to a board</a></div>", 0.4, False),
        ("<div>Tried this recipe? Let us know how it was!</div>", 0.4, False),
        (f"<p>{'The leeks of my aunt were long. ' * 9}</p>", 0.4, False),
    ],
)
def test_the_rest_of_a_recipe_is_kept(part: str, score: float, is_kept: bool) -> None:
    page = read_page(CARD.format(part))
    kept = {1, 2, 3, 4}
    keep_recipes(page, kept, [0.9] * 4 + [score])
    assert (5 in kept) is is_kept


@pytest.mark.parametrize(
    ("html", "is_kept"),
    [
        (f"<div class=menu-section>{DISHES.format('Eel', 'Skate', 'Leek')}</div>", True),
        (f"<nav class=menu-section>{DISHES.format('Eel', 'Skate', 'Leek')}</nav>", False),
        (f"<div class=menu>{DISHES.format('<a href=/e>Eel</a>', 'Skate', 'Leek')}</div>", False),
        ("<ul class=menu><li>Home<li>Oars<li>Us</ul>", False),
    ],
)
def test_dishes_with_their_prices_are_no_menu_of_a_site(html: str, is_kept: bool) -> None:
    page = read_page(f"<main>{html}<p>A table of six pays for five.</p></main>")
    kept = {len(page.blocks)}
    keep_fares(page, kept)
    assert (len(kept) == len(page.blocks)) is is_kept


def test_a_bill_of_fare_is_kept_on_a_short_page() -> None:
    page = read_page(
        f"<main><div class=menus>{DISHES.replace('{}', 'Eel')}</div><p>A table of six pays for five.</p></main>"
    )
    assert coherent(page, (10,), [0.05] * 9 + [0.9]) == tuple(range(1, 11))
