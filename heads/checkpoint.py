"""Opening a checkpoint: a directory or a Hugging Face id -> its head."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

from heads.classifier import ClassifierHead
from heads.decoder import DecoderHead
from heads.settings import Settings, check_size
from indexlm.limits import LIMITS, Limits
from indexlm.models import check_weights
from indexlm.page import IndexLMError, Page, Prediction, first_line

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from heads.queries.answer_trees import AnswerScorer
    from heads.runtimes.shared import SharedModel

Runtime = Literal["onnx", "openvino", "torch"]
_MOST_BYTES = 1 << 28  # of a tokenizer.json
_MIN_PATIENCE = 60.0  # seconds; the layers of Qwen3-0.6B take up to 30
_GPU_BATCH_TOKENS = 16384  # 64 windows of the shipped models, 4 of the longest; caches of about 2 GB for Qwen3-0.6B
RUNTIMES: tuple[Runtime, ...] = get_args(Runtime)


class Head(Protocol):
    """What predicts the blocks of pages: a classifier, a decoder, or the trees."""

    settings: Settings

    def with_settings(self, settings: Settings) -> Head:
        """The same model under other settings."""
        ...

    def __call__(
        self, pages: Sequence[Page], threshold: float | None = None, limits: Limits = LIMITS
    ) -> list[Prediction]:
        """Pages -> a prediction each; with a `threshold`, by the probabilities that reach it."""
        ...


def open_head(
    model: str | Path,
    runtime: Runtime | None = None,
    threads: int = 0,
    *,
    alone: bool = False,
    constrained: bool = True,
    shared: str = "",
) -> ClassifierHead | DecoderHead:
    """A checkpoint directory or Hugging Face id -> its head.

    Without a `runtime` it is ONNX where the checkpoint holds a `model.onnx`, else torch. `threads` 0 leaves the number
    to the runtime. `alone` is `Settings.alone`. A decoder that is not `constrained`
    generates without the grammar. `shared` is the address of a `SharedModel` that runs the checkpoint. Raises
    `IndexLMError` for a directory that is no checkpoint.
    """
    directory = checkpoint_directory(model)
    settings = Settings.read_from(directory)
    settings = settings.alone() if alone else settings
    tokenizer = open_tokenizer(directory)
    if settings.vocabulary and settings.vocabulary != (digest := vocabulary_digest(tokenizer)):
        raise IndexLMError(
            f"a model is read with the tokenizer that it was trained with, {settings.vocabulary}; the one in "
            f"{directory} is {digest}"
        )
    trees = None
    if settings.trees:
        if not (directory / "trees.onnx").is_file():
            raise IndexLMError(f"a model whose settings say `trees` holds a trees.onnx; {directory} has none")
        from heads.trees import load_trees

        trees = load_trees(directory / "trees.onnx").scores
    answers = _answer_trees(directory) if settings.answer_trees else None
    if shared:
        from heads.runtimes.shared import SharedAnswers, SharedScorer

        if settings.head == "classifier":
            return ClassifierHead(SharedScorer(shared), tokenizer, settings, trees, _GPU_BATCH_TOKENS, answers)
        elsewhere = SharedAnswers(shared)
        return DecoderHead(None, tokenizer, settings, trees, constrained, _GPU_BATCH_TOKENS, elsewhere, answers)
    name, engine = _engine(directory, settings, runtime)
    batch: dict[str, Any] = {"batch_tokens": _GPU_BATCH_TOKENS} if name == "torch" and engine.device() == "cuda" else {}
    if settings.head == "classifier":
        scorer = engine.load_scorer(directory, threads)
        return ClassifierHead(scorer, tokenizer, settings, trees, answer_trees=answers, **batch)
    causal_lm = engine.load_causal_lm(directory, threads)
    return DecoderHead(causal_lm, tokenizer, settings, trees, constrained, answer_trees=answers, **batch)


def _answer_trees(directory: Path) -> AnswerScorer:
    from heads.queries.answer_trees import FILE, load_answer_trees

    if not (directory / FILE).is_file():
        raise IndexLMError(f"a model whose settings say `answer_trees` holds {FILE}; {directory} has none")
    return load_answer_trees(directory / FILE)


def share_model(model: str | Path, runtime: Runtime | None, patience: float) -> SharedModel | None:
    """A process that runs a model for several others, which open their heads by its address.

    None where each of them has the model for itself: by another runtime than torch, and without a GPU that reads
    windows as one row. `patience` is in seconds: where a page may not take much longer than it takes to compile the
    layers, they are not compiled. Raises `IndexLMError` like `open_head`.
    """
    directory = checkpoint_directory(model)
    settings = Settings.read_from(directory)
    if _runtime(directory, runtime) != "torch" or settings.query_last:  # whose windows share what was read of a page
        return None
    _, engine = _engine(directory, settings, runtime)
    if not engine.reads_packed():
        return None
    from heads.runtimes.shared import SharedModel

    return SharedModel(partial(load_shared, directory, patience >= _MIN_PATIENCE))


def load_shared(directory: Path, compiles: bool) -> Any:
    """A checkpoint directory -> what a `SharedModel` runs: a classifier's scorer, or a decoder's `ContinuousWriter`.

    compiles: whether layers are compiled in the course of the work.
    """
    settings = Settings.read_from(directory)
    _, engine = _engine(directory, settings, "torch")
    if settings.head == "classifier":
        return engine.load_packed(directory, compiles)
    from heads.writing import ContinuousWriter

    head = DecoderHead(None, open_tokenizer(directory), settings)
    slots = 2 * settings.window_tokens  # an answer has at most three tokens a line, and a line of a prompt as many
    model = engine.load_rows(directory, slots, compiles)
    return ContinuousWriter(model, head.writer, _GPU_BATCH_TOKENS)


def _runtime(directory: Path, runtime: Runtime | None) -> Runtime:
    if runtime is not None and runtime not in RUNTIMES:
        raise IndexLMError(f"a runtime is {', '.join(RUNTIMES)}; found {runtime!r}")
    return runtime or ("onnx" if (directory / "model.onnx").is_file() else "torch")


def _engine(directory: Path, settings: Settings, runtime: Runtime | None) -> tuple[Runtime, Any]:
    """A checkpoint -> its runtime, and that one's module, once it is known that it can run it."""
    name = _runtime(directory, runtime)
    if name != "torch" and not (directory / "model.onnx").is_file():
        raise IndexLMError(f"the {name} runtime needs a model.onnx, made by `export`; {directory} has none")
    if name == "openvino":
        check_openvino(settings, directory)
    if name == "torch":
        check_weights(directory)
    try:
        return name, import_module(f"heads.runtimes.{name}")
    except ImportError as error:  # the other runtimes are there by now
        raise IndexLMError(f"the torch runtime needs the train extra (pip install 'indexlm[train]'): {error}") from None


def open_tokenizer(directory: Path) -> Tokenizer:
    """A checkpoint directory -> its tokenizer, without truncation and padding."""
    from tokenizers import Tokenizer

    path = directory / "tokenizer.json"
    if not path.is_file():
        raise IndexLMError(f"a model directory holds a tokenizer.json; {directory} has none")
    check_size(path, _MOST_BYTES)
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises no narrower type
        raise IndexLMError(f"{path} cannot be read as a tokenizer: {error}") from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def vocabulary_digest(tokenizer: Tokenizer) -> str:
    """A tokenizer -> 16 hexadecimal digits that stand for its tokens and their ids."""
    tokens = sorted((i, token) for token, i in tokenizer.get_vocab(with_added_tokens=True).items())
    return sha256(json.dumps(tokens).encode()).hexdigest()[:16]


def check_openvino(settings: Settings, where: str | Path) -> None:
    """Raise `IndexLMError` where OpenVINO is not installed, or cannot run such a checkpoint."""
    if settings.head == "decoder" or settings.causal:
        kind = "a decoder" if settings.head == "decoder" else "causal"
        raise IndexLMError(f"OpenVINO runs classifiers with bidirectional attention; {where} is {kind}")
    try:
        import openvino  # noqa: F401
    except ImportError as error:
        raise IndexLMError(f"the openvino runtime needs its package (pip install openvino): {error}") from None


def checkpoint_directory(model: str | Path) -> Path:
    """A checkpoint directory, or a Hugging Face id -> the directory of its files.

    The Hub's files come from the local cache where the Hub cannot be reached. Raises `IndexLMError` for neither.
    """
    name = str(model)
    if os.path.isdir(model):  # never raises, whatever the name
        return Path(model)
    if name.count("/") != 1 or name.startswith((".", "/", "~")):
        raise IndexLMError(f"a model is a directory or a Hugging Face id (owner/name); found {name!r}")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, allow_patterns=["*.json", "*.safetensors", "*.onnx", "*.onnx.data"]))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise IndexLMError(
            f"{name!r} is no directory here and cannot be had from the Hugging Face Hub: {first_line(error)}"
        ) from None
