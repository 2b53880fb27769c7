"""A teacher-forced decoder: it writes the gold answers, at the cost of a trained one, whatever its weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heads.cascade import plan
from heads.decoder import CausalLM, DecoderHead
from heads.encoding import encode
from indexlm.intervals import format_intervals, to_intervals
from indexlm.page import Page


def oracle_decoder(head: DecoderHead, gold_pages: Iterable[tuple[Page, Sequence[int]]]) -> DecoderHead:
    """A decoder and pages with their gold blocks -> one that writes the gold answers of these pages alone.

    Its model runs for exactly the tokens of these answers. A line is gold where most of its blocks are.
    """
    answers: dict[tuple[int, ...], list[int]] = {}
    for page, gold in gold_pages:
        gold_blocks = set(gold)
        cascade = plan(page, head.trees, head.settings.skip_model_min_f1)
        for window in encode(page, head.tokenizer, head.settings, cascade.tree_scores, cascade.layout):
            lines = [[i + 1 in gold_blocks for i in range(*bounds)] for bounds in pairwise(window.bounds)]
            kept = to_intervals(i for i, blocks in enumerate(lines, 1) if 2 * sum(blocks) > len(blocks))
            answers[tuple(window.ids)] = head.tokenizer.encode(format_intervals(kept), add_special_tokens=False).ids
    return head.with_model(_TeacherForced(head.model, answers))


class _TeacherForced:
    """A causal language model whose most likely token is the next one of the answer known for what it read first.

    A cache is the tokens read, the rest of their answer, and the inner model's cache.
    """

    def __init__(self, model: CausalLM, answers: Mapping[tuple[int, ...], Sequence[int]]) -> None:
        self.model = model
        self.answers = answers

    def __call__(self, ids: Sequence[int], cache: Any) -> tuple[NDArray[np.float32], Any]:
        return self._forced(ids, cache, *self.model(ids, cache and cache[2]))

    def read(self, sequences: Sequence[Sequence[int]], caches: Sequence[Any]) -> list[tuple[NDArray[np.float32], Any]]:
        results = self.model.read(sequences, [cache and cache[2] for cache in caches])
        return [self._forced(ids, cache, *new) for ids, cache, new in zip(sequences, caches, results, strict=True)]

    def together(self, tokens: Sequence[int], caches: Sequence[Any]) -> list[tuple[NDArray[np.float32], Any]]:
        results = self.model.together(tokens, [cache[2] for cache in caches])
        return [self._forced([token], cache, *new) for token, cache, new in zip(tokens, caches, results, strict=True)]

    def _forced(
        self, ids: Sequence[int], cache: Any, logits: NDArray[np.float32], inner: Any
    ) -> tuple[NDArray[np.float32], Any]:
        read, answer, _ = cache or ((), (), None)
        read = (*read, *ids)
        answer = self.answers.get(read, answer[len(ids) :])
        if answer:
            logits[answer[0]] = 1e9  # above any logit of a model, and a number to take a probability of
        return logits, (read, answer, inner)
