"""OpenVINO under the classifier head: it computes in bfloat16 where the processor does, which pays on long windows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openvino

from heads.runtimes.onnx import ExportedScorer
from indexlm.page import IndexLMError


def load_scorer(directory: Path, threads: int) -> ExportedScorer:
    """`directory/model.onnx` -> a classifier's scorer. It should be an export in fp32: in 8 bits OpenVINO is slow."""
    options: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
    if threads:
        options["INFERENCE_NUM_THREADS"] = threads
    try:
        return ExportedScorer(openvino.Core().compile_model(str(directory / "model.onnx"), "CPU", options))
    except Exception as error:  # OpenVINO has no narrower type for a file that it cannot read
        raise IndexLMError(f"{directory / 'model.onnx'} cannot be loaded by OpenVINO: {error}") from None
