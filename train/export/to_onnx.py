"""A checkpoint of either head to an ONNX model that runs without torch, and how far the two are from each other.

`export` writes the model, `compare` measures it against the checkpoint on pages, `place` moves it to where it belongs.
"""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from eval.synthetic import synthetic_page
from heads.settings import NEVER, Settings
from indexlm.page import IndexLMError, Page

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from heads import ClassifierHead, DecoderHead, Runtime

__all__ = ["MOST_DRIFT", "PRECISIONS", "Parity", "Precision", "compare", "export", "place", "sample"]

Precision = Literal["fp32", "int8", "int4"]
PRECISIONS: tuple[Precision, ...] = ("fp32", "int8", "int4")

MOST_DRIFT: dict[Precision, float] = {"fp32": 0.001, "int8": 0.25, "int4": 0.5}
"""The greatest mean difference of logits from the checkpoint's that is taken for rounding, by precision."""

_MADE = 8  # pages of a sample where none are given
_OPSET = 23
_MOST_TOKENS = 32768
_MOST_INLINE = 2_000_000_000  # protobuf holds no more than 2 GiB in a file
_INT4_BLOCK = 32
_MODEL, _DATA = "model.onnx", "model.onnx.data"
_TOKENIZER = "tokenizer.json"
_KEPT = ("tokenizer_config.json", "trees.onnx", "README.md")


def export(checkpoint: Path, out: Path, precision: Precision = "int8", most_inline: int = _MOST_INLINE) -> None:
    """A checkpoint of either head -> `out` with `model.onnx`, `config.json`, `tokenizer.json` and what else is kept.

    `int8` quantizes the weights of all matrix products by column, and activations as they come (dynamically); `int4`
    quantizes weights alone, in blocks of 32, but not those of the logits. Both keep the embedding in 8 bits by row.
    Weights of more than `most_inline` bytes lie beside the model, in `model.onnx.data`.
    """
    import torch

    if precision not in PRECISIONS:
        raise IndexLMError(f"a precision is {', '.join(PRECISIONS)}; found {precision!r}")
    settings = Settings.read_from(checkpoint)
    if not (checkpoint / _TOKENIZER).is_file():
        raise IndexLMError(f"a model directory holds a {_TOKENIZER}; {checkpoint} has none")
    try:
        tokenizer = json.loads((checkpoint / _TOKENIZER).read_text("utf-8"))
    except ValueError as error:
        raise IndexLMError(f"{checkpoint / _TOKENIZER} cannot be read as a tokenizer: {error}") from None
    out.parent.mkdir(parents=True, exist_ok=True)
    # Beside `out`, where there is room for it: a temporary folder of the system may lie in memory.
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".export-") as scratch, _quiet(), torch.no_grad():
        made, graph = Path(scratch) / "made", Path(scratch) / _MODEL
        made.mkdir()
        trace = _classifier if settings.head == "classifier" else _decoder
        program, stated = trace(checkpoint, precision != "fp32")
        program.save(str(made / _MODEL if precision == "fp32" else graph), external_data=True)
        del program  # and with it the weights, before the quantizer reads its own
        if precision == "int8":
            _to_int8(graph, made / _MODEL)
        elif precision == "int4":
            _to_int4(graph, made / _MODEL)
        _finish(made, stated, most_inline)
        config = json.loads((checkpoint / "config.json").read_text("utf-8"))
        config["indexlm"] = settings.to_dict()
        (made / "config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")
        # Without the indentation that libraries write, it is less than half as large.
        dense = json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))
        (made / _TOKENIZER).write_text(dense + "\n", "utf-8")
        for name in _KEPT:
            if (checkpoint / name).exists():
                shutil.copyfile(checkpoint / name, made / name)
        place(made, out)


def place(made: Path, out: Path) -> None:
    """Move the files of an exported model to `out`, over those of an earlier one; other files there stay."""
    out.mkdir(parents=True, exist_ok=True)
    names = {path.name for path in made.iterdir()}
    for name in sorted(names, key=_MODEL.__eq__):  # the model last: what it needs is there
        shutil.move(made / name, out / name)
    if _DATA not in names:
        (out / _DATA).unlink(missing_ok=True)
    made.rmdir()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep from standard error what the exporter and the quantizers note of their own workings."""
    root, handler = logging.getLogger(), logging.NullHandler()
    root.addHandler(handler)  # or importing a quantizer sets up logging for the whole process
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

    try:
        return family.from_pretrained(checkpoint, dtype=torch.float32).eval()
    except (OSError, ValueError) as error:
        first_line = str(error).strip().partition("\n")[0]
        raise IndexLMError(f"{checkpoint} cannot be loaded as a checkpoint: {first_line}") from None


def _classifier(checkpoint: Path, small_embedding: bool) -> tuple[Any, dict[str, str]]:
    import torch
    from transformers import AutoModelForTokenClassification

    from train.export.modules import ExportClassifier

    model = ExportClassifier(_load(AutoModelForTokenClassification, checkpoint), small_embedding).eval()
    batch, tokens = torch.export.Dim("batch", min=1, max=1024), torch.export.Dim("tokens", min=2, max=_MOST_TOKENS)
    places = torch.export.Dim("places", min=1, max=_MOST_TOKENS)
    # Two tensors, not one twice, or the exporter takes them for one input; with padding, or it drops the mask.
    ids, mask = torch.ones((2, 16), dtype=torch.long), torch.ones((2, 16), dtype=torch.long)
    mask[1, 8:] = 0
    program = torch.onnx.export(
        model,
        (ids, mask, torch.tensor([[1, 2, 5], [0, 3, 7]])),
        dynamo=True,
        verbose=False,
        opset_version=_OPSET,
        input_names=["input_ids", "attention_mask", "places"],
        output_names=["logits"],
        dynamic_shapes=({0: batch, 1: tokens}, {0: batch, 1: tokens}, {0: batch, 1: places}),
    )
    return program, {}


def _decoder(checkpoint: Path, small_embedding: bool) -> tuple[Any, dict[str, str]]:
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
    tokens, capacity = (torch.export.Dim(name, min=1, max=_MOST_TOKENS) for name in ("tokens", "capacity"))
    names = [f"{kind}.{i}" for i in range(config.num_hidden_layers) for kind in ("keys", "values")]
    caches = [torch.zeros((2, config.num_key_value_heads, 32, config.head_dim)) for _ in names]
    program = torch.onnx.export(
        model,
        (torch.ones((2, 16), dtype=torch.long), torch.tensor([8, 4]), *caches),
        dynamo=True,
        verbose=False,
        opset_version=_OPSET,
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
        # Weights in 7 of the 8 bits: without VNNI a processor adds two products in 16 bits, which larger ones overflow.
        reduce_range=True,
        use_external_data_format=True,
    )


def _to_int4(graph: Path, out: Path) -> None:
    import onnx
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    model = onnx.load(graph)
    # The product that gives the logits is little to compute, and in 4 bits half of the whole drift.
    last = [node.name for node in model.graph.node if node.op_type == "MatMul"][-1]
    # Level 4: activations are rounded to 8 bits for the product, which is what processors have instructions for.
    quantizer = MatMulNBitsQuantizer(model, block_size=_INT4_BLOCK, accuracy_level=4, nodes_to_exclude=[last])
    del model
    quantizer.process()
    quantizer.model.save_model_to_file(out, True)


def _finish(folder: Path, stated: dict[str, str], most_inline: int) -> None:
    """Put in what a runtime needs to know, and take out what the exporter notes of its own run: stack traces, paths."""
    import onnx

    model = onnx.load(folder / _MODEL, load_external_data=False)
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
    data = folder / _DATA
    if data.exists() and data.stat().st_size <= most_inline:
        onnx.load_external_data_for_model(model, str(folder))
        data.unlink()
    onnx.save(model, folder / _MODEL)


class Parity(NamedTuple):
    """An exported model against its checkpoint, on the same pages.

    Logits are compared where heads read them: at each block's place, or those of the tokens that an answer is made of
    at each step of the checkpoint's answer. `mean` and `largest` are absolute differences over `logits` values.
    `identical` of the `pages` have the same indices from both.
    """

    pages: int
    identical: int
    logits: int
    mean: float
    largest: float


def compare(
    checkpoint: Path, exported: Path, pages: Sequence[Page], threads: int = 0, runtime: Runtime = "onnx"
) -> Parity:
    """The checkpoint in torch (fp32) and the exported model, each under its head, over pages.

    Both read every page, also those that their trees would decide alone.
    """
    import numpy as np

    from heads import open_head

    calls: list[_Call] = []
    head = open_head(checkpoint, "torch", threads)
    head.settings = settings = replace(head.settings, enough=NEVER, unread=0.0)
    expected = [prediction.indices for prediction in _watched(head, calls)(pages)]
    del head  # two large models are not held at once
    head = open_head(exported, runtime, threads)
    head.settings = settings
    found = [prediction.indices for prediction in head(pages)]
    differences = [
        np.abs(call.logits - logits).ravel() for call, logits in zip(calls, _replayed(head, calls), strict=True)
    ]
    every = np.concatenate(differences)
    same = sum(a == b for a, b in zip(expected, found, strict=True))
    # A difference that is no number is the greatest of all.
    mean, largest = (float(np.nan_to_num(x, nan=np.inf)) for x in (every.mean(), every.max()))
    return Parity(len(pages), same, len(every), mean, largest)


class _Call(NamedTuple):
    """What a head's model was given, and the logits that it answered with where these are read.

    A decoder is given tokens, and the cache of an earlier call (its place; -1 for none).
    """

    given: Any
    logits: NDArray[np.float32]


def _watched(head: ClassifierHead | DecoderHead, calls: list[_Call]) -> Callable[[Sequence[Page]], list[Any]]:
    """A head in torch, set to fp32, that appends its model's calls to `calls`."""
    import numpy as np

    from heads import ClassifierHead

    if isinstance(head, ClassifierHead):
        scorer: Any = head.scorer
        scorer.model.float()

        def score(batch: Any, places: Any) -> Any:
            logits = scorer(batch, places)
            calls.append(_Call((batch, places), np.concatenate(logits)))
            return logits

        head.scorer = score
        return head
    model: Any = head.model
    model.model.float()
    answers = sorted(head.grammar.text)

    def advance(ids: Any, continued: tuple[Any, int] | None) -> Any:
        cache, before = continued or (None, -1)
        logits, cache = model(ids, cache)
        calls.append(_Call((list(ids), before), logits[answers]))
        return logits, (cache, len(calls) - 1)

    head.model = advance
    return head


def _replayed(head: ClassifierHead | DecoderHead, calls: Sequence[_Call]) -> Iterator[NDArray[np.float32]]:
    """The logits of a head's model for the same calls, in their order."""
    import numpy as np

    from heads import ClassifierHead

    if isinstance(head, ClassifierHead):
        for call in calls:
            yield np.concatenate(head.scorer(*call.given))
        return
    answers = sorted(head.grammar.text)
    # A cache is large: beside the last one, only those are held that other calls than the next continue.
    again = {call.given[1] for i, call in enumerate(calls) if call.given[1] != i - 1}
    held: dict[int, Any] = {-1: None}
    cache = None
    for i, call in enumerate(calls):
        ids, before = call.given
        logits, cache = head.model(ids, held.get(before, cache))
        if i in again:
            held[i] = cache
        yield logits[answers]


def sample(paths: Sequence[str], tasks: Sequence[str]) -> list[Page]:
    """Files, folders or addresses -> their pages, or without any pages of our own making, asked for each of the tasks.

    Where a query is wanted, a page is asked for its title's words.
    """
    from indexlm.html.read import read_page
    from indexlm.sources import expand, load

    sources: list[tuple[bytes | str, str]]
    if paths:
        sources = [(source.html, source.url) for source in map(load, expand(paths))]
    else:
        sources = [(page.html, page.url) for page in (synthetic_page(seed, 2 + 2 * seed) for seed in range(_MADE))]
    pages = []
    for html, url in sources:
        page = read_page(html, url=url)
        if "me" in tasks:
            pages.append(page)
        if "qe" in tasks:
            pages.append(read_page(html, url=url, query=page.title or "What is this page about?"))
    if not any(page.blocks for page in pages):
        raise IndexLMError(f"a sample has a page with at least one block; {', '.join(paths)} has none")
    return pages
