"""Qwen3-0.6B's configuration in torch, with random weights: windows side by side against one by one, and on a GPU."""

from __future__ import annotations

from typing import Any

import pytest

from train.backbone import PUBLISHED

WINDOW = 384
WINDOWS = [list(range(5, 5 + length)) for length in (384, 384, 370, 352, 330, 300)]
STEPS = 10


@pytest.fixture(scope="module")
def model() -> Any:
    """In bf16, on a GPU where there is one."""
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    from heads.runtimes.torch import _CausalLM

    torch.manual_seed(0)
    backbone = Qwen3ForCausalLM(Qwen3Config(**PUBLISHED["qwen3-0.6b"])).eval().to(torch.bfloat16)
    return _CausalLM(backbone.to("cuda" if torch.cuda.is_available() else "cpu"), 0)


def read(model: Any, together: bool) -> list[Any]:
    """The caches of all windows."""
    results = model.read(WINDOWS) if together else [model(ids, None) for ids in WINDOWS]
    return [cache for _, cache in results]


@pytest.mark.parametrize("together", [False, True])
def test_prefill(benchmark: Any, model: Any, together: bool) -> None:
    benchmark.pedantic(read, (model, together), rounds=3, warmup_rounds=1)


@pytest.mark.parametrize("together", [False, True])
def test_ten_tokens_of_each_window(benchmark: Any, model: Any, together: bool) -> None:
    caches = read(model, together)

    def write() -> None:
        for token in range(50, 50 + STEPS):
            if together:
                caches[:] = [cache for _, cache in model.together([token] * len(caches), caches)]
            else:
                caches[:] = [model([token], cache)[1] for cache in caches]

    benchmark.pedantic(write, rounds=3)


def scorer(kind: str) -> Any:
    """A classifier on a GPU; `padded` as on other devices."""
    import torch
    from transformers import Qwen3Config, Qwen3ForTokenClassification

    from heads.runtimes.packed import PackedScorer
    from heads.runtimes.torch import _Scorer

    torch.manual_seed(0)
    config = Qwen3Config(**PUBLISHED["qwen3-0.6b"], num_labels=2, is_causal=False)
    backbone = Qwen3ForTokenClassification(config).eval().to("cuda", torch.bfloat16)
    return _Scorer(backbone, 0) if kind == "padded" else _at_once(PackedScorer(backbone, kind == "compiled"))


def _at_once(model: Any) -> Any:
    """Compiled at the first call, where it would be later."""
    if model._recorded._seconds_left < float("inf"):
        model._recorded._seconds_left = 0.0
    return model


@pytest.mark.parametrize("windows", [1, 16, 43])
@pytest.mark.parametrize("kind", ["padded", "recorded", "compiled"])
def test_windows_on_a_gpu(benchmark: Any, kind: str, windows: int) -> None:
    needs_a_gpu()
    read = scorer(kind)
    batch = [list(range(i, i + WINDOW)) for i in range(windows)]
    benchmark.pedantic(read, (batch, [[0, WINDOW - 1]] * windows), rounds=5, warmup_rounds=2)


@pytest.mark.parametrize("kind", ["recorded", "compiled"])
def test_a_token_of_each_row_on_a_gpu(benchmark: Any, kind: str) -> None:
    needs_a_gpu()
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    from heads.runtimes.row_cache import RowModel

    backbone = Qwen3ForCausalLM(Qwen3Config(**PUBLISHED["qwen3-0.6b"])).eval().to("cuda", torch.bfloat16)
    rows = _at_once(RowModel(backbone, 2 * WINDOW, kind == "compiled"))
    rows.read([list(range(i, i + WINDOW)) for i in range(43)], range(43))
    benchmark.pedantic(rows.step, ([5] * 43, range(43)), rounds=5, warmup_rounds=2)


def needs_a_gpu() -> None:
    import torch

    if not torch.cuda.is_available():
        pytest.skip("needs a GPU")
