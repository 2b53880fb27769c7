"""Calendars (iCalendar, RFC 5545), as files and as the invitations of mail."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import escape
from itertools import islice
from typing import NamedTuple

from indexlm.inputs.text import text_to_html
from indexlm.patterns import late

_START = "BEGIN:VCALENDAR"
_KINDS = ("VEVENT", "VTODO", "VJOURNAL")
_FOLD = late(r"\r?\n[ \t]")
_LINE = late(r"(?P<name>[A-Za-z-]+)(?P<parameters>(?:;[^:\";]*+(?:\"[^\"]*+\"[^:\";]*+)*+)*+):(?P<value>.*)")
_PARAMETER = late(r";([A-Za-z-]+)=(?:\"([^\"]*)\"|([^;:\"]*))")
_ESCAPED = late(r"\\([\\;,nN])")
_TIME = late(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")
_LINE_END = late(r"\r?\n")  # alone: other ends of lines are in texts
_LASTS = late(r"\+?P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?", re.IGNORECASE)
_MARKUP = late(
    r"<(?:br\s*+/?|(p|a|b|i|u|em|ul|ol|li|div|span|strong|html|body|table|h[1-6])(?:\s++[\w:-]{1,40}+="
    r"(?:\"[^\"<>]{0,4000}+\"|'[^'<>]{0,4000}+'|[^\s<>\"']{1,4000}+))*+\s*+)>",
    re.IGNORECASE,
)
_MARKUP_END = late(r"</(\w{1,8})\s*+>")
_BODY = late(r"<body\b[^>]{0,2000}>(.*?)(?:</body>|\Z)", re.IGNORECASE | re.DOTALL)
_WORD = late(r"[^\W_]+")
_MOST_EVENTS = 2000
_MOST_LINES = 200_000


class _Property(NamedTuple):
    parameters: dict[str, str]
    value: str


_Event = dict[str, _Property]


def is_calendar(text: str) -> bool:
    """Whether a text is a calendar."""
    return text[:200].lstrip().upper().startswith(_START)


def read_calendar(text: str) -> tuple[str, str]:
    """A calendar -> the name that it has, and its events as the content of a `<body>`."""
    events, name = _read(text)
    html = "".join(
        f"<h2>{escape(_text(event, 'SUMMARY'))}</h2>{_facts_html(_facts(event))}{_description(event)}"
        for event in events
    )
    return name, (f"<h1>{escape(name)}</h1>" if name else "") + html


def invitation(text: str, shown: str, subject: str = "") -> str:
    """A calendar in a mail -> what it says and `shown`, the rest of the mail, does not: the content of a `<body>`.

    An event is named where the `subject` of the mail does not.
    """
    events, _ = _read(text)
    is_alone = not shown.strip()
    html = []
    for event in events:
        name = " ".join(_text(event, "SUMMARY").split())
        heading = f"<h2>{escape(name)}</h2>" if name and not _says(subject, name) else ""
        facts = [fact for fact in _facts(event) if is_alone or fact[1] not in shown]
        html.append(heading + _facts_html(facts) + (_description(event) if is_alone else ""))
    return "".join(html)


def _says(subject: str, name: str) -> bool:
    """Whether a subject holds a name in words of its own."""
    words, named = (" ".join(_WORD.findall(text.casefold())) for text in (subject, name))
    return f" {named} " in f" {words} " if named else name in subject


def _read(text: str) -> tuple[list[_Event], str]:
    """A calendar -> its events, and its name. What stands in a part of an event, such as an alarm, is none of it."""
    events: list[_Event] = []
    opened: list[str] = []
    name = ""
    for line in islice(_LINE_END.split(_FOLD.sub("", text)), _MOST_LINES):
        match = _LINE.fullmatch(line.strip("\r"))
        if match is None:
            continue
        key, value = match["name"].upper(), match["value"]
        if key == "BEGIN":
            opened.append(value.strip().upper())
            if opened[-1] in _KINDS and len(events) < _MOST_EVENTS:
                events.append({})
        elif key == "END" and opened:
            opened.pop()
        elif opened and opened[-1] in _KINDS and events:
            parameters = {
                name.upper(): quoted or plain for name, quoted, plain in _PARAMETER.findall(match["parameters"])
            }
            events[-1].setdefault(key, _Property(parameters, value))
        elif key == "X-WR-CALNAME":
            name = _unescaped(value)
    return events, name


def _facts(event: _Event) -> list[tuple[str, str]]:
    """When and where an event is, and who calls for it: names and values."""
    organizer = event.get("ORGANIZER")
    repeats = re.search(r"FREQ=(\w+)", event["RRULE"].value) if "RRULE" in event else None
    facts = [
        ("Status", "cancelled" if _text(event, "STATUS").upper() == "CANCELLED" else ""),
        ("When", _when(event)),
        ("Repeats", repeats[1].lower() if repeats else ""),
        ("Due", _shown_time(event["DUE"])[0] if "DUE" in event else ""),
        ("Where", " ".join(_text(event, "LOCATION").split())),
        ("Organizer", (organizer.parameters.get("CN") or organizer.value.split(":")[-1]) if organizer else ""),
        ("Link", _text(event, "URL")),
    ]
    return [fact for fact in facts if fact[1]]


def _facts_html(facts: list[tuple[str, str]]) -> str:
    items = (f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    return f"<dl>{''.join(items)}</dl>" if facts else ""


def _when(event: _Event) -> str:
    """When an event is: `2024-05-03 09:00–10:30 (Europe/Berlin)`."""
    if "DTSTART" not in event:
        return ""
    start, zone = _shown_time(event["DTSTART"])
    end = _shown_time(last, is_end=True)[0] if (last := event.get("DTEND") or _end_of(event)) else ""
    if end and end != start:
        end = end.removeprefix(start[:10]).strip() if " " in start else end
        start += f"–{end}" if len(end) < len(start) else f" – {end}"
    return f"{start} ({zone})" if zone and start else start


def _end_of(event: _Event) -> _Property | None:
    """The end of an event that states when it starts and how long it lasts."""
    start = event["DTSTART"]
    time = _TIME.fullmatch(start.value.strip())
    lasts = _LASTS.fullmatch(_text(event, "DURATION").strip())
    if time is None or lasts is None:
        return None
    weeks, days, hours, minutes, seconds = (int(count or 0) for count in lasts.groups())
    try:
        begin = datetime(*(int(number or 0) for number in time.groups()[:6]))  # type: ignore[arg-type]
        end = begin + timedelta(days, seconds, 0, 0, minutes, hours, weeks)
    except (ValueError, OverflowError):
        return None
    is_time = time[4] is not None
    if end == begin or (not is_time and end.date() == begin.date()):
        return None
    day = f"{end.date()}".replace("-", "")
    return start._replace(value=f"{day}T{end:%H%M%S}{time[7]}" if is_time else day)


def _shown_time(time: _Property, is_end: bool = False) -> tuple[str, str]:
    """A date or a time -> how it is written, and its zone. An event of whole days ends on the day before its end."""
    match = _TIME.fullmatch(time.value.strip())
    if match is None:
        return _unescaped(time.value), ""
    year, month, day, hour, minute, _, utc = match.groups()
    if hour is not None:
        return f"{year}-{month}-{day} {hour}:{minute}", "UTC" if utc else time.parameters.get("TZID", "")
    try:
        date = datetime(int(year), int(month), int(day)) - timedelta(days=is_end)
    except (ValueError, OverflowError):
        return time.value, ""
    return f"{date.date()}", ""


def _description(event: _Event) -> str:
    """What an event says of itself, as HTML: some calendars write it in HTML, and some state it beside the text."""
    for name in ("X-ALT-DESC", "DESCRIPTION"):
        text = _text(event, name).strip()
        kind = event[name].parameters.get("FMTTYPE", "") if name in event else ""
        if kind.lower() == "text/html" or _is_html(text):
            match = _BODY.search(text)
            if html := (match[1] if match else text).strip():
                return f"<div>{html}</div>"
        elif text:
            return text_to_html(text)
    return ""


def _is_html(text: str) -> bool:
    """Whether a text holds elements of HTML that it ends: other signs, as in `x <b and c>`, are text."""
    if "<" not in text:
        return False
    ended = {name.lower() for name in _MARKUP_END.findall(text)}
    return any(not tag[1] or tag[1].lower() in ended for tag in _MARKUP.finditer(text))


def _text(event: _Event, name: str) -> str:
    return _unescaped(event[name].value) if name in event else ""


def _unescaped(value: str) -> str:
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value).replace("\x85", "\n")
