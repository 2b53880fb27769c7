"""What `data build` writes: `train.parquet` and `eval.parquet`, one conversation a row, and what is counted of them."""

from __future__ import annotations

import json
import os
from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from eval.examples import Example
from heads.settings import Settings, task_of
from indexlm import __version__
from indexlm.intervals import format_intervals, to_intervals
from indexlm.models import shipped
from indexlm.page import IndexLMError
from indexlm.prompt import chat, render
from train.data.leaks import Leaks, text_hash, traces
from train.data.sources import SourceRow
from train.data.splits import Split
from train.errors import explained

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_AT_ONCE = 256
RENDERING = ("profile", "block_units", "query_units", "query_last", "prompt_format")
"""The settings that decide how a page is rendered; they are metadata of a file, as JSON under `indexlm`."""


class BuiltExample(NamedTuple):
    """An example that becomes a row. `text` is the page's, or of the document that a question is asked of."""

    id: str
    example: Example
    text: str


@dataclass(slots=True)
class Group:
    """Counts of the rows that share a source, task and licence: rows by split, rows without gold, kept and all blocks,
    and the tokens of each row."""

    train: int = 0
    eval: int = 0
    empty: int = 0
    kept: int = 0
    blocks: int = 0
    tokens: array[int] = field(default_factory=partial(array, "I"))


@dataclass(slots=True)
class Summary:
    """What was written, and what was not.

    groups: by source, task and licence.
    languages: rows by language and task.
    left_out: rows by reason.
    host_licences: pages that questions may be embedded in, by licence.
    """

    groups: dict[tuple[str, str, str], Group] = field(default_factory=dict)
    languages: Counter[tuple[str, str]] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    host_licences: Counter[str] = field(default_factory=Counter)

    def add(self, row: dict[str, Any], split: Split) -> None:
        """Count a row."""
        group = self.groups.setdefault((row["source"], row["task"], row["license"]), Group())
        setattr(group, split, getattr(group, split) + 1)
        group.empty += not row["gold"]
        group.kept += len(row["gold"])
        group.blocks += row["blocks"]
        group.tokens.append(row["tokens"])
        self.languages[row["lang"], row["task"]] += 1

    def rows(self, split: Split) -> int:
        """How many rows a split has."""
        return sum(getattr(group, split) for group in self.groups.values())


@dataclass(slots=True)
class Writer:
    """The two files of `out`, written row by row under temporary names until `finish`."""

    out: Path
    settings: Settings
    max_tokens: int
    count_tokens: Callable[[str], int]
    leaks: Leaks
    summary: Summary
    ids: Counter[str] = field(default_factory=Counter)
    batches: dict[Split, list[dict[str, Any]]] = field(default_factory=lambda: {"train": [], "eval": []})
    files: dict[Split, Any] = field(default_factory=dict)

    def __enter__(self) -> Writer:
        from pyarrow.parquet import ParquetWriter

        for split in self.batches:
            self.files[split] = ParquetWriter(self._path(split, ".tmp"), _schema(self.settings), compression="zstd")
        return self

    def __exit__(self, *_: object) -> None:
        for split, file in self.files.items():
            file.close()
            self._path(split, ".tmp").unlink(missing_ok=True)
        (self.out / "README.md.tmp").unlink(missing_ok=True)

    def add(self, built: BuiltExample, row: SourceRow, split: Split) -> bool:
        """Write an example of a source row, unless it leaks or is too long -> whether it was written."""
        page, left_out = built.example.page, self.summary.left_out
        digest = text_hash(built.text)
        if self.leaks.has(split, built.id, traces((page.url, row.url), digest, page.query, row.title)):
            left_out["in the other split or an evaluation file"] += 1
            return False
        units = self.settings.query_units if page.query else self.settings.block_units
        prompt = render(page, self.settings.profile, units, query_last=self.settings.query_last)
        answer = format_intervals(to_intervals(built.example.gold))
        contents = {"system": prompt.system, "user": prompt.user(), "assistant": answer}
        tokens = self.count_tokens(chat(contents))
        if tokens > self.max_tokens:
            left_out[f"longer than {self.max_tokens} tokens ({task_of(page.query)})"] += 1
            return False
        self.ids[built.id] += 1
        values = {name: getattr(row, name) for name in ("source", "lang", "license")}
        values |= {name: getattr(page, name) for name in ("url", "title", "query")} | {
            "id": built.id if self.ids[built.id] == 1 else f"{built.id}#{self.ids[built.id]}",
            "task": task_of(page.query),
            "messages": [{"role": role, "content": content} for role, content in contents.items()],
            "gold": list(built.example.gold),
            "blocks": len(prompt.bodies),
            "tokens": tokens,
            "text_hash": digest,
        }
        self.summary.add(values, split)
        self.batches[split].append(values)
        if len(self.batches[split]) == _ROWS_AT_ONCE:
            self._flush(split)
        return True

    def finish(self, card: Callable[[], str]) -> None:
        """Write the card and give the files their names. Raises `IndexLMError` for leaks, and where no row is there."""
        self.leaks.check()
        if not self.summary.groups:
            reasons = "; ".join(f"{reason}: {n}" for reason, n in self.summary.left_out.most_common(3))
            raise IndexLMError(f"the sources give at least one row; found none ({reasons or 'no rows'})")
        for split, file in self.files.items():
            self._flush(split)
            file.close()
        draft = self.out / "README.md.tmp"
        draft.write_text(card(), "utf-8", errors="replace")
        for split in self.files:
            os.replace(self._path(split, ".tmp"), self._path(split))
        os.replace(draft, self.out / "README.md")

    def _flush(self, split: Split) -> None:
        import pyarrow as pa

        if self.batches[split]:
            self.files[split].write_table(pa.Table.from_pylist(self.batches[split], self.files[split].schema))
            self.batches[split].clear()

    def _path(self, split: Split, suffix: str = "") -> Path:
        return self.out / f"{split}.parquet{suffix}"


def _schema(settings: Settings) -> pa.Schema:
    """The columns of a row, which is one page and task.

    url, title, query: the page's; license: that of the text; source, lang: the source row's.
    messages: `role` and `content` of each, as TRL's `SFTTrainer` takes them: the prompt, and the intervals to keep.
    gold: the blocks to keep (1-based); blocks: how many the page has.
    tokens: the conversation's length in ChatML.
    text_hash: of the page's text, or of the document's that a question is asked of.
    """
    import pyarrow as pa

    texts = ("id", "source", "task", "lang", "license", "url", "title", "query", "text_hash")
    columns = dict.fromkeys(texts, pa.string()) | {
        "messages": pa.list_(pa.struct({"role": pa.string(), "content": pa.string()})),
        "gold": pa.list_(pa.int32()),
        "blocks": pa.int32(),
        "tokens": pa.int32(),
    }
    metadata = {name: getattr(settings, name) for name in RENDERING} | {"version": __version__}
    return pa.schema(columns, metadata={"indexlm": json.dumps(metadata)})


def token_counter(name: str) -> Callable[[str], int]:
    """A folder, a tokenizer.json or a Hub id -> a function that counts a text's tokens; empty: the shipped models'.

    Raises `IndexLMError` where it is none of these.
    """
    from tokenizers import Tokenizer

    path = Path(name) if name else shipped("classifier")
    path = path / "tokenizer.json" if path.is_dir() else path
    # Neither tokenizers nor the Hub's client raises one type.
    with explained(f"a tokenizer is a folder, a tokenizer.json or a Hub id; {name!r} is none of them"):
        if not path.is_file() and name.count("/") == 1 and not name.startswith((".", "/", "~")):
            from huggingface_hub import hf_hub_download

            path = Path(hf_hub_download(name, "tokenizer.json"))
        tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)
