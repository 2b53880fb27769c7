"""Where rows come from: files, published folders and the Hub -> checked rows of one layout."""

from __future__ import annotations

import random
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

from eval.published import corpus_rows
from eval.rows import stream_rows
from indexlm.page import IndexLMError
from indexlm.text import words
from train.data.hub import HUB, PAPER, PAPER_ROWS
from train.data.splits import apportion, split_key

FREE_LICENCES = (
    *("CC-BY-4.0", "CC-BY-SA-", "CC0-1.0", "Apache-2.0", "MIT", "BSD-3-Clause", "FreeBSD-DOC", "MPL-2.0"),
    *("CC0-1.0 AND PSF-2.0", "MIT OR Apache-2.0"),
)
"""What the shipped models may be trained on; a name that ends in a hyphen stands for all its versions."""

_MIN_ROWS_AT_ONCE = 32


class Source(NamedTuple):
    """A source as an option names it.

    location: a path, or a name of `train.data.hub.HUB`.
    name: what stands in place of the rows' own source; empty for that.
    rows: the most rows of train and eval together; None: all.
    """

    location: str
    name: str = ""
    rows: int | None = None


def parse_source(text: str) -> Source:
    """`[NAME=]LOCATION[@ROWS]` -> a source."""
    name, is_named, rest = text.rpartition("=") if re.match(r"[\w.-]+=", text) else ("", "", text)
    location, is_counted, rows = rest.rpartition("@") if re.search(r"@\d+\Z", rest) else (rest, "", "")
    if not location or (is_counted and int(rows) < 1):
        raise IndexLMError(
            f"a source is [NAME=]PATH or a name of the Hub ({', '.join(HUB)}), and @ROWS from 1; found {text!r}"
        )
    return Source(location, name if is_named else "", int(rows) if is_counted else None)


def paper_sources() -> list[Source]:
    """The published composition as sources of the Hub; `PAPER_ROWS[1]` of the rows are for evaluation."""
    return [Source(name, "", rows) for name, rows in apportion(sum(PAPER_ROWS), PAPER).items()]


def is_free(licence: str | None) -> bool:
    """Whether a licence is one of `FREE_LICENCES`."""
    return is_licensed(licence or "", FREE_LICENCES)


def is_licensed(licence: str, wanted: Sequence[str]) -> bool:
    """Whether rows of a licence are wanted: by name, by a name that ends in a hyphen, or as `free`; all where empty."""
    names = [*wanted, *FREE_LICENCES] if "free" in wanted else wanted
    return not names or any(licence == name or (name.endswith("-") and licence.startswith(name)) for name in names)


@dataclass(slots=True)
class OpenSource:
    """A source whose file was read through once.

    location, name, rows: as in `Source`.
    read: reads the file or folder from its beginning; None for the Hub.
    eligible: the numbers of the rows with a wanted licence.
    pages: of the rows with HTML their number and split key.
    needs_hosts: whether its rows are embedded in other pages.
    per_row: about how many rows of the data set one row gives.
    refused: how many rows have another licence.
    """

    location: str
    name: str
    rows: int | None
    read: Callable[[], Iterator[dict[str, Any]]] | None = None
    eligible: Sequence[int] = ()
    pages: list[tuple[int, str]] = field(default_factory=list)
    needs_hosts: bool = False
    per_row: int = 1
    refused: int = 0

    @property
    def size(self) -> int | None:
        """About how many rows it gives; None where that is not known."""
        if self.read is None:
            return self.rows
        size = len(self.eligible) * self.per_row
        return size if self.rows is None else min(size, self.rows)


def open_source(source: Source, licenses: Sequence[str], questions: int) -> OpenSource:
    """Read a source through once. Of an article at most `questions` become rows.

    Raises `IndexLMError` for a source that cannot be read, or has no row of a wanted licence.
    """
    if source.location in HUB:
        return OpenSource(*source, needs_hosts=source.location != "htmlrag")
    path = Path(source.location)
    read, survey = _readers(path)
    first = next(read(), None)
    if first is None:
        raise IndexLMError(f"a source has rows; {path} has none")
    is_article = "paragraphs" in first
    if not is_article and not {"gold_text", "text"} & set(first):
        raise IndexLMError(f"rows have gold_text (ME) or paragraphs and questions (QE); {path} has {', '.join(first)}")
    has_html = not is_article and bool(first.get("html"))
    opened = OpenSource(*source, read, needs_hosts=not has_html, per_row=questions if is_article else 1)
    eligible = array("L")
    for i, row in enumerate(survey):
        if is_licensed(str(row.get("license") or ""), licenses):
            eligible.append(i)
            if has_html:
                opened.pages.append((i, split_key(row)))
        else:
            opened.refused += 1
    opened.eligible = eligible
    if not eligible:
        raise IndexLMError(f"rows of {path} have a licence of {', '.join(licenses)}; found none")
    return opened


def _readers(path: Path) -> tuple[Callable[[], Iterator[dict[str, Any]]], Iterable[dict[str, Any]]]:
    """A file or folder -> a function that reads its rows, and its rows with the columns that a survey needs."""
    if path.is_dir():
        if corpus_rows(path, "dev") is None:
            raise IndexLMError(f"a source folder is one of WCXB or article-extraction-benchmark; {path} is neither")
        read: Any = partial(corpus_rows, path, "dev")
        return read, read()
    if path.suffix in (".parquet", ".jsonl") and path.is_file():
        return partial(stream_rows, path), stream_rows(path, ("license", "url", "title", "id", "key"))
    raise IndexLMError(
        f"a source is a .parquet or .jsonl file, a folder or a name of the Hub ({', '.join(HUB)}); found {path}"
    )


def draw_rows(source: OpenSource, missing: Callable[[], int], rng: random.Random) -> Iterator[dict[str, Any]]:
    """A file's rows: all in file order or, where fewer are needed, drawn evenly until none are missing."""
    assert source.read is not None
    order: Sequence[int] = source.eligible
    size = len(order)
    if ceil(missing() / source.per_row) < size:
        order = rng.sample(source.eligible, size)
        size = ceil(missing() / source.per_row)
    start = 0
    while start < len(order):
        chosen = set(order[start : start + size])
        for i, row in enumerate(islice(source.read(), max(chosen) + 1)):
            if i in chosen:
                yield row
        start += size
        size = max(_MIN_ROWS_AT_ONCE, 2 * ceil(missing() / source.per_row))


class Question(NamedTuple):
    """A question and the numbers (from 0) of the paragraphs that answer it; none where it has no answer."""

    id: str
    text: str
    relevant: set[int]


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A checked row of a source: a page, a text without HTML, or an article with questions. What it lacks is empty.

    key: what decides its split.
    html, gold_text: a page and its main content, or what answers the `query`; a text has no `html`.
    paragraphs, tags, questions: an article, its paragraphs' elements (empty: all `p`), and what is asked of it.
    unanswered: how many questions are left out, because no paragraph holds one of their answers.
    """

    id: str
    source: str
    license: str
    lang: str
    key: str
    url: str = ""
    title: str = ""
    page_type: str = ""
    query: str = ""
    html: str | bytes = ""
    gold_text: str = ""
    paragraphs: Sequence[str] = ()
    tags: Sequence[str] = ()
    questions: Sequence[Question] = ()
    unanswered: int = 0


def check_row(row: dict[str, Any], source: OpenSource, number: int) -> SourceRow:
    """A row of a source and its number -> the checked row. Raises `IndexLMError` where it breaks its layout."""

    def need(is_good: bool, rule: str) -> None:
        if not is_good:
            raise IndexLMError(f"{rule}; row {row.get('id') or number} of {source.location} breaks this")

    stem = Path(source.location).stem
    names = ("license", "lang", "url", "title", "page_type", "query")
    values: dict[str, Any] = {name: str(row.get(name) or "") for name in names}
    values["id"] = str(row.get("id") or f"{stem}-{number}")
    values["source"] = source.name or str(row.get("source") or stem)
    values["key"] = split_key(row) or values["id"]
    values["html"] = row.get("html") or ""
    need(isinstance(values["html"], str | bytes), "html is text")
    if "paragraphs" not in row:
        values["gold_text"] = row.get("gold_text") or row.get("text") or ""
        need(isinstance(values["gold_text"], str), "gold_text is text")
        return SourceRow(**values)
    paragraphs, tags = row["paragraphs"], row.get("tags") or ()
    need(_are(paragraphs, str) and len(paragraphs) > 0, "paragraphs are a list of texts")
    need(_are(row.get("questions"), dict), "questions are a list of objects")
    need(not tags or (_are(tags, str) and len(tags) == len(paragraphs)), "tags are as many as paragraphs")
    questions, unanswered = [], 0
    for question in row["questions"]:
        text, relevant, answers = (question.get(name) for name in ("question", "relevant", "answers"))
        stated = question.get("answerable")
        need(isinstance(text, str) and bool(text.strip()), "a question has words")
        need(
            relevant is not None or answers is not None or stated is False,
            "a question has `relevant`, the numbers of paragraphs, or `answers`, texts in them; an empty one says none",
        )
        need(answers is None or _are(answers, str), "answers are a list of texts")
        if answers and not relevant and stated is not False:
            relevant = _holders(answers, paragraphs)
            if not relevant:
                unanswered += 1
                continue
        relevant = relevant or []
        is_numbered = _are(relevant, int) and all(0 <= k < len(paragraphs) for k in relevant)
        need(is_numbered, "relevant are numbers of paragraphs from 0")
        is_answerable = bool(relevant) if stated is None else bool(stated)
        need(bool(relevant) or not is_answerable, "an answerable question has a relevant paragraph")
        id = str(question.get("id") or values["id"])
        questions.append(Question(id, text, set(relevant) if is_answerable else set()))
    return SourceRow(**values, paragraphs=paragraphs, tags=tuple(tags), questions=questions, unanswered=unanswered)


def _holders(answers: Sequence[str], paragraphs: Sequence[str]) -> list[int]:
    """The numbers of the paragraphs that hold the words of an answer one after the other."""
    wanted = [f" {' '.join(words(answer))} " for answer in answers if words(answer)]
    texts = [f" {' '.join(words(paragraph))} " for paragraph in paragraphs]
    return [i for i, text in enumerate(texts) if any(answer in text for answer in wanted)]


def _are(values: object, kind: type) -> bool:
    return isinstance(values, list | tuple) and all(isinstance(value, kind) for value in values)
