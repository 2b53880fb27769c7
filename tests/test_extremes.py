"""Questions for the most or the least of something, and the rows of tables and lists that answer them."""

from __future__ import annotations

from itertools import permutations

import pytest

from heads.queries.answers import whole_answer
from heads.queries.cells import number_in, only_price, time_in, unit_of
from heads.queries.superlatives import asked_extreme
from indexlm import Page, read_page
from indexlm.labels import CELL_ENDS


@pytest.mark.parametrize(
    ("cell", "point", "comma"),
    [
        ("£1,140", 1140, 1.14),
        ("1.120,50 €", 1120.5, 1120.5),
        ("4,682,897", 4682897, 4682897),
        ("4.682.897", 4682897, 4682897),
        ("2 871 m", 2871, 2871),
        ("4.275 kg / 9.5 lb", 4.275, 4275),
        ("−0.52", -0.52, -0.52),
        ("1:48.6", 108.6, 108.6),
        ("07:05", 425, 425),
        ("3rd", 3, 3),
        ("5 (1991, 1998)", 5, 5),
        ("12,5", 12.5, 12.5),
    ],
)
def test_the_number_of_a_cell_depends_on_the_sign_of_decimals(cell: str, point: float, comma: float) -> None:
    assert number_in(cell, ".") == pytest.approx(point)
    assert number_in(cell, ",") == pytest.approx(comma)


@pytest.mark.parametrize("cell", ["", "–", "n/a", "none", "v2x", "::", "1.2.3", "9" * 400, ":".join("1" * 200)])
def test_a_cell_without_one_number_has_none(cell: str) -> None:
    assert number_in(cell, ".") is None


def test_digits_of_other_scripts_are_numbers() -> None:
    assert [number_in(cell, ".") for cell in ("１２００円", "٣", "१२.५")] == [1200, 3, 12.5]


def test_units_dates_and_prices_of_cells() -> None:
    units = [unit_of(cell) for cell in ("4 km", "12 m²", "3rd", "£9", "20 %", "6 hours", "7")]
    assert units == ["km", "m²", "", "£", "%", "hour", ""]
    years = [time_in(cell) for cell in ("1998", "March 2019", "3 May 2026", "2026-05-04", "12. Juni 2026")]
    assert years == sorted(years, key=lambda value: value or 0)
    assert [time_in(cell) for cell in ("1328 mm", "never", "4,200", "13.5 km")] == [None] * 4
    assert only_price("Adults: £12", ".") == 12
    assert only_price("Children: free", ".") == 0
    assert only_price("Families of 4: £28", ".") == 28
    assert only_price("£8, with a card £6", ".") is None
    assert only_price("Platform 3", ".") is None


@pytest.mark.parametrize(
    ("query", "sign", "of"),
    [
        ("Which room is the cheapest?", -1, "money"),
        ("Was ist das teuerste Zimmer?", 1, "money"),
        ("Quel est le billet le moins cher ?", -1, "money"),
        ("What is the latest version?", 1, "time"),
        ("Welches Haus ist das älteste?", -1, "time"),
        ("Which team scored the most goals?", 1, "size"),
        ("¿Cuál es el pico más alto?", 1, "size"),
        ("Which trail is shortest?", -1, "size"),
        ("一番長いコースはどれですか？", 1, "size"),
        ("Który szlak jest najdłuższy?", 1, "size"),
        ("When does the last ferry leave?", 1, "order"),
        ("Wanneer gaat de eerste bus?", -1, "order"),
    ],
)
def test_what_asks_for_an_extreme(query: str, sign: int, of: str) -> None:
    extreme = asked_extreme(query)
    assert extreme is not None
    assert (extreme.sign, extreme.of) == (sign, of)


@pytest.mark.parametrize(
    "query",
    [
        "What is your first name?",
        "Who is the mayor?",
        "Whose son is he?",
        "What do most people order?",
        "What is the most important rule?",
        "Most of what goes where?",
        "How many at most?",
        "At least how many guests?",
        "Which is the second largest town?",
        "What are the three cheapest plans?",
        "Which is the 4th longest trail?",
        "Was ist die zweitgrößte Stadt?",
        "Is there a first aid kit?",
        "What are the cheapest and the most expensive rooms?",
        "Which rooms are not the cheapest?",
        "What is the next cheapest room?",
        "Quelle est la deuxième plus grande ville ?",
        "What is the cheapest room for 2 people?",
        "How long does the battery last?",
        "How long do batteries last if I travel?",
        "What were the Premier League positions?",
        "Who plays in the first team?",
        "Which courses are best for first-timers?",
        "What do first-class stamps cost?",
        "Are there last-minute deals?",
        "Waar is de eerste hulp?",
        "¿Hay primeros auxilios?",
        "Quanto costa la prima colazione?",
        "Quanto custa pelo menos um curso?",
        "¿Cuánto pagan los mayores?",
        "Cosa pagano i maggiorenni?",
        "Must I book by Monday at the latest?",
        "When are the first and the last trains?",
        "What is the minimum stay?",
        "What is the maximum weight?",
        "What happened last year?",
    ],
)
def test_what_asks_for_none(query: str) -> None:
    assert asked_extreme(query) is None


def table(header: str, *rows: str) -> str:
    cells = "".join(f"<th>{cell}</th>" for cell in header.split("|"))
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row.split("|")) + "</tr>" for row in rows)
    return f"<table><tr>{cells}</tr>{body}</table>"


def page_of(query: str, content: str, title: str = "Harbour Inn", lang: str = "en") -> Page:
    html = f"<html lang={lang}><title>{title}</title><main><h1>{title}</h1>{content}</main></html>"
    return read_page(html, query=query)


def answer(page: Page, kept: tuple[int, ...] = (), is_sure: bool = False) -> list[str]:
    return [page.blocks[i - 1].text.partition(CELL_ENDS)[0] for i in whole_answer(page, kept, is_sure)]


ROOMS = ("Attic|12 m²|1|£74", "Garden room|18 m²|2|£96", "Suite|34 m²|3|£1,140", "Quay room|21 m²|2|£118")


@pytest.mark.parametrize("rows", [*permutations(ROOMS)][::5])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Which room is the cheapest?", "Attic"),
        ("What is the most expensive room?", "Suite"),
        ("Which is the largest room?", "Suite"),
        ("Which room is the smallest?", "Attic"),
        ("Which room has the most beds?", "Suite"),
    ],
)
def test_the_row_of_an_extreme_answers_wherever_it_stands(rows: tuple[str, ...], query: str, expected: str) -> None:
    page = page_of(query, "<p>Nine rooms by the quay.</p>" + table("Room|Size|Beds|Price", *rows))
    header = next(block.index for block in page.blocks if block.tag == "th")
    for kept in ((), (2,), (header,), (header, header + 1)):
        assert answer(page, kept) == ["Room", expected]


@pytest.mark.parametrize(
    ("title", "lang", "content", "query", "expected"),
    [
        ("Gasthof", "de", table("Zimmer|Größe|Preis", "Dach|11 m²|54,50 €", "See|24 m²|1.120,00 €", "Hof|19 m²|89 €"),
         "Welches Zimmer ist am teuersten?", "See"),
        ("Trails", "en", table("Trail|Length|Opened", "Loop|4.2 km|2011", "Ridge|13.5 km|1998", "Mill|2.1 km|2004"),
         "Which trail is the oldest?", "Ridge"),
        ("Staff", "en", table("Name|Age|Role", "Ann|31|cook", "Bob|58|porter", "Cid|24|clerk"),
         "Who is the oldest?", "Bob"),
        ("Releases", "en", table("Version|Date", "2.4.1|3 May 2026", "2.4.0|12 April 2026", "1.0.0|14 February 2019"),
         "What is the latest version?", "2.4.1"),
        ("Districts", "en", table("District|Population", "North|6,247", "South|16,284", "West|800", "All|23,331"),
         "Which district has the highest population?", "South"),
        ("Districts", "en", table("District|Population", "North|6,247", "South|16,284", "West|800", "Isle|23,331"),
         "Which district has the highest population?", "South"),
        ("Bus 14", "en", table("Departure|Station|Lake", "1|06:10|06:45", "2|09:40|10:15", "3|21:30|22:05"),
         "When does the last bus leave?", "3"),
        ("Bus 14", "en", table("Departure|Station|Lake", "late|21:30|22:05", "noon|09:40|10:15", "1|06:10|06:45"),
         "When does the first bus leave?", "1"),
        ("Städte", "", table("Stadt|Einwohner", "Aue|890", "Berg|3.105", "Cleve|2.400"),
         "Welche Stadt hat die meisten Einwohner?", "Berg"),
        ("Bad", "de", table("Becken|Länge|Tiefe", "Sport|50 m|2,0 m", "Sprung|15 m|4,5 m", "Kinder|8 m|0,3 m"),
         "Welches Becken ist am tiefsten?", "Sprung"),
        ("Trails", "en", table("Trail|Duration|Length", "Loop|9 hours|4.2 km", "Ridge|5 hours|13.5 km"),
         "Which trail is the longest?", "Ridge"),
        ("Final", "en", table("Rank|Player|Points", "1|Ann|900", "2|Bob|800", "3|Cid|700"),
         "Which player has the highest rank?", "1"),
        ("League", "en", table("Team|Won|Lost", "Ash|8|1", "Milton|5|3", "Denby|2|7"), "Who lost the most?", "Denby"),
        ("Inn", "en", "<h2>Our rooms</h2>" + table("Name|Size|Price", "Garden room|18 m²|£96", "Attic|12 m²|£74"),
         "Which room is the cheapest?", "Attic"),
        ("Inn", "en", table("Name|Size|Price", "Garden room|18 m²|£96", "Attic|12 m²|£74", "Quay room|20 m²|£99"),
         "What is the cheapest room?", "Attic"),
        ("Passes", "en", table("Pass|Price", "Single|£3", "All-day pass|£8", "All-zone pass|£80", "Week|£25"),
         "Which pass is the most expensive?", "All-zone pass"),
        ("Club", "en", table("Membership|Price", "Adult|£40", "Student|£25", "Child|£15", "Family|£80"),
         "Which membership is the most expensive?", "Family"),
        ("Towns", "en", table("Town|Population", "Alton|5,000", "Brig|3,000", "Grand total|8,000"),
         "Which town has the largest population?", "Alton"),
        ("登山", "ja", table("コース|距離", "川|4km", "尾根|13km", "滝|2km"), "一番長いコースはどれですか？", "尾根"),
    ],
)  # fmt: skip
def test_columns_are_compared_by_what_they_hold(title: str, lang: str, content: str, query: str, expected: str) -> None:
    page = page_of(query, content, title, lang)
    assert answer(page)[-1] == expected
    assert len(answer(page)) == 2


PRICES = "<ul><li>Adults: £12</li><li>Students: £8</li><li>Children under six: £3</li><li>Families: £28</li></ul>"


def test_the_item_of_a_list_of_prices_answers() -> None:
    content = f"<p>Tickets are sold at the door.</p>{PRICES}"
    spa = "<ul><li>Massage, 30 minutes: $45</li><li>Massage, 60 minutes: $95</li><li>Sauna: $18</li></ul>"
    assert answer(page_of("What is the cheapest massage?", spa, "Spa")) == ["Massage, 30 minutes: $45"]
    assert answer(page_of("Was ist die günstigste Karte?", PRICES, "Karten", "de")) == ["Children under six: £3"]
    assert answer(page_of("What is the cheapest ticket?", content, "Tickets"), (2,)) == ["Children under six: £3"]
    assert answer(page_of("Which ticket is the dearest?", content, "Tickets")) == ["Families: £28"]
    assert answer(page_of("Which is the cheapest bicycle?", content, "Tickets")) == []
    mixed = PRICES.replace("£3", "€3")
    assert answer(page_of("What is the cheapest ticket?", mixed, "Tickets")) != ["Children under six: €3"]


@pytest.mark.parametrize(
    ("query", "content"),
    [
        ("Which plan is the cheapest?", table("Plan|Price", "Basic|£5", "Small|£5", "Large|£9")),  # two are
        ("Which plan is the cheapest?", table("Plan|Storage", "Basic|5 GB", "Small|6 GB", "Large|9 GB")),  # no price
        ("Which trail is the longest?", table("Trail|Length", "Loop|90 min", "Ridge|2 hours", "Mill|1 day")),  # units
        ("Which plan has the most data?", table("Plan|Data|Price", "A|500 MB|£90", "B|5 GB|£30", "C|20 GB|£50")),
        ("Which plan has the most data?", table("Plan|Data", "A|5 GB", "B|20 GB", "C|8 GB", "D|9 GB", "E|Unlimited")),
        ("Which plan reaches most people?", table("Plan|People", "A|1.2 million", "B|900,000", "C|850,000")),
        ("Which plan is the largest?", table("Plan|Size", "A|100–400", "B|300–350", "C|250")),
        ("Which plan is the most useful?", table("Plan|Size", "A|100", "B|300", "C|250")),
        ("Which plan is the largest?", table("Plan|Price", "A|£100", "B|£300", "C|£250")),
        ("Which plan is the cheapest?", table("Plan|Price", "A|£5", "B|$6", "C|€4")),
        ("What is the lowest price of a plan?", table("Plan|Lowest price", "A|£5", "B|£6", "C|£4")),
        ("When does the office open first?", table("Day|Opens", "Monday|8:00", "Tuesday|8:00", "Friday|9:00")),
        ("Who is the youngest?", table("Name|Since", "Ann|1998", "Bob|2011", "Cid|2004")),
        ("Which plan is the longest?", table("Plan|Length", "A|" + ":".join("1" * 200), "B|" + "9" * 400)),
        ("Which plan is the second cheapest?", table("Plan|Price", "Basic|£5", "Small|£6", "Large|£9")),
        ("What is the minimum stay of the plan?", table("Plan|Minimum stay", "Basic|3 nights", "Large|5 nights")),
    ],
)
def test_no_row_is_chosen_where_none_or_several_may_be_meant(query: str, content: str) -> None:
    page = page_of(query, content, "Plans")
    header = next(block.index for block in page.blocks if block.tag == "th")
    rows = [block.index for block in page.blocks if block.tag == "tr"]
    assert len({*whole_answer(page, (header, *rows), True)} & {*rows}) != 1
    assert len({*whole_answer(page, (), True)} & {*rows}) != 1


def test_of_two_tables_the_one_that_names_what_is_asked_for_answers() -> None:
    spa = "<h2>Spa</h2>" + table("Treatment|Price", "Massage|£45", "Sauna|£18")
    rooms = "<h2>Rooms</h2>" + table("Room|Price", "Attic|£74", "Suite|£140")
    assert answer(page_of("What is the cheapest room?", spa + rooms, "Rooms and spa"))[-2:] == ["Room", "Attic"]


def test_a_row_that_holds_more_of_the_question_stays() -> None:
    content = table("Plan|Price", "Basic|£5", "Family plan with television|£9", "Large|£7")
    page = page_of("What does the cheapest plan with television cost?", content, "Plans")
    assert answer(page, (2, 4), True) == ["Plan", "Family plan with television"]


def test_what_stands_apart_is_not_compared() -> None:
    aside = f"<aside>{table('Plan|Price', 'A|£5', 'B|£9')}{PRICES}</aside>"
    page = page_of("Which plan is the cheapest?", "<p>We have two plans.</p>" + aside, "Plans")
    assert answer(page, (2,), True) == ["We have two plans."]


def test_a_table_of_other_things_is_left_alone() -> None:
    page = page_of("Which boat is the longest?", table("Plan|Length", "Basic|3 m", "Small|6 m", "Large|9 m"), "Plans")
    assert answer(page) == []


def test_the_first_row_stands_first_though_its_numbers_fall() -> None:
    page = page_of("Who is the top scorer?", table("Player|Goals", "Barnes|14", "Okafor|11", "Hall|3"), "League")
    assert answer(page, (2, 3, 4, 5), True) == ["Player", "Barnes"]


def test_the_last_is_told_by_dates_not_by_places() -> None:
    content = table("Date|City", "3 May 2026|Bonn", "9 June 2026|Kiel", "1 April 2026|Ulm")
    page = page_of("Where is the last concert?", content, "Concerts")
    assert answer(page, (2, 3, 4, 5), True) == ["Date", "9 June 2026"]


def test_the_last_is_told_by_numbers_of_what_is_asked_for() -> None:
    content = table("Name|Round|Price", "Ann|3|£9", "Bob|2|£11", "Cid|1|£14")
    assert answer(page_of("Who won the last round?", content, "Races"), (2, 3, 4, 5), True) == ["Name", "Ann"]
    page = page_of("What is the price of a first race?", content, "Races")
    assert len(answer(page, (2, 3, 4, 5), True)) == 4


def test_what_tells_of_the_extreme_itself_stays() -> None:
    content = (
        table("Walk|Length", "Loop|4 km", "Ridge|13 km", "Mill|2 km") + "<p>The longest walk is closed in May.</p>"
    )
    page = page_of("Which walk is the longest?", content, "Walks")
    told = page.blocks[-1].index
    assert whole_answer(page, (told,), True) == (told,)


def test_a_sentence_about_the_most_of_other_things_does_not_answer() -> None:
    content = table("Candidate|Votes", "Ann|900", "Bob|1,200") + "<p>Most votes were cast by post.</p>"
    page = page_of("Which candidate got the most votes?", content, "Election")
    assert answer(page, (page.blocks[-1].index,), True) == ["Candidate", "Bob"]


def test_where_recall_counts_more_the_row_is_added() -> None:
    page = page_of(
        "Which room is the cheapest?", "<p>Nine rooms by the quay.</p>" + table("Room|Price", "A|£5", "B|£9")
    )
    row = next(block.index for block in page.blocks if block.text.startswith("A"))
    assert {2, row} <= {*whole_answer(page, (2,), True, 2.0)}
    assert whole_answer(page, (2,), True, 1.0) == (row - 1, row)


def test_columns_that_agree_answer_for_each_other() -> None:
    content = table("Paper|Up to ten|More", "Plain|£1.50|£1.20", "Heavy|£2.50|£2.10", "Photo|£4.00|£3.00")
    assert answer(page_of("Which is the cheapest paper?", content, "Prints"), (), True) == ["Paper", "Plain"]
    content = table("Paper|Up to ten|More", "Plain|£1.50|£2.20", "Heavy|£2.50|£2.10", "Photo|£4.00|£3.00")
    assert answer(page_of("Which is the cheapest paper?", content, "Prints"), (2, 3, 4), True) != ["Paper", "Plain"]
