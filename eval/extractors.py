"""What is compared: other tools and simple baselines, as callables beside the heads that are handed in.

An extractor takes a case and returns an answer. Those that choose blocks are made of a predictor over pages with
`of_blocks`; the others turn HTML into text.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from time import perf_counter
from types import MappingProxyType
from typing import Any, NamedTuple

from eval.cases import Case
from indexlm.html.decode import decode
from indexlm.html.read import read_page
from indexlm.output.text import to_text
from indexlm.page import IndexLMError, Page, Prediction

__all__ = ["BASELINES", "PEERS", "Answer", "Extractor", "of_blocks", "open_baseline", "version"]


class Answer(NamedTuple):
    """What an extractor made of a case; `indices` and `scores` of those that choose blocks. Times are in seconds."""

    text: str = ""
    indices: tuple[int, ...] | None = None
    scores: tuple[float, ...] | None = None
    error: str = ""
    seconds: Mapping[str, float] = MappingProxyType({})
    tokens: Mapping[str, int] = MappingProxyType({})


Extractor = Callable[[Case], Answer]
Predictor = Callable[[Sequence[Page]], list[Prediction]]


def of_blocks(predictor: Predictor, assemble: Callable[[Page, Sequence[int]], str] = to_text) -> Extractor:
    """A predictor over pages -> an extractor that parses, predicts and assembles, with the seconds of each."""

    def run(case: Case) -> Answer:
        began = perf_counter()
        page = case.page or read_page(case.html, url=case.url)
        parsed = perf_counter()
        (prediction,) = predictor([page])
        predicted = perf_counter()
        text = assemble(page, prediction.indices)
        seconds = {"parse": parsed - began} | (prediction.seconds or {"predict": predicted - parsed})
        seconds |= {"assemble": perf_counter() - predicted, "total": perf_counter() - began}
        return Answer(text, prediction.indices, prediction.scores, prediction.error, seconds, prediction.tokens)

    return run


def _of_text(read: Callable[[str, Case], str | None]) -> Extractor:
    """A function of HTML as text -> an extractor; the bytes are decoded as for our own, and timed like ours."""

    def run(case: Case) -> Answer:
        began = perf_counter()
        text = read(decode(case.html), case) or ""
        return Answer(text, seconds={"total": perf_counter() - began})

    return run


def _trafilatura(**options: Any) -> Extractor:
    import trafilatura

    return _of_text(lambda html, case: trafilatura.extract(html, url=case.url or None, **options))


def _readability() -> Extractor:
    from lxml.html import fromstring
    from readability import Document

    return _of_text(lambda html, case: "".join(map(str, fromstring(Document(html).summary()).itertext())))


def _resiliparse() -> Extractor:
    from resiliparse.extract.html2text import extract_plain_text

    return _of_text(lambda html, case: extract_plain_text(html, main_content=True))


_STOP_LISTS = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "nl": "Dutch"}


def _justext() -> Extractor:
    import justext

    stop_lists = {lang: justext.get_stoplist(name) for lang, name in _STOP_LISTS.items()}

    def read(html: str, case: Case) -> str:
        # Without a list for the language, as its documentation says: no limits on stop words.
        lang = case.lang[:2] or "en"
        limits = {} if lang in stop_lists else {"stopwords_low": 0, "stopwords_high": 0}
        found = justext.justext(html.encode(), stop_lists.get(lang, frozenset()), encoding="utf-8", **limits)
        return "\n".join(paragraph.text for paragraph in found if not paragraph.is_boilerplate)

    return _of_text(read)


def _boilerpy3() -> Extractor:
    from boilerpy3.extractors import ArticleExtractor

    return _of_text(lambda html, case: ArticleExtractor(raise_on_failure=False).get_content(html))


def _newspaper() -> Extractor:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its optional language parts, which parsing does not use
        import newspaper

    config = newspaper.Config()
    config.fetch_images = False  # it would ask the page's server for them

    def read(html: str, case: Case) -> str:
        article = newspaper.Article(url=case.url or "https://example.org/", config=config)
        article.download(input_html=html)
        article.parse()
        return str(article.text)

    return _of_text(read)


def _html2text() -> Extractor:
    import html2text

    def read(html: str, case: Case) -> str:
        converter = html2text.HTML2Text()
        converter.ignore_links = converter.ignore_images = converter.ignore_emphasis = True
        converter.body_width = 0
        return converter.handle(html)

    return _of_text(read)


PEERS: dict[str, tuple[str, Callable[[], Extractor]]] = {
    "trafilatura": ("trafilatura", _trafilatura),
    "trafilatura-fast": ("trafilatura", partial(_trafilatura, fast=True)),
    "trafilatura-precision": ("trafilatura", partial(_trafilatura, favor_precision=True)),
    "trafilatura-recall": ("trafilatura", partial(_trafilatura, favor_recall=True)),
    "readability": ("readability-lxml", _readability),
    "resiliparse": ("Resiliparse", _resiliparse),
    "justext": ("jusText", _justext),
    "boilerpy3": ("boilerpy3", _boilerpy3),
    "newspaper4k": ("newspaper4k", _newspaper),
    "html2text": ("html2text", _html2text),
}
"""Other tools for main content by name: the distribution that they come in, and how they are opened."""


def _all_blocks(pages: Sequence[Page]) -> list[Prediction]:
    return [Prediction(tuple(range(1, len(page.blocks) + 1))) for page in pages]


def _first_blocks(count: int, pages: Sequence[Page]) -> list[Prediction]:
    return [Prediction(tuple(range(1, min(count, len(page.blocks)) + 1))) for page in pages]


BASELINES = ("all-blocks", "first-blocks[=COUNT]", "bm25[=THRESHOLD,TOP]", "embedding=MODEL[,THRESHOLD,TOP]")
"""Baselines by name, over blocks; the last two answer questions alone."""

# What `cli.py eval tune-bm25` found best on qe/train (481 questions, 2026-11-22): the least score, the most blocks.
_BM25_DEFAULT = (1.48, 2)


def open_baseline(name: str) -> Extractor:
    """A name of `BASELINES` or `PEERS` -> its extractor; ImportError where a library is missing."""
    if name in PEERS:
        return PEERS[name][1]()
    kind, _, given = name.partition("=")
    if kind == "all-blocks":
        return of_blocks(_all_blocks)
    try:
        if kind == "first-blocks":
            return of_blocks(partial(_first_blocks, int(given or 10)))
        if kind == "bm25":
            from eval.retrieval import bm25

            threshold, top = given.split(",") if given else _BM25_DEFAULT
            return of_blocks(bm25(float(threshold), int(top)))
        if kind == "embedding" and given:
            from eval.retrieval import embedding

            model, threshold, top = given.split(",") if "," in given else (given, "0.5", "2")
            return of_blocks(embedding(model, float(threshold), int(top)))
    except (ValueError, OSError) as error:  # a number that is none, a model that is not there
        first_line = str(error).strip().partition("\n")[0]
        raise IndexLMError(f"a baseline is {', '.join(BASELINES)}; found {name!r} ({first_line})") from None
    raise IndexLMError(f"an extractor is a head, {', '.join((*BASELINES, *PEERS))}; found {name!r}")


def version(name: str) -> str:
    """The version of what an extractor of `PEERS` or `BASELINES` is made with; empty where it is ours.

    Raises `importlib.metadata.PackageNotFoundError` where that is not installed.
    """
    kind, _, given = name.partition("=")
    if kind == "embedding" and not given:
        raise IndexLMError(f"an embedding baseline names its model, as in embedding=MODEL; found {name!r}")
    package = {"bm25": "bm25s", "embedding": "sentence-transformers"}.get(kind) or PEERS.get(name, ("",))[0]
    return f"{package} {importlib.metadata.version(package)}" if package else ""
