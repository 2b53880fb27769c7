"""What stands between the heading of a page and its text."""

from __future__ import annotations

import pytest

from heads.content.coherence import coherent
from indexlm import read_page


@pytest.mark.parametrize(
    ("lead", "score", "is_kept"),
    [
        ("<p class=standfirst>The gull is back on the roof.</p>", 0.2, True),
        ("<h2 class=article__sub-title>The gull is back on the roof.</h2>", 0.2, True),
        ("<h3 class=subtitle>The gull is back on the roof.</h3>", 0.05, True),
        ("<div><h3 class=subtitle>The gull is back on the roof.</h3></div>", 0.05, False),
        ("<div class=location>Varna, Bulgaria</div>", 0.2, True),
        ("<div class=article-header-description>The gull is back on the roof.</div>", 0.2, True),
        ("<p class=standfirst>The gull is back on the roof.</p>", 0.02, False),
        ("<p class=standfirst><a href=/g>The gull is back on the roof.</a></p>", 0.2, False),
        ("<p class=byline>Ada Roe, at the pier</p>", 0.2, False),
        ("<div class=site-branding><p class=description>Letters from the pier.</p></div>", 0.2, False),
        ("<p>One</p><p>Two</p><p>Three</p><p>Four</p><p>Five</p><p class=lead>The gull is back.</p>", 0.2, False),
        (f"<p class=lead>{'The gull is back on the roof. ' * 30}</p>", 0.2, False),
    ],
)
def test_a_lead_between_the_heading_and_the_text_is_kept(lead: str, score: float, is_kept: bool) -> None:
    page = read_page(f"<header><h1>A gull</h1>{lead}</header><main><p>It came at noon.</p><p>It stays.</p></main>")
    last = len(page.blocks)
    scores = [score] * (last - 2) + [0.9, 0.9]
    assert (last - 2 in coherent(page, (last - 1, last), scores)) is is_kept


def test_nothing_is_a_lead_where_no_text_below_the_heading_is_kept() -> None:
    page = read_page("<p>It stays.</p><h1>A gull</h1><p class=lead>It is back.</p><p>One</p>")
    assert 3 not in coherent(page, (1,), [0.9, 0.0, 0.03, 0.0])


def test_a_lead_is_left_where_precision_counts_more() -> None:
    page = read_page("<header><h1>A gull</h1><p class=lead>It is back.</p></header><main><p>It stays.</p></main>")
    assert [2 in coherent(page, (3,), [0.2, 0.2, 0.9], beta) for beta in (0.5, 1.0)] == [False, True]
