"""The row of a table, or the item of a list of prices, that is the most or the least of what a question asks for."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from math import fsum

from heads.queries.cells import (
    amount_in,
    currency_of,
    decimal_sign,
    is_blank,
    is_date,
    is_range,
    number_in,
    only_price,
    time_in,
    unit_of,
)
from heads.queries.evidence import Question, alike
from heads.queries.kinds import MONEY, PERSON, asked_kind, asks_when
from heads.queries.questions import tells
from heads.queries.superlatives import (
    AGE_NAMES,
    MONEY_NAMES,
    Extreme,
    asked_extreme,
    behind_extreme,
    tells_of,
    without_extreme,
)
from indexlm.labels import CELL_ENDS, is_apart, list_node
from indexlm.patterns import late
from indexlm.text import has_digit, is_sequence, terms, word_set

_TOTALS = word_set(
    "total totals sum overall average mean median all summe gesamt insgesamt durchschnitt totale somme moyenne suma"
    " grand totaal totalt razem итого всего toplam 合計 合计 总计 평균 합계"
)
_RANKS = word_set("rank position pos place platz rang # №")
_KIND = late(
    r"^\W*(?:which|what|welche[rsnm]?|quel(?:le)?s?|qu[eé]|cu[aá]l(?:es)?|quale|qual|welke?|vilke[nt]|hvilke[nt]|któr[yae]"
    r"|как(?:ой|ая|ое))\s+(\w+)\s+(?:is|are|was|were|has|have|had|ist|sind|hat|hatte|est|sont|a|es|son|tiene|ha|tem|heeft"
    r"|är|har|er|jest|ma)\b",
    re.IGNORECASE,
)
_BIRTHS = "born birth birthday geboren geburtsdatum geburtsjahr naissance nacimiento nascita geboortedatum född"
_NAME = late(r"[\w#№]+")
_GERMAN = late(r"\b(?:welche\w*|wer|wann|wie|ist|sind|hat)\b", re.IGNORECASE)
_CLOCK = late(r"(?<!\d)\d{1,2}[:.h]\d{2}(?!\d)")
_MOST_ROWS = 500
_LEAST_SHARE = 0.8  # of the rows of a column that hold what is compared
_LEAST_SUMMED, _LEAST_TOTAL = 4, 50  # values, and what they are in all: of few small ones one is a sum by chance
_LEAST_ITEMS = 3  # of a list of prices of which fewer than two are kept
_LACKING_SEQUENCES = 0.75  # of a question in a script without spaces, where particles are sequences too
_MEANT = 0.5  # the weight of a column that is meant and not named

Values = Sequence[float | None]


def extreme_row(question: Question, kept: Collection[int]) -> int:
    """The one row of a table, or item of a list of prices, that holds the most or the least of what is asked (1-based).

    It is of a table or list of which something is kept, or of one that holds all that is asked for, with its labels and
    the title (of `order`: of a timetable, where it is asked when). 0 for none, for several, and where what is kept
    states the extreme itself or holds more of the question.
    """
    extreme = asked_extreme(question.page.query)
    if extreme is None or any(_states_it(question, extreme, i) for i in kept if i not in question.all_names):
        return 0
    tables: dict[tuple[int, ...], list[int]] = {}
    for row, headers in question.headers.items():
        tables.setdefault(headers, []).append(row)
    found = {_of_table(question, extreme, kept, headers, rows) for headers, rows in tables.items()}
    if extreme.of == "money":
        found.update(_of_list(question, extreme, kept, items) for items in _lists(question))
    found.discard(0)
    if len(found) > 1:  # beside the title, one may hold what is asked for itself
        asked = _asked(question)
        found = {row for row in found if asked <= question.held((row, *question.names(row)))}
    if len(found) != 1:
        return 0
    (row,) = found
    named = question.held(question.headers.get(row, ()))
    node = list_node(question.block(row))
    rivals = (i for i in kept if list_node(question.block(i)) == node and i not in question.all_names)
    return 0 if any(question.own[i] - named > question.own[row] - named for i in rivals) else row


def _asked(question: Question) -> set[str]:
    """The terms that a question holds beside what asks for an extreme."""
    query = without_extreme(question.page.query)
    articles = terms("die") if _GERMAN.search(query) else frozenset[str]()  # an English word that tells something
    return {term for term in terms(query) & question.terms - articles if tells(term)}


def _is_asked(question: Question, own: Collection[int]) -> bool:
    """Whether blocks hold all that is asked for, with their labels and the title.

    But for one word that stands nowhere, as a verb may, where what comes behind `the most` is held.
    """
    asked = _asked(question)
    above = {label for i in own for label in question.above.get(i, ())}
    held = question.held({*own, *above})
    lacking = asked - held - question.title
    if len(lacking) == 1 and not any(map(is_sequence, lacking)):
        return not behind_extreme(question.page.query).isdisjoint(held) and not any(
            lacking & question.own[block.index] for block in question.page.blocks
        )
    return all(map(is_sequence, lacking)) and len(lacking) <= _LACKING_SEQUENCES * len(asked)


def _states_it(question: Question, extreme: Extreme, index: int) -> bool:
    """Whether a block tells of the most or the least of what is asked for itself, as a sentence does."""
    return tells_of(question.block(index).text, extreme) and _asked(question) <= question.held([index]) | question.title


def _is_timetable(question: Question, rows: Sequence[int]) -> bool:
    """Whether rows hold times of a day, it is asked when, and the title names something of what is asked for."""
    timed = sum(_CLOCK.search(question.block(row).text) is not None for row in rows)
    return asks_when(question.page.query) and timed >= _LEAST_SHARE * len(rows) and any(map(tells, question.title))


def _of_table(
    question: Question, extreme: Extreme, kept: Collection[int], headers: Sequence[int], rows: Sequence[int]
) -> int:
    """The row of a table that answers; 0 for none."""
    header = next((question.block(i).text.split(CELL_ENDS) for i in headers if CELL_ENDS in question.block(i).text), [])
    is_kept = not {*headers, *rows}.isdisjoint(kept)
    if len(rows) > _MOST_ROWS or is_apart(question.block(rows[0])):
        return 0
    if any(tells_of(question.block(i).text, extreme) for i in headers):
        return 0
    is_by_place = extreme.of in ("order", "rank")
    is_asked = _is_timetable(question, rows) if is_by_place else _is_asked(question, (*headers, *rows))
    if not (is_kept or is_asked):
        return 0
    cells = {row: question.block(row).text.split(CELL_ENDS) for row in _asked_rows(question, header, rows)}
    cells = {row: of_row for row, of_row in cells.items() if len(of_row) == len(header)}
    columns = [[of_row[c] for of_row in cells.values()] for c in range(len(header))]
    if len(cells) < 2 or not header:
        return 0
    if is_by_place:
        is_certain = len({*rows}.intersection(kept)) == 1
        return 0 if is_certain else _first(cells, _order(question.page.query, extreme, header, columns), extreme.sign)
    values = [
        _compared(extreme, name, column, decimal_sign(question.page.lang, column))
        for name, column in zip(header, columns, strict=True)
    ]
    found = set()
    for place in _columns(question, extreme, header, columns, values):
        # The oldest has the greatest age, and the highest the least rank.
        is_turned = _is_age(header[place]) if extreme.of == "time" else _is_rank(header[place])
        told = values[place] or ()
        told = told if extreme.of == "money" else _without_total(told)
        found.add(_first(cells, told, -extreme.sign if is_turned else extreme.sign))
    return found.pop() if len(found) == 1 else 0


def _columns(
    question: Question,
    extreme: Extreme,
    header: Sequence[str],
    columns: Sequence[Sequence[str]],
    values: Sequence[Values | None],
) -> list[int]:
    """The places of the columns that are named most, or meant; where none is, of all of prices or times.

    One of numbers that cannot be compared, as in several units, may be the one that is named; the first column is not.
    The oldest and youngest of people are told by ages and births alone.
    """
    named = []
    for c, (name, column) in enumerate(zip(header, columns, strict=True)):
        is_number = c > 0 and extreme.of == "size" and 2 * sum(map(has_digit, column)) >= len(column)
        named.append(_named(question, extreme, name) if values[c] or is_number else 0.0)
    best = max(named)
    places = [c for c, weight in enumerate(named) if weight == best and (best or values[c])]
    is_of_person = extreme.of == "time" and asked_kind(question.page.query) is PERSON
    if best < 1 and is_of_person:
        places = [c for c in places if _is_age(header[c]) or not terms(header[c]).isdisjoint(terms(_BIRTHS))]
    elif not best:
        places = [c for c in places if extreme.of != "size" and not _is_rank(header[c])]
    return places


def _asked_rows(question: Question, header: Sequence[str], rows: Sequence[int]) -> list[int]:
    """The rows that hold what a question names besides columns, labels and the kind of thing, where some do.

    Of a table (with a `header`) without totals.
    """
    above = {label for row in rows for label in question.above.get(row, ())}
    named = alike(question.telling.keys(), frozenset[str]().union(*map(terms, header))) | question.held(above)
    kind = _KIND.search(question.page.query)
    named |= terms(kind[1]) if kind else frozenset()
    named |= behind_extreme(question.page.query, at_end=True) if header else frozenset()
    names = {row: terms(question.block(row).text.split(CELL_ENDS)[0]) for row in rows if header}
    found = [row for row in rows if not names.get(row) or not names[row] <= _TOTALS]
    for term in sorted(question.telling.keys() - named):
        found = [row for row in found if term in question.own[row]] or found
    return found


def _named(question: Question, extreme: Extreme, name: str) -> float:
    """How much of a question the name of a column holds; less than 1 for a column that is meant and not named."""
    weight = fsum(question.weights.get(term, 0.0) for term in alike(question.terms, terms(name)))
    meant = next((n for n, word in enumerate(extreme.headers.split()) if not terms(word).isdisjoint(terms(name))), -1)
    return 1 + weight if weight else _MEANT / (1 + meant) if meant >= 0 else 0.0  # the first words are the closest


def _is_rank(name: str) -> bool:
    found = {*_NAME.findall(name.lower())}
    return bool(found) and found <= _RANKS


def _is_age(name: str) -> bool:
    return not terms(name).isdisjoint(terms(AGE_NAMES))


def _compared(extreme: Extreme, name: str, cells: Sequence[str], decimal: str) -> Values | None:
    """The cells of a column -> their values, None for a blank one; None if they cannot be compared."""
    filled = [cell for cell in cells if not is_blank(cell)]
    if len(filled) < max(2, _LEAST_SHARE * len(cells)):
        return None
    if extreme.of == "time":
        found = [number_in(cell, decimal) if _is_age(name) else time_in(cell) for cell in filled]
    elif any(map(is_range, filled)) or all(map(is_date, filled)):
        return None
    elif extreme.of == "money":
        is_price = not terms(MONEY_NAMES).isdisjoint(terms(name))
        is_priced = is_price or any(MONEY.search(cell) for cell in (name, *filled))
        found = [amount_in(cell, decimal) if is_priced else None for cell in filled]
    else:
        found = [number_in(cell, decimal) for cell in filled]
    units = {unit_of(cell) for cell, value in zip(filled, found, strict=True) if value}
    if None in found or (extreme.of != "time" and len(units) > 1):
        return None
    values = iter(found)
    return [None if is_blank(cell) else next(values) for cell in cells]


def _order(query: str, extreme: Extreme, header: Sequence[str], columns: Sequence[Sequence[str]]) -> Values:
    """The places of rows: by their one column of dates, by rank, or by times or numbers that rise or fall.

    The numbers are of what is asked for (`the last round`). What is `top` stands first where there are none.
    """
    dated = [found for column in columns if any(map(is_date, column)) and (found := _complete(map(time_in, column)))]
    if len(dated) == 1:
        return dated[0]
    asked = behind_extreme(query)
    for name, column in zip(header, columns, strict=True):
        found = _complete(number_in(cell, ".") for cell in column) or []
        is_sorted = all(a < b for a, b in pairwise(found)) or all(a > b for a, b in pairwise(found))
        is_clock = all(map(_CLOCK.fullmatch, column))
        if found and (_is_rank(name) or (is_sorted and (is_clock or not asked.isdisjoint(terms(name))))):
            return found
    return range(len(columns[0])) if extreme.of == "rank" else ()


def _complete(values: Iterator[float | None]) -> list[float] | None:
    """Values, if none is lacking."""
    found = [*values]
    told = [value for value in found if value is not None]
    return told if len(told) == len(found) else None


def _first(rows: Iterable[int], found: Values, sign: int) -> int:
    """The one row with the greatest value times the sign; 0 where several have it."""
    values = {row: value for row, value in zip(rows, found, strict=False) if value is not None}
    most = max((sign * value for value in values.values()), default=0.0)
    best = [row for row, value in values.items() if sign * value == most]
    return best[0] if len(best) == 1 else 0


def _without_total(found: Values) -> Values:
    """Values without the first or the last one, if it is the sum of all others."""
    told = [value or 0.0 for value in found]
    if len(told) < _LEAST_SUMMED or max(told) < _LEAST_TOTAL:
        return found
    half = fsum(told) / 2
    return [None if n in (0, len(told) - 1) and abs(told[n] - half) < 0.001 * half else v for n, v in enumerate(found)]


def _lists(question: Question) -> list[list[int]]:
    """The lists of a page, of each its items."""
    found: dict[int, list[int]] = {}
    for block in question.page.blocks:
        if block.tag == "li" and list_node(block) and not is_apart(block):
            found.setdefault(list_node(block), []).append(block.index)
    return [*found.values()]


def _of_list(question: Question, extreme: Extreme, kept: Collection[int], items: Sequence[int]) -> int:
    """The item of a list of prices that answers, where several are kept or the list is asked for; 0 for none."""
    decimal = decimal_sign(question.page.lang)
    is_kept = len({*items}.intersection(kept)) > 1
    if not (is_kept or (len(items) >= _LEAST_ITEMS and _is_asked(question, items))):
        return 0
    items = _asked_rows(question, (), items)
    prices = [only_price(question.block(i).text, decimal) for i in items]
    if None in prices or len({currency_of(question.block(i).text) for i in items} - {""}) > 1:
        return 0
    return _first(items, prices, extreme.sign)
