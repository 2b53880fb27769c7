"""A classifier that reads windows as one row, with attention within each: what a GPU does at its full rate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate, chain
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from heads.runtimes.recorded import Recorded
from heads.runtimes.varlen import VARLEN, register

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEAST_STEP = 256  # tokens; longer rows are padded to a quarter of a power of two
_WINDOW_STEP = 32  # windows
_COMPILE_AFTER = 10.0  # seconds of work: what compiling Qwen3-0.6B's layers takes


class Shape(NamedTuple):
    """Tokens of a row, windows that it may hold, and tokens of its longest window."""

    tokens: int
    windows: int
    longest: int


class Packed(NamedTuple):
    """A row of windows: token ids and positions, each (1, tokens), and where windows begin and the last one ends."""

    ids: torch.Tensor
    positions: torch.Tensor
    ends: torch.Tensor


def pack(windows: Sequence[Sequence[int]]) -> tuple[Packed, Shape]:
    """Windows -> their row, with windows of padding behind them, and its shape, of which there are few."""
    lengths = [len(window) for window in windows]
    tokens = sum(lengths)
    step = max(_LEAST_STEP, 1 << max(0, tokens.bit_length() - 3))
    padding = -tokens % step
    longest = max(_LEAST_STEP, 1 << (max(lengths) - 1).bit_length())
    lengths += [min(longest, padding - begin) for begin in range(0, padding, longest)]
    lengths += [0] * (-len(lengths) % _WINDOW_STEP)
    ids = torch.zeros((1, tokens + padding), dtype=torch.long)
    ids[0, :tokens] = torch.from_numpy(np.fromiter(chain.from_iterable(windows), np.int64, tokens))
    positions = torch.cat([torch.arange(length) for length in lengths])[None]
    ends = torch.tensor([0, *accumulate(lengths)], dtype=torch.int32)
    return Packed(ids, positions, ends), Shape(tokens + padding, len(lengths), longest)


class PackedScorer:
    """As `heads.classifier.Scorer`: windows, and the places of their blocks -> of each the logits there.

    compiles: whether the layers are compiled after some seconds of work, as `Recorded` does it.
    """

    def __init__(self, model: Any, compiles: bool = False) -> None:
        register()
        model.set_attn_implementation(VARLEN)
        self._model = model
        self._recorded = Recorded(model, _COMPILE_AFTER if compiles else math.inf)
        self._turn = Lock()

    def __call__(self, batch: Sequence[Sequence[int]], places: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        row, shape = pack(batch)

        def run(ids: torch.Tensor, positions: torch.Tensor, ends: torch.Tensor) -> torch.Tensor:
            return self._model(  # type: ignore[no-any-return]
                input_ids=ids,
                position_ids=positions,
                cu_seq_lens_q=ends,
                cu_seq_lens_k=ends,
                max_length_q=shape.longest,
                max_length_k=shape.longest,
                use_cache=False,
            ).logits

        with self._turn, torch.inference_mode():
            logits = self._recorded(shape, run, *row)[0].float().cpu().numpy()
        begins = accumulate(map(len, batch), initial=0)
        return [logits[np.asarray(where, np.int64) + begin] for where, begin in zip(places, begins, strict=False)]
