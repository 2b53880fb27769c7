"""Texts that a page shows again are main content once."""

from __future__ import annotations

import pytest

from heads.content.coherence import coherent
from heads.content.drop.repeats import drop_repeats
from indexlm import read_page

SHORT = "The boat shed opens at nine and closes at six."
KEYS = "Until then the keys hang at the harbour office, where Mona Lind hands them out to members of any club in town."
LONG = f"{SHORT} {KEYS}"
LINES = [f"Line {name} of the song that the crew sings on deck." for name in ("one", "two", "three")]
VERSE = "<div class=verse>" + "".join(f"<p>{line}</p>" for line in LINES) + "</div>"
SHOP = "<div class='product-details'><h1>Oar</h1></div>"
WRAP = "<section class=preview><div>{0}</div></section>"


def _kept(html: str) -> list[str]:
    page = read_page(f"<main>{html}</main>")
    kept = {block.index for block in page.blocks}
    drop_repeats(page, kept)
    return [page.blocks[i - 1].text for i in sorted(kept)]


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (f"<p>{LONG}</p>", WRAP.format(f"<p>{LONG}</p>")),
        (f"<h2>Boat shed of the club</h2><p>{LONG}</p>", WRAP.format(f"<h4>Boat shed of the club</h4><p>{LONG}</p>")),
        (f"{SHOP}<p>{SHORT}</p>", WRAP.format(f"<p>{SHORT}</p>")),
        (f"{SHOP}<ul><li>{SHORT}<li>Oak</ul>", WRAP.format(f"<ul><li>{SHORT}</ul>")),
    ],
)
def test_a_text_in_another_element_is_kept_once(first: str, again: str) -> None:
    assert _kept(f"{first}<p>Between them</p>{again}<p>End</p>") == [*_kept(first), "Between them", "End"]


@pytest.mark.parametrize(
    "html",
    [
        f"<p>{SHORT}</p>{WRAP.format(f'<p>{SHORT}</p>')}",
        f"<p>{LONG}</p><p>Between them</p><p>{LONG}</p>",
        f"<ul><li>{LONG}</ul>{WRAP.format(f'<ul><li>{LONG}</ul>')}",
        f"<pre>{LONG}</pre>{WRAP.format(f'<pre>{LONG}</pre>')}",
        f"{VERSE}<div class=verse><p>Another</p></div>{VERSE}",
        f"<p>{LONG}</p><div><div hidden><p>{LONG}</p></div></div>",
        "".join(f"<div><section><div><p>{LONG}</p><p>Card {i}</p></div></section></div>" for i in range(5)),
        f"{SHOP}<p>Sale price for all members of the club 14.99 €</p>"
        + WRAP.format("<p>Sale price for all members of the club 14.99 €</p>"),
    ],
)
def test_what_belongs_to_its_place_is_kept_again(html: str) -> None:
    page = read_page(f"<main>{html}</main>")
    assert _kept(html) == [block.text for block in page.blocks]


@pytest.mark.parametrize(("beta", "copies"), [(0.5, 1), (1.0, 1), (2.0, 2)])
def test_copies_are_kept_where_recall_counts_more(beta: float, copies: int) -> None:
    page = read_page(f"<main><p>{LONG}</p><p>Between them</p>{WRAP.format(f'<p>{LONG}</p>')}</main>")
    kept = coherent(page, (1, 2, 3), [0.9] * 3, beta)
    assert sum(page.blocks[i - 1].text == LONG for i in kept) == copies
