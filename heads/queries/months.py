"""Months, dates, feasts and seasons that questions and texts name, as days of the year."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain

from heads.queries.dates import OF_MONTH, YEAR, dates_of, lower_words, without_dates
from heads.queries.periods import EXCEPT, MAX_LINE, Calendar, Days, split_exception
from indexlm.patterns import late
from indexlm.text import is_sequence

_A_YEAR = late(r"(?<!\d)(?:1\d|20)\d{2}(?!\d)|['’]\d\d\b|[\d〇零一二三四五六七八九十]\s?[年년]")
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
    " зимнее kışın talvella χειμώνα 冬季 冬期 冬天 冬の 冬は 冬に 冬场 겨울 동절기",
    "frühling frühjahr printemps primavera voorjaar lente vår våren wiosna wiosną весна весной ilkbahar ilkbaharda"
    " keväällä άνοιξη 春季 春天 春の 春は 春に 봄철 봄에",
    "summer summers sommer sommersaison verano estivo verão zomer sommar sommaren sommeren lato latem letnie лето летом"
    " летний летнее yazın kesällä καλοκαίρι 夏季 夏期 夏天 夏の 夏は 夏に 여름 하절기",
    "autumn herbst automne otoño autunno outono herfst höst hösten høst høsten jesień jesienią осень осенью sonbahar"
    " sonbaharda syksyllä φθινόπωρο 秋季 秋天 秋の 秋は 秋に 가을",
)
"""Of the seasons, from winter on, words that name them."""
_PHRASES = {
    1: ("in spring", "in the spring", "spring hours", "spring season", "spring opening"),
    2: ("en été", "d été", "l été", "in estate", "d estate"),
    3: ("in fall", "in the fall", "fall hours", "fall season"),
}
"""Words that have other meanings too, as questions name seasons by them."""
_OF_TEXTS = {"spring": 1, "été": 2, "estate": 2, "fall": 3, "冬": 0, "春": 1, "夏": 2, "秋": 3, "봄": 1}
"""Such words of texts, which state hours behind them."""
_SEASON_OF = {name: season for season, names in enumerate(_SEASONS) for name in names.split()}
_STATED = _SEASON_OF | _OF_TEXTS
_SEQUENCES = {name: season for name, season in _SEASON_OF.items() if is_sequence(name)}
_NAMED_SEASON = late(
    r"(?<!\w)(?:{})(?!\w)|{}".format(
        "|".join(
            [*(name for name in _SEASON_OF if name not in _SEQUENCES), *(p for ps in _PHRASES.values() for p in ps)]
        ),
        "|".join(_SEQUENCES),
    ),
    re.IGNORECASE,
)
_OPEN_IN = late(
    r"(?: (?:and \w+ )?(?:hours|season|opening|times?|timetable|schedule|months|term|rates?|prices?|öffnungs\w+|saison"
    r"|fahrplan|horaires?|horarios?|orari[oa]?|openingstijden|tider|часы|режим|график))?"
    r"\s*(?:$|[季期]?\s?[:：(（|,–—-]|\d|[季期]?[营開営])",
    re.IGNORECASE,
)
"""What stands behind the name of a season in a text that is of it."""


def _feast(month: int, first: int, last: int, names: str) -> tuple[range, re.Pattern[str]]:
    days = range((month - 1) * OF_MONTH + first - 1, (month - 1) * OF_MONTH + last)
    return days, late(rf"(?<!\w)(?:{names})(?!\w)", re.IGNORECASE)


_FEASTS = (
    _feast(
        12,
        24,
        26,
        r"christmas(?! (?:eve|day|island|tree|market))|weihnachten|weihnachtsfeiertage?|noël|navidad|natale"
        r"|kerst(?:mis)?|julen",
    ),
    _feast(12, 24, 24, r"christmas eve|heilig(?:abend|er abend)|nochebuena|kerstavond|julafton|julaften|wigili\w+"),
    _feast(12, 25, 25, r"christmas day|erste[rn]? weihnachts\w+|eerste kerstdag|juldagen"),
    _feast(12, 26, 26, r"boxing day|zweite[rn]? weihnachts\w+|tweede kerstdag|annandag jul"),
    _feast(12, 31, 31, r"new year['’]?s eve|silvester(?! [A-Z])|saint-sylvestre|nochevieja|oudejaarsavond|nyårsafton"),
    _feast(1, 1, 1, r"new year['’]?s(?: day)?(?! eve)|neujahr|nouvel an|jour de l['’]an|año nuevo|capodanno|nieuwjaar"),
)
"""The days of feasts, and their names."""
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
    seasons = _asked_seasons(query)
    return frozenset(chain(*(_days_of(season) for season in seasons), (_NAMED + season for season in seasons)))


@lru_cache(maxsize=1 << 12)
def stated_dates(text: str) -> Days:
    """The days of the year that a row, an item or a line is of: `April to October`, `1–15 June`, `Winter: 9–16`."""
    if len(text) > MAX_LINE:
        return frozenset()
    stated, exception = split_exception(text)
    without = _dates(exception)
    text = stated if without else text
    closed = _CLOSED_ON.search(text)
    is_all_year = _ALL_YEAR.search(text) or (closed and not _dates(text[: closed.end()]))
    found = frozenset(range(YEAR)) if is_all_year else _dates(text)
    seasons = _stated_seasons(text)
    named = {_NAMED + season for season in seasons} | ({_MEANT + season for season in seasons} if not found else set())
    return (found | named) - without


def _season(month: int) -> int:
    """The season of a month in the north, from 0 for winter."""
    return month % 12 // 3


def _days_of(season: int) -> Iterable[int]:
    """The days of a season's months, winter's from December on."""
    return (day % YEAR for day in range((season * 3 - 1) * OF_MONTH, (season * 3 + 2) * OF_MONTH))


def _asked_seasons(query: str) -> set[int]:
    of_query = lower_words(query)
    joined = f" {' '.join(of_query)} "
    return (
        {_SEASON_OF[name] for name in _SEASON_OF.keys() & of_query}
        | {season for name, season in _SEQUENCES.items() if name in query}
        | {season for season, phrases in _PHRASES.items() if any(f" {phrase} " in joined for phrase in phrases)}
    )


def _stated_seasons(text: str) -> set[int]:
    """The seasons that a text is of: `Winter: 9–16`, and not `Winter coats for children`."""
    of_text = {*lower_words(text)}
    held = (name for name in _STATED if name in of_text or (is_sequence(name) and name in text))
    return {_STATED[name] for name in held if _is_of(text, name)}


def _is_of(text: str, season: str) -> bool:
    start = text.lower().find(season)
    return start >= 0 and _OPEN_IN.match(text, start + len(season)) is not None


def _dates(text: str, *, is_query: bool = False) -> Days:
    """The days that a text names by months, dates and feasts."""
    found = dates_of(text, is_query=is_query)
    for days, named in _FEASTS:
        if named.search(text):
            found.update(days)
    return frozenset(found)


def _rest(query: str) -> str:
    query = _NAMED_SEASON.sub(" ", without_dates(query))
    for _, named in _FEASTS:
        query = named.sub(" ", query)
    return query


MONTHS_OF_YEAR = Calendar(asked_dates, stated_dates, _rest, year=YEAR)
"""Days are 0 for the first of January, and 31 more for each month; seasons have numbers of their own."""
