"""The cost of writing answers, against its floor: the steps with a choice under the grammar, times that of one step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from eval.synthetic import synthetic_page
from heads import DecoderHead, open_head
from heads.decoder import CausalLM
from heads.encoding import encode
from indexlm import read_page
from indexlm.models import shipped

PAGES = [read_page(synthetic_page(seed, 120).html) for seed in range(4)]


class OneByOne:
    """A causal language model that continues caches one after the other, and counts the calls that do so."""

    def __init__(self, model: CausalLM) -> None:
        self.model = model
        self.steps = 0

    def __call__(self, ids: Sequence[int], cache: Any) -> tuple[NDArray[np.float32], Any]:
        self.steps += cache is not None
        return self.model(ids, cache)

    def read(self, sequences: Sequence[Sequence[int]]) -> list[tuple[NDArray[np.float32], Any]]:
        return [self(ids, None) for ids in sequences]

    def together(self, tokens: Sequence[int], caches: Sequence[Any]) -> list[tuple[NDArray[np.float32], Any]]:
        return [self([token], cache) for token, cache in zip(tokens, caches, strict=True)]


@pytest.fixture(scope="module")
def open_decoder() -> Callable[[], DecoderHead]:
    """Opens the shipped decoder, which reads everything."""

    def opener() -> DecoderHead:
        head = open_head(shipped("decoder"), threads=1, alone=True)
        assert isinstance(head, DecoderHead)
        return head

    return opener


@pytest.fixture(scope="module")
def floor(open_decoder: Callable[[], DecoderHead]) -> tuple[int, float]:
    """The steps that the answers to all pages take, and the seconds of a step after a window."""
    head = open_decoder()
    model = OneByOne(head.model)
    predictions = head.with_model(model)(PAGES)
    (window, *_) = encode(PAGES[0], head.tokenizer, head.settings)
    _, cache = model(window.ids, None)
    steps = model.steps
    seconds = []
    for _ in range(50):
        began = perf_counter()
        model([window.ids[-1]], cache)
        seconds.append(perf_counter() - began)
    assert sum(p.tokens["generated"] for p in predictions) > steps
    return steps, float(np.median(seconds))


@pytest.mark.parametrize("together", [False, True])
def test_answers_of_windows(
    benchmark: Any, open_decoder: Callable[[], DecoderHead], floor: tuple[int, float], together: bool
) -> None:
    """`over_floor` is the time of decoding over that of the steps with a choice, one after the other."""
    head = open_decoder()
    if not together:
        head = head.with_model(OneByOne(head.model))
    predictions = benchmark(head, PAGES)
    steps, cost = floor
    decode = sum(p.seconds["decode"] for p in predictions)
    benchmark.extra_info |= {
        "windows": sum(p.tokens["windows"] for p in predictions),
        "generated": sum(p.tokens["generated"] for p in predictions),
        "unforced_steps": steps,
        "ms_a_step": 1000 * cost,
        "decode_ms": 1000 * decode,
        "over_floor": decode / (steps * cost),
    }
