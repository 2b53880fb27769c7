"""Calendars, as files and in mail."""

from __future__ import annotations

import pytest

from indexlm.assemble import to_markdown
from indexlm.html.read import read_page

EVENT = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:16010101T030000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
ORGANIZER;CN="Roe, Ada":mailto:ada@quay.example
SUMMARY;LANGUAGE=en:Rope\\, net and sail
DTSTART;TZID=Europe/Berlin:20240503T090000
DTEND;TZID=Europe/Berlin:20240503T103000
LOCATION:Sail loft\\, floor 2
DESCRIPTION:We mend the
  large net.\\n\\nBring needles.
BEGIN:VALARM
DESCRIPTION:REMINDER
END:VALARM
END:VEVENT
END:VCALENDAR
"""
FACTS = "- **When**: 2024-05-03 09:00–10:30 (Europe/Berlin)\n- **Where**: Sail loft, floor 2\n- **Organizer**: Roe, Ada"
TEXT = "We mend the large net.\n\nBring needles."


def markdown(source: str) -> str:
    page = read_page(source.replace("\n", "\r\n").encode())
    return to_markdown(page, range(1, len(page.blocks) + 1))


def mail(*parts: str, kind: str = "alternative") -> str:
    head = 'From: Bo <bo@quay.example>\nSubject: Nets\nMIME-Version: 1.0\nContent-Type: multipart/{}; boundary="B"\n'
    body = "".join(f"\n--B\nContent-Type: {part}" for part in parts)
    return f"{head.format(kind)}{body}\n--B--\n"


def test_events_of_a_calendar_are_sections() -> None:
    assert markdown(EVENT) == f"## Rope, net and sail\n\n{FACTS}\n\n{TEXT}"


def test_a_mail_that_is_an_invitation_shows_it() -> None:
    text = markdown(mail(f"text/calendar; method=REQUEST\n\n{EVENT}", kind="mixed"))
    assert text.endswith(f"## Rope, net and sail\n\n{FACTS}\n\n{TEXT}")
    assert "BEGIN" not in text
    assert "REMINDER" not in text


def test_a_mail_with_text_shows_what_its_calendar_says_beside_it() -> None:
    text = markdown(mail("text/plain\n\nCome to Sail loft, floor 2.", f"text/calendar\n\n{EVENT}"))
    assert "Come to Sail loft, floor 2." in text
    assert "09:00–10:30" in text
    assert "**Where**" not in text
    assert "needles" not in text
    assert "## Rope, net and sail" in text


@pytest.mark.parametrize(("name", "is_named"), [("Nets", False), ("nets!", False), ("Net", True), ("Choir", True)])
def test_an_event_that_the_subject_does_not_name_is_named(name: str, is_named: bool) -> None:
    event = f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:{name}\nDTSTART:20240608\nEND:VEVENT\nEND:VCALENDAR\n"
    for others in ((), ("text/plain\n\nCome.",)):
        assert (f"## {name}" in markdown(mail(*others, f"text/calendar\n\n{event}"))) == is_named


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ("DTSTART;VALUE=DATE:20240608\nDTEND;VALUE=DATE:20240609", "**When**: 2024-06-08"),
        ("DTSTART;VALUE=DATE:20240608\nDTEND;VALUE=DATE:20240610", "**When**: 2024-06-08 – 2024-06-09"),
        ("DTSTART:20240608T080000Z\nRRULE:FREQ=WEEKLY;BYDAY=MO", "(UTC)\n- **Repeats**: weekly"),
        ("DTSTART:20240608T220000\nDTEND:20240609T010000", "**When**: 2024-06-08 22:00 – 2024-06-09 01:00"),
        ("DTSTART:soon\nSTATUS:CANCELLED", "**Status**: cancelled\n- **When**: soon"),
        ("DTSTART:20240608T220000Z\nDURATION:P1DT3H", "**When**: 2024-06-08 22:00 – 2024-06-10 01:00 (UTC)"),
        ("DTSTART:20240608T220000\nDURATION:PT1H30M", "**When**: 2024-06-08 22:00–23:30"),
        ("DTSTART;VALUE=DATE:20240608\nDURATION:P1W", "**When**: 2024-06-08 – 2024-06-14"),
        ("DTSTART;VALUE=DATE:20240608\nDURATION:P1D", "**When**: 2024-06-08"),
        ("DTSTART;VALUE=DATE:00010101\nDURATION:-PT5M", "**When**: 0001-01-01"),
        ("DESCRIPTION:One\u2028two\u0085three\\nfour", "four"),
        ("DESCRIPTION:If x <b and c> d then row", "If x \\<b and c> d then row"),
        ("DESCRIPTION:Tide is x <b> y", "Tide is x \\<b> y"),
        ("DESCRIPTION:Bring: <ul class='x'><li>a rope</li></ul>", "Bring:\n\n- a rope"),
        ("X-ALT-DESC;FMTTYPE=text/html:<i x>Row<br>home", "*Row  \nhome*"),
        ("X-ALT-DESC;FMTTYPE=text/html:<html><body></body></html>\nDESCRIPTION:Row", "Row"),
        ("DESCRIPTION:<p>One</p><ul><li>two</li></ul>", "One\n\n- two"),
    ],
)
def test_times_and_descriptions_of_events(lines: str, shown: str) -> None:
    assert shown in markdown(f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Sail\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n")
