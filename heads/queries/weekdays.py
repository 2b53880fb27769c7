"""Days of the week that questions and texts name, and the rows, items and lines of the days that are asked for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from functools import lru_cache

from heads.queries.evidence import Question
from heads.queries.questions import tells
from indexlm.labels import is_apart, list_node
from indexlm.patterns import late
from indexlm.text import has_digit, is_sequence, terms

_NAMES = (
    "monday montag lundi lunes lunedì segunda segunda-feira maandag måndag mandag poniedziałek poniedziałki понедельник"
    " понедельникам pazartesi 月曜 周一 星期一 월요일",
    "tuesday dienstag mardi martes martedì terça terça-feira dinsdag tisdag tirsdag wtorek wtorki вторник вторникам salı"
    " 火曜 周二 星期二 화요일",
    "wednesday mittwoch mercredi miércoles miercoles mercoledì quarta quarta-feira woensdag onsdag środa środę środy среда"
    " среду средам çarşamba 水曜 周三 星期三 수요일",
    "thursday donnerstag jeudi jueves giovedì quinta quinta-feira donderdag torsdag czwartek czwartki четверг четвергам"
    " perşembe 木曜 周四 星期四 목요일",
    "friday freitag vendredi viernes venerdì sexta sexta-feira vrijdag fredag piątek piątki пятница пятницу пятницам cuma"
    " 金曜 周五 星期五 금요일",
    "saturday samstag sonnabend samedi sábado sabado sabato zaterdag lördag lørdag sobota sobotę soboty суббота субботу"
    " субботам cumartesi 土曜 周六 星期六 토요일",
    "sunday sonntag dimanche domingo domenica zondag söndag søndag niedziela niedzielę niedziele воскресенье воскресеньям"
    " pazar 日曜 周日 周天 星期日 星期天 일요일",
)
"""The days by language, Monday first."""
_SHORT = (
    "mon mo lun seg ma mån man pon пн 月",
    "tue tues di mar ter tis tir wt вт 火",
    "wed mi mer mié qua wo ons śr ср 水",
    "thu thur thurs do jeu jue gio qui tor czw чт 木",
    "fri fr ven vie sex vr fre pt пт 金",
    "sat sa sam sáb sab za lör lør sob сб 土",
    "sun so dim dom zo sön søn niedz вс 日",
)
"""Their short forms, which are other words as well: they count where a text or cell begins with them alone."""
_DAYS = {name: day for names in (_NAMES, _SHORT) for day, words in enumerate(names) for name in words.split()}
_LONG = sorted((name for names in _NAMES for name in names.split()), key=len, reverse=True)
_BRIEF = sorted((name for names in _SHORT for name in names.split()), key=len, reverse=True)
_LONG_NAME = (
    rf"(?:(?<!\w)(?:{'|'.join(n for n in _LONG if n < 'ᄀ')})s?(?!\w)|(?:{'|'.join(n for n in _LONG if n >= 'ᄀ')})日?)"
)
_BRIEF_NAME = rf"(?:{'|'.join(_BRIEF)})(?!\w)\.?"
_TO = r"\s*(?:[-–—~〜～]|\b(?:to|thru|through|till|until|bis|au|à|a|al|hasta|tot|t/m|til|till|do|по)\b|から|至|到|부터)\s*(?:le |el |il )?"
_AND = r"\s*(?:[,/&+・、]|\b(?:and|und|et|y|e|en|och|og|i|и|oder|or)\b)\s*"
_ONE = rf"(?:{_LONG_NAME}|{_BRIEF_NAME})"
_BEGINNING = late(
    rf"(?:^|\|\s)\W*(?:du |de |von |from |dal |da |van |от |с |od )?{_ONE}(?:(?:{_TO}|{_AND}){_ONE})*(?=\W|\d|$)",
    re.IGNORECASE,
)
_NAME = late(_LONG_NAME, re.IGNORECASE)
_ANY_NAME = late(_ONE, re.IGNORECASE)
_IS_RANGE = late(_TO, re.IGNORECASE)
_EXCEPT = late(
    r"\b(?:except|but not|außer|ausser|sauf|excepto|menos|tranne|eccetto|exceto|behalve|utom|unntatt|undtagen|oprócz|кроме)\b",
    re.IGNORECASE,
)
_GROUPS = (
    (
        frozenset(range(7)),
        r"\b(?:daily|every ?day|seven days|7 days|täglich|jeden tag|tous les jours|todos los días|todos os dias"
        r"|ogni giorno|tutti i giorni|dagelijks|elke dag|dagligen|daglig|codziennie|ежедневно|her gün)\b|毎日|每天|매일",
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
_OF_OPENING = terms(
    "open opens opened opening close closes closed closing hour hours time times start starts end ends until till late"
    " early happen happens offen geöffnet öffnet öffnen öffnungszeiten schließt geschlossen zeiten sprechstunde"
    " sprechzeiten uhr ouvre ouvert ouverte ouverts ferme fermé fermée fermés horaire horaires heure heures abre abren"
    " abierto abierta cierra cierran cerrado horario horarios hora apre aperto aperta chiude chiuso orario orari aberto"
    " aberta fecha fechado horário dicht gesloten openingstijden öppet öppnar stänger stängt åpent åpner stenger åbent"
    " åbner lukker lukket otwarte otwarty zamknięte godziny открыт открыто закрыт закрыто работает часы"
)
_MAX_LINE = 120  # characters of a line that states its days
_MAX_MEMBERS = 60  # of a list or table

Days = frozenset[int]


@lru_cache(maxsize=256)
def asked_days(query: str) -> Days:
    """The days that a question names, 0 for Monday; none for every day."""
    found = _stated(query, _NAME)
    return found if len(found) < len(_NAMES) else frozenset()


def stated_days(text: str) -> Days:
    """The days that a row, an item or a line is of: `Mon–Wed`, `Saturday and Sunday`, `daily except Mondays`."""
    if len(text) > _MAX_LINE:
        return frozenset()
    found = _stated(text, _NAME)
    for beginning in _BEGINNING.finditer(text):
        found |= _stated(beginning.group(), _ANY_NAME)
    return found


def _stated(text: str, name: re.Pattern[str]) -> Days:
    but = _EXCEPT.search(text)
    if but:
        without = _stated(text[but.end() :], name)
        return (_stated(text[: but.start()], name) or frozenset(range(7))) - without if without else frozenset()
    found = frozenset[int]().union(*(days for days, pattern in _PATTERNS if pattern.search(text)))
    last, end = -1, 0
    for match in name.finditer(text):
        day = _day(match.group())
        if last >= 0 and _IS_RANGE.fullmatch(text[end : match.start()]):
            found |= {(last + n) % 7 for n in range((day - last) % 7 + 1)}
        found |= {day}
        last, end = day, match.end()
    return found


def _day(name: str) -> int:
    name = name.lower().rstrip(".").removesuffix("日")
    return _DAYS[name if name in _DAYS else name.removesuffix("s")]


def on_asked_days(question: Question, kept: Collection[int]) -> list[int]:
    """What is kept -> the same with the rows, items or lines of the days that a question names, in place of others.

    Where nothing is kept of a list of days, it is the one that holds all else that is asked for, with its labels and
    the title. The same where a question names no day, and where no day of a list is asked for.
    """
    days = asked_days(question.page.query)
    groups = _groups(question) if days else []
    result = {*kept}
    is_found = False
    for group in groups:
        asked = {i for i, stated in group.items() if stated & days}
        members = {*group, *(label for i in group for label in _label_of(question, i))}
        if not asked or members.isdisjoint(kept):
            continue
        is_found = True
        if asked != group.keys() & result:
            result = (result - members) | _with_names(question, asked)
    if is_found or not groups or any(stated_days(question.block(i).text) & days for i in kept):
        return sorted(result)
    found = [group for group in groups if _is_asked(question, group)]
    answering = [{i for i, stated in group.items() if stated & days} for group in found]
    if len(found) != 1 or not answering[0]:
        return sorted(result)
    return sorted(_with_names(question, answering[0]))


def _groups(question: Question) -> list[dict[int, Days]]:
    """The lists of a page whose members are of different days: of each its members and their days."""
    found: defaultdict[tuple[str, int], dict[int, Days]] = defaultdict(dict)
    for block in question.page.blocks:
        if block.is_heading or block.tag in ("th", "dt"):
            continue
        node, above = list_node(block), question.above.get(block.index, [0])
        named = _label_of(question, block.index)
        days = stated_days(block.text) or (stated_days(question.block(named[0]).text) if named else frozenset())
        if days and (node or named or has_digit(block.text)):
            key = (
                ("list", node)
                if node
                else ("label", question.above[named[0]][-1] if named and named[0] in question.above else above[-1])
            )
            found[key][block.index] = days
    return [group for group in found.values() if 1 < len(group) <= _MAX_MEMBERS and len({*group.values()}) > 1]


def _label_of(question: Question, index: int) -> list[int]:
    """The innermost label of a block, if that states days and the block does not."""
    above = question.above.get(index, [])
    if above and not stated_days(question.block(index).text) and stated_days(question.block(above[-1]).text):
        return [above[-1]]
    return []


def _with_names(question: Question, indices: Collection[int]) -> set[int]:
    names = (name for i in indices for name in (*question.headers.get(i, ()), *_label_of(question, i)))
    return {*indices, *names}


def _is_asked(question: Question, group: Collection[int]) -> bool:
    """Whether a list outside of navigation holds all that is asked for beside days and opening hours."""
    if any(is_apart(question.block(i)) for i in group):
        return False
    query = _NAME.sub(" ", question.page.query)
    for _, pattern in _PATTERNS:
        query = pattern.sub(" ", query)
    asked = {term for term in terms(query) & question.terms - _OF_OPENING if tells(term) and not is_sequence(term)}
    around = {name for i in group for name in question.names(i)}
    return asked <= question.held({*group, *around}) | question.title
