"""Many pages: results in order, few pages in flight, and failures that cost their own page alone."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from operator import attrgetter

import pytest

from indexlm import Extraction, IndexLMError, extract, extract_many
from tests.conftest import MAIN, golden_html


def fragile(extraction: Extraction) -> object:
    """The Markdown of a page, but for some that should not be asked for it."""
    if extraction.page.url == "https://fails.example/":
        raise RecursionError("too deep")
    if extraction.page.url == "https://kills.example/":
        os.kill(os.getpid(), signal.SIGKILL)
    if extraction.page.url == "https://locks.example/":
        return threading.Lock()
    return extraction.markdown


def test_pages_are_extracted_in_order_and_as_one_by_one() -> None:
    pages = [golden_html(name) for name in MAIN]
    alone = [extract(page) for page in pages]
    assert [made.indices for made in extract_many(pages) if isinstance(made, Extraction)] == [a.indices for a in alone]
    shared = extract_many([*pages, *pages], workers=2, finish=attrgetter("page", "indices", "markdown"))
    assert list(shared) == [(a.page, a.indices, a.markdown) for a in alone] * 2


@pytest.mark.parametrize("workers", [1, 2])
def test_a_page_that_fails_stops_no_other(workers: int) -> None:
    news = golden_html("news")
    unread = IndexLMError("this page cannot be read")
    pages = [news, (news, "https://fails.example/"), unread, (news, "https://fine.example/"), news]
    first, failed, passed_on, *rest = extract_many(pages, workers=workers, finish=fragile)
    assert isinstance(failed, RuntimeError)
    assert str(failed) == "RecursionError: too deep"
    assert passed_on is unread
    assert [first, *rest] == [extract(news).markdown, extract(news, url="https://fine.example/").markdown, first]


def test_a_page_that_kills_its_worker_costs_that_page_alone() -> None:
    news = golden_html("news")
    killing, locking = (news, "https://kills.example/"), (news, "https://locks.example/")
    results = list(extract_many([news, killing, news, killing, locking, news], workers=2, finish=fragile))
    errors = [str(made) if isinstance(made, RuntimeError) else "" for made in results]
    assert errors[:4] == ["", died := "its process ended with exit code -9", "", died]
    assert "can be pickled" in errors[4]  # what no process can send back
    assert {made for made in results if isinstance(made, str)} == {extract(news).markdown}


@pytest.mark.parametrize("workers", [1, 2])
def test_pages_are_taken_as_results_are(workers: int) -> None:
    """Few pages are in flight, and closing the iterator ends the processes and takes no further page."""
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield golden_html("chinese")

    results = extract_many(endless(), workers=workers)
    assert taken == 0
    for shown in range(1, 8):
        assert isinstance(next(results), Extraction)
        assert shown <= taken <= shown + 2 * workers
    results.close()
    assert not multiprocessing.active_children()
    assert next(results, None) is None


def test_pages_that_cannot_be_had_end_the_processes_too() -> None:
    def torn() -> Iterator[bytes]:
        yield golden_html("chinese")
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        list(extract_many(torn(), workers=2))
    assert not multiprocessing.active_children()


def test_bad_options_are_refused_before_any_page() -> None:
    pages = iter([b"<p>A page."])
    for workers in (1, 2):
        with pytest.raises(IndexLMError, match="'oracle'"):
            extract_many(pages, head="oracle", workers=workers)
    with pytest.raises(IndexLMError, match=r"found 1\.5"):
        extract_many(pages, threshold=1.5)
    with pytest.raises(IndexLMError, match="found 0"):
        extract_many(pages, workers=0)
    assert not multiprocessing.active_children()
    assert len(list(pages)) == 1
