"""The cases of an evaluation: pages with their reference, from the layouts that data sets come in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from eval.examples import me_examples, qe_examples
from eval.published import corpus_rows
from eval.rows import html_of, read_lines, read_rows, stream_rows
from indexlm.html.read import read_page
from indexlm.page import IndexLMError, Page

_QE_SEED = 0


class Case(NamedTuple):
    """A page and its reference.

    task: `me` or `qe`.
    html: the page of a main content case, as bytes.
    page: the page of a question, which has no HTML of its own.
    text: the reference text of a main content case.
    gold: the gold blocks of a question, 1-based and ascending.
    must_have, must_not_have: snippets that the content of a main content case contains, and does not contain.
    kind: the page type, or the language.
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

    def read(self) -> Page:
        """Its page; that of a main content case is read anew."""
        return self.page or read_page(self.html, url=self.url)


def read_cases(data: Path, task: str, split: str = "dev", source: str = "", limit: int = 0) -> list[Case]:
    """A data set -> its cases for `me` or `qe`; at most `limit` of them, evenly spread, or all for 0.

    Main content cases come from

    - a folder with `me/{split}.parquet`, or a Parquet file of ME rows;
    - a WCXB or article-extraction-benchmark folder as published (`eval.published`);
    - a JSONL file: `id` (else its line's number), `html` or `file`, and `gold_text` or `must_have` and `must_not_have`.

    Questions come from

    - a folder with `me/{split}.parquet` and `qe/{split}.parquet`;
    - a JSONL file: `id`, `html` or `file`, `query`, and `answers`, a list with a part of each gold block's text.

    Raises `IndexLMError` for other data, for no cases, and for ids that are not unique.
    """
    if task not in ("me", "qe"):
        raise IndexLMError(f"a task is me or qe; found {task!r}")
    if data.suffix == ".jsonl":
        cases = list(_read_lines(data, _of_snippets if task == "me" else _of_question))
    else:
        rows = _me_rows(data, split)
        cases = list(map(_of_row, rows) if task == "me" else _read_questions(data, split))
    cases = [case for case in cases if not source or case.source == source]
    if not cases:
        raise IndexLMError(f"{data} has no {task} cases" + (f" of the source {source!r}" if source else ""))
    ids = {case.id for case in cases}
    if len(ids) < len(cases):
        raise IndexLMError(f"the ids of cases are unique; {data} repeats {len(cases) - len(ids)} of them")
    return cases[:: -(-len(cases) // limit)] if limit else cases


def _me_rows(data: Path, split: str) -> Iterable[dict[str, Any]]:
    """A folder or a Parquet file -> its ME rows. Raises `IndexLMError` for other data."""
    path = data if data.suffix == ".parquet" else data / "me" / f"{split}.parquet"
    rows = stream_rows(path) if path is data or path.is_file() else corpus_rows(data, split)
    if rows is None:
        raise IndexLMError(
            f"data is a folder with me/{split}.parquet, ground-truth/ or ground-truth.json, a .parquet or a .jsonl "
            f"file; found {data}"
        )
    return rows


def _of_row(row: dict[str, Any]) -> Case:
    return Case(
        id=row["id"],
        task="me",
        html=html_of(row),
        url=row.get("url") or "",
        text=row.get("gold_text") or "",
        must_have=tuple(row.get("must_have") or ()),
        must_not_have=tuple(row.get("must_not_have") or ()),
        source=row.get("source") or "",
        kind=row.get("page_type") or row.get("lang") or "",
        lang=row.get("lang") or "",
    )


def _read_questions(data: Path, split: str) -> Iterator[Case]:
    """Articles embedded in the split's WCXB pages, one question an article; the same in every run."""
    me_path = data / "me" / f"{split}.parquet"
    if not me_path.is_file():
        raise IndexLMError(f"questions are read from a folder with qe/{split}.parquet or a .jsonl file; found {data}")
    hosts = list(me_examples(read_rows(me_path, lambda row: row["source"] == "wcxb")))
    rows = read_rows(data / "qe" / f"{split}.parquet")
    seen = Counter[str]()
    for example in qe_examples(rows, hosts, _QE_SEED, per_article=1):
        seen[example.id] += 1
        number = seen[example.id]
        name = example.id if number == 1 else f"{example.id}#{number}"
        page, gold, source = example.page, example.gold, example.source
        yield Case(name, "qe", page=page, gold=gold, source=source, kind=source, lang=example.kind)


def _read_lines(path: Path, read: Callable[[dict[str, Any], bytes, Path], Case]) -> Iterator[Case]:
    """A JSONL file -> a case a line, which `read` makes of its object, its page's HTML and the path."""
    for number, row in read_lines(path):
        try:
            row = {"id": number} | row
            html = html_of(row) if "html" in row else (path.parent / row["file"]).read_bytes()
            yield read(row, html, path)
        except KeyError as error:
            raise IndexLMError(f"{path}:{number} cannot be read as a case: it has no {error}") from None
        except (ValueError, TypeError, OSError) as error:
            raise IndexLMError(f"{path}:{number} cannot be read as a case: {type(error).__name__} {error}") from None


def _of_snippets(row: dict[str, Any], html: bytes, path: Path) -> Case:
    case = _of_row(row | {"id": str(row["id"]), "html": html})
    return case._replace(source=case.source or path.stem, kind=row.get("page_type") or "")


def _of_question(row: dict[str, Any], html: bytes, path: Path) -> Case:
    if not row["query"].strip() or not isinstance(row["answers"], list):
        raise ValueError("a question has words, and its answers are a list")
    page = read_page(html, url=row.get("url") or "", query=row["query"])
    gold = set()
    for answer in row["answers"]:
        blocks = [block.index for block in page.blocks if answer in block.text]
        if not blocks:
            raise ValueError(f"an answer is part of a block's text; no block has {answer!r}")
        gold.update(blocks)
    source, lang = row.get("source") or path.stem, row.get("lang") or page.lang
    return Case(str(row["id"]), "qe", page=page, gold=tuple(sorted(gold)), source=source, kind=source, lang=lang)
