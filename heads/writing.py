"""Continuous batching: answers about many windows, written a token of each at a time.

A window whose answer is complete leaves its row to the next one, whatever page that is of.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from heads.generation import Answer
from indexlm.intervals import Parsed
from indexlm.page import IndexLMError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from heads.generation import Leaning

Begin = Callable[["NDArray[np.float32]", int, "Leaning"], Generator[Sequence[int], "NDArray[np.float32]", "Answer"]]
"""The logits after a window, its number of lines and a leaning -> what writes its answer (`DecoderHead.writer`)."""


class Rows(Protocol):
    """A causal language model that holds a window and its answer in each of its `rows` of `slots` tokens."""

    rows: int
    slots: int

    def read(self, sequences: Sequence[Sequence[int]], rows: Sequence[int]) -> NDArray[np.float32]:
        """Sequences, each into a row from its beginning -> the logits after each."""
        ...

    def step(self, tokens: Sequence[int], rows: Sequence[int]) -> NDArray[np.float32]:
        """A token each for some rows -> the logits after it."""
        ...

    def room(self, row: int) -> int:
        """How many tokens more a row takes."""
        ...


@dataclass(slots=True, eq=False)
class Job:
    """A window: its tokens, its number of lines, and the answer when it is `done`; `owner` is whoever asked.

    row, writer, pending: while it is written; tokens that are chosen, but not yet read by the model.
    """

    ids: Sequence[int]
    lines: int
    leaning: Leaning
    owner: Any
    row: int = -1
    writer: Any = None
    pending: deque[int] = field(default_factory=deque)
    answer: Answer | None = None


class ContinuousWriter:
    """Writes the answers of jobs that are added at any time. `most_tokens` of windows are read in one call."""

    def __init__(self, model: Rows, begin: Begin, most_tokens: int) -> None:
        self.model = model
        self.begin = begin
        self.most_tokens = most_tokens
        self._free = list(range(model.rows))
        self._waiting: deque[Job] = deque()
        self._written: list[Job] = []

    @property
    def is_busy(self) -> bool:
        """Whether any job is not done."""
        return bool(self._waiting or self._written)

    def add(self, jobs: Sequence[Job]) -> None:
        """Raise `IndexLMError` for a window that leaves no room for an answer; then none is added."""
        longest = max((len(job.ids) for job in jobs), default=0)
        if longest >= self.model.slots - 1:
            raise IndexLMError(f"a window and its answer have at most {self.model.slots - 1} tokens; found {longest}")
        self._waiting.extend(jobs)

    def drop_all(self) -> list[Job]:
        """Give all jobs up -> these."""
        jobs = [*self._waiting, *self._written]
        self._waiting.clear()
        self._written.clear()
        self._free = list(range(self.model.rows))
        return jobs

    def drop(self, is_unwanted: Callable[[Job], bool]) -> None:
        """Give up the jobs that nobody waits for any more."""
        self._waiting = deque(job for job in self._waiting if not is_unwanted(job))
        for job in filter(is_unwanted, [*self._written]):
            self._written.remove(job)
            self._free.append(job.row)

    def advance(self) -> list[Job]:
        """Read a token of each answer, and then the windows for which there is room -> the jobs that are done by it."""
        done = []
        if self._written:
            jobs = list(self._written)
            logits = self.model.step([job.pending.popleft() for job in jobs], [job.row for job in jobs])
            done += [job for job, row in zip(jobs, logits, strict=True) if not job.pending and self._go_on(job, row)]
        if begun := self._next_windows():
            self._written += begun  # before anything can fail, so that `drop_all` gives them
            logits = self.model.read([job.ids for job in begun], [job.row for job in begun])
            for job, row in zip(begun, logits, strict=True):
                job.writer = self.begin(row, job.lines, job.leaning)
            done += [job for job in begun if self._go_on(job, None)]
        return done

    def _next_windows(self) -> list[Job]:
        """As many waiting windows as fit, each with a row; one that is longer than a call may be is alone."""
        begun: list[Job] = []
        tokens = 0
        while self._waiting and self._free:
            tokens += len(self._waiting[0].ids)
            if begun and tokens > self.most_tokens:
                break
            job = self._waiting.popleft()
            job.row = self._free.pop()
            begun.append(job)
        return begun

    def _go_on(self, job: Job, logits: NDArray[np.float32] | None) -> bool:
        """Let a job's answer be written on, to where the model has to read -> whether it is done."""
        try:
            job.pending.extend(next(job.writer) if logits is None else job.writer.send(logits))
            if len(job.pending) <= self.model.room(job.row):
                return False
            error = f"a window and its answer have at most {self.model.slots - 1} tokens; this answer is longer"
            job.answer = Answer(Parsed((), error=error), 0)
        except StopIteration as end:
            job.answer = end.value
        self._written.remove(job)
        self._free.append(job.row)
        return True
