"""Dates as pages state them -> ISO 8601."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from indexlm.patterns import late

_YEARS = range(1600, 2200)
_ZONES = {
    hours: names.split()
    for hours, names in {
        "-10:00": "HST",
        "-08:00": "PST",
        "-07:00": "PDT MST",
        "-06:00": "MDT",
        "-05:00": "CDT EST",
        "-04:00": "EDT",
        "+00:00": "Z UTC GMT WET",
        "+01:00": "CET MEZ WEST BST",
        "+02:00": "CEST MESZ EET SAST",
        "+03:00": "EEST MSK",
        "+08:00": "SGT HKT AWST",
        "+09:00": "JST KST",
        "+10:00": "AEST",
        "+11:00": "AEDT",
    }.items()
}
_ZONE_OF = {name: hours for hours, names in _ZONES.items() for name in names}
_NAMED_ZONE = rf"(?-i:{'|'.join(_ZONE_OF)})(?![A-Za-z]|[+-]\d)"
_CLOCK = late(
    r"[,\s]*(?:(?:at|um|à|às|kl\.|ore)\s|[T@|·]|(?<=\s)[–-])?\s*(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?"
    rf"(?:\s*([ap])\.?m\b\.?)?(?:\s*((?:UTC|GMT)?[+-]\d{{1,2}}(?::?\d{{2}})?|{_NAMED_ZONE}))?",
    re.IGNORECASE,
)
"""The time of a day, behind a date."""
_ISO = late(r"(\d{4})(?:([-/.])(\d{1,2})(?:\2(\d{1,2}))?)?")
_COMPACT = late(r"(\d{4})(\d\d)(\d\d)(?:T?(\d\d):?(\d\d):?(\d\d)?(Z|[+-]\d{2}:?\d{2})?)?")
_CHINESE = late(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")
_SLASHED = late(
    r"(?:([a-z]{3})[a-z]*,?\s+)?(\d{1,2})/(\d{1,2})/(\d{4})\b(?:\s*-\s*(\d{1,2}):(\d{2})\b)?", re.IGNORECASE
)
_MOST_TEXT = 100  # characters of a date
_DAY_LENGTH = len("2024-05-03")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EPOCH = late(r"\d{10}(?:\d{3})?")
_MONTHS = {name: i for i, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}  # noqa: SIM905
_MONTH = rf"({'|'.join(_MONTHS)})[a-z]*\.?"
_DAY = r"(\d{1,2})(?:st|nd|rd|th|\.)?"
_MONTH_FIRST = late(rf"(?:[a-z]+,?\s+)?{_MONTH}\s+{_DAY},?\s+(\d{{4}})\b", re.IGNORECASE)
_DAY_FIRST = late(rf"(?:[a-z]+,?\s+)?{_DAY}[\s-]+{_MONTH},?[\s-]+(\d{{4}})\b", re.IGNORECASE)
_MONTH_ALONE = late(rf"{_MONTH}\s+(\d{{4}})", re.IGNORECASE)
_DOTTED = late(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\b")
_CLOCK_FIRST = late(
    rf"\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:\s*[ap]\.?m\b\.?)?(?:\s*{_NAMED_ZONE})?(?=[,\s])[,\s]+(?:on\s+)?",
    re.IGNORECASE,
)
_YEAR_LAST = late(
    rf"(?:[a-z]+\s+)?{_MONTH}\s+{_DAY}(\s+\d\d:\d\d(?::\d\d)?(?:\s+(?-i:[A-Z]{{3,4}}))?)\s+(\d{{4}})\b", re.IGNORECASE
)
_YEAR_FIRST = late(rf"(\d{{4}})[\s-]+{_MONTH}(?:[\s-]+{_DAY})?(?=\W|\Z)", re.IGNORECASE)


def iso_date(text: str) -> str:
    """A date as a page states it -> ISO 8601, as exact as it is there; empty for no date, or one of two meanings.

    >>> iso_date("2024/5/3"), iso_date("May 3rd, 2024"), iso_date("2024-05-03 7:30 +0200"), iso_date("03/05/2024")
    ('2024-05-03', '2024-05-03', '2024-05-03T07:30:00+02:00', '')
    """
    text = text.strip()[:_MOST_TEXT]
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), UTC).isoformat()
    if match := _COMPACT.fullmatch(text):
        year, month, day, *time = match.groups()
        return _join(year, month, day, *time)
    if match := _CHINESE.match(text):
        return _join(*match.groups(), *_clock(text[match.end() :]))
    if match := _YEAR_FIRST.match(text):
        return _join(match.group(1), str(_MONTHS[match.group(2).lower()]), match.group(3))
    if match := _ISO.match(text):
        year, _, month, day = match.groups()
        behind = text[match.end() :]
        is_whole = not behind[:1].isalnum() or behind[0] in "tT"
        return _join(year, month, day, *_clock(behind)) if is_whole else ""
    if match := _SLASHED.match(text):
        return _of_one_meaning(*match.groups())
    if match := re.fullmatch(r"[A-Za-z]{3}, \d.*\d:\d\d.*", text):
        from email.utils import parsedate_to_datetime

        try:
            return parsedate_to_datetime(text).isoformat()
        except (ValueError, TypeError):
            return ""
    if match := _MONTH_FIRST.match(text):
        month, day, year = match.groups()
        return _join(year, str(_MONTHS[month.lower()]), day, *_clock(text[match.end() :]))
    if match := _DAY_FIRST.match(text):
        day, month, year = match.groups()
        return _join(year, str(_MONTHS[month.lower()]), day, *_clock(text[match.end() :]))
    if match := _YEAR_LAST.match(text):
        month, day, behind, year = match.groups()
        return _join(year, str(_MONTHS[month.lower()]), day, *_clock(behind))
    if match := _DOTTED.match(text):
        day, month, year = match.groups()
        return _join(year, month, day, *_clock(text[match.end() :]))
    if match := _MONTH_ALONE.fullmatch(text):
        return _join(match.group(2), str(_MONTHS[match.group(1).lower()]))
    if match := _CLOCK_FIRST.match(text):
        day = iso_date(text[match.end() :])
        return iso_date(f"{day} {match.group().strip(', on')}") if len(day) == _DAY_LENGTH else day
    return ""


def _clock(behind: str) -> tuple[str | None, ...]:
    """What stands behind a date -> hour, minute, second and zone of a time; nothing for none."""
    match = _CLOCK.match(behind)
    if match is None:
        return ()
    hour, minute, second, half, zone = match.groups()
    if half:
        hour = str(int(hour) % 12 + 12 * (half in "pP"))
    return hour, minute, second, zone


def _of_one_meaning(weekday: str | None, first: str, second: str, year: str, *time: str | None) -> str:
    """Day and month in either order -> ISO 8601; empty where nothing tells which is which.

    The day of the week tells. Where it is that of both, the month comes first, as Drupal writes dates by default.
    """
    dates = [text for month, day in ((first, second), (second, first)) if (text := _join(year, month, day, *time))]
    if weekday:
        dates = [text for text in dates if _WEEKDAYS[date.fromisoformat(text[:10]).weekday()] == weekday.lower()]
    return dates[0] if dates and (weekday or len({*dates}) == 1) else ""


def _join(
    year: str,
    month: str | None = None,
    day: str | None = None,
    hour: str | None = None,
    minute: str | None = None,
    second: str | None = None,
    zone: str | None = None,
) -> str:
    """Parts of a date -> ISO 8601; empty where there is no such date."""
    if int(year) not in _YEARS:
        return ""
    if month is None:
        return year
    try:
        whole = date(int(year), int(month), int(day or 1))
    except ValueError:
        return ""
    if day is None:
        return f"{whole:%Y-%m}"
    if hour is None or int(hour) > 23 or int(minute or 0) > 59:
        return whole.isoformat()
    zone = (zone or "").upper()
    if zone in _ZONE_OF:
        zone = _ZONE_OF[zone]
    elif zone:
        zone = zone.removeprefix("UTC").removeprefix("GMT")
        hours, minutes = re.fullmatch(r"(\d{1,2}):?(\d{2})?", zone[1:]).groups()  # type: ignore[union-attr]
        zone = f"{zone[0]}{int(hours):02}:{minutes or '00'}"
    return f"{whole.isoformat()}T{int(hour):02}:{minute}:{second or '00'}{zone}"
