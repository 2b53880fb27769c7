"""The attention implementation and precision of a training; on a GPU attention by pages, with compiled layers."""

from __future__ import annotations

import inspect
import logging
import os
from functools import cache, partial
from itertools import pairwise
from typing import Any

from indexlm.page import IndexLMError
from train.recipe import Recipe

VARLEN = "varlen"
"""The name of our attention by pages: torch's variable-length kernel on a GPU, SDPA page by page elsewhere."""


def precision(recipe: Recipe) -> str:
    """The precision of products. `auto` is bf16 where the device has products for it, else fp32."""
    if recipe.precision != "auto":
        return recipe.precision
    import torch

    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    return "bf16" if torch.ops.mkldnn._is_mkldnn_bf16_supported() else "fp32"


def attention(recipe: Recipe) -> str:
    """The attention implementation, by its name in transformers; `varlen` is registered there.

    `auto` is `varlen` on a GPU that has the kernel, else FlashAttention-2 where it is installed, else SDPA. Raises
    `IndexLMError` for `varlen` on a GPU without the kernel.
    """
    import torch
    from transformers.utils import is_flash_attn_2_available

    name = recipe.attention
    missing = _missing(recipe) if torch.cuda.is_available() else ""
    if name == "auto":
        # Without a launcher the Trainer splits a batch over all GPUs, and a single row cannot be split.
        one_gpu = torch.cuda.device_count() == 1 or "WORLD_SIZE" in os.environ
        name = "sdpa"
        if torch.cuda.is_available() and one_gpu:
            name = VARLEN if not missing else "flash_attention_2" if is_flash_attn_2_available() else "sdpa"
    elif name == VARLEN and missing:
        raise IndexLMError(f"attention varlen needs {missing}: set attention to sdpa")
    if name == VARLEN:
        _register()
    return name


def by_pages(implementation: str) -> bool:
    """Whether an implementation takes all rows of a step as one, with the lengths of its pages in place of a mask."""
    return implementation in (VARLEN, "flash_attention_2")


def compile_layers(model: Any, checkpointing: bool) -> None:
    """Compile each layer of a model at its first run. All share one graph, because they differ in weights alone.

    With `checkpointing` the backward pass computes MLPs and elementwise operations again. The outputs of attention and
    of its products are saved (14 KiB a token and layer of Qwen3-0.6B), because they cost more time than memory.
    """
    from transformers.modeling_layers import GradientCheckpointingLayer

    if checkpointing:
        # The compiler warns of in-place operations, and no layer has any.
        logging.getLogger("torch._higher_order_ops.wrap").setLevel(logging.ERROR)
        options = {"use_reentrant": False, "context_fn": _checkpoint_contexts(model.config.intermediate_size)}
        model.activation_checkpointing_enable(activation_checkpointing_kwargs=options)
    for layer in model.modules():
        if isinstance(layer, GradientCheckpointingLayer):
            layer.compile()


def _checkpoint_contexts(mlp_width: int) -> Any:
    """The `context_fn` of `torch.utils.checkpoint`: attention and its products are saved, all else is recomputed."""
    import torch
    from torch.utils.checkpoint import CheckpointPolicy, create_selective_checkpoint_contexts

    def policy(context: Any, operation: Any, *operands: Any, **_: Any) -> Any:
        is_product = operation is torch.ops.aten.mm.default and mlp_width not in operands[1].shape
        is_saved = is_product or str(operation).startswith("torch_attn.")
        return CheckpointPolicy.MUST_SAVE if is_saved else CheckpointPolicy.PREFER_RECOMPUTE

    return partial(create_selective_checkpoint_contexts, policy)


def _missing(recipe: Recipe) -> str:
    """What torch's variable-length attention needs and lacks on this GPU; empty where it runs."""
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
    """torch's variable-length attention; None where it is missing, or has no `window_size`."""
    try:
        from torch.nn.attention.varlen import varlen_attn
    except ImportError:
        return None
    return varlen_attn if "window_size" in inspect.signature(varlen_attn).parameters else None


@cache
def _register() -> None:
    """Register attention by pages with transformers."""
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
        q, k = q.to(v.dtype), k.to(v.dtype)  # under autocast the norms return fp32
        causal = is_causal is not False
        if not v.is_cuda:
            return _page_after_page(q, k, v, cu_seq_lens_q, causal, scaling)[None], None
        window = (-1, 0) if causal else (-1, -1)
        lengths = (cu_seq_lens_q, cu_seq_lens_q, max_length_q, max_length_q)
        return kernel(q, k, v, *lengths, scale=scaling, window_size=window, **grouped)[None], None

    AttentionInterface.register(VARLEN, attend)


def _page_after_page(q: Any, k: Any, v: Any, ends: Any, causal: bool, scale: float | None) -> Any:
    """The kernel's result without the kernel: (tokens, heads, size), one page at a time."""
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
