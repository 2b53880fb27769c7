"""The output of a run: a shard for each task, and a manifest that says which of them are finished.

A shard is written under another name and moved to its place when it is whole. Then its entry is written, likewise: a
task with both is finished, and every other one is done again, which replaces what it left. So a run that is killed at
any moment goes on with the tasks that are not finished, and each row is there once.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import uuid4

from indexlm.extractor import Extractor
from indexlm.limits import check_seconds
from indexlm.output.files import OutputError
from indexlm.page import IndexLMError
from indexlm.resuming import check_options, options_of
from indexlm.scale.files import address_of, open_filesystem, whole_file
from indexlm.scale.records import Columns
from indexlm.scale.rows import Content, schema, to_batch, to_line
from indexlm.scale.tasks import Cut, Task, check_inputs, plan_tasks

_MANIFEST = "_manifest"
_ROWS = 1000  # of a row group, at most
_CHARACTERS = 16 << 20  # of content in a row group, about
MOST_NAMED = 10
"""The most rows with an error that an entry, and a command, names."""


class Job(NamedTuple):
    """What is done with each task: all that shapes a row.

    extractor, content, columns: see there.
    timeout: the most seconds for one page, at which its process is ended.
    jsonl: whether shards are JSONL; else Parquet.
    """

    extractor: Extractor
    content: Content = Content()
    columns: Columns = Columns()
    timeout: float = 90.0
    jsonl: bool = False

    def check(self) -> None:
        """Raise `IndexLMError` for an option that cannot be. Opens the model, since not every mistake shows before."""
        self.content.check()
        check_seconds("a timeout", self.timeout)
        replace(self.extractor).map(_nothing, (), query=self.content.query)

    def options(self, inputs: list[str], cut: Cut) -> dict[str, Any]:
        """All of it as JSON can hold it, with the version: what a run that goes on has to share."""
        columns = {f"{name}_column": value for name, value in self.columns._asdict().items()}
        inputs = [address_of(*open_filesystem(source)) if source.strip() else source for source in inputs]
        own = {"timeout": self.timeout, "jsonl": self.jsonl, "inputs": inputs}
        return options_of(self.extractor, **self.content._asdict(), **columns, **cut._asdict(), **own)


def _nothing(extractor: Extractor, item: object) -> None:
    return None


class Entry(NamedTuple):
    """What the manifest says of a finished task.

    shard: its file.
    rows, errors: its rows, and how many of them have an `error`.
    skipped: records that are no pages.
    failed: some of the rows with an error, each its id and why.
    fault: why the task is not finished; empty for one that is.
    """

    task: int
    shard: str
    rows: int
    errors: int
    skipped: int
    seconds: float
    fault: str = ""
    failed: Sequence[str] = ()


class Store:
    """A run's folder, at any fsspec address."""

    def __init__(self, address: str, jsonl: bool = False) -> None:
        self.address = address
        self.jsonl = jsonl
        self.system, self.path = open_filesystem(address)
        self.temporary = f"{self.path}/_temporary"

    def shard_name(self, task: int) -> str:
        """The file of a task's rows."""
        return f"part-{task:06d}.{'jsonl' if self.jsonl else 'parquet'}"

    def begin(self, options: dict[str, Any], cut: Cut) -> tuple[list[Task], int]:
        """The run's tasks, and how many files of folders are no pages: of the manifest, or planned now and put there.

        Raises `IndexLMError` for a folder that holds anything else, such as a run with other options or inputs.
        """
        self.system.invalidate_cache()
        manifest = f"{self.path}/{_MANIFEST}/run.json"
        if not self.system.exists(manifest):
            self._check_is_empty()
            plan = plan_tasks(options["inputs"], cut)
            run = {"options": options, "skipped": plan.skipped, "tasks": plan.tasks}
            self._write_json(manifest, run)
            return plan
        try:
            run = json.loads(self.system.cat_file(manifest))
            tasks = [Task.of(row) for row in run["tasks"]]
            earlier, skipped = dict(run["options"]), int(run["skipped"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexLMError(f"a run goes on by its manifest; {manifest} cannot be read: {error}") from None
        check_options(options, earlier, "--out")
        check_inputs(options["inputs"], tasks, self.finished())
        return tasks, skipped

    def finished(self) -> set[int]:
        """The numbers of the tasks with an entry and a shard."""
        self.system.invalidate_cache()
        try:
            shards = {path.rpartition("/")[2] for path in self.system.ls(self.path, detail=False)}
            entries = self.system.ls(f"{self.path}/{_MANIFEST}/tasks", detail=False)
        except FileNotFoundError:
            return set()
        numbers = {int(name.removesuffix(".json")) for name in (path.rpartition("/")[2] for path in entries)}
        return {number for number in numbers if self.shard_name(number) in shards}

    def entries(self, tasks: Collection[int]) -> list[Entry]:
        """The entries of finished tasks."""
        try:
            contents = self.system.cat([self._entry_path(task) for task in sorted(tasks)]) if tasks else {}
            return [Entry(**json.loads(content)) for content in contents.values()]
        except (OSError, ValueError, TypeError) as error:
            raise IndexLMError(f"a run goes on by its manifest; an entry cannot be read: {error}") from None

    def entry(self, task: int) -> Entry | None:
        """The entry of a task; None for one that is not finished."""
        try:
            if self.system.exists(f"{self.path}/{self.shard_name(task)}"):
                return Entry(**json.loads(self.system.cat_file(self._entry_path(task))))
        except (OSError, ValueError, TypeError):
            pass
        return None

    def finish(self, entry: Entry) -> None:
        """Write the entry of a task whose shard is in its place."""
        self._write_json(self._entry_path(entry.task), entry._asdict())

    def note_try(self, run: str, task: int) -> int:
        """Note that a run begins a task -> how often it has begun it before."""
        folder = f"{self.temporary}/{run}-{task}"
        try:
            self.system.makedirs(folder, exist_ok=True)
            self.system.invalidate_cache()
            tries = len(self.system.ls(folder, detail=False))
            self.system.pipe_file(f"{folder}/{uuid4().hex}", b"begun")
        except OSError as error:
            raise OutputError(f"an output can be written; {folder} cannot: {error.strerror or error}") from None
        return tries

    def clear(self) -> None:
        """Drop what killed writers have left. Not while others write."""
        with contextlib.suppress(OSError):
            self.system.rm(self.temporary, recursive=True)

    def _entry_path(self, task: int) -> str:
        return f"{self.path}/{_MANIFEST}/tasks/{task:06d}.json"

    def _check_is_empty(self) -> None:
        try:
            names = [path.rpartition("/")[2] for path in self.system.ls(self.path, detail=False)]
        except FileNotFoundError:
            return
        except OSError as error:
            raise OutputError(f"an output is a folder; {self.address} cannot be read: {error}") from None
        if others := sorted({*names} - {_MANIFEST, "_temporary", ""}):
            raise OutputError(f"a run begins in an empty folder; {self.address} holds {others[0]} and no manifest")

    def _write_json(self, path: str, value: Any) -> None:
        try:
            self.system.makedirs(path.rpartition("/")[0], exist_ok=True)
        except OSError as error:
            raise OutputError(f"an output can be written; {self.address} cannot: {error.strerror or error}") from None
        with whole_file(self.system, path, self.temporary) as file:
            file.write(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))


class Shard:
    """Writes the rows of a task; see `open_shard`."""

    def __init__(self, file: Any, job: Job, metadata: dict[str, str]) -> None:
        self.file = file
        self.job = job
        self.rows = self.errors = 0
        self.failed: list[str] = []
        self._waiting: list[dict[str, Any]] = []
        self._characters = 0
        self._parquet: Any = None
        if not job.jsonl:
            from pyarrow.parquet import ParquetWriter

            self._schema = schema(job.content, metadata)
            self._parquet = ParquetWriter(file, self._schema, compression="zstd")

    def add(self, row: dict[str, Any]) -> None:
        """Write a row, now or with others."""
        self.rows += 1
        self.errors += bool(row["error"])
        if row["error"] and len(self.failed) < MOST_NAMED:
            self.failed.append(f"{row['id']}: {row['error']}")
        if self._parquet is None:
            self.file.write(to_line(self.job.content, row))
            return
        self._waiting.append(row)
        self._characters += sum(len(value) for value in row.values() if isinstance(value, str))
        if len(self._waiting) >= _ROWS or self._characters >= _CHARACTERS:
            self._flush()

    def close(self) -> None:
        """Write what is left."""
        if self._parquet is not None:
            self._flush()
            self._parquet.close()

    def abandon(self) -> None:
        """Give up what is written, since its file is of no use."""
        if self._parquet is not None:
            with contextlib.suppress(Exception):
                self._parquet.close()
            self._parquet.is_open = False  # else it tries again when it is collected

    def _flush(self) -> None:
        if self._waiting:
            self._parquet.write_table(to_batch(self._waiting, self._schema))
            self._waiting, self._characters = [], 0


@contextlib.contextmanager
def open_shard(store: Store, job: Job, task: Task) -> Iterator[Shard]:
    """The shard of a task, to which rows are added; it has its place when the block ends without an exception."""
    from indexlm import __version__

    own = {"version": __version__, "head": job.extractor.head, "model": job.extractor.model or "shipped"}
    own |= {"query": job.content.query, "input": task.files[0].address}
    metadata = {f"indexlm.{name}": value for name, value in own.items()}
    with whole_file(store.system, f"{store.path}/{store.shard_name(task.number)}", store.temporary) as file:
        shard = Shard(file, job, metadata)
        try:
            yield shard
            shard.close()
        except BaseException:
            shard.abandon()
            raise
