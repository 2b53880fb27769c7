"""What `train speed` says: every setting by the recipe that users train with, and FLOPs that can be counted by hand."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest

from train import speed
from train.backbone import PUBLISHED, SIZE
from train.recipe import Recipe

pytest.importorskip("pyarrow", reason="needs the train extra")

TINY = SIZE | {"vocab_size": 8192, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1}


def test_flops_are_those_of_the_products() -> None:
    """One layer of width 8, one head of 4, one of keys, inner width 16: 8 * (8 + 8 + 48) products a token."""
    config = {
        "hidden_size": 8,
        "head_dim": 4,
        "num_hidden_layers": 1,
        "num_attention_heads": 1,
        "num_key_value_heads": 1,
        "intermediate_size": 16,
    }
    linear = 8 * (2 * 4 + 2 * 4 + 3 * 16)
    assert speed.training_flops(config, 10, causal=False) == 6 * (linear + 2 * 4 * 10)
    assert speed.training_flops(config, 10, causal=True) == 6 * (linear + 4 * 10)


@pytest.mark.parametrize(("size", "parameters"), [("qwen3-0.6b", 0.44e9), ("qwen3-1.7b", 1.4e9)])
def test_flops_of_qwen3_are_six_for_each_parameter_but_the_embedding(size: str, parameters: float) -> None:
    """As many without it as its card says."""
    assert speed.training_flops(PUBLISHED[size], 0, causal=False) / 6 == pytest.approx(parameters, rel=0.01)


@pytest.mark.parametrize("head", ["classifier", "decoder"])
def test_every_setting_is_trained_and_measured_and_no_model_is_left_on_disk(
    head: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = []
    for result in speed.speed(head, TINY, 256, [1], steps=6):
        written = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert any(path.name == "log.jsonl" for path in written)
        assert not [path for path in written if path.suffix in (".safetensors", ".bin", ".pt")]
        found.append(result)
    assert [(f["packing"], f["checkpointing"]) for f in found] == [
        (True, True),
        (True, False),
        (False, True),
        (False, False),
    ]
    for result in found:
        assert "error" not in result
        assert result["tokens_per_second"] > 0
        assert 0 < result["mfu"] < 1


def test_a_setting_that_fails_says_why_and_the_others_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(head: str, recipe: Recipe, *given: Any) -> dict[str, Any]:
        if recipe.packing:
            raise OSError("No space left on device")
        return {"mfu": 0.5}

    monkeypatch.setattr(speed, "_measured", full)
    found = list(speed.speed("classifier", TINY, 256, [1], steps=6))
    assert [f.get("error") for f in found] == ["OSError: No space left on device"] * 2 + [None] * 2
    assert [f.get("mfu") for f in found] == [None, None, 0.5, 0.5]
