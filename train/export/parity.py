"""How far an exported model is from its checkpoint, and whether that is near enough."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eval.synthetic import synthetic_page
from heads import ClassifierHead, DecoderHead, Runtime, open_head
from heads.decoder import CausalLM
from indexlm.html.read import read_page
from indexlm.inputs.read import read_document
from indexlm.page import IndexLMError, Page
from indexlm.sources import expand, load
from train.export.roofline import Speed, measure
from train.export.to_onnx import Precision, export, place

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_DRIFT: dict[Precision, float] = {"fp32": 0.001, "int8": 0.25, "int4": 0.5}
"""By precision the greatest mean difference of logits from the checkpoint's that counts as rounding."""

_SYNTHETIC_PAGES = 8


class Parity(NamedTuple):
    """An exported model against its checkpoint, on the same pages.

    pages, identical: how many pages, and how many of these have the same indices from both.
    logits: how many logits are compared: those of each block, or at each step of the checkpoint's answer those of the
        tokens of answers.
    mean, largest: their absolute differences.
    """

    pages: int
    identical: int
    logits: int
    mean: float
    largest: float


class Report(NamedTuple):
    """A checked export: where its files are, and what was measured. `speed` is None where that was not wanted."""

    checkpoint: Path
    folder: Path
    runtime: Runtime
    precision: Precision
    bytes: int
    parity: Parity
    max_drift: float
    speed: Speed | None

    @property
    def passed(self) -> bool:
        """Whether the logits differ by at most `max_drift` on average."""
        return self.parity.mean <= self.max_drift

    def to_json(self) -> str:
        """The report as JSON."""
        values = {**self._asdict(), **self.parity._asdict(), "passed": self.passed}
        del values["parity"], values["speed"]
        if self.speed:
            values["speed"] = self.speed._asdict() | {"ratio": self.speed.ratio}
        return json.dumps(values, indent=2, default=str) + "\n"


def export_checked(
    checkpoint: Path,
    out: Path,
    pages: Sequence[Page],
    *,
    precision: Precision,
    runtime: Runtime = "onnx",
    max_drift: float | None = None,
    speed_tokens: int = 0,
    threads: int = 0,
) -> Report:
    """Export a checkpoint, compare the two on pages, and put the files in `out`, or in `OUT.drifted` where they differ.

    `max_drift` is `MAX_DRIFT` by default. With `speed_tokens` a pass over so many tokens is timed.
    """
    out = out.resolve()
    trial, drifted = (out.with_name(out.name + suffix) for suffix in (".unchecked", ".drifted"))
    export(checkpoint, trial, precision)
    if max_drift is None:
        # OpenVINO rounds to bfloat16 where the processor has it: coarser than fp32, finer than 8 bits.
        max_drift = MAX_DRIFT["int8" if (runtime, precision) == ("openvino", "fp32") else precision]
    parity = compare(checkpoint, trial, pages, threads, runtime)
    size = sum(path.stat().st_size for path in trial.glob("model.onnx*"))
    speed = measure(trial, precision, speed_tokens, threads, runtime) if speed_tokens else None
    folder = out if parity.mean <= max_drift else drifted
    place(trial, folder)
    return Report(checkpoint, folder, runtime, precision, size, parity, max_drift, speed)


def compare(
    checkpoint: Path, exported: Path, pages: Sequence[Page], threads: int = 0, runtime: Runtime = "onnx"
) -> Parity:
    """The checkpoint in torch (fp32) against the exported model, each under its head.

    Both read every page, also those that their trees would decide alone.
    """
    head = open_head(checkpoint, "torch", threads, alone=True)
    settings = head.settings
    expected, calls = _record(head, checkpoint, pages)
    del head  # so that two large models are never in memory together
    head = open_head(exported, runtime, threads).with_settings(settings)
    indices = [prediction.indices for prediction in head(pages)]
    differences = np.concatenate(
        [np.abs(call.logits - logits).ravel() for call, logits in zip(calls, _replay(head, calls), strict=True)]
    )
    identical = sum(a == b for a, b in zip(expected, indices, strict=True))
    # NaN counts as the greatest difference.
    mean, largest = (float(np.nan_to_num(x, nan=np.inf)) for x in (differences.mean(), differences.max()))
    return Parity(len(pages), identical, len(differences), mean, largest)


class _Call(NamedTuple):
    """A call of a head's model: its arguments, and the logits that the head reads.

    A classifier's arguments are a batch and its places, a decoder's are tokens, the number of the call whose cache it
    continues (-1: none), and whether that cache stays as it is.
    """

    arguments: tuple[Any, ...]
    logits: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _RecordingLM:
    """A causal language model that appends its calls to `calls`. A cache is the inner one and its call's number."""

    model: CausalLM
    answers: list[int]
    calls: list[_Call]

    def __call__(self, ids: Sequence[int], cache: Any) -> tuple[NDArray[np.float32], Any]:
        return self._called(ids, cache, False)

    def _called(self, ids: Sequence[int], cache: Any, stays: bool) -> tuple[NDArray[np.float32], Any]:
        inner, number = cache or (None, -1)
        logits, inner = self.model.read([ids], [inner])[0] if stays else self.model(ids, inner)
        self.calls.append(_Call((list(ids), number, stays), logits[self.answers]))
        return logits, (inner, len(self.calls) - 1)

    def read(self, sequences: Sequence[Sequence[int]], caches: Sequence[Any]) -> list[tuple[NDArray[np.float32], Any]]:
        """One call after the other, as they are replayed."""
        return [self._called(ids, cache, True) for ids, cache in zip(sequences, caches, strict=True)]

    def together(self, tokens: Sequence[int], caches: Sequence[Any]) -> list[tuple[NDArray[np.float32], Any]]:
        """One call after the other, as they are replayed."""
        return [self([token], cache) for token, cache in zip(tokens, caches, strict=True)]


def _in_fp32(model: Any, checkpoint: Path) -> Any:
    """A model of `heads.runtimes.torch` -> the same on a CPU, with the weights as written: a GPU rounds them."""
    import torch

    return replace(model, model=type(model.model).from_pretrained(checkpoint, dtype=torch.float32).eval())


def _record(
    head: ClassifierHead | DecoderHead, checkpoint: Path, pages: Sequence[Page]
) -> tuple[list[tuple[int, ...]], list[_Call]]:
    """A head in torch and pages -> the indices that it keeps in fp32, and the calls of its model."""
    calls: list[_Call] = []
    if isinstance(head, DecoderHead):
        model = _RecordingLM(_in_fp32(head.model, checkpoint), sorted(head.grammar.text), calls)
        return [prediction.indices for prediction in head.with_model(model)(pages)], calls
    scorer = _in_fp32(head.scorer, checkpoint)

    def score(batch: Sequence[Sequence[int]], places: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        logits: list[NDArray[np.float32]] = scorer(batch, places)
        calls.append(_Call((batch, places), np.concatenate(logits)))
        return logits

    recorded = ClassifierHead(score, head.tokenizer, head.settings, head.trees, answer_trees=head.answer_trees)
    return [prediction.indices for prediction in recorded(pages)], calls


def _replay(head: ClassifierHead | DecoderHead, calls: Sequence[_Call]) -> Iterator[NDArray[np.float32]]:
    """The logits of a head's model for the same calls, in their order."""
    if isinstance(head, ClassifierHead):
        for call in calls:
            yield np.concatenate(head.scorer(*call.arguments))
        return
    answers = sorted(head.grammar.text)
    # A cache is large: only the last one is kept, and those that a later call than the next continues.
    reused = {call.arguments[1] for i, call in enumerate(calls) if call.arguments[1] != i - 1}
    caches: dict[int, Any] = {-1: None}
    cache = None
    for i, call in enumerate(calls):
        ids, before, stays = call.arguments
        continued = caches.get(before, cache)
        logits, cache = head.model.read([ids], [continued])[0] if stays else head.model(ids, continued)
        if i in reused:
            caches[i] = cache
        yield logits[answers]


def sample(paths: Sequence[str], tasks: Sequence[str]) -> list[Page]:
    """Files, folders or addresses -> their pages, for each of the tasks; without any, synthetic pages.

    The query of a page is its title. Raises `IndexLMError` where no page has a block.
    """
    sources: list[tuple[bytes | str, str]]
    if paths:
        sources = [(document.html, document.url) for document in map(read_document, map(load, expand(paths)))]
    else:
        synthetic = (synthetic_page(seed, 2 + 2 * seed) for seed in range(_SYNTHETIC_PAGES))
        sources = [(page.html, page.url) for page in synthetic]
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
