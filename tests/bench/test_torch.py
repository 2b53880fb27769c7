"""A decoder of Qwen3-0.6B's configuration in torch, with random weights: windows side by side against one by one."""

from __future__ import annotations

from typing import Any

import pytest

from train.backbone import PUBLISHED

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
