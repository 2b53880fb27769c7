"""Blocks of one kind, which are kept or dropped as one."""

from __future__ import annotations

import pytest

from heads.cascade import OF_KIND, plan
from heads.content.even import even_scores
from indexlm import read_page

NAMES = ("Oak bench", "Ash stool", "Elm table", "Pine shelf", "Yew chest")
CARD = "<div class=card><a href=/{0}><h3 class=name>{0}</h3></a><div class=price>9 €</div></div>"
CARDS = "".join(CARD.format(name) for name in NAMES)


@pytest.mark.parametrize(
    ("html", "is_even"),
    [
        (CARDS, True),
        (CARDS.replace(" class=name", "").replace(" class=card", "").replace(" class=price", ""), False),
        (CARDS.replace("h3", "p"), False),
        ("".join(CARD.format(name) for name in NAMES[1:]), False),
    ],
)
def test_names_of_cards_share_their_mean(html: str, is_even: bool) -> None:
    page = read_page(f"<main>{html}</main>")
    scores = [i / 10 if "€" not in block.text else 0.1 for i, block in enumerate(page.blocks)]
    even = even_scores(page, scores, [len(block.text.split()) for block in page.blocks])
    names = [score for block, score in zip(page.blocks, even, strict=True) if "€" not in block.text]
    assert (len(set(names)) == 1) == is_even
    if is_even:
        assert names[0] == pytest.approx(0.4)
    else:
        assert even == pytest.approx(scores)


def test_a_page_keeps_all_names_or_none_and_says_why() -> None:
    page = read_page("<main>" + "".join(f"<div class=card><div class=name>{name}</div></div>" for name in NAMES))
    scores = [0.9, 0.2, 0.8, 0.7, 0.9]
    cascade = plan(page, lambda page, layout: scores, None)
    assert cascade.kept == (1, 2, 3, 4, 5)
    assert cascade.reasons == {2: OF_KIND}
    assert cascade.tree_scores == scores


def test_links_and_what_is_above_the_heading_are_of_a_kind_of_their_own() -> None:
    links = "".join(f"<div class=text><a href=/{name}>{name}</a></div>" for name in NAMES)
    texts = "".join(f"<div class=text>The {name.lower()} stands in the boat shed.</div>" for name in NAMES)
    page = read_page(f"<title>Wood</title><div>{links}<h1>Wood</h1>{texts}{links}</div>")
    scores = [i / 20 for i in range(len(page.blocks))]
    even = even_scores(page, scores, [len(block.text.split()) for block in page.blocks])
    assert [round(even[place], 2) for place in (0, 4, 6, 10, 11, 15)] == [0.1, 0.1, 0.4, 0.4, 0.65, 0.65]
