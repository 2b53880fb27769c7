"""`Extractor`: options checked at once, one model a process, and many pages in order, whatever one of them does."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import indexlm
from indexlm import Extraction, Extractor, IndexLMError, extract, extract_many
from indexlm.models import shipped
from tests.conftest import MAIN, ROOT, TITLED, golden_html, golden_page

NEWS, FORUM = golden_html("news"), golden_html("forum")


def fragile(extractor: Extractor, page: tuple[bytes, str]) -> object:
    """The Markdown of a page, with a failure of each kind at some addresses."""
    html, url = page
    extraction = extractor.extract(html, url=url)
    if url == "https://fails.example/":
        raise RecursionError("too deep")
    if url == "https://kills.example/":
        os.kill(os.getpid(), signal.SIGKILL)
    if url == "https://locks.example/":
        return threading.Lock()
    if url == "https://sleeps.example/":
        time.sleep(60)
    return extraction.markdown


def process_id(extractor: Extractor, page: object) -> tuple[int, int]:
    """The process that runs a page, and its model."""
    return os.getpid(), id(extractor.open())


def markdown(extractor: Extractor, html: bytes) -> tuple[object, ...]:
    extraction = extractor.extract(html)
    return extraction.page, extraction.indices, extraction.markdown


def test_extract_is_an_extractor_that_is_kept() -> None:
    assert extract(NEWS).markdown == Extractor().extract(NEWS).markdown
    assert extract(NEWS, head="trees", threshold=0.5).indices == Extractor("trees", threshold=0.5).extract(NEWS).indices


def test_an_extractor_is_a_value_that_can_be_pickled() -> None:
    """It compares by its options, and takes no opened model along."""
    extractor = Extractor("classifier", threads=1)
    extractor.extract(NEWS)
    copy = pickle.loads(pickle.dumps(extractor))
    assert copy == extractor
    assert hash(copy) == hash(extractor)
    assert copy != Extractor("decoder", threads=1)
    assert len(pickle.dumps(extractor)) < 500
    assert copy.extract(NEWS).indices == extractor.extract(NEWS).indices


def test_a_model_is_opened_once_when_it_is_first_needed(tmp_path: Path) -> None:
    extractor = Extractor()
    assert extractor.open() is extractor.open()
    assert extractor.predict(golden_page("news")).indices == extractor.extract(NEWS).indices
    results = list(Extractor().map(process_id, [b""] * 6, workers=2))
    processes = {result[0] for result in results if isinstance(result, tuple)}
    assert len({result for result in results if isinstance(result, tuple)}) == len(processes) <= 2
    assert os.getpid() not in processes


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"head": "oracle"}, "'oracle'"),
        ({"runtime": "jax"}, "'jax'"),
        ({"threads": -1}, "found -1"),
        ({"threshold": 1.5}, r"found 1\.5"),
        ({"threshold": float("nan")}, "found nan"),
        ({"threshold": 0.5, "head": "decoder"}, "the decoder writes intervals"),
        ({"beta": 0}, "beta is from 0.1 to 10; found 0"),
        ({"beta": float("nan")}, "found nan"),
        ({"beta": 2, "threshold": 0.5}, r"found both, 0\.5 and a beta of 2"),
        ({"favour": "recall", "threshold": 0.5}, r"found both, 0\.5 and a beta of 2"),
        ({"favour": "recall", "beta": 3}, "found favour 'recall' and beta 3"),
        ({"favour": "speed"}, "precision or recall; found 'speed'"),
        ({"model": str(shipped("decoder"))}, "of the decoder head"),
        ({"model": str(shipped("decoder").parent)}, "config.json"),
    ],
)
def test_options_are_checked_when_it_is_made(options: dict[str, Any], message: str) -> None:
    with pytest.raises(IndexLMError, match=message):
        Extractor(**options)


@pytest.mark.parametrize("head", ["classifier", "decoder"])
def test_nothing_answers_on_a_page_without_text(head: str) -> None:
    extraction = Extractor(head).extract(b"<p></p>", query="When does it open?")
    assert (extraction.indices, extraction.render()) == ((), "NA")


def test_several_queries_are_answered_as_one_by_one() -> None:
    queries = ["How many trees were planted?", "", "Who won the cup?"]
    extractor = Extractor()
    single = [extractor.extract(NEWS, query=query) for query in queries]
    assert [(e.page, e.indices) for e in extractor.extract_each(NEWS, queries)] == [(e.page, e.indices) for e in single]


def test_other_options_share_the_opened_model() -> None:
    extractor = Extractor("trees")
    other = extractor.with_options(threshold=0.5, exclude=["h2"])
    assert other.open() is extractor.open()
    assert other.extract(NEWS).indices == Extractor("trees", threshold=0.5, exclude=("h2",)).extract(NEWS).indices
    with pytest.raises(IndexLMError, match=r"found 1\.5"):
        extractor.with_options(threshold=1.5)


def test_a_model_alone_reads_what_the_trees_would_decide() -> None:
    cascade, alone = (Extractor(alone=alone).extract(NEWS).prediction for alone in (False, True))
    assert (cascade.decided_by, cascade.tokens["read"]) == ("trees", 0)
    assert (alone.decided_by, alone.tokens["windows"]) == ("model", 1)
    for prediction in (cascade, alone):
        assert prediction.expected_f1 is not None
        assert 0.5 < prediction.expected_f1 <= 1


def test_trees_decide_as_the_cascade_does() -> None:
    """On a page that the cascade leaves to the trees, `trees` keeps the same blocks and expects the same F1."""
    trees, cascade = (Extractor(head).extract(NEWS).prediction for head in ("trees", "classifier"))
    assert (trees.indices, trees.expected_f1, trees.decided_by) == (cascade.indices, cascade.expected_f1, "trees")


def test_an_extraction_renders_in_every_format() -> None:
    extraction = extract(NEWS)
    assert extraction.render() == extraction.markdown
    assert extraction.render("html") == extraction.html
    assert extraction.render("text") == extraction.text
    assert json.loads(extraction.render("json")) == json.loads(json.dumps(extraction.json()))
    assert indexlm.parse_intervals(extraction.render("intervals"), 99).intervals == extraction.intervals
    titled = extract(TITLED)
    assert titled.render(title=True) == titled.with_title().markdown != titled.markdown
    with pytest.raises(IndexLMError, match="'pdf'"):
        extraction.render("pdf")


def test_pages_are_extracted_in_order_and_as_one_by_one() -> None:
    pages = [golden_html(name) for name in MAIN]
    single = [extract(page) for page in pages]
    results = extract_many(pages)
    assert [r.indices for r in results if isinstance(r, Extraction)] == [s.indices for s in single]
    shared = Extractor().map(markdown, [*pages, *pages], workers=2)
    assert list(shared) == [(s.page, s.indices, s.markdown) for s in single] * 2


@pytest.mark.parametrize("workers", [1, 2])
def test_a_page_that_fails_stops_no_other(workers: int) -> None:
    unread = IndexLMError("this page cannot be read")
    news, fine = (NEWS, ""), (NEWS, "https://fine.example/")
    pages = [news, (NEWS, "https://fails.example/"), unread, fine, news]
    first, failed, passed_on, *rest = Extractor().map(fragile, pages, workers=workers)
    assert isinstance(failed, RuntimeError)
    assert str(failed) == "RecursionError: too deep"
    assert passed_on is unread
    assert [first, *rest] == [extract(NEWS).markdown, extract(NEWS, url="https://fine.example/").markdown, first]


def test_a_page_that_kills_its_worker_costs_that_page_alone() -> None:
    news, killing, locking = ((NEWS, url) for url in ("", "https://kills.example/", "https://locks.example/"))
    results = list(Extractor().map(fragile, [news, killing, news, killing, locking, news], workers=2))
    errors = [str(result) if isinstance(result, RuntimeError) else "" for result in results]
    assert errors[:4] == ["", died := "its process ended with exit code -9", "", died]
    assert "can be pickled" in errors[4]
    assert {result for result in results if isinstance(result, str)} == {extract(NEWS).markdown}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_page_that_takes_too_long_costs_that_page_alone(workers: int) -> None:
    news, sleeping = (NEWS, ""), (NEWS, "https://sleeps.example/")
    began = time.monotonic()
    first, late, last = Extractor().map(fragile, [news, sleeping, news], workers=workers, timeout=2)
    assert str(late) == "a page takes at most 2 seconds; this one took longer"
    assert first == last == extract(NEWS).markdown
    assert time.monotonic() - began < 50


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
    for count in range(1, 8):
        assert isinstance(next(results), Extraction)
        assert count <= taken <= count + 2 * workers
    results.close()
    assert not multiprocessing.active_children()
    assert next(results, None) is None


def test_a_source_that_fails_ends_the_processes() -> None:
    def torn() -> Iterator[bytes]:
        yield golden_html("chinese")
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        list(extract_many(torn(), workers=2))
    assert not multiprocessing.active_children()


def test_bad_options_are_refused_before_any_page(tmp_path: Path) -> None:
    pages = iter([b"<p>A page."])
    for options in ({"head": "trees", "query": "why?"}, {"workers": 0}, {"timeout": 0}):
        for workers in (1, 2):
            with pytest.raises(IndexLMError):
                extract_many(pages, **({"workers": workers} | options))  # type: ignore[arg-type]
    assert not multiprocessing.active_children()
    assert len(list(pages)) == 1


def test_a_model_that_a_worker_cannot_open_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes((shipped("classifier") / "config.json").read_bytes())
    with pytest.raises(IndexLMError, match=r"tokenizer\.json"):
        Extractor(model=str(tmp_path)).extract_many([NEWS], workers=2)
    assert not multiprocessing.active_children()


def test_a_module_that_shadows_ours_is_named(tmp_path: Path) -> None:
    (tmp_path / "heads.py").write_text("")
    program = "import indexlm\ntry: indexlm.extract('<p>a page')\nexcept indexlm.IndexLMError as error: print(error)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(tmp_path / "heads.py") in done.stdout
    assert "rename that module" in done.stdout


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Extractor("trees").extract_each("<p>x", "why?"), "found the text 'why?'"),
        (lambda: Extractor("trees").extract_many("abc"), "one page of 3 characters"),
        (lambda: Extractor().extract("<p>x", query=" "), "a query has at least one word"),
        (lambda: Extractor(model=5), "found 5"),  # type: ignore[arg-type]
        (lambda: extract("<p>x", head="trees").chunks("9"), "found '9'"),  # type: ignore[arg-type]
        (lambda: extract("<p>x", head="trees").chunks(64, 40), "found 40"),
        (lambda: extract("<p>x", head="trees").needs_review("a"), "found 'a'"),  # type: ignore[arg-type]
    ],
)
def test_what_is_of_another_kind_is_refused_in_a_sentence(call: Any, message: str) -> None:
    with pytest.raises(IndexLMError, match=re.escape(message)):
        call()


def test_a_page_of_several_that_is_no_pair_fails_alone() -> None:
    failed, done = Extractor("trees").extract_many([("<p>x",), "<p>A page.</p>"])  # type: ignore[list-item]
    assert isinstance(failed, IndexLMError)
    assert "a tuple of 1" in str(failed)
    assert isinstance(done, Extraction)
