"""`Extractor`: pages in, their content out. The one module here that opens a head."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable
from dataclasses import KW_ONLY, InitVar, dataclass, field, fields, replace
from functools import lru_cache, partial
from pathlib import Path
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

from indexlm.extraction import Extraction
from indexlm.html.read import to_page
from indexlm.html.selectors import match_blocks
from indexlm.inputs.document import MAX_BYTES
from indexlm.inputs.read import Input, read_document, sendable
from indexlm.limits import LIMITS, Limits, check_address, check_number, check_query, check_seconds, check_text
from indexlm.models import check_trees, shipped
from indexlm.options import check_options, favoured_beta, named_head, selectors_of
from indexlm.page import IndexLMError, Page, Prediction
from indexlm.parallel import run_here, run_in_processes
from indexlm.siblings import check_import

if TYPE_CHECKING:
    from heads import Head, Settings
    from heads.runtimes.shared import SharedModel

Item = TypeVar("Item")
Result = TypeVar("Result")

_MOST_WORKERS = 256
_GRACE = 1.5  # of `max_seconds`: so long is a process waited for that should have stopped


@dataclass(frozen=True, slots=True)
class Extractor:
    """How pages are extracted: options that are checked here, and a model that is opened when it is first needed.

    head: `classifier`, `decoder`, `trees`, or `auto` for the one that is best where it was measured: the classifier.
    model: a checkpoint directory or Hugging Face id, in place of the model shipped for `head`.
    runtime: `onnx`, `openvino` or `torch`; None: ONNX where the checkpoint has it, else torch.
    threads: CPU threads of the model; 0 leaves the number to the runtime.
    threshold: keep every block with at least this probability (0 to 1), instead of the set with the greatest expected
        F1. The classifier then reads every window. Not for the decoder.
    beta: what recall counts against precision (0.1 to 10) in the choice of blocks: 2 keeps more, 0.5 less. Not with a
        threshold.
    favour: a name for such a beta: `precision` for 0.5, `recall` for 2.
    hidden: `drop` leaves out what no reader of the page can see (`Page.unreadable`), such as off-screen text for
        machines; `keep` lets the head decide.
    alone: whether the model reads every page and window. Fixed lines still come from the trees.
    max_bytes: the most bytes of a page, packed and unpacked; a larger one is refused.
    max_blocks: the most blocks of a page; what follows is left out. It has at most twelve times as many tags.
    max_windows: the most windows of a page that the model reads; the others are left to the trees.
    max_seconds: the most seconds for a page. In this process, reading stops with what it has. With several workers, the
        process that does not stop in time is ended, and the page fails.
    max_memory: the most MiB that a page may take beyond the opened model, in the processes of `extract_many` alone.
    include, exclude: CSS selectors. Whatever the model says, blocks that lie in an included element are kept, and those
        that lie in an excluded one are not, which goes first.

    A page cut at a limit has a warning. It can be pickled, and compares by its options. A process opens the model once
    for each `Extractor`. Raises `IndexLMError` for a bad option.
    """

    head: str = "classifier"
    _: KW_ONLY
    model: str = ""
    runtime: str | None = None
    threads: int = 0
    threshold: float | None = None
    beta: float = 1.0
    favour: InitVar[str] = ""
    hidden: str = "drop"
    alone: bool = False
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    max_bytes: int = MAX_BYTES
    max_blocks: int = LIMITS.blocks
    max_windows: int = LIMITS.windows
    max_seconds: float = 60.0
    max_memory: int = 2048
    _opened: list[Head] = field(default_factory=list, init=False, repr=False, compare=False)

    def __post_init__(self, favour: str) -> None:
        object.__setattr__(self, "head", named_head(self.head, self.model))
        if favour:
            object.__setattr__(self, "beta", favoured_beta(None if self.beta == 1 else self.beta, favour))
        for name in ("include", "exclude"):
            object.__setattr__(self, name, selectors_of(name, getattr(self, name)))
        check_import("heads")
        from heads import HEADS, RUNTIMES, Settings

        if self.head not in (*HEADS, "trees"):
            raise IndexLMError(f"a head is {', '.join(HEADS)}, trees or auto; found {self.head!r}")
        if self.runtime is not None and self.runtime not in RUNTIMES:
            raise IndexLMError(f"a runtime is {', '.join(RUNTIMES)}; found {self.runtime!r}")
        check_options(self)
        if self.head != "trees" and self.model and os.path.isdir(self.model):  # never raises, whatever the name
            self._check_head(Settings.read_from(Path(self.model)))

    def __getstate__(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self) if f.init}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in (state | {"_opened": []}).items():
            object.__setattr__(self, name, value)

    def extract(self, html: Input, *, url: str = "", query: str = "") -> Extraction:
        """A page -> its main content, or with a `query` the blocks that answer it (none, if none does).

        `html` is the page's bytes or text, a `Path`, an open file, or what `load` returns; `url` is its address. Raises
        `IndexLMError` for a query that the model was not trained for, and for what is no page: an image, more than 32
        MiB, an address or a file's name as text. HTML never raises, however broken: see `Extraction.warnings`.
        """
        return self.extract_each(html, (query,), url=url)[0]

    def extract_each(self, html: Input, queries: Iterable[str], *, url: str = "") -> list[Extraction]:
        """A page and several queries -> what `extract` makes of each; the page is read once."""
        began, limits = perf_counter(), self.limits()
        if isinstance(queries, str):
            raise IndexLMError(f"queries are a list of texts; found the text {queries[:80]!r}")
        queries = tuple(queries)
        check_address(url)
        for query in queries:
            check_query(query)
        check_text("an address (url)", url)
        page, source = to_page(read_document(html, url=url, max_bytes=self.max_bytes), url, limits=limits)
        parsed = perf_counter() - began
        asked = [replace(page, query=" ".join(query.split())) for query in queries]
        return [self._extract(page, source, parsed, self.limits() if i else limits) for i, page in enumerate(asked)]

    def _extract(self, page: Page, source: str, parsed: float, limits: Limits) -> Extraction:
        prediction = self.predict(page, limits)
        prediction = replace(prediction, seconds={"parse": parsed} | prediction.seconds)
        extraction = Extraction(page, prediction, source)
        return self._with_rules(extraction) if self.include or self.exclude else extraction

    def with_options(
        self,
        *,
        threshold: float | None = None,
        beta: float = 1.0,
        favour: str = "",
        hidden: str = "drop",
        include: Iterable[str] = (),
        exclude: Iterable[str] = (),
    ) -> Extractor:
        """The same opened model under other options. Raises `IndexLMError` for a bad one."""
        self.open()
        options: dict[str, Any] = {"include": tuple(include), "exclude": tuple(exclude)}
        other = replace(self, threshold=threshold, beta=beta, favour=favour, hidden=hidden, **options)
        object.__setattr__(other, "_opened", self._opened)
        return other

    def limits(self) -> Limits:
        """The limits of a page that is begun now."""
        return Limits(self.max_blocks, self.max_windows, monotonic() + self.max_seconds)

    def _with_rules(self, extraction: Extraction) -> Extraction:
        """An extraction -> the same with the blocks that `include` and `exclude` name decided by them."""
        from heads.selection import expected_f1
        from indexlm.layout import word_count

        page, prediction = extraction.page, extraction.prediction
        included, unmatched = match_blocks(page, extraction.source, self.include)
        excluded, unmatched_too = match_blocks(page, extraction.source, self.exclude)
        kept = tuple(sorted(set(prediction.indices) - excluded | included - excluded))
        scores, expected = prediction.scores, prediction.expected_f1 if kept == prediction.indices else None
        if scores is not None:
            rules = dict.fromkeys(included, 1.0) | dict.fromkeys(excluded, 0.0)
            scores = tuple(rules.get(i, score) for i, score in enumerate(scores, 1))
            weights = [1 if page.query else word_count(block) for block in page.blocks]
            may_be_empty = bool(page.query) and prediction.expected_f1 is not None
            expected = expected_f1(scores, weights, kept, may_be_empty)
        notes = (f"selector: {selector!r} matches nothing" for selector in (*unmatched, *unmatched_too))
        warnings = (*prediction.warnings, *notes)
        reasons = {i: rule for i, rule in prediction.reasons.items() if i not in included | excluded}
        prediction = replace(
            prediction, indices=kept, scores=scores, expected_f1=expected, warnings=warnings, reasons=reasons
        )
        return replace(extraction, prediction=prediction)

    def extract_many(
        self,
        pages: Iterable[Input | tuple[Input, str] | Exception],
        *,
        query: str = "",
        workers: int = 1,
        timeout: float | None = None,
    ) -> Generator[Extraction | Exception, None, None]:
        """Pages, each its HTML or `(html, url)` -> what `extract` makes of each, in their order.

        With several `workers`, or a `timeout` in seconds for each page (without it a little more than `max_seconds`),
        the work is done in processes, with the model on one thread each unless `threads` says otherwise; see
        `indexlm.parallel.run_in_processes`.
        """
        if isinstance(pages, str | bytes):
            raise IndexLMError(f"pages are a list or a stream of pages; found one page of {len(pages)} characters")
        job, items = partial(_extract_page, query), map(sendable, pages)
        return self.map(job, items, query=query, workers=workers, timeout=timeout)

    def map(
        self,
        job: Callable[[Extractor, Item], Result],
        items: Iterable[Item | Exception],
        *,
        query: str = "",
        workers: int = 1,
        timeout: float | None = None,
    ) -> Generator[Result | Exception, None, None]:
        """`extract_many` for any `job`: a function of a module, called with this extractor where its model is."""
        check_number(f"pages are shared by 1 to {_MOST_WORKERS} workers", workers, 1, _MOST_WORKERS, whole=True)
        if timeout is not None:
            check_seconds("a timeout", timeout)
        check_query(query)
        if workers == 1 and timeout is None:
            return run_here(partial(_open_job, self, job, query), items)
        extractor = self if self.threads or workers == 1 else replace(self, threads=1)
        timeout = self.max_seconds * _GRACE if timeout is None else timeout
        shared = self._share(timeout) if workers > 1 else None
        opener = partial(_open_job, extractor, job, query, shared.address if shared else "")
        begin = partial(run_in_processes, opener, items, workers, timeout, self.max_memory)
        return shared.during(begin) if shared else begin()

    def predict(self, page: Page, limits: Limits | None = None) -> Prediction:
        """A page -> which of its blocks are kept. Raises `IndexLMError` for a task that the model does not know."""
        head = self.open()
        _check_task(head.settings, page.query)
        if not page.blocks or (page.whole and not page.query):
            return Prediction(tuple(block.index for block in page.blocks))
        prediction = head([page], self.threshold, limits or self.limits())[0]
        if self.hidden == "drop" and (unreadable := page.unreadable):
            return replace(prediction, indices=tuple(i for i in prediction.indices if i not in unreadable))
        return prediction

    def open(self, shared: str = "") -> Head:
        """The head under this `beta`; its model is opened now if it was not before.

        `shared` is the address of the process that runs the model (`heads.runtimes.shared`), if another one does.
        """
        if not self._opened:
            self._opened.append(self._open(shared))
        head = self._opened[0]
        return head if self.beta == 1 else head.with_settings(replace(head.settings, beta=self.beta))

    def _share(self, timeout: float) -> SharedModel | None:
        from heads.checkpoint import share_model

        runtime: Any = self.runtime  # checked when the extractor was made
        return None if self.head == "trees" else share_model(self._directory(self.head), runtime, timeout)

    def _open(self, shared: str) -> Head:
        from heads import open_head

        if self.head == "trees":
            from heads.trees import load_trees

            return load_trees(check_trees(self._directory("classifier")))
        runtime: Any = self.runtime  # checked when the extractor was made
        head = open_head(self._directory(self.head), runtime, self.threads, alone=self.alone, shared=shared)
        self._check_head(head.settings)
        return head

    def _check_head(self, settings: Settings) -> None:
        if settings.head != self.head:
            raise IndexLMError(f"{self.model} is a checkpoint of the {settings.head} head; found head {self.head!r}")

    def _directory(self, head: str) -> Path:
        from heads.checkpoint import checkpoint_directory

        return checkpoint_directory(self.model) if self.model else shipped(head)


def _check_task(settings: Settings, query: str) -> None:
    tasks = settings.tasks
    if query and "qe" not in tasks:
        raise IndexLMError(
            "a query needs a model trained for QE (questions); this one finds main content alone:"
            " take the classifier or the decoder"
        )
    if not query and "me" not in tasks:
        raise IndexLMError("main content needs a model trained for ME (main content); this one answers queries alone")


def _open_job(
    extractor: Extractor, job: Callable[[Extractor, Item], Result], query: str, shared: str = ""
) -> Callable[[Item], Result]:
    _check_task(extractor.open(shared).settings, query)  # a bad option fails here, not at each page
    return partial(job, extractor)


def _extract_page(query: str, extractor: Extractor, page: Any) -> Extraction:
    if type(page) is tuple and len(page) != 2:
        raise IndexLMError(f"a page with its address is (html, url); found a tuple of {len(page)}")
    html, url = page if type(page) is tuple else (page, "")  # a `Source` is a page, though it is a tuple too
    return extractor.extract(html, url=url, query=query)


@lru_cache(maxsize=4)
def _extractor(**options: Any) -> Extractor:
    return Extractor(**options)


def extract(html: Input, *, url: str = "", query: str = "", **options: Any) -> Extraction:
    """`Extractor(**options).extract(html, url=url, query=query)`; the last four extractors are kept open."""
    return _extractor(**options).extract(html, url=url, query=query)


def extract_many(
    pages: Iterable[Input | tuple[Input, str] | Exception],
    *,
    query: str = "",
    workers: int = 1,
    timeout: float | None = None,
    **options: Any,
) -> Generator[Extraction | Exception, None, None]:
    """`Extractor(**options).extract_many(pages, …)`."""
    return _extractor(**options).extract_many(pages, query=query, workers=workers, timeout=timeout)
