"""`extract`: a page in, its content out; `extract_many`: a stream of them. The one place here that opens a head."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from pickle import PicklingError
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

from indexlm import assemble
from indexlm.intervals import Interval, to_intervals
from indexlm.page import IndexLMError, Page, Prediction
from indexlm.segment import read_page

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from heads import ClassifierHead, DecoderHead
    from heads.trees import Trees

    Head = ClassifierHead | DecoderHead | Trees

__all__ = ["Extraction", "extract", "extract_many", "load", "predict"]

T = TypeVar("T")
Html = bytes | str


@dataclass(frozen=True, slots=True)
class Extraction:
    """A page and the blocks kept of it, in every form."""

    page: Page
    prediction: Prediction

    @property
    def indices(self) -> tuple[int, ...]:
        """The kept blocks, 1-based and ascending."""
        return self.prediction.indices

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """The same as intervals, both ends inclusive."""
        return to_intervals(self.prediction.indices)

    @property
    def markdown(self) -> str:
        """The kept blocks as Markdown, without images (`indexlm.assemble.to_markdown` keeps them)."""
        return assemble.to_markdown(self.page, self.indices)

    @property
    def html(self) -> str:
        """The kept blocks as clean HTML."""
        return assemble.to_html(self.page, self.indices)

    @property
    def text(self) -> str:
        """The kept blocks as plain text."""
        return assemble.to_text(self.page, self.indices)

    def with_title(self) -> Extraction:
        """The same with the heading that names the page (`Page.heading`), where there is one and anything is kept.

        Most references of main content leave it out, and so do models that are trained on them.
        """
        heading = self.page.heading
        if heading is None or not self.indices:
            return self
        indices = tuple(sorted({heading, *self.indices}))
        return replace(self, prediction=replace(self.prediction, indices=indices))

    def json(self) -> dict[str, Any]:
        """Everything, as an object that `json.dumps` takes."""
        return assemble.to_json(self.page, self.prediction)


def extract(
    html: bytes | str,
    *,
    query: str = "",
    url: str = "",
    head: str = "classifier",
    model: str = "",
    threshold: float | None = None,
    threads: int = 0,
) -> Extraction:
    """HTML -> its main content, or with a `query` the blocks that answer it (none, if none does).

    `model` is a checkpoint directory or Hugging Face id in place of the model shipped for `head`. The
    model is loaded once and kept. Raises `IndexLMError` for a bad option, never for the page's content.
    """
    began = perf_counter()
    page = read_page(html, url=url, query=query)
    parsed = perf_counter() - began
    prediction = predict(page, load(head, model, threads), threshold)
    return Extraction(page, replace(prediction, seconds={"parse": parsed} | prediction.seconds))


def _itself(extraction: Extraction) -> Extraction:
    return extraction


def extract_many(
    pages: Iterable[Html | tuple[Html, str] | Exception],
    *,
    query: str = "",
    head: str = "classifier",
    model: str = "",
    threshold: float | None = None,
    threads: int = 0,
    workers: int = 1,
    finish: Callable[[Extraction], T] = _itself,  # type: ignore[assignment]
) -> Generator[T | Exception, None, None]:
    """Pages, each its HTML or `(html, url)` -> what `extract` makes of each, in their order.

    A page that fails yields an exception in its place and stops no other: an `IndexLMError`, or for what nobody
    foresaw a `RuntimeError` that names it. An item that is itself an exception, such as one of reading a page, is
    yielded as it is. `finish` is applied to each `Extraction`, and what it returns is yielded in its place.

    Pages are taken from `pages` as they are needed: at most `2 * workers` of them and of their results are held. With
    `workers` above 1 as many processes share the work, each with the model on one thread unless `threads` says
    otherwise; a page that kills its process costs that page alone. `finish` runs in them too, so it is a function of
    a module and should return little: `operator.attrgetter("markdown")` sends no blocks back. A script that uses
    workers needs `if __name__ == "__main__":`, as always with processes. Closing the iterator ends them.

    Raises `IndexLMError` for a bad option before any page is taken.
    """
    if workers < 1:
        raise IndexLMError(f"pages are shared by at least 1 worker; found {workers}")
    threads = 1 if workers > 1 and not threads else threads
    opener = partial(_open_job, query, head, model, threshold, threads, finish)
    results = _by_processes(pages, opener, workers) if workers > 1 else _one_by_one(pages, opener)
    next(results)  # opens the model
    return results


def _open_job(
    query: str,
    head: str,
    model: str,
    threshold: float | None,
    threads: int,
    finish: Callable[[Extraction], T],
) -> Callable[[Html | tuple[Html, str]], T]:
    predict(Page((), query=query), load(head, model, threads), threshold)  # a bad option fails here, not at each page

    def job(page: Html | tuple[Html, str]) -> T:
        html, url = page if isinstance(page, tuple) else (page, "")
        options: dict[str, Any] = {"head": head, "model": model, "threshold": threshold, "threads": threads}
        return finish(extract(html, query=query, url=url, **options))

    return job


def _attempt(job: Callable[[Any], Any], page: Any) -> Any:
    if isinstance(page, Exception):
        return page
    try:
        return job(page)
    except IndexLMError as error:
        return error
    except Exception as error:  # whatever one page does, the others are done all the same
        return RuntimeError(f"{type(error).__name__}: {error}")


def _one_by_one(pages: Iterable[Any], opener: Callable[[], Callable[[Any], Any]]) -> Generator[Any, None, None]:
    job = opener()
    yield None
    for page in pages:
        yield _attempt(job, page)


def _by_processes(
    pages: Iterable[Any], opener: Callable[[], Callable[[Any], Any]], workers: int
) -> Generator[Any, None, None]:
    from multiprocessing.connection import wait

    crew: list[_Worker] = []
    try:
        for _ in range(workers):
            crew.append(_Worker(opener))
        for worker in crew:
            worker.wait_until_open()
        yield None
        source = enumerate(pages)
        idle = list(crew)
        busy: dict[_Worker, int] = {}  # the number of the page that each has
        done: dict[int, Any] = {}
        shown = 0
        is_more = True
        while is_more or busy or done:
            while is_more and idle and len(busy) + len(done) < 2 * workers:
                number, page = next(source, (-1, None))
                is_more = number >= 0
                if isinstance(page, Exception):
                    done[number] = page
                elif is_more:
                    worker = idle.pop()
                    worker.send(page)
                    busy[worker] = number
            if shown in done:
                yield done.pop(shown)
                shown += 1
                continue
            if not busy:
                continue
            ready = wait([worker.connection for worker in busy])
            for worker in [worker for worker in busy if worker.connection in ready]:
                number = busy.pop(worker)
                try:
                    done[number] = worker.receive()
                except EOFError as error:
                    done[number] = RuntimeError(str(error))
                    worker.stop()
                    worker.start()
                    worker.wait_until_open()
                idle.append(worker)
    finally:
        for worker in crew:
            worker.stop()


class _Worker:
    """A process that holds an open model, and is sent one page at a time."""

    def __init__(self, opener: Callable[[], Callable[[Any], Any]]) -> None:
        self.opener = opener
        self.start()

    def start(self) -> None:
        from multiprocessing import get_context

        context = get_context("spawn")  # no locks or threads of this process are inherited
        self.connection, other = context.Pipe()
        self.process = context.Process(target=_serve, args=(other, self.opener), daemon=True)
        self.process.start()
        other.close()

    def wait_until_open(self) -> None:
        """Raises what opening the model raised."""
        try:
            error = self.receive()
        except EOFError as ended:
            raise IndexLMError(f"a worker opens the model and waits for pages; {ended}") from None
        if error is not None:
            raise error

    def send(self, page: Any) -> None:
        with contextlib.suppress(OSError):  # it is dead, as `receive` will tell
            self.connection.send(page)

    def receive(self) -> Any:
        """What the process sends next. Raises `EOFError` if it has ended instead."""
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            self.process.join(5)
            raise EOFError(f"its process ended with exit code {self.process.exitcode}") from None

    def stop(self) -> None:
        self.connection.close()
        self.process.kill()  # it holds nothing that would be lost
        self.process.join()
        self.process.close()


def _serve(connection: Connection, opener: Callable[[], Callable[[Any], Any]]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that reads the results
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # one thread a worker
    try:
        job = opener()
    except Exception as error:
        connection.send(error if isinstance(error, IndexLMError) else RuntimeError(f"{type(error).__name__}: {error}"))
        return
    connection.send(None)
    while True:
        try:
            page = connection.recv()
        except EOFError:
            return
        made = _attempt(job, page)
        try:
            connection.send(made)
        except (TypeError, AttributeError, PicklingError) as error:  # raised before anything is sent
            connection.send(RuntimeError(f"what `finish` returns can be pickled; {error}"))


@lru_cache(maxsize=4)
def load(head: str, model: str = "", threads: int = 0) -> Head:
    """The shipped head of a name, or the checkpoint `model`; a checkpoint of the other head is an error.

    `trees` are those of the classifier's checkpoint.
    """
    from heads import HEADS, open_head, shipped

    if head == "trees":
        from heads.trees import load_trees

        return load_trees((Path(model) if model else shipped("classifier")) / "trees.onnx")
    if head not in HEADS:
        raise IndexLMError(f"a head is {', '.join(HEADS)} or trees; found {head!r}")
    opened = open_head(model or shipped(head), threads=threads)
    if opened.settings.head != head:
        raise IndexLMError(f"{model} is a checkpoint of the {opened.settings.head} head; --head asks for the {head}")
    return opened


def predict(page: Page, head: Head, threshold: float | None = None) -> Prediction:
    """One page through an open head; checks that the checkpoint knows the page's task and has a threshold to set."""
    task = "qe" if page.query else "me"
    if task not in head.settings.tasks:
        raise IndexLMError(f"a query needs a model trained for QE; this one knows {', '.join(head.settings.tasks)}")
    if threshold is None:
        return head([page])[0]
    if not 0 <= threshold <= 1:
        raise IndexLMError(f"a threshold is a probability from 0 to 1; found {threshold:g}")
    if head.settings.head != "classifier":
        raise IndexLMError("a threshold applies to the classifier's probabilities; the decoder has none")
    return head([page], threshold)[0]  # type: ignore[call-arg]
