"""Published data sets of main content, in the folders that they come in -> ME rows (`eval.examples`)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from indexlm.page import IndexLMError


def corpus_rows(folder: Path, split: str = "") -> Iterator[dict[str, Any]] | None:
    """A WCXB or article-extraction-benchmark folder -> its rows by id, with HTML as bytes; None for any other folder.

    WCXB has `ground-truth/*.json` and `html/*.html.gz`, below `split` where there is such a folder; the benchmark has
    `ground-truth.json` and `html/*.html.gz`. Iterating raises `IndexLMError` for a file that is missing or torn.
    """
    if (folder / "ground-truth.json").is_file():
        return _articles(folder)
    root = folder / split if split and (folder / split / "ground-truth").is_dir() else folder
    return _wcxb(root) if (root / "ground-truth").is_dir() else None


def _wcxb(root: Path) -> Iterator[dict[str, Any]]:
    for path in sorted((root / "ground-truth").glob("*.json")):
        entry = _json(path)
        truth = entry.get("ground_truth") or entry
        kind = (entry.get("_internal") or {}).get("page_type") or entry.get("page_type") or ""
        page_type = kind.get("primary", "") if isinstance(kind, dict) else kind
        fixed = {"source": "wcxb", "license": "CC-BY-4.0", "page_type": page_type, "url": entry.get("url") or ""}
        yield fixed | _row(root, path.stem, truth, "main_content")


def _articles(folder: Path) -> Iterator[dict[str, Any]]:
    for name, entry in sorted(_json(folder / "ground-truth.json").items()):
        fixed = {"source": "article-extraction-benchmark", "license": "MIT", "page_type": "article"}
        yield fixed | {"url": entry.get("url") or ""} | _row(folder, name, entry, "articleBody")


def _row(folder: Path, name: str, truth: dict[str, Any], text_key: str) -> dict[str, Any]:
    """The fields of a row that both data sets have alike."""
    return {
        "id": name,
        "lang": "en",
        "html": _html(folder / "html", name),
        "gold_text": truth.get(text_key) or "",
        "must_have": truth.get("with") or (),
        "must_not_have": truth.get("without") or (),
    }


def _html(folder: Path, name: str) -> bytes:
    packed, plain = folder / f"{name}.html.gz", folder / f"{name}.html"
    try:
        return gzip.decompress(packed.read_bytes()) if packed.is_file() else plain.read_bytes()
    except (OSError, EOFError) as error:
        raise IndexLMError(f"the page of {name} is at {packed} or {plain}: {error}") from None


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise IndexLMError(f"{path} cannot be read as JSON: {error}") from None
    if not isinstance(value, dict):
        raise IndexLMError(f"{path} holds a JSON object; found {type(value).__name__}")
    return value
