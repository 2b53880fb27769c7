"""Texts that a page shows again are main content once."""

from __future__ import annotations

import pytest

from heads.cascade import plan
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


OF_EACH = {
    "an answer": "<section class=q{0}><h3>May I row at {0}?</h3><div><p>{1}</p></div></section>",
    "overloads": "<dl class=m{0}><dt>row({0})</dt><dd><p>{1}</p></dl>",
    "a clause": "<section id=part{0}><h2>{0}. Hire</h2><p>Size {0} is let.</p><div><p>{1}</p></div></section>",
    "an event": "<article id=e{0}><div class=date>{0} May 2026</div><div class=text><p>{1}</p></div></article>",
    "a flat section": "<h2>Boat {0}</h2><div class=b{0}><p>{1}</p></div>",
    "a refrain": "<div class=verse><p>Verse {0} of the song</p></div><div class=chorus><div><p>{1}</p></div></div>",
    "a plan": SHOP + "<div id=plan{0}><h3>Plan {0}</h3><ul><li>{1}<li>Oar {0}</ul></div>",
}


@pytest.mark.parametrize("html", OF_EACH.values(), ids=OF_EACH)
def test_a_text_of_several_things_is_kept_in_each(html: str) -> None:
    assert _kept("".join(html.format(i, LONG) for i in (1, 2, 3))).count(LONG) == 3


def test_items_of_a_list_that_has_others_are_kept() -> None:
    again = WRAP.format(f"<ul><li>{SHORT}<li>{KEYS}<li>Elm</ul>")
    assert _kept(f"{SHOP}<ul><li>{SHORT}<li>{KEYS}<li>Oak</ul>{again}").count(SHORT) == 2


def test_a_box_for_a_size_of_screen_has_no_name_of_its_own() -> None:
    boxes = (
        f"<div class=hide-tablet><p>{LONG}</p></div><div class=show-tablet><h3>About us</h3><b><p>{LONG}</p></b></div>"
    )
    assert _kept(boxes).count(LONG) == 1


def test_a_copy_that_is_dropped_does_not_lower_what_is_expected() -> None:
    page = read_page(f"<main><p>{LONG}</p><p>Between them</p>{WRAP.format(f'<p>{LONG}</p>')}</main>")
    cascade = plan(page, lambda page, layout: [0.95] * 3, None)
    assert cascade.kept == (1, 2)
    assert (cascade.expected_f1 or 0) > 0.9


@pytest.mark.parametrize(("beta", "copies"), [(0.5, 1), (1.0, 1), (2.0, 2)])
def test_copies_are_kept_where_recall_counts_more(beta: float, copies: int) -> None:
    page = read_page(f"<main><p>{LONG}</p><p>Between them</p>{WRAP.format(f'<p>{LONG}</p>')}</main>")
    kept = coherent(page, (1, 2, 3), [0.9] * 3, beta)
    assert sum(page.blocks[i - 1].text == LONG for i in kept) == copies
