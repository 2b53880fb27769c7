"""torch and transformers under the heads: any Hugging Face checkpoint, on CPU or GPU."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoModelForTokenClassification

from indexlm.page import IndexLMError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _load(family: Any, checkpoint: Path) -> Any:
    try:
        model = family.from_pretrained(checkpoint, dtype="auto", use_safetensors=True)  # never a pickle
    except (OSError, ValueError) as error:
        first_line = str(error).strip().partition("\n")[0]
        raise IndexLMError(f"{checkpoint} cannot be loaded as a checkpoint: {first_line}") from None
    return model.eval().to("cuda" if torch.cuda.is_available() else "cpu")


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


@dataclass(frozen=True, slots=True)
class _CausalLM:
    model: Any
    threads: int

    def __call__(self, ids: Sequence[int], cache: Any) -> tuple[NDArray[np.float32], Any]:
        past, length = cache or (None, 0)
        with _inference(self.threads):
            if past is not None and (more := past.get_seq_length() - length):
                past.crop(-more)  # it was continued before, in place
            new_ids = torch.tensor([list(ids)], device=self.model.device)
            out = self.model(input_ids=new_ids, past_key_values=past, use_cache=True, logits_to_keep=1)
        return out.logits[0, -1].float().cpu().numpy(), (out.past_key_values, length + len(ids))

    def empty(self, lengths: Sequence[int]) -> list[Any]:
        """As many times no cache: the first call makes it."""
        return [None for _ in lengths]

    def together(self, tokens: Sequence[int], caches: Sequence[Any]) -> list[tuple[NDArray[np.float32], Any]]:
        """One call after the other."""
        return [self([token], cache) for token, cache in zip(tokens, caches, strict=True)]


def load_scorer(checkpoint: Path, threads: int) -> _Scorer:
    """A token-classification checkpoint directory -> a classifier's scorer."""
    return _Scorer(_load(AutoModelForTokenClassification, checkpoint), threads)


def load_causal_lm(checkpoint: Path, threads: int) -> _CausalLM:
    """A causal-LM checkpoint directory -> a decoder's model."""
    return _CausalLM(_load(AutoModelForCausalLM, checkpoint), threads)
