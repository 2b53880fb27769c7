"""Attention within each sequence of one long row, by transformers' interface: torch's variable-length kernel on a GPU.

It needs no padding and no mask. Trainings pack pages so, and a classifier on a GPU windows.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import Any

VARLEN = "varlen"
"""The name of this attention in transformers."""


def missing(dtype: Any) -> str:
    """What torch's kernel needs for products of `dtype` and lacks on this GPU; empty where it runs."""
    import torch

    if _kernel() is None:
        return f"a torch whose varlen_attn takes window_size (found {torch.__version__})"
    if torch.cuda.get_device_capability() < (8, 0):
        return "a GPU of compute capability 8.0 or more"
    if dtype not in (torch.bfloat16, torch.float16):
        return "precision bf16 or fp16"
    return ""


def compile_layers(model: Any, dynamic: bool | None = None) -> None:
    """Compile each layer of a model at its first run. All share one graph, because they differ in weights alone."""
    from transformers.modeling_layers import GradientCheckpointingLayer

    for layer in model.modules():
        if isinstance(layer, GradientCheckpointingLayer):
            layer.compile(dynamic=dynamic)


def run_as_they_are(model: Any) -> None:
    """Undo `compile_layers`."""
    for layer in model.modules():
        layer._compiled_call_impl = None


@cache
def _kernel() -> Any:
    """torch's variable-length attention; None where it is missing, or has no `window_size`."""
    try:
        from torch.nn.attention.varlen import varlen_attn
    except ImportError:
        return None
    return varlen_attn if "window_size" in inspect.signature(varlen_attn).parameters else None


@cache
def register() -> None:
    """Register this attention with transformers, under `VARLEN`."""
    from transformers import AttentionInterface

    within = by_sequence()

    def attend(
        module: Any,
        query: Any,
        key: Any,
        value: Any,
        attention_mask: Any = None,
        *,
        cu_seq_lens_q: Any,
        max_length_q: int,
        scaling: float | None = None,
        is_causal: bool | None = None,
        **_: Any,
    ) -> tuple[Any, None]:
        return within(query, key, value, cu_seq_lens_q, max_length_q, is_causal is not False, scaling), None

    AttentionInterface.register(VARLEN, attend)


@cache
def by_sequence() -> Callable[..., Any]:
    """Attention as a function, which may be compiled: of queries, keys and values, each (1, heads, tokens, size).

    Sequence i is tokens ends[i] to ends[i + 1]. The function returns (1, tokens, heads, size).
    """
    kernel = _kernel()
    grouped = {"enable_gqa": True} if kernel and "enable_gqa" in inspect.signature(kernel).parameters else {}

    def attend(query: Any, key: Any, value: Any, ends: Any, longest: int, causal: bool, scaling: float | None) -> Any:
        q, k, v = (part[0].transpose(0, 1) for part in (query, key, value))
        q, k = q.to(v.dtype), k.to(v.dtype)  # under autocast the norms return fp32
        if not v.is_cuda:
            return _one_after_another(q, k, v, ends, causal, scaling)[None]
        window = (-1, 0) if causal else (-1, -1)
        return kernel(q, k, v, ends, ends, longest, longest, scale=scaling, window_size=window, **grouped)[None]

    return attend


def _one_after_another(q: Any, k: Any, v: Any, ends: Any, causal: bool, scale: float | None) -> Any:
    """The kernel's result without the kernel: (tokens, heads, size), one sequence at a time."""
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    attended = []
    for begin, end in pairwise(ends.tolist()):
        if begin < end:
            page_q, page_k, page_v = (part[begin:end].transpose(0, 1)[None] for part in (q, k, v))
            output = scaled_dot_product_attention(
                page_q, page_k, page_v, is_causal=causal, scale=scale, enable_gqa=True
            )
            attended.append(output[0].transpose(0, 1))
    return torch.cat(attended)
