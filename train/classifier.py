"""Training of the classifier head: stock `Trainer`, a label at every block's marker and -100 elsewhere."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from heads.settings import Settings
from train.backbone import arguments, last_checkpoint, load_tokenizer, load_windows, small_config

__all__ = ["features", "train_classifier"]


def features(row: dict[str, Any], read: str) -> dict[str, list[int]]:
    """A window -> `input_ids` and `labels`: 1 where a block is kept, 0 where it is not, -100 off the blocks."""
    labels = [-100] * len(row["ids"])
    for place, kept in zip(row["markers"] if read == "marker" else row["lasts"], row["gold"], strict=True):
        labels[place] = int(kept)
    return {"input_ids": row["ids"], "labels": labels}


def train_classifier(run: Path, *, steps: int, learning_rate: float, read: str = "marker", **given: Any) -> Path:
    """The windows of `run` -> a checkpoint in `run/classifier`; goes on from the last checkpoint if there is one."""
    from transformers import (
        DataCollatorForTokenClassification,
        Qwen3ForTokenClassification,
        Trainer,
        TrainingArguments,
        set_seed,
    )

    out = run / "classifier"
    tokenizer = load_tokenizer(run)
    windows = load_windows(run)
    dataset = windows.map(
        lambda row: features(row, read) | {"length": len(row["ids"])},
        remove_columns=windows.column_names,
        load_from_cache_file=False,  # the cache does not see when `features` changes
    )
    set_seed(given.get("seed", 42))
    config = small_config(tokenizer, num_labels=2)
    config.is_causal = False  # what makes attention bidirectional, for every attention implementation
    config.indexlm = Settings("classifier", read=read, trees=True).to_dict()  # type: ignore[arg-type]
    trainer = Trainer(
        model=Qwen3ForTokenClassification(config),
        args=TrainingArguments(**arguments(output_dir=str(out), max_steps=steps, learning_rate=learning_rate, **given)),
        train_dataset=dataset,
        data_collator=DataCollatorForTokenClassification(tokenizer),
        processing_class=tokenizer,
    )
    trainer.train(resume_from_checkpoint=last_checkpoint(out))
    trainer.save_model(str(out))
    shutil.copy(run / "trees.onnx", out)
    return out
