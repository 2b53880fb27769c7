"""The recipe of a training: one YAML file for either head, checked before anything is loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, get_type_hints

from indexlm.page import IndexLMError
from train.errors import explained

SMALL = "small"
"""The `model` of a recipe for the shipped size from scratch."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a training depends on. The defaults are those of a published replication of IndexLM with Qwen3-0.6B.

    model: a Hub id, a checkpoint folder, or `small`: the shipped size from scratch.
    data, eval_data: Parquet files of `data build`, or the windows of `train prepare`.
    out: the folder of the checkpoints.
    held_out: the share of the pages of `data` for calibration, and without `eval_data` for evaluation.
    max_tokens: the most tokens of a row; longer pages are left out.
    packing: whether a row holds several pages.
    epochs, steps: the length of the training; `steps` 0: by epochs.
    batch: rows of an optimizer step over all devices. device_batch: those on one device at a time.
    learning_rate, schedule, warmup (a share of the steps), weight_decay, clip: the optimizer's.
    precision: `auto`, `bf16`, `fp16` or `fp32`. `auto` is bf16 where the device has products for it, else fp32: without
        them, as on many CPUs, bf16 is ten times slower.
    checkpointing: whether activations are recomputed in the backward pass, to save memory.
    attention: `auto`, `sdpa`, `varlen` (torch's variable-length kernel, with compiled layers) or `flash_attention_2`.
        `auto` is `varlen` on a GPU, else `sdpa`.
    readout: where a classifier reads a block: the last token of its `marker`, or the `last` one of its line.
    causal: whether a classifier's attention is causal.
    kept_weight: what a kept block counts in a classifier's loss; a dropped one counts 1.
    auxiliary_targets: whether a decoder also predicts, at every marker, whether the block before is kept.
    completion_only: whether a decoder learns the answer alone; otherwise also its prompt, as a language model.
    more_layers, width: what the small model has on top of the shipped size; `width` 0: the shipped one.
    lora_rank, lora_alpha, lora_dropout: LoRA's; `lora_rank` 0 trains all weights.
    eval_steps, save_steps, log_steps: how often it is evaluated, saved and logged.
    seed: what all random choices depend on.
    report_to: transformers' names of experiment trackers.
    push_to_hub: the Hub repository that the checkpoint is sent to; empty: none.
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
    readout: str = "marker"
    causal: bool = False
    kept_weight: float = 1.0
    auxiliary_targets: bool = False
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
    report_to: tuple[str, ...] = ()
    push_to_hub: str = ""


def _at_least(least: float) -> Callable[[Any], bool]:
    return lambda value: value >= least


def _one_of(*names: str) -> tuple[Callable[[Any], bool], str]:
    return lambda value: value in names, f"{', '.join(names[:-1])} or {names[-1]}"


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
    "learning_rate": (lambda value: value > 0, "more than 0"),
    "schedule": _one_of("cosine", "linear", "constant_with_warmup"),
    "warmup": (lambda value: 0 <= value < 1, "a share of the steps, from 0 to below 1"),
    "weight_decay": (_at_least(0), "0 or more"),
    "clip": (lambda value: value > 0, "more than 0"),
    "precision": _one_of("auto", "bf16", "fp16", "fp32"),
    "attention": _one_of("auto", "sdpa", "varlen", "flash_attention_2"),
    "readout": _one_of("marker", "last"),
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
    """A YAML file (None: the defaults) and `key=value` changes to it -> the recipe.

    Raises `IndexLMError` for an unknown key, and a value of another type or out of its range.
    """
    import yaml

    def parse(text: str, where: str) -> Any:
        try:
            return yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise IndexLMError(f"{where} cannot be read as YAML: {' '.join(str(error).split())}") from None

    values: Any = {}
    if path is not None:
        with explained(f"the recipe {path} cannot be read", (OSError, UnicodeDecodeError)):
            values = parse(path.read_text("utf-8"), str(path))
        if values is None:
            raise IndexLMError(f"a recipe is keys with values; {path} is empty (without a recipe, the defaults count)")
        if not isinstance(values, dict):
            raise IndexLMError(f"a recipe is keys with values; {path} holds a {type(values).__name__}")
    for change in changes:
        key, is_pair, value = change.partition("=")
        if not is_pair:
            raise IndexLMError(f"a change to the recipe is key=value; found {change!r}")
        values[key] = parse(value, change) if value else ""
    return _checked(values)


def _checked(values: dict[str, Any]) -> Recipe:
    """The values of a recipe -> the recipe."""
    kinds = get_type_hints(Recipe)
    if unknown := [str(key) for key in values if key not in kinds]:
        raise IndexLMError(f"a recipe's keys are {', '.join(kinds)}; found {', '.join(unknown)}")
    checked: dict[str, Any] = {}
    for key, value in values.items():
        kind = kinds[key]
        if key == "report_to":
            value = (value,) if isinstance(value, str) and value else value or ()
            is_good = isinstance(value, list | tuple) and all(isinstance(name, str) for name in value)
            value, expected = (tuple(value) if is_good else value), "a list of names"
        elif kind is float:
            value = _number(value)
            is_good, expected = isinstance(value, float), "a number"
        else:
            value = "" if kind is str and value is None else value
            # In Python a bool is an int; in a recipe it is not.
            is_good = type(value) is kind
            expected = {str: "text", int: "a whole number", bool: "true or false"}[kind]
        if is_good and key in _RULES:
            in_range, expected = _RULES[key]
            is_good = in_range(value)
        if not is_good:
            raise IndexLMError(f"{key} in a recipe is {expected}; found {value!r}")
        checked[key] = value
    recipe = replace(Recipe(), **checked)
    if recipe.batch % recipe.device_batch:
        raise IndexLMError(f"batch is a multiple of device_batch; found {recipe.batch} and {recipe.device_batch}")
    if (recipe.more_layers or recipe.width) and recipe.model != SMALL:
        raise IndexLMError(f"more_layers and width are for the model `{SMALL}`; found one with {recipe.model}")
    if recipe.auxiliary_targets and (recipe.packing or not recipe.completion_only):
        other = "packing true" if recipe.packing else "completion_only false"
        raise IndexLMError(f"auxiliary_targets need packing false and completion_only true; found {other}")
    return recipe


def _number(value: Any) -> Any:
    """A number, also one that YAML reads as text, such as `2e-5` -> a float; other values stay."""
    if isinstance(value, bool):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def write_recipe(recipe: Recipe) -> str:
    """A recipe -> the YAML that reads back as it."""
    import yaml

    text: str = yaml.safe_dump(asdict(recipe) | {"report_to": list(recipe.report_to)}, sort_keys=False)
    return text
