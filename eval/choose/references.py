"""Questions and references, and the pages that they belong to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from eval.cases import Case
from eval.rows import read_lines, stream_rows
from indexlm.html.read import read_page
from indexlm.page import IndexLMError

ROWS = (".parquet", ".jsonl")
"""Files of rows end so."""


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


def names_of(case: Case) -> list[str]:
    """What a page may be called: its id, its address, its file's name with and without suffix."""
    base = PurePath(case.id).name
    return [case.id, case.url, base, PurePath(base).stem]


def _by_name(cases: Sequence[Case]) -> Mapping[str, Case]:
    """Cases by all their names, the most exact ones first."""
    result: dict[str, Case] = {}
    for names in zip(*map(names_of, cases), strict=True):
        for name, case in zip(names, cases, strict=True):
            if name:
                result.setdefault(name, case)
    return result


class Asked(NamedTuple):
    """Questions of pages, and the ids of those whose right blocks are known."""

    cases: list[Case]
    with_gold: set[str]


def ask(cases: Sequence[Case], rows: Sequence[dict[str, Any]], notes: list[str]) -> Asked:
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
    return Asked(asked, with_gold)


def read_gold(path: Path) -> dict[str, str]:
    """A folder of `.txt` or `.md` files, or Parquet or JSONL with `id` (or `file`, `url`) and `gold_text` -> by name.

    Raises `IndexLMError` for neither, and for no reference.
    """
    if path.is_dir():
        files = [file for file in sorted(path.iterdir()) if file.suffix in (".txt", ".md")]
        texts = {file.stem: file.read_text("utf-8", errors="replace") for file in files}
    elif path.suffix in ROWS:
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


def add_gold(cases: Sequence[Case], texts: Mapping[str, str], where: Path) -> list[Case]:
    """Cases and texts by the names of pages -> the cases with these as their reference."""
    result = []
    for case in cases:
        text = next((texts[name] for name in names_of(case) if name in texts), case.text)
        result.append(case._replace(text=text))
    if not any(case.text for case in result):
        raise IndexLMError(f"references bear the names of pages; none of {len(texts)} in {where} is that of a page")
    return result
