"""Warnings: each kind on a page that earns it, none on pages that only look like it."""

from __future__ import annotations

import gzip
import json

import pytest

from indexlm import extract, read_page
from tests.conftest import MAIN, golden_page

TRAM = "The tram to the harbour runs every ten minutes until midnight, and twice an hour after that on Fridays."
TOLL = "Until the bridge opened, carts crossed by a chain ferry that took twenty minutes in calm weather."
ASK = "We and our partners use cookies to store personal data and to show advertisements that fit your interests."


def kinds(html: str | bytes, url: str = "") -> list[str]:
    return [warning.partition(": ")[0] for warning in read_page(html, url=url).warnings]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("", ["no text"]),
        ("<body><img src=a.png></body>", ["no text"]),
        ("<body><iframe src=a></iframe></body>", ["no text"]),
        ("<body><script src=a.js></script></body>", ["needs JavaScript", "no text"]),
        ("<p>Please enable JavaScript to view this page.</p>", ["needs JavaScript"]),
        ("<p>Bitte aktivieren Sie JavaScript.</p>", ["needs JavaScript"]),
        ("<p>JavaScriptを有効にしてください</p>", ["needs JavaScript"]),
        ('<nav>Shop</nav><div id="app"></div><script src=a.js></script>', ["needs JavaScript"]),
        ("<div id=app><p>Lädt…</p></div><script src=a.js></script>", ["needs JavaScript"]),
        ("<title>Page not found | The Tram</title><p>Check the address.</p>", ["error page"]),
        ("<h1>Seite nicht gefunden</h1><p>Zur Startseite</p>", ["error page"]),
        ("<title>503 Service Unavailable</title>" + f"<p>{TRAM}</p>", ["error page"]),
        (f"<h1>Site en cours de maintenance</h1><p>{TRAM}</p>", ["error page"]),
        ("<title>Just a moment...</title><p>Checking your browser before access.</p>", ["bot check"]),
        (f"<p>{ASK}</p><button>Accept all</button><button>Reject</button>", ["cookie wall"]),
        (
            "<h2>Mit Werbung weiterlesen</h2><p>Besuchen Sie uns wie gewohnt mit Werbung und Tracking, oder lesen Sie "
            "ohne Werbetracking im Abo.</p><button>Akzeptieren und weiter</button>",
            ["cookie wall"],
        ),
        ("<h1>Sign in</h1><form><input type=password></form>", ["login wall"]),
        ("<p>You must be logged in to view this topic.</p>", ["login wall"]),
        (f"<p>{TRAM}</p><h2>Continue reading with a subscription</h2>", ["paywall"]),
        (f"<p>{TRAM}</p><p>Dieser Text ist nur für Abonnenten.</p>", ["paywall"]),
        (f"<p>{TRAM}</p><p>この記事は会員限定です。残り1,204文字</p>", ["paywall"]),
        (f"<html><body><div><p>{TRAM}</p><p>{TOLL[:50]}", ["truncated input"]),
        (f"<html><body><div><p>{TRAM}</p><a hre", ["truncated input"]),
        (f"<html><body><p>{TRAM}</p><script>let a = 1;", ["truncated input"]),
        ("<frameset><frame src=a.html></frameset>", ["frames"]),
        ('<meta http-equiv="Refresh" content="0; url=/new"><p>Moved</p>', ["redirect"]),
        ("<p>" + "�� lost " * 20 + "</p>", ["encoding"]),
    ],
)
def test_a_doubtful_page_says_what_it_is(html: str, expected: list[str]) -> None:
    assert kinds(html, url="https://t.example/old") == expected


@pytest.mark.parametrize(
    "html",
    [
        f"<p>{TRAM}</p><noscript>Please enable JavaScript to comment.</noscript><p>{TOLL}</p><p>{TRAM}</p><p>{TOLL}",
        f'<div id="app"><p>{TRAM}</p></div><script src=a.js></script>',
        f"<p>{TRAM}</p><footer><p>Powered by Forum, best viewed with JavaScript enabled</p></footer>",
        f"<h1>How cookies work</h1><p>{ASK}</p><p>{TRAM} A cookie is a text.</p><button>Accept</button>",
        f"<main><p>The court adjourned until Friday.</p><p>{TRAM}</p></main>"
        f'<div class="cookie-banner"><p>{ASK}</p><button>Accept all</button></div>',
        f"<header><a>Subscribe</a><a>Log in</a></header><p>{TRAM}</p><p>Subscribe to our newsletter.</p>",
        f"<p>{TRAM}</p><form>Log in <input type=password></form><p>{TOLL}</p><p>{TRAM}</p><p>{TOLL}</p>",
        f"<p>{TRAM}",
        f"<html><body><div><p>{TRAM}</p></div>",
        f'<meta http-equiv="refresh" content="300"><p>{TRAM}</p>',
        '<meta http-equiv="refresh" content="0; url=https://t.example/old"><p>Waiting</p>',
        '<noscript><meta http-equiv="refresh" content="0; url=/plain"></noscript><p>Short.</p>',
        f"<p>{TRAM} 2 � 3</p>",
        "<p>Short page.</p>",
        f"<title>What a 404 not found means</title>{f'<p>{TRAM} {TOLL}</p>' * 4}",
        "<title>Room 404</title><p>On the fourth floor.</p>",
        "<h1>Loading docks</h1><p>Three of them.</p><script src=a.js></script>",
    ],
    ids=range(17),
)
def test_an_ordinary_page_has_no_warning(html: str) -> None:
    assert kinds(html, url="https://t.example/old") == []


@pytest.mark.parametrize("name", sorted(MAIN))
def test_golden_pages_have_no_warning(name: str) -> None:
    assert golden_page(name).warnings == ()


def shell(script: str) -> str:
    body = '<body><div id="root"></div><script src=a.js></script></body>'
    return f"<html><head><title>Tram</title>{script}</head>{body}</html>"


ARTICLE = {"headline": "Trams", "articleBody": f"{TRAM} {TOLL}"}
SPANS = [{"nodeType": "text", "value": TOLL}, {"nodeType": "text", "value": " So."}]
PARAGRAPH = {"nodeType": "paragraph", "content": SPANS}
POST = {"title": "Trams", "slug": "x", "body": [PARAGRAPH], "html": f"<p>{TRAM}</p>"}
NEXT = {"props": {"pageProps": {"post": POST}}}


@pytest.mark.parametrize(
    ("script", "expected", "origin"),
    [
        (
            f'<script type="application/ld+json">{json.dumps({"@graph": [ARTICLE]})}</script>',
            ["Trams", f"{TRAM} {TOLL}"],
            "articleBody of its JSON-LD",
        ),
        (
            f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(NEXT)}</script>',
            ["Trams", f"{TOLL} So.", TRAM],
            "__NEXT_DATA__",
        ),
        (
            f"<script>window.__STATE__ = {json.dumps({'page': {'text': f'{TRAM} {TOLL}'}})};(() => 1)()</script>",
            [f"{TRAM} {TOLL}"],
            "__STATE__",
        ),
    ],
    ids=["json-ld", "next", "state"],
)
def test_a_javascript_shell_shows_the_text_of_its_data(script: str, expected: list[str], origin: str) -> None:
    extraction = extract(shell(script), head="trees")
    assert [block.text for block in extraction.page.blocks] == expected
    assert all("section.fallback" in block.path or "article.fallback" in block.path for block in extraction.page.blocks)
    assert len(extraction.indices) == len(expected)
    (warning,) = extraction.warnings
    assert warning.startswith("needs JavaScript: ")
    assert origin in warning


@pytest.mark.parametrize(
    "body",
    [f"<p>{TRAM}</p><p>{TOLL}</p>", f"<p hidden>{TRAM}</p><p hidden>{TOLL}</p>", "<p>We are open on Sundays.</p>"],
)
def test_data_is_no_fallback_for_a_page_that_has_its_own_text(body: str) -> None:
    data = {"@type": "Organization", "description": f"{TOLL} {TRAM} {TOLL}"}
    page = read_page(f'<script type="application/ld+json">{json.dumps(data)}</script>{body}')
    assert "".join(block.inner for block in page.blocks) in body.replace("<p hidden>", "<p>").replace("</p><p>", "")


def test_a_result_without_main_content_says_so_and_a_query_without_answer_does_not() -> None:
    html = "<nav><a href=/>Home</a></nav><footer><a href=/t>Terms</a></footer>"
    extraction = extract(html, threshold=1.0)
    assert extraction.indices == ()
    assert extraction.warnings == ("no text: none of the page's 2 blocks is kept",)
    assert extraction.json()["warnings"] == list(extraction.warnings)
    assert extract(f"<p>{TRAM}</p>", query="Who invented the telephone?", threshold=1.0).warnings == ()


def test_gzip_data_that_is_cut_off_or_broken_gives_what_could_be_read() -> None:
    data = gzip.compress("".join(f"<p>{n} {TRAM}</p>" for n in range(400)).encode())
    for cut in (data[:-20], data[: len(data) // 2] + b"\xff" * 99):
        page = read_page(cut)
        assert page.warnings[0].startswith("truncated input: ")
        assert page.blocks[0].text == f"0 {TRAM}"


def test_a_page_of_the_text_of_its_data_keeps_what_its_head_says() -> None:
    data = json.dumps({"@type": "Product", "name": "Tram", "description": f"{TRAM} {TOLL}"})
    note = "<noscript>You need to enable JavaScript to run this app.</noscript>"
    page = f"<html lang=en><head><title>Tram | Harbour</title><meta name=author content='Ann Dale'></head><body>{note}"
    extraction = extract(f'{page}<script type="application/ld+json">{data}</script></body></html>', head="trees")
    assert extraction.page.blocks[-1].text == f"{TRAM} {TOLL}"
    assert extraction.metadata.author is not None
    assert extraction.metadata.author.value == "Ann Dale"


OFFER = {"@type": "Offer", "price": "7.50", "priceCurrency": "GBP", "availability": "https://schema.org/InStock"}
PLACE = {"@type": "Place", "name": "Hall", "address": {"streetAddress": "3 Quay", "addressLocality": "Ness"}}
ASKED = {"@type": "Question", "name": "Open?", "acceptedAnswer": {"@type": "Answer", "text": "At nine."}}
TOLD = {"@type": "Question", "name": "Trams?", "acceptedAnswer": {"@type": "Answer", "text": TRAM}}


@pytest.mark.parametrize(
    ("thing", "texts"),
    [
        (
            {"@type": "Product", "name": "Salt", "description": TOLL, "offers": OFFER},
            ["Salt", TOLL, "offers: 7.50 GBP InStock"],
        ),
        (
            {"@type": "MusicEvent", "name": "Folk", "startDate": "2026-03-14", "location": PLACE},
            ["Folk", "startDate: 2026-03-14", "location: Hall 3 Quay Ness"],
        ),
        ({"@type": "FAQPage", "mainEntity": [ASKED, TOLD]}, ["Open?", "At nine.", "Trams?", TRAM]),
        (
            {"@type": "Dentist", "name": "Vale", "telephone": "01947", "openingHours": ["Mo 8-17", "Tu 8-12"]},
            ["Vale", "telephone: 01947", "openingHours: Mo 8-17 Tu 8-12"],
        ),
    ],
)
def test_a_shell_shows_the_facts_of_its_json_ld(thing: dict[str, object], texts: list[str]) -> None:
    page = read_page(shell(f'<script type="application/ld+json">{json.dumps({"@graph": [thing]})}</script>'))
    assert [block.text for block in page.blocks] == texts
