"""What a choice is made on: the user's pages, with questions and references where there are some."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path, PurePath
from typing import Any

from eval.cases import Case, read_cases
from eval.rows import read_lines, stream_rows
from indexlm.html.read import read_page
from indexlm.inputs.document import Source
from indexlm.inputs.read import read_document
from indexlm.page import IndexLMError
from indexlm.parallel import attempt
from indexlm.sources import find_inputs, is_url, load

MOST_PAGES = 200
_SEED = 0
_ROWS = (".parquet", ".jsonl")
_WARCS = (".warc", ".warc.gz", ".warc.zst")


@dataclass(frozen=True, slots=True)
class Workload:
    """Pages, each once for every question, in an order that makes a sample of every beginning.

    task: `me` or `qe`.
    with_gold: the ids of the cases that have a reference.
    notes: what was left out, a sentence each.
    """

    task: str
    cases: tuple[Case, ...]
    with_gold: frozenset[str]
    notes: tuple[str, ...] = ()


def read_workload(
    inputs: Sequence[str],
    *,
    task: str = "me",
    split: str = "dev",
    queries: Path | None = None,
    gold: Path | None = None,
    limit: int = MOST_PAGES,
) -> Workload:
    """Inputs -> the workload: at most `limit` pages (0: all), evenly spread (of a WARC the first).

    An input is a file, a folder, an address, a `.txt` list of addresses, Parquet or JSONL with `html` (and
    `gold_text`), a WARC, or a data set's folder with `me/` and `qe/` (then `task` and `split` count). `queries` is a
    file of `read_queries`, `gold` one of `read_gold`. Raises `IndexLMError` for no page that has text.
    """
    notes: list[str] = []
    asked = read_queries(queries) if queries else None
    if len(inputs) == 1 and (Path(inputs[0]) / "me" / f"{split}.parquet").is_file():
        cases = read_cases(Path(inputs[0]), task, split, limit=limit)
        if task == "qe":
            return _ordered("qe", cases, {case.id for case in cases}, notes)
    else:
        cases = list(_read_all(inputs, limit, notes))
    if not cases:
        raise IndexLMError("a choice is made on pages; found none" + _because(notes))
    if limit and len(cases) > limit:
        notes.append(f"{limit} of {len(cases)} pages are taken, evenly spread (--limit)")
        cases = [cases[i * len(cases) // limit] for i in range(limit)]
    cases = _with_text(_unique(cases), notes)
    if asked is not None:
        return _ask(cases, asked, notes)
    if task == "qe" and not any(case.task == "qe" for case in cases):
        raise IndexLMError("a choice for questions needs these: name a file with --queries")
    if any(case.task == "qe" for case in cases):
        cases = [case for case in cases if case.task == "qe"]
        return _ordered("qe", cases, {case.id for case in cases if case.gold or case.source == "gold"}, notes)
    if gold:
        cases = _with_gold(cases, read_gold(gold), gold)
    return _ordered("me", cases, {case.id for case in cases if case.text}, notes)


def _ordered(task: str, cases: Sequence[Case], with_gold: Iterable[str], notes: Sequence[str]) -> Workload:
    """Cases in random order, the same each time: the first ones are a sample of all."""
    shuffled = random.Random(_SEED).sample(cases, len(cases))
    ids = frozenset(with_gold)
    if 0 < len(ids) < len(cases):
        notes = [
            *notes,
            f"{len(ids)} of {len(cases)} cases have a reference: quality is measured on these, time on all",
        ]
    return Workload(task, tuple(shuffled), ids, tuple(notes))


def _because(notes: Sequence[str]) -> str:
    return f" ({'; '.join(notes)})" if notes else ""


def _read_all(inputs: Sequence[str], limit: int, notes: list[str]) -> Iterator[Case]:
    """Inputs -> a case for each page; what cannot be read is noted."""
    failed: list[str] = []
    for name in inputs:
        path = Path(name)
        if name.lower().endswith(_WARCS):
            yield from _of_warc(path, limit)
        elif path.suffix in _ROWS and not path.is_dir():
            yield from _of_rows(path)
        else:
            sources = _addresses(path) if path.suffix == ".txt" else None
            paths = find_inputs([name]).paths if sources is None else sources
            if limit:
                step = max(1, len(paths) / limit)
                paths = [paths[int(i * step)] for i in range(min(limit, len(paths)))]
            for path_or_url in paths:
                result = attempt(_of_source, path_or_url)
                if isinstance(result, Exception):
                    failed.append(str(result))
                else:
                    yield result
    if failed:
        notes.append(f"{len(failed)} inputs cannot be read and are left out; the first: {failed[0]}")


def _addresses(path: Path) -> list[str] | None:
    """A text file that is a list of addresses, one a line -> these; None for another text."""
    try:
        lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    except (OSError, ValueError):
        return None
    lines = [line for line in lines if line and not line.startswith("#")]
    return lines if lines and all(map(is_url, lines)) else None


def _of_source(name: str) -> Case:
    document = read_document(load(name))
    return Case(name, "me", html=document.html.encode("utf-8", "replace"), url=document.url)


def _of_rows(path: Path) -> Iterator[Case]:
    """Parquet or JSONL -> its cases: main content, or questions where a line has a `query` and `answers`."""
    if path.suffix == ".jsonl" and any("query" in row for _, row in islice(read_lines(path), 1)):
        yield from (case._replace(source="gold") for case in read_cases(path, "qe"))
        return
    for number, row in enumerate(stream_rows(path), 1):
        html = row.get("html")
        if html is None and isinstance(row.get("file"), str):
            html = attempt(Path.read_bytes, path.parent / row["file"])
        if not isinstance(html, str | bytes):
            raise IndexLMError(f"a row of pages has `html`; row {number} of {path} has {type(html).__name__}")
        content = html if isinstance(html, bytes) else html.encode("utf-8", "replace")
        texts = {name: str(row.get(name) or "") for name in ("url", "lang", "source", "page_type")}
        text = str(row.get("gold_text") or "")
        name = str(row.get("id") or texts["url"] or f"{path.name}:{number}")
        yield Case(name, "me", content, texts["url"], text=text, source=texts["source"], kind=texts["page_type"])


def _of_warc(path: Path, limit: int) -> Iterator[Case]:
    """A WARC -> its first HTML responses."""
    try:
        from fastwarc.warc import ArchiveIterator, WarcRecordType
    except ImportError:
        raise IndexLMError(f"a WARC is read with FastWARC (pip install FastWARC); found {path} without it") from None
    taken = 0
    try:
        with path.open("rb") as file:
            for record in ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=True):
                kind = record.http_content_type or ""
                if "html" not in kind:
                    continue
                url = record.headers.get("WARC-Target-URI") or ""
                document = attempt(read_document, Source(record.reader.read(), url, content_type=kind))
                if not isinstance(document, Exception):
                    taken += 1
                    yield Case(f"{url}#{taken}", "me", html=document.html.encode("utf-8", "replace"), url=url)
                if taken == limit:
                    return
    except OSError as error:
        raise IndexLMError(f"{path} cannot be read as WARC: {error.strerror or error}") from None


def _unique(cases: Sequence[Case]) -> list[Case]:
    """Cases whose ids differ: the second of a name has a number behind it."""
    seen: defaultdict[str, int] = defaultdict(int)
    result = []
    for case in cases:
        seen[case.id] += 1
        result.append(case if seen[case.id] == 1 else case._replace(id=f"{case.id}#{seen[case.id]}"))
    return result


def _with_text(cases: Sequence[Case], notes: list[str]) -> list[Case]:
    """The cases whose page has text. Raises `IndexLMError` where none has."""
    kept = [case for case in cases if (case.page or read_page(case.html, url=case.url)).blocks]
    if not kept:
        raise IndexLMError(f"a choice is made on pages with text; none of {len(cases)} has any{_because(notes)}")
    if len(kept) < len(cases):
        notes.append(f"{len(cases) - len(kept)} of {len(cases)} pages have no text and are left out")
    return kept


def read_queries(path: Path) -> list[dict[str, Any]]:
    """A file of questions -> each its `query`, and the `page` and the `answers` where it names these.

    A text file has one a line, behind a page's name and a tab where it is asked of one page; JSONL has these fields.
    Raises `IndexLMError` for none.
    """
    rows: list[dict[str, Any]] = []
    if path.suffix == ".jsonl":
        rows = [{"page": row.get("id"), **row} for _, row in read_lines(path)]
    else:
        try:
            lines = path.read_text("utf-8").splitlines()
        except (OSError, ValueError) as error:
            raise IndexLMError(f"questions are a text file, one a line; {path} cannot be read: {error}") from None
        for line in filter(str.strip, lines):
            page, tab, query = line.rpartition("\t")
            rows.append({"query": query, "page": page.strip() if tab else None})
    bad = [row for row in rows if not isinstance(row.get("query"), str) or not row["query"].strip()]
    if bad or not rows:
        raise IndexLMError(f"a question has words; {path} has {f'{len(bad)} without' if rows else 'no question'}")
    return rows


def _names(case: Case) -> list[str]:
    """What a page may be called: its id, its address, its file's name with and without suffix."""
    base = PurePath(case.id).name
    return [case.id, case.url, base, PurePath(base).stem]


def _by_name(cases: Sequence[Case]) -> Mapping[str, Case]:
    """Cases by all their names, the most exact ones first."""
    result: dict[str, Case] = {}
    for names in zip(*map(_names, cases), strict=True):
        for name, case in zip(names, cases, strict=True):
            if name:
                result.setdefault(name, case)
    return result


def _ask(cases: Sequence[Case], rows: Sequence[dict[str, Any]], notes: list[str]) -> Workload:
    """Pages and questions -> a case for each question that is asked of a page."""
    by_name = _by_name(cases)
    asked: list[Case] = []
    with_gold: set[str] = set()
    strangers = [str(row["page"]) for row in rows if row.get("page") and str(row["page"]) not in by_name]
    if strangers:
        notes.append(f"{len(strangers)} questions name a page that is not there ({strangers[0]!r} is one)")
    counts: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        name = row.get("page")
        for case in cases if not name else [by_name[str(name)]] if str(name) in by_name else []:
            counts[case.id] += 1
            page = read_page(case.html, url=case.url, query=row["query"])
            gold: tuple[int, ...] = ()
            question = case._replace(id=f"{case.id}?{counts[case.id]}", task="qe", page=page)
            if isinstance(row.get("answers"), list):
                parts = [str(part) for part in row["answers"]]
                gold = tuple(b.index for b in page.blocks if any(part in b.text for part in parts))
                with_gold.add(question.id)
            asked.append(question._replace(gold=gold))
    if not asked:
        raise IndexLMError(f"questions are asked of pages; none of {len(rows)} names a page that is there")
    return _ordered("qe", asked, with_gold, notes)


def read_gold(path: Path) -> dict[str, str]:
    """A folder of `.txt` or `.md` files, or Parquet or JSONL with `id` (or `file`, `url`) and `gold_text` -> by name.

    Raises `IndexLMError` for neither, and for no reference.
    """
    if path.is_dir():
        files = [file for file in sorted(path.iterdir()) if file.suffix in (".txt", ".md")]
        texts = {file.stem: file.read_text("utf-8", errors="replace") for file in files}
    elif path.suffix in _ROWS:
        texts = {}
        for row in stream_rows(path):
            name = row.get("id") or row.get("file") or row.get("url")
            if name and row.get("gold_text"):
                texts[str(name)] = str(row["gold_text"])
    else:
        raise IndexLMError(f"references are a folder of .txt files, .parquet or .jsonl; found {path}")
    if not any(text.strip() for text in texts.values()):
        raise IndexLMError(f"references are texts by the names of pages; {path} has none")
    return texts


def _with_gold(cases: Sequence[Case], texts: Mapping[str, str], where: Path) -> list[Case]:
    result = []
    for case in cases:
        text = next((texts[name] for name in _names(case) if name in texts), case.text)
        result.append(case._replace(text=text))
    if not any(case.text for case in result):
        raise IndexLMError(f"references bear the names of pages; none of {len(texts)} in {where} is that of a page")
    return result


def visits(workload: Workload, together: bool) -> list[tuple[Case, ...]]:
    """The cases that are timed as one: each alone, or `together` all questions of a page."""
    if not together:
        return [(case,) for case in workload.cases]
    groups: defaultdict[object, list[Case]] = defaultdict(list)
    for case in workload.cases:
        groups[case.html or (case.page and replace(case.page, query=""))].append(case)
    return [tuple(group) for group in groups.values()]
