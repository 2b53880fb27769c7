"""OpenVINO under the classifier head: it computes in bfloat16 where the processor does, which pays on long windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openvino

from heads.runtimes.onnx import padded
from indexlm.page import IndexLMError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class _Scorer:
    model: Any

    def __call__(self, batch: Sequence[Sequence[int]], places: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        logits = self.model(padded(batch, places))[0]
        return [logits[i, : len(read)] for i, read in enumerate(places)]


def load_scorer(directory: Path, threads: int) -> _Scorer:
    """`directory/model.onnx` -> a classifier's scorer. It should be an export in fp32: in 8 bits OpenVINO is slow."""
    options: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
    if threads:
        options["INFERENCE_NUM_THREADS"] = threads
    try:
        return _Scorer(openvino.Core().compile_model(str(directory / "model.onnx"), "CPU", options))
    except Exception as error:  # OpenVINO has no narrower type for a file that it cannot read
        raise IndexLMError(f"{directory / 'model.onnx'} cannot be loaded by OpenVINO: {error}") from None
