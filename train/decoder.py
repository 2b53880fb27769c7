"""Training of the decoder head: TRL's `SFTTrainer` on the answer, or from scratch with side targets."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from indexlm.intervals import NA, format_intervals, to_intervals
from indexlm.prompt import marker
from train.backbone import load_model, load_tokenizer, small_config
from train.data.rows import load_rows
from train.fit import fit
from train.recipe import SMALL, Recipe

__all__ = ["features", "train_decoder"]


def features(
    row: dict[str, Any], tokenizer: Any, dense: bool = False, completion_only: bool = True
) -> dict[str, list[int]]:
    """A tokenized page -> `input_ids`, the prompt and its answer, and `labels`, -100 on the prompt.

    Without `completion_only` the prompt's tokens are their own labels, but for the first, which nothing tells of.

    Of settled lines the answer says what the trees say: it is not asked for later, and should cost no learning.

    With `dense`, each marker is also trained to tell of the block before it, which it is the first to have seen
    whole: that block's number where it is kept, `NA` where it is not (for the last block the end of its line
    tells). So a model trained from scratch learns to judge and to name blocks from every
    block, not from the few numbers of an answer alone. Nothing reads these predictions later.
    """
    settled = row.get("fixed") or [None] * len(row["gold"])
    gold = [kept if verdict is None else verdict for kept, verdict in zip(row["gold"], settled, strict=True)]
    answer = format_intervals(to_intervals(i for i, kept in enumerate(gold, 1) if kept))
    answer_ids = [*tokenizer.encode(answer, add_special_tokens=False), tokenizer.eos_token_id]
    labels = [-100] * len(row["ids"]) if completion_only else [-100, *row["ids"][1:]]

    def first_token(text: str) -> int:
        token = tokenizer.convert_tokens_to_ids(text)  # one look-up where the text is one token
        return int(tokenizer.encode(text, add_special_tokens=False)[0] if token is None else token)

    if dense:
        places = [*(marker + 1 for marker in row["markers"][1:]), row["lasts"][-1] + 1]  # after the tokens that tell
        for number, (place, kept) in enumerate(zip(places, gold, strict=True), 1):
            labels[place] = first_token(str(number) if kept else NA)
    return {"input_ids": row["ids"] + answer_ids, "labels": labels + answer_ids}


def train_decoder(recipe: Recipe) -> Path:
    """A recipe -> a checkpoint in its `out`; goes on from the last one there.

    TRL's `SFTTrainer` for published models; for the small one, and with `dense`, a stock `Trainer` with a loss of ours.
    `more_layers` are put on top of the small size: pointing at blocks needs what judging them has found, and a layer
    cannot read what another position computes in the same layer.
    """
    from transformers import AutoModelForCausalLM, Trainer, TrainingArguments, set_seed
    from trl import SFTConfig, SFTTrainer

    tokenizer = load_tokenizer(recipe)
    rows = load_rows(recipe, tokenizer, "decoder")
    set_seed(recipe.seed)
    # TRL's loss never holds all logits, which a large vocabulary needs; on a CPU it takes three times as long as ours.
    ours = recipe.dense or recipe.model == SMALL
    if recipe.model == SMALL:
        model = _sparse_causal_lm()(small_config(tokenizer, recipe.more_layers, recipe.width))
        _order_numbers(model, tokenizer)
    else:
        # It may begin with a classifier's backbone, which looks both ways.
        model = load_model(recipe, _sparse_causal_lm() if ours else AutoModelForCausalLM, is_causal=True)
    featured = partial(features, tokenizer=tokenizer, dense=recipe.dense, completion_only=recipe.completion_only)
    if ours:
        return fit(recipe, rows, model, tokenizer, featured, Trainer, TrainingArguments)
    prepared = partial(SFTConfig, dataset_kwargs={"skip_prepare_dataset": True}, max_length=None)
    return fit(recipe, rows, model, tokenizer, featured, SFTTrainer, prepared)


def _sparse_causal_lm() -> Any:
    """`Qwen3ForCausalLM` with the loss of a small decoder: the mean over the answer plus that over the side targets.

    The vocabulary layer reads only the positions that have a label: one in ten has one, and for a backbone this
    small the layer would cost as much as all others together.
    """
    from torch.nn.functional import cross_entropy
    from transformers import Qwen3ForCausalLM
    from transformers.modeling_outputs import CausalLMOutputWithPast

    def forward(self: Any, input_ids: Any, labels: Any, **given: Any) -> Any:
        hidden = self.model(input_ids=input_ids, use_cache=False, **given).last_hidden_state
        read = labels[:, 1:] != -100
        targets = labels[:, 1:][read]
        losses = cross_entropy(self.lm_head(hidden[:, :-1][read]).float(), targets, reduction="none")
        answer = targets == input_ids[:, 1:][read]  # a side target is never the token that stands there
        loss = losses[answer].mean()
        return CausalLMOutputWithPast(loss=loss if bool(answer.all()) else loss + losses[~answer].mean())

    # The class keeps its name: it is what the checkpoint's config says of its architecture. Its loss is a mean:
    # the Trainer is to divide it where a step's rows come in several parts.
    return type("Qwen3ForCausalLM", (Qwen3ForCausalLM,), {"forward": forward, "accepts_loss_kwargs": False})


def _order_numbers(model: Any, tokenizer: Any) -> None:
    """Start the embeddings of 0 to 999 as sinusoids (as Vaswani et al., 2017, do for positions), as long as the others.

    A marker that is one token starts as its number does. A classifier has no use for which number a marker holds, so
    its embeddings of numbers are noise. With these, "the number before this one" is one rotation for all numbers, not
    a thing to learn for each.
    """
    import torch

    weight = model.get_input_embeddings().weight
    numbers = torch.arange(1000.0)

    def ids(texts: Iterable[str]) -> Any:
        return torch.tensor([tokenizer.encode(text, add_special_tokens=False)[0] for text in texts])

    periods = torch.logspace(math.log10(2.5), math.log10(300.0), weight.shape[1] // 2)
    angles = 2 * math.pi * numbers[:, None] / periods
    with torch.no_grad():
        length = weight.norm(dim=1).median()
        ordered = torch.cat((angles.cos(), angles.sin()), dim=1) * length / math.sqrt(weight.shape[1] // 2)
        weight[ids(str(int(n)) for n in numbers)] = ordered
        markers = [f"\n{marker(i)}" for i in range(1, len(numbers))]
        single = [i for i, text in enumerate(markers, 1) if len(tokenizer.encode(text, add_special_tokens=False)) == 1]
        weight[ids(markers[i - 1] for i in single)] = ordered[single]
