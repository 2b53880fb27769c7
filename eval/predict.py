"""Running extractors over cases into files: the first half of an evaluation.

`DIR/NAME.jsonl` holds a row a case, in any order. A run that is killed goes on where it stopped: rows are
appended whole, and a torn last line is cut off. Each extractor runs in a process of its own, so that a crash or a
page that never ends costs that page and no other.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import platform
import re
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from eval.cases import Case
from eval.extractors import Answer, Extractor
from indexlm import __version__
from indexlm.page import IndexLMError

__all__ = ["case_row", "file_name", "machine", "predict", "read_rows", "write_cases"]


def file_name(name: str) -> str:
    """An extractor's name as that of a file."""
    return re.sub(r"[^\w.=,-]+", "_", name)


def predict(
    name: str,
    opener: Callable[[], Extractor],
    cases: Sequence[Case],
    out: Path,
    *,
    seconds_a_page: float = 60.0,
    stated: dict[str, Any] | None = None,
) -> Iterator[dict[str, Any]]:
    """Run one extractor over the cases that `out/NAME.jsonl` has no row of, and yield each new row once it is written.

    `opener` makes the extractor inside the worker; it must be picklable. A case that raises, crashes the worker or
    takes longer than `seconds_a_page` becomes a row with its error and no text. `stated` goes into
    `out/NAME.meta.json` (version, settings). Raises what `opener` raises.
    """
    path, meta_path = (out / f"{file_name(name)}.{suffix}" for suffix in ("jsonl", "meta.json"))
    done = {row["id"] for row in read_rows(path, repair=True)} if path.exists() else set()
    unknown = done - {case.id for case in cases}
    if unknown:
        raise IndexLMError(f"{path} holds rows of other cases ({sorted(unknown)[0]} is one): use another folder")
    meta = {"name": name, "indexlm": __version__, "machine": machine()} | (stated or {})
    if done and meta_path.exists() and (before := json.loads(meta_path.read_text("utf-8"))) != meta:
        changed = ", ".join(sorted(key for key in meta.keys() | before.keys() if meta.get(key) != before.get(key)))
        raise IndexLMError(f"{path} was begun with another {changed}: remove it or use another folder")
    waiting = [case for case in cases if case.id not in done]
    worker: _Worker | None = _Worker(opener) if waiting else None  # what cannot be opened leaves no file
    out.mkdir(parents=True, exist_ok=True)
    meta_path.write_text(json.dumps(meta, indent=2) + "\n", "utf-8")
    try:
        with path.open("a", encoding="utf-8") as file:
            for case in waiting:
                worker = worker or _Worker(opener)
                row = worker.run(case, seconds_a_page)
                if row.pop("dead", False):
                    worker = None
                file.write(json.dumps({"id": case.id} | row, ensure_ascii=False) + "\n")
                file.flush()
                os.fsync(file.fileno())
                yield {"id": case.id} | row
    finally:
        if worker is not None:
            worker.stop()


def read_rows(path: Path, repair: bool = False) -> list[dict[str, Any]]:
    """The rows of one extractor's file; with `repair`, a last line that a kill tore is cut off the file."""
    rows = []
    whole = 0
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
            rows.append(row)
            whole += len(line)
    if repair and whole < path.stat().st_size:
        os.truncate(path, whole)
    return rows


class _Worker:
    """A process that holds one extractor and is sent one case at a time."""

    def __init__(self, opener: Callable[[], Extractor]) -> None:
        context = multiprocessing.get_context("spawn")  # no locks or threads of this process are inherited
        self.connection, other = context.Pipe()
        self.process = context.Process(target=_serve, args=(other, opener), daemon=True)
        self.process.start()
        other.close()
        opened = self._receive(None)
        if opened is None:
            raise IndexLMError(f"an extractor's process ends only when asked to; it ended with {self._exit()} on start")
        if isinstance(opened, Exception):
            self.stop()
            raise opened

    def run(self, case: Case, limit: float) -> dict[str, Any]:
        began = perf_counter()
        try:
            self.connection.send(case)
            row = self._receive(limit)
        except OSError:  # it died before it could read the case
            row = None
        if isinstance(row, dict):
            return row
        if self.process.is_alive():
            error = f"took longer than {limit:g} seconds"
            self.process.kill()
        else:
            error = f"the process ended with {self._exit()}"
        self.process.join()
        answer = Answer(error=error, seconds={"total": perf_counter() - began})
        return _row(answer) | {"peak_bytes": 0, "dead": True}

    def stop(self) -> None:
        self.connection.close()
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()

    def _receive(self, limit: float | None) -> Any:
        try:
            return self.connection.recv() if self.connection.poll(limit) else None
        except (EOFError, ConnectionResetError):
            self.process.join(5)
            return None

    def _exit(self) -> str:
        self.process.join(5)
        return f"exit code {self.process.exitcode}"


def _serve(connection: Any, opener: Callable[[], Extractor]) -> None:
    try:
        extractor = opener()
    except Exception as error:
        connection.send(error)
        return
    connection.send("open")
    while True:
        try:
            case = connection.recv()
        except (EOFError, KeyboardInterrupt):
            return
        began = perf_counter()
        try:
            answer = extractor(case)
        except Exception as error:
            answer = Answer(error=f"{type(error).__name__}: {error}", seconds={"total": perf_counter() - began})
        connection.send(_row(answer))


def _row(answer: Answer) -> dict[str, Any]:
    return {
        "indices": list(answer.indices) if answer.indices is not None else None,
        "scores": [round(score, 5) for score in answer.scores] if answer.scores is not None else None,
        "text": answer.text.encode("utf-8", "replace").decode(),
        "error": answer.error,
        "seconds": {stage: round(value, 6) for stage, value in answer.seconds.items()},
        "tokens": dict(answer.tokens),
        "peak_bytes": _peak_bytes(),
    }


def _peak_bytes() -> int:
    """The most memory that this process has held. Linux's ru_maxrss begins with the parent's, its VmHWM does not."""
    try:
        status = Path("/proc/self/status").read_text("utf-8")
        return 1024 * int(re.findall(r"VmHWM:\s*(\d+) kB", status)[0])
    except (OSError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def machine() -> str:
    """The machine and the interpreter in one line."""
    cpu = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        cpu = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), cpu)
    except OSError:
        pass
    return f"{cpu}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def case_row(case: Case) -> dict[str, Any]:
    """What scoring and the page browser need of a case: no HTML, but its blocks and what they could reach."""
    from eval.alignment import align
    from indexlm.html.read import read_page

    page = case.page or read_page(case.html, url=case.url)
    gold = case.gold if case.task == "qe" else align(page, case.text) if case.text else ()
    return {
        "id": case.id,
        "task": case.task,
        "url": page.url,
        "title": page.title,
        "query": page.query,
        "source": case.source,
        "kind": case.kind,
        "lang": case.lang,
        "text": case.text,
        "must_have": case.must_have,
        "must_not_have": case.must_not_have,
        "gold": gold,
        "blocks": [[block.tag, block.text] for block in page.blocks],
    }


def write_cases(cases: Sequence[Case], out: Path) -> None:
    """Write `out/cases.json` once: what the predictions in that folder are scored against."""
    path = out / "cases.json"
    if path.exists():
        known = json.loads(path.read_text("utf-8"))
        if known["indexlm"] != __version__:
            raise IndexLMError(f"{path} was cut into blocks by version {known['indexlm']}: use another folder")
        ids = {row["id"] for row in known["cases"]}
        if ids != {case.id for case in cases}:
            raise IndexLMError(f"{path} is of other cases ({len(ids)} of them): use another folder")
        return
    out.mkdir(parents=True, exist_ok=True)
    waiting = path.with_suffix(".tmp")
    whole = {"indexlm": __version__, "cases": [case_row(case) for case in cases]}
    waiting.write_text(json.dumps(whole, ensure_ascii=False), "utf-8", errors="replace")
    waiting.replace(path)
