"""Rows and files that tests of `data build` share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from tests.conftest import golden_html, golden_indices, golden_page
from tests.test_examples import row as question_row
from train.data.build import Options, build_dataset
from train.data.sources import parse_source
from train.data.writer import Summary

NAMES = ("news", "docs", "forum", "product", "listing")


def page_row(name: str, copy: int) -> dict[str, Any]:
    """A page of a domain of its own; its first paragraph is its own too."""
    own = f"Page {name} number {copy} of all."
    html = golden_html(name).decode().replace("</body>", f"<p>{own}</p></body>")
    return {
        "id": f"{name}{copy}",
        "source": "ours",
        "license": "CC0-1.0" if copy % 2 else "AGPL-3.0",
        "url": f"https://{name}{copy}.example/",
        "lang": "en",
        "page_type": "article",
        "html": html,
        "gold_text": "\n".join(golden_page(name).blocks[i - 1].text for i in golden_indices(name)),
    }


def article_row(i: int) -> dict[str, Any]:
    """An article that is short enough to be shown whole."""
    row = question_row(i)
    (question,) = row["questions"]
    return row | {"paragraphs": row["paragraphs"][:20], "questions": [question | {"relevant": [3, 4 + i % 15]}]}


def write(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    if path.suffix == ".jsonl":
        path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    else:
        parquet.write_table(pa.Table.from_pylist(list(rows)), path)
    return path


def read_built(out: Path, split: str = "") -> list[dict[str, Any]]:
    names = [split] if split else ["train", "eval"]
    return [row for name in names for row in parquet.read_table(out / f"{name}.parquet").to_pylist()]


def run(out: Path, *sources: Path | str, inputs: dict[str, Any] | None = None, **options: Any) -> Summary:
    return build_dataset([parse_source(str(source)) for source in sources], out, Options(**options), **(inputs or {}))
