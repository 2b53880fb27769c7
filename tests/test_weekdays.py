"""Questions that name a day of the week, and the rows, items and lines of that day."""

from __future__ import annotations

import pytest

from heads.queries.answers import whole_answer
from heads.queries.weekdays import asked_days, stated_days
from indexlm import read_page


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Monday to Thursday | 7:00–21:00", "0123"),
        ("Mon–Wed: 10am–6pm", "012"),
        ("Thu: 12pm–8pm", "3"),
        ("Sat to Mon 9–5", "560"),
        ("Mo – Do | 8–12 Uhr", "0123"),
        ("Sa, So | geschlossen", "56"),
        ("Du mardi au vendredi", "1234"),
        ("De lunes a viernes: 9–14 h", "01234"),
        ("zaterdag en zondag gesloten", "56"),
        ("Пн–Пт 9:00–18:00", "01234"),
        ("月〜金 9:00〜17:00", "01234"),
        ("土曜日 10:00〜15:00", "5"),
        ("周一至周五 9:00", "01234"),
        ("Weekdays: 8:00 to 17:00", "01234"),
        ("Yoga | Mon, Wed | 18:00", "02"),
        ("daily except Mondays", "123456"),
        ("täglich außer montags", "123456"),
        ("Swimming | daily | 7:00", "0123456"),
        ("Mon–Fri (except Wednesday) 9–5", "0134"),
        ("Mo-Fr 8-17, Sa 9-13", "012345"),
        ("Open Mon–Fri 9–5", "01234"),
        ("Freitagabend 18 Uhr", "4"),
        ("segunda-feira e quinta-feira", "03"),
        ("Segunda planta: 9–14 h", ""),
        ("周日 | 10:00-16:00", "6"),
        ("日 | 休診", "6"),
        ("SALI 9:00", "1"),
        ("Good Friday 9–12", ""),
        ("Sam Miller, 34", ""),
        ("Do I need to book?", ""),
        ("So far 300 people came.", ""),
        ("We sat in the sun.", ""),
        ("May 3", ""),
        ("from 9 to 5", ""),
    ],
)
def test_the_days_of_a_line(text: str, days: str) -> None:
    assert stated_days(text) == {int(day) for day in days}


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("When does it open on Wednesday?", "2"),
        ("Haben Sie freitags auf?", "4"),
        ("Is it open at weekends?", "56"),
        ("月曜日は開いていますか", "0"),
        ("Where did he sit when he sat down?", ""),
        ("Are you open daily?", ""),
        ("周日几点开放？", "6"),
        ("Is it open on Sat?", "5"),
        ("Freitagabend offen?", "4"),
        ("Is it open any day but Monday?", ""),
        ("What happened on Black Friday?", ""),
        ("except " * 5000, ""),
    ],
)
def test_the_days_that_a_question_names(query: str, days: str) -> None:
    assert asked_days(query) == {int(day) for day in days}


def answer(query: str, content: str, kept: tuple[int, ...] = (), title: str = "Pool", lang: str = "en") -> list[str]:
    html = f"<html lang={lang}><title>{title}</title><main><h1>{title}</h1>{content}</main></html>"
    page = read_page(html, query=query)
    return [page.blocks[i - 1].text for i in whole_answer(page, kept, True)]


TABLE = (
    "<table><tr><th>Day</th><th>Open</th></tr><tr><td>Monday to Thursday</td><td>7:00–21:00</td></tr>"
    "<tr><td>Friday</td><td>7:00–22:00</td></tr><tr><td>Sat, Sun</td><td>9:00–18:00</td></tr></table>"
)


@pytest.mark.parametrize("kept", [(), (2,), (2, 3, 4, 5), (4,)])
@pytest.mark.parametrize(
    ("query", "row"),
    [
        ("When does the pool open on Wednesday?", "Monday to Thursday | 7:00–21:00"),
        ("Until when is it open on Friday?", "Friday | 7:00–22:00"),
        ("Is it open at weekends?", "Sat, Sun | 9:00–18:00"),
    ],
)
def test_the_row_of_a_day_answers(query: str, row: str, kept: tuple[int, ...]) -> None:
    assert answer(query, TABLE, kept) == ["Day | Open", row]


@pytest.mark.parametrize(
    ("query", "content", "title", "lang", "expected"),
    [
        ("When is the library open on Tuesday?", "<ul><li>Mon–Wed: 10am–6pm<li>Thu: 12pm–8pm<li>Sunday: closed</ul>",
         "Library", "en", ["Mon–Wed: 10am–6pm"]),
        ("Le musée est-il ouvert le lundi ?", "<dl><dt>Du mardi au vendredi<dd>10 h – 18 h<dt>Lundi<dd>fermé</dl>",
         "Musée", "fr", ["Lundi", "fermé"]),
        ("When does the café close on Saturday?", "<h2>Hours</h2><p>Weekdays: 8 to 17</p><p>Weekends: 9 to 16</p>",
         "Café", "en", ["Weekends: 9 to 16"]),
        ("Wann ist am Mittwoch Sprechstunde?", "<h2>Zeiten</h2><h3>Montag</h3><p>8–12</p><h3>Mittwoch</h3><p>9–11</p>",
         "Praxis", "de", ["Mittwoch", "9–11"]),
        ("When is the café open on Thursday?", "<h2>Library</h2><ul><li>Monday: 9–12<li>Thursday: 9–15</ul>"
         "<h2>Café</h2><ul><li>Mon–Fri: 8–16<li>Sat: 9–12</ul>", "Town house", "en", ["Café", "Mon–Fri: 8–16"]),
        ("When do buses run on Tuesdays?", "<h3>Monday to Friday</h3><table><tr><th>Stop<th>Time<tr><td>A<td>7</table>"
         "<h3>Saturday</h3><table><tr><th>Stop<th>Time<tr><td>Quay<td>9:50</table>",
         "Buses", "en", ["Monday to Friday", "Stop | Time", "A | 7"]),
        ("When is yoga on Wednesday?", "<ul><li>Yoga: Mondays and Wednesdays, 18:00<li>Boxing: Fridays, 17:00"
         "<li>Swimming: daily, 7:00</ul>", "Classes", "en", ["Yoga: Mondays and Wednesdays, 18:00"]),
    ],
)  # fmt: skip
def test_items_definitions_lines_and_sections_of_a_day_answer(
    query: str, content: str, title: str, lang: str, expected: list[str]
) -> None:
    found = answer(query, content, (), title, lang)
    assert [text for text in found if text not in ("Hours", "Zeiten")] == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("What is on on Friday 14 March?", "Friday 14 March – Poetry night"),
        ("Is the Friday book swap free?", "Friday 28 March – Book swap, free"),
    ],
)
def test_what_a_head_keeps_of_a_day_stays(query: str, expected: str) -> None:
    events = ["Friday 14 March – Poetry night", "Saturday 15 March – Stories", "Friday 28 March – Book swap, free"]
    content = f"<ul>{''.join(f'<li>{event}</li>' for event in events)}</ul>"
    assert answer(query, content, (2 + events.index(expected),), "Events") == [expected]


def test_what_states_the_day_itself_stays() -> None:
    content = f"{TABLE}<p>On Fridays the sauna is for women only.</p>"
    assert answer("Who may use the sauna on Fridays?", content, (6,)) == ["On Fridays the sauna is for women only."]


def test_a_day_that_no_row_is_of_changes_nothing() -> None:
    content = "<ul><li>Monday: 9–12</li><li>Friday: 9–15</li></ul>"
    assert answer("When is it open on Sunday?", content, (2, 3)) == ["Monday: 9–12", "Friday: 9–15"]


def test_a_list_of_other_things_is_left_alone() -> None:
    assert answer("When does the sauna open on Wednesday?", TABLE) == []
