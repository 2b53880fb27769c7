"""The attention implementation and precision of a training; on a GPU attention by pages, with compiled layers."""

from __future__ import annotations

import logging
import os
from functools import partial
from typing import Any

from heads.runtimes import varlen
from heads.runtimes.varlen import VARLEN
from indexlm.page import IndexLMError
from train.recipe import Recipe


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
    dtype = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(precision(recipe), torch.float32)
    missing = varlen.missing(dtype) if torch.cuda.is_available() else ""
    if name == "auto":
        # Without a launcher the Trainer splits a batch over all GPUs, and a single row cannot be split.
        one_gpu = torch.cuda.device_count() == 1 or "WORLD_SIZE" in os.environ
        name = "sdpa"
        if torch.cuda.is_available() and one_gpu:
            name = VARLEN if not missing else "flash_attention_2" if is_flash_attn_2_available() else "sdpa"
    elif name == VARLEN and missing:
        raise IndexLMError(f"attention varlen needs {missing}: set attention to sdpa")
    if name == VARLEN:
        varlen.register()
    return name


def by_pages(implementation: str) -> bool:
    """Whether an implementation takes all rows of a step as one, with the lengths of its pages in place of a mask."""
    return implementation in (VARLEN, "flash_attention_2")


def compile_layers(model: Any, checkpointing: bool) -> None:
    """Compile each layer of a model at its first run.

    With `checkpointing` the backward pass computes MLPs and elementwise operations again. The outputs of attention and
    of its products are saved (14 KiB a token and layer of Qwen3-0.6B), because they cost more time than memory.
    """
    if checkpointing:
        # The compiler warns of in-place operations, and no layer has any.
        logging.getLogger("torch._higher_order_ops.wrap").setLevel(logging.ERROR)
        options = {"use_reentrant": False, "context_fn": _checkpoint_contexts(model.config.intermediate_size)}
        model.activation_checkpointing_enable(activation_checkpointing_kwargs=options)
    varlen.compile_layers(model)


def _checkpoint_contexts(mlp_width: int) -> Any:
    """The `context_fn` of `torch.utils.checkpoint`: attention and its products are saved, all else is recomputed."""
    import torch
    from torch.utils.checkpoint import CheckpointPolicy, create_selective_checkpoint_contexts

    def policy(context: Any, operation: Any, *operands: Any, **_: Any) -> Any:
        is_product = operation is torch.ops.aten.mm.default and mlp_width not in operands[1].shape
        is_saved = is_product or str(operation).startswith("torch_attn.")
        return CheckpointPolicy.MUST_SAVE if is_saved else CheckpointPolicy.PREFER_RECOMPUTE

    return partial(create_selective_checkpoint_contexts, policy)
