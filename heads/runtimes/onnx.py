"""ONNX Runtime under the heads: the default, without torch."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import onnxruntime as ort

from indexlm.page import IndexLMError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROOM = 64  # tokens of an answer, before a cache has to grow


def open_session(path: Path, threads: int) -> ort.InferenceSession:
    """An ONNX file -> its session on the CPU. Raises `IndexLMError` for a file that cannot be loaded."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads or _threads_of_environment()
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime has no narrower type for a file that it cannot read
        raise IndexLMError(f"{path} cannot be loaded as an ONNX model: {error}") from None


def _threads_of_environment() -> int:
    """The number that OMP_NUM_THREADS asks for, as torch takes it; 0, for every core, without one."""
    asked = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    return int(asked) if re.fullmatch("[0-9]{1,3}", asked) else 0


def _open_model(path: Path, threads: int, inputs: list[str]) -> ort.InferenceSession:
    session = open_session(path, threads)
    names = [node.name for node in session.get_inputs() if not node.name.startswith(("keys.", "values."))]
    if names != inputs:
        raise IndexLMError(f"{path} has the inputs {', '.join(inputs)} for its head; found {', '.join(names)}")
    return session


@dataclass(frozen=True, slots=True)
class ExportedScorer:
    """A scorer over an exported classifier: `run` maps its inputs to its outputs."""

    run: Callable[[dict[str, NDArray[np.int64]]], Any]

    def __call__(self, batch: Sequence[Sequence[int]], places: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        logits = self.run(_padded(batch, places))[0]
        return [logits[i, : len(row_places)] for i, row_places in enumerate(places)]


def _padded(batch: Sequence[Sequence[int]], places: Sequence[Sequence[int]]) -> dict[str, NDArray[np.int64]]:
    """Sequences of ids and of places -> the inputs of an exported classifier."""
    longest, most = max(map(len, batch)), max(map(len, places))
    ids = np.zeros((len(batch), longest), np.int64)
    mask = np.zeros((len(batch), longest), np.int64)
    at = np.zeros((len(batch), most), np.int64)
    for i, (sequence, row_places) in enumerate(zip(batch, places, strict=True)):
        ids[i, : len(sequence)] = sequence
        mask[i, : len(sequence)] = 1
        at[i, : len(row_places)] = row_places
    return {"input_ids": ids, "attention_mask": mask, "places": at}


class _Store(NamedTuple):
    """Keys and values by layer, (rows, heads, capacity, size), in buffers that `binding` has as inputs and outputs."""

    rows: int
    capacity: int
    buffers: list[NDArray[np.float32]]
    binding: Any


class _Cache(NamedTuple):
    """The keys and values of `length` tokens: a row of a store."""

    length: int
    row: int
    store: _Store


@dataclass(frozen=True, slots=True)
class _CausalLM:
    session: ort.InferenceSession
    answers: NDArray[np.int64]

    def __call__(self, ids: Sequence[int], cache: _Cache | None) -> tuple[NDArray[np.float32], _Cache]:
        length = (cache.length if cache else 0) + len(ids)
        if cache is None or cache.store.capacity < length:
            cache = self._copied([cache], length)[0]
        store = cache.store
        if store.rows > 1:
            store = self._bind([buffer[cache.row : cache.row + 1] for buffer in store.buffers])
        logits = self._run(store, [ids], [cache.length])[0]
        return logits, cache._replace(length=length)

    def read(
        self, sequences: Sequence[Sequence[int]], caches: Sequence[_Cache | None]
    ) -> list[tuple[NDArray[np.float32], _Cache]]:
        """Sequences behind copies of caches -> of each what a call returns. `together` continues them in place."""
        begun = [cache.length if cache else 0 for cache in caches]
        rows = self._copied(caches, max(map(add, begun, map(len, sequences))))
        return [self(ids, row) for ids, row in zip(sequences, rows, strict=True)]

    def together(self, tokens: Sequence[int], caches: Sequence[_Cache]) -> list[tuple[NDArray[np.float32], _Cache]]:
        """Caches, each continued by a token; others of their store are given up."""
        if self.session.get_inputs()[0].shape[0] == 1:  # exported before 0.5
            return [self([token], cache) for token, cache in zip(tokens, caches, strict=True)]
        store, longest = caches[0].store, max(cache.length for cache in caches) + 1
        if any(cache.store is not store for cache in caches) or store.capacity < longest:
            caches = self._copied(caches, longest)
            store = caches[0].store
        ids = np.zeros((store.rows, 1), np.int64)
        past = np.zeros(store.rows, np.int64)
        rows = [cache.row for cache in caches]
        ids[rows, 0], past[rows] = tokens, [cache.length for cache in caches]
        logits = self._run(store, ids, past)
        return [(logits[cache.row], cache._replace(length=cache.length + 1)) for cache in caches]

    def _run(self, store: _Store, ids: Any, past: Any) -> NDArray[np.float32]:
        """Ids (rows, tokens) after `past` tokens (rows,) of a store -> logits (rows, vocabulary) after the last."""
        store.binding.bind_cpu_input("input_ids", np.asarray(ids, np.int64))
        store.binding.bind_cpu_input("past", np.asarray(past, np.int64))
        self.session.run_with_iobinding(store.binding)
        whole = np.full((store.rows, self.answers[-1] + 1), -np.inf, np.float32)
        whole[:, self.answers] = store.binding.get_outputs()[0].numpy()
        return whole

    def _copied(self, caches: Sequence[_Cache | None], least: int) -> list[_Cache]:
        """Caches -> the same as rows of a new store, each with room for an answer after `least` tokens."""
        cache_inputs = self.session.get_inputs()[2:]
        _, heads, _, size = cache_inputs[0].shape
        capacity = least + max(_ROOM, least // 4)
        buffers = [np.zeros((len(caches), heads, capacity, size), np.float32) for _ in cache_inputs]
        for i, buffer in enumerate(buffers):
            for row, cache in enumerate(caches):
                if cache is not None:
                    buffer[row, :, : cache.length] = cache.store.buffers[i][cache.row, :, : cache.length]
        store = self._bind(buffers)
        return [_Cache(cache.length if cache else 0, row, store) for row, cache in enumerate(caches)]

    def _bind(self, buffers: list[NDArray[np.float32]]) -> _Store:
        binding = self.session.io_binding()
        binding.bind_output("logits")
        for node, buffer in zip(self.session.get_inputs()[2:], buffers, strict=True):
            value = ort.OrtValue.ortvalue_from_numpy(buffer)  # without a copy
            binding.bind_ortvalue_input(node.name, value)
            binding.bind_ortvalue_output(f"new_{node.name}", value)
        rows, _, capacity, _ = buffers[0].shape
        return _Store(rows, capacity, buffers, binding)


def load_scorer(directory: Path, threads: int) -> ExportedScorer:
    """`directory/model.onnx` -> a classifier's scorer.

    Inputs `input_ids` and `attention_mask` (batch, tokens), and `places` (batch, places), where blocks are read;
    output logits (batch, places, 2).
    """
    session = _open_model(directory / "model.onnx", threads, ["input_ids", "attention_mask", "places"])
    return ExportedScorer(partial(session.run, None))


def load_causal_lm(directory: Path, threads: int) -> _CausalLM:
    """`directory/model.onnx` -> a decoder's model.

    Inputs `input_ids` (rows, tokens), `past` (rows,), how many tokens the caches hold, and by layer the caches
    `keys.0`, `values.0`, … (rows, heads, capacity, size), which are written in place: one that was continued can be
    continued again from where it stood. Outputs the last token's logits (rows, answers) and the caches. The metadata's
    `answers` are the ids, ascending, of the tokens that the logits are of; those of all others are minus infinity.
    """
    session = _open_model(directory / "model.onnx", threads, ["input_ids", "past"])
    answers = session.get_modelmeta().custom_metadata_map.get("answers")
    if answers is None:
        raise IndexLMError(f"a decoder's model.onnx names its `answers`; {directory / 'model.onnx'} does not")
    return _CausalLM(session, np.array(json.loads(answers), np.int64))
