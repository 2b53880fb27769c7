"""A checkpoint of a published size with random weights, to time that size without its weights."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from heads.settings import HeadName, Settings
from indexlm.models import shipped
from indexlm.page import IndexLMError
from train.backbone import PUBLISHED
from train.export.to_onnx import export


def export_random(head: HeadName, size: str, out: Path) -> None:
    """Write a checkpoint of a size of `PUBLISHED` into a new folder, for torch (fp32) and for ONNX (int8).

    Settings, tokenizer and trees are those of the shipped head: random weights take no longer for other token ids.
    Raises `IndexLMError` where the folder exists already.
    """
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM, Qwen3ForTokenClassification

    if out.exists():
        raise IndexLMError(f"a checkpoint with random weights is written into a new folder; {out} exists")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as scratch:
        checkpoint = Path(scratch) / "checkpoint"
        config = Qwen3Config(**PUBLISHED[size], num_labels=2)
        config.is_causal = head == "decoder"
        settings = Settings.read_from(shipped(head))
        config.indexlm = settings.to_dict()
        torch.manual_seed(0)
        (Qwen3ForCausalLM if head == "decoder" else Qwen3ForTokenClassification)(config).save_pretrained(checkpoint)
        for name in ("tokenizer.json", "trees.onnx", *["answers.onnx"] * settings.answer_trees):
            shutil.copy(shipped(head) / name, checkpoint / name)
        export(checkpoint, checkpoint, "int8")
        checkpoint.rename(out)
