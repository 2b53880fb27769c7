"""Attention for training: which implementation, and by pages on a GPU with the layers compiled."""

from __future__ import annotations

import inspect
import logging
import os
from functools import cache, partial
from itertools import pairwise
from typing import Any

from indexlm.page import IndexLMError
from train.recipe import Recipe

__all__ = ["VARLEN", "attention", "by_pages", "compile_layers", "precision"]

VARLEN = "varlen"
"""Attention by pages: torch's own variable-length kernel on a GPU, page after page with SDPA elsewhere."""


def precision(recipe: Recipe) -> str:
    """The precision of products: of `auto` bf16 where the device multiplies in it, else fp32."""
    if recipe.precision != "auto":
        return recipe.precision
    import torch

    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    return "bf16" if torch.ops.mkldnn._is_mkldnn_bf16_supported() else "fp32"


def attention(recipe: Recipe) -> str:
    """The attention implementation by its name in transformers, where it is registered if it is ours.

    `auto` is `varlen` on a GPU that has the kernel, else FlashAttention-2 where it is installed, else SDPA. Raises
    `IndexLMError` for a `varlen` that is asked for and cannot be had.
    """
    import torch
    from transformers.utils import is_flash_attn_2_available

    chosen = recipe.attention
    missing = _missing(recipe) if torch.cuda.is_available() else ""
    if chosen == "auto":
        # Without a launcher the Trainer splits a batch over all GPUs, and one row cannot be split.
        one_gpu = torch.cuda.device_count() == 1 or "WORLD_SIZE" in os.environ
        chosen = "sdpa"
        if torch.cuda.is_available() and one_gpu:
            chosen = VARLEN if not missing else "flash_attention_2" if is_flash_attn_2_available() else "sdpa"
    elif chosen == VARLEN and missing:
        raise IndexLMError(f"attention varlen needs {missing}: set attention to sdpa")
    if chosen == VARLEN:
        _register()
    return chosen


def by_pages(implementation: str) -> bool:
    """Whether attention takes the rows of a step as one, with the lengths of its pages, in place of a mask."""
    return implementation in (VARLEN, "flash_attention_2")


def compile_layers(model: Any, checkpointing: bool) -> None:
    """Have each layer of a model compiled when it first runs: one graph for all, since they differ in weights alone.

    With `checkpointing`, a backward pass computes MLPs and all between products again; what attention and its own
    products give is kept (14 KiB a token and layer of Qwen3-0.6B), since it takes more work than memory.
    """
    from transformers.modeling_layers import GradientCheckpointingLayer

    if checkpointing:
        # The compiler warns of operations in place, which no layer has.
        logging.getLogger("torch._higher_order_ops.wrap").setLevel(logging.ERROR)
        given = {"use_reentrant": False, "context_fn": _kept(model.config.intermediate_size)}
        model.activation_checkpointing_enable(activation_checkpointing_kwargs=given)
    for layer in model.modules():
        if isinstance(layer, GradientCheckpointingLayer):
            layer.compile()


def _kept(inner: int) -> Any:
    """What a checkpoint keeps, as `torch.utils.checkpoint` is told it; MLPs have the width `inner`."""
    import torch
    from torch.utils.checkpoint import CheckpointPolicy, create_selective_checkpoint_contexts

    def policy(context: Any, operation: Any, *given: Any, **_: Any) -> Any:
        product = operation is torch.ops.aten.mm.default and inner not in given[1].shape
        kept = product or str(operation).startswith("torch_attn.")
        return CheckpointPolicy.MUST_SAVE if kept else CheckpointPolicy.PREFER_RECOMPUTE

    return partial(create_selective_checkpoint_contexts, policy)


def _missing(recipe: Recipe) -> str:
    """What torch's variable-length attention lacks on this GPU, or nothing."""
    import torch

    if _kernel() is None:
        return f"a torch whose varlen_attn takes window_size (found {torch.__version__})"
    if torch.cuda.get_device_capability() < (8, 0):
        return "a GPU of compute capability 8.0 or more"
    if precision(recipe) == "fp32":
        return "precision bf16 or fp16"
    return ""


@cache
def _kernel() -> Any:
    """torch's variable-length attention, if it is there with what is asked of it."""
    try:
        from torch.nn.attention.varlen import varlen_attn
    except ImportError:
        return None
    return varlen_attn if "window_size" in inspect.signature(varlen_attn).parameters else None


@cache
def _register() -> None:
    from transformers import AttentionInterface

    kernel = _kernel()
    grouped = {"enable_gqa": True} if kernel and "enable_gqa" in inspect.signature(kernel).parameters else {}

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
        """(1, heads, tokens, size) -> (1, tokens, heads, size); page i is tokens cu_seq_lens_q[i] to [i + 1]."""
        q, k, v = (part[0].transpose(0, 1) for part in (query, key, value))
        q, k = q.to(v.dtype), k.to(v.dtype)  # under autocast norms leave them in fp32
        causal = is_causal is not False
        if not v.is_cuda:
            return _page_after_page(q, k, v, cu_seq_lens_q, causal, scaling)[None], None
        window = (-1, 0) if causal else (-1, -1)
        lengths = (cu_seq_lens_q, cu_seq_lens_q, max_length_q, max_length_q)
        return kernel(q, k, v, *lengths, scale=scaling, window_size=window, **grouped)[None], None

    AttentionInterface.register(VARLEN, attend)


def _page_after_page(q: Any, k: Any, v: Any, ends: Any, causal: bool, scale: float | None) -> Any:
    """What the kernel computes, where there is none: (tokens, heads, size), each page for itself."""
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    found = []
    for begin, end in pairwise(ends.tolist()):
        if begin < end:
            one, two, three = (part[begin:end].transpose(0, 1)[None] for part in (q, k, v))
            seen = scaled_dot_product_attention(one, two, three, is_causal=causal, scale=scale, enable_gqa=True)
            found.append(seen[0].transpose(0, 1))
    return torch.cat(found)
