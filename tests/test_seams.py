"""Inline elements that a page shows apart though its source has no white space between them, and words of parts."""

from __future__ import annotations

import re

import pytest

from indexlm import read_page


def text(body: str) -> str:
    (block,) = read_page(f"<body>{body}</body>").blocks
    return block.text


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<time>Posted at 13:40</time><span>12,000 homes</span>", "Posted at 13:40 12,000 homes"),
        ("<span class=label>Date</span><span class=value>Samedi 14 mars</span>", "Date Samedi 14 mars"),
        ("<span>Crostini</span><span>7,50</span>", "Crostini 7,50"),
        ("<span>$29</span><span>a month</span>", "$29 a month"),
        ("<b class=pos>noun</b><b class=ipa>/bəʊt/</b>", "noun /bəʊt/"),
        ("<span class=verb>POST</span><span class=path>/v1/refunds</span>", "POST /v1/refunds"),
        ("<span class=name>charge</span><span class=kind>string</span>", "charge string"),
        ("<span class=day>Montag</span><span class=time>geschlossen</span>", "Montag geschlossen"),
        ("<span>Kai 8, Bonn</span><a href=m>– Karte</a>", "Kai 8, Bonn – Karte"),
        ("<span>01947 000</span><span>a@x.example</span>", "01947 000 a@x.example"),
        ("<a href=a>olaf</a><span>commented</span>", "olaf commented"),
        ("<a href=a>calm</a><a href=b>hush</a>", "calm hush"),
        ("<b>Price:</b><span>5</span>", "Price: 5"),
        ("<span>(38)</span><span>38 reviews</span>", "(38) 38 reviews"),
        ("<span>2,300명이다.</span><span>여의도</span>", "2,300명이다. 여의도"),
        ("<del>$99</del><ins>$79</ins>", "$99 $79"),
        ("<span><em>Small</em></span><span></span><span>Bowl</span>", "Small Bowl"),
        ("<time>3 May 2024</time><span>5 min read</span>", "3 May 2024 5 min read"),
        ("<span>Cost:</span><span>€5</span>", "Cost: €5"),
        ("<span>It blows.</span><span>A storm is near.</span>", "It blows. A storm is near."),
        ("<span>3.</span><span>Dues are paid.</span>", "3. Dues are paid."),
        ("<span>(a)</span><span>in cash, or</span>", "(a) in cash, or"),
        ("<a href=a>Form A</a><a href=b>Form B</a>", "Form A Form B"),
        ("<span>149,00 €</span><span>Regulärer Preis</span>", "149,00 € Regulärer Preis"),
        ("<span>฿890</span><span>฿690</span>", "฿890 ฿690"),
        ("<span>1,240.00</span><span>+14.50</span><span>(+1.18%)</span>", "1,240.00 +14.50 (+1.18%)"),
        ("<span>88.10</span><span>-0.4%</span>", "88.10 -0.4%"),
        ("<b class=score-home>2</b><b class=score-away>0</b>", "2 0"),
        ("<span>I1</span><span>S. 7 in force</span>", "I1 S. 7 in force"),
        ("<span>[00:05]</span><span>Kit:</span><span>[laughs] Go.</span>", "[00:05] Kit: [laughs] Go."),
        ("<span><a href=u>tove</a> (Tove S)</span><span>May 3</span>", "tove (Tove S) May 3"),
        ("<time>6 May</time><a href=p>#2</a>", "6 May #2"),
        ("<span>1,992</span><span title=gold><b class=i></b><b class=c>2</b></span>", "1,992 2"),
        ("<a href=a>#tide</a><a href=b>#wind</a>", "#tide #wind"),
        ("<b>Ren</b><span>@ren@boat.example</span>", "Ren @ren@boat.example"),
        ("<span class=sinceLabel>added in</span><span>v1.2</span>", "added in v1.2"),
        ("<a href=a>木村</a><time>2026年3月</time>", "木村 2026年3月"),
        ("<a href=a>介绍</a><a href=b>安装</a>", "介绍 安装"),
        ("Body<span class=schema__required>required</span>", "Body required"),
        ("<code>tide</code><code>int</code> <code>t</code><code>s</code>", "tide int ts"),
        ("<code>tide()</code><b class=badge>since 3</b>", "tide() since 3"),
        ("<em>unit</em>)<a href=s>[source]</a> <b>(t)</b><a href=s>[source]</a>", "unit)[source] (t) [source]"),
        ("<b class=api-method>GET</b><b class=api-url>https://a.example</b>", "GET https://a.example"),
        ("<code>tide</code><code>(t)</code> <code>go(</code><code>new</code>", "tide(t) go(new"),
        ("<b class=time>09:10</b><b class=nick>&lt;kit&gt;</b><b class=text>Hello</b>", "09:10 <kit> Hello"),
        ("<span>12<sup>°C</sup></span><span>Cloudy</span>", "12°C Cloudy"),
        (
            "<a href=x><i class=invisible>https://</i><i class=ellipsis>a.b/c</i><i class=invisible>/d</i></a>",
            "https://a.b/c/d",
        ),
        ("<code>tide</code><b class=badge>since 2</b>", "tide since 2"),
        ("<b class=name>tide</b><code>int</code>", "tide int"),
        ("<code class=tsd-tag>Optional</code><span>tide</span>", "Optional tide"),
    ],
)
def test_elements_that_hold_things_of_their_own_are_parted(markup: str, shown: str) -> None:
    assert text(f"<p>{markup}</p>") == shown


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<b>Alpha</b><b>Beta</b>", "AlphaBeta"),
        ("<b>f</b><i>(x)</i><b>y</b>", "f(x)y"),
        ("<span>C</span><span>#</span>", "C#"),
        ("<span>ann</span><span>@x.example</span>", "ann@x.example"),
        ("Das <a href=a>日本</a><a href=b>列島</a>", "Das 日本列島"),
        ("<b>un</b><i>believable</i>", "unbelievable"),
        ("<span class=c1>Hel</span><span class=c3>lo</span>", "Hello"),
        ("<span class=dropcap>T</span><span class=rest>he</span> end", "The end"),
        ("<span>1</span><span>2</span><span>6</span>", "126"),
        ("<span class=digit>1</span><span class=digit>2</span>", "12"),
        ("<span>2020</span><span>-21</span>", "2020-21"),
        ("<span>x</span><span>+1</span>", "x+1"),
        ("<span>19</span><span>h</span><span>30</span>", "19h30"),
        ("<span>3</span><span>rd</span>", "3rd"),
        ("<span>$</span><span>29</span>", "$29"),
        ("<b>H</b><sub>2</sub><b>O</b>", "H₂O"),
        ("<b>f</b><span>(x)</span>", "f(x)"),
        ("<span>12:</span><span>30</span>", "12:30"),
        ("<span>東京</span><span>タワー</span>", "東京タワー"),
        ("<span>One</span><span>, two</span>", "One, two"),
        ("<code><span class=keyword>def</span><span class=name>go</span></code>", "defgo"),
        ("<span>a</span><span></span>b", "ab"),
        ("<em>class </em><span>tide.</span><span>Table</span>", "class tide.Table"),
        ("<span>ASP.</span><span>NET Core</span>", "ASP.NET Core"),
        ("<b>1</b>st of <b>3</b>D <b>You</b>Tube", "1st of 3D YouTube"),
        ("<span class=num>2</span>nd", "2nd"),
        ("<b>a</b>b) and <i>f</i>(x)", "ab) and f(x)"),
        ("US<b>$100</b>", "US$100"),
        ("<span class=label>COVID</span>-19", "COVID-19"),
        ("<span class=tag>algorithm</span>s", "algorithms"),
        ("<i>z.</i>B.", "z.B."),
        ("10<sup>Th</sup>", "10Th"),
        ("<span>1</span><span>0 items</span>", "10 items"),
        ("<a href=a>H2</a><a href=b>O</a>", "H2O"),
    ],
)
def test_parts_of_a_word_or_a_number_stay_together(markup: str, shown: str) -> None:
    assert text(f"<p>{markup}</p>") == shown


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<span class=num>1</span>Northhaven Pier", "1 Northhaven Pier"),
        ("<small>Chapter 1</small>The start", "Chapter 1 The start"),
        ("<span class=number>2.</span>Skerry", "2. Skerry"),
        ("<span class=LegCommentaryType>I1</span>S. 12 in force", "I1 S. 12 in force"),
        ("Boats<span class=badge>12</span>", "Boats 12"),
        ("€69<span class=badge>-22%</span>", "€69 -22%"),
        ("<span class=badge>New</span>Boat shoes", "New Boat shoes"),
        ("Buy<span>€12</span>", "Buy €12"),
        ("<span class=tags><span>red</span><span>blue</span></span>", "red blue"),
        ("<span class=speaker>ADA</span><span class=speech>Is it open?</span>", "ADA Is it open?"),
        ("<span class=element>NA</span><span class=element>Cl</span>", "NACl"),
    ],
)
def test_labels_and_numbers_stand_apart_from_the_text_beside_them(markup: str, shown: str) -> None:
    assert text(f"<p>{markup}</p>") == shown


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<b>Save your articles</b>Read them anywhere", "Save your articles Read them anywhere"),
        ("<p>Boats for this sea<a href=x>Browse all</a></p>", "Boats for this sea Browse all"),
        ("<p>Changed at 5 PST<a href=x>View all changes</a></p>", "Changed at 5 PST View all changes"),
        ("<p><span>OUR PICK</span><span>The best of boats</span></p>", "OUR PICK The best of boats"),
        ("<h1>Black Edition<span class=hero__tagline>Complete</span></h1>", "Black Edition Complete"),
        ("<p>Managing boats<span class=Link_flag__x1>New</span></p>", "Managing boats New"),
        (
            "<p>See the <b>Mac</b>Book of You<i>Tube</i>, Mc<a href=x>Donald and</a>",
            "See the MacBook of YouTube, McDonald and",
        ),
    ],
)
def test_phrases_that_meet_are_parted_and_names_with_capitals_are_not(markup: str, shown: str) -> None:
    assert text(markup) == shown


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<p>Updated 3 May 2024<img src=a>If you sail</p>", "Updated 3 May 2024 If you sail"),
        ("<p>sail<img src=a>, and row</p>", "sail, and row"),
        ("<p>文<img src=a>字</p>", "文字"),
        ("<figcaption>The quay<cite>Ada Roe</cite></figcaption>", "The quay Ada Roe"),
        ("<figcaption>The quay<span class=credit>Ada Roe</span></figcaption>", "The quay Ada Roe"),
        ("<figcaption>The<i>Sea</i>, <b>q</b>uay</figcaption>", "The Sea, quay"),
    ],
)
def test_images_part_words_and_credits_stand_apart_in_captions(markup: str, shown: str) -> None:
    assert text(markup) == shown


def test_labels_beside_one_another_are_parted_and_the_words_of_keywords_are_not() -> None:
    assert text("<p class=keywords>CO<sub>2</sub>, <i>Escherichia</i>-like</p>") == "CO₂, Escherichia-like"
    assert text("<p class=tags>Tags: #<a href=a>foo</a><a href=b>bar</a></p>") == "Tags: #foo bar"


@pytest.mark.parametrize(
    "rule",
    [".k{display:block}", ".card span { display: block; }", "p,.k{display:flex}"],
)
def test_what_the_pages_own_style_shows_as_a_box_is_parted(rule: str) -> None:
    assert (
        text(f"<style>{rule}</style><div class=card><span class=k>price</span><span>five</span></div>") == "price five"
    )


def test_a_style_for_some_screens_or_in_code_parts_nothing() -> None:
    narrow = "<style>@media (max-width:9px){.k{display:block}}</style>"
    assert text(f"{narrow}<div><b class=k>un</b>do</div>") == "undo"
    assert text("<style>.k{display:block}</style><pre>f(<span class=k>x</span>)</pre>") == "f(x)"


def test_text_for_screen_readers_stands_apart() -> None:
    assert text("<p><span class=visually-hidden>Warning</span>You can be fined</p>") == "Warning You can be fined"
    assert text("<p>Read on<span class=sr-only>: the mill</span> now</p>") == "Read on: the mill now"


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        (
            "<del aria-hidden=true><bdi>$99.00</bdi></del> <span class=screen-reader-text>Original: $99.00.</span>"
            "<ins aria-hidden=true>$79.00</ins><span class=screen-reader-text>Current price is: $79.00.</span>",
            "$99.00 $79.00",
        ),
        ("<span>15<span class=sr-only> minutes</span></span> <span aria-hidden=true>mins</span>", "15 mins"),
        ("<span class=sr-only>Rating:</span><span aria-hidden=true>4.5</span>", "Rating: 4.5"),
        ("<span class=sr-only>Not included</span><span aria-hidden=true>x</span>", "Not included x"),
        ("<span aria-hidden=true>Used</span><span class=clipped>Used</span>", "Used"),
        ("<span class=a-offscreen>$6.99</span><span aria-hidden=true>$<b>6.</b><i>99</i></span>", "$6.99"),
        ("<a href=x>Bells<span class=sr-only> (opens in a new window)</span></a> ring", "Bells ring"),
        ("<a href=x>Glocken<span class=sr-only> – öffnet in neuem Fenster</span></a>", "Glocken"),
        ("<span class=sr-only>▢ </span>Bells ring", "Bells ring"),
        ("<span class=screen-reader-only>Note</span>Note", "Note"),
        ("5<span class=sr-only>%</span> of them", "5 % of them"),
        ("<span class=sr-only>$</span>6 or <span class=sr-only>-</span>3", "$ 6 or - 3"),
        ("<a href=x>鐘<span class=sr-only>新しいウィンドウで開きます</span></a>", "鐘"),
        (
            "<span>1,201</span><span title=gold aria-hidden=true>4</span><span class=v-visible-sr>4 gold</span>"
            "<b aria-hidden=true>9</b><span class=v-visible-sr>9 silver</span>",
            "1,201 4 9",
        ),
    ],
)
def test_text_for_screen_readers_that_repeats_what_is_seen_beside_it_goes(markup: str, shown: str) -> None:
    (block,) = read_page(f"<p>{markup}</p>").blocks
    assert block.text == shown
    assert not block.hidden


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<b class=price>$19<sup>99</sup></b>", "$19.99"),
        ("<b class=price><i>19</i>,<sup class=cents>99</sup></b> €", "19,99 €"),
        ("R$ 19<sup>,90</sup>", "R$ 19,90"),
        ("<b class=price>9.50</b> for 10<sup>12</sup> grains", "9.50 for 10¹² grains"),
    ],
)
def test_raised_cents_are_no_power_of_their_price(markup: str, shown: str) -> None:
    page = read_page(f"<p>{markup}</p>")
    assert page.text == shown
    assert "<sup>9" not in page.blocks[0].inner


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("Learn about Java<em>Script engines</em> and <em>Java</em>Script engines", None),
        ("Use Micro<b>Soft Teams</b> and Open<strong>Street Map</strong>", None),
        ("Play You<mark>Tube Music</mark>, said Mac<span class=sc>Donald said</span>", None),
        ("Free Wiki<span class=notranslate>Leaks pages</span> by NASA<small>Has it</small>", None),
        ("Call get<b>User Name</b> of user<b>2001</b>", None),
        ("As RFC<b>2045</b> and ISO<b>2022</b>", None),
        ("Buy Mac<i>Book: </i>", "Buy MacBook:"),
        ("The Tide Guides<a href=x class=more>View all</a>", "The Tide Guides View all"),
        ("Ada Roe<strong>Position:</strong> keeper", "Ada Roe Position: keeper"),
        ("<span>The Open</span>Street Map of quays", "The OpenStreet Map of quays"),
        ("Opened in May<b>2025</b>", "Opened in May 2025"),
        ("Tides at the quay<span class=news-title>How they rise</span>", "Tides at the quay How they rise"),
        ("<b>The harbour report</b>2024", "The harbour report 2024"),
    ],
)
def test_names_that_are_one_word_stay_whole_beside_phrases_that_are_parted(markup: str, shown: str | None) -> None:
    assert text(f"<p>{markup}</p>") == (shown or re.sub("<[^<>]*>", "", markup))


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("un<img src=dot.gif alt=''>happy data<img src=a.svg width=8>base", "unhappy database"),
        ("The quay<img src=a.jpg alt='A boat'>opens", "The quay opens"),
        ("The quay<img src=a.jpg class=photo>opens", "The quay opens"),
        ("The quay<img src=a.jpg width=640>opens", "The quay opens"),
    ],
)
def test_only_pictures_part_letters(markup: str, shown: str) -> None:
    assert text(f"<p>{markup}</p>") == shown
