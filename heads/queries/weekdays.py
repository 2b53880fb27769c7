"""Days of the week that questions and texts name, and the rows, items and lines of the days that are asked for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache, partial
from itertools import chain

from heads.queries.evidence import Question
from heads.queries.questions import tells
from indexlm.labels import is_apart, list_node
from indexlm.patterns import late
from indexlm.text import has_digit, is_sequence, terms

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
_TO = (
    r"\s*(?:[-–—~〜～]|\b(?:to|thru|through|till|until|bis|au|à|a|al|hasta|tot|t/m|til|till|do|по)\b|から|至|到|부터)"
    r"\s*(?:le |el |il )?"
)
_AND = r"\s*(?:[,/&+・、]|\b(?:and|und|et|y|e|en|och|og|i|и|oder|or)\b)\s*"
_BEGINNING = late(
    r"(?:^|\|\s|[,;:(]\s|\b(?:open|closed|hours|geöffnet|geschlossen|ouvert|fermé|abierto|aperto)\b:?\s)\W*"
    rf"(?:du |de |von |from |dal |da |van |от |с |od )?{_ONE}(?:(?:{_TO}|{_AND}){_ONE})*"
    r"(?=\s*(?:[\d:|,;()–—-]|closed\b|$))",
    re.IGNORECASE,
)
_ON_DAY = late(rf"\b(?:on|am|every|each|jeden)\s+({'|'.join(_BRIEF)})(?!\w)", re.IGNORECASE)
_NAME, _ANY_NAME, _RANGE = late(_LONG_NAME, re.IGNORECASE), late(_ONE, re.IGNORECASE), late(_TO, re.IGNORECASE)
_EXCEPT = late(
    r"\b(?:except|but|other than|apart from|besides|days? (?:after|before)|außer|ausser|sauf|excepto|menos|tranne"
    r"|eccetto|exceto|behalve|utom|unntatt|undtagen|oprócz|кроме)\b",
    re.IGNORECASE,
)
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
_OF_OPENING = terms(
    "open opens opened opening close closes closed closing hour hours time times start starts end ends until till late"
    " early happen happens run runs leave leaves depart departs fährt fahren abfahrt part partent sale salen"
    " offen geöffnet öffnet öffnen öffnungszeiten schließt geschlossen zeiten sprechstunde"
    " sprechzeiten uhr ouvre ouvert ouverte ouverts ferme fermé fermée fermés horaire horaires heure heures abre abren"
    " abierto abierta cierra cierran cerrado horario horarios hora apre aperto aperta chiude chiuso orario orari aberto"
    " aberta fecha fechado horário dicht gesloten openingstijden öppet öppnar stänger stängt åpent åpner stenger åbent"
    " åbner lukker lukket otwarte otwarty zamknięte godziny открыт открыто закрыт закрыто работает часы"
)
_MAX_LINE = 120  # characters of a line that states its days
_MAX_MEMBERS = 400  # of a list or table

Days = frozenset[int]


@lru_cache(maxsize=256)
def asked_days(query: str) -> Days:
    """The days that a question names, 0 for Monday; none for every day, and for all but one."""
    if _EXCEPT.search(query):
        return frozenset()
    found = _named(query, _NAME).union(*(_named(match[1], _ANY_NAME) for match in _ON_DAY.finditer(query)))
    return found if len(found) < 7 else frozenset()


@lru_cache(maxsize=1 << 12)
def stated_days(text: str) -> Days:
    """The days that a row, an item or a line is of: `Mon–Wed`, `Saturday and Sunday`, `daily except Mondays`."""
    if len(text) > _MAX_LINE:
        return frozenset()
    but = _EXCEPT.search(text)
    without = _named(text[but.end() :], _ANY_NAME) if but else frozenset[int]()
    text = text[: but.start()] if but and without else text
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


def on_asked_days(question: Question, kept: Collection[int]) -> list[int]:
    """What is kept -> the same with the rows, items or lines of the days that a question names, in place of others.

    Of several lists it is the one that names most of what else is asked for. Where nothing of it is kept, it answers
    if it holds all of that, with its labels and the title, unless a kept block outside of the other lists states such
    a day.
    """
    days = asked_days(question.page.query)
    groups = _groups(question) if days else []
    best = _best_named(question, groups, days)
    result = {*kept}
    for group in best:
        others = {i for i, stated in group.items() if not stated & days} | {*map(partial(_label_of, question), group)}
        if not others.isdisjoint(kept):
            result = result - others | _with_names(question, _of_days(question, group, days))
    elsewhere = {i for group in groups if group not in best for i in group}
    states_day = any(stated_days(question.block(i).text) & days for i in result - elsewhere)
    if states_day or result != {*kept}:
        return sorted(result)
    found = [group for group in best if _is_asked(question, group)]
    asked = _with_names(question, _of_days(question, found[0], days)) if len(found) == 1 else result
    return sorted(asked)


def _best_named(question: Question, groups: Sequence[Mapping[int, Days]], days: Days) -> list[Mapping[int, Days]]:
    """The lists with a member of some days that name, with their labels, most of what else is asked for."""
    asked = _asked(question)
    of_days = [group for group in groups if any(stated & days for stated in group.values())]
    held = [len(asked & question.held({*group, *chain(*map(question.names, group))})) for group in of_days]
    return [group for group, count in zip(of_days, held, strict=True) if count == max(held)]


def _of_days(question: Question, group: Mapping[int, Days], days: Days) -> set[int]:
    """The members of some days that hold what else is asked for, where some do."""
    found = {i for i, stated in group.items() if stated & days}
    for term in sorted(_asked(question)):
        found = {i for i in found if term in question.own[i]} or found
    return found


def _groups(question: Question) -> list[dict[int, Days]]:
    """The lists of a page whose members are of different days: of each its members and their days.

    Rows of a table and items of a list; lines and paragraphs with a number below one label; and what stands below
    labels that are days.
    """
    found: defaultdict[tuple[int, int], dict[int, Days]] = defaultdict(dict)
    for block in question.page.blocks:
        if block.is_heading or block.tag in ("th", "dt"):
            continue
        own, node = _label_of(question, block.index), list_node(block)
        days = stated_days(question.block(own).text if own else block.text)
        if days and (node or own or has_digit(block.text)):
            above = question.above.get(own or block.index, [0])
            key = (0, above[-1]) if own or not node else (node, 0)
            found[key][block.index] = days
    return [group for group in found.values() if 1 < len(group) <= _MAX_MEMBERS and len({*group.values()}) > 1]


def _label_of(question: Question, index: int) -> int:
    """The innermost label of a block, if that states days and the block does not; 0 for none."""
    above = question.above.get(index, [0])
    is_named = above[-1] and not stated_days(question.block(index).text)
    return above[-1] if is_named and stated_days(question.block(above[-1]).text) else 0


def _with_names(question: Question, indices: Collection[int]) -> set[int]:
    """Members with their header rows and their days."""
    names = (name for i in indices for name in (*question.headers.get(i, ()), _label_of(question, i)))
    return {*indices, *filter(None, names)}


def _asked(question: Question) -> set[str]:
    """The terms that a question holds beside days and opening hours."""
    query = _NAME.sub(" ", question.page.query)
    for _, pattern in _PATTERNS:
        query = pattern.sub(" ", query)
    return {term for term in terms(query) & question.terms - _OF_OPENING if tells(term) and not is_sequence(term)}


def _is_asked(question: Question, group: Collection[int]) -> bool:
    """Whether a list outside of navigation holds all else that is asked for, with its labels and the title."""
    around = {name for i in group for name in question.names(i)}
    held = question.held({*group, *around}) | question.title
    return _asked(question) <= held and not any(is_apart(question.block(i)) for i in group)
