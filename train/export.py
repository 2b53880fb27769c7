"""A trained checkpoint to an ONNX model that runs without torch."""

from __future__ import annotations

import json
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any, Literal

from heads.settings import Settings
from indexlm.page import IndexLMError

__all__ = ["PRECISIONS", "export"]

Precision = Literal["fp32", "int8"]
PRECISIONS: tuple[Precision, ...] = ("fp32", "int8")

_OPSET = 18
_MOST_TOKENS = 32768
_KEPT = ("tokenizer.json", "tokenizer_config.json", "trees.onnx", "README.md")


def export(checkpoint: Path, out: Path, precision: Precision = "int8") -> None:
    """A checkpoint of either head -> `out` with `model.onnx`, `config.json` and `tokenizer.json`.

    `int8` quantizes the weights of all matrix products (per channel) and the embedding; activations are
    quantized as they come (dynamically).
    """
    import torch

    if precision not in PRECISIONS:
        raise IndexLMError(f"a precision is {' or '.join(PRECISIONS)}; found {precision!r}")
    settings = Settings.read_from(checkpoint)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # of the exporter's own workings
        graph = Path(scratch) / "model.onnx"
        program, stated = _classifier(checkpoint) if settings.head == "classifier" else _decoder(checkpoint)
        program.save(str(graph))
        if precision == "int8":
            _quantize(graph, out / "model.onnx")
        else:
            shutil.copytree(scratch, out, dirs_exist_ok=True)  # with the data file that a large model has beside it
    _state(out / "model.onnx", stated)
    config = json.loads((checkpoint / "config.json").read_text("utf-8"))
    config["indexlm"] = settings.to_dict()
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    for name in _KEPT:
        if (checkpoint / name).exists() and checkpoint.resolve() != out.resolve():
            shutil.copy(checkpoint / name, out / name)


def _classifier(checkpoint: Path) -> tuple[Any, dict[str, str]]:
    import torch
    from transformers import AutoModelForTokenClassification

    from train.lean import LeanClassifier

    model = AutoModelForTokenClassification.from_pretrained(checkpoint, dtype=torch.float32).eval()
    batch, tokens = torch.export.Dim("batch", min=1, max=1024), torch.export.Dim("tokens", min=2, max=_MOST_TOKENS)
    places = torch.export.Dim("places", min=1, max=_MOST_TOKENS)
    # Two tensors, not one twice, or the exporter takes them for one input; with padding, or it drops the mask.
    ids, mask = torch.ones((2, 16), dtype=torch.long), torch.ones((2, 16), dtype=torch.long)
    mask[1, 8:] = 0
    program = torch.onnx.export(
        LeanClassifier(model).eval(),
        (ids, mask, torch.tensor([[1, 2, 5], [0, 3, 7]])),
        dynamo=True,
        verbose=False,
        opset_version=_OPSET,
        input_names=["input_ids", "attention_mask", "places"],
        output_names=["logits"],
        dynamic_shapes=({0: batch, 1: tokens}, {0: batch, 1: tokens}, {0: batch, 1: places}),
    )
    return program, {}


def _decoder(checkpoint: Path) -> tuple[Any, dict[str, str]]:
    import torch
    from tokenizers import Tokenizer
    from transformers import AutoModelForCausalLM

    from heads.grammar import Grammar
    from train.lean import LeanDecoder

    answers = sorted(Grammar(Tokenizer.from_file(str(checkpoint / "tokenizer.json"))).text)
    model = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32).eval()
    config = model.config
    past, tokens = (
        torch.export.Dim("past", min=0, max=_MOST_TOKENS),
        torch.export.Dim("tokens", min=1, max=_MOST_TOKENS),
    )
    cache = torch.zeros((config.num_hidden_layers, 1, config.num_key_value_heads, 8, config.head_dim))
    program = torch.onnx.export(
        LeanDecoder(model, answers).eval(),
        (torch.ones((1, 16), dtype=torch.long), cache, cache.clone()),
        dynamo=True,
        verbose=False,
        opset_version=_OPSET,
        input_names=["input_ids", "keys", "values"],
        output_names=["logits", "new_keys", "new_values"],
        dynamic_shapes=({1: tokens}, {3: past}, {3: past}),
    )
    return program, {"answers": json.dumps(answers)}


def _quantize(graph: Path, out: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        graph,
        out,
        op_types_to_quantize=["MatMul", "Gemm", "Gather"],
        per_channel=True,
        weight_type=QuantType.QInt8,
        use_external_data_format=graph.with_name("model.onnx.data").exists(),
    )


def _state(path: Path, stated: dict[str, str]) -> None:
    """Put in what a runtime needs to know, and take out what the exporter notes of its own run: stack traces, paths."""
    import onnx

    model = onnx.load(path, load_external_data=False)
    model.ClearField("metadata_props")
    for part in (model.graph, *model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    for initializer in model.graph.initializer:
        initializer.ClearField("metadata_props")
        initializer.ClearField("doc_string")
    for function in model.functions:
        function.ClearField("metadata_props")
        for node in function.node:
            node.ClearField("metadata_props")
            node.ClearField("doc_string")
    onnx.helper.set_model_props(model, stated)
    onnx.save(model, path)
