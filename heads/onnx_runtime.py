"""ONNX Runtime under the heads: the default, without torch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime as ort

from indexlm.page import IndexLMError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["load_causal_lm", "load_scorer"]


def _session(path: Path, threads: int, inputs: list[str]) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime has no narrower type for a file that it cannot read
        raise IndexLMError(f"{path} cannot be loaded as an ONNX model: {error}") from None
    found = [given.name for given in session.get_inputs()]
    if found != inputs:
        raise IndexLMError(f"{path} has the inputs {', '.join(inputs)} for its head; found {', '.join(found)}")
    return session


@dataclass(frozen=True, slots=True)
class _Scorer:
    session: ort.InferenceSession

    def __call__(self, batch: Sequence[Sequence[int]], places: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        longest, most = max(map(len, batch)), max(map(len, places))
        ids = np.zeros((len(batch), longest), np.int64)
        mask = np.zeros((len(batch), longest), np.int64)
        at = np.zeros((len(batch), most), np.int64)
        for i, (sequence, read) in enumerate(zip(batch, places, strict=True)):
            ids[i, : len(sequence)] = sequence
            mask[i, : len(sequence)] = 1
            at[i, : len(read)] = read
        logits = self.session.run(None, {"input_ids": ids, "attention_mask": mask, "places": at})[0]
        return [logits[i, : len(read)] for i, read in enumerate(places)]


@dataclass(frozen=True, slots=True)
class _CausalLM:
    session: ort.InferenceSession
    answers: NDArray[np.int64]

    def __call__(self, ids: Sequence[int], cache: Any) -> tuple[NDArray[np.float32], Any]:
        if cache is None:
            layers, _, heads, _, size = self.session.get_inputs()[1].shape
            empty = np.zeros((layers, 1, heads, 0, size), np.float32)
            cache = (empty, empty)
        feed = {"input_ids": np.asarray([ids], np.int64), "keys": cache[0], "values": cache[1]}
        logits, keys, values = self.session.run(None, feed)
        whole = np.full(self.answers[-1] + 1, -np.inf, np.float32)
        whole[self.answers] = logits[0]
        return whole, (keys, values)


def load_scorer(directory: Path, threads: int) -> _Scorer:
    """`directory/model.onnx` -> a classifier's scorer.

    Inputs `input_ids` and `attention_mask` (batch, tokens), and `places` (batch, places), where blocks are read;
    output logits (batch, places, 2).
    """
    return _Scorer(_session(directory / "model.onnx", threads, ["input_ids", "attention_mask", "places"]))


def load_causal_lm(directory: Path, threads: int) -> _CausalLM:
    """`directory/model.onnx` -> a decoder's model.

    Inputs `input_ids` (1, tokens), `keys` and `values` (layers, 1, heads, past, size); outputs the last token's
    logits (1, answers) and the longer keys and values. The metadata's `answers` are the ids, ascending, of the tokens
    that the logits are of; those of all others are minus infinity.
    """
    session = _session(directory / "model.onnx", threads, ["input_ids", "keys", "values"])
    stated = session.get_modelmeta().custom_metadata_map.get("answers")
    if stated is None:
        raise IndexLMError(f"a decoder's model.onnx names its `answers`; {directory / 'model.onnx'} does not")
    return _CausalLM(session, np.array(json.loads(stated), np.int64))
