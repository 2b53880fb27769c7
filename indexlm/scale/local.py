"""Tasks through our own pool: records in, rows to shards, entries out."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import Any

from indexlm.extractor import Extractor
from indexlm.page import IndexLMError
from indexlm.scale.files import InputError
from indexlm.scale.records import Record, read_task
from indexlm.scale.rows import extract_row, to_row
from indexlm.scale.shards import Entry, Job, Store, open_shard
from indexlm.scale.tasks import Task


class _Pause(Exception):  # noqa: N818
    """There is no task yet. The pool passes exceptions on in their places, and so these."""


class _Begin(Exception):  # noqa: N818
    """The records of a task follow."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.task = task


class _End(Exception):  # noqa: N818
    """All records of a task are on their way, or it cannot be read on, as `fault` says."""

    def __init__(self, skipped: int, fault: str) -> None:
        super().__init__()
        self.skipped, self.fault = skipped, fault


def run_tasks(store: Store, job: Job, tasks: Iterable[Task | None], workers: int = 1) -> Generator[Entry, None, None]:
    """Tasks -> the entry of each, in their order, when its shard is finished.

    Pages are shared by `workers` processes, each of which can be ended: a page that breaks a limit costs itself. None
    in place of a task means that there is none yet, and what is in flight comes out first.

    Raises `OutputError` for a shard that cannot be written, and what opening the model raises, before any task is
    taken. A task with a file that cannot be reached has an entry with a `fault` and no shard.
    """
    extractor = replace(job.extractor, threads=job.extractor.threads or 1)
    sent: deque[Record] = deque()
    items = _items(job, tasks, sent)
    results = extractor.map(
        partial(_extract, job), items, query=job.content.query, workers=workers, timeout=job.timeout
    )
    return _entries(store, job, results, sent)


def _extract(job: Job, extractor: Extractor, record: Record) -> dict[str, Any]:
    assert record.source is not None
    return extract_row(job.content, extractor, record.source)


def _items(job: Job, tasks: Iterable[Task | None], sent: deque[Record]) -> Iterator[Record | Exception]:
    """What the pool is sent; each record is noted in `sent`."""
    for task in tasks:
        if task is None:
            yield _Pause()
            continue
        yield _Begin(task)
        skipped, fault = 0, ""
        try:
            for record in read_task(task, job.columns, job.extractor.max_bytes):
                if record is None:
                    skipped += 1
                    continue
                sent.append(record)
                yield IndexLMError(record.error) if record.error else record
        except InputError as error:
            fault = str(error)
        yield _End(skipped, fault)


def _entries(
    store: Store, job: Job, results: Generator[Any, None, None], sent: deque[Record]
) -> Generator[Entry, None, None]:
    with closing(results):  # which ends the processes
        for result in results:
            if isinstance(result, _Begin):
                yield _write_shard(store, job, result.task, results, sent)


def _write_shard(store: Store, job: Job, task: Task, results: Iterator[Any], sent: deque[Record]) -> Entry:
    """Write what `results` has to the end of the task."""
    began, name, skipped = perf_counter(), store.shard_name(task.number), 0
    try:
        with open_shard(store, job, task) as shard:
            for result in results:
                if isinstance(result, _End):
                    if result.fault:
                        raise InputError(result.fault)
                    skipped = result.skipped
                    break
                if not isinstance(result, _Pause):
                    shard.add(to_row(job.content, sent.popleft(), result))
    except InputError as error:
        return Entry(task.number, "", 0, 0, skipped, round(perf_counter() - began, 3), str(error))
    seconds = round(perf_counter() - began, 3)
    entry = Entry(task.number, name, shard.rows, shard.errors, skipped, seconds, failed=shard.failed)
    store.finish(entry)
    return entry
