"""Other tools for main content. CONTRIBUTING.md says how to add one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from eval.cases import Case

Reader = Callable[[str, Case], str | None]
"""A page's HTML as text, and its case for the address and the language -> its main content as text."""


class Peer(NamedTuple):
    """A tool: the distribution that it comes in, and a function that opens it (ImportError where it is missing)."""

    distribution: str
    open: Callable[[], Reader]


def _trafilatura(**options: Any) -> Reader:
    import trafilatura

    return lambda html, case: trafilatura.extract(html, url=case.url or None, **options)


def _readability() -> Reader:
    from lxml.html import fromstring
    from readability import Document

    return lambda html, case: "".join(map(str, fromstring(Document(html).summary()).itertext()))


def _resiliparse() -> Reader:
    from resiliparse.extract.html2text import extract_plain_text

    return lambda html, case: extract_plain_text(html, main_content=True)


_STOP_LISTS = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "nl": "Dutch"}


def _justext() -> Reader:
    import justext

    stop_lists = {lang: justext.get_stoplist(name) for lang, name in _STOP_LISTS.items()}

    def read(html: str, case: Case) -> str:
        # Its documentation says: without a stop list for the language, set both limits to 0.
        lang = case.lang[:2] or "en"
        limits = {} if lang in stop_lists else {"stopwords_low": 0, "stopwords_high": 0}
        paragraphs = justext.justext(html.encode(), stop_lists.get(lang, frozenset()), encoding="utf-8", **limits)
        return "\n".join(paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate)

    return read


def _boilerpy3() -> Reader:
    from boilerpy3.extractors import ArticleExtractor

    return lambda html, case: ArticleExtractor(raise_on_failure=False).get_content(html)


def _newspaper() -> Reader:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about optional language packages, which parsing does not need
        import newspaper

    config = newspaper.Config()
    config.fetch_images = False  # no requests to the page's server

    def read(html: str, case: Case) -> str:
        article = newspaper.Article(url=case.url or "https://example.org/", config=config)
        article.download(input_html=html)
        article.parse()
        return str(article.text)

    return read


def _html2text() -> Reader:
    import html2text

    def read(html: str, case: Case) -> str:
        converter = html2text.HTML2Text()
        converter.ignore_links = converter.ignore_images = converter.ignore_emphasis = True
        converter.body_width = 0
        return converter.handle(html)

    return read


PEERS: dict[str, Peer] = {
    "trafilatura": Peer("trafilatura", _trafilatura),
    "trafilatura-fast": Peer("trafilatura", partial(_trafilatura, fast=True)),
    "trafilatura-precision": Peer("trafilatura", partial(_trafilatura, favor_precision=True)),
    "trafilatura-recall": Peer("trafilatura", partial(_trafilatura, favor_recall=True)),
    "readability": Peer("readability-lxml", _readability),
    "resiliparse": Peer("Resiliparse", _resiliparse),
    "justext": Peer("jusText", _justext),
    "boilerpy3": Peer("boilerpy3", _boilerpy3),
    "newspaper4k": Peer("newspaper4k", _newspaper),
    "html2text": Peer("html2text", _html2text),
}
"""The tools by name."""
