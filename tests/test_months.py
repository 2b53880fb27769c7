"""Questions that name a month, a date or a season, and the rows, items and lines of it."""

from __future__ import annotations

import pytest

from heads.queries.answers import whole_answer
from heads.queries.evidence import question_of
from heads.queries.months import MONTHS_OF_YEAR, asked_dates, stated_dates
from heads.queries.periods import on_asked
from indexlm import read_page

YEAR = 12 * 31


def spans(days: frozenset[int]) -> str:
    """Days of the year -> `4/1-10/31`; several runs in order of the year."""
    runs: list[list[int]] = []
    for day in sorted(day for day in days if day < YEAR):
        if runs and runs[-1][1] == day - 1:
            runs[-1][1] = day
        else:
            runs.append([day, day])
    return " ".join("-".join(f"{day // 31 + 1}/{day % 31 + 1}" for day in run) for run in runs)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("April to October: 10–18", "4/1-10/31"),
        ("Nov–Mar | 9–16", "1/1-3/31 11/1-12/31"),
        ("1 April – 31 October", "4/1-10/31"),
        ("from 15 June until 10 September", "6/15-9/10"),
        ("mid-May to late September", "5/1-9/31"),
        ("01.04.–31.10.", "4/1-10/31"),
        ("1–15 June", "6/1-6/15"),
        ("July and August", "7/1-8/31"),
        ("October 10–18", "10/1-10/31"),
        ("Dec 24: closed", "12/24-12/24"),
        ("Closed 25 and 26 December", "12/25-12/26"),
        ("24, 25 and 26 December: closed", "12/24-12/26"),
        ("December 24 and 25: closed", "12/24-12/25"),
        ("24/25/26 Dec", "12/24-12/26"),
        ("1. bis 15. Juli: geschlossen", "7/1-7/15"),
        ("Fermé du 1er au 15 juillet", "7/1-7/15"),
        ("5 t/m 12 juni", "6/5-6/12"),
        ("5. und 12. Juni", "6/5-6/5 6/12-6/12"),
        ("June 5 to 12", "6/1-6/31"),
        ("6月5日-12日", "6/5-6/12"),
        ("6月5~12日", "6/5-6/12"),
        ("с 1 января до 10 января", "1/1-1/10"),
        ("24.12.2025: geschlossen", "12/24-12/24"),
        ("2024-06-01", "6/1-6/1"),
        ("5.6. - 12.6.2024", "6/5-6/12"),
        ("Dec. – Feb.: closed", "1/1-2/31 12/1-12/31"),
        ("nov. t/m mrt.", "1/1-3/31 11/1-12/31"),
        ("Jan., Feb., Mar.", "1/1-3/31"),
        ("Mai, Juni", "5/1-6/31"),
        ("Juli/August: 9–18", "7/1-8/31"),
        ("Jan/Feb", "1/1-2/31"),
        ("Mars à octobre : 9h–18h", "3/1-10/31"),
        ("Mars : fermé", "3/1-3/31"),
        ("NİSAN - EKİM: 9–19", "4/1-10/31"),
        ("Sonn- und Feiertage: 10–18", ""),
        ("Weihnachtsfeiertage: geschlossen", "12/24-12/26"),
        ("mai et juin", "5/1-6/31"),
        ("Ιούλιος", "7/1-7/31"),
        ("KASIM - MART", "1/1-3/31 11/1-12/31"),
        ("Mayis - Eylül: 9–20", "5/1-9/31"),
        ("Open daily 10–18, closed on 25 December", "1/1-12/31"),
        ("Set 3 knives", ""),
        ("12 out of 20", ""),
        ("10 LED bulbs", ""),
        ("Un des 3 musées", ""),
        ("§ 4.2. Kündigung", ""),
        ("1.2. Introduction", ""),
        ("5月龄宝宝", ""),
        ("Jul: stängt", "7/1-7/31"),
        ("Mai bis September", "5/1-9/31"),
        ("10. Mai bis 3. Oktober", "5/10-10/3"),
        ("juin à août", "6/1-8/31"),
        ("de mayo a septiembre", "5/1-9/31"),
        ("kwiecień–październik 9-17", "4/1-10/31"),
        ("с мая по сентябрь", "5/1-9/31"),
        ("4月〜10月", "4/1-10/31"),
        ("4月1日～10月31日", "4/1-10/31"),
        ("7월 ~ 8월", "7/1-8/31"),
        ("tháng 5 đến tháng 9", "5/1-9/31"),
        ("Closed all year except January", "2/1-12/31"),
        ("New Year's Eve: closed at 2pm", "12/31-12/31"),
        ("Winter (November to March)", "1/1-3/31 11/1-12/31"),
        ("Winter: 9–16", ""),
        ("You may park here 9-5", ""),
        ("they march at 9", ""),
        ("mars bars 40 g", ""),
        ("marca własna 10", ""),
        ("open 13.30 to 14.00", ""),
    ],
)
def test_the_days_of_the_year_of_a_line(text: str, expected: str) -> None:
    assert spans(stated_dates(text)) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Is it open in January?", "1/1-1/31"),
        ("is it open in may", "5/1-5/31"),
        ("Is the pool open on 24 December?", "12/24-12/24"),
        ("Hat das Bad im Oktober offen?", "10/1-10/31"),
        ("c'est ouvert en août ?", "8/1-8/31"),
        ("7月は何時まで開いていますか", "7/1-7/31"),
        ("summer opening times", "6/1-8/31"),
        ("open at christmas?", "12/24-12/26"),
        ("What happened in May 1945?", ""),
        ("What happened in May 1066?", ""),
        ("prices in January '24", ""),
        ("今年7月の営業時間は？", "7/1-7/31"),
        ("秋葉原店の営業時間は？", ""),
        ("夏目漱石は誰？", ""),
        ("夏は何時までですか", "6/1-8/31"),
        ("open in fall?", "9/1-11/31"),
        ("MAYIS ve EYLÜL ayında açık mı?", "5/1-5/31 9/1-9/31"),
        ("Il y a des ateliers ?", ""),
        ("How many are in a set?", ""),
        ("How do I set the timer?", ""),
        ("What is check in out time?", ""),
        ("3 Led Lampen", ""),
        ("haben Sie 2", ""),
        ("marca 5", ""),
        ("Quelle est la distance à Mars ?", ""),
        ("Hoteles en Mar del Plata", ""),
        ("Where does a march start?", ""),
        ("Who is April Ludgate?", ""),
        ("Who was August Strindberg?", ""),
        ("Silvester Stallone", ""),
        ("Where is Christmas Island?", ""),
        ("What is new in 3.5.?", ""),
        ("5月龄宝宝可以吃什么？", ""),
        ("May " * 5000, ""),
        ("民國二十六年12月8日", ""),
        ("may I bring a dog", ""),
        ("how far is mars", ""),
        ("Which months except May?", ""),
        ("Spring water price", ""),
    ],
)
def test_the_days_of_the_year_of_a_question(query: str, expected: str) -> None:
    assert spans(asked_dates(query)) == expected


def test_a_season_by_name_alone_is_of_its_months() -> None:
    assert asked_dates("Is it open in January?") & stated_dates("Winter: 9–16")
    assert not asked_dates("Is it open in January?") & stated_dates("Summer: 9–18")
    assert not asked_dates("Is it open in July?") & stated_dates("Summer camp for children")
    for season in ("Spring: 9–18", "Frühling 9–18 Uhr", "春季 9:00–18:00", "春：9時〜"):
        assert asked_dates("Is it open in April?") & stated_dates(season)
    assert asked_dates("c'est ouvert en août ?") & stated_dates("Été : 9h–18h")
    assert asked_dates("Is it open in October?") & stated_dates("Fall: 9–16")
    # where it is stated with months, as below the equator, these count
    assert asked_dates("Is it open in January?") & stated_dates("Summer (December to February)")
    assert not asked_dates("Is it open in January?") & stated_dates("Winter (June to August)")
    assert asked_dates("in summer?") & stated_dates("Summer (December to February)")


def answer(query: str, content: str, *kept: int, lang: str = "en") -> list[str]:
    page = read_page(f"<html lang={lang}><title>Fort</title><main><h1>Fort</h1>{content}</main>", query=query)
    return [page.blocks[i - 1].text for i in whole_answer(page, kept, False)]


TABLE = (
    "<h2>Hours</h2><table><tr><th>Months</th><th>Hours</th></tr><tr><td>May and September</td><td>10–18</td></tr>"
    "<tr><td>June to August</td><td>8–20</td></tr><tr><td>October to April</td><td>closed</td></tr></table>"
)
LIST = "<h2>Opening times</h2><ul><li>Summer: 9.30am to 5.30pm</li><li>Winter: 10am to 4pm</li></ul>"
HEADINGS = (
    "<h2>Opening hours</h2><h3>Summer (April to October)</h3><p>Tuesday to Sunday, 10:00–18:00</p>"
    "<h3>Winter (November to March)</h3><p>Friday to Sunday, 11:00–16:00</p>"
)
EVENTS = "<h2>Events</h2><ul><li>3 May: Kites</li><li>14 June: Cannon</li><li>9 August: Night tour</li></ul>"


@pytest.mark.parametrize("kept", [(), (4, 5, 6), (5,)])
def test_the_row_of_the_month_takes_the_place_of_others(kept: tuple[int, ...]) -> None:
    assert answer("Is it open in July?", TABLE, *kept) == ["Months | Hours", "June to August | 8–20"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Is it open in January?", ["Winter: 10am to 4pm"]),
        ("opening times in summer", ["Summer: 9.30am to 5.30pm"]),
        ("Is the fort open on 24 December?", ["Winter: 10am to 4pm"]),
    ],
)
def test_the_item_of_a_season_answers_for_its_months(query: str, expected: list[str]) -> None:
    assert answer(query, LIST) == expected
    assert answer(query, LIST, 3, 4) == expected


def test_what_stands_below_the_season_answers_with_its_heading() -> None:
    winter = ["Winter (November to March)", "Friday to Sunday, 11:00–16:00"]
    assert answer("Is it open in February?", HEADINGS) == winter
    assert answer("Is it open in February?", HEADINGS, 4, 6) == winter


def test_the_events_of_a_month() -> None:
    assert answer("What's on in June?", EVENTS) == ["14 June: Cannon"]


HOLIDAYS = (
    "<h2>Opening times</h2><ul><li>1 April – 30 September: 8–20</li><li>1 October – 31 March: 10–18</li>"
    "<li>24, 25 and 26 December: closed</li></ul>"
)


@pytest.mark.parametrize("kept", [(), (5,), (4, 5)])
def test_a_holiday_answers_in_place_of_its_season(kept: tuple[int, ...]) -> None:
    assert answer("Is it open on 24 December?", HOLIDAYS, *kept)[-1:] == ["24, 25 and 26 December: closed"]


def members(query: str, *items: str) -> list[str]:
    content = "".join(f"<li>{item}</li>" for item in items)
    page = read_page(f"<main><h1>Pool</h1><h2>Opening times</h2><ul>{content}</ul></main>", query=query)
    return [page.blocks[i - 1].text for i in on_asked(question_of(page), [], MONTHS_OF_YEAR)]


def test_of_a_date_those_of_few_days_answer_and_those_of_other_days() -> None:
    assert members("open on 24 December?", "Summer: 9–18", "Winter: 10–16", "20–31 December: closed") == [
        "20–31 December: closed"
    ]
    feast = ("24 December: 10–14", "25 December – 1 January: closed")
    assert members("open at christmas?", "July: 9–18", *feast) == [*feast]
    assert members("open in fall?", "Autumn: 9–18", "Winter: 9–16") == ["Autumn: 9–18"]


def test_what_else_is_asked_for_must_be_held_in_every_script() -> None:
    talks = ("जुलाई: भाषण 10-18", "मई: भाषण 9-12")
    assert members("जुलाई में संग्रहालय कब खुला है", *talks) == []


@pytest.mark.parametrize(
    ("query", "content"),
    [
        (
            "Wo ist das Fest im Juli?",
            "<p>Auf der Wiese am See.</p><h2>Programm</h2><ul><li>5. Juli: Musik</li><li>2. August: Feuer</li></ul>",
        ),
        (
            "When was the October Revolution?",
            "<p>The palace fell on 7 November 1917.</p><ul><li>October 1905: strike</li><li>March 1917: end</li></ul>",
        ),
    ],
)
def test_what_is_kept_outside_of_lists_stays(query: str, content: str) -> None:
    page = read_page(f"<main><h1>Fest</h1>{content}</main>", query=query)
    assert on_asked(question_of(page), [2], MONTHS_OF_YEAR) == [2]


def test_what_no_row_is_of_changes_nothing() -> None:
    page = read_page(f"<main><h1>Fort</h1>{EVENTS}</main>", query="Can I fly kites in November?")
    assert on_asked(question_of(page), [3], MONTHS_OF_YEAR) == [3]
    assert answer("Who fired the cannon in June?", f"<p>Captain Hale fired the cannon in June.</p>{EVENTS}", 2) == [
        "Captain Hale fired the cannon in June."
    ]
