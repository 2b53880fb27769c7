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


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ("DTSTART;VALUE=DATE:20240608\nDTEND;VALUE=DATE:20240609", "**When**: 2024-06-08"),
        ("DTSTART;VALUE=DATE:20240608\nDTEND;VALUE=DATE:20240610", "**When**: 2024-06-08 – 2024-06-09"),
        ("DTSTART:20240608T080000Z\nRRULE:FREQ=WEEKLY;BYDAY=MO", "(UTC)\n- **Repeats**: weekly"),
        ("DTSTART:20240608T220000\nDTEND:20240609T010000", "**When**: 2024-06-08 22:00 – 2024-06-09 01:00"),
        ("DTSTART:soon\nSTATUS:CANCELLED", "**Status**: cancelled\n- **When**: soon"),
        ("DESCRIPTION:<p>One</p><ul><li>two</li></ul>", "One\n\n- two"),
    ],
)
def test_times_and_descriptions_of_events(lines: str, shown: str) -> None:
    assert shown in markdown(f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Sail\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n")
