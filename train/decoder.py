"""Training of the small decoder: stock `Trainer` on the answer, with each block's own fate as a side target."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from heads.settings import Settings
from indexlm.intervals import NA, format_intervals, to_intervals
from indexlm.prompt import marker
from train.backbone import arguments, last_checkpoint, load_tokenizer, load_windows, small_config

__all__ = ["features", "train_decoder"]

# Learning to point takes many steps rather than large ones.
_SMALL_BATCH = {"per_device_train_batch_size": 8, "train_sampling_strategy": "random"}


def features(row: dict[str, Any], tokenizer: Any, dense: bool = True) -> dict[str, list[int]]:
    """A window -> `input_ids`, the prompt and its answer, and `labels`, -100 on the prompt.

    With `dense`, each marker is also trained to tell of the block before it, which it is the first to have seen
    whole: that block's number where it is kept, `NA` where it is not (for the last block the end of its line
    tells). So a model trained from scratch learns to judge and to name blocks from every
    block, not from the few numbers of an answer alone. Nothing reads these predictions later.
    """
    answer = format_intervals(to_intervals(i for i, kept in enumerate(row["gold"], 1) if kept))
    answer_ids = [*tokenizer.encode(answer, add_special_tokens=False), tokenizer.eos_token_id]
    labels = [-100] * len(row["ids"])

    def first_token(text: str) -> int:
        token = tokenizer.convert_tokens_to_ids(text)  # one look-up where the text is one token
        return int(tokenizer.encode(text, add_special_tokens=False)[0] if token is None else token)

    if dense:
        places = [*(marker + 1 for marker in row["markers"][1:]), row["lasts"][-1] + 1]  # after the tokens that tell
        for number, (place, kept) in enumerate(zip(places, row["gold"], strict=True), 1):
            labels[place] = first_token(str(number) if kept else NA)
    return {"input_ids": row["ids"] + answer_ids, "labels": labels + answer_ids}


def train_decoder(
    run: Path,
    *,
    steps: int,
    learning_rate: float,
    start: Path | None = None,
    more_layers: int = 0,
    **given: Any,
) -> Path:
    """The windows of `run` -> a checkpoint in `run/decoder`; goes on from the last checkpoint if there is one.

    `start` is a checkpoint, such as the classifier's, whose backbone the training begins with; `more_layers` are
    put on top of it (or of the small size, without a start): pointing at blocks needs what judging them has found, and
    a layer cannot read what another position computes in the same layer. On a start they begin as the identity.
    """
    from transformers import DataCollatorForTokenClassification, Trainer, TrainingArguments, set_seed

    out = run / "decoder"
    tokenizer = load_tokenizer(run)
    windows = load_windows(run)
    dataset = windows.map(
        lambda row: features(row, tokenizer),
        remove_columns=windows.column_names,
        load_from_cache_file=False,  # the cache does not see when `features` changes
    )
    set_seed(given.get("seed", 42))
    layers = small_config(tokenizer).num_hidden_layers if start is None else _layers(start)
    config = small_config(tokenizer, num_hidden_layers=layers + more_layers)
    config.indexlm = Settings("decoder", causal=True, trees=True).to_dict()
    model = _sparse_causal_lm()(config)
    if start is not None:
        _take_backbone(model, start)
    if start is None or "CausalLM" not in json.loads((start / "config.json").read_text("utf-8"))["architectures"][0]:
        _order_numbers(model, tokenizer)
    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            **arguments(output_dir=str(out), max_steps=steps, learning_rate=learning_rate, **(_SMALL_BATCH | given))
        ),
        train_dataset=dataset,
        data_collator=DataCollatorForTokenClassification(tokenizer),
        processing_class=tokenizer,
    )
    trainer.train(resume_from_checkpoint=last_checkpoint(out))
    trainer.save_model(str(out))
    shutil.copy(run / "trees.onnx", out)
    return out


def _sparse_causal_lm() -> Any:
    """`Qwen3ForCausalLM` with the loss of a small decoder: the mean over the answer plus that over the side targets.

    The vocabulary layer reads only the positions that have a label: one in ten has one, and for a backbone this
    small the layer would cost as much as all others together.
    """
    from torch.nn.functional import cross_entropy
    from transformers import Qwen3ForCausalLM
    from transformers.modeling_outputs import CausalLMOutputWithPast

    def forward(self: Any, input_ids: Any, attention_mask: Any, labels: Any, num_items_in_batch: Any = None) -> Any:
        hidden = self.model(input_ids=input_ids, attention_mask=attention_mask, use_cache=False).last_hidden_state
        read = labels[:, 1:] != -100
        targets = labels[:, 1:][read]
        losses = cross_entropy(self.lm_head(hidden[:, :-1][read]).float(), targets, reduction="none")
        answer = targets == input_ids[:, 1:][read]  # a side target is never the token that stands there
        loss = losses[answer].mean()
        return CausalLMOutputWithPast(loss=loss if bool(answer.all()) else loss + losses[~answer].mean())

    # The class keeps its name: it is what the checkpoint's config says of its architecture.
    return type("Qwen3ForCausalLM", (Qwen3ForCausalLM,), {"forward": forward})


def _layers(checkpoint: Path) -> int:
    return int(json.loads((checkpoint / "config.json").read_text("utf-8"))["num_hidden_layers"])


def _take_backbone(model: Any, start: Path) -> None:
    """Copy the backbone's weights of a checkpoint into a causal model; layers that it lacks begin as the identity."""
    from safetensors.torch import load_file

    loaded = load_file(start / "model.safetensors").items()
    weights = {name.removeprefix("model."): value for name, value in loaded if name.startswith("model.")}
    model.model.load_state_dict(weights, strict=False)
    for layer in model.model.layers[_layers(start) :]:
        layer.self_attn.o_proj.weight.data.zero_()
        layer.mlp.down_proj.weight.data.zero_()


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
