"""Opening by name what is compared: heads and their checkpoints, baselines, and other tools (`eval.peers`).

Each is a system: a function of a case that returns an answer. `open_extractor` opens it by its name, which is
`KIND[=CHECKPOINT][@RUNTIME]` for a head.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from eval.cases import Case
from eval.peers import PEERS, Reader
from eval.retrieval import Predictor, bm25, embedding
from heads import RUNTIMES, ClassifierHead, DecoderHead, Runtime, Settings, open_head
from heads.checkpoint import checkpoint_directory
from heads.trees import TreeHead, load_trees
from indexlm.html.decode import decode
from indexlm.models import check_trees, shipped
from indexlm.options import named_head
from indexlm.output.text import to_text
from indexlm.page import Decider, IndexLMError, Page, Prediction, first_line

ORACLES = ("decoder-oracle", "decoder-oracle-alone")
HEAD_KINDS = ("classifier", "classifier-alone", "decoder", "decoder-alone", "decoder-unconstrained", *ORACLES)
"""Kinds of heads: `alone` has the model read everything, `unconstrained` has no grammar, and an oracle writes the gold
answers whatever its weights (only in `bench`)."""

BASELINES = ("all-blocks", "first-blocks[=COUNT]", "bm25[=THRESHOLD,TOP]", "embedding=MODEL[,THRESHOLD,TOP]")
"""Baselines over blocks; the last two answer questions alone."""

STAGES = ("parse", "encode", "forward", "prefill", "decode", "predict", "assemble")
"""The stages of a head's extraction, in their order."""

_WARM_UP = (
    f"<html lang=en><title>A page</title><article><h1>A page</h1><p>{'Some running text. ' * 20}</p></article></html>"
)
_BM25_DEFAULT = (1.48, 2)  # threshold and top: the best on qe/train (`eval tune-bm25`, 481 questions, 2026-11-22)


@dataclass(frozen=True, slots=True)
class Answer:
    """A system's answer to a case.

    text: the content as plain text.
    indices, scores, decided_by, expected_f1: as in `Prediction`; None for a tool, which chooses no blocks.
    error: why there is no answer.
    seconds: the time by stage, and `total`.
    tokens: what was read and generated, and other counts.
    """

    text: str = ""
    indices: tuple[int, ...] | None = None
    scores: tuple[float, ...] | None = None
    error: str = ""
    decided_by: Decider | None = None
    expected_f1: float | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    tokens: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, prediction: Prediction, text: str, seconds: Mapping[str, float]) -> Answer:
        """A prediction, its blocks as text and the seconds by stage -> the answer."""
        choice = (prediction.indices, prediction.scores, prediction.error, prediction.decided_by)
        return cls(text, *choice, prediction.expected_f1, seconds, prediction.tokens)


System = Callable[[Case], Answer]


def by_key(mappings: Iterable[Mapping[str, float]]) -> dict[str, list[float]]:
    """The seconds or the tokens of several answers -> by stage or kind all values."""
    values: defaultdict[str, list[float]] = defaultdict(list)
    for mapping in mappings:
        for key, value in mapping.items():
            values[key].append(value)
    return values


class SystemName(NamedTuple):
    """The parts of `KIND[=CHECKPOINT][@RUNTIME]`."""

    kind: str
    checkpoint: str = ""
    runtime: Runtime | None = None

    @property
    def head(self) -> str:
        """`classifier`, `decoder` or `trees`; empty for baselines and tools."""
        return self.kind.partition("-")[0] if self.kind in (*HEAD_KINDS, "trees") else ""

    @property
    def model(self) -> str | Path:
        """The checkpoint of a head: the shipped one where none is named."""
        return self.checkpoint or shipped("decoder" if self.head == "decoder" else "classifier")


def parse_name(name: str) -> SystemName:
    """`KIND[=CHECKPOINT][@RUNTIME]` -> its parts; the kind `auto` is the head that it stands for."""
    runtime = next((runtime for runtime in RUNTIMES if name.endswith(f"@{runtime}")), None)
    kind, _, checkpoint = (name.removesuffix(f"@{runtime}") if runtime else name).partition("=")
    return SystemName(named_head(kind, checkpoint), checkpoint, runtime)


def expand_names(names: Sequence[str]) -> list[str]:
    """Names, each once and in order; `peers` stands for all tools."""
    return list(dict.fromkeys(part for name in names for part in (PEERS if name == "peers" else [name])))


def check_task(names: Sequence[str], task: str) -> None:
    """Raise `IndexLMError` for a tool on questions (qe), or for bm25 and embeddings on main content (me)."""
    for name in names:
        if name in PEERS if task == "qe" else name.startswith(("bm25", "embedding")):
            raise IndexLMError(
                f"tools read main content (me), bm25 and embeddings answer questions (qe); found {name} for {task}"
            )


def check_names(names: Sequence[str]) -> None:
    """Raise `IndexLMError` for a name of nothing, or of a head whose checkpoint cannot be; no model is opened."""
    for name in names:
        parts = parse_name(name)
        if parts.kind == "trees":
            open_named_head(name)
        elif parts.head:
            _check_kind(name, Settings.read_from(checkpoint_directory(str(parts.model))))
        elif name not in PEERS and not name.startswith("embedding="):
            with contextlib.suppress(ImportError):  # it is left out then
                _open_baseline(name)


def _check_kind(name: str, settings: Settings) -> None:
    parts = parse_name(name)
    if settings.head != parts.head:
        raise IndexLMError(f"{parts.checkpoint} is a checkpoint of the {settings.head} head; found {name!r}")


def open_extractor(name: str, threads: int = 0) -> System:
    """The name of a head, a baseline or a tool -> the system.

    Raises `IndexLMError` for another name or a bad checkpoint, and ImportError where a library is missing.
    """
    if name in PEERS:
        reader = PEERS[name].open()
        with contextlib.suppress(Exception):  # what a tool loads at its first page is no page's time
            reader(_WARM_UP, Case("warm-up", "me"))
        return _of_text(reader)
    parts = parse_name(name)
    if parts.kind in ORACLES:
        raise IndexLMError(f"an oracle decoder writes gold answers, and only `bench` opens it; found {name!r}")
    return of_blocks(open_named_head(name, threads) if parts.head else _open_baseline(name))


def open_named_head(name: str, threads: int = 0) -> ClassifierHead | DecoderHead | TreeHead:
    """The name of a head -> the head; an oracle is opened as a plain decoder.

    Raises `IndexLMError` for a checkpoint of another head.
    """
    parts = parse_name(name)
    if parts.kind == "trees":
        if parts.runtime:
            raise IndexLMError(f"trees have one runtime, which is not named; found {name!r}")
        return load_trees(check_trees(Path(parts.model)))
    alone, constrained = parts.kind.endswith("-alone"), parts.kind != "decoder-unconstrained"
    head = open_head(parts.model, parts.runtime, threads, alone=alone, constrained=constrained)
    _check_kind(name, head.settings)
    return head


def _open_baseline(name: str) -> Predictor:
    kind, _, options = name.partition("=")
    try:
        if name == "all-blocks":
            return partial(_first_blocks, sys.maxsize)
        if kind == "first-blocks":
            return partial(_first_blocks, int(options or 10))
        if kind == "bm25":
            threshold, top = options.split(",") if options else _BM25_DEFAULT
            return bm25(float(threshold), int(top))
        if kind == "embedding" and options:
            model, threshold, top = options.split(",") if "," in options else (options, "0.5", "2")
            return embedding(model, float(threshold), int(top))
    except (ValueError, OSError) as error:  # not a number, or no such model
        raise IndexLMError(f"a baseline is {', '.join(BASELINES)}; found {name!r} ({first_line(error)})") from None
    raise IndexLMError(f"an extractor is a head, {', '.join((*BASELINES, *PEERS))}; found {name!r}")


def _first_blocks(count: int, pages: Sequence[Page]) -> list[Prediction]:
    return [Prediction(tuple(range(1, min(count, len(page.blocks)) + 1))) for page in pages]


def of_blocks(predictor: Predictor, assemble: Callable[[Page, Sequence[int]], str] = to_text) -> System:
    """A predictor over pages -> a system that parses, predicts and assembles, with the seconds of each."""

    def run(case: Case) -> Answer:
        began = perf_counter()
        page = case.read()
        parsed = perf_counter()
        (prediction,) = predictor([page])
        predicted = perf_counter()
        text = assemble(page, prediction.indices)
        seconds = {"parse": parsed - began} | (prediction.seconds or {"predict": predicted - parsed})
        seconds |= {"assemble": perf_counter() - predicted, "total": perf_counter() - began}
        return Answer.of(prediction, text, seconds)

    return run


def _of_text(read: Reader) -> System:
    """A tool -> a system. Bytes are decoded as for our heads, and the time of that counts too."""

    def run(case: Case) -> Answer:
        began = perf_counter()
        text = read(decode(case.html), case) or ""
        return Answer(text, seconds={"total": perf_counter() - began})

    return run


def describe(name: str) -> dict[str, str]:
    """A system's name -> its version, and for a head the hash of its checkpoint: other values mean another system.

    The version is that of the library of a tool or a baseline; empty for our own systems. Raises
    `importlib.metadata.PackageNotFoundError` where the library is not installed.
    """
    kind, _, options = name.partition("=")
    if kind == "embedding" and not options:
        raise IndexLMError(f"an embedding baseline names its model, as in embedding=MODEL; found {name!r}")
    library = {"bm25": "bm25s", "embedding": "sentence-transformers"}.get(kind, "")
    library = PEERS[name].distribution if name in PEERS else library
    description = {"version": f"{library} {importlib.metadata.version(library)}" if library else ""}
    parts = parse_name(name)
    return description | {"checkpoint": _fingerprint(Path(parts.model))} if parts.head else description


def _fingerprint(folder: Path) -> str:
    """A hash of the checkpoint's files; empty for a Hugging Face id."""
    if not folder.is_dir():
        return ""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*")):
        if path.suffix in (".json", ".onnx", ".safetensors"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
