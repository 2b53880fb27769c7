"""The rows, items and lines of the days or months that a question asks for, among those of others."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from heads.queries.evidence import Question
from heads.queries.questions import tells
from indexlm.labels import is_apart, list_node
from indexlm.patterns import late
from indexlm.text import has_digit, is_sequence, terms

TO = (
    r"\s*(?:[-–—~〜～]|\b(?:to|thru|through|till|until|bis|au|à|a|al|hasta|tot|t/m|til|do|до|по|đến|hingga|sampai|إلى"
    r"|עד|έως|ως)\b|から|至|到|부터|ถึง)\s*(?:le |el |il )?"
)
"""What stands between the first and the last day of a range, as a pattern."""
AND = r"\s*(?:[,/&+・、]|\b(?:and|und|et|y|e|en|och|og|i|и|oder|or)\b)\s*"
"""What stands between the days of a list, as a pattern."""
EXCEPT = late(
    r"\b(?:except|but|other than|apart from|besides|days? (?:after|before)|außer|ausser|sauf|excepto|menos|tranne"
    r"|eccetto|exceto|behalve|utom|unntatt|undtagen|oprócz|кроме)\b",
    re.IGNORECASE,
)
"""Behind these words are the days that are not meant."""
_OF_OPENING = terms(
    "open opens opened opening close closes closed closing hour hours time times start starts end ends until till late"
    " early happen happens run runs leave leaves depart departs fährt fahren abfahrt part partent sale salen"
    " offen geöffnet öffnet öffnen öffnungszeiten schließt geschlossen zeiten sprechstunde"
    " sprechzeiten uhr ouvre ouvert ouverte ouverts ferme fermé fermée fermés horaire horaires heure heures abre abren"
    " abierto abierta cierra cierran cerrado horario horarios hora apre aperto aperta chiude chiuso orario orari aberto"
    " aberta fecha fechado horário dicht gesloten openingstijden öppet öppnar stänger stängt åpent åpner stenger åbent"
    " åbner lukker lukket otwarte otwarty zamknięte godziny открыт открыто закрыт закрыто работает часы"
)
MAX_LINE = 120  # characters of a line that states its days
_MOST_OF_DATE = 4  # days that a question names by a date or a feast, and not by a month
_MAX_MEMBERS = 400  # of a list or table

Days = frozenset[int]


def split_exception(text: str) -> tuple[str, str]:
    """A text -> what it says up to an exception (`daily except Mondays`), and the exception; empty for none."""
    but = EXCEPT.search(text)
    return (text[: but.start()], text[but.end() :]) if but else (text, "")


class Calendar(NamedTuple):
    """Days of a week or a year, as numbers.

    asked: the days that a question names; none for every day. stated: those that a row, an item or a line is of.
    rest: a question without their names. year: how many numbers are days of a year, others being seasons; 0 for a week.
    Of a year, nothing takes the place of what is kept outside of lists, and of several members that are of a date those
    of few days answer, as a holiday does in place of its season.
    """

    asked: Callable[[str], Days]
    stated: Callable[[str], Days]
    rest: Callable[[str], str]
    year: int = 0


def on_asked(question: Question, kept: Collection[int], calendar: Calendar) -> list[int]:
    """What is kept -> the same with the rows, items or lines of the days that a question names, in place of others.

    Of several lists it is the one that names most of what else is asked for. Where nothing of it is kept, it answers
    if it holds all of that, with its labels and the title, unless a kept block outside of the other lists states such
    a day.
    """
    days = calendar.asked(question.page.query)
    return _Lists(question, calendar, days).answer(kept) if days else sorted(kept)


@dataclass(frozen=True)
class _Lists:
    """The lists of a page whose members are of different days, and the days that are asked for."""

    question: Question
    calendar: Calendar
    days: Days

    def answer(self, kept: Collection[int]) -> list[int]:
        """What is kept -> the same with the members of the days that are asked for."""
        groups = self._groups()
        best = self._best_named(groups)
        result = {*kept}
        for group in best:
            others = {i for i, stated in group.items() if not stated & self.days} | {*map(self._label_of, group)}
            if not others.isdisjoint(kept):
                result = result - others | self._with_names(self._of_days(group))
        elsewhere = {i for group in groups if group not in best for i in group}
        states_day = any(self._stated(i) & self.days for i in result - elsewhere)
        if states_day or result != {*kept} or (self.calendar.year and kept):
            return sorted(result)
        found = [group for group in best if self._is_asked(group)]
        return sorted(self._with_names(self._of_days(found[0])) if len(found) == 1 else result)

    def _stated(self, index: int) -> Days:
        return self.calendar.stated(self.question.block(index).text)

    def _groups(self) -> list[dict[int, Days]]:
        """The lists of a page whose members are of different days: of each its members and their days.

        Rows of a table and items of a list; lines and paragraphs with a number below one label; and what stands below
        labels that state days.
        """
        found: defaultdict[tuple[int, int], dict[int, Days]] = defaultdict(dict)
        for block in self.question.page.blocks:
            if block.is_heading or block.tag in ("th", "dt"):
                continue
            own, node = self._label_of(block.index), list_node(block)
            days = self._stated(own or block.index)
            if days and (node or own or has_digit(block.text)):
                above = self.question.above.get(own or block.index, [0])
                key = (0, above[-1]) if own or not node else (node, 0)
                found[key][block.index] = days
        return [group for group in found.values() if 1 < len(group) <= _MAX_MEMBERS and len({*group.values()}) > 1]

    def _best_named(self, groups: Sequence[Mapping[int, Days]]) -> list[Mapping[int, Days]]:
        """The lists with a member of the days that name, with their labels, most of what else is asked for."""
        question = self.question
        of_days = [group for group in groups if any(stated & self.days for stated in group.values())]
        held = [len(self._rest & question.held({*group, *chain(*map(question.names, group))})) for group in of_days]
        return [group for group, count in zip(of_days, held, strict=True) if count == max(held)]

    def _of_days(self, group: Mapping[int, Days]) -> set[int]:
        """The members of the days that hold what else is asked for, where some do."""
        found = {i for i, stated in group.items() if stated & self.days}
        found = self._of_few_days(group, found)
        for term in sorted(self._rest):
            found = {i for i in found if term in self.question.own[i]} or found
        return found

    def _of_few_days(self, group: Mapping[int, Days], found: set[int]) -> set[int]:
        """Of the members that are of a date, those of the fewest days, and those that are of a day which these are not.

        A season that is stated by its name alone is of many days.
        """
        year = range(self.calendar.year)
        asked = self.days.intersection(year)
        if not 0 < len(asked) <= _MOST_OF_DATE:
            return found
        covered, kept = frozenset[int](), set[int]()
        for i in sorted(found, key=lambda i: len(group[i].intersection(year)) or len(year)):
            is_as_short = all(len(group[i]) <= 2 * len(group[j]) and group[i] & asked for j in kept)
            if is_as_short or group[i] & asked - covered:
                kept.add(i)
                covered |= group[i]
        return kept

    def _label_of(self, index: int) -> int:
        """The innermost label of a block, if that states days and the block does not; 0 for none."""
        above = self.question.above.get(index, [0])
        return above[-1] if above[-1] and not self._stated(index) and self._stated(above[-1]) else 0

    def _with_names(self, indices: Collection[int]) -> set[int]:
        """Members with their header rows and their days."""
        names = (name for i in indices for name in (*self.question.headers.get(i, ()), self._label_of(i)))
        return {*indices, *filter(None, names)}

    @cached_property
    def _rest(self) -> set[str]:
        """The terms that a question holds beside days and opening hours."""
        asked = terms(self.calendar.rest(self.question.page.query)) & self.question.terms - _OF_OPENING
        return {term for term in asked if tells(term) and not is_sequence(term)}

    def _is_asked(self, group: Collection[int]) -> bool:
        """Whether a list outside of navigation holds all else that is asked for, with its labels and the title."""
        around = {name for i in group for name in self.question.names(i)}
        held = self.question.held({*group, *around}) | self.question.title
        return self._rest <= held and not any(is_apart(self.question.block(i)) for i in group)
