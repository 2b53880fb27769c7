"""The recipe file: its defaults, that it reads back as written, and its error messages."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexlm import IndexLMError
from train.recipe import Recipe, read_recipe, write_recipe

ROOT = Path(__file__).parent.parent


def test_defaults_are_the_published_replications() -> None:
    recipe = read_recipe(None)
    assert recipe.model == "Qwen/Qwen3-0.6B"
    assert (recipe.learning_rate, recipe.schedule, recipe.warmup, recipe.weight_decay) == (2e-5, "cosine", 0.05, 0.01)
    assert (recipe.epochs, recipe.batch, recipe.max_tokens) == (3, 16, 4096)
    assert (recipe.eval_steps, recipe.save_steps, recipe.seed, recipe.checkpointing) == (500, 500, 42, True)


def test_a_recipe_reads_back_as_written(tmp_path: Path) -> None:
    recipe = Recipe(model="a/b", learning_rate=3e-4, report_to=("trackio",), lora_rank=8, packing=False)
    (tmp_path / "r.yaml").write_text(write_recipe(recipe))
    assert read_recipe(tmp_path / "r.yaml") == recipe


def test_changes_come_after_the_file(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("learning_rate: 1e-4\nseed: 7\nreport_to: trackio\n")
    recipe = read_recipe(tmp_path / "r.yaml", ["seed=8", "packing=false", "epochs=2", "eval_data="])
    assert (recipe.learning_rate, recipe.seed, recipe.packing, recipe.epochs) == (1e-4, 8, False, 2.0)
    assert recipe.report_to == ("trackio",)


@pytest.mark.parametrize("path", sorted((ROOT / "train" / "recipes").glob("*[!e].yaml")), ids=lambda path: path.stem)
def test_every_recipe_that_is_shipped_can_be_read(path: Path) -> None:
    assert read_recipe(path).data


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("learning_rat=1", "found learning_rat"),
        ("learning_rate=fast", "learning_rate in a recipe is a number; found 'fast'"),
        ("learning_rate=true", "found True"),
        ("learning_rate=0", "more than 0; found 0"),
        ("seed=1.5", "a whole number; found 1.5"),
        ("packing=maybe", "true or false; found 'maybe'"),
        ("schedule=step", "cosine, linear"),
        ("attention=eager", "flash_attention_2; found 'eager'"),
        ("held_out=0.9", "from 0 to 0.5; found 0.9"),
        ("device_batch=3", "found 16 and 3"),
        ("auxiliary_targets=true", "found packing true"),
        ("completion_only=1", "true or false; found 1"),
        ("more_layers=1", "Qwen3-0.6B"),
        ("width=256", "Qwen3-0.6B"),
        ("width=200", "found 200"),
        ("report_to=[1]", "a list of names"),
        ("seed: 3", "key=value"),
        ("seed=[", "cannot be read as YAML"),
    ],
)
def test_mistakes_are_told_with_the_rule_and_the_value(change: str, told: str) -> None:
    with pytest.raises(IndexLMError) as caught:
        read_recipe(None, [change])
    assert told in str(caught.value)


def test_auxiliary_targets_and_a_language_models_loss_exclude_each_other() -> None:
    with pytest.raises(IndexLMError, match="found completion_only false"):
        read_recipe(None, ["packing=false", "auxiliary_targets=true", "completion_only=false"])


def test_a_file_that_is_no_recipe_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.yaml").write_text("- a\n")
    with pytest.raises(IndexLMError, match="holds a list"):
        read_recipe(tmp_path / "list.yaml")
    with pytest.raises(IndexLMError, match=r"none\.yaml cannot be read"):
        read_recipe(tmp_path / "none.yaml")
