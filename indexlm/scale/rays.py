"""Tasks through Ray Data: a pool of actors on one machine or a cluster, each of which writes whole shards.

Ray Data passes on tasks and entries alone: an actor takes a task when it is done with the one before, reads its pages
as a stream, and writes its shard. So no page is in the object store, and nothing runs ahead of what is written. An
actor that dies is started again, and its task is done again.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from indexlm.output.files import OutputError
from indexlm.page import IndexLMError
from indexlm.scale.local import run_tasks
from indexlm.scale.shards import Entry, Job, Store
from indexlm.scale.tasks import Task

if TYPE_CHECKING:
    import numpy as np

_STORE_BYTES = 200 << 20  # of Ray's object store on this machine: it holds tasks and entries alone
_MOST_BLOCKS = 10_000
_TRIES = 5  # of a task whose actor dies, where Ray would try for ever


class Writer:
    """An actor: tasks in, entries out. Its pages are extracted in a process of its own, which can be ended."""

    def __init__(self, store: Store, job: Job, run: str) -> None:
        self.store = store
        self.run = run  # what tells this run from others
        self.task: Task | None = None
        self.fault = ""  # of the output, after which no other task is begun
        self.entries = run_tasks(store, job, self._tasks())

    def __call__(self, batch: dict[str, np.ndarray]) -> dict[str, list[str]]:
        """Ray's batch of tasks -> their entries. One that was done before its actor died is not done again."""
        return {"entry": [json.dumps(self._entry(task)) for task in batch["task"]]}

    def _entry(self, line: str) -> Entry | str:
        task = Task.of(json.loads(line))
        if self.fault:
            return self.fault
        if entry := self.store.entry(task.number):
            return entry
        try:
            if self.store.note_try(self.run, task.number) >= _TRIES:
                fault = f"a task is tried {_TRIES} times; the process of task {task.number} ended each time"
                return Entry(task.number, "", 0, 0, 0, 0.0, f"{fault} ({task.files[0].address})")
            self.task = task
            return next(self.entries)
        except OutputError as error:
            self.fault = str(error)
            return self.fault

    def _tasks(self) -> Iterator[Task | None]:
        while True:
            task, self.task = self.task, None
            yield task


def run_on_ray(
    store: Store, job: Job, tasks: Sequence[Task], workers: int, address: str = ""
) -> Generator[Entry, None, None]:
    """`run_tasks` with `workers` actors (0: as many as there are CPUs), in the order in which they finish."""
    with _cluster(address, workers):
        import ray

        resources: dict[str, float] = ray.cluster_resources()
        count = workers or max(1, int(resources.get("CPU", 1)))
        ray.data.DataContext.get_current().enable_progress_bars = False
        rows = [{"task": json.dumps(task)} for task in tasks]
        lines = ray.data.from_items(rows, override_num_blocks=min(len(rows), _MOST_BLOCKS)).map_batches(
            Writer,
            fn_constructor_args=(store, job, uuid4().hex),
            batch_size=1,
            compute=ray.data.ActorPoolStrategy(size=min(count, len(tasks)), max_tasks_in_flight_per_actor=1),
            num_cpus=1,
        )
        try:
            for row in lines.iter_rows():
                value = json.loads(row["entry"])
                if isinstance(value, str):
                    raise OutputError(value)
                yield Entry(*value)
        except ray.exceptions.RayError as error:
            raise IndexLMError(f"Ray runs the tasks; it ended: {getattr(error, 'cause', None) or error}") from None


@contextmanager
def _cluster(address: str, workers: int) -> Iterator[None]:
    """Ray, as it runs already, at an address, or started for this run."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray
    import ray.data  # which sets the level that is changed next

    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # what fails comes as an exception
    if ray.is_initialized():
        yield
        return
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if not address and not os.environ.get("RAY_ADDRESS"):
        options |= {"num_cpus": workers or None, "object_store_memory": _STORE_BYTES, "include_dashboard": False}
    try:
        ray.init(address or None, **options)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise IndexLMError(f"Ray runs at {address or 'this machine'}; it cannot be reached: {error}") from None
    try:
        yield
    finally:
        ray.shutdown()
