"""Pages of several requests read in one call, against one after the other: why the service does not batch requests."""

from __future__ import annotations

from typing import Any

import pytest

from eval.synthetic import synthetic_page
from heads import ClassifierHead, open_head
from heads.encoding import encode
from indexlm import read_page
from indexlm.models import shipped


@pytest.mark.parametrize("at_once", [1, 4])
def test_four_pages(benchmark: Any, at_once: int) -> None:
    """A window of each, `at_once` in a call."""
    head = open_head(shipped("classifier"), threads=1, alone=True)
    assert isinstance(head, ClassifierHead)
    windows = [encode(read_page(synthetic_page(seed, 4).html), head.tokenizer, head.settings)[0] for seed in range(4)]
    inputs = [([w.ids for w in part], [w.markers for w in part]) for part in _parts(windows, at_once)]
    benchmark.extra_info["tokens"] = [len(window.ids) for window in windows]
    benchmark(lambda: [head.scorer(ids, places) for ids, places in inputs])


def _parts(windows: list[Any], size: int) -> list[list[Any]]:
    return [windows[i : i + size] for i in range(0, len(windows), size)]
