"""Running systems over cases into files: the first half of an evaluation.

`DIR/NAME.jsonl` has a row a case. A run that was killed continues where it stopped: rows are appended whole, and a torn
last line is cut off. Each system runs in a process of its own: a page that crashes it or never ends costs that page
alone.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from eval.alignment import align
from eval.cases import Case
from eval.extractors import Answer, System, describe, open_extractor, parse_name
from eval.rows import whole_rows
from indexlm import __version__
from indexlm.machine import machine
from indexlm.page import IndexLMError
from indexlm.parallel import run_in_processes

Row = dict[str, Any]
"""The answer to a case, as a line of JSON: its `id`, the fields of `eval.extractors.Answer`, and `peak_bytes`.

`peak_bytes` is the most memory that the system's process has used up to then; 0 where the process ended. Published
results have an `id` and a `text` alone.
"""

CaseRow = dict[str, Any]
"""What scores and the page browser need of a case: the fields of `eval.cases.Case`, but no `html` and no `page`.

It also has the page's `title` and `query`, its `blocks` (tag, text), and `gold` blocks for either task.
"""


def predict_named(
    name: str, cases: Sequence[Case], out: Path, *, threads: int = 0, seconds_a_page: float = 60.0
) -> Iterator[Row]:
    """`predict` for a system by its name (`eval.extractors.open_extractor`).

    Where its library is not installed, `out/NAME.meta.json` says that it is left out, and the ImportError is raised.
    """
    metadata: dict[str, Any] = {}
    try:
        metadata |= describe(name)
        if parse_name(name).head:
            metadata |= {"probabilities": True, "threads": threads}
        opener = partial(open_extractor, name, threads)
        yield from predict(name, opener, cases, out, seconds_a_page=seconds_a_page, metadata=metadata)
    except ImportError as error:
        metadata |= {"name": name, "left_out": f"not installed: {error}", "machine": machine()}
        _path(out, name, ".meta.json").write_text(json.dumps(metadata) + "\n", "utf-8")
        raise


def predict(
    name: str,
    opener: Callable[[], System],
    cases: Sequence[Case],
    out: Path,
    *,
    seconds_a_page: float = 60.0,
    metadata: dict[str, Any] | None = None,
) -> Iterator[Row]:
    """Run a system over the cases that `out/NAME.jsonl` has no row of, and yield each new row once it is written.

    `opener` makes the system inside its process and is picklable. A case that raises, ends the process or takes longer
    than `seconds_a_page` becomes a row with its error and no text. `metadata` is stored in `out/NAME.meta.json`. Raises
    what `opener` raises, and `IndexLMError` where the files are of other cases or of a system with other metadata.
    """
    path, meta_path = _path(out, name, ".jsonl"), _path(out, name, ".meta.json")
    done = {row["id"] for row in whole_rows(path)} if path.exists() else set[str]()
    if unknown := done - {case.id for case in cases}:
        raise IndexLMError(f"{path} has rows of other cases ({sorted(unknown)[0]} is one): use another folder")
    meta = {"name": name, "indexlm": __version__, "machine": machine()} | (metadata or {})
    if done and meta_path.exists() and (before := json.loads(meta_path.read_text("utf-8"))) != meta:
        changed = ", ".join(sorted(key for key in meta.keys() | before.keys() if meta.get(key) != before.get(key)))
        raise IndexLMError(f"{path} was begun with another {changed}: remove it or use another folder")
    waiting = [case for case in cases if case.id not in done]
    if not waiting:
        return
    started: dict[str, float] = {}
    # The process opens the system here: one that cannot be opened leaves no file.
    results = run_in_processes(partial(_open_job, opener), _note_start(waiting, started), 1, seconds_a_page)
    out.mkdir(parents=True, exist_ok=True)
    with closing(results), path.open("a", encoding="utf-8") as file:
        meta_path.write_text(json.dumps(meta, indent=2) + "\n", "utf-8")
        for case, result in zip(waiting, results, strict=True):
            if isinstance(result, Exception):
                # At most the limit: the time until here includes that of starting the process anew.
                seconds = min(perf_counter() - started[case.id], seconds_a_page)
                result = _to_row(case.id, Answer(error=str(result), seconds={"total": seconds}), 0)
            file.write(json.dumps(result, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
            yield result


def _note_start(cases: Sequence[Case], started: dict[str, float]) -> Iterator[Case]:
    """The cases, with the time at which each is taken noted by its id."""
    for case in cases:
        started[case.id] = perf_counter()
        yield case


def _open_job(opener: Callable[[], System]) -> Callable[[Case], Row]:
    return partial(_run_case, opener())


def _run_case(system: System, case: Case) -> Row:
    began = perf_counter()
    try:
        answer = system(case)
    except Exception as error:  # whatever one page does to a system, the others are done all the same
        answer = Answer(error=f"{type(error).__name__}: {error}", seconds={"total": perf_counter() - began})
    return _to_row(case.id, answer, _peak_bytes())


def _to_row(id: str, answer: Answer, peak_bytes: int) -> Row:
    row = {"id": id, **asdict(answer), "peak_bytes": peak_bytes}
    row["text"] = answer.text.encode("utf-8", "replace").decode()
    row["scores"] = answer.scores and [round(score, 5) for score in answer.scores]
    row["expected_f1"] = answer.expected_f1 and round(answer.expected_f1, 5)
    row["seconds"] = {stage: round(value, 6) for stage, value in answer.seconds.items()}
    return row


def _path(out: Path, name: str, suffix: str) -> Path:
    return out / (re.sub(r"[^\w.=,-]+", "_", name) + suffix)


def _peak_bytes() -> int:
    """The most memory that this process has used. On Linux ru_maxrss begins with the parent's; VmHWM does not."""
    try:
        status = Path("/proc/self/status").read_text("utf-8")
        return 1024 * int(re.findall(r"VmHWM:\s*(\d+) kB", status)[0])
    except (OSError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def case_row(case: Case) -> CaseRow:
    """A case -> its row, with the gold blocks of its reference text."""
    page = case.read()
    gold = case.gold if case.task == "qe" else align(page, case.text) if case.text else ()
    row = case._asdict() | {"url": page.url, "title": page.title, "query": page.query, "gold": gold}
    row["blocks"] = [[block.tag, block.text] for block in page.blocks]
    return {key: value for key, value in row.items() if key not in ("html", "page")}


def write_cases(cases: Sequence[Case], out: Path) -> None:
    """Write `out/cases.json`, the reference of the predictions in that folder, where it is not there yet.

    Raises `IndexLMError` where it is of other cases, or of another version, whose blocks may differ.
    """
    path = out / "cases.json"
    if path.exists():
        before = json.loads(path.read_text("utf-8"))
        if before["indexlm"] != __version__:
            raise IndexLMError(f"{path} was cut into blocks by version {before['indexlm']}: use another folder")
        ids = {row["id"] for row in before["cases"]}
        if ids != {case.id for case in cases}:
            raise IndexLMError(f"{path} is of other cases ({len(ids)} of them): use another folder")
        return
    out.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    content = {"indexlm": __version__, "cases": [case_row(case) for case in cases]}
    temporary.write_text(json.dumps(content, ensure_ascii=False), "utf-8", errors="replace")
    temporary.replace(path)
