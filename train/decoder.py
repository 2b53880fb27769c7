"""Training of the decoder head: TRL's `SFTTrainer` on the answer, or from scratch with auxiliary targets."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from indexlm.intervals import NA, format_intervals, to_intervals
from indexlm.prompt import marker
from train.attention import attention
from train.backbone import load_model, load_tokenizer, small_config
from train.data.rows import load_rows
from train.fit import fit
from train.recipe import SMALL, Recipe


def features(
    row: dict[str, Any], tokenizer: Any, auxiliary_targets: bool = False, completion_only: bool = True
) -> dict[str, list[int]]:
    """A tokenized page -> `input_ids`, the prompt and its answer, and `labels`, -100 on the prompt.

    Fixed lines are answered as the trees decide: inference ignores the answer there, so that it should not be learnt.
    Without `completion_only` each token of the prompt but the first is its own label. Text without
    blocks has no answer.

    With `auxiliary_targets` the marker after each block also predicts that block: its number where it is kept, `NA`
    where it is not (for the last block, the end of its line). A model from scratch so learns to judge and to name
    blocks from every block, and not only from the few numbers of an answer. Inference ignores these predictions.
    """
    fixed = row.get("fixed") or [None] * len(row["gold"])
    gold = [is_gold if by_trees is None else by_trees for is_gold, by_trees in zip(row["gold"], fixed, strict=True)]
    answer = format_intervals(to_intervals(i for i, kept in enumerate(gold, 1) if kept))
    answer_ids = [*tokenizer.encode(answer, add_special_tokens=False), tokenizer.eos_token_id] if row["gold"] else []
    labels = [-100] * len(row["ids"]) if completion_only else [-100, *row["ids"][1:]]

    def first_token(text: str) -> int:
        token = tokenizer.convert_tokens_to_ids(text)  # fast where the text is one token
        return int(tokenizer.encode(text, add_special_tokens=False)[0] if token is None else token)

    if auxiliary_targets:
        places = [
            *(marker + 1 for marker in row["markers"][1:]),
            row["lasts"][-1] + 1,
        ]  # a label belongs to the token before
        for number, (place, kept) in enumerate(zip(places, gold, strict=True), 1):
            labels[place] = first_token(str(number) if kept else NA)
    return {"input_ids": row["ids"] + answer_ids, "labels": labels + answer_ids}


def train_decoder(recipe: Recipe, trial: bool = False) -> Path:
    """A recipe -> a checkpoint in its `out`; continues from the last one there.

    A `trial` has random weights and saves no model. Published models are trained by TRL's `SFTTrainer`; the small one,
    and any with `auxiliary_targets`, by the stock `Trainer` with `_sparse_causal_lm`. A small decoder needs more layers
    than a classifier: to name blocks it reads the judgement at other positions, which takes a layer of its own.
    """
    from transformers import AutoModelForCausalLM, Trainer, TrainingArguments, set_seed
    from trl import SFTConfig, SFTTrainer

    tokenizer = load_tokenizer(recipe)
    rows = load_rows(recipe, tokenizer, "decoder")
    set_seed(recipe.seed)
    # TRL's loss never has all logits in memory, as a large vocabulary needs. On a CPU it is three times as slow.
    is_sparse = recipe.auxiliary_targets or recipe.model == SMALL
    if recipe.model == SMALL:
        config = small_config(tokenizer, recipe.more_layers, recipe.width, attn_implementation=attention(recipe))
        model = _sparse_causal_lm()(config)
        _order_numbers(model, tokenizer)
    else:
        # The backbone may be a bidirectional classifier's.
        model = load_model(recipe, _sparse_causal_lm() if is_sparse else AutoModelForCausalLM, trial, is_causal=True)
    converter = partial(
        features,
        tokenizer=tokenizer,
        auxiliary_targets=recipe.auxiliary_targets,
        completion_only=recipe.completion_only,
    )
    if is_sparse:
        return fit(recipe, rows, model, tokenizer, converter, Trainer, TrainingArguments, save=not trial)
    arguments = partial(SFTConfig, dataset_kwargs={"skip_prepare_dataset": True}, max_length=None)
    return fit(recipe, rows, model, tokenizer, converter, SFTTrainer, arguments, save=not trial)


def _sparse_causal_lm() -> Any:
    """`Qwen3ForCausalLM` whose loss is the mean over the answer plus the mean over the auxiliary targets.

    The vocabulary layer reads only the positions that have a label, about one in ten: on all positions it would cost as
    much as all other layers of a small backbone together.
    """
    from torch.nn.functional import cross_entropy
    from transformers import Qwen3ForCausalLM
    from transformers.modeling_outputs import CausalLMOutputWithPast

    def forward(self: Any, input_ids: Any, labels: Any, **inputs: Any) -> Any:
        hidden = self.model(input_ids=input_ids, use_cache=False, **inputs).last_hidden_state
        read = labels[:, 1:] != -100
        targets = labels[:, 1:][read]
        losses = cross_entropy(self.lm_head(hidden[:, :-1][read]).float(), targets, reduction="none")
        answer = targets == input_ids[:, 1:][read]  # an auxiliary target is never the token at its position
        loss = losses[answer].mean()
        return CausalLMOutputWithPast(loss=loss if bool(answer.all()) else loss + losses[~answer].mean())

    # The class keeps its name, because the checkpoint's config states it as the architecture. Its loss is a mean, which
    # the Trainer divides where the rows of a step come in several parts.
    return type("Qwen3ForCausalLM", (Qwen3ForCausalLM,), {"forward": forward, "accepts_loss_kwargs": False})


def _order_numbers(model: Any, tokenizer: Any) -> None:
    """Initialise the embeddings of 0 to 999 as sinusoids (Vaswani et al., 2017, for positions) of the median length.

    A marker that is one token has the embedding of its number. With sinusoids "the number before this one" is the same
    rotation for all numbers, and is not learnt for each.
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
