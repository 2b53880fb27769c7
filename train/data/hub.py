"""Data sets of the Hugging Face Hub -> rows in the layouts that `eval.examples` reads.

A converter is a pure function of one published row. It raises `UnusableError` for a row that makes no example. It gives

- questions over several articles: a QE row whose `paragraphs` hold the articles one after the other and whose `tags`
  tell their titles (`h2`) from their text (`p`); it is embedded whole;
- real pages with a question: an ME row with a `query`, whose gold text is the evidence;
- articles without HTML: an ME row without `html`, to be embedded in a real page.

`key` decides the split where a row has neither a domain nor one document. It is the question.
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
from train.errors import explained

Row = dict[str, Any]

PAPER = {"multihoprag": 33.2, "hotpotqa": 30.0, "htmlrag": 12.0, "msmarco": 22.0, "mismatched": 2.0}
"""Per cent of the rows by source, as published for a replication of arXiv 2512.06641."""

PAPER_ROWS = (21_098, 500)
"""The rows for training, and for evaluation."""

_BUFFER = 1000  # rows that a stream is shuffled in
_PASSES = 4  # over a small data set; each embeds its rows anew
_MIN_SHARED_WORDS = 0.8  # of a fact's words, in the paragraph that it was taken from


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
"""The named sources. Articles of `mismatched` are asked the questions of other rows, so that the answer is NA."""


def load(data: DataSet, seed: int) -> Iterator[Row]:
    """A data set -> its rows, streamed and shuffled in a buffer. Raises `IndexLMError` where it cannot be read."""
    from datasets import load_dataset

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # it reports each of its retries
    # Neither the Hub's client nor the readers raise one type.
    with explained(f"{data.id!r} cannot be had from the Hugging Face Hub"):
        rows = load_dataset(data.id, data.config, split=data.split, streaming=True)
        yield from rows.shuffle(seed=seed, buffer_size=_BUFFER)


def hub_rows(name: str, seed: int, left_out: Counter[str], once: bool = True) -> Iterator[Row]:
    """A named source -> its converted rows; `left_out` counts the unusable ones by reason.

    MultiHopRAG is small. It is read several times, with other neighbours each time, unless `once`.
    """
    for convert, row in _published(name, seed, once):
        try:
            yield convert(row)
        except UnusableError as reason:
            left_out[f"{name}: {reason}"] += 1
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise IndexLMError(
                f"a row of {HUB[name].id!r} is as documented; found {', '.join(row)} ({type(error).__name__}: {error})"
            ) from None


def _published(name: str, seed: int, once: bool) -> Iterator[tuple[Callable[[Row], Row], Row]]:
    """The published rows of a named source, each with its converter."""
    if name != "multihoprag":
        convert: Callable[[Row], Row] = {"htmlrag": htmlrag, "msmarco": msmarco}.get(name, hotpotqa)
        # Of HotpotQA `mismatched` reads other rows first.
        yield from ((convert, row) for row in load(HUB[name], seed + (name == "mismatched")))
        return
    rng = random.Random(seed)
    corpus = list(load(HUB[name]._replace(config="corpus"), seed))
    question = partial(multihoprag, corpus=corpus, rng=rng)
    published: list[tuple[Callable[[Row], Row], Row]]
    published = [*((question, row) for row in load(HUB[name], seed)), *((article, row) for row in corpus)]
    for _ in range(1 if once else _PASSES):
        rng.shuffle(published)
        yield from published


def hotpotqa(row: Row) -> Row:
    """HotpotQA (distractor): ten articles on a page, a block a sentence; the supporting facts are relevant."""
    context, facts = _columns(row["context"]), _columns(row["supporting_facts"])
    sentences = dict(zip(context["title"], context["sentences"], strict=True))
    relevant: dict[str, set[int]] = {title: set() for title in sentences}
    for title, k in zip(facts["title"], facts["sent_id"], strict=True):
        if k < 0 or not "".join(sentences.get(title, ())[k : k + 1]).strip():
            raise UnusableError("a supporting fact is not in the context")
        relevant[title].add(k)
    articles = [(title, texts, relevant[title]) for title, texts in sentences.items()]
    return _questions("hotpotqa", "CC-BY-SA-4.0", row["id"], row["question"], articles)


def multihoprag(row: Row, corpus: Sequence[Row], rng: random.Random) -> Row:
    """MultiHopRAG: the paragraphs around each piece of evidence, and the first ones of other articles of the corpus.

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
        facts_at = {_paragraph_of(fact, paragraphs) for fact in facts}
        reach = rng.randint(1, 2)
        near = [i for i in range(len(paragraphs)) if any(abs(i - k) <= reach for k in facts_at)]
        parts.append((by_url[url]["title"], [paragraphs[i] for i in near], {near.index(k) for k in facts_at}))
    others = [article for article in corpus if article["url"] not in evidence]
    for other in rng.sample(others, min(rng.randint(1, 3) + (not evidence), len(others))):
        parts.append((other["title"], _paragraphs(other["body"])[: rng.randint(3, 6)], set()))
    rng.shuffle(parts)
    return _questions("multihoprag", "ODC-By-1.0", row["query"], row["query"], parts)


def article(row: Row) -> Row:
    """An article of MultiHopRAG's corpus: main content without HTML."""
    return {
        "id": row["url"],
        "license": "ODC-By-1.0",
        "lang": "en",
        "url": row["url"],
        "title": row["title"],
        "gold_text": row["body"],
    }


_HTMLRAG = re.compile(r"\A\*\*HTML\*\*: ```(.*)```\s*\*\*Question\*\*: \*\*(.+?)\*\*\s*Your task", re.DOTALL)
_NUMBERED = re.compile(r"(</?)(?!h[1-6][\s/>])(h[1-6]|[a-z]+)\d+(?=[\s/>])")


def htmlrag(row: Row) -> Row:
    """HtmlRAG-train: real pages from a search, in a chat message; the answer is the evidence.

    The message is ``**HTML**: ```…``` **Question**: **…** Your task …``. The answer is the tags around the evidence and
    its HTML. Tags with siblings of the same name are numbered (`<div1>`); the numbers are taken out.
    """
    by_role = {message["role"]: message["content"] for message in row["messages"]}
    match = _HTMLRAG.search(by_role.get("user", ""))
    if match is None:
        raise UnusableError("a message has not the published form")
    answer = read_page(_NUMBERED.sub(r"\1\2", by_role.get("assistant", "")).encode("utf-8", "replace")).text
    if not answer.strip():
        raise UnusableError("an answer holds no text")
    return {
        "id": f"htmlrag-{row['id']}",
        "license": "MIT",
        "lang": "en",
        "html": _NUMBERED.sub(r"\1\2", match[1]),
        "gold_text": answer,
        "query": match[2],
        "key": match[2],
    }


def msmarco(row: Row) -> Row:
    """MS MARCO (v2.1): the passages of a query as paragraphs; those that an annotator selected are relevant."""
    passages = _columns(row["passages"])
    answered = any(answer.strip() and answer != "No Answer Present." for answer in row["answers"])
    texts: Sequence[str] = passages["passage_text"]
    flags = zip(texts, passages["is_selected"], strict=True)
    relevant = {i for i, (text, is_selected) in enumerate(flags) if is_selected and text.strip()}
    if answered != bool(relevant):
        raise UnusableError("an answer and the selected passages contradict each other")
    # Its terms allow non-commercial research; they have no SPDX name.
    return _questions("msmarco", "LicenseRef-MS-MARCO", row["query_id"], row["query"], [(None, texts, relevant)])


def _questions(
    source: str, license: str, id: object, question: str, articles: Sequence[tuple[str | None, Sequence[str], set[int]]]
) -> Row:
    """A question and articles (title, texts, numbers of the relevant ones) -> a row. Blank texts are left out."""
    parts: list[tuple[str, str]] = []  # tag and text
    relevant: list[int] = []
    for title, texts, relevant_texts in articles:
        if title is not None:
            parts.append(("h2", title))
        for i, text in enumerate(texts):
            if text.strip():
                relevant += [len(parts)] if i in relevant_texts else []
                parts.append(("p", text))
    id = f"{source}-{id}"
    return {
        "id": id,
        "license": license,
        "lang": "en",
        "paragraphs": [" ".join(text.split()) for _, text in parts],
        "tags": [tag for tag, _ in parts],
        "questions": [{"id": id, "question": question, "relevant": relevant, "answerable": bool(relevant)}],
        "key": question,
    }


def _columns(value: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """A column of structs -> lists by field; readers give either form."""
    if isinstance(value, Mapping):
        return value
    return {name: [item[name] for item in value] for name in (value[0] if value else {})}


def _paragraphs(body: str) -> list[str]:
    return [line for line in body.splitlines() if line.strip()]


def _paragraph_of(fact: str, paragraphs: Sequence[str]) -> int:
    """A fact -> the number of the paragraph that holds it, or holds most of its words."""
    text = " ".join(fact.split()).lower()
    for i, paragraph in enumerate(paragraphs):
        if text in " ".join(paragraph.split()).lower():
            return i
    fact_words = Counter(words(fact))
    count = max(1, fact_words.total())
    shares = [(fact_words & Counter(words(paragraph))).total() / count for paragraph in paragraphs]
    if max(shares, default=0.0) < _MIN_SHARED_WORDS:
        raise UnusableError("a piece of evidence is not in its article")
    return shares.index(max(shares))
