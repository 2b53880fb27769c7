"""Training of the classifier head: the stock `Trainer`, a label where each block is read, and -100 elsewhere."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from train.attention import attention
from train.backbone import load_model, load_tokenizer, small_config
from train.data.rows import load_rows
from train.fit import fit
from train.recipe import SMALL, Recipe


def features(row: dict[str, Any], readout: str) -> dict[str, list[int]]:
    """A tokenized page -> `input_ids` and `labels`: at the readout of each line 1 (kept) or 0, and -100 elsewhere."""
    labels = [-100] * len(row["ids"])
    for place, kept in zip(row["markers"] if readout == "marker" else row["lasts"], row["gold"], strict=True):
        labels[place] = int(kept)
    return {"input_ids": row["ids"], "labels": labels}


def train_classifier(recipe: Recipe, trial: bool = False) -> Path:
    """A recipe -> a checkpoint in its `out`; continues from the last one there.

    A `trial` has random weights and saves no model.
    """
    from transformers import (
        AutoModelForTokenClassification,
        Qwen3ForTokenClassification,
        Trainer,
        TrainingArguments,
        set_seed,
    )

    tokenizer = load_tokenizer(recipe)
    rows = load_rows(recipe, tokenizer, "classifier")
    set_seed(recipe.seed)
    # `is_causal` False makes attention bidirectional, in every attention implementation.
    if recipe.model == SMALL:
        config = small_config(
            tokenizer, recipe.more_layers, recipe.width, num_labels=2, attn_implementation=attention(recipe)
        )
        config.is_causal = recipe.causal
        model = Qwen3ForTokenClassification(config)
    else:
        model = load_model(recipe, AutoModelForTokenClassification, trial, num_labels=2, is_causal=recipe.causal)
    return fit(
        recipe,
        rows,
        model,
        tokenizer,
        partial(features, readout=recipe.readout),
        Trainer,
        TrainingArguments,
        save=not trial,
        compute_loss_func=partial(_loss, kept_weight=recipe.kept_weight),
    )


def _loss(outputs: Any, labels: Any, num_items_in_batch: Any = None, *, kept_weight: float) -> Any:
    """The mean cross-entropy over the blocks of a step; a kept block counts `kept_weight`."""
    import torch
    from torch.nn.functional import cross_entropy

    # No positions are selected, because the host would wait for the GPU.
    weight = None
    if kept_weight != 1.0:
        weight = torch.ones(2, device=labels.device)
        weight[1] = kept_weight
    logits = outputs.logits.float().flatten(0, -2)
    total = cross_entropy(logits, labels.flatten(), weight=weight, ignore_index=-100, reduction="sum")
    return total / ((labels != -100).sum() if num_items_in_batch is None else num_items_in_batch)
