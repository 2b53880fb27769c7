"""From what a head keeps for a query to a whole answer."""

from __future__ import annotations

import pytest

from heads.queries.answers import whole_answer
from heads.queries.kinds import lacks_kind
from indexlm import read_page

FAQ = "<h1>Bikes</h1><h2>Do I need a helmet?</h2><p>Only below 16.</p><p>We lend them.</p><h2>Price</h2><h3>A day</h3>"
BRING = "<h1>Hut</h1><h2>What to bring</h2><ul><li>a coat</li><li>a lamp</li><li>the key</li></ul>"
FARES = (
    "<h1>Boat</h1><h2>Fares</h2><table><tr><th>Who</th><th>Single</th></tr><tr><td>Adult</td><td>9</td></tr>"
    "<tr><td>Child</td><td>4</td></tr></table><h2>Hours</h2><table><tr><td>Mon-Fri</td><td>9-17</td></tr>"
    "<tr><td>Sat</td><td>10-14</td></tr></table>"
)
CHANGES = (
    "<h1>Changes</h1><h2>Version 2</h2><h3>Added</h3><ul><li>a</li></ul><h3>Fixed</h3><ul><li>b</li></ul><h2>Old</h2>"
)
SEASONS = "<table><tr><th>Day</th><th>Open</th></tr>" + "".join(
    f"<tr><th colspan=2>{name}</th></tr><tr><td>Monday</td><td>9-17</td></tr><tr><td>Sunday</td><td>-</td></tr>"
    for name in ("Summer", "Winter")
)
PAIRS = "".join(f"<div><p>{n}</p><p>{v}</p></div>" for n, v in (("Length", "19 metres"), ("Speed", "11 knots")))
EVENTS = "".join(
    f"<article><time>{day} May</time><h3>{name}</h3><p>Quay</p></article>" for day, name in ((3, "Fair"), (9, "Run"))
)
TERMS = "<h1>Boat</h1><dl><dt>Length</dt><dd>19 metres</dd><dt>Speed</dt><dd>11 knots</dd></dl>"


TOOLS = "<h1>Case</h1><p>Two need an hour.</p><h2>Tools</h2><p>A screwdriver.</p><h2>Load</h2><p>25 kg a shelf.</p>"
CARD = "<h1>Card</h1><h2>Get a new card</h2><p>It takes four days.</p><p>The first is free.</p><p>Your PIN stays.</p>"
PRICES = "<h1>Museum</h1><h2>Tickets</h2><h3>Adult</h3><p>Nine euro.</p><h3>Child</h3><p>Four euro.</p>"
VISIT = "<h1>Oasis</h1><h2>Visiting hours</h2><dl><dt>Thursday</dt><dd>9 – 5</dd><dt>Saturday</dt><dd>10 – 2</dd></dl>"
SHOP = "<h1>Returns</h1><p>Who pays?</p><p>We do.</p><p>Can I exchange it?</p><p>Yes, choose the size.</p>"
BOXES = "<h1>Dr Lowe</h1>" + "".join(
    f"<div><div><b>{name}</b></div><div>{one}</div><div>{two}</div></div>"
    for name, one, two in (("Surgery hours", "Monday 8–12", "Tuesday 8–20"), ("Address", "7 Abbey Street", "Hexley"))
)

POOL = "<title>Tarn Pool</title><h1>Tarn Pool</h1><p>Tarn Pool lies by the mill.</p>" + "".join(
    f"<h2>{name}</h2><p>{text}</p>"
    for name, text in (
        ("Lockers", "Bring a coin."),
        ("Parking", "Fifty places behind the hall."),
        ("Reach us", "Ring 01632 960 144."),
        ("Write", "desk@tarn.example"),
        ("Basins", "We heat to 28 °C."),
    )
)
TEA = "<title>Mint tea</title><h1>Mint tea</h1><p>A tea for warm days.</p><h2>Method</h2><ol><li>Boil water.</li>"
TEA += "<li>Add mint and wait.</li></ol><h2>Storage</h2><p>Keep the tea in a cold place.</p>"
HOURS = "<h1>Tarn Pool</h1><table><tr><td>Monday</td><td>closed</td></tr><tr><td>Friday</td><td>9-17</td></tr></table>"
BOX = "<h1>Edda Varga</h1><table><tr><th colspan=2>Edda Varga</th></tr><tr><th>Died</th><td>1998</td></tr></table>"


COURSE = "<title>Pottery</title><h1>Pottery</h1><p>You throw bowls and cups.</p><p>Price £145</p><p>Places 8</p>"
HOUSE = "<title>House Marr</title><h1>House Marr</h1><p>The elevator reaches all floors.</p><p>Your dog stays free.</p>"


@pytest.mark.parametrize(
    ("html", "query", "kept", "answer"),
    [
        (POOL, "Who designed Tarn Pool?", (2,), ()),
        (COURSE, "How much is the course?", (), (3,)),
        (COURSE, "How many places are there?", (), (4,)),
        (HOUSE, "Is there a lift?", (2,), (2,)),
        (HOUSE, "Is there a garage?", (2,), ()),
        (HOUSE, "Do you take pets in the rooms?", (2,), (3,)),
        (POOL, "Are there lockers at Tarn Pool?", (4,), (4,)),
        (POOL, "Where is Tarn Pool by the mill?", (2,), (2,)),
        ("<h1>Tarn Pool</h1><p>Ilo Brandt drew Tarn Pool.</p>", "Who designed Tarn Pool?", (2,), (2,)),
    ],
)
def test_words_of_the_title_are_no_evidence_on_a_page_of_named_parts(
    html: str, query: str, kept: tuple[int, ...], answer: tuple[int, ...]
) -> None:
    assert whole_answer(read_page(html, query=query), kept) == answer


@pytest.mark.parametrize(
    ("query", "kept", "answer"),
    [
        ("What is the phone number of the pool?", (), (8,)),
        ("telephone", (6,), (8,)),
        ("Wie ist die E-Mail-Adresse?", (6,), (10,)),
        ("Can I change my phone number?", (), ()),
        ("phone number for parking", (6,), (6,)),
        ("How warm is the water?", (6,), (12,)),
        ("Welche Temperatur hat das Wasser?", (), (12,)),
    ],
)
def test_a_number_or_an_address_of_mail_that_is_asked_for_is_found_by_its_shape(
    query: str, kept: tuple[int, ...], answer: tuple[int, ...]
) -> None:
    assert whole_answer(read_page(POOL, query=query), kept) == answer


@pytest.mark.parametrize(
    ("query", "kept", "answer"),
    [
        ("How do I make mint tea?", (), (4, 5)),
        ("How do I make mint tea?", (7,), (4, 5)),
        ("How do I make mint tea?", (4,), (4, 5)),
        ("¿Cómo se hace?", (5,), (4, 5)),
        ("How long does mint tea take?", (5,), (5,)),
        ("How do I store it in a cold place?", (7,), (7,)),
        ("How do I grow mint?", (5,), (4, 5)),
        ("How do I paint a door?", (), ()),
    ],
)
def test_a_question_how_something_is_done_is_answered_by_all_steps(
    query: str, kept: tuple[int, ...], answer: tuple[int, ...]
) -> None:
    assert whole_answer(read_page(TEA, query=query), kept) == answer


@pytest.mark.parametrize(("html", "query"), [(HOURS, "Is it open on Friday?"), (BOX, "When did Edda Varga die?")])
def test_a_header_row_that_may_be_a_name_with_its_value_or_the_title_is_left(html: str, query: str) -> None:
    assert whole_answer(read_page(html, query=query), (3,)) == (3,)


GYM = "<h1>Forge</h1><p>A gym by the canal.</p><section><h2>Opening times</h2><div>Monday 6-22</div>"
GYM += "<div>Friday 6-21</div><div>Sunday 9-16</div></section><section><h2>Parking</h2><p>At the back.</p></section>"
VISITS = "<h1>Tarn House</h1><p>A house of 1790.</p><h2>Admission</h2><table><tr><th>Who</th><th>Day</th></tr>"
VISITS += "<tr><td>Adult</td><td>9</td></tr><tr><td>Child</td><td>4</td></tr></table><h2>Tours</h2><p>Tours cost 3.</p>"
DATA = "<h1>Ember 40</h1><p>A pump.</p><table><tr><th>Weight</th><td>112 kg</td></tr><tr><th>Colour</th><td>grey</td>"
DATA += "</tr></table>"
YARN = "<h1>Yarn</h1><p><b>Warp:</b> threads along it.</p><p><b>Weft:</b> threads across it.</p><p>Ask us.</p>"
LOAF = "<h1>Loaf</h1><ul><li>8 g salt</li><li>a pinch of sugar</li></ul><ol><li>Mix salt and flour.</li><li>Bake.</li>"
LOAF += "</ol>"


@pytest.mark.parametrize(
    ("html", "query", "kept", "is_sure", "answer"),
    [
        (GYM, "opening times on Friday", (5,), True, (5,)),
        (VISITS, "How much is a ticket for a child?", (), True, (3, 4, 6)),
        (VISITS, "How much is a ticket for a child?", (8,), True, (3, 4, 6)),
        (VISITS, "How much is it?", (8,), True, (8,)),
        (VISITS, "Do I have to pay for my dog?", (), True, ()),
        (DATA, "How heavy is it?", (), True, (3,)),
        (DATA, "How loud is it?", (), True, ()),
        (TOOLS, "Tools, please", (2,), True, (2,)),
        (TOOLS, "What are the tools?", (2,), True, (3, 4)),
        (YARN, "What is the difference between warp and weft?", (), True, (2, 3)),
        (YARN, "What is warp?", (), True, (2,)),
        (LOAF, "How much salt?", (2, 4), True, (2,)),
        (LOAF, "How much salt and sugar?", (2, 3, 4), True, (2, 3)),
        (
            "<h1>Kino</h1><ul><li>Filmy: 7 dni</li><li>Gry: 3 dni</li></ul>",
            "Na ile dni mogę wziąć film?",
            (),
            True,
            (2,),
        ),
        ("<h1>Shop</h1><ul><li>VAT GB 123</li><li>Number of staff</li></ul>", "VAT registration", (), True, (2,)),
    ],
)
def test_labels_subjects_and_names_that_a_question_means(
    html: str, query: str, kept: tuple[int, ...], is_sure: bool, answer: tuple[int, ...]
) -> None:
    assert whole_answer(read_page(html, query=query), kept, is_sure) == answer


@pytest.mark.parametrize(
    ("html", "query", "kept", "is_sure", "answer"),
    [
        (TOOLS, "Which tools are required?", (), True, (3, 4)),
        (TOOLS, "Which tools are required?", (2,), False, (3, 4)),
        (TOOLS, "Which tools are required?", (2,), True, (2,)),
        (TOOLS, "How heavy may a book be?", (), True, ()),
        (PRICES, "What does a child ticket cost?", (), True, (5, 6)),
        (CARD, "Will I get a new PIN?", (2,), True, (2, 5)),
        (VISIT, "visiting hours Saturday", (2,), True, (2, 5, 6)),
        (SHOP, "Do you ship to Canada?", (), True, ()),
        (BOXES, "surgery hours", (2,), True, (2, 3, 4)),
        ("<p>They met where the mill had stood.</p>", "Where is the library?", (1,), False, ()),
        ("<p>They met where the mill had stood.</p>", "Where is the library?", (1,), True, (1,)),
        ("<p>They met where the mill had stood.</p>", "Where is it?", (1,), False, (1,)),
    ],
)
def test_labels_that_a_query_covers_and_what_they_lack(
    html: str, query: str, kept: tuple[int, ...], is_sure: bool, answer: tuple[int, ...]
) -> None:
    assert whole_answer(read_page(html, query=query), kept, is_sure) == answer


@pytest.mark.parametrize(
    ("html", "query", "kept", "answer"),
    [
        (FAQ, "helmet?", (2,), (2, 3, 4)),
        (FAQ, "helmet?", (2, 3), (2, 3, 4)),
        (FAQ, "helmet?", (2, 4), (2, 4)),
        (FAQ, "helmet?", (3,), (2, 3)),
        (FAQ, "bikes", (1,), (1, 2)),
        (FAQ, "who won?", (), ()),
        (BRING, "What should I bring?", (3,), (3, 4, 5)),
        (BRING, "Should I bring a lamp?", (2,), (2, 4)),
        (FARES, "How much for a child?", (5,), (3, 5)),
        (FARES, "Hours on Saturday", (6,), (6, 8)),
        (FARES, "Which hours on Saturday?", (), (8,)),
        (FARES, "single fare for a child", (), (3, 5)),
        (CHANGES, "What is new in version 2?", (2,), (2, 3, 4, 5, 6)),
        (CHANGES, "What is new in version 2?", (3,), (2, 3, 4, 5, 6)),
        (CHANGES, "version 2", (), (2, 3, 4, 5, 6)),
        (CHANGES, "Who wrote it?", (), ()),
        (BRING, "What should I bring?", (), (2, 3, 4, 5)),
        (TERMS, "How fast is it?", (5,), (4, 5)),
        (TERMS, "Speed of the boat", (4,), (4, 5)),
        (SEASONS, "Monday in summer", (1, 2), (1, 2, 3)),
        (SEASONS, "Monday in summer", (1, 3), (1, 2, 3)),
        (PAIRS, "Speed of the boat", (3,), (3, 4)),
        (PAIRS, "How fast is it?", (4,), (3, 4)),
        (EVENTS, "When is the run?", (5,), (4, 5, 6)),
        (EVENTS, "What is on the quay?", (6,), (4, 5, 6)),
    ],
)
def test_an_answer_is_whole(html: str, query: str, kept: tuple[int, ...], answer: tuple[int, ...]) -> None:
    assert whole_answer(read_page(html, query=query), kept) == answer


def test_of_a_long_section_the_first_block_answers() -> None:
    page = read_page(f"<h2>Why?</h2><p>Because.</p><p>{'word ' * 90}</p>", query="why?")
    assert whole_answer(page, (1,)) == (1, 2)


def test_a_doubtful_answer_shares_a_word_with_its_question() -> None:
    page = read_page("<p>The tower is open.</p><p>The keeper sleeps.</p>", query="Who won the chess match?")
    assert whole_answer(page, (2,)) == (2,)
    assert whole_answer(page, (2,), is_sure=False) == ()
    asked = read_page("<p>The tower is open.</p><p>The keeper sleeps.</p>", query="Is the keeper at home?")
    assert whole_answer(asked, (2,), is_sure=False) == (2,)


@pytest.mark.parametrize(
    ("query", "answer", "with_row"),
    [
        ("What does a glaze firing in the large kiln cost?", (1, 3), (1, 3)),  # the other row leads
        ("How much is a bisque firing in the small kiln?", (1, 2), (1, 2)),
        ("What are the fees of the kilns?", (1, 2, 3), (1, 2)),
    ],
)
def test_a_header_row_that_is_kept_alone_leads_to_the_rows_that_are_asked_for(
    query: str, answer: tuple[int, ...], with_row: tuple[int, ...]
) -> None:
    table = "<table><tr><th>Kiln<th>Bisque<th>Glaze<tr><td>Small<td>18<td>24<tr><td>Large<td>35<td>46</table>"
    page = read_page(table, query=query)
    assert whole_answer(page, (1,)) == answer
    assert whole_answer(page, (1, 2)) == with_row


def test_where_recall_counts_more_a_rival_is_added_and_nothing_goes() -> None:
    table = "<table><tr><th>Kiln<th>Glaze<tr><td>Small<td>24<tr><td>Large<td>46</table>"
    page = read_page(table, query="What does a glaze firing in the large kiln cost?")
    assert whole_answer(page, (1, 2)) == (1, 3)
    assert whole_answer(page, (1, 2), beta=2) == (1, 2, 3)


BRIDGE = (
    "<title>Bridge at Harle</title><h1>Bridge at Harle</h1><p>The bridge opened to traffic on Friday.</p>"
    "<p>Lorries above 18 tonnes still use the bypass.</p><p>Repairs of the bridge took a year.</p>"
    "<h2>Bicycles</h2><p>They are pushed, but lorries wait.</p>"
    "<h2>Lorries in winter</h2><ol><li>Fit chains.</li><li>Wait.</li></ol>"
)


@pytest.mark.parametrize(
    ("query", "kept", "answer"),
    [
        ("Can lorries above 18 tonnes use the bridge again?", (2,), (3,)),  # it holds more than what is kept
        ("Can lorries above 18 tonnes use the bridge again?", (2, 3), (3,)),  # and all that the other holds
        ("How long did the repairs of traffic signs take?", (2, 4), (2, 4)),  # each holds what the other lacks
        ("When did it open?", (2,), (2,)),
        ("Can lorries above 18 tonnes use the bridge again?", (), (3,)),  # nothing is kept
        ("Who repairs the bridge?", (), ()),  # nobody is named
        ("Where are lorries above 18 tonnes?", (), (3,)),
        ("Where are repairs done?", (), (4,)),  # one word that is much of the question
        ("How much may lorries weigh?", (7,), (3,)),  # of as much of the query, the one that holds a number
        ("How do I drive lorries above 18 tonnes in winter?", (8, 9), (8, 9)),  # steps answer together
    ],
)
def test_a_block_that_holds_more_of_the_query_answers_in_place_of_others(
    query: str, kept: tuple[int, ...], answer: tuple[int, ...]
) -> None:
    assert whole_answer(read_page(BRIDGE, query=query), kept) == answer


@pytest.mark.parametrize(
    ("query", "is_sure", "answer"),
    [
        ("Is there a footpath beside the bridge?", True, ()),  # what is kept holds no more than the title
        ("Is there a footpath for lorries?", False, ()),
        ("Is there a footpath for lorries?", True, (3,)),  # a head may know other words for it
        ("Is there a bypass for lorries?", False, (3,)),
        ("Why is there no footpath for lorries?", False, (3,)),
        ("Are horses allowed there, and is there a bypass?", False, (3,)),
        ("Is the tunnel provided for lorries?", False, ()),
    ],
)
def test_a_thing_that_a_page_never_names_is_not_there(query: str, is_sure: bool, answer: tuple[int, ...]) -> None:
    assert whole_answer(read_page(BRIDGE, query=query), (3,), is_sure) == answer


COURSE = (
    "<h1>Bookbinding</h1><p>By Nora Whitlock</p><p>Sew a book in six evenings.</p><ul><li><b>Tutor</b> Priya Lind</li>"
    "<li><b>Fee</b> £145</li><li><b>Closing date</b> 3 May</li></ul>"
)


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("Who wrote this page?", (2,)),
        ("Who wrote The Sea of Ice?", ()),
        ("Who teaches the class?", (4,)),
        ("deadline", (6,)),
    ],
)
def test_a_byline_and_items_that_begin_with_a_name_answer(query: str, answer: tuple[int, ...]) -> None:
    assert whole_answer(read_page(COURSE, query=query), ()) == answer


KETTLE = (
    "<title>K2 kettle</title><h1>K2 kettle</h1><p>A quiet kettle.</p><p>£54.90</p><p>£60.00</p><ul><li>£5</li></ul>"
    "<p>Delivery of a kettle is £3.95, and free from £40.</p>"
)
SALE = (
    "<title>K2 kettle</title><h1>K2 kettle</h1><p>£20 off</p><p>Delivery £3</p><p>Save £5</p><p><s>£60.00</s></p>"
    "<p>£40.00</p>"
)
GYM = "<h1>Gym</h1><h2>Membership fees</h2><table>" + "".join(
    f"<tr><td>{months} months</td><td>{price} €</td></tr>" for months, price in ((6, 200), (9, 280), (16, 450))
)


@pytest.mark.parametrize(
    ("html", "query", "kept", "answer"),
    [
        (KETTLE, "How much is the kettle?", (2, 6), (3,)),
        (KETTLE, "How much is delivery of the kettle?", (6,), (6,)),
        (SALE, "How much is the kettle?", (2,), (6,)),
        (GYM, "membership for 6", (2,), (2, 3)),
        (GYM, "membership", (2,), (2, 3, 4, 5)),
    ],
)
def test_the_price_of_a_page_and_the_item_of_a_digit(
    html: str, query: str, kept: tuple[int, ...], answer: tuple[int, ...]
) -> None:
    assert whole_answer(read_page(html, query=query), kept) == answer


HELP = "<h1>Customer help</h1>" + "".join(
    f"<div><h3>{name}</h3><p>{one}</p><p>{two}</p></div>"
    for name, one, two in (
        ("Shipping", "Orders are sent on Tuesdays.", "Postage is £4.20."),
        ("Returns", "We credit your card within a week.", "The label is paid by you."),
        ("Care", "Trim the wick first.", "Keep it dry."),
    )
)


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("When do you dispatch my order?", (2, 3)),
        ("How long until I get my money back?", (5, 6)),
        ("Can I get a refund?", (5, 6, 7)),
        ("Is shipping insured?", (2, 3, 4)),
        ("Who is the director?", ()),
    ],
)
def test_a_subject_is_answered_by_what_kind_of_thing_is_asked_for(query: str, answer: tuple[int, ...]) -> None:
    assert whole_answer(read_page(HELP, query=query), (), is_sure=False) == answer


TOKENS = (
    "<h1>Interface</h1><p>Send the key in a header. A key expires after 12 hours.</p><h2>Errors</h2>"
    "<p>A key is refused in code 401.</p><h2>Limits</h2><p>Each key has four scopes.</p><p>A pump of 21 teeth.</p>"
    "<h2>Disputes</h2><p>Ask for a review within three months.</p><p>We read all letters.</p>"
)


@pytest.mark.parametrize(
    ("query", "kept", "answer"),
    [
        ("How long does a key last?", (4,), (2,)),  # 401 is no length of time
        ("How long does a key last?", (2,), (2,)),
        ("How many scopes does a key have?", (), (6,)),
        ("How many teeth has the pump?", (4,), (7,)),
        ("How long does a key last?", (2, 4), (2,)),  # the other one holds as much of the question, but no time
        ("How long do I have for disputes?", (8,), (8, 9)),  # of the section, what is a length of time
        ("What should disputes say?", (8,), (8, 9, 10)),
    ],
)
def test_an_answer_holds_what_kind_of_thing_is_asked_for(
    query: str, kept: tuple[int, ...], answer: tuple[int, ...]
) -> None:
    assert whole_answer(read_page(TOKENS, query=query), kept) == answer


@pytest.mark.parametrize(
    ("query", "is_asked"),
    [
        ("How much is it?", True),
        ("What does it cost?", True),
        ("Quanto costa il biglietto?", True),
        ("票价多少？", True),
        ("Where does Costa Rica have volcanoes?", False),
        ("Which bridge leads to the Ile de Re?", False),
        ("What are quanta of light?", False),
        ("What costs does the insurance cover?", False),
    ],
)
def test_names_and_costs_that_are_covered_ask_for_no_number(query: str, is_asked: bool) -> None:
    assert lacks_kind(query, ["Near the sea."]) is is_asked


def test_how_much_is_answered_by_a_number_unless_a_head_is_sure_or_recall_counts_more() -> None:
    page = read_page(TOKENS, query="How much do letters weigh?")
    assert whole_answer(page, (10,), is_sure=False) == ()
    assert whole_answer(page, (10,), is_sure=True) == (10,)
    assert whole_answer(page, (10,), is_sure=False, beta=2.0) == (10,)


NEWS = (
    "<h1>Changes</h1><h2>3.1.0 (14 February 2026)</h2><h3>Added</h3><ul><li>Pools.</li></ul><h3>Fixed</h3><ul>"
    "<li>A deadlock.</li></ul><h2>3.0.0 (2 November 2025)</h2><h3>Removed</h3><ul><li>Old functions.</li></ul>"
)


@pytest.mark.parametrize(
    ("query", "kept", "answer"),
    [
        ("When did 3.0.0 come out?", (7,), (7,)),
        ("When was 3.0.0 released?", (), (7,)),
        ("What is new in 3.0.0?", (7,), (7, 8, 9)),
        ("What was fixed in 3.1.0?", (2,), (2, 5, 6)),
        ("What changed in 3.1.0?", (2,), (2, 3, 4, 5, 6)),
    ],
)
def test_a_dated_label_and_subheadings_that_are_asked_for(
    query: str, kept: tuple[int, ...], answer: tuple[int, ...]
) -> None:
    assert whole_answer(read_page(NEWS, query=query), kept) == answer


def test_a_page_without_blocks_answers_nothing() -> None:
    assert whole_answer(read_page("", query="When is it open?"), ()) == ()
