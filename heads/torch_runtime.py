"""torch and transformers under the heads: any Hugging Face checkpoint, on CPU or GPU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoModelForTokenClassification

from indexlm.page import IndexLMError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["load_causal_lm", "load_scorer"]


def _load(family: Any, checkpoint: Path) -> Any:
    try:
        model = family.from_pretrained(checkpoint, dtype="auto")
    except (OSError, ValueError) as error:
        first_line = str(error).strip().partition("\n")[0]
        raise IndexLMError(f"{checkpoint} cannot be loaded as a checkpoint: {first_line}") from None
    return model.eval().to("cuda" if torch.cuda.is_available() else "cpu")


@dataclass(frozen=True, slots=True)
class _Scorer:
    model: Any

    def __call__(self, batch: Sequence[Sequence[int]], places: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        longest = max(map(len, batch))
        ids = torch.zeros((len(batch), longest), dtype=torch.long)
        mask = torch.zeros_like(ids)
        for i, sequence in enumerate(batch):
            ids[i, : len(sequence)] = torch.tensor(sequence)
            mask[i, : len(sequence)] = 1
        with torch.inference_mode():
            device = self.model.device
            logits = self.model(input_ids=ids.to(device), attention_mask=mask.to(device)).logits.float().cpu().numpy()
        return [logits[i, list(read)] for i, read in enumerate(places)]


@dataclass(frozen=True, slots=True)
class _CausalLM:
    model: Any

    def __call__(self, ids: Sequence[int], cache: Any) -> tuple[NDArray[np.float32], Any]:
        held, length = cache or (None, 0)
        with torch.inference_mode():
            if held is not None and (more := held.get_seq_length() - length):
                held.crop(-more)  # it was continued before, in place
            given = torch.tensor([ids], device=self.model.device)
            out = self.model(input_ids=given, past_key_values=held, use_cache=True, logits_to_keep=1)
        return out.logits[0, -1].float().cpu().numpy(), (out.past_key_values, length + len(ids))


def load_scorer(checkpoint: Path) -> _Scorer:
    """A token-classification checkpoint directory -> a classifier's scorer."""
    return _Scorer(_load(AutoModelForTokenClassification, checkpoint))


def load_causal_lm(checkpoint: Path) -> _CausalLM:
    """A causal-LM checkpoint directory -> a decoder's model."""
    return _CausalLM(_load(AutoModelForCausalLM, checkpoint))
