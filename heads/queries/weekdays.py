"""Days of the week that questions and texts name."""

from __future__ import annotations

import re
from functools import lru_cache

from heads.queries.periods import AND, EXCEPT, MAX_LINE, TO, Calendar, Days, split_exception
from indexlm.patterns import late
from indexlm.text import is_sequence

_NAMES = """
monday montag lundi lunes lunedì segundas segunda-feira maandag måndag mandag poniedziałek poniedziałki понедельник
tuesday dienstag mardi martes martedì terças terça-feira dinsdag tisdag tirsdag wtorek wtorki вторник вторникам salı
wednesday mittwoch mercredi miércoles miercoles mercoledì quartas quarta-feira woensdag onsdag środa środę środy среда
thursday donnerstag jeudi jueves giovedì quintas quinta-feira donderdag torsdag czwartek czwartki четверг четвергам
friday freitag vendredi viernes venerdì sextas sexta-feira vrijdag fredag piątek piątki пятница пятницу пятницам cuma
saturday samstag sonnabend samedi sábado sabado sabato zaterdag lördag lørdag sobota sobotę soboty суббота субботу
sunday sonntag dimanche domingo domenica zondag söndag søndag niedziela niedzielę niedziele воскресенье воскресеньям
"""
_MORE_NAMES = """
понедельникам понедельника lunedi pazartesi 月曜 周一 星期一 월요일
martedi sali 火曜 周二 星期二 화요일
среду средам mercoledi çarşamba 水曜 周三 星期三 수요일
giovedi perşembe 木曜 周四 星期四 목요일
пятницы venerdi 金曜 周五 星期五 금요일
субботам cumartesi 土曜 周六 星期六 토요일
pazar 日曜 周日 周天 星期日 星期天 일요일
"""
_SHORT = """
mon mo lun seg ma mån man pon пн 月
tue tues di mar ter tis tir wt вт 火
wed mi mer mié qua wo ons śr ср 水
thu thur thurs do jeu jue gio qui tor czw чт 木
fri fr ven vie sex vr fre pt пт 金
sat sa sam sáb sab za lör lør sob сб 土
sun so dim dom zo sön søn niedz вс 日
"""


def _by_name(*tables: str) -> dict[str, int]:
    """Tables with a line a day, Monday first -> the day of each name, 0 for Monday; longer names first."""
    lines = ((day, line) for table in tables for day, line in enumerate(table.strip().split("\n")))
    names = {name: day for day, line in lines for name in line.split()}
    return dict(sorted(names.items(), key=lambda item: -len(item[0])))


_LONG, _BRIEF = _by_name(_NAMES, _MORE_NAMES), _by_name(_SHORT)
_SPACED = "|".join(name for name in _LONG if not is_sequence(name))
_UNSPACED = "|".join(filter(is_sequence, _LONG))
_PARTS = "s|abends?|morgens?|vormittags?|nachmittags?|mittags?|avond|middag|ochtend|ar"  # behind the name of a day
_LONG_NAME = (
    r"(?:(?<!good )(?<!black )(?<!ash )(?<!easter )(?<!cyber )"
    rf"(?<!\w)(?:{_SPACED})(?:{_PARTS})?(?!\w)(?! saint)|(?:{_UNSPACED})日?)"
)
# Short names are other words as well: they count where a text or a cell begins with them alone.
_ONE = rf"(?:{_LONG_NAME}|(?:{'|'.join(_BRIEF)})(?!\w)\.?)"
_BEGINNING = late(
    r"(?:^|\|\s|[,;:(]\s|\b(?:open|closed|hours|geöffnet|geschlossen|ouvert|fermé|abierto|aperto)\b:?\s)\W*"
    rf"(?:du |de |von |from |dal |da |van |от |с |od )?{_ONE}(?:(?:{TO}|{AND}){_ONE})*"
    r"(?=\s*(?:[\d:|,;()–—-]|closed\b|$))",
    re.IGNORECASE,
)
_ON_DAY = late(rf"\b(?:on|am|every|each|jeden)\s+({'|'.join(_BRIEF)})(?!\w)", re.IGNORECASE)
_NAME, _ANY_NAME, _RANGE = late(_LONG_NAME, re.IGNORECASE), late(_ONE, re.IGNORECASE), late(TO, re.IGNORECASE)
_GROUPS = (
    (
        frozenset(range(7)),
        r"\b(?:daily|every ?day|seven days|7 days|täglich|jeden tag|tous les jours|todos los días|todos os dias"
        r"|ogni giorno|tutti i giorni|dagelijks|elke dag|dagligen|daglig|codziennie|ежедневно|her gün)\b"
        r"|毎日|每天|매일",
    ),
    (
        frozenset(range(5)),
        r"\b(?:weekdays?|working days|wochentags|werktags|werktage|en semaine|entre semana|días laborables|feriali"
        r"|dias úteis|doordeweeks|werkdagen|vardagar|hverdager|hverdage|будни|будням|hafta içi)\b|平日|工作日|평일",
    ),
    (
        frozenset((5, 6)),
        r"\b(?:weekends?|week-ends?|wochenenden?|fin(?:es)? de semana|fine settimana|weekeinde|fim de semana|helger"
        r"|weekender|выходны\w+|hafta sonu)\b|土日|周末|週末|주말",
    ),
)
_PATTERNS = tuple((days, late(source, re.IGNORECASE)) for days, source in _GROUPS)


@lru_cache(maxsize=256)
def asked_days(query: str) -> Days:
    """The days that a question names, 0 for Monday; none for every day, and for all but one."""
    if EXCEPT.search(query):
        return frozenset()
    found = _named(query, _NAME).union(*(_named(match[1], _ANY_NAME) for match in _ON_DAY.finditer(query)))
    return found if len(found) < 7 else frozenset()


@lru_cache(maxsize=1 << 12)
def stated_days(text: str) -> Days:
    """The days that a row, an item or a line is of: `Mon–Wed`, `Saturday and Sunday`, `daily except Mondays`."""
    if len(text) > MAX_LINE:
        return frozenset()
    stated, exception = split_exception(text)
    without = _named(exception, _ANY_NAME)
    text = stated if without else text
    found = _named(text, _NAME)
    for beginning in _BEGINNING.finditer(text):
        found |= _named(beginning.group(), _ANY_NAME)
    return (found or frozenset(range(7))) - without if without else found


def _named(text: str, name: re.Pattern[str]) -> Days:
    """The days that a text names, alone or as the ends of ranges."""
    found = frozenset[int]().union(*(days for days, pattern in _PATTERNS if pattern.search(text)))
    last, end = -1, 0
    for match in name.finditer(text):
        day = _day(match.group())
        if last >= 0 and _RANGE.fullmatch(text[end : match.start()]):
            found |= {(last + n) % 7 for n in range((day - last) % 7 + 1)}
        found |= {day} - {-1}
        last, end = day, match.end()
    return found


def _day(name: str) -> int:
    """The day that a name begins with; -1 for none, as where its case is of another language."""
    name = name.lower().rstrip(".")
    return next((day for long, day in _LONG.items() if name.startswith(long)), _BRIEF.get(name, -1))


def _rest(query: str) -> str:
    query = _NAME.sub(" ", query)
    for _, pattern in _PATTERNS:
        query = pattern.sub(" ", query)
    return query


WEEKDAYS = Calendar(asked_days, stated_days, _rest)
"""Days are 0 for Monday to 6 for Sunday."""
