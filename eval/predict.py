"""Running systems over cases into files: the first half of an evaluation.

`DIR/NAME.jsonl` has a row a case. A run that was killed continues where it stopped: rows are appended whole, and a torn
last line is cut off. Each system runs in a process of its own: a page that crashes it or never ends costs that page
alone.
"""

from __future__ import annotations

import json
import os
import platform
import re
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, TypedDict, cast

from eval.alignment import align
from eval.cases import Case
from eval.extractors import Answer, System, describe, open_extractor, parse_name
from indexlm import __version__
from indexlm.html.read import read_page
from indexlm.page import IndexLMError
from indexlm.parallel import run_in_processes


class Row(TypedDict, total=False):
    """The answer to a case, as a line of JSON: its id and the fields of `eval.extractors.Answer`.

    `peak_bytes` is the most memory that the system's process has used up to then; 0 where the process ended. Published
    results have an id and a text alone.
    """

    id: str
    text: str
    indices: list[int] | None
    scores: list[float] | None
    error: str
    decided_by: str | None
    expected_f1: float | None
    seconds: dict[str, float]
    tokens: dict[str, int]
    peak_bytes: int


class CaseRow(TypedDict):
    """What scores and the page browser need of a case: no HTML, but its blocks (tag, text) and gold blocks."""

    id: str
    task: str
    url: str
    title: str
    query: str
    source: str
    kind: str
    lang: str
    text: str
    must_have: Sequence[str]
    must_not_have: Sequence[str]
    gold: Sequence[int]
    blocks: Sequence[Sequence[str]]


def predict_named(
    name: str, cases: Sequence[Case], out: Path, *, threads: int = 0, seconds_a_page: float = 60.0
) -> Iterator[Row]:
    """`predict` for a system by its name (`eval.extractors.open_extractor`).

    Where its library is not installed, `out/NAME.meta.json` says that it is left out, and the ImportError is raised.
    """
    metadata: dict[str, Any] = {}
    try:
        metadata |= describe(name)
        if head := parse_name(name).head:
            metadata |= {"probabilities": head != "decoder", "threads": threads}
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
    done = {row["id"] for row in read_rows(path, repair=True)} if path.exists() else set()
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
    return {
        "id": id,
        "indices": None if answer.indices is None else list(answer.indices),
        "scores": None if answer.scores is None else [round(score, 5) for score in answer.scores],
        "text": answer.text.encode("utf-8", "replace").decode(),
        "error": answer.error,
        "decided_by": answer.decided_by,
        "expected_f1": None if answer.expected_f1 is None else round(answer.expected_f1, 5),
        "seconds": {stage: round(value, 6) for stage, value in answer.seconds.items()},
        "tokens": dict(answer.tokens),
        "peak_bytes": peak_bytes,
    }


def read_rows(path: Path, repair: bool = False) -> list[Row]:
    """A system's file -> its rows; with `repair`, a torn last line is cut off the file.

    Raises `IndexLMError` for a line that is no JSON object.
    """
    rows: list[Row] = []
    whole_bytes = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
                if not line.endswith(b"\n") or not isinstance(row, dict):
                    raise ValueError("torn")
            except ValueError:
                if file.read(1) or not repair:
                    raise IndexLMError(f"{path}:{number} is no JSON object on a line of its own") from None
                break
            rows.append(row)  # type: ignore[arg-type]
            whole_bytes += len(line)
    if repair and whole_bytes < path.stat().st_size:
        os.truncate(path, whole_bytes)
    return rows


def _path(out: Path, name: str, suffix: str) -> Path:
    return out / (re.sub(r"[^\w.=,-]+", "_", name) + suffix)


def _peak_bytes() -> int:
    """The most memory that this process has used. On Linux ru_maxrss begins with the parent's; VmHWM does not."""
    try:
        status = Path("/proc/self/status").read_text("utf-8")
        return 1024 * int(re.findall(r"VmHWM:\s*(\d+) kB", status)[0])
    except (OSError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def machine() -> str:
    """The machine and the interpreter in one line."""
    cpu = platform.processor() or platform.machine()
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        cpu = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), cpu)
    return f"{cpu}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def case_row(case: Case) -> CaseRow:
    """A case -> its row, with the gold blocks of its reference text."""
    page = case.page or read_page(case.html, url=case.url)
    gold = case.gold if case.task == "qe" else align(page, case.text) if case.text else ()
    fields = case._asdict() | {"url": page.url, "title": page.title, "query": page.query, "gold": gold}
    fields["blocks"] = [[block.tag, block.text] for block in page.blocks]
    return cast(CaseRow, {key: fields[key] for key in CaseRow.__annotations__})


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
