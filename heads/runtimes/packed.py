"""A classifier that reads windows as one row, with attention within each: what a GPU does at its full rate.

A GPU would wait for Python, which takes longer to begin a layer's operations than they take. So the operations of each
shape of a row are recorded once, as a CUDA graph, and then begun all at once. Rows are padded to few shapes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, chain
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from heads.runtimes.varlen import VARLEN, compile_layers, register

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEAST_STEP = 256  # tokens; longer rows are padded to a quarter of a power of two
_WINDOW_STEP = 32  # windows
_WARM_UPS = 2  # runs before operations are recorded: libraries and compiled layers are made ready


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


def pack(batch: Sequence[Sequence[int]]) -> tuple[Packed, Shape]:
    """Windows -> their row, with windows of padding behind them, and its shape."""
    lengths = [len(window) for window in batch]
    tokens = sum(lengths)
    step = max(_LEAST_STEP, 1 << max(0, tokens.bit_length() - 3))
    padding = -tokens % step
    longest = max(_LEAST_STEP, 1 << (max(lengths) - 1).bit_length())
    lengths += [min(longest, padding - begin) for begin in range(0, padding, longest)]
    lengths += [0] * (-len(lengths) % _WINDOW_STEP)
    ids = torch.zeros((1, tokens + padding), dtype=torch.long)
    ids[0, :tokens] = torch.from_numpy(np.fromiter(chain.from_iterable(batch), np.int64, tokens))
    positions = torch.cat([torch.arange(length) for length in lengths])[None]
    ends = torch.tensor([0, *accumulate(lengths)], dtype=torch.int32)
    return Packed(ids, positions, ends), Shape(tokens + padding, len(lengths), longest)


class PackedScorer:
    """As `heads.classifier.Scorer`: windows, and the places of their blocks -> of each the logits there.

    compiled: the layers are compiled for rows of any length, which takes a while at the first of them.
    """

    def __init__(self, model: Any, compiled: bool = False) -> None:
        register()
        model.set_attn_implementation(VARLEN)
        if compiled:
            compile_layers(model, dynamic=True)
        self._model = model
        self._recorded: dict[Shape, tuple[Any, Packed, torch.Tensor]] = {}  # graphs, and where they read and write
        self._pool: Any = None
        self._turn = Lock()  # all graphs share their memory

    def __call__(self, batch: Sequence[Sequence[int]], places: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        row, shape = pack(batch)
        with self._turn, torch.inference_mode():
            logits = (self._replay if self._model.device.type == "cuda" else self._run)(row, shape)
            found = logits[0].float().cpu().numpy()
        begins = accumulate(map(len, batch), initial=0)
        return [found[np.asarray(where, np.int64) + begin] for where, begin in zip(places, begins, strict=False)]

    def _run(self, row: Packed, shape: Shape) -> torch.Tensor:
        return self._model(  # type: ignore[no-any-return]
            input_ids=row.ids,
            position_ids=row.positions,
            cu_seq_lens_q=row.ends,
            cu_seq_lens_k=row.ends,
            max_length_q=shape.longest,
            max_length_k=shape.longest,
            use_cache=False,
        ).logits

    def _replay(self, row: Packed, shape: Shape) -> torch.Tensor:
        if shape not in self._recorded:
            self._recorded[shape] = self._record(row, shape)
        graph, held, logits = self._recorded[shape]
        for into, part in zip(held, row, strict=True):
            into.copy_(part)
        graph.replay()
        return logits

    def _record(self, row: Packed, shape: Shape) -> tuple[Any, Packed, torch.Tensor]:
        held = Packed(*(part.to(self._model.device) for part in row))
        aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(_WARM_UPS):
                self._run(held, shape)
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool):
            logits = self._run(held, shape)
        self._pool = self._pool or graph.pool()
        return graph, held, logits
