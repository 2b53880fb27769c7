"""What can be deployed: modes, which decide what is kept, and their layout on the machine's cores.

Quality depends on the mode alone. So it is measured once a mode, and time once a mode and number of threads.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from importlib.metadata import PackageNotFoundError
from time import perf_counter
from typing import Any

from eval.cases import Case
from eval.extractors import Answer, System, describe, open_extractor
from heads import RUNTIMES, DecoderHead
from heads.settings import Settings
from indexlm.deployment import weights_hash
from indexlm.extractor import Extractor
from indexlm.html.read import to_page
from indexlm.inputs.read import read_document
from indexlm.output.text import to_text
from indexlm.page import IndexLMError, Page

DEFAULT = "classifier"


@dataclass(frozen=True)
class Mode:
    """How blocks are chosen.

    name: unique; in the notation of `eval.extractors` for what is shipped.
    head, model, runtime, options: as in `Extractor`; the options in order. A tool has no head.
    is_reference: whether it is measured for comparison, and never recommended.
    """

    name: str
    head: str = ""
    model: str = ""
    runtime: str | None = None
    options: tuple[tuple[str, Any], ...] = ()
    is_reference: bool = False

    @property
    def changes(self) -> int:
        """How many options differ from the defaults."""
        return (self.head != DEFAULT) + bool(self.model) + bool(self.runtime) + len(self.options)

    def extractor(self, threads: int = 0) -> Extractor:
        """Its extractor. Raises `IndexLMError` for a bad option or checkpoint."""
        return Extractor(self.head, model=self.model, runtime=self.runtime, threads=threads, **dict(self.options))

    @cached_property
    def hash(self) -> str:
        """The hash of its weights; empty for a tool."""
        return weights_hash(self.head, self.model, self.runtime) if self.head else ""

    def identity(self) -> dict[str, Any]:
        """What rows on disk are checked against: other values mean another system."""
        return {"version": describe(self.name)["version"]} if self.is_reference else {"sha256": self.hash}


@dataclass(frozen=True)
class Candidate:
    """A mode, its processes, and the option `threads` of `Extractor`; the machine has so many cores."""

    mode: Mode
    threads: int
    workers: int
    machine_cores: int

    @property
    def cpus(self) -> int:
        """The CPU threads of the model in a process; the trees and tools have one."""
        if self.mode.is_reference or self.mode.head == "trees":
            return 1
        return self.threads or (self.machine_cores if self.workers == 1 else 1)

    @property
    def timed_threads(self) -> int:
        """The option `threads` with which one process computes as one of these does."""
        return 0 if self.threads == 0 and (self.workers == 1 or self.cpus == self.machine_cores) else self.cpus

    @property
    def cores(self) -> int:
        """The cores that it takes."""
        return self.workers * self.cpus

    @property
    def name(self) -> str:
        processes = f" ×{self.workers}" if self.workers > 1 else ""
        return f"{self.mode.name}{processes}" + (f" threads={self.threads}" if self.threads else "")

    @property
    def changes(self) -> int:
        """How many options differ from the defaults."""
        return self.mode.changes + (self.threads != 0) + (self.workers != 1)


def _alone(head: str) -> Mode:
    return Mode(f"{head}-alone", head, options=(("alone", True),))


MODES: tuple[Mode, ...] = (
    Mode("classifier", "classifier"),
    Mode("trees", "trees"),
    Mode("decoder", "decoder"),
    _alone("classifier"),
    _alone("decoder"),
)
"""What ships. Everything that can be deployed starts here; the default is the first."""

CAREFUL = ("classifier-alone", "classifier")
"""The mode that others are compared with where there is no reference: the first that is measured. It reads most."""

REFERENCES: Mapping[str, tuple[str, ...]] = {"me": ("trafilatura", "resiliparse"), "qe": ("bm25",)}
"""Today's tools by task, measured where they are installed."""

_FILES = ("timings", "runs")  # beside the rows of modes

WINDOWS = (1, 4)
"""Token budgets that are tried for a mode on the front: the most windows of a page that the model reads."""

RECALL_BETA = 2.0
"""Tried for modes on the front where a least recall is asked for."""


def shipped_modes(task: str) -> list[Mode]:
    """The modes of `MODES` that know the task."""
    return [mode for mode in MODES if task == "me" or mode.head != "trees"]


def reference_modes(task: str) -> list[Mode]:
    """Today's tools that are installed."""
    modes = []
    for name in REFERENCES[task]:
        try:
            describe(name)
        except PackageNotFoundError:
            continue
        modes.append(Mode(name, is_reference=True))
    return modes


def variants(mode: Mode, needs_recall: bool) -> list[Mode]:
    """A mode on the front -> the modes near it: smaller token budgets, and with `needs_recall` a greater beta."""
    modes = []
    if mode.head in ("classifier", "decoder"):
        modes += [_with(mode, "max_windows", count) for count in WINDOWS]
    if needs_recall and mode.head in ("classifier", "trees"):
        modes.append(_with(mode, "beta", RECALL_BETA))
    return modes


def _with(mode: Mode, option: str, value: float) -> Mode:
    return replace(mode, name=f"{mode.name},{option}={value:g}", options=(*mode.options, (option, value)))


def own_mode(text: str, task: str) -> Mode:
    """`NAME=CHECKPOINT[@RUNTIME]` -> the mode. Raises `IndexLMError` for another form, name or checkpoint."""
    name, _, model = text.partition("=")
    runtime = next((runtime for runtime in RUNTIMES if model.endswith(f"@{runtime}")), None)
    model = model.removesuffix(f"@{runtime}") if runtime else model
    if not re.fullmatch(r"[\w.-]+", name) or not model:
        raise IndexLMError(f"a candidate is NAME=CHECKPOINT[@RUNTIME], its name letters and digits; found {text!r}")
    if name in {mode.name for mode in MODES}.union(_FILES, *REFERENCES.values()):
        raise IndexLMError(f"a candidate has a name of its own; {name!r} is taken")
    from heads.checkpoint import checkpoint_directory

    directory = checkpoint_directory(model)
    settings = Settings.read_from(directory)
    if task not in settings.tasks:
        raise IndexLMError(f"candidates know the task {task}; {name} knows {', '.join(settings.tasks)}")
    model = str(directory.resolve()) if os.path.isdir(model) else model
    return Mode(name, settings.head, model, runtime)


def layouts(mode: Mode, cores: int, machine_cores: int, shares_pages: bool) -> list[Candidate]:
    """A mode -> its candidates on at most `cores` cores: one process, or several where these can share the pages."""
    powers = sorted({1, cores, *(1 << n for n in range(cores.bit_length()) if 1 << n <= cores)})
    result = []
    for workers in powers if shares_pages and not mode.is_reference else [1]:
        default = machine_cores if workers == 1 else 1
        options = {0 if threads == default else threads for threads in (1, cores // workers)}
        if mode.is_reference or mode.head == "trees":
            options = {0}
        result += [Candidate(mode, threads, workers, machine_cores) for threads in sorted(options)]
    return result


def open_mode(mode: Mode, threads: int, together: Mapping[str, Sequence[Case]] | None = None) -> System:
    """A mode -> the system: from HTML (a question of a data set: from the parsed page) to text.

    `together` names by the id of a case all cases of its page, which are answered at once; the answer is that of the
    last. Raises what `Extractor.open` raises, and ImportError for a tool that is not installed.
    """
    if mode.is_reference:
        return open_extractor(mode.name, threads)
    extractor = mode.extractor(threads)
    extractor.open()
    return partial(_run, extractor, together or {})


def _run(extractor: Extractor, together: Mapping[str, Sequence[Case]], case: Case) -> Answer:
    cases = together.get(case.id, (case,))
    head = extractor.open()
    if isinstance(head, DecoderHead):
        head.forget()
    began = perf_counter()
    pages = _pages(extractor, cases)
    parsed = perf_counter()
    predictions = [extractor.predict(page) for page in pages]
    predicted = perf_counter()
    texts = [to_text(page, prediction.indices) for page, prediction in zip(pages, predictions, strict=True)]
    ended = perf_counter()
    seconds = {"parse": parsed - began, "predict": predicted - parsed, "assemble": ended - predicted}
    return Answer.of(predictions[-1], texts[-1], seconds | {"total": ended - began})


def _pages(extractor: Extractor, cases: Sequence[Case]) -> list[Page]:
    """Cases of one page -> the page with the question of each; it is parsed once, if it comes as HTML."""
    first = cases[0]
    if not first.html:
        return [case.page for case in cases if case.page]
    page, _ = to_page(read_document(first.html, url=first.url), first.url, limits=extractor.limits())
    return [replace(page, query=case.page.query if case.page else "") for case in cases]
