"""What writing answers costs: the steps that a grammar leaves to choose, times what one step costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from eval.synthetic import synthetic_page
from heads import DecoderHead, open_head
from heads.encoding import encode
from heads.settings import NEVER
from indexlm import read_page
from indexlm.models import shipped

PAGES = [read_page(synthetic_page(seed, 120).html) for seed in range(4)]


class Apart:
    """A model that cannot continue several caches in one call; it counts the calls that continue one."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.steps = 0

    def __call__(self, ids: Any, cache: Any) -> Any:
        self.steps += cache is not None
        return self.model(ids, cache)


@pytest.fixture(scope="module")
def opened() -> Callable[[], DecoderHead]:
    """The shipped decoder, with nothing left to the trees."""

    def made() -> DecoderHead:
        head = open_head(shipped("decoder"), threads=1)
        assert isinstance(head, DecoderHead)
        head.settings = replace(head.settings, enough=NEVER, unread=0.0)
        return head

    return made


@pytest.fixture(scope="module")
def floor(opened: Callable[[], DecoderHead]) -> tuple[int, float]:
    """How many steps the answers to all pages take, and seconds of one after a window."""
    head = opened()
    apart = head.model = Apart(head.model)
    predictions = head(PAGES)
    (window, *_) = encode(PAGES[0], head.tokenizer, head.settings)
    _, cache = apart.model(window.ids, None)
    seconds = []
    for _ in range(50):
        began = perf_counter()
        apart.model([window.ids[-1]], cache)
        seconds.append(perf_counter() - began)
    assert sum(p.tokens["generated"] for p in predictions) > apart.steps
    return apart.steps, float(np.median(seconds))


@pytest.mark.parametrize("together", [False, True])
def test_answers_of_windows(
    benchmark: Any, opened: Callable[[], DecoderHead], floor: tuple[int, float], together: bool
) -> None:
    """`over_floor` is the time of decoding over that of as many steps as are not forced, one after the other."""
    head = opened()
    if not together:
        head.model = Apart(head.model)
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
