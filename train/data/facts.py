"""Synthetic pages of facts, with a question about one of them: short answers, which embedded articles do not teach.

An answer is a row of a table, an item of a list, the description of a term, or a sentence, on a short page. A page
without an answer is one where the name in the question is nowhere. `facts.yaml` holds the kinds of facts, names and
questions; the paragraphs around them are real text.
"""

from __future__ import annotations

import random
from calendar import month_name
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from eval.examples import Example
from indexlm.html.read import read_page

_NA_SHARE = 0.25
_INVENTED = 0.4  # of the sheets that allow any name, so that a model matches names instead of knowing them
_MINUTES = ("00", "05", "10", "15", "20", "30", "40", "45", "50")
_FIRST_NAMES = (
    *("Anna", "Ben", "Carla", "David", "Elena", "Farid", "Greta", "Hugo", "Ines", "Jonas"),
    *("Kofi", "Lena", "Marta", "Nils", "Olga", "Pavel", "Rosa", "Samir", "Tara", "Viktor"),
)
_ENDS = ("berg", "dale", "ford", "holm", "mar", "ton", "vik", "low", "sen", "rova", "lund", "ley", "zano", "mira")
_UNITS = ("kg", "g", "cm", "mm", "m", "km", "litres", "W", "GB", "hours", "minutes", "°C", "%")
_PRICES = ("€{}", "${}", "£{}", "{} €", "{} euros", "CHF {}", "{} kr")


Row = dict[str, Any]  # of facts.yaml


class _Fact(NamedTuple):
    """A fact's text, which only the block that holds it contains, and questions about it."""

    text: str
    questions: tuple[str, ...]


def fact_examples(paragraphs: Sequence[str], count: int, seed: int) -> Iterator[Example]:
    """`count` pages with a question each, with text of `paragraphs`. The same seed gives the same pages."""
    import yaml

    catalog = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    rng = random.Random(seed)
    for number in range(count):
        html, facts, missing = _page(catalog, paragraphs, rng)
        is_missing = rng.random() < _NA_SHARE
        fact = rng.choice(missing if is_missing else facts)
        question = rng.choice(fact.questions)
        if rng.random() < 0.2:
            question = question.lower().rstrip("?")
        url = f"https://{_invented(rng).lower()}{number}.example/"
        page = read_page(html.encode(), url=url, query=question)
        gold = () if is_missing else tuple(block.index for block in page.blocks if fact.text in block.text)
        if gold and page.blocks[gold[0] - 1].tag == "dd":
            gold = (gold[0] - 1, *gold)  # the term that it describes
        if is_missing or gold:
            yield replace(Example(page, gold), id=f"facts-{number}", source="facts", kind="en")


def _page(
    catalog: dict[str, Any], paragraphs: Sequence[str], rng: random.Random
) -> tuple[str, list[_Fact], list[_Fact]]:
    """A page's HTML, its facts, and facts of the same kinds that it does not hold."""
    kinds = catalog["kinds"]
    sentences = [_Fact(row["says"], tuple(row["asks"])) for row in catalog["sentences"]]
    facts = rng.sample(sentences, rng.choice((1, 2, 3, 5)))
    missing = rng.sample([_Fact("", fact.questions) for fact in sentences if fact not in facts], 4)
    parts = [f"<p>{fact.text}</p>" for fact in facts]
    for _ in range(rng.randint(0, 5)):
        words = rng.choice(paragraphs).split(" ")
        parts.append(f"<p>{escape(' '.join(words[: rng.choice((12, 30, 60, 120))]))}</p>")
    rng.shuffle(parts)
    for kind in rng.sample(kinds, rng.choice((1, 1, 1, 2, 3))):
        html, sheet_facts, absent = _sheet(kind, rng)
        parts.insert(rng.randint(0, len(parts)), html)
        facts += sheet_facts * 2  # asked for more often than sentences
        missing += absent * 3
    body = f"<h1>{rng.choice((_invented(rng), rng.choice(kinds)['title']))}</h1>{''.join(parts)}"
    if rng.random() < 0.5:
        body = f"<main>{body}</main>"
    if rng.random() < 0.5:
        links = [*rng.sample([kind["title"] for kind in kinds], rng.randint(2, 6)), "Contact"]
        menu = "".join(f'<li><a href="/{i}">{link}</a></li>' for i, link in enumerate(links))
        footer = f"<footer><p>© {rng.randint(2005, 2026)} {_invented(rng)}</p></footer>"
        body = f"<nav><ul>{menu}</ul></nav>{body}{footer}"
    title = rng.choice(("", _invented(rng), rng.choice(kinds)["title"]))
    return f"<html lang=en><head><title>{title}</title></head><body>{body}</body></html>", facts, missing


def _sheet(kind: Row, rng: random.Random) -> tuple[str, list[_Fact], list[_Fact]]:
    """A fact sheet's HTML in one of several shapes, its facts, and facts about names that it does not hold."""
    names = list(kind["names"])
    if kind.get("any_name") and (not names or rng.random() < _INVENTED):
        names = sorted({_invented(rng) + rng.choice(("", "", f" {rng.randint(2, 90)}")) for _ in range(10)})
    rng.shuffle(names)
    names, absent = names[: rng.randint(2, len(names) - 2)], names[-2:]
    columns = rng.sample(kind["columns"], rng.randint(1, len(kind["columns"])))
    values = {name: [_value(column["value"], rng) for column in columns] for name in names}
    heading = f"<h2>{kind['title']}</h2>" if rng.random() < 0.7 else ""
    shape = rng.choice(("table", "table", "list", "terms", "lines"))
    titles = [column["title"] for column in columns]
    if shape == "table":
        lines = {name: " | ".join([name, *values[name]]) for name in names}
        rows = ("".join(f"<td>{cell}</td>" for cell in (name, *values[name])) for name in names)
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        head = "".join(f"<th>{cell}</th>" for cell in (kind["of"], *titles))
        html = f"<table>{f'<tr>{head}</tr>' if rng.random() < 0.8 else ''}{body}</table>"
    else:
        more = [title.lower() for title in titles[1:]]
        lines = {}
        for name, (first, *others) in values.items():
            lines[name] = "; ".join([first, *(f"{title} {value}" for title, value in zip(more, others, strict=True))])
        if shape == "terms":
            html = f"<dl>{''.join(f'<dt>{name}</dt><dd>{text}</dd>' for name, text in lines.items())}</dl>"
        else:
            between = rng.choice((": ", " – ", ", "))
            lines = {name: f"{name}{between}{text}" for name, text in lines.items()}
            tag = "li" if shape == "list" else "p"
            html = "".join(f"<{tag}>{text}</{tag}>" for text in lines.values())
            html = f"<ul>{html}</ul>" if shape == "list" else html

    def questions(name: str) -> tuple[str, ...]:
        return tuple(text.format(name) for column in columns for text in column["asks"])

    texts = list(lines.values())
    unique = [name for name in names if texts.count(lines[name]) == 1]  # two terms may share a description
    return (
        heading + html,
        [_Fact(lines[name], questions(name)) for name in unique],
        [_Fact("", questions(name)) for name in absent],
    )


def _value(kind: str, rng: random.Random) -> str:
    """A value of a column's kind."""
    match kind:
        case "time":
            return f"{rng.randint(5, 23)}{rng.choice((':', '.'))}{rng.choice(_MINUTES)}"
        case "hours":
            opens = f"{rng.randint(6, 11)}{rng.choice((' am', ':00', ':30', '.00'))}"
            return f"{opens} – {rng.randint(3, 10)}{rng.choice((' pm', ':00'))}"
        case "price":
            whole, exact = f"{rng.randint(1, 90)}", f"{rng.randint(1, 60)}.{rng.choice(('50', '90', '25', '00'))}"
            amount = rng.choice((whole, exact))
            return rng.choice(_PRICES).format(amount)
        case "number":
            return f"{rng.randint(2, 900) * rng.choice((1, 10, 100, 1000)):,}"
        case "phone":
            form = rng.choice(("0{} {}", "+{} 20 {}", "0{}-{}"))
            return form.format(rng.randint(11, 99), rng.randint(10000, 999999))
        case "day":
            return f"{rng.randint(1, 28)} {rng.choice(month_name[1:])}{rng.choice(('', f' {rng.randint(1950, 2026)}'))}"
        case "person":
            return f"{rng.choice(_FIRST_NAMES)} {_invented(rng)}"
        case "measure":
            unit = rng.choice(_UNITS)
            return f"{rng.randint(1, 400)}{rng.choice(('', '.5'))} {unit}"
    raise ValueError(f"facts.yaml has a kind of value that is none: {kind!r}")


def _invented(rng: random.Random) -> str:
    return rng.choice("BCDFGHKLMNPRSTVW") + rng.choice("aeiou") + rng.choice("dlmnrstv") + rng.choice(_ENDS)
