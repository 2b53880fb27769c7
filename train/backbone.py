"""The small Qwen3 backbone that both shipped heads are trained on, and what their trainings share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexlm.page import IndexLMError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast, Qwen3Config

__all__ = ["SMALL", "arguments", "last_checkpoint", "load_tokenizer", "load_windows", "small_config"]

SMALL: dict[str, Any] = {
    "hidden_size": 192,
    "intermediate_size": 512,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 32,
    "max_position_embeddings": 4096,
    "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
    "tie_word_embeddings": True,
}
"""1.1M parameters beside the embedding."""


def small_config(tokenizer: PreTrainedTokenizerFast, **more: Any) -> Qwen3Config:
    """The configuration of the shipped size for a tokenizer; `more` is set on top."""
    from transformers import Qwen3Config

    return Qwen3Config(
        vocab_size=len(tokenizer),
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        **(SMALL | more),
    )


def load_tokenizer(run: Path) -> PreTrainedTokenizerFast:
    """The tokenizer that `train prepare` left in a run's folder."""
    from transformers import PreTrainedTokenizerFast

    path = run / "tokenizer.json"
    if not path.exists():
        raise IndexLMError(f"a run begins with `train prepare`; {run} holds no tokenizer.json")
    return PreTrainedTokenizerFast(tokenizer_file=str(path), eos_token="<|im_end|>", pad_token="<|endoftext|>")


def load_windows(run: Path) -> Any:
    """The windows that `train prepare` left in a run's folder, as a `datasets.Dataset`."""
    from datasets import Dataset

    path = run / "windows.parquet"
    if not path.exists():
        raise IndexLMError(f"a run begins with `train prepare`; {run} holds no windows.parquet")
    return Dataset.from_parquet(str(path), cache_dir=str(run / "cache"))


def arguments(**given: Any) -> dict[str, Any]:
    """What both trainings say to their Trainer: AdamW, cosine with 5 % warm-up, the last two checkpoints kept."""
    import torch

    return {
        "use_cpu": not torch.cuda.is_available(),
        "per_device_train_batch_size": 8,
        "lr_scheduler_type": "cosine",
        "warmup_steps": 0.05,
        "weight_decay": 0.05,
        "max_grad_norm": 1.0,
        "bf16": True,
        "logging_steps": 50,
        "save_steps": 500,
        "save_total_limit": 2,
        "report_to": [],
        "seed": 42,
        "train_sampling_strategy": "group_by_length",
        "length_column_name": "length",
        "dataloader_num_workers": 0,
        "disable_tqdm": True,
    } | given


def last_checkpoint(folder: Path) -> str | None:
    """The newest whole checkpoint in a training's folder, or none."""
    from transformers.trainer_utils import get_last_checkpoint

    return get_last_checkpoint(str(folder)) if folder.is_dir() else None
