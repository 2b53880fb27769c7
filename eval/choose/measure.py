"""Measuring modes, each measurement a row on disk: a run goes on where it stopped.

`MODE.jsonl` holds what `eval predict` writes, `timings.jsonl` the seconds of a page in turns, `runs.jsonl` real runs
and cold starts.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple

from eval.cases import Case
from eval.choose.candidates import Candidate, Mode, open_mode
from eval.choose.inputs import Workload
from eval.extractors import Answer, System
from eval.predict import Row, predict
from eval.rows import whole_rows
from eval.speed.cold import CLI, cold_starts, peak_bytes
from eval.speed.measure import measure
from indexlm import __version__
from indexlm.deployment import SHIPPED, Deployment
from indexlm.machine import machine
from indexlm.page import IndexLMError

Rows = dict[str, Row]
COLD_RUNS = 3
"""How often a whole process is timed; one more run warms the disk's cache."""


class Clock(NamedTuple):
    """How pages are timed: all questions of a page `together`, on so many cores, and whether in CPU seconds."""

    together: bool
    cores: int
    is_cpu: bool = False


class Store:
    """The measurements in a folder. Raises `IndexLMError` where they are of other pages, machine or version."""

    def __init__(self, folder: Path, workload: Workload, seconds_a_page: float = 60.0) -> None:
        self.folder = folder
        self.workload = workload
        self.seconds_a_page = seconds_a_page
        folder.mkdir(parents=True, exist_ok=True)
        digest = sha256()
        for case in workload.cases:
            query = case.page.query if case.page else ""
            digest.update(repr((case.id, case.html, query, case.text, case.gold)).encode("utf-8", "replace"))
        identity = {"pages": digest.hexdigest()[:16], "task": workload.task}
        identity |= {"indexlm": __version__, "machine": machine()}
        path = folder / "workload.json"
        if path.is_file() and (before := json.loads(path.read_text("utf-8"))) != identity:
            changed = ", ".join(sorted(key for key in identity if identity[key] != before.get(key)))
            raise IndexLMError(f"{folder} holds measurements of another {changed}: use another folder (--out)")
        path.write_text(json.dumps(identity) + "\n", "utf-8")
        self._timings: defaultdict[tuple[str, int, Clock], dict[str, list[float]]] = defaultdict(dict)
        for row in self._read("timings"):
            self._add_timing(row)
        self._opened: dict[tuple[str, Clock], System] = {}
        self.runs: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for row in self._read("runs"):
            self.runs[row["kind"], row["name"]].append(row)

    def _read(self, name: str) -> Iterator[dict[str, Any]]:
        path = self.folder / f"{name}.jsonl"
        return whole_rows(path) if path.is_file() else iter(())

    def _append(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        with (self.folder / f"{name}.jsonl").open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)

    def rows(self, mode: Mode) -> Rows:
        """The answers of a mode that are on disk, by the ids of cases."""
        return {row["id"]: row for row in self._read(mode.name)}

    def answer(self, mode: Mode, cases: Sequence[Case]) -> Iterator[Row]:
        """The new rows of a mode on cases, each once it is on disk; see `eval.predict.predict`."""
        done = self.rows(mode).keys()
        wanted = {case.id for case in cases} | done
        chosen = [case for case in self.workload.cases if case.id in wanted]
        if wanted == done:
            return
        opener = partial(open_mode, mode, 0)
        limit = self.seconds_a_page
        metadata = mode.identity()
        yield from predict(mode.name, opener, chosen, self.folder, seconds_a_page=limit, metadata=metadata)

    def _add_timing(self, row: Mapping[str, Any]) -> None:
        clock = Clock(*(row[name] for name in Clock._fields))
        of_pages = self._timings[row["name"], row["threads"], clock]
        of_pages.setdefault(row["id"], []).append(row["seconds"])

    def seconds(self, mode: Mode, threads: int, clock: Clock, round: int | None = None) -> dict[str, float]:
        """The seconds of each page by the id of its first case: of a round, or of all their median.

        Of CPU seconds the least: other work can only add to them.
        """
        of_pages = self._timings[mode.name, threads, clock].items()
        of_all = min if clock.is_cpu else median
        return {id: of_all(values) if round is None else values[min(round, len(values) - 1)] for id, values in of_pages}

    def rounds(self, mode: Mode, threads: int, groups: Sequence[tuple[Case, ...]], clock: Clock) -> int:
        """How often all of these visits were timed."""
        of_pages = self._timings[mode.name, threads, clock]
        return min(len(of_pages.get(group[0].id, ())) for group in groups)

    def time_in_turns(
        self, modes: Sequence[tuple[Mode, int]], groups: Sequence[tuple[Case, ...]], clock: Clock
    ) -> None:
        """Another round: modes, each with a number of threads, take turns on every page."""
        by_first = {group[0].id: group for group in groups}
        keys = {f"{mode.name} {threads}": (mode, threads) for mode, threads in modes}
        with at_most(clock.cores):
            for name, (mode, threads) in keys.items():
                if (name, clock) not in self._opened:
                    self._opened[name, clock] = open_mode(mode, threads, by_first)
            systems = {name: partial(_attempt, self._opened[name, clock]) for name in keys}
            of_time = process_time if clock.is_cpu else perf_counter
            timings = measure(systems, [group[0] for group in groups], rounds=1, clock=of_time)
        rows = []
        for name, pages in timings.answers.items():
            mode, threads = keys[name]
            key = {"name": mode.name, "threads": threads, **clock._asdict()}
            for id, (answer,) in zip(by_first, pages, strict=True):
                rows.append({**key, "id": id, "seconds": round(answer.seconds["total"], 6)})
        self._append("timings", rows)
        for row in rows:
            self._add_timing(row)

    def add_run(self, kind: str, name: str, **figures: Any) -> None:
        """Keep a real run."""
        row = {"kind": kind, "name": name, **figures}
        self._append("runs", [row])
        self.runs[kind, name].append(row)

    def parent_mb(self) -> float:
        """The peak memory of a process that opens no model, such as one that sends pages to others."""
        if not self.runs["memory", "parent"]:
            self.add_run("memory", "parent", peak_bytes=peak_bytes([str(CLI), "extract", "--help"]))
        return float(self.runs["memory", "parent"][-1]["peak_bytes"]) / 1e6

    def cold_start(self, candidate: Candidate, page: Case, query: str = "") -> tuple[float, float]:
        """A whole process that extracts one page -> its median seconds and its peak memory in MB."""
        if not self.runs["cold", candidate.name]:
            with tempfile.TemporaryDirectory() as folder:
                file, plan = Path(folder) / "page.html", Path(folder) / "deployment.yaml"
                blocks = page.page.blocks if page.page else ()
                file.write_bytes(page.html or "".join(block.html for block in blocks).encode())
                to_deployment(candidate).write(plan)
                command = (str(CLI), "extract", "--deployment", str(plan), *(("--query", query) if query else ()))
                (start,) = cold_starts({candidate.name: command}, file, candidate.threads, COLD_RUNS)
            self.add_run("cold", candidate.name, seconds=start["data"], peak_bytes=start["peak_bytes"])
        row = self.runs["cold", candidate.name][-1]
        return median(row["seconds"]), row["peak_bytes"] / 1e6


def to_deployment(candidate: Candidate, **fields: Any) -> Deployment:
    """A candidate -> its deployment, with further fields."""
    mode = candidate.mode
    options = dict(mode.options) | ({"threads": candidate.threads} if candidate.threads else {})
    return Deployment(mode.head, mode.model or SHIPPED, mode.runtime, mode.hash, options, candidate.workers, **fields)


@contextmanager
def at_most(cores: int) -> Iterator[None]:
    """Hold this process, and those that it starts, to so many cores, where the system can."""
    before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set[int]()
    if before and cores < len(before):
        os.sched_setaffinity(0, sorted(before)[:cores])
    try:
        yield
    finally:
        if before:
            os.sched_setaffinity(0, before)


def cores_here() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _attempt(system: System, case: Case) -> Answer:
    """The system's answer, or the error in its place: a page that one mode fails on is timed for all."""
    try:
        return system(case)
    except Exception as error:  # whatever one page does to a mode, the others are timed
        return Answer(error=f"{type(error).__name__}: {error}")
