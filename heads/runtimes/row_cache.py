"""A decoder with a fixed number of rows, each with room for a window and its answer: what continuous batching needs.

Windows are read as one packed row, and their keys and values put into free rows. A step reads a token of each row.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from heads.runtimes.packed import pack
from heads.runtimes.recorded import Recorded
from heads.runtimes.varlen import by_sequence

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NAME = "row_cache"
_MOST_ROWS = 64
_MEMORY_SHARE = 0.4  # of a GPU's free memory that rows may take
_CPU_ROWS = 8
_COMPILE_AFTER = 30.0  # seconds of work: what compiling Qwen3-0.6B's layers takes, for windows and for tokens


class RowModel:
    """A causal language model over `rows` rows of `slots` tokens. `compiles` is as in `PackedScorer`.

    What a call returns is valid until the next one: logits of each sequence over the vocabulary, in fp32.
    """

    def __init__(self, model: Any, slots: int, compiles: bool = False) -> None:
        _register()
        model.set_attn_implementation(_NAME)
        config = model.config
        self._model = model
        self._recorded = Recorded(model, _COMPILE_AFTER if compiles else math.inf)
        self.slots = slots
        shape = (config.num_key_value_heads, slots, config.head_dim)
        layers = config.num_hidden_layers
        self.rows = _rows_that_fit(model.device, 2 * layers * int(np.prod(shape)) * model.dtype.itemsize)
        # The last row takes what is written for padding.
        self._keys, self._values = (
            [torch.zeros((self.rows + 1, *shape), dtype=model.dtype, device=model.device) for _ in range(layers)]
            for _ in range(2)
        )
        self._lengths = [0] * self.rows
        is_on_gpu = model.device.type == "cuda"  # where memory that stays in place is copied to faster
        self._host = torch.empty((self.rows, config.vocab_size), pin_memory=True) if is_on_gpu else torch.empty(0)

    @torch.inference_mode()
    def read(self, sequences: Sequence[Sequence[int]], rows: Sequence[int]) -> NDArray[np.float32]:
        """Sequences, each into a row of its own from its beginning -> the logits after each."""
        packed, shape = pack(sequences)
        lengths = packed.ends.diff()
        to_row = torch.full((len(lengths),), self.rows)
        to_row[: len(rows)] = torch.tensor(rows)
        to_row = to_row.repeat_interleave(lengths)
        to_slot = packed.positions[0].clamp(max=self.slots - 1)
        lasts = (packed.ends[1:].long() - 1).clamp(min=0)

        def run(ids: Any, positions: Any, ends: Any, to_row: Any, to_slot: Any, lasts: Any) -> torch.Tensor:
            reading = _Reading(self._keys, self._values, to_row, to_slot, ends, shape.longest)
            return self._logits(ids, positions, reading, lasts)[0]

        for row, sequence in zip(rows, sequences, strict=True):
            self._lengths[row] = len(sequence)
        return self._on_host(self._recorded(shape, run, *packed, to_row, to_slot, lasts)[: len(rows)])

    @torch.inference_mode()
    def step(self, tokens: Sequence[int], rows: Sequence[int]) -> NDArray[np.float32]:
        """A token each for some rows -> the logits after it."""
        ids = torch.zeros((self.rows, 1), dtype=torch.long)
        positions = torch.full((self.rows, 1), self.slots - 1)  # the last slot of a row is never read
        for row, token in zip(rows, tokens, strict=True):
            ids[row, 0], positions[row, 0] = token, self._lengths[row]
            self._lengths[row] += 1

        def run(ids: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
            stepping = _Stepping(self._keys, self._values, positions[:, 0])
            return self._logits(ids, positions, stepping, 0)[:, -1]

        return self._on_host(self._recorded("step", run, ids, positions))[list(rows)]

    def room(self, row: int) -> int:
        """How many tokens more a row takes."""
        return self.slots - 1 - self._lengths[row]

    def _on_host(self, logits: torch.Tensor) -> NDArray[np.float32]:
        if logits.device.type != "cuda":
            return logits.float().numpy()
        host = self._host[: len(logits)]
        host.copy_(logits.float())
        return host.numpy()

    def _logits(self, ids: Any, positions: Any, rows: _Reading | _Stepping, lasts: Any) -> torch.Tensor:
        output = self._model(input_ids=ids, position_ids=positions, rows=rows, use_cache=False, logits_to_keep=lasts)
        return output.logits  # type: ignore[no-any-return]


class _Reading(NamedTuple):
    """What attention does while windows are read: the keys and values of a token go into a slot of a row."""

    keys: list[torch.Tensor]
    values: list[torch.Tensor]
    to_row: torch.Tensor
    to_slot: torch.Tensor
    ends: torch.Tensor
    longest: int

    def attend(self, layer: int, query: Any, key: Any, value: Any, scaling: float) -> torch.Tensor:
        self.keys[layer][self.to_row, :, self.to_slot] = key[0].transpose(0, 1).to(value.dtype)
        self.values[layer][self.to_row, :, self.to_slot] = value[0].transpose(0, 1)
        attended: torch.Tensor = by_sequence()(query, key, value, self.ends, self.longest, True, scaling)
        return attended


class _Stepping(NamedTuple):
    """What attention does while each row reads a token, at its `position`: it sees the slots up to there."""

    keys: list[torch.Tensor]
    values: list[torch.Tensor]
    position: torch.Tensor

    def attend(self, layer: int, query: Any, key: Any, value: Any, scaling: float) -> torch.Tensor:
        rows, slots = len(self.position), self.keys[layer].shape[2]
        every = torch.arange(rows, device=self.position.device)
        self.keys[layer][every, :, self.position] = key[:, :, 0].to(value.dtype)
        self.values[layer][every, :, self.position] = value[:, :, 0]
        keys, values = self.keys[layer][:rows], self.values[layer][:rows]
        groups = query.to(value.dtype).reshape(rows, keys.shape[1], -1, query.shape[-1])
        scores = (groups @ keys.transpose(2, 3)).float() * scaling
        unseen = torch.arange(slots, device=self.position.device) > self.position[:, None]
        shares = scores.masked_fill(unseen[:, None, None], float("-inf")).softmax(-1).to(value.dtype)
        attended: torch.Tensor = shares @ values
        return attended.view(rows, 1, -1, query.shape[-1])


def _rows_that_fit(device: torch.device, row_bytes: int) -> int:
    if device.type != "cuda":
        return _CPU_ROWS
    free, _ = torch.cuda.mem_get_info()
    return max(1, min(_MOST_ROWS, int(free * _MEMORY_SHARE) // row_bytes))


@cache
def _register() -> None:
    """Register this attention with transformers."""
    from transformers import AttentionInterface

    # Not compiled with its layer, because each layer has tensors of its own, and would be compiled for them again.
    @torch.compiler.disable  # type: ignore[untyped-decorator]
    def attend(
        module: Any, query: Any, key: Any, value: Any, mask: Any, *, rows: Any, scaling: float, **_: Any
    ) -> tuple[Any, None]:
        return rows.attend(module.layer_idx, query, key, value, scaling), None

    AttentionInterface.register(_NAME, attend)
