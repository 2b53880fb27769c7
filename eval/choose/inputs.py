"""What a choice is made on: the user's pages, with questions and references where there are some."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from eval.cases import Case, read_cases
from eval.choose.references import ROWS, add_gold, ask, names_of, read_gold, read_queries
from eval.rows import html_of, read_lines, stream_rows
from indexlm.inputs.document import Source
from indexlm.inputs.read import read_document
from indexlm.page import IndexLMError
from indexlm.parallel import attempt
from indexlm.sources import find_inputs, is_url, load

MOST_PAGES = 200
_SEED = 0
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
    # Where each question names its page, the limit is one of questions: other pages are not read.
    wanted = {str(row["page"]) for row in asked or () if row.get("page")}
    if asked and all(row.get("page") for row in asked):
        most_pages = 0
    else:
        wanted, most_pages = set(), limit
    if len(inputs) == 1 and (Path(inputs[0]) / "me" / f"{split}.parquet").is_file():
        cases = read_cases(Path(inputs[0]), task, split, limit=limit)
        if task == "qe":
            notes.append("questions of a data set have no HTML: times begin at the parsed page")
            return _ordered("qe", cases, {case.id for case in cases}, notes)
    else:
        cases = list(_read_all(inputs, most_pages, wanted, notes))
        cases = [case for case in cases if wanted.intersection(names_of(case))] or cases
    if not cases:
        raise IndexLMError("a choice is made on pages; found none" + _because(notes))
    if most_pages and len(cases) > most_pages:
        notes.append(f"{most_pages} of {len(cases)} pages are taken, evenly spread (--limit)")
        cases = [cases[i * len(cases) // most_pages] for i in range(most_pages)]
    cases = _with_text(_unique(cases), notes)
    if asked is not None:
        questions, with_gold = ask(cases, asked, notes)
        return _ordered("qe", _of_some_pages(questions, limit, notes), with_gold, notes)
    if task == "qe" and not any(case.task == "qe" for case in cases):
        raise IndexLMError("a choice for questions needs these: name a file with --queries")
    if any(case.task == "qe" for case in cases):
        cases = [case for case in cases if case.task == "qe"]
        return _ordered("qe", cases, {case.id for case in cases if case.gold or case.source == "gold"}, notes)
    if gold:
        cases = add_gold(cases, read_gold(gold), gold)
    return _ordered("me", cases, {case.id for case in cases if case.text}, notes)


def _ordered(task: str, cases: Sequence[Case], with_gold: Iterable[str], notes: Sequence[str]) -> Workload:
    """Cases in random order, the same each time: the first ones are a sample of all."""
    shuffled = random.Random(_SEED).sample(cases, len(cases))
    ids = frozenset(with_gold) & {case.id for case in cases}
    if 0 < len(ids) < len(cases):
        notes = [
            *notes,
            f"{len(ids)} of {len(cases)} cases have a reference: quality is measured on these, time on all",
        ]
    return Workload(task, tuple(shuffled), ids, tuple(notes))


def _because(notes: Sequence[str]) -> str:
    return f" ({'; '.join(notes)})" if notes else ""


def _read_all(inputs: Sequence[str], limit: int, wanted: Collection[str], notes: list[str]) -> Iterator[Case]:
    """Inputs -> a case for each page, or for those with a name that is wanted; what cannot be read is noted."""
    failed: list[str] = []
    for name in inputs:
        path = Path(name)
        if name.lower().endswith(_WARCS):
            yield from _of_warc(path, limit)
        elif path.suffix in ROWS and not path.is_dir():
            yield from _of_rows(path)
        else:
            sources = _addresses(path) if path.suffix == ".txt" else None
            paths = find_inputs([name]).paths if sources is None else sources
            paths = [path for path in paths if {*wanted}.intersection(names_of(Case(path, "me")))] or paths
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
        texts = {name: str(row.get(name) or "") for name in ("url", "lang", "source", "page_type")}
        text = str(row.get("gold_text") or "")
        name = str(row.get("id") or texts["url"] or f"{path.name}:{number}")
        content, kind = html_of({"html": html}), texts["page_type"]
        yield Case(name, "me", content, texts["url"], text=text, source=texts["source"], kind=kind)


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
    kept = [case for case in cases if case.read().blocks]
    if not kept:
        raise IndexLMError(f"a choice is made on pages with text; none of {len(cases)} has any{_because(notes)}")
    if len(kept) < len(cases):
        notes.append(f"{len(cases) - len(kept)} of {len(cases)} pages have no text and are left out")
    return kept


def _of_some_pages(cases: Sequence[Case], limit: int, notes: list[str]) -> list[Case]:
    """Questions -> at most about `limit` of them (0: all): all those of some pages, evenly spread."""
    if not limit or len(cases) <= limit:
        return list(cases)
    pages = list(dict.fromkeys(case.html for case in cases))
    count = max(1, len(pages) * limit // len(cases))
    chosen = {pages[i * len(pages) // count] for i in range(count)}
    kept = [case for case in cases if case.html in chosen][:limit]
    notes.append(f"{len(kept)} of {len(cases)} questions are taken, those of {count} pages (--limit)")
    return kept


def visits(workload: Workload, together: bool) -> list[tuple[Case, ...]]:
    """The cases that are timed as one: each alone, or `together` all questions of a page."""
    if not together:
        return [(case,) for case in workload.cases]
    groups: defaultdict[object, list[Case]] = defaultdict(list)
    for case in workload.cases:
        groups[case.html or (case.page and replace(case.page, query=""))].append(case)
    return [tuple(group) for group in groups.values()]
