"""torch and transformers under the heads: any Hugging Face checkpoint, on CPU or GPU."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoModelForTokenClassification, DynamicCache

from heads.runtimes.packed import PackedScorer
from heads.runtimes.row_cache import RowModel
from heads.runtimes.varlen import missing
from indexlm.page import IndexLMError, first_line

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _load(family: Any, checkpoint: Path) -> Any:
    try:
        model = family.from_pretrained(checkpoint, dtype="auto", use_safetensors=True)  # never a pickle
    except (OSError, ValueError) as error:
        raise IndexLMError(f"{checkpoint} cannot be loaded as a checkpoint: {first_line(error)}") from None
    if device() == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        model = model.to(torch.bfloat16)  # a training writes fp32, which is several times as slow there
    return model.eval().to(device())


def device() -> str:
    """Where models are run: `cuda` where there is a GPU, else `cpu`."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def reads_packed() -> bool:
    """Whether there is a GPU that reads several windows as one row, with attention within each."""
    return device() == "cuda" and not missing(torch.bfloat16)


@contextlib.contextmanager
def _inference(threads: int) -> Iterator[None]:
    """Inference on so many threads, 0 for as many as the process has set; afterwards the process has its own again."""
    before = torch.get_num_threads()
    if threads and threads != before:
        torch.set_num_threads(threads)
    try:
        with torch.inference_mode():
            yield
    finally:
        if threads and threads != before:
            torch.set_num_threads(before)


@dataclass(frozen=True, slots=True)
class _Scorer:
    model: Any
    threads: int

    def __call__(self, batch: Sequence[Sequence[int]], places: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        longest = max(map(len, batch))
        ids = torch.zeros((len(batch), longest), dtype=torch.long)
        mask = torch.zeros_like(ids)
        for i, sequence in enumerate(batch):
            ids[i, : len(sequence)] = torch.tensor(sequence)
            mask[i, : len(sequence)] = 1
        with _inference(self.threads):
            device = self.model.device
            logits = self.model(input_ids=ids.to(device), attention_mask=mask.to(device)).logits.float().cpu().numpy()
        return [logits[i, list(row_places)] for i, row_places in enumerate(places)]


@dataclass(slots=True, eq=False)
class _Rows:
    """Keys and values of several sequences, read side by side.

    past: transformers' cache of all rows. mask: (rows, slots) bool, which slots of the cache a row has read; a row's
    sequence may have gaps, and its positions do not count them.
    """

    past: Any
    mask: torch.Tensor


class _Cache(NamedTuple):
    """The keys and values of `length` tokens: a row."""

    length: int
    row: int
    rows: _Rows


@dataclass(frozen=True, slots=True)
class _CausalLM:
    model: Any
    threads: int

    def __call__(self, ids: Sequence[int], cache: _Cache | None) -> tuple[NDArray[np.float32], _Cache]:
        with _inference(self.threads):
            rows = self._empty(1) if cache is None else cache.rows
            if cache is not None and len(rows.mask) > 1:
                rows = self._joined([cache])
            elif cache is not None and (more := rows.past.get_seq_length() - cache.length):
                rows.past.crop(-more)  # it was continued before, in place
                rows.mask = rows.mask[:, : cache.length]
            return self._run(rows, [ids], [0])[0]

    def read(
        self, sequences: Sequence[Sequence[int]], caches: Sequence[_Cache | None]
    ) -> list[tuple[NDArray[np.float32], _Cache]]:
        """Sequences, read side by side behind copies of caches -> of each what a call returns."""
        with _inference(self.threads):
            return self._run(self._joined(caches), sequences, range(len(sequences)))

    def together(self, tokens: Sequence[int], caches: Sequence[_Cache]) -> list[tuple[NDArray[np.float32], _Cache]]:
        """Caches, each continued by a token; others of their rows are given up."""
        with _inference(self.threads):
            rows, places = caches[0].rows, [cache.row for cache in caches]
            if any(cache.rows is not rows for cache in caches):
                rows, places = self._joined(caches), list(range(len(caches)))
            return self._run(rows, [[token] for token in tokens], places)

    def _run(
        self, rows: _Rows, sequences: Sequence[Sequence[int]], places: Sequence[int]
    ) -> list[tuple[NDArray[np.float32], _Cache]]:
        """Continue the rows at `places` by a sequence each, and no others."""
        longest = max(map(len, sequences))
        ids = torch.zeros((len(rows.mask), longest), dtype=torch.long)
        new = torch.zeros((len(rows.mask), longest), dtype=torch.bool)
        for place, sequence in zip(places, sequences, strict=True):  # the last token of all stands in the last slot
            ids[place, longest - len(sequence) :] = torch.tensor(list(sequence))
            new[place, longest - len(sequence) :] = True
        ids, new = ids.to(self.model.device), new.to(self.model.device)
        positions = (rows.mask.sum(1, keepdim=True) + new.cumsum(1) - 1).clamp(min=0)
        rows.mask = torch.cat([rows.mask, new], 1)
        out = self.model(
            input_ids=ids,
            attention_mask=rows.mask.long(),
            position_ids=positions,
            past_key_values=rows.past,
            use_cache=True,
            logits_to_keep=1,
        )
        logits, lengths = out.logits[:, -1].float().cpu().numpy(), rows.mask.sum(1).tolist()
        return [(logits[place], _Cache(lengths[place], place, rows)) for place in places]

    def _empty(self, count: int) -> _Rows:
        mask = torch.zeros((count, 0), dtype=torch.bool, device=self.model.device)
        return _Rows(DynamicCache(config=self.model.config), mask)

    def _joined(self, caches: Sequence[_Cache | None]) -> _Rows:
        """Rows of the same or of others, None for an empty one -> a copy of them side by side, which end together."""
        rows = self._empty(len(caches))
        begun = [(i, cache) for i, cache in enumerate(caches) if cache is not None]
        if not begun:
            return rows
        longest = max(cache.length for _, cache in begun)
        rows.mask = torch.zeros((len(caches), longest), dtype=torch.bool, device=self.model.device)
        read = [cache.rows.mask[cache.row].nonzero()[: cache.length, 0] for _, cache in begun]
        for (i, _), slots in zip(begun, read, strict=True):
            rows.mask[i, longest - len(slots) :] = True
        for number, layer in enumerate(begun[0][1].rows.past.layers):
            keys, values = (
                part.new_zeros((len(caches), part.shape[1], longest, part.shape[3]))
                for part in (layer.keys, layer.values)
            )
            for (i, cache), slots in zip(begun, read, strict=True):
                own = cache.rows.past.layers[number]
                keys[i, :, longest - len(slots) :] = own.keys[cache.row][:, slots]
                values[i, :, longest - len(slots) :] = own.values[cache.row][:, slots]
            rows.past.update(keys, values, number)
        return rows


def load_scorer(checkpoint: Path, threads: int) -> _Scorer | PackedScorer:
    """A token-classification checkpoint directory -> a classifier's scorer."""
    model = _load(AutoModelForTokenClassification, checkpoint)
    return PackedScorer(model) if reads_packed() else _Scorer(model, threads)


def load_packed(checkpoint: Path, compiles: bool) -> PackedScorer:
    """A token-classification checkpoint directory -> a scorer of windows in one row, which `compiles` layers or not."""
    return PackedScorer(_load(AutoModelForTokenClassification, checkpoint), compiles)


def load_rows(checkpoint: Path, slots: int, compiles: bool) -> RowModel:
    """A causal-LM checkpoint directory -> a model over rows of so many tokens, which `compiles` layers or not."""
    return RowModel(_load(AutoModelForCausalLM, checkpoint), slots, compiles)


def load_causal_lm(checkpoint: Path, threads: int) -> _CausalLM:
    """A causal-LM checkpoint directory -> a decoder's model."""
    return _CausalLM(_load(AutoModelForCausalLM, checkpoint), threads)
