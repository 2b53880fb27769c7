"""What lies over a page until its reader decides, and what is seen below the pointer, is no main content."""

from __future__ import annotations

import pytest

from heads.cascade import plan
from heads.content.coherence import coherent
from indexlm import read_page

TEXT = "<p>The shed holds forty boats, of which three may be taken out by guests of the club in summer.</p>"
ASKS = "<h2>Your choice</h2><p>We use cookies and similar tools, so that the shop works.</p><p>Essential ones stay.</p>"
MENU = "<nav>" + "".join(f"<a href=/{i}>Boats of {i}</a><br>" for i in range(1930, 2000)) + "</nav>"


def _kept(html: str, title: str) -> str:
    page = read_page(f"<title>{title}</title>{MENU}<main><h1>The shed</h1>{TEXT * 2}</main>{html}")
    scores = [0.0 if "nav" in block.path else 0.9 for block in page.blocks]
    cascade = plan(page, lambda page, layout: scores, None)
    return "\n".join(page.blocks[i - 1].text for i in cascade.kept or ())


@pytest.mark.parametrize(
    ("html", "title", "is_kept"),
    [
        (f"<section class='page-modal dialog'>{ASKS}</section>", "The shed", False),
        (f"<div class=gdpr-box><div><div>{ASKS}</div></div></div>", "The shed", False),
        (f"<div id=cookie-banner>{ASKS}</div>", "The shed", False),
        (f"<div class=gdpr-box>{ASKS}</div>", "How we use cookies", True),
        (f"<section id=cookies>{ASKS}</section>", "The shed", True),
        (f"<div class=modal>{ASKS.replace('cookies', 'oars')}</div>", "The shed", True),
    ],
)
def test_a_request_for_consent_over_a_long_page_is_no_content(html: str, title: str, is_kept: bool) -> None:
    assert ("Essential ones stay." in _kept(html, title)) == is_kept


TELLS = [
    "<section class=gdpr><h2>Your data</h2><p>Clubs keep names and cookies.</p><p>Oars are ours.</p></section>",
    "<section class=consent><h2>Informed consent</h2><p>All rowers ate two cookies.</p><p>Oars are ours.</p></section>",
    "<div class=overlay><h3>Oatmeal cookies</h3><p>Bake these cookies for an hour.</p><p>Oars are ours.</p></div>",
]


@pytest.mark.parametrize("html", TELLS)
@pytest.mark.parametrize("menu", [MENU, ""])
def test_a_section_that_names_cookies_asks_for_nothing(html: str, menu: str) -> None:
    page = read_page(f"<title>The shed</title>{menu}<main><h1>The shed</h1>{TEXT * 2}{html}</main>")
    cascade = plan(page, lambda page, layout: [0.0 if "nav" in block.path else 0.9 for block in page.blocks], None)
    kept = {page.blocks[i - 1].text for i in cascade.kept or ()}
    assert "Oars are ours." in kept
    assert any("cookies" in text for text in kept)


def test_a_section_between_texts_of_an_article_is_no_request() -> None:
    section = f"<section class=consent>{ASKS}</section>"
    page = read_page(f"{MENU}<main><h1>The shed</h1>{TEXT}{section}{TEXT}</main>")
    cascade = plan(page, lambda page, layout: [0.0 if "nav" in block.path else 0.9 for block in page.blocks], None)
    assert "Essential ones stay." in {page.blocks[i - 1].text for i in cascade.kept or ()}


def test_a_page_that_is_a_request_keeps_it() -> None:
    page = read_page(f"<div class=dialog>{ASKS}</div>")
    cascade = plan(page, lambda page, layout: [0.9] * 3, None)
    assert cascade.kept == (1, 2, 3)


@pytest.mark.parametrize("names", ["tooltip", "'tool-tip content'", "popover", "'bubble-help'"])
@pytest.mark.parametrize("tag", ["div", "p", "li"])
def test_tips_are_no_content(names: str, tag: str) -> None:
    tip = f"<div>Open frame <{tag} class={names}>An open frame lets water out.</{tag}></div>"
    page = read_page(f"<main>{TEXT}{tip}{TEXT}</main>")
    kept = coherent(page, range(1, len(page.blocks) + 1), [0.9] * len(page.blocks))
    assert [page.blocks[i - 1].text[:10] for i in kept] == ["The shed h", "Open frame", "The shed h"]


@pytest.mark.parametrize(
    "tip",
    [
        "<p class=has-tooltip>{0}</p>",
        "<div class=tooltip-trigger><p>{0}</p></div>",
        "<div class=tooltip-container>{0}</div>",
        "<p class=tooltip>{0} Guests of the club may take it out for a day.</p>",
        "<table><tr><td class=tooltip>Keel<td class=tooltip>{0}</table>",
    ],
)
def test_what_has_a_tip_and_texts_of_that_name_are_content(tip: str) -> None:
    text = "The long boat has a keel of oak that was laid down in the shed in May."
    page = read_page(f"<main>{TEXT}{tip.format(text)}{TEXT}</main>")
    assert len(coherent(page, range(1, len(page.blocks) + 1), [0.9] * len(page.blocks))) == len(page.blocks)
