"""Months, dates, feasts and seasons that questions and texts name, as days of the year."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain

from heads.queries.dates import OF_MONTH, YEAR, dates_of, lower_words, without_dates
from heads.queries.periods import EXCEPT, MAX_LINE, Calendar, Days
from indexlm.patterns import late
from indexlm.text import is_sequence

_A_YEAR = late(r"(?<!\d)(?:1\d|20)\d{2}(?!\d)|['’]\d\d\b|\w\s?[年년]")
_ALL_YEAR = late(
    r"\b(?:all year|year[- ]round|ganzjährig|toute l['’]année|todo el año|tutto l['’]anno|o ano todo|hele jaar"
    r"|året (?:runt|rundt)|hele året|cały rok|круглый год)\b|通年|全年|一年中|연중",
    re.IGNORECASE,
)
_CLOSED_ON = late(
    r"\d[^.!?]{0,60}?[,;(]\s*(?:closed|geschlossen|fermé|cerrado|chiuso|gesloten|stängt|zamknięte|закрыто)\b",
    re.IGNORECASE,
)
"""Behind hours, when they do not hold: `10–18, closed on 25 December`."""
_SEASONS = (
    "winter winters wintersaison hiver invierno inverno vinter vintern zima zimą zimy zimie zimowe зима зимой зимний"
    " зимнее kışın talvella χειμώνα 冬 겨울 동절기",
    "frühling frühjahr printemps primavera voorjaar lente vår våren wiosna wiosną весна весной ilkbahar ilkbaharda"
    " keväällä άνοιξη 春季 春天 봄",
    "summer summers sommer sommersaison verano estivo verão zomer sommar sommaren sommeren lato latem letnie лето летом"
    " летний летнее yazın kesällä καλοκαίρι 夏 여름 하절기",
    "autumn herbst automne otoño autunno outono herfst höst hösten høst høsten jesień jesienią осень осенью sonbahar"
    " sonbaharda syksyllä φθινόπωρο 秋 가을",
)
_PHRASES = (
    "en hiver, d hiver",
    "in spring, in the spring, spring hours, spring season",
    "en été, d été, l été, in estate, d estate",
    "in fall, in the fall, fall hours",
)
"""Of the seasons, from winter on, words that name them, and phrases of words that have other meanings too."""
_SEASON_OF = {name: season for season, names in enumerate(_SEASONS) for name in names.split()}
_PARTS_OF_TEXTS = {name: season for name, season in _SEASON_OF.items() if is_sequence(name)} | {
    f" {phrase.strip()} ": season for season, phrases in enumerate(_PHRASES) for phrase in phrases.split(",")
}
_OPEN_IN = late(
    r"(?: (?:and \w+ )?(?:hours|season|opening|times?|timetable|schedule|months|term|rates?|prices?|öffnungs\w+|saison"
    r"|fahrplan|horaires?|horarios?|orari[oa]?|openingstijden|tider|часы|режим|график))?"
    r"\s*(?:$|[季期]?\s?[:：(（|,–—-]|\d|[季期]?[营開営])",
    re.IGNORECASE,
)
"""What stands behind the name of a season in a text that is of it."""
_FEASTS = (
    (
        12,
        24,
        26,
        r"christmas(?! (?:eve|day|island|tree|market))|weihnachten|feiertage|noël|navidad|natale|kerst(?:mis)?|julen",
    ),
    (12, 24, 24, r"christmas eve|heilig(?:abend|er abend)|nochebuena|kerstavond|julafton|julaften|wigili\w+"),
    (12, 25, 25, r"christmas day|erste[rn]? weihnachts\w+|eerste kerstdag|juldagen"),
    (12, 26, 26, r"boxing day|zweite[rn]? weihnachts\w+|tweede kerstdag|annandag jul"),
    (
        12,
        31,
        31,
        r"new year['’]?s eve|silvester(?! [A-Z])|saint-sylvestre|nochevieja|san silvestro|oudejaarsavond|nyårsafton",
    ),
    (1, 1, 1, r"new year['’]?s(?: day)?(?! eve)|neujahr|nouvel an|jour de l['’]an|año nuevo|capodanno|nieuwjaar"),
)
_FEAST = tuple(
    (month, first, last, late(rf"(?<!\w)(?:{names})(?!\w)", re.IGNORECASE)) for month, first, last, names in _FEASTS
)
"""Of feasts the month, the first and the last day, and their names."""
_NAMED, _MEANT = YEAR, YEAR + 4  # numbers of seasons that a text names, and of those it is of by name alone


_LONGEST = 300  # characters of a query that may name a date


@lru_cache(maxsize=256)
def asked_dates(query: str) -> Days:
    """The days of the year that a question names by month, date or season; none where it names a year as well.

    A season is a number of its own besides: a text that is of it by name alone is also of its months.
    """
    if len(query) > _LONGEST or EXCEPT.search(query) or _A_YEAR.search(query):
        return frozenset()
    if days := _dates(query, is_query=True):
        return days | {_MEANT + _season(day // OF_MONTH + 1) for day in days} if len(days) < YEAR else frozenset()
    seasons = _seasons(query)
    return frozenset(chain(*(_days_of(season) for season in seasons), (_NAMED + season for season in seasons)))


@lru_cache(maxsize=1 << 12)
def stated_dates(text: str) -> Days:
    """The days of the year that a row, an item or a line is of: `April to October`, `1–15 June`, `Winter: 9–16`."""
    if len(text) > MAX_LINE:
        return frozenset()
    but = EXCEPT.search(text)
    without = _dates(text[but.end() :]) if but else frozenset[int]()
    text = text[: but.start()] if but and without else text
    closed = _CLOSED_ON.search(text)
    is_all_year = _ALL_YEAR.search(text) or (closed and not _dates(text[: closed.end()]))
    found = frozenset(range(YEAR)) if is_all_year else _dates(text)
    seasons = {season: name for season, name in _seasons(text).items() if found or _is_of(text, name)}
    named = {_NAMED + season for season in seasons} | ({_MEANT + season for season in seasons} if not found else set())
    return (found | named) - without


def _season(month: int) -> int:
    """The season of a month in the north, from 0 for winter."""
    return month % 12 // 3


def _days_of(season: int) -> Iterable[int]:
    """The days of a season's months, winter's from December on."""
    return (day % YEAR for day in range((season * 3 - 1) * OF_MONTH, (season * 3 + 2) * OF_MONTH))


def _seasons(text: str) -> dict[int, str]:
    """The seasons that a text names, each with the name."""
    of_text = lower_words(text)
    joined = f" {' '.join(of_text)} "
    found = {_SEASON_OF[name]: name for name in _SEASON_OF.keys() & of_text}
    return found | {season: part.split()[-1] for part, season in _PARTS_OF_TEXTS.items() if part in joined}


def _is_of(text: str, season: str) -> bool:
    """Whether a text that names a season is of it: `Winter: 9–16`, and not `Winter coats for children`."""
    start = text.lower().find(season)
    return start >= 0 and _OPEN_IN.match(text, start + len(season)) is not None


def _dates(text: str, *, is_query: bool = False) -> Days:
    """The days that a text names by months, dates and feasts."""
    found = dates_of(text, is_query=is_query)
    for month, first, last, named in _FEAST:
        if named.search(text):
            found.update(range((month - 1) * OF_MONTH + first - 1, (month - 1) * OF_MONTH + last))
    return frozenset(found)


def _rest(query: str) -> str:
    query = without_dates(query)
    for *_, named in _FEAST:
        query = named.sub(" ", query)
    return " ".join(word for word in lower_words(query) if word not in _SEASON_OF)


MONTHS_OF_YEAR = Calendar(asked_dates, stated_dates, _rest, is_careful=True)
"""Days are 0 for the first of January, and 31 more for each month; seasons have numbers of their own."""
