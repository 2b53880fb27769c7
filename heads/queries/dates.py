"""Months and dates that a text names, as days of the year: `April to October`, `1–15 June`, `24.12.2026`, `4月1日`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from heads.queries.periods import AND, TO
from indexlm.months import MONTHS
from indexlm.patterns import late

OF_MONTH = 31
"""Days that are counted of each month, so that the number of a day tells its month."""
YEAR = 12 * OF_MONTH
"""Days that are counted of a year, from 0 for the first of January."""
_MORE_NAMES = """
january jänner styczeń styczniu январь январе січень січні leden lednu tammikuu tammikuussa ιανουάριος ιανουάριο
february luty lutym февраль феврале лютий лютому únor únoru helmikuu helmikuussa φεβρουάριος φεβρουάριο
march marzec marcu марте березень березні březen březnu maaliskuu maaliskuussa μάρτιος μάρτιο
kwiecień kwietniu апрель апреле квітень квітні duben dubnu huhtikuu huhtikuussa απρίλιος απρίλιο
may maju мае травень травні květen květnu toukokuu toukokuussa μάιος μάιο
june czerwiec czerwcu июнь июне червень червні červen červnu kesäkuu kesäkuussa ιούνιος ιούνιο
july lipiec lipcu июль июле липень липні červenec červenci heinäkuu heinäkuussa ιούλιος ιούλιο
sierpień sierpniu августе серпень серпні srpen srpnu elokuu elokuussa αύγουστος αύγουστο
wrzesień wrześniu сентябрь сентябре вересень вересні syyskuu syyskuussa σεπτέμβριος σεπτέμβριο
october październik październiku октябрь октябре жовтень жовтні říjen říjnu lokakuu lokakuussa οκτώβριος οκτώβριο
listopad listopadzie ноябрь ноябре листопад листопада листопаді marraskuu marraskuussa νοέμβριος νοέμβριο
grudzień grudniu декабрь декабре грудень грудні prosinec prosinci joulukuu joulukuussa δεκέμβριος δεκέμβριο
"""
_SHORT = """
jan janv янв
feb févr fév фев
mar mär mrz mrt мар
apr avr abr апр

jun июн
jul juil июл
aug авг
sep sept сен
oct okt окт
nov ноя
dec dez déc дек
"""


def _plain(name: str) -> str:
    """A name in lower case, without what capital letters do not tell: dots of Turkish, the last sigma of Greek."""
    return name.lower().replace("ı", "i").replace("ς", "σ")


def _by_name(table: str) -> dict[str, int]:
    return {_plain(name): i for i, line in enumerate(table[1:].split("\n"), 1) for name in line.split()}


_SHORT_NAMES = _by_name(_SHORT)
_NAMES = {_plain(name): month for name, month in MONTHS.items()} | _by_name(_MORE_NAMES)
_OTHER_WORDS = frozenset(("may", "march", "mart", "mars", "marca", "maja", "mai", "lipca", "أوت", "ماي", "מאי", "مه"))
"""Names of months that are other words as well."""
_BEFORE_DAYS = frozenset(("may", "march"))  # of these, those that a day may follow
_GIVEN = frozenset(("april", "may", "june", "august"))  # names of people too
_MONTH = "|".join(map(re.escape, sorted({*_NAMES, *_SHORT_NAMES}, key=len, reverse=True)))
_MONTH = _MONTH.replace("σ", "[σς]")
_PART = (
    r"(?:the |le |el |il |(?:the )?(?:end|middle|beginning) of |mid[- ]|early |late |anfang |mitte |ende |début |mi-"
    r"|fin (?:de )?|(?:principios|mediados|finales) de |inizio |metà |fine |begin |half |eind )?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th|er|\.|º|ª)?"
_LIST = rf"{_DAY}(?:{AND}{_DAY}){{0,6}}"
_DATE = late(
    rf"(?<![\w.:]){_PART}(?:(?P<days>{_DAY}(?:(?:{TO}|{AND}){_DAY}){{0,6}})\s*(?:of |de |d['’])?)?"
    rf"(?P<name>{_MONTH})(?:['’]\w{{1,3}})?(?!\w)\.?"
    rf"(?:\s+(?P<after>{_LIST})(?!\d|[:.h]\d|\s?(?:am|pm|uhr|h\b|[€$£%])|{TO}\d))?"
    r"|(?<![\d.,§])(?P<of_month>\d{1,2})\.\s?(?P<number>\d{1,2})\.(?P<year>\s?(?:19|20)\d{2}(?!\d)|\d{2}(?![\d.:]))?"
    r"|(?<!\d)(?:19|20)\d{2}-(?P<iso>\d{2})-(?P<of_iso>\d{2})(?!\d)"
    r"|(?<!\d)(?P<sign>\d{1,2})\s?[月월](?![龄齢間间額额給号刊曜光亮])(?:\s?(?P<from_sign>\d{1,2})\s?[日일]?\s?[-–~〜～至到]"
    r"\s?(?P<to_sign>\d{1,2})\s?[日일]|\s?(?P<of_sign>\d{1,2})\s?[日일])?|\btháng (?P<vi>\d{1,2})\b",
    re.IGNORECASE,
)
_LETTERS = late(r"[^\W\d_]+")
_FIRST_WORDS = frozenset(_LETTERS.findall(name)[0] for name in (*_NAMES, *_SHORT_NAMES))
_NUMBERED = late(r"\d\s?[月월]|\d\.\s?\d{1,2}\.|\d-\d\d-\d|tháng|[มกพสตธ]\.", re.IGNORECASE)
"""What a text with a date holds: a word that a month's name begins with, or such a number. This is quickly seen."""
_TO, _OR = late(rf"\.?{TO}{_PART}", re.IGNORECASE), late(rf"\.?{AND}", re.IGNORECASE)
_SINCE = "in|im|until|till|since|during|mid|early|late|by|bis|ab|seit|hasta|tot|vanaf|в|до|с"
_IN, _IN_OR_EN = late(rf"\b(?:{_SINCE})\s*$", re.IGNORECASE), late(rf"\b(?:{_SINCE}|en|i)\s*$", re.IGNORECASE)
_BEHIND = late(
    rf"\.?\s*(?:\||:|[-–—~]\s*(?:\d|(?:{_MONTH})(?!\w))|{AND}(?:{_MONTH})(?!\w)"
    r"|\b(?:to|until|till|through|bis|au|à|a|al|hasta|tot|t/m|do|по)\s+\w)",
    re.IGNORECASE,
)
_ON = late(r"(?:\b(?:on|am|vom|ab|bis|zum|do|od|den|dne)|[(|,:–—-])\s*$", re.IGNORECASE)
_ENDS = late(r"\s*(?:$|[-–—:|)])")
_NUMBER = late(r"\d{1,2}")
_CAPITAL = late(r"\s+[A-ZÀ-Þ][a-zà-ÿ]")
_LEFT = 24  # characters before a name that are looked at


def lower_words(text: str) -> list[str]:
    """The runs of letters of a text, in lower case: hundreds of short texts of a page are looked at."""
    return _LETTERS.findall(text.lower())


def without_dates(text: str) -> str:
    """A text without its months and dates."""
    return _DATE.sub(" ", text)


def dates_of(text: str, *, is_query: bool = False) -> set[int]:
    """The days of the year that a text names by months and dates, alone or as the ends of ranges.

    A month is all of its days. In a query, `3.5.` and `April Jones` are no dates.
    """
    text = text.replace("İ", "i")  # of Turkish, whose capitals no pattern matches
    if _FIRST_WORDS.isdisjoint(map(_plain, lower_words(text))) and not _NUMBERED.search(text):
        return set()
    found: set[int] = set()
    last, end = -1, 0
    for match in _DATE.finditer(text):
        between = text[end : match.start()] if last >= 0 else ""
        is_range = last >= 0 and _TO.fullmatch(between) is not None
        is_linked = is_range or (last >= 0 and _OR.fullmatch(between) is not None)
        days = [*_days(text, match, is_query, is_linked)]
        if not days:
            continue
        if is_range:
            days = [*range(last, days[-1] + 1 if days[-1] >= last else days[-1] + 1 + YEAR)]
        found.update(day % YEAR for day in days)
        last, end = days[0] % YEAR, match.end()
    return found


def _days(text: str, match: re.Match[str], is_query: bool, is_linked: bool) -> Iterator[int]:
    """The days of a match of a date, in order; none where it is no date."""
    if match["name"]:
        if not _is_month(text, match, is_query, is_linked):
            return
        month = _month(match["name"])
        numbers = match["days"] or match["after"] or ""
    else:
        month = int(match["number"] or match["iso"] or match["sign"] or match["vi"])
        numbers = match["of_month"] or match["of_iso"] or match["of_sign"] or ""
        if match["from_sign"]:
            numbers = f"{match['from_sign']}-{match['to_sign']}"
        if match["number"] and not (match["year"] or _is_date(text, match, is_query, is_linked)):
            return
    start = (month - 1) * OF_MONTH
    if 0 < month <= 12:
        yield from (start + day - 1 for day in (_in(numbers) if numbers else range(1, OF_MONTH + 1)))


def _in(numbers: str) -> Iterator[int]:
    """`1–3 and 5` -> 1, 2, 3, 5."""
    last, end = 0, 0
    for match in _NUMBER.finditer(numbers):
        day = int(match.group())
        if not 0 < day <= OF_MONTH:
            return
        is_range = last and _TO.fullmatch(numbers[end : match.start()].lstrip("stndrhe.ºª"))
        yield from range(last + 1 if is_range else day, day + 1)
        last, end = day, match.end()


def _month(name: str) -> int:
    name = _plain(name)
    return _NAMES.get(name) or _SHORT_NAMES.get(name, 0)


def _is_date(text: str, match: re.Match[str], is_query: bool, is_linked: bool) -> bool:
    """Whether two numbers with dots are a date, and no section or version."""
    is_on = is_linked or _ON.search(text[max(0, match.start() - _LEFT) : match.start()]) is not None
    return is_on or (not is_query and _ENDS.match(text, match.end()) is not None)


def _is_month(text: str, match: re.Match[str], is_query: bool, is_linked: bool) -> bool:
    """Whether a name that is other words as well stands by a day, in a range or a list of months, or behind `in`."""
    name = _plain(match["name"])
    before = text[max(0, match.start("name") - _LEFT) : match.start("name")]
    if match["days"] or is_linked:
        return True
    if name in _GIVEN and is_query and not match["after"]:
        is_name = match["name"][0].isupper() and _CAPITAL.match(text, match.end("name"))
        if is_name and not _IN_OR_EN.search(before):
            return False
    if name in _NAMES and name not in _OTHER_WORDS:
        return True
    if name == "mars" and is_query and match["name"][0].isupper():  # the planet
        return False
    if match["after"] and (name in _SHORT_NAMES or name in _BEFORE_DAYS):
        return True
    is_in = (_IN_OR_EN if name in _OTHER_WORDS else _IN).search(before)
    return is_in is not None or _BEHIND.match(text, match.end("name")) is not None
