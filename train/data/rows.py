"""What both heads are trained on: tokenized pages (or windows of them), one a row or several packed into one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eval.domain import domain
from heads.settings import Settings
from indexlm.page import IndexLMError
from indexlm.prompt import NO_THINKING, PROMPT_FORMAT, chat_frame, marker
from train.data.splits import hash_of
from train.recipe import Recipe

__all__ = ["Packed", "Rows", "load_rows", "pack", "tokenize"]

_ANSWER_TOKENS = 64  # room for an answer, so that either head is trained on the same rows


@dataclass(frozen=True, slots=True)
class Rows:
    """Data sets of `ids`, `markers`, `lasts` (token positions, one a line of the prompt), `gold` (whether the line is
    kept) and `task`; and the settings that a checkpoint trained on them has."""

    train: Any
    evaluation: Any
    calibration: Any
    settings: Settings
    left_out: int


def load_rows(recipe: Recipe, tokenizer: Any, head: str) -> Rows:
    """The files of a recipe -> its rows, tokenized as inference does it (`heads.encoding.encode`).

    Rows that do not fit in `max_tokens` are left out and counted. Raises `IndexLMError` for a file that neither `data
    build` nor `train prepare` wrote.
    """
    data = Path(recipe.data)
    stated = _stated(data)
    if head == "classifier" and stated.get("query_last"):
        raise IndexLMError(f"a classifier reads the query before the blocks; in {data} it stands after them")
    opening = NO_THINKING if "<think>" in tokenizer.get_vocab() else ""
    whole, left_out = _open(data, recipe, tokenizer, opening)
    kept = calibration = whole
    if recipe.held_out:
        limit = int(recipe.held_out * 1000)
        places = [hash_of(key) % 1000 for key in whole["page"]]
        kept = whole.select([i for i, place in enumerate(places) if place >= limit])
        calibration = whole.select([i for i, place in enumerate(places) if place < limit])
    if not len(kept):
        raise IndexLMError(
            f"a training has rows of at most {recipe.max_tokens} tokens; {data} has none beside those held out"
        )
    evaluation = calibration
    if recipe.eval_data:
        if _stated(Path(recipe.eval_data)) != stated:
            raise IndexLMError(f"eval_data is rendered as data is; {recipe.eval_data} was built with other settings")
        evaluation, more = _open(Path(recipe.eval_data), recipe, tokenizer, opening)
        left_out += more
    tasks = tuple(sorted(set(kept["task"])))
    settings = Settings(
        head,  # type: ignore[arg-type]
        **stated,
        causal=head == "decoder" or recipe.causal,
        readout=recipe.read if head == "classifier" else "marker",  # type: ignore[arg-type]
        tasks=tasks,
    )
    if "trees" not in stated:
        settings = replace(settings, window_tokens=recipe.max_tokens, assistant_prefix=opening)
    if not recipe.held_out:
        calibration = whole.select([])
        evaluation = evaluation if recipe.eval_data else calibration
    return Rows(kept, evaluation, calibration, settings, left_out)


def _stated(path: Path) -> dict[str, Any]:
    """How a file's pages were rendered, by its own words."""
    from pyarrow import ArrowInvalid, parquet

    try:
        metadata = parquet.read_schema(path).metadata or {}
    except (OSError, ArrowInvalid) as error:
        raise IndexLMError(f"{path} cannot be read as Parquet: {error}") from None
    if b"indexlm" not in metadata:
        raise IndexLMError(f"training takes what `data build` or `train prepare` wrote; {path} says of neither")
    stated = json.loads(metadata[b"indexlm"])
    if (prompt_format := stated.get("prompt_format")) != PROMPT_FORMAT:
        found = "states no prompt format" if prompt_format is None else f"was rendered in prompt format {prompt_format}"
        raise IndexLMError(f"{path} {found}; this version renders {PROMPT_FORMAT}: build it again")
    known = (
        "prompt_format",
        "profile",
        "block_units",
        "query_units",
        "window_tokens",
        "overlap",
        "trees",
        "skip_model_min_f1",
        "skip_window_max_f1_loss",
        "query_last",
    )
    return {key: value for key, value in stated.items() if key in known}


def _open(path: Path, recipe: Recipe, tokenizer: Any, opening: str) -> tuple[Any, int]:
    from datasets import Dataset, disable_progress_bars

    disable_progress_bars()
    rows = Dataset.from_parquet(str(path), cache_dir=str(Path(recipe.out) / "cache"))
    if "messages" in rows.column_names:
        rows = rows.map(
            lambda row: tokenize(row, tokenizer, opening) | {"task": row["task"], "page": _page_key(row)},
            remove_columns=rows.column_names,
            load_from_cache_file=False,  # the cache does not see when `tokenize` changes
        )
    elif not _reads_with(tokenizer, path.parent / "tokenizer.json"):
        raise IndexLMError(
            f"a model is trained on windows of its own tokenizer; those of {path} are of another: put the model's "
            "tokenizer.json in a new folder, and `train prepare` there"
        )
    elif recipe.held_out:
        raise IndexLMError(f"held_out counts pages of `data build`; {path} holds windows: set it to 0")
    short = [i for i, ids in enumerate(rows["ids"]) if len(ids) <= recipe.max_tokens - _ANSWER_TOKENS]
    return rows.select(short), len(rows) - len(short)


def _reads_with(tokenizer: Any, path: Path) -> bool:
    """Whether the tokenizer that windows were cut with, where it lies beside them, is the model's."""
    from tokenizers import Tokenizer

    return not path.exists() or Tokenizer.from_file(str(path)).get_vocab() == tokenizer.get_vocab()


def _page_key(row: dict[str, Any]) -> str:
    """Pages of one domain, and questions on one document, are held out together."""
    return str((row["title"] if row["task"] == "qe" else domain(row["url"] or "")) or row["title"] or row["id"])


def tokenize(row: dict[str, Any], tokenizer: Any, opening: str) -> dict[str, Any]:
    """A row of `data build` (`messages`, `gold`) -> `ids` up to the answer, `markers`, `lasts`, `gold`.

    The pieces of the prompt are tokenized apart and joined, as `heads.encoding.encode` does it.
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
        found: list[int] = tokenizer.encode(text, add_special_tokens=False)
        return found

    begins, ends = ("\n", "") if len(ids(f"\n{marker(1)}")) == 1 else ("", "\n")
    before, after = chat_frame(system, closing, opening)
    sequence = ids(before + "\n".join(header) + ends)
    markers, lasts = [], []
    for number, body in zip(numbers, bodies, strict=True):
        sequence += ids(begins + number)
        markers.append(len(sequence) - 1)
        sequence += ids(body[len(number) :] + ends)
        lasts.append(len(sequence) - 1)
    sequence += ids(begins + after)
    kept = set(row["gold"])
    return {
        "ids": sequence,
        "markers": markers,
        "lasts": lasts,
        "gold": [i in kept for i in range(1, len(bodies) + 1)],
    }


def pack(dataset: Any, max_tokens: int, seed: int) -> Any:
    """Rows of `input_ids` and `labels` -> rows that hold several, each whole, with `seq_lengths` (TRL's best fit)."""
    from trl import pack_dataset

    return pack_dataset(dataset.select_columns(["input_ids", "labels"]).shuffle(seed=seed), max_tokens, "bfd")


class Packed:
    """Collates rows of one page or several (`seq_lengths`) so that no page sees another: positions begin anew at each.

    For FlashAttention all rows become one, with the lengths of its pages. Otherwise rows are padded to the longest
    and the model is given the mask: by the positions alone transformers would tell pages apart in a causal model
    without a cache, and in a bidirectional one not at all. Padding is a page of its own.
    """

    def __init__(self, pad: int, causal: bool, flash: bool = False) -> None:
        self.pad, self.causal, self.flash = pad, causal, flash

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        import torch

        if self.flash:
            from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

            batch = DataCollatorForLanguageModeling(pad_token_id=self.pad, padding_free=True)(list(rows))
            batch.pop("seq_idx", None)  # for linear attention, which Qwen3 has none of
            return dict(batch)
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
