"""Months, dates and seasons that questions and texts name, as days of the year."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain

from heads.queries.periods import EXCEPT, MAX_LINE, TO, Calendar, Days
from indexlm.months import MONTHS
from indexlm.patterns import late
from indexlm.text import is_sequence

_MORE_NAMES = """
january jänner styczeń styczniu январь январе січень січні leden lednu tammikuu tammikuussa ιανουάριος ιανουάριο
february luty lutym февраль феврале лютий лютому únor únoru helmikuu helmikuussa φεβρουάριος φεβρουάριο
march marzec marcu март марте березень березні březen březnu maaliskuu maaliskuussa μάρτιος μάρτιο
april kwiecień kwietniu апрель апреле квітень квітні duben dubnu huhtikuu huhtikuussa απρίλιος απρίλιο
may maj maju май мае травень травні květen květnu toukokuu toukokuussa μάιος μάιο
june czerwiec czerwcu июнь июне червень червні červen červnu kesäkuu kesäkuussa ιούνιος ιούνιο
july lipiec lipcu июль июле липень липні červenec červenci heinäkuu heinäkuussa ιούλιος ιούλιο
august sierpień sierpniu август августе серпень серпні srpen srpnu elokuu elokuussa αύγουστος αύγουστο
september wrzesień wrześniu сентябрь сентябре вересень вересні září syyskuu syyskuussa σεπτέμβριος σεπτέμβριο
october październik październiku октябрь октябре жовтень жовтні říjen říjnu lokakuu lokakuussa οκτώβριος οκτώβριο
november listopad listopadzie ноябрь ноябре листопад листопада листопаді marraskuu marraskuussa νοέμβριος νοέμβριο
december grudzień grudniu декабрь декабре грудень грудні prosinec prosinci joulukuu joulukuussa δεκέμβριος δεκέμβριο
"""
_SHORT = """
jan janv ene gen led янв ιαν
feb févr fév fev lut фев φεβ
mar mär mrz mrt мар μαρ
apr avr abr kwi апр απρ
mai mag maj mei май μαι
jun juin giu cze июн ιουν
jul juil lug lip июл ιουλ
aug ago août sie авг αυγ
sep sept set wrz сен σεπ
oct okt ott out paź окт οκτ
nov lis ноя νοε
dec dez déc dic dez des gru дек δεκ
"""


def _by_name(table: str) -> dict[str, int]:
    return {name: i for i, line in enumerate(table.strip().split("\n"), 1) for name in line.split()}


def _words(text: str) -> list[str]:
    """The runs of letters of a text, in lower case: hundreds of short texts of a page are looked at."""
    return _LETTERS.findall(text.lower())


_LETTERS = late(r"[^\W\d_]+")
_SHORT_NAMES = _by_name(_SHORT)
_NAMES = MONTHS | _by_name(_MORE_NAMES)
_OTHER_WORDS = frozenset(("may", "march", "mart", "mars", "marca", "maja", "mai", "lipca", "أوت", "ماي", "מאי", "مه"))
"""Names of months that are other words as well: they count where `short` names do."""
_MONTH = "|".join(map(re.escape, sorted({*_NAMES, *_SHORT_NAMES}, key=len, reverse=True)))
_PART = (
    r"(?:the |le |el |il |(?:the )?(?:end|middle|beginning) of |mid[- ]|early |late |anfang |mitte |ende |début |mi-"
    r"|fin (?:de )?|(?:principios|mediados|finales) de |inizio |metà |fine |begin |half |eind )?"
)
_DATE = late(
    rf"(?<![\w.,:/]){_PART}(?:(?P<first>\d{{1,2}})\s*[-–]\s*)?(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.|º|ª)?\s*"
    rf"(?:of |de |d['’])?)?(?P<name>{_MONTH})(?:['’]\w{{1,3}})?(?!\w)\.?"
    r"(?:\s+(?P<after>\d{1,2})(?:st|nd|rd|th)?(?!\d|[:.h]\d|\s?(?:am|pm|uhr|h\b|[€$£%])|[-–]\d))?"
    r"|(?<![\d.])(?P<of_month>\d{1,2})\.\s?(?P<number>\d{1,2})\.(?!\d)"
    r"|(?<!\d)(?P<sign>\d{1,2})\s?[月월](?:\s?(?P<of_sign>\d{1,2})\s?[日일])?|\btháng (?P<vi>\d{1,2})\b",
    re.IGNORECASE,
)
_FIRST_WORDS = frozenset(_words(name)[0] for name in (*_NAMES, *_SHORT_NAMES))
_NUMBERED = late(r"\d\s?[月월]|\d\.\s?\d{1,2}\.|tháng|ม\.|ก\.|พ\.|ส\.|ต\.|ธ\.", re.IGNORECASE)
"""What a text with a date holds: a word that a month's name begins with, or such a number. This is quickly seen."""
_TO, _TO_START = late(TO, re.IGNORECASE), late(rf"{TO}(?:{_PART})?(?:\d{{1,2}}\.?\s*)?$", re.IGNORECASE)
_IN = late(
    r"(?:\b(?:in|im|en|em|w|we|i|until|till|since|during|mid|early|late|by|bis|ab|seit|a|hasta|tot|vanaf|в|до|с|у|до)"
    r"|[-–—~])\s*$",
    re.IGNORECASE,
)
_BEHIND = late(
    rf"\s*(?:\d|\||:|[-–—~]\s*(?:\d|(?:{_MONTH})(?!\w))|\b(?:to|until|till|through|bis|au|à|a|al|hasta|tot|do|по)\s+\w)",
    re.IGNORECASE,
)
_YEAR = late(r"(?<!\d)(?:1[5-9]|20)\d{2}(?!\d)|[\w]\s?[年년]")
_ALL_YEAR = late(
    r"\b(?:all year|year[- ]round|ganzjährig|toute l['’]année|todo el año|tutto l['’]anno|o ano todo|hele jaar"
    r"|året (?:runt|rundt)|hele året|cały rok|круглый год)\b|通年|全年|一年中|연중",
    re.IGNORECASE,
)
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
    (12, 24, 26, r"christmas(?! (?:eve|day))|weihnachten|feiertage|noël|navidad|natale|natal|kerst(?:mis)?|jul(?:en)?"),
    (12, 24, 24, r"christmas eve|heilig(?:abend|er abend)|nochebuena|kerstavond|julafton|julaften|wigili\w+"),
    (12, 25, 25, r"christmas day|erste[rn]? weihnachts\w+|eerste kerstdag|juldagen"),
    (12, 26, 26, r"boxing day|zweite[rn]? weihnachts\w+|tweede kerstdag|annandag jul"),
    (12, 31, 31, r"new year['’]?s eve|silvester|saint-sylvestre|nochevieja|san silvestro|oudejaarsavond|nyårsafton"),
    (1, 1, 1, r"new year['’]?s(?: day)?(?! eve)|neujahr|nouvel an|jour de l['’]an|año nuevo|capodanno|nieuwjaar"),
)
_FEAST = tuple(
    (month, first, last, late(rf"(?<!\w)(?:{names})(?!\w)", re.IGNORECASE)) for month, first, last, names in _FEASTS
)
"""Of feasts the month, the first and the last day, and their names."""
_OF_MONTH = 31  # days that are counted of each month, so that a day's number tells its month
_YEAR_DAYS = 12 * _OF_MONTH
_NAMED, _MEANT = _YEAR_DAYS, _YEAR_DAYS + 4  # numbers of seasons that a text names, and of those it is of by name alone


@lru_cache(maxsize=256)
def asked_dates(query: str) -> Days:
    """The days of the year that a question names by month, date or season; none where it names a year as well.

    A season is a number of its own besides: a text that is of it by name alone is also of its months.
    """
    if EXCEPT.search(query) or _YEAR.search(query):
        return frozenset()
    days = _dates(query)
    if days:
        return (
            days | {_MEANT + _season(day // _OF_MONTH + 1) for day in days} if len(days) < _YEAR_DAYS else frozenset()
        )
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
    found = frozenset(range(_YEAR_DAYS)) if _ALL_YEAR.search(text) else _dates(text)
    seasons = {season: name for season, name in _seasons(text).items() if found or _is_of(text, name)}
    named = {_NAMED + season for season in seasons} | ({_MEANT + season for season in seasons} if not found else set())
    return (found | named) - without


def _season(month: int) -> int:
    """The season of a month in the north, from 0 for winter."""
    return month % 12 // 3


def _days_of(season: int) -> Iterable[int]:
    """The days of a season's months, winter's from December on."""
    return (day % _YEAR_DAYS for day in range((season * 3 - 1) * _OF_MONTH, (season * 3 + 2) * _OF_MONTH))


def _seasons(text: str) -> dict[int, str]:
    """The seasons that a text names, each with the name."""
    of_text = _words(text)
    joined = f" {' '.join(of_text)} "
    found = {_SEASON_OF[name]: name for name in _SEASON_OF.keys() & of_text}
    return found | {season: part.split()[-1] for part, season in _PARTS_OF_TEXTS.items() if part in joined}


def _is_of(text: str, season: str) -> bool:
    """Whether a text that names a season is of it: `Winter: 9–16`, and not `Winter coats for children`."""
    start = text.casefold().find(season)
    return start >= 0 and _OPEN_IN.match(text, start + len(season)) is not None


def _dates(text: str) -> Days:
    """The days that a text names by months, dates and feasts, alone or as the ends of ranges."""
    found: set[int] = set()
    if not (_FIRST_WORDS.isdisjoint(_words(text)) and _NUMBERED.search(text) is None):
        found = _of_dates(text)
    for month, feast, to, named in _FEAST:
        if named.search(text):
            found.update(range((month - 1) * _OF_MONTH + feast - 1, (month - 1) * _OF_MONTH + to))
    return frozenset(found)


def _of_dates(text: str) -> set[int]:
    found: set[int] = set()
    last: tuple[int, int] | None = None
    end = 0
    for match in _DATE.finditer(text):
        span = _span(text, match)
        if span is None:
            continue
        first, behind = span
        if last and _TO.fullmatch(text[end : match.start()]):
            first = last[0]
        found.update(day % _YEAR_DAYS for day in range(first, behind if behind > first else behind + _YEAR_DAYS))
        last, end = (first, behind), match.end()
    return found


def _span(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    """A match of a date or a month -> its first day, and the day behind it; None where it is no date."""
    name = match["name"]
    month = _month(name) if name else int(match["number"] or match["sign"] or match["vi"])
    day = int(match["day"] or match["after"] or match["of_month"] or match["of_sign"] or 0)
    if not 0 < month <= 12 or day > _OF_MONTH or (name and _is_other_word(text, match)):
        return None
    start = (month - 1) * _OF_MONTH
    if not day:
        return start, start + _OF_MONTH
    return start + int(match["first"] or day) - 1, start + day


def _month(name: str) -> int:
    name = name.casefold()
    return _NAMES.get(name) or _SHORT_NAMES[name]


def _is_other_word(text: str, match: re.Match[str]) -> bool:
    """Whether a name that is other words as well stands neither by a day, nor in a range, nor behind `in`."""
    name = match["name"].casefold()
    if (name in _NAMES and name not in _OTHER_WORDS) or match["day"] or match["after"]:
        return False
    start = match.start("name")
    return not (_IN.search(text[:start]) or _TO_START.search(text[:start]) or _BEHIND.match(text, match.end("name")))


def _rest(query: str) -> str:
    query = _DATE.sub(" ", query)
    for *_, named in _FEAST:
        query = named.sub(" ", query)
    return " ".join(word for word in _words(query) if word not in _SEASON_OF)


MONTHS_OF_YEAR = Calendar(asked_dates, stated_dates, _rest)
"""Days are 0 for the first of January, and 31 more for each month; seasons have numbers of their own."""
