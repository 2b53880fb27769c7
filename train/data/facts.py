"""Short pages made up of facts, and questions about one of them: what articles in real pages do not teach.

An answer is a table's row, a list's item, a term's description or a sentence, on a page of little else. What is asked
for and stands nowhere on the page makes a page without an answer. Kinds of facts, names and questions are those of
`facts.yaml`; the paragraphs around them are real text.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from eval.examples import Example
from indexlm.html.read import read_page

__all__ = ["fact_examples"]

_NA_SHARE = 0.25
_INVENTED = 0.4  # of the sheets whose names may be any: a model shall match names, not know them
_MINUTES = ("00", "05", "10", "15", "20", "30", "40", "45", "50")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_FIRST_NAMES = (
    *("Anna", "Ben", "Carla", "David", "Elena", "Farid", "Greta", "Hugo", "Ines", "Jonas"),
    *("Kofi", "Lena", "Marta", "Nils", "Olga", "Pavel", "Rosa", "Samir", "Tara", "Viktor"),
)
_ENDS = ("berg", "dale", "ford", "holm", "mar", "ton", "vik", "low", "sen", "rova", "lund", "ley", "zano", "mira")
_UNITS = ("kg", "g", "cm", "mm", "m", "km", "litres", "W", "GB", "hours", "minutes", "°C", "%")
_PRICES = ("€{}", "${}", "£{}", "{} €", "{} euros", "CHF {}", "{} kr")


class _Fact(NamedTuple):
    said: str  # what only the block that holds it says
    questions: tuple[str, ...]


def fact_examples(paragraphs: Sequence[str], count: int, seed: int) -> Iterator[Example]:
    """`count` pages with a question each; `paragraphs` lend some of their text. The same seed gives the same pages."""
    import yaml

    known = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    draw = random.Random(seed)
    for number in range(count):
        html, facts, missing = _page(known, paragraphs, draw)
        is_missing = draw.random() < _NA_SHARE
        fact = draw.choice(missing if is_missing else facts)
        question = draw.choice(fact.questions)
        if draw.random() < 0.2:
            question = question.lower().rstrip("?")
        host = f"https://{_invented(draw).lower()}{number}.example/"
        page = read_page(html.encode(), url=host, query=question)
        gold = () if is_missing else tuple(block.index for block in page.blocks if fact.said in block.text)
        if gold and page.blocks[gold[0] - 1].tag == "dd":
            gold = (gold[0] - 1, *gold)  # the term that it describes
        if is_missing or gold:
            yield replace(Example(page, gold), id=f"facts-{number}", source="facts", kind="en")


def _page(
    known: dict[str, Any], paragraphs: Sequence[str], draw: random.Random
) -> tuple[str, list[_Fact], list[_Fact]]:
    """A page's HTML, the facts that it holds, and some of the same kinds that it does not."""
    kinds = known["kinds"]
    sentences = [_Fact(row["says"], tuple(row["asks"])) for row in known["sentences"]]
    facts = draw.sample(sentences, draw.choice((1, 2, 3, 5)))
    missing = draw.sample([_Fact("", fact.questions) for fact in sentences if fact not in facts], 4)
    parts = [f"<p>{fact.said}</p>" for fact in facts]
    for _ in range(draw.randint(0, 5)):
        words = draw.choice(paragraphs).split(" ")
        parts.append(f"<p>{escape(' '.join(words[: draw.choice((12, 30, 60, 120))]))}</p>")
    draw.shuffle(parts)
    for kind in draw.sample(kinds, draw.choice((1, 1, 1, 2, 3))):
        html, held, others = _sheet(kind, draw)
        parts.insert(draw.randint(0, len(parts)), html)
        facts += held * 2  # a sheet's facts are asked for more often than sentences
        missing += others * 3
    body = f"<h1>{draw.choice((_invented(draw), draw.choice(kinds)['title']))}</h1>{''.join(parts)}"
    if draw.random() < 0.5:
        body = f"<main>{body}</main>"
    if draw.random() < 0.5:
        links = [*draw.sample([kind["title"] for kind in kinds], draw.randint(2, 6)), "Contact"]
        menu = "".join(f'<li><a href="/{i}">{link}</a></li>' for i, link in enumerate(links))
        footer = f"<footer><p>© {draw.randint(2005, 2026)} {_invented(draw)}</p></footer>"
        body = f"<nav><ul>{menu}</ul></nav>{body}{footer}"
    title = draw.choice(("", _invented(draw), draw.choice(kinds)["title"]))
    return f"<html lang=en><head><title>{title}</title></head><body>{body}</body></html>", facts, missing


def _sheet(kind: dict[str, Any], draw: random.Random) -> tuple[str, list[_Fact], list[_Fact]]:
    """A fact sheet's HTML in one of several shapes, its facts, and facts of names that it does not have."""
    names = list(kind["names"])
    if kind.get("any_name") and (not names or draw.random() < _INVENTED):
        made = {_invented(draw) + draw.choice(("", "", f" {draw.randint(2, 90)}")) for _ in range(10)}
        names = sorted(made)
    draw.shuffle(names)
    names, absent = names[: draw.randint(2, len(names) - 2)], names[-2:]
    columns = draw.sample(kind["columns"], draw.randint(1, len(kind["columns"])))
    values = {name: [_VALUES[column["value"]](draw) for column in columns] for name in names}
    heading = f"<h2>{kind['title']}</h2>" if draw.random() < 0.7 else ""
    shape = draw.choice(("table", "table", "list", "terms", "lines"))
    titles = [column["title"] for column in columns]
    if shape == "table":
        said = {name: " | ".join([name, *values[name]]) for name in names}
        rows = ("".join(f"<td>{cell}</td>" for cell in (name, *values[name])) for name in names)
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        head = "".join(f"<th>{cell}</th>" for cell in (kind["of"], *titles))
        html = f"<table>{f'<tr>{head}</tr>' if draw.random() < 0.8 else ''}{body}</table>"
    else:
        more = [title.lower() for title in titles[1:]]
        said = {}
        for name, (first, *others) in values.items():
            said[name] = "; ".join([first, *(f"{title} {value}" for title, value in zip(more, others, strict=True))])
        if shape == "terms":
            html = f"<dl>{''.join(f'<dt>{name}</dt><dd>{text}</dd>' for name, text in said.items())}</dl>"
        else:
            between = draw.choice((": ", " – ", ", "))
            said = {name: f"{name}{between}{text}" for name, text in said.items()}
            tag = "li" if shape == "list" else "p"
            html = "".join(f"<{tag}>{text}</{tag}>" for text in said.values())
            html = f"<ul>{html}</ul>" if shape == "list" else html

    def asked(name: str) -> tuple[str, ...]:
        return tuple(text.format(name) for column in columns for text in column["asks"])

    texts = list(said.values())
    once = [name for name in names if texts.count(said[name]) == 1]  # a description that two terms share tells of none
    return (
        heading + html,
        [_Fact(said[name], asked(name)) for name in once],
        [_Fact("", asked(name)) for name in absent],
    )


def _time(draw: random.Random) -> str:
    return f"{draw.randint(5, 23)}{draw.choice((':', '.'))}{draw.choice(_MINUTES)}"


def _hours(draw: random.Random) -> str:
    opens = f"{draw.randint(6, 11)}{draw.choice((' am', ':00', ':30', '.00'))}"
    return f"{opens} – {draw.randint(3, 10)}{draw.choice((' pm', ':00'))}"


def _price(draw: random.Random) -> str:
    amount = draw.choice((f"{draw.randint(1, 90)}", f"{draw.randint(1, 60)}.{draw.choice(('50', '90', '25', '00'))}"))
    return draw.choice(_PRICES).format(amount)


def _number(draw: random.Random) -> str:
    return f"{draw.randint(2, 900) * draw.choice((1, 10, 100, 1000)):,}"


def _phone(draw: random.Random) -> str:
    return draw.choice(("0{} {}", "+{} 20 {}", "0{}-{}")).format(draw.randint(11, 99), draw.randint(10000, 999999))


def _day(draw: random.Random) -> str:
    return f"{draw.randint(1, 28)} {draw.choice(_MONTHS)}{draw.choice(('', f' {draw.randint(1950, 2026)}'))}"


def _person(draw: random.Random) -> str:
    return f"{draw.choice(_FIRST_NAMES)} {_invented(draw)}"


def _measure(draw: random.Random) -> str:
    unit = draw.choice(_UNITS)
    return f"{draw.randint(1, 400)}{draw.choice(('', '.5'))} {unit}"


_VALUES: dict[str, Callable[[random.Random], str]] = {
    "time": _time,
    "hours": _hours,
    "price": _price,
    "number": _number,
    "phone": _phone,
    "day": _day,
    "person": _person,
    "measure": _measure,
}


def _invented(draw: random.Random) -> str:
    return draw.choice("BCDFGHKLMNPRSTVW") + draw.choice("aeiou") + draw.choice("dlmnrstv") + draw.choice(_ENDS)
