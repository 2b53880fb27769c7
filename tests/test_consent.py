"""Requests for consent are no content of the page that they lie over."""

from __future__ import annotations

import pytest

from indexlm import Extractor, read_page

ASKS = (
    "<h2>We value your privacy</h2><p>We and our 84 partners use cookies to tell our readers apart, and to show what "
    "they may buy.</p><button>Accept all</button>"
)
NAV = "<nav><a href=/>Home</a></nav>"
PAGE = "<main><h1>Water fees</h1><p>The fee is €2.40 a cubic metre.</p><p>Bills come in March.</p></main>"


def shown(html: str) -> list[str]:
    return [block.text for block in read_page(html).blocks]


@pytest.mark.parametrize(
    "names",
    [
        "id=onetrust-consent-sdk",
        "id=CybotCookiebotDialog",
        "class='cky-consent-container box'",
        "class=js-cookie-banner",
        "id=cookieConsent",
        "class='gdpr_popup dark'",
        "class=privacy-modal",
    ],
)
@pytest.mark.parametrize("head", ["trees", "classifier"])
def test_a_request_for_consent_is_left_out(names: str, head: str) -> None:
    request = f"<div {names}>{ASKS}</div>"
    for html in (request + NAV + PAGE, NAV + PAGE + f"<div>{request}</div>"):
        assert Extractor(head).extract(html).text.split("\n") == [
            "Water fees",
            "The fee is €2.40 a cubic metre.",
            "Bills come in March.",
        ]


def test_a_long_request_inside_the_main_element_is_left_out() -> None:
    terms = "<p>Strictly necessary cookies keep the page in order, and no reader can turn them off. </p>" * 90
    assert shown(PAGE.replace("</main>", f"<div class=privacy-modal>{ASKS}{terms}</div></main>")) == shown(PAGE)


@pytest.mark.parametrize(
    ("names", "is_left_out"), [("age-gate", True), ("age-verification__modal", True), ("page", False)]
)
def test_a_question_for_the_age_of_readers_is_left_out(names: str, is_left_out: bool) -> None:
    gate = f"<div class={names}><h1>Are you 18 or over?</h1><button>Yes</button><button>No</button></div>"
    assert shown(gate + PAGE)[0] == ("Water fees" if is_left_out else "Are you 18 or over?")
    assert shown(f"{gate}<p>Hi</p>")[0] == "Are you 18 or over?"


def test_a_text_about_the_age_of_readers_asks_nothing() -> None:
    text = "Since 2019 shops verify that buyers are 18."
    assert text in shown(f"<div class=age-verification><p>{text}</p></div>{PAGE}")


def test_names_that_go_on_for_long_are_read_in_time_that_grows_with_them() -> None:
    assert shown(f"<div class='cookie-bar{'__1' * 200}!'>{ASKS}</div>{PAGE}")


def test_a_page_that_shows_nothing_else_keeps_it_and_warns() -> None:
    page = read_page(f"{NAV}<div id=onetrust-consent-sdk>{ASKS}</div>")
    assert "cookie wall" in " ".join(page.warnings)
    assert any("84 partners" in block.text for block in page.blocks)


@pytest.mark.parametrize(
    "element",
    [
        f"<div class=consent-settings-guide>{ASKS}</div>",
        f"<div class=cookie-notice><main><h1>Our cookies</h1>{ASKS}</main></div>",
        f"<article class=cookie-consent>{ASKS}</article>",
        f"<div class=cookie-recipes>{ASKS}</div>",
    ],
)
def test_a_page_about_consent_is_content(element: str) -> None:
    assert any("84 partners" in text for text in shown(PAGE + element))
