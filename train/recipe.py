"""A training's recipe: one YAML file for either head, checked before anything is loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, get_type_hints

from indexlm.page import IndexLMError

__all__ = ["SMALL", "Recipe", "read_recipe", "write_recipe"]

SMALL = "small"
"""The `model` of a recipe that trains the shipped size from scratch."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a training is given. The defaults are the published replication's of IndexLM for Qwen3-0.6B.

    `model` is a Hub id, a checkpoint folder, or `small` (the shipped size from scratch; `more_layers` makes it deeper,
    `width` wider or narrower).
    `data` and `eval_data` are Parquet files of `data build`, or the windows of `train prepare`; without `eval_data`, a
    `held_out` share of the pages of `data` is kept for evaluation, and always for calibration. `batch` counts rows of
    one optimizer step over all devices, `device_batch` those of one device at a time; with `packing` a row holds as
    many pages as `max_tokens` does. `steps` 0 means `epochs`. `kept_weight` is what a kept block counts in the
    classifier's loss, where a dropped one counts 1. `dense` gives a small decoder side targets at every marker; without
    `completion_only` a decoder learns its prompt too, as a language model: a warm-up for either head. `lora_rank` 0
    trains all weights. `precision` auto is bf16 where the device has products for it (without, as on many CPUs, it is
    ten times slower than fp32), else fp32. `attention` auto is `varlen` on a GPU (torch's own variable-length
    kernel, with the layers compiled), else `sdpa`.
    """

    model: str = "Qwen/Qwen3-0.6B"
    data: str = "data/train.parquet"
    eval_data: str = ""
    out: str = "runs/qwen3-0.6b"
    held_out: float = 0.02
    max_tokens: int = 4096
    packing: bool = True
    epochs: float = 3.0
    steps: int = 0
    batch: int = 16
    device_batch: int = 1
    learning_rate: float = 2e-5
    schedule: str = "cosine"
    warmup: float = 0.05
    weight_decay: float = 0.01
    clip: float = 1.0
    precision: str = "auto"
    checkpointing: bool = True
    attention: str = "auto"
    read: str = "marker"
    causal: bool = False
    kept_weight: float = 1.0
    dense: bool = False
    completion_only: bool = True
    more_layers: int = 0
    width: int = 0
    lora_rank: int = 0
    lora_alpha: int = 32
    lora_dropout: float = 0.05
    eval_steps: int = 500
    save_steps: int = 500
    log_steps: int = 10
    seed: int = 42
    report_to: tuple[str, ...] = field(default=())
    push_to_hub: str = ""


def _at_least(least: float) -> Callable[[Any], bool]:
    return lambda value: value >= least


def _one_of(*names: str) -> Callable[[Any], bool]:
    return lambda value: value in names


_RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "model": (bool, "a Hub id, a folder or `small`"),
    "data": (bool, "a Parquet file"),
    "out": (bool, "a folder"),
    "held_out": (lambda value: 0 <= value <= 0.5, "a share from 0 to 0.5"),
    "max_tokens": (_at_least(64), "at least 64"),
    "epochs": (lambda value: value > 0, "more than 0"),
    "steps": (_at_least(0), "0 (by epochs) or more"),
    "batch": (_at_least(1), "at least 1"),
    "device_batch": (_at_least(1), "at least 1"),
    "learning_rate": (_at_least(0), "0 or more"),
    "schedule": (_one_of("cosine", "linear", "constant_with_warmup"), "cosine, linear or constant_with_warmup"),
    "warmup": (lambda value: 0 <= value < 1, "a share of the steps, from 0 to below 1"),
    "weight_decay": (_at_least(0), "0 or more"),
    "clip": (lambda value: value > 0, "more than 0"),
    "precision": (_one_of("auto", "bf16", "fp16", "fp32"), "auto, bf16, fp16 or fp32"),
    "attention": (
        _one_of("auto", "sdpa", "varlen", "flash_attention_2"),
        "auto, sdpa, varlen or flash_attention_2",
    ),
    "read": (_one_of("marker", "last"), "marker or last"),
    "kept_weight": (lambda value: value > 0, "more than 0"),
    "more_layers": (_at_least(0), "0 or more"),
    "width": (lambda value: value >= 0 and value % 64 == 0, "a multiple of 64 (0: as shipped)"),
    "lora_rank": (_at_least(0), "0 (off) or more"),
    "lora_alpha": (_at_least(1), "at least 1"),
    "lora_dropout": (lambda value: 0 <= value < 1, "from 0 to below 1"),
    "eval_steps": (_at_least(1), "at least 1"),
    "save_steps": (_at_least(1), "at least 1"),
    "log_steps": (_at_least(1), "at least 1"),
}


def read_recipe(path: Path | None, changes: Sequence[str] = ()) -> Recipe:
    """A YAML file (none for the defaults), and `key=value` changes to it -> the recipe.

    Raises `IndexLMError` for a key that there is not, or a value of another type or out of its range.
    """
    import yaml

    def parsed(text: str, where: str) -> Any:
        try:
            return yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise IndexLMError(f"{where} cannot be read as YAML: {' '.join(str(error).split())}") from None

    given: Any = {}
    if path is not None:
        try:
            given = parsed(path.read_text("utf-8"), str(path)) or {}
        except (OSError, UnicodeDecodeError) as error:
            raise IndexLMError(f"the recipe {path} cannot be read: {error}") from None
        if not isinstance(given, dict):
            raise IndexLMError(f"a recipe is keys with values; {path} holds a {type(given).__name__}")
    for change in changes:
        key, is_pair, value = change.partition("=")
        if not is_pair:
            raise IndexLMError(f"a change to the recipe is key=value; found {change!r}")
        given[key] = parsed(value, change) if value else ""
    return _checked(given)


def _checked(given: dict[str, Any]) -> Recipe:
    kinds = get_type_hints(Recipe)
    if unknown := [str(key) for key in given if key not in kinds]:
        raise IndexLMError(f"a recipe's keys are {', '.join(kinds)}; found {', '.join(unknown)}")
    checked: dict[str, Any] = {}
    for key, value in given.items():
        kind = kinds[key]
        if key == "report_to":
            value = (value,) if isinstance(value, str) and value else value or ()
            good = isinstance(value, list | tuple) and all(isinstance(name, str) for name in value)
            value, expected = (tuple(value) if good else value), "a list of names"
        elif kind is float:
            value = _number(value)
            good, expected = isinstance(value, float), "a number"
        else:
            value = "" if kind is str and value is None else value
            # In Python a bool is an int, in a recipe it is not.
            good = type(value) is kind
            expected = {str: "text", int: "a whole number", bool: "true or false"}[kind]
        if good and key in _RULES:
            in_range, expected = _RULES[key]
            good = in_range(value)
        if not good:
            raise IndexLMError(f"{key} in a recipe is {expected}; found {value!r}")
        checked[key] = value
    recipe = replace(Recipe(), **checked)
    if recipe.batch % recipe.device_batch:
        raise IndexLMError(f"batch is a multiple of device_batch; found {recipe.batch} and {recipe.device_batch}")
    if (recipe.more_layers or recipe.width) and recipe.model != SMALL:
        raise IndexLMError(f"more_layers and width change the model `{SMALL}`; found one with {recipe.model}")
    if recipe.dense and recipe.packing:
        raise IndexLMError("dense side targets are for windows of a page, one a row; found packing true with them")
    if recipe.dense and not recipe.completion_only:
        raise IndexLMError(
            "dense side targets stand where a prompt's tokens would; found completion_only false with them"
        )
    return recipe


def _number(value: Any) -> Any:
    """YAML reads `2e-5` as text."""
    if isinstance(value, bool):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def write_recipe(recipe: Recipe) -> str:
    """A recipe -> the YAML that reads back as it."""
    import yaml

    known = {f.name: getattr(recipe, f.name) for f in fields(recipe)}
    assert known == asdict(recipe)
    text: str = yaml.safe_dump(known | {"report_to": list(recipe.report_to)}, sort_keys=False)
    return text
