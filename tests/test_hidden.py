"""Text that nobody sees inside text that is shown, and the colours and rules that hide it."""

from __future__ import annotations

import pytest

from indexlm import read_page
from indexlm.html.hidden.colours import WHITE, is_lost, read_colour

PROSE = "The ferry leaves at nine from the north quay and returns before the evening tide. "


def shown(html: str) -> list[str]:
    return [block.text for block in read_page(html).blocks]


@pytest.mark.parametrize(
    "mark",
    [
        "style='display:none'",
        "style='visibility: hidden'",
        "hidden",
        "style='font-size:0'",
        "style='position:absolute;left:-9999px'",
        "style='clip-path: circle(0)'",
        "style='clip-path: polygon(0 0, 0 0, 0 0)'",
        "style='color:#fefefe'",
        "style='color:hsl(0 0% 99%)'",
        "style='color:hsla(120, 10%, 99%, 1)'",
        "style='opacity:.01'",
        "style='font: 0/0 a'",
    ],
)
def test_hidden_pieces_of_a_shown_block_go(mark: str) -> None:
    assert shown(f"<p>The fee is <span {mark}>CODE-7</span>nine <b><i {mark}>x</i></b>crowns.</p>") == [
        "The fee is nine crowns."
    ]


def test_light_code_is_seen_on_a_background_that_a_theme_gives() -> None:
    code = "<span style='color:#fff'>const</span> x"
    assert shown(f"<pre><code>{code}</code></pre><p>Write <code>{code}</code> here.</p>") == [
        "const x",
        "Write const x here.",
    ]
    assert shown(f"<pre style='background:#fff'>{code}</pre>") == [" x"]


def test_a_hidden_piece_parts_no_letters() -> None:
    page = read_page("<p>a<span style='display:none'>b</span>c <a href=x>d<i hidden>e</i></a></p>")
    assert page.text == "ac d"
    assert page.blocks[0].inner == 'ac <a href="x">d</a>'
    assert (page.blocks[0].chars, page.blocks[0].link_chars) == (3, 1)


def test_a_block_of_hidden_pieces_alone_is_a_hidden_block() -> None:
    page = read_page("<p><span hidden>one</span> <b hidden>two</b></p><p>three</p>")
    assert [(block.text, block.hidden_by) for block in page.blocks] == [
        ("one two", "hidden attribute"),
        ("three", ""),
    ]


def test_what_can_be_opened_and_what_only_screen_readers_pass_over_stays() -> None:
    more = "<p>We open at nine.<span id=more style='display:none'> On Sundays we open at ten.</span></p>"
    assert shown(more) == ["We open at nine. On Sundays we open at ten."]
    assert shown("<p>It costs <span aria-hidden=true>9 crowns</span>.</p>") == ["It costs 9 crowns."]


def test_hidden_cells_are_no_cells() -> None:
    rows = "<tr><th>Boat<th hidden>Key<th>Length<tr><td><i style='display:none'>01</i>Tern<td hidden>7<td>12 m"
    page = read_page(f"<table>{rows}</table>")
    assert page.text == "Boat | Length\nTern | 12 m"


@pytest.mark.parametrize(
    ("rule", "piece", "is_seen"),
    [
        (".k{display:none}", "<i class='a k'>x</i>", False),
        ("p .k, .z { display: none }", "<i class=k>x</i>", False),
        ("i.k{visibility:hidden}", "<i class=k>x</i>", False),
        ("#k{display:none}", "<i id=k>x</i>", False),
        ("b.k{display:none}", "<i class=k>x</i>", True),
        ("aside .k{display:none}", "<i class=k>x</i>", True),
        (".k{display:none} @media (min-width:9em){.k{display:inline}}", "<i class=k>x</i>", True),
        ("@media print{.k{display:none}}", "<i class=k>x</i>", True),
        (".k{color:white}", "<i class=k>x</i>", False),
    ],
)
def test_rules_of_the_page_hide_pieces_by_simple_selectors(rule: str, piece: str, is_seen: bool) -> None:
    text = shown(f"<style>{rule}</style><p>It is {piece} late.</p>")
    assert text == (["It is x late."] if is_seen else ["It is late."])


def test_parts_of_a_page_that_a_rule_closes_stay() -> None:
    page = read_page("<style>.tab{display:none}</style><div class=tab><p>Second tab.</p></div>")
    assert [(block.text, block.hidden) for block in page.blocks] == [("Second tab.", False)]


def test_a_font_of_the_colour_of_its_background_is_not_seen() -> None:
    assert read_page(f"<p>{PROSE}</p><p><font color=white>Buy</font></p>").blocks[1].hidden_by
    assert read_page(f"<p>{PROSE}</p><p><font color=#FDFDFD>Buy</font></p>").blocks[1].hidden_by
    table = "<table><tr><td bgcolor=navy><p><font color=white>Buy</font></p></table>"
    assert not read_page(f"<p>{PROSE}</p>{table}").blocks[1].hidden_by


@pytest.mark.parametrize(
    ("colour", "background", "lost"),
    [
        ("#fff", "white", True),
        ("rgb(250 250 250)", "#ffffff", True),
        ("hsl(0, 0%, 98%)", "#fff", True),
        ("#777", "#fff", False),
        ("#ff0", "#fff", False),
        ("black", "rgb(3,3,3)", True),
        ("rgba(0,0,0,.02)", "white", True),
    ],
)
def test_colours_are_compared_whatever_their_notation(colour: str, background: str, lost: bool) -> None:
    text, behind = read_colour(colour), read_colour(background)
    assert text is not None
    assert behind is not None
    assert is_lost(text, behind) is lost
    assert read_colour("var(--ink)") is None
    assert read_colour("url(a.png) #fff no-repeat") == WHITE


def unread(html: str) -> list[str]:
    page = read_page(html)
    return [page.blocks[i - 1].text for i in sorted(page.unreadable)]


@pytest.mark.parametrize(
    ("html", "hidden"),
    [
        ("<td style='font-size:0'><div style='font-size:13px'>In.</div></td>", []),
        ("<div style='font-size:0'><p style='font-size:1.2rem'>In.</p><p>Out.</p></div>", ["Out."]),
        ("<div style='font-size:0'><p style='font-size:2em'>Out.</p></div>", ["Out."]),
        ("<style>.r{font-size:0} .r p{font-size:1rem}</style><div class=r><p>In.</p><div>Out.</div></div>", ["Out."]),
        ("<style>.r{font-size:0} .c{font:1rem/2 x}</style><div class=r><p>Out.</p></div>", ["Out."]),
    ],
)
def test_a_font_size_of_its_own_shows_what_stands_in_text_of_no_size(html: str, hidden: list[str]) -> None:
    assert unread(f"<table><tr>{html}</table><p>{PROSE}") == hidden


@pytest.mark.parametrize(
    ("html", "hidden"),
    [
        ("<style>.h{background-image:url(a.jpg);color:#fff}</style><div class=h>Hero</div>", []),
        ("<style>.h{background-image:linear-gradient(#024,#046);color:#fff}</style><div class=h>Hero</div>", []),
        ("<style>.h{color:#fff}</style><div class=h style='background-image:url(a.jpg)'>Hero</div>", []),
        ("<style>.h{color:#fff;position:absolute}</style><img src=a.jpg><div class=h>Hero</div>", []),
        ("<img src=a.jpg><div style='position:absolute;color:#fff'>Hero</div>", []),
        ("<div style='position:absolute;bottom:0'><p style='color:#fff'>Hero</p></div>", []),
        ("<p style='color:white'><span style='background:black'>Hero</span></p>", []),
        ("<div style='color:white'><p style='color:#000'>Hero</p><p>Out.</p></div>", ["Out."]),
        ("<p style='color:white'><font color=black>Hero</font></p>", []),
        ("<style>.h{color:#fff}</style><div class=h>Out.</div>", ["Out."]),
        ("<div style='color:white'><p style='background:white'>Out.</p></div>", ["Out."]),
    ],
)
def test_light_text_is_lost_on_what_is_known_to_be_light(html: str, hidden: list[str]) -> None:
    assert unread(f"{html}<p>{PROSE}</p>") == hidden


@pytest.mark.parametrize(
    ("style", "is_far"),
    [
        ("transform:translate3d(-1140px,0,0);width:5700px", False),
        ("transform:translateX(-100%)", False),
        ("position:relative;left:-100%;width:300%", False),
        ("transform:translateX(-9999px)", True),
        ("left:-9999px", True),
        ("text-indent:-1000%", True),
    ],
)
def test_a_carousel_is_not_off_screen(style: str, is_far: bool) -> None:
    assert unread(f"<div style='{style}'><p>Slide.</p></div><p>{PROSE}</p>") == ["Slide."] * is_far


@pytest.mark.parametrize(
    ("html", "texts"),
    [
        ("<p><i class='d-none d-md-inline'>Northhaven</i><i class=d-md-none>NOR</i> at ten</p>", ["Northhaven at ten"]),
        ("<p><b class='hidden lg:inline'>Northhaven</b><b class='lg:hidden'>NOR</b> at ten</p>", ["Northhaven at ten"]),
        ("<p>Costs 5<small class=md-none> a kilo</small></p>", ["Costs 5 a kilo"]),
        ("<p>Costs 5<small class='md:hidden'> a kilo</small></p>", ["Costs 5 a kilo"]),
        (
            "<p>Six <b class=d-none>NOR</b> piers <b class='x hidden'>or</b><b class=is-hidden>not</b></p>",
            ["Six piers"],
        ),
        ("<p>Six <b class='hidden sm:inline'>long</b> <b class='hidden more'>piers</b></p>", ["Six long piers"]),
        ("<div class=hidden>Six piers</div>", ["Six piers"]),
    ],
)
def test_names_of_frameworks_hide_pieces_of_a_text(html: str, texts: list[str]) -> None:
    assert shown(html) == texts


@pytest.mark.parametrize(
    ("html", "reasons"),
    [
        ("<p class=d-none>Note</p><p class='d-none d-lg-block'>Wide</p>", ["display:none", ""]),
        ("<div class='md:hidden'>Short</div><div class='hidden md:block'>Long</div>", ["display:none", ""]),
        ("<div class='md:hidden'>Alone</div><div class=x>Other</div>", ["", ""]),
        ("<div class='modal fade'>Help</div><div class='modal fade show'>Open</div>", ["display:none", ""]),
        ("<div class='tab-pane fade'>Tab</div><div class=modal>Other</div>", ["", ""]),
        ("<p class=elementor-hidden-mobile>Wide</p><p class=elementor-hidden-desktop>Narrow</p>", ["", "display:none"]),
    ],
)
def test_blocks_that_frameworks_hide_on_wide_screens_say_so(html: str, reasons: list[str]) -> None:
    assert [block.hidden_by for block in read_page(html).blocks] == reasons


def test_a_shop_shows_the_price_and_the_badge_of_one_state() -> None:
    badges = "<b class='badge price__badge-sale'>Sale</b><b class='badge price__badge-sold-out'>Sold out</b>"
    prices = f"<div class=price__regular>£9</div><div class=price__sale>£7</div><div>{badges}</div>"
    states = {}
    for state in ("", "price--on-sale", "price--sold-out"):
        page = read_page(f"<div class='price {state}'>{prices}</div>")
        states[state] = [block.text for block in page.blocks if not block.hidden]
    assert states == {"": ["£9"], "price--on-sale": ["£7", "Sale"], "price--sold-out": ["£9", "Sold out"]}


def test_a_variant_that_is_sold_out_alone_says_so() -> None:
    note = "<span class='visually-hidden label-unavailable'>Sold out</span>"
    inputs = f"<input type=radio><label>Red{note}</label><input type=radio class=disabled><label>Blue{note}</label>"
    assert shown(f"<div>{inputs}</div>") == ["Red Blue Sold out"]
