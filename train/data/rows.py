"""What both heads are trained on: tokenized pages or windows, one a row or several packed into one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from eval.domain import domain
from heads.encoding import newline_side
from heads.settings import Settings
from indexlm.page import IndexLMError
from indexlm.prompt import NO_THINKING, PROMPT_FORMAT, chat_frame, marker
from train.data.splits import hash_of
from train.errors import explained
from train.recipe import Recipe

_ANSWER_TOKENS = 64  # kept free for an answer, so that both heads are trained on the same rows
_LENGTH_STEP = 512  # the longest page is rounded up to a multiple: each length may compile the layers again


@dataclass(frozen=True, slots=True)
class Rows:
    """Data sets for a training, with the columns of `tokenize`, `task`, and of windows `fixed`.

    train, evaluation, calibration: the data sets; the last two may be empty.
    settings: those of a checkpoint that is trained on them.
    left_out: how many rows are longer than `max_tokens`.
    """

    train: Any
    evaluation: Any
    calibration: Any
    settings: Settings
    left_out: int


def load_rows(recipe: Recipe, tokenizer: Any, head: str) -> Rows:
    """The files of a recipe -> its rows, tokenized as for inference (`heads.encoding.encode`).

    Raises `IndexLMError` for a file that neither `data build` nor `train prepare` wrote, and for another prompt format.
    """
    data = Path(recipe.data)
    rendering = _rendering(data)
    if head == "classifier" and rendering.get("query_last"):
        raise IndexLMError(f"a classifier reads the query before the blocks; in {data} it stands after them")
    prefix = NO_THINKING if "<think>" in tokenizer.get_vocab() else ""
    rows, left_out = _open(data, recipe, tokenizer, prefix)
    train, calibration = rows, rows.select([])
    if recipe.held_out:
        is_held_out = np.array([hash_of(key) % 1000 < int(recipe.held_out * 1000) for key in rows["page"]], bool)
        train, calibration = (rows.select(np.flatnonzero(part)) for part in (~is_held_out, is_held_out))
    if not len(train):
        raise IndexLMError(
            f"a training has rows of at most {recipe.max_tokens} tokens; {data} has none beside those held out"
        )
    evaluation = calibration
    if recipe.eval_data:
        if _rendering(Path(recipe.eval_data)) != rendering:
            raise IndexLMError(f"eval_data is rendered as data is; {recipe.eval_data} was built with other settings")
        evaluation, more = _open(Path(recipe.eval_data), recipe, tokenizer, prefix)
        left_out += more
    settings = Settings(
        head,  # type: ignore[arg-type]
        **rendering,
        causal=head == "decoder" or recipe.causal,
        readout=recipe.readout if head == "classifier" else "marker",  # type: ignore[arg-type]
        tasks=tuple(sorted(set(train["task"]))),
    )
    if "trees" not in rendering:  # whole pages, in place of windows
        settings = replace(settings, window_tokens=recipe.max_tokens, assistant_prefix=prefix)
    return Rows(train, evaluation, calibration, settings, left_out)


def _rendering(path: Path) -> dict[str, Any]:
    """A file -> the settings that its pages were rendered with, as its metadata states them."""
    from pyarrow import ArrowInvalid, parquet

    with explained(f"{path} cannot be read as Parquet", (OSError, ArrowInvalid)):
        metadata = parquet.read_schema(path).metadata or {}
    if b"indexlm" not in metadata:
        raise IndexLMError(f"a training reads what `data build` or `train prepare` wrote; {path} is from neither")
    values = json.loads(metadata[b"indexlm"])
    if (prompt_format := values.get("prompt_format")) != PROMPT_FORMAT:
        origin = (
            "states no prompt format" if prompt_format is None else f"was rendered in prompt format {prompt_format}"
        )
        raise IndexLMError(f"{path} {origin}; this version renders {PROMPT_FORMAT}: build it again")
    names = {field.name for field in fields(Settings)} - {"head", "causal", "readout", "tasks"}  # the training's own
    return {name: value for name, value in values.items() if name in names}


def _open(path: Path, recipe: Recipe, tokenizer: Any, assistant_prefix: str) -> tuple[Any, int]:
    """A file -> its tokenized rows that fit in `max_tokens`, and how many do not."""
    from datasets import Dataset, disable_progress_bars
    from tokenizers import Tokenizer

    disable_progress_bars()
    own = path.parent / "tokenizer.json"  # that of windows
    rows = Dataset.from_parquet(str(path), cache_dir=str(Path(recipe.out) / "cache"))
    if "messages" in rows.column_names:
        rows = rows.map(
            lambda row: tokenize(row, tokenizer, assistant_prefix) | {"task": row["task"], "page": _page_key(row)},
            remove_columns=rows.column_names,
            load_from_cache_file=False,  # the cache does not see when `tokenize` changes
        )
    elif own.exists() and Tokenizer.from_file(str(own)).get_vocab() != tokenizer.get_vocab():
        raise IndexLMError(
            f"a model is trained on windows of its own tokenizer; those of {path} are of another one: copy the model's "
            "tokenizer.json into a new folder, and run `train prepare` there"
        )
    elif recipe.held_out:
        raise IndexLMError(f"held_out is a share of the pages of `data build`; {path} holds windows: set it to 0")
    short = [i for i, ids in enumerate(rows["ids"]) if len(ids) <= recipe.max_tokens - _ANSWER_TOKENS]
    return rows.select(short), len(rows) - len(short)


def _page_key(row: dict[str, Any]) -> str:
    """What is held out together: the pages of one domain, and the questions on one document."""
    return str((row["title"] if row["task"] == "qe" else domain(row["url"] or "")) or row["title"] or row["id"])


def tokenize(row: dict[str, Any], tokenizer: Any, assistant_prefix: str) -> dict[str, Any]:
    """A row of `data build` -> `ids` up to the answer, and of each line `markers`, `lasts` and `gold`.

    `markers` and `lasts` are as in `heads.encoding.Window`; `gold` is whether the line is kept. The pieces of the
    prompt are tokenized apart and joined, as in `heads.encoding.encode`.
    """
    system, user = (message["content"] for message in row["messages"][:2])
    lines = user.split("\n")
    first = lines.index("Blocks:") + 1
    last = len(lines) - 1 - lines[-2].startswith("Query: ")  # a block's line begins with its marker
    header, bodies, closing = lines[:first], lines[first:last], "\n".join(lines[last:])
    numbers = [marker(i) for i in range(1, len(bodies) + 1)]
    if not all(body.startswith(number) for number, body in zip(numbers, bodies, strict=True)):
        raise IndexLMError(f"the lines after `Blocks:` are numbered from 1; those of row {row['id']!r} are not")

    def ids(text: str) -> list[int]:
        encoded: list[int] = tokenizer.encode(text, add_special_tokens=False)
        return encoded

    begins, ends = newline_side(len(ids(f"\n{marker(1)}")) == 1)
    before, after = chat_frame(system, closing, assistant_prefix)
    sequence = ids(before + "\n".join(header) + ends)
    markers, lasts = [], []
    for number, body in zip(numbers, bodies, strict=True):
        sequence += ids(begins + number)
        markers.append(len(sequence) - 1)
        sequence += ids(body[len(number) :] + ends)
        lasts.append(len(sequence) - 1)
    sequence += ids(begins + after)
    gold = set(row["gold"])
    kept = [i in gold for i in range(1, len(bodies) + 1)]
    return {"ids": sequence, "markers": markers, "lasts": lasts, "gold": kept}


def pack(dataset: Any, max_tokens: int, seed: int) -> Any:
    """Rows of `input_ids` and `labels` -> rows of several whole ones, with `seq_lengths` (TRL's best fit)."""
    from trl import pack_dataset

    return pack_dataset(dataset.select_columns(["input_ids", "labels"]).shuffle(seed=seed), max_tokens, "bfd")


class Packed:
    """Collates rows of one page or several (`seq_lengths`), so that no page sees another. Positions restart at each.

    Without `row_tokens` the rows are padded to the longest, with a mask: from positions transformers tells pages apart
    in a causal model without a cache, and in a bidirectional one not at all. With `row_tokens`, the most tokens of a
    row, all rows become one with the lengths of its pages, for attention by pages; `tokens` counts them without
    padding. Padding is a page of its own.
    """

    def __init__(self, pad: int, causal: bool, row_tokens: int = 0) -> None:
        self.pad, self.causal, self.row_tokens = pad, causal, row_tokens

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        return self._one_row(rows) if self.row_tokens else self._padded(rows)

    def _one_row(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Rows -> one row, padded to a multiple of an eighth of the step's tokens: each shape is compiled again."""
        import torch

        tokens = sum(len(row["input_ids"]) for row in rows)
        padding = -tokens % -(-len(rows) * self.row_tokens // 8)
        lengths = [length for row in rows for length in row["seq_lengths"]]
        longest = -(-max(lengths) // _LENGTH_STEP) * _LENGTH_STEP
        lengths += [min(longest, padding - begin) for begin in range(0, padding, longest)]

        def joined(name: str, filler: int) -> Any:
            return torch.tensor([[*(i for row in rows for i in row[name]), *[filler] * padding]])

        ends = torch.tensor([0, *accumulate(lengths)], dtype=torch.int32)
        return {
            "input_ids": joined("input_ids", self.pad),
            "labels": joined("labels", -100),
            "position_ids": torch.cat([torch.arange(length) for length in lengths])[None],
            "cu_seq_lens_q": ends,
            "cu_seq_lens_k": ends,
            "max_length_q": longest,
            "max_length_k": longest,
            "tokens": tokens,
        }

    def _padded(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        import torch

        longest = max(len(row["input_ids"]) for row in rows)
        shape = (len(rows), longest)
        ids, labels = torch.full(shape, self.pad), torch.full(shape, -100)
        positions, page = torch.zeros(shape, dtype=torch.long), torch.full(shape, -1)
        for i, row in enumerate(rows):
            length = len(row["input_ids"])
            ids[i, :length], labels[i, :length] = torch.tensor(row["input_ids"]), torch.tensor(row["labels"])
            lengths = torch.tensor(row["seq_lengths"])
            positions[i] = torch.cat([torch.arange(n) for n in [*lengths.tolist(), longest - length]])
            page[i, :length] = torch.repeat_interleave(torch.arange(len(lengths)), lengths)
        mask = page[:, None, :, None] == page[:, None, None, :]
        if self.causal:
            mask = mask.tril()
        return {"input_ids": ids, "labels": labels, "position_ids": positions, "attention_mask": mask}
