"""The mean of a checkpoint's weights and of those that its training began with.

A model that is trained on for new data answers better there and worse elsewhere. The mean of both is often above either
on what neither was trained for (Wortsman et al., "Robust fine-tuning of zero-shot models", arXiv 2109.01903).
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from indexlm.page import IndexLMError
from train.backbone import load_model
from train.recipe import Recipe

_NOT_COPIED = ("checkpoint-*", "cache", "log.jsonl", "*.safetensors*", "model.onnx*")


def blend(begun: Path, trained: Path, out: Path, share: float) -> None:
    """Write to `out` the checkpoint `trained` with weights of `share` · trained + (1 - share) · begun.

    `begun` is a checkpoint or an export, with the same configuration and the same tokenizer. Raises `IndexLMError`
    otherwise, for folders without a configuration, for a share that is not from 0 to 1, and where `out` exists.
    """
    import torch

    if not 0 <= share <= 1:
        raise IndexLMError(f"a share is from 0 to 1; found {share:g}")
    if out.exists():
        raise IndexLMError(f"a blend is written to a new folder; {out} exists")
    for folder in (begun, trained):
        if not (folder / "config.json").is_file():
            raise IndexLMError(f"a blend is of two checkpoint folders; {folder} has no config.json")
    tokenizers = [folder / "tokenizer.json" for folder in (begun, trained)]
    vocabularies = [json.loads(path.read_text("utf-8"))["model"] for path in tokenizers if path.is_file()]
    if len(vocabularies) == 2 and vocabularies[0] != vocabularies[1]:
        raise IndexLMError(f"a blend is of models with one tokenizer; {begun} and {trained} have two")
    auto, other = _auto_class(trained), _auto_class(begun)
    if auto is not other:
        raise IndexLMError(f"a blend is of models of one head; {begun} and {trained} are of two")
    first, second = (load_model(Recipe(model=str(folder)), auto) for folder in (begun, trained))
    weights = dict(first.named_parameters())
    with torch.no_grad():
        for name, weight in second.named_parameters():  # tied ones come once
            if name not in weights or weights[name].shape != weight.shape:
                raise IndexLMError(f"a blend is of models of one configuration; {begun} and {trained} differ in {name}")
            weight.lerp_(weights[name], 1 - share)
    shutil.copytree(trained, out, ignore=shutil.ignore_patterns(*_NOT_COPIED))
    second.save_pretrained(out)


def _auto_class(folder: Path) -> Any:
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForTokenClassification

    architectures = AutoConfig.from_pretrained(folder).architectures or [""]
    is_classifier = architectures[0].endswith("TokenClassification")
    return AutoModelForTokenClassification if is_classifier else AutoModelForCausalLM
