"""A checkpoint of either head -> an ONNX model that runs without torch."""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from heads.settings import Settings
from indexlm.models import check_weights
from indexlm.page import IndexLMError
from train.errors import explained

Precision = Literal["fp32", "int8", "int4"]
PRECISIONS: tuple[Precision, ...] = ("fp32", "int8", "int4")

_TRACING: dict[str, Any] = {"dynamo": True, "verbose": False, "opset_version": 23}
_MAX_TOKENS = 32768
_MAX_INLINE = 2_000_000_000  # bytes; a protobuf file holds at most 2 GiB
_INT4_BLOCK = 32
_MODEL, _DATA = "model.onnx", "model.onnx.data"
_TOKENIZER = "tokenizer.json"
_COPIED = ("tokenizer_config.json", "trees.onnx", "answers.onnx", "README.md")


def export(checkpoint: Path, out: Path, precision: Precision = "int8", max_inline: int = _MAX_INLINE) -> None:
    """A checkpoint of either head -> `out` with `model.onnx`, `config.json`, `tokenizer.json` and copies of the rest.

    `int8` quantizes the weights of all matrix products by column, and activations dynamically. `int4` quantizes weights
    alone, in blocks of 32, but not those of the logits. Both store the embedding in 8 bits by row. Weights of more than
    `max_inline` bytes are stored beside the model, in `model.onnx.data`. Raises `IndexLMError` for another precision,
    and where the checkpoint cannot be read.
    """
    import torch

    if precision not in PRECISIONS:
        raise IndexLMError(f"a precision is {', '.join(PRECISIONS)}; found {precision!r}")
    settings = Settings.read_from(checkpoint)
    if not (checkpoint / _TOKENIZER).is_file():
        raise IndexLMError(f"a model directory holds a {_TOKENIZER}; {checkpoint} has none")
    with explained(f"{checkpoint / _TOKENIZER} cannot be read as a tokenizer", (ValueError,)):
        tokenizer = json.loads((checkpoint / _TOKENIZER).read_text("utf-8"))
    out.parent.mkdir(parents=True, exist_ok=True)
    # Beside `out`, where there is room: the system's temporary folder may be in memory.
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".export-") as scratch, _quiet(), torch.no_grad():
        folder, graph = Path(scratch) / "exported", Path(scratch) / _MODEL
        folder.mkdir()
        trace = _classifier if settings.head == "classifier" else _decoder
        program, metadata = trace(checkpoint, precision != "fp32")
        program.save(str(folder / _MODEL if precision == "fp32" else graph), external_data=True)
        del program  # and its weights, before the quantizer reads them from the file
        if precision == "int8":
            _to_int8(graph, folder / _MODEL)
        elif precision == "int4":
            _to_int4(graph, folder / _MODEL)
        _finish(folder, metadata, max_inline)
        config = json.loads((checkpoint / "config.json").read_text("utf-8"))
        config["indexlm"] = settings.to_dict()
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")
        # Without indentation it is less than half as large.
        dense = json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))
        (folder / _TOKENIZER).write_text(dense + "\n", "utf-8")
        for name in _COPIED:
            if (checkpoint / name).exists():
                shutil.copyfile(checkpoint / name, folder / name)
        place(folder, out)


def place(exported: Path, out: Path) -> None:
    """Move the files of an exported model to `out`, over those of an earlier one; other files there stay."""
    out.mkdir(parents=True, exist_ok=True)
    names = {path.name for path in exported.iterdir()}
    for name in sorted(names, key=_MODEL.__eq__):  # the model last, when the files that it needs are there
        shutil.move(exported / name, out / name)
    if _DATA not in names:
        (out / _DATA).unlink(missing_ok=True)
    exported.rmdir()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence the logs and warnings of the exporter and the quantizers."""
    root, handler = logging.getLogger(), logging.NullHandler()
    root.addHandler(handler)  # without one, importing a quantizer sets up logging for the whole process
    disabled = root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
        root.removeHandler(handler)


def _load(family: Any, checkpoint: Path) -> Any:
    import torch

    check_weights(checkpoint)
    with explained(f"{checkpoint} cannot be loaded as a checkpoint", (OSError, ValueError)):
        return family.from_pretrained(checkpoint, dtype=torch.float32).eval()


def _classifier(checkpoint: Path, small_embedding: bool) -> tuple[Any, dict[str, str]]:
    """A classifier's checkpoint -> its exported program, and the metadata of the file."""
    import torch
    from transformers import AutoModelForTokenClassification

    from train.export.modules import ExportClassifier

    model = ExportClassifier(_load(AutoModelForTokenClassification, checkpoint), small_embedding).eval()
    batch, tokens = torch.export.Dim("batch", min=1, max=1024), torch.export.Dim("tokens", min=2, max=_MAX_TOKENS)
    places = torch.export.Dim("places", min=1, max=_MAX_TOKENS)
    # Two tensors, because the exporter merges equal inputs; with padding, because it drops a mask without any.
    ids, mask = torch.ones((2, 16), dtype=torch.long), torch.ones((2, 16), dtype=torch.long)
    mask[1, 8:] = 0
    program = torch.onnx.export(
        model,
        (ids, mask, torch.tensor([[1, 2, 5], [0, 3, 7]])),
        **_TRACING,
        input_names=["input_ids", "attention_mask", "places"],
        output_names=["logits"],
        dynamic_shapes=({0: batch, 1: tokens}, {0: batch, 1: tokens}, {0: batch, 1: places}),
    )
    return program, {}


def _decoder(checkpoint: Path, small_embedding: bool) -> tuple[Any, dict[str, str]]:
    """A decoder's checkpoint -> its exported program, and the metadata of the file: the tokens that have logits."""
    import torch
    from tokenizers import Tokenizer
    from transformers import AutoModelForCausalLM

    from heads.grammar import Grammar
    from train.export.modules import ExportDecoder

    answers = sorted(Grammar(Tokenizer.from_file(str(checkpoint / _TOKENIZER))).text)
    loaded = _load(AutoModelForCausalLM, checkpoint)
    config = loaded.config
    model = ExportDecoder(loaded, answers, small_embedding).eval()
    del loaded
    batch = torch.export.Dim("batch", min=1, max=1024)
    tokens, capacity = (torch.export.Dim(name, min=1, max=_MAX_TOKENS) for name in ("tokens", "capacity"))
    names = [f"{kind}.{i}" for i in range(config.num_hidden_layers) for kind in ("keys", "values")]
    caches = [torch.zeros((2, config.num_key_value_heads, 32, config.head_dim)) for _ in names]
    program = torch.onnx.export(
        model,
        (torch.ones((2, 16), dtype=torch.long), torch.tensor([8, 4]), *caches),
        **_TRACING,
        input_names=["input_ids", "past", *names],
        output_names=["logits", *(f"new_{name}" for name in names)],
        dynamic_shapes=({0: batch, 1: tokens}, {0: batch}, tuple({0: batch, 2: capacity} for _ in names)),
    )
    return program, {"answers": json.dumps(answers)}


def _to_int8(graph: Path, out: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        graph,
        out,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        weight_type=QuantType.QInt8,
        # Weights in 7 of the 8 bits: without VNNI a processor adds two products in 16 bits, and larger ones overflow.
        reduce_range=True,
        use_external_data_format=True,
    )


def _to_int4(graph: Path, out: Path) -> None:
    import onnx
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    model = onnx.load(graph)
    # The product that gives the logits is cheap, and in 4 bits it causes half of all drift.
    last = [node.name for node in model.graph.node if node.op_type == "MatMul"][-1]
    # Level 4: activations are rounded to 8 bits for the product, for which processors have instructions.
    quantizer = MatMulNBitsQuantizer(model, block_size=_INT4_BLOCK, accuracy_level=4, nodes_to_exclude=[last])
    del model
    quantizer.process()
    quantizer.model.save_model_to_file(out, True)


def _finish(folder: Path, metadata: dict[str, str], max_inline: int) -> None:
    """Write the metadata that a runtime reads, and delete the exporter's own: stack traces and paths."""
    import onnx

    model = onnx.load(folder / _MODEL, load_external_data=False)
    graph, functions = model.graph, model.functions
    values = [*graph.value_info, *graph.input, *graph.output, *graph.initializer]
    for part in (model, graph, *values, *graph.node, *functions, *(node for f in functions for node in f.node)):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    onnx.helper.set_model_props(model, metadata)
    data = folder / _DATA
    if data.exists() and data.stat().st_size <= max_inline:
        onnx.load_external_data_for_model(model, str(folder))
        data.unlink()
    onnx.save(model, folder / _MODEL)
