"""Help documents -> question rows in their languages: headings ask for what stands below them, and tables by name."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Row = dict[str, Any]
Document = Mapping[str, Any]
"""A document: `id`, `source`, `license`, `lang`, `title`, `desc`, and `sections`, each `heading` and `paragraphs`."""

_MAX_ANSWER = 8  # paragraphs
_MAX_PARAGRAPHS = 40  # of a page
_OTHERS = (0, 1, 2, 3)  # documents on the same page
_MAX_LEAD = 4  # paragraphs of each of them
_HEADING_STAYS = 0.3  # else a question is matched by meaning alone
_HEADINGS_GONE = 0.25  # of the pages: those of the other sections as well
_BY_DESCRIPTION = 0.4  # of the questions on a document's lead
_LISTED = 0.3  # of the answers are list items, but for the first paragraph
_MAX_NAME_WORDS = 6
_MAX_NAME = 48  # characters


def section_row(documents: Sequence[Document], rng: random.Random) -> Row | None:
    """Documents of one language -> a row with a question that a section of one of them answers.

    The question is the section's heading, or the description of a document whose lead answers. Its heading is not on
    the page, or answers with its section. None where no section of the drawn document has a heading and 1 to
    `_MAX_ANSWER` paragraphs.
    """
    document = rng.choice(documents)
    parts = _parts(document)
    able = [i for i, (heading, texts) in enumerate(parts) if heading and 0 < len(texts) <= _MAX_ANSWER]
    if not able:
        return None
    answering = parts[rng.choice(able)]
    question = answering[0]
    if answering is parts[0] and document["desc"] and rng.random() < _BY_DESCRIPTION:
        question = document["desc"]
    others = rng.sample(documents, min(rng.choice(_OTHERS), len(documents)))
    leads = [(name, texts[:_MAX_LEAD]) for name, texts in (_parts(other)[0] for other in others if other != document)]
    sections = _around(parts, answering, rng)
    place = rng.randint(0, len(leads))
    stays, gone = rng.random() < _HEADING_STAYS, rng.random() < _HEADINGS_GONE
    lines: list[tuple[str, str]] = []
    relevant: list[int] = []
    for section in [*leads[:place], *sections, *leads[place:]]:
        heading, texts = section
        tags = ["p"] + ["li" if section is answering and rng.random() < _LISTED else "p"] * (len(texts) - 1)
        own = [*zip(tags, texts, strict=False)]
        if heading and (stays if section is answering else not gone):
            own.insert(0, ("h2", heading))
        if section is answering:
            relevant = list(range(len(lines), len(lines) + len(own)))
        lines += own
    return _row(document, "" if answering is parts[0] else document["title"], lines, question, relevant)


def table_row(documents: Sequence[Document], rng: random.Random) -> Row | None:
    """Documents of one language -> a row with a table, a list or terms of their names, and a question by name.

    None where too few names are short.
    """
    titles = {str(document["title"]) for document in rng.sample(documents, min(24, len(documents)))}
    names = [name for name in sorted(titles) if _is_short(name)]
    if len(names) < 8:
        return None
    rng.shuffle(names)
    columns, names = names[: rng.randint(1, 3)], names[3 : rng.randint(7, len(names))]
    cells = [[_value(rng) for _ in columns] for _ in names]
    shape = rng.choice(("table", "table", "li", "dl"))
    lines: list[tuple[str, str]]
    if shape == "table":
        lines = [("th", " | ".join(["", *columns]).strip())] * (rng.random() < 0.8)
        lines += [("tr", " | ".join([name, *row])) for name, row in zip(names, cells, strict=True)]
    elif shape == "li":
        lines = [("li", f"{name}: {', '.join(row)}") for name, row in zip(names, cells, strict=True)]
    else:
        lines = [
            line for name, row in zip(names, cells, strict=True) for line in (("dt", name), ("dd", ", ".join(row)))
        ]
    name = rng.choice(names)
    question = rng.choice((f"{rng.choice(columns)} {name}", f"{name} {rng.choice(columns)}", f"{name}?"))
    relevant = [i for i, (_, text) in enumerate(lines) if text.startswith(name)]
    if shape == "dl":
        relevant = [at for i in relevant for at in (i, i + 1)]
    texts = [text for document in rng.sample(documents, 2) for text in _parts(document)[0][1][:2]]
    before = rng.randint(0, len(texts))
    lines = [*(("p", text) for text in texts[:before]), *lines, *(("p", text) for text in texts[before:])]
    return _row(documents[0], "", lines, question, [before + i for i in relevant])


def _parts(document: Document) -> list[tuple[str, list[str]]]:
    """A document -> its lead below its title, and its other sections below their headings."""
    parts: list[tuple[str, list[str]]] = (
        [(str(document["title"] or ""), [])] if document["sections"][0]["heading"] else []
    )
    for section in document["sections"]:
        heading = section["heading"] or (document["title"] if not parts else "")
        parts.append((str(heading or ""), [text for text in section["paragraphs"] if text.strip()]))
    return parts


def _around(
    parts: Sequence[tuple[str, list[str]]], answering: tuple[str, list[str]], rng: random.Random
) -> Iterator[tuple[str, list[str]]]:
    """The sections of a document, without some where it is long."""
    room = _MAX_PARAGRAPHS - len(answering[1])
    chosen = []
    for part in rng.sample(parts, len(parts)):
        if part is not answering and len(part[1]) <= room:
            chosen.append(id(part))
            room -= len(part[1])
    return (part for part in parts if part is answering or id(part) in chosen)


def _row(document: Document, title: str, lines: list[tuple[str, str]], question: str, relevant: list[int]) -> Row:
    return {
        "source": document["source"],
        "license": document["license"],
        "lang": document["lang"],
        "title": title,
        "paragraphs": [text for _, text in lines],
        "tags": [tag for tag, _ in lines],
        "questions": [
            {"id": document["id"], "question": question, "answers": [], "relevant": relevant, "answerable": True}
        ],
    }


def _is_short(name: str) -> bool:
    return 0 < len(name) <= _MAX_NAME and len(name.split()) <= _MAX_NAME_WORDS


def _value(rng: random.Random) -> str:
    number = rng.randint(1, 900)
    form = rng.choice(("{}", "{}.50", "{} %", "{}:30", "€{}", "{} kg", "2{:03}", "{} – 9{}"))
    return form.format(number, number)
