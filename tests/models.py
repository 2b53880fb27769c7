"""Models and heads of the tests: scripted language models, and heads with other parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from heads import ClassifierHead, DecoderHead
from heads.settings import CALIBRATION_KEYS
from indexlm import Page
from indexlm.layout import Layout
from tests.conftest import MAIN, golden_page

Pair = dict[str, tuple[Path, Path]]

HeadKind = TypeVar("HeadKind", ClassifierHead, DecoderHead)

PAGES = [golden_page(name, query) for name in MAIN for query in ("", "what is it?")]


def rebuilt(head: HeadKind, **parts: Any) -> HeadKind:
    """The same head with other parts."""
    names: tuple[str, ...] = ("scorer", "tokenizer", "settings", "trees", "batch_tokens", "answer_trees")
    if isinstance(head, DecoderHead):
        names = ("model", "tokenizer", "settings", "trees", "constrained", "answer_trees")
    return type(head)(**({name: getattr(head, name) for name in names} | parts))  # type: ignore[arg-type]


def calibration(*numbers: float) -> dict[str, float]:
    """With a beta of 1."""
    return dict(zip(CALIBRATION_KEYS["classifier"], (*numbers, 1.0), strict=True))


class Alone:
    """A causal language model that reads and continues one sequence after the other."""

    def read(self, sequences: Sequence[Sequence[int]], caches: Sequence[Any]) -> list[Any]:
        return [self(ids, cache) for ids, cache in zip(sequences, caches, strict=True)]  # type: ignore[operator]

    def together(self, tokens: Sequence[int], caches: Sequence[Any]) -> list[Any]:
        return [self([token], cache) for token, cache in zip(tokens, caches, strict=True)]  # type: ignore[operator]


class Function(Alone):
    """A function as a causal language model."""

    def __init__(self, call: Callable[[Any, Any], Any]) -> None:
        self.call = call

    def __call__(self, ids: Any, cache: Any) -> Any:
        return self.call(ids, cache)


class Reads:
    """A causal language model that counts the tokens it reads: all, and those that continue a text."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.tokens = self.continued = 0

    def __call__(self, ids: Sequence[int], cache: Any) -> Any:
        self.tokens += len(ids)
        self.continued += len(ids) if cache is not None else 0
        return self.model(ids, cache)

    def read(self, sequences: Sequence[Sequence[int]], caches: Sequence[Any]) -> Any:
        self.tokens += sum(map(len, sequences))
        return self.model.read(sequences, caches)

    def together(self, tokens: Sequence[int], caches: Sequence[Any]) -> Any:
        self.tokens += len(tokens)
        self.continued += len(tokens)
        return self.model.together(tokens, caches)


class Script(Alone):
    """A causal language model that writes a text, token by token, and after it an end token without end."""

    def __init__(self, tokenizer: Any, text: str) -> None:
        self.ids = tokenizer.encode(text, add_special_tokens=False).ids
        self.end = tokenizer.token_to_id("<|im_end|>")
        self.size = tokenizer.get_vocab_size()
        self.continued = 0

    def read(self, sequences: Sequence[Sequence[int]], caches: Sequence[Any]) -> list[Any]:
        return [self(ids, None) for ids in sequences]  # whatever stands before

    def __call__(self, ids: Any, cache: Any) -> tuple[Any, int]:
        written = 0 if cache is None else cache + len(ids)
        self.continued += len(ids) if cache is not None else 0
        logits = np.zeros(self.size, np.float32)
        logits[self.ids[written] if written < len(self.ids) else self.end] = 1
        return logits, written


def tree_scores(page: Page, layout: Layout | None = None) -> list[float]:
    """Tree scores that make runs of fixed blocks, and leave some blocks open."""
    return [(0.01, 0.01, 0.99, 0.99, 0.99, 0.5)[i % 6] for i in range(len(page.blocks))]
