"""The two predictors, and the one function that opens either of them from a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from heads.classifier import ClassifierHead
from heads.decoder import DecoderHead
from heads.settings import HEADS, Settings
from indexlm.page import IndexLMError

__all__ = [
    "HEADS",
    "RUNTIMES",
    "ClassifierHead",
    "DecoderHead",
    "Runtime",
    "Settings",
    "check_openvino",
    "open_head",
    "shipped",
]

Runtime = Literal["onnx", "openvino", "torch"]
RUNTIMES: tuple[Runtime, ...] = ("onnx", "openvino", "torch")


def shipped(head: str) -> Path:
    """The directory of the model that comes with the package for `head`."""
    if head not in HEADS:
        raise IndexLMError(f"a head is {' or '.join(HEADS)}; found {head!r}")
    import indexlm

    package = Path(indexlm.__file__).parent
    installed = package / "models" / head
    return installed if installed.is_dir() else package.parent / "models" / head


def open_head(model: str | Path, runtime: Runtime | None = None, threads: int = 0) -> ClassifierHead | DecoderHead:
    """A checkpoint directory or Hugging Face id -> its head, ready to be called with pages.

    The runtime is ONNX where the checkpoint holds a `model.onnx`, else torch; `threads` 0 leaves the
    count to the runtime. Raises `IndexLMError` for a directory that is no checkpoint.
    """
    if runtime is not None and runtime not in RUNTIMES:
        raise IndexLMError(f"a runtime is {', '.join(RUNTIMES)}; found {runtime!r}")
    directory = Path(model)
    if not directory.is_dir():
        directory = _download(str(model))
    settings = Settings.read_from(directory)
    if not (directory / "tokenizer.json").is_file():
        raise IndexLMError(f"a model directory holds a tokenizer.json; {directory} has none")
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    except Exception as error:  # tokenizers raises no narrower type
        raise IndexLMError(f"{directory / 'tokenizer.json'} cannot be read as a tokenizer: {error}") from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    prior = None
    if settings.trees:
        if not (directory / "trees.onnx").is_file():
            raise IndexLMError(f"a model whose settings say `trees` holds a trees.onnx; {directory} has none")
        from heads.trees import load_trees

        prior = load_trees(directory / "trees.onnx").scores
    if runtime is None:
        runtime = "onnx" if (directory / "model.onnx").is_file() else "torch"
    if runtime != "torch" and not (directory / "model.onnx").is_file():
        raise IndexLMError(f"the {runtime} runtime needs a model.onnx, made by `export`; {directory} has none")
    if runtime == "openvino":
        check_openvino(settings, directory)
        import heads.openvino_runtime as by_openvino

        return ClassifierHead(by_openvino.load_scorer(directory, threads), tokenizer, settings, prior)
    if runtime == "onnx":
        import heads.onnx_runtime as onnx

        if settings.head == "classifier":
            return ClassifierHead(onnx.load_scorer(directory, threads), tokenizer, settings, prior)
        return DecoderHead(onnx.load_causal_lm(directory, threads), tokenizer, settings, prior)
    try:
        import torch

        import heads.torch_runtime as by_torch
    except ImportError as error:
        raise IndexLMError(f"the torch runtime needs the train extra (pip install 'indexlm[train]'): {error}") from None
    if threads:
        torch.set_num_threads(threads)
    if settings.head == "classifier":
        return ClassifierHead(by_torch.load_scorer(directory), tokenizer, settings, prior)
    return DecoderHead(by_torch.load_causal_lm(directory), tokenizer, settings, prior)


def check_openvino(settings: Settings, where: str | Path) -> None:
    """Raises `IndexLMError` where OpenVINO is not installed, or cannot run such a checkpoint."""
    if settings.head == "decoder" or settings.causal:
        kind = "a decoder" if settings.head == "decoder" else "causal"
        raise IndexLMError(f"OpenVINO runs classifiers that read in both directions; {where} is {kind}")
    try:
        import openvino  # noqa: F401
    except ImportError as error:
        raise IndexLMError(f"the openvino runtime needs its package (pip install openvino): {error}") from None


def _download(name: str) -> Path:
    """A Hugging Face id -> the directory of its files; from the local cache where the Hub cannot be reached."""
    if name.count("/") != 1 or name.startswith((".", "/", "~")):
        raise IndexLMError(f"a model is a directory or a Hugging Face id (owner/name); found {name!r}")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, allow_patterns=["*.json", "*.safetensors", "*.onnx", "*.onnx.data"]))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        first_line = str(error).strip().partition("\n")[0]
        raise IndexLMError(
            f"{name!r} is no directory here and cannot be had from the Hugging Face Hub: {first_line}"
        ) from None
