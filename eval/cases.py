"""What extractors are scored on: pages with their reference, read from the layouts that data sets come in."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from indexlm.examples import me_examples, qe_examples, read_rows
from indexlm.page import IndexLMError, Page

__all__ = ["Case", "read_cases"]

_QE_SEED = 0


class Case(NamedTuple):
    """One page and what should come of it.

    A main content case holds its `html` and gold `text` or snippets; a question has no HTML of its own and holds its
    `page`, and the gold indices. `kind` is the page type or language.
    """

    id: str
    task: str
    html: bytes = b""
    url: str = ""
    page: Page | None = None
    text: str = ""
    gold: tuple[int, ...] = ()
    must_have: tuple[str, ...] = ()
    must_not_have: tuple[str, ...] = ()
    source: str = ""
    kind: str = ""
    lang: str = ""


def read_cases(data: Path, task: str, split: str = "dev", source: str = "", limit: int = 0) -> list[Case]:
    """A data set -> its cases for `me` or `qe`, at most `limit` of them, evenly spread.

    `data` is a folder with `me/{split}.parquet` and `qe/{split}.parquet`, a Parquet file of ME rows, a WCXB folder
    (`ground-truth/*.json`, `html/*.html.gz`, as published; below `{split}` where there is one), an
    article-extraction-benchmark folder (`ground-truth.json`, `html/*.html.gz`), or a JSONL file of must-have and
    must-not-have lists (`id`, `html` or `file`, `must_have`, `must_not_have`).
    """
    if task not in ("me", "qe"):
        raise IndexLMError(f"a task is me or qe; found {task!r}")
    reader = _reader(data, split)
    if task == "qe":
        if reader is not _read_split:
            raise IndexLMError(f"questions are read from a folder with qe/{split}.parquet; {data} has none")
        cases = list(_read_questions(data, split))
    else:
        cases = list(reader(data, split))
    cases = [case for case in cases if not source or case.source == source]
    if not cases:
        raise IndexLMError(f"{data} holds no {task} cases" + (f" of the source {source!r}" if source else ""))
    ids = {case.id for case in cases}
    if len(ids) < len(cases):
        raise IndexLMError(f"every case has an id of its own; {data} repeats {len(cases) - len(ids)} of them")
    return cases[:: -(-len(cases) // limit)] if limit else cases


def _reader(data: Path, split: str) -> Callable[[Path, str], Iterator[Case]]:
    if data.suffix == ".parquet":
        return lambda path, _: _of_rows(read_rows(path))
    if data.suffix == ".jsonl":
        return _read_snippets
    if (data / "me" / f"{split}.parquet").is_file():
        return _read_split
    if (data / "ground-truth.json").is_file():
        return _read_articles
    if (data / "ground-truth").is_dir() or (data / split / "ground-truth").is_dir():
        return _read_wcxb
    raise IndexLMError(
        f"data is a folder with me/{split}.parquet, ground-truth/ or ground-truth.json, a .parquet or a .jsonl file; "
        f"found {data}"
    )


def _of_rows(rows: Sequence[dict[str, Any]]) -> Iterator[Case]:
    for row in rows:
        yield Case(
            id=row["id"],
            task="me",
            html=row["html"].encode("utf-8", "replace"),
            url=row.get("url") or "",
            text=row.get("gold_text") or "",
            must_have=tuple(row.get("must_have") or ()),
            must_not_have=tuple(row.get("must_not_have") or ()),
            source=row.get("source") or "",
            kind=row.get("page_type") or row.get("lang") or "",
            lang=row.get("lang") or "",
        )


def _read_split(data: Path, split: str) -> Iterator[Case]:
    return _of_rows(read_rows(data / "me" / f"{split}.parquet"))


def _read_questions(data: Path, split: str) -> Iterator[Case]:
    """Articles laid into the split's WCXB pages, one question an article; the same in every run."""
    hosts = list(me_examples(read_rows(data / "me" / f"{split}.parquet", lambda row: row["source"] == "wcxb")))
    rows = read_rows(data / "qe" / f"{split}.parquet")
    seen: dict[str, int] = {}
    for example in qe_examples(rows, hosts, _QE_SEED, per_article=1):
        seen[example.id] = seen.get(example.id, 0) + 1
        name = example.id if seen[example.id] == 1 else f"{example.id}#{seen[example.id]}"
        yield Case(
            id=name,
            task="qe",
            page=example.page,
            gold=example.gold,
            source=example.source,
            kind=example.source,
            lang=example.kind,
        )


def _read_wcxb(data: Path, split: str) -> Iterator[Case]:
    root = data / split if (data / split / "ground-truth").is_dir() else data
    for path in sorted((root / "ground-truth").glob("*.json")):
        stated = _json(path)
        truth = stated.get("ground_truth") or stated
        kind = (stated.get("_internal") or {}).get("page_type") or stated.get("page_type") or ""
        yield Case(
            id=path.stem,
            task="me",
            html=_html(root / "html", path.stem),
            url=stated.get("url") or "",
            text=truth.get("main_content") or "",
            must_have=tuple(truth.get("with") or ()),
            must_not_have=tuple(truth.get("without") or ()),
            source="wcxb",
            kind=kind.get("primary", "") if isinstance(kind, dict) else kind,
            lang="en",
        )


def _read_articles(data: Path, _: str) -> Iterator[Case]:
    for name, stated in sorted(_json(data / "ground-truth.json").items()):
        yield Case(
            id=name,
            task="me",
            html=_html(data / "html", name),
            url=stated.get("url") or "",
            text=stated.get("articleBody") or "",
            must_have=tuple(stated.get("with") or ()),
            must_not_have=tuple(stated.get("without") or ()),
            source="article-extraction-benchmark",
            kind="article",
            lang="en",
        )


def _read_snippets(path: Path, _: str) -> Iterator[Case]:
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise IndexLMError(f"{path} cannot be read: {error}") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            html = row["html"].encode("utf-8", "replace") if "html" in row else (path.parent / row["file"]).read_bytes()
            yield Case(
                id=str(row["id"]),
                task="me",
                html=html,
                url=row.get("url") or "",
                text=row.get("gold_text") or "",
                must_have=tuple(row.get("must_have") or ()),
                must_not_have=tuple(row.get("must_not_have") or ()),
                source=row.get("source") or path.stem,
                kind=row.get("page_type") or "",
                lang=row.get("lang") or "",
            )
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise IndexLMError(f"{path}:{number} cannot be read as a case: {type(error).__name__} {error}") from None


def _html(folder: Path, name: str) -> bytes:
    packed, plain = folder / f"{name}.html.gz", folder / f"{name}.html"
    try:
        return gzip.decompress(packed.read_bytes()) if packed.is_file() else plain.read_bytes()
    except (OSError, EOFError) as error:
        raise IndexLMError(f"the page of {name} is at {packed} or {plain}: {error}") from None


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise IndexLMError(f"{path} cannot be read as JSON: {error}") from None
