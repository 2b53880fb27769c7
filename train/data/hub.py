"""Data sets of the Hugging Face Hub as rows in the layouts that `indexlm.examples` reads.

A converter is a pure function of one published row, and raises `UnusableError` for one that says too little. It makes

- questions over several articles: a QE row whose `paragraphs` hold the articles one after the other and whose `tags`
  tell their titles (`h2`) from their text (`p`); it is laid whole;
- real pages with a question: an ME row with a `query`, whose gold text is the evidence;
- articles without HTML: an ME row without `html`, to be laid into a real page.

`key` is what decides the split where a row has neither a domain nor one document: its question.
"""

from __future__ import annotations

import logging
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from indexlm.html.read import read_page
from indexlm.page import IndexLMError
from indexlm.text import words

__all__ = [
    "HUB",
    "PAPER",
    "PAPER_ROWS",
    "UnusableError",
    "article",
    "hotpotqa",
    "htmlrag",
    "hub_rows",
    "load",
    "msmarco",
    "multihoprag",
]

Row = dict[str, Any]

PAPER = {"multihoprag": 33.2, "hotpotqa": 30.0, "htmlrag": 12.0, "msmarco": 22.0, "mismatched": 2.0}
"""Per cent of the rows by source, as published for a replication of arXiv 2512.06641."""

PAPER_ROWS = (21_098, 500)
"""How many of them are for training, and for evaluation."""

_BUFFER = 1000  # rows that a stream is shuffled in
_PASSES = 4  # over a small data set: each lays its rows anew
_FOUND = 0.8  # of a fact's words, at least, stand in the paragraph that it was taken from


class UnusableError(Exception):
    """Why a published row makes no example."""


class DataSet(NamedTuple):
    """Where the Hub keeps a data set: its id, configuration and split."""

    id: str
    config: str | None
    split: str = "train"


HUB = {
    "hotpotqa": DataSet("hotpotqa/hotpot_qa", "distractor"),
    "multihoprag": DataSet("yixuantt/MultiHopRAG", "MultiHopRAG"),
    "htmlrag": DataSet("zstanjj/HtmlRAG-train", None),
    "msmarco": DataSet("microsoft/ms_marco", "v2.1"),
    "mismatched": DataSet("hotpotqa/hotpot_qa", "distractor"),
}
"""The named sources; `mismatched` is to be asked other rows' questions, so that the answer is NA."""


def load(data: DataSet, seed: int) -> Iterator[Row]:
    """A data set's rows, streamed and shuffled in a buffer; `IndexLMError` where it cannot be reached or read."""
    from datasets import load_dataset

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # it reports each of its retries
    try:
        rows = load_dataset(data.id, data.config, split=data.split, streaming=True)
        yield from rows.shuffle(seed=seed, buffer_size=_BUFFER)
    except Exception as error:  # what the Hub's client and the readers raise is of no one type
        first_line = str(error).strip().partition("\n")[0]
        raise IndexLMError(f"{data.id!r} cannot be had from the Hugging Face Hub: {first_line}") from None


def hub_rows(name: str, seed: int, left_out: Counter[str], once: bool = True) -> Iterator[Row]:
    """A named source -> its rows in our layouts; rows that cannot be used are counted by reason.

    MultiHopRAG is small: it is gone through again, laid anew, unless `once`.
    """
    if name == "multihoprag":
        yield from _multihoprag(seed, left_out, 1 if once else _PASSES)
        return
    convert = {"htmlrag": htmlrag, "msmarco": msmarco}.get(name, hotpotqa)
    # Other rows of HotpotQA come first where they are asked what they do not answer.
    for row in load(HUB[name], seed + (name == "mismatched")):
        made = _made(name, left_out, convert, row)
        if made is not None:
            yield made | {"source": name}


def _multihoprag(seed: int, left_out: Counter[str], passes: int) -> Iterator[Row]:
    rng = random.Random(seed)
    corpus = list(load(HUB["multihoprag"]._replace(config="corpus"), seed))
    published = [*((True, row) for row in load(HUB["multihoprag"], seed)), *((False, row) for row in corpus)]
    for _ in range(passes):
        rng.shuffle(published)
        for is_question, row in published:
            convert = partial(multihoprag, corpus=corpus, rng=rng) if is_question else article
            made = _made("multihoprag", left_out, convert, row)
            if made is not None:
                yield made


def _made(name: str, left_out: Counter[str], convert: Callable[[Row], Row], row: Row) -> Row | None:
    try:
        return convert(row)
    except UnusableError as reason:
        left_out[f"{name}: {reason}"] += 1
        return None
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise IndexLMError(
            f"a row of {HUB[name].id!r} is as documented; found {', '.join(row)} ({type(error).__name__}: {error})"
        ) from None


def hotpotqa(row: Row) -> Row:
    """HotpotQA (distractor): ten articles on a page, a block a sentence; the supporting facts are relevant."""
    context, facts = _columns(row["context"]), _columns(row["supporting_facts"])
    articles = _Articles()
    at: dict[tuple[str, int], int | None] = {}
    for title, sentences in zip(context["title"], context["sentences"], strict=True):
        for k, place in enumerate(articles.add(title, sentences)):
            at[title, k] = place
    relevant: set[int] = set()
    for title, k in zip(facts["title"], facts["sent_id"], strict=True):
        place = at.get((title, k))
        if place is None:
            raise UnusableError("a supporting fact is not in the context")
        relevant.add(place)
    return _questions("hotpotqa", "CC-BY-SA-4.0", row["id"], row["question"], articles, relevant)


def multihoprag(row: Row, corpus: Sequence[Row], rng: random.Random) -> Row:
    """MultiHopRAG: the paragraphs around each piece of evidence, and the beginnings of other articles of the corpus.

    A `null_query` has no evidence, and no article that answers it.
    """
    evidence: dict[str, list[str]] = {}
    for piece in row["evidence_list"]:
        evidence.setdefault(piece["url"], []).append(piece["fact"])
    if not evidence and row["question_type"] != "null_query":
        raise UnusableError("a question has no evidence")
    by_url = {article["url"]: article for article in corpus}
    parts: list[tuple[str, list[str], set[int]]] = []  # title, paragraphs, which of them are evidence
    for url, facts in evidence.items():
        if url not in by_url:
            raise UnusableError("an article of the evidence is not in the corpus")
        paragraphs = _paragraphs(by_url[url]["body"])
        holders = {_holder(fact, paragraphs) for fact in facts}
        near = rng.randint(1, 2)
        shown = [i for i in range(len(paragraphs)) if any(abs(i - k) <= near for k in holders)]
        parts.append((by_url[url]["title"], [paragraphs[i] for i in shown], {shown.index(k) for k in holders}))
    others = [article for article in corpus if article["url"] not in evidence]
    for other in rng.sample(others, min(rng.randint(1, 3) + (not evidence), len(others))):
        parts.append((other["title"], _paragraphs(other["body"])[: rng.randint(3, 6)], set()))
    rng.shuffle(parts)
    articles = _Articles()
    relevant: set[int] = set()
    for title, paragraphs, holders in parts:
        places = articles.add(title, paragraphs)
        relevant |= {place for k in holders if (place := places[k]) is not None}
    return _questions("multihoprag", "ODC-By-1.0", row["query"], row["query"], articles, relevant)


def article(row: Row) -> Row:
    """An article of MultiHopRAG's corpus: main content without HTML."""
    return {
        "id": row["url"],
        "source": "multihoprag",
        "license": "ODC-By-1.0",
        "lang": "en",
        "url": row["url"],
        "title": row["title"],
        "gold_text": row["body"],
    }


_HTMLRAG = re.compile(r"\A\*\*HTML\*\*: ```(.*)```\s*\*\*Question\*\*: \*\*(.+?)\*\*\s*Your task", re.DOTALL)
_NUMBERED = re.compile(r"(</?)(?!h[1-6][\s/>])(h[1-6]|[a-z]+)\d+(?=[\s/>])")


def htmlrag(row: Row) -> Row:
    """HtmlRAG-train: real pages that a search found, in a chat message; its answer is the evidence.

    The message is ``**HTML**: ```…``` **Question**: **…** Your task …``, the answer the tags that lead to the evidence
    and then its HTML. Tags of a name that their parent holds several of are numbered (`<div1>`), which is undone.
    """
    by_role = {message["role"]: message["content"] for message in row["messages"]}
    found = _HTMLRAG.search(by_role.get("user", ""))
    if found is None:
        raise UnusableError("a message has not the published form")
    answer = read_page(_NUMBERED.sub(r"\1\2", by_role.get("assistant", "")).encode("utf-8", "replace")).text
    if not answer.strip():
        raise UnusableError("an answer holds no text")
    return {
        "id": f"htmlrag-{row['id']}",
        "source": "htmlrag",
        "license": "MIT",
        "lang": "en",
        "url": "",
        "html": _NUMBERED.sub(r"\1\2", found[1]),
        "gold_text": answer,
        "query": found[2],
        "key": found[2],
    }


def msmarco(row: Row) -> Row:
    """MS MARCO (v2.1): the passages found for a query as paragraphs; those that an annotator selected are relevant."""
    passages = _columns(row["passages"])
    answered = any(answer.strip() and answer != "No Answer Present." for answer in row["answers"])
    articles = _Articles()
    places = articles.add(None, passages["passage_text"])
    selected = [place for place, is_selected in zip(places, passages["is_selected"], strict=True) if is_selected]
    relevant = {place for place in selected if place is not None}
    if answered != bool(relevant):
        raise UnusableError("an answer and the selected passages contradict each other")
    # Its terms allow research that is not commercial; they have no SPDX name.
    return _questions("msmarco", "LicenseRef-MS-MARCO", row["query_id"], row["query"], articles, relevant)


class _Articles:
    """Articles one after the other on one page."""

    def __init__(self) -> None:
        self.paragraphs: list[str] = []
        self.tags: list[str] = []

    def add(self, title: str | None, texts: Sequence[str]) -> list[int | None]:
        """Returns the place of each text; None for one without words, which makes no paragraph."""
        if title is not None:
            self._append("h2", title)
        return [self._append("p", text) if text.strip() else None for text in texts]

    def _append(self, tag: str, text: str) -> int:
        self.tags.append(tag)
        self.paragraphs.append(" ".join(text.split()))
        return len(self.tags) - 1


def _questions(source: str, license: str, id: object, question: str, articles: _Articles, relevant: set[int]) -> Row:
    asked = {"id": f"{source}-{id}", "question": question, "relevant": sorted(relevant), "answerable": bool(relevant)}
    return {
        "id": asked["id"],
        "source": source,
        "license": license,
        "lang": "en",
        "title": "",
        "paragraphs": articles.paragraphs,
        "tags": articles.tags,
        "questions": [asked],
        "key": question,
    }


def _columns(value: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """A column of structs as lists by field, whichever way round the reader gives it."""
    if isinstance(value, Mapping):
        return value
    return {name: [item[name] for item in value] for name in (value[0] if value else {})}


def _paragraphs(body: str) -> list[str]:
    return [line for line in body.splitlines() if line.strip()]


def _holder(fact: str, paragraphs: Sequence[str]) -> int:
    """The paragraph that a fact was taken from: one that holds it, or nearly all of its words."""
    sought = " ".join(fact.split()).lower()
    for i, paragraph in enumerate(paragraphs):
        if sought in " ".join(paragraph.split()).lower():
            return i
    counted = Counter(words(fact))
    shares = [(counted & Counter(words(paragraph))).total() / max(1, counted.total()) for paragraph in paragraphs]
    if max(shares, default=0.0) < _FOUND:
        raise UnusableError("a piece of evidence is not in its article")
    return shares.index(max(shares))
