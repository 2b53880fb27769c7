"""What a checkpoint says beyond its weights: how its prompt is rendered and how its answer is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from heads.dial import BETA_POWER
from indexlm.page import IndexLMError
from indexlm.prompt import NO_THINKING, PROFILES, PROMPT_FORMAT, Profile

HeadName = Literal["classifier", "decoder"]
HEADS: tuple[HeadName, ...] = get_args(HeadName)
Readout = Literal["marker", "last"]
Task = Literal["me", "qe"]

_MOST_BYTES = 1 << 20  # of a config.json

CALIBRATION_KEYS: dict[HeadName, tuple[str, ...]] = {
    "classifier": ("score_scale", "tree_scale", "shift", "min_best_score", "beta"),
    "decoder": ("end_penalty", "beta_power", "min_best_score"),
}
"""The numbers of a calibration, by head. See `Settings`."""


def check_size(path: Path, most: int) -> None:
    """Raise `IndexLMError` for a file of more bytes; what is no file is the reader's matter."""
    if path.is_file() and (size := path.stat().st_size) > most:
        raise IndexLMError(f"{path.name} of a model has at most {most} bytes; {path} has {size}")


def task_of(query: str) -> Task:
    """A page's query -> its task."""
    return "qe" if query else "me"


@dataclass(frozen=True, slots=True)
class Settings:
    """A checkpoint's settings, stored in its `config.json` under `indexlm`.

    head: `classifier` or `decoder`.
    prompt_format: the version of the prompt it was trained on (`indexlm.prompt.PROMPT_FORMAT`).
    profile: how blocks are rendered, `structural` or `plain`.
    block_units, query_units: the most units of a block's text (`indexlm.text.clip`), for ME and for QE.
    window_tokens: the most tokens of a window's prompt, chat template included.
    overlap: lines that neighbouring windows share, at most.
    readout: where a classifier reads a block: the last token of its `marker`, or the `last` token of its line.
    causal: whether attention is causal.
    tasks: what the checkpoint was trained for, `me`, `qe` or both.
    thresholds: by task, the least probability of a kept block; used where there is no calibration.
    assistant_prefix: what the chat template puts before the answer.
    trees: whether the prompt shows the scores of the checkpoint's `trees.onnx`.
    answer_trees: whether the probabilities for a query are those of the checkpoint's `answers.onnx` in the end.
    skip_model_min_f1: the expected F1 from which the trees alone decide an ME page, a long one (`heads.cascade`) from
        0.05 less; None: never.
    skip_window_max_f1_loss: on other ME pages, how much of the page's F1 the windows that no model reads may cost.
    query_last: whether the query stands after the blocks, so that a decoder reads a page once for all its queries.
    beta: what recall counts against precision. Blocks are chosen by expected F-beta, with this beta times that of
        `calibration`; the odds of limits of probability are divided by it; a decoder keeps more or less (`heads.dial`).
    calibration: numbers by task, with the names of `CALIBRATION_KEYS`. A classifier's log-odds are multiplied by
        `score_scale`, those of the trees by `tree_scale`; their sum and `shift` are the log-odds of the calibrated
        probability. Where the page's best one is below `min_best_score`, nothing is kept. `beta` is the one with which
        choices by expected F-beta have the best F1: blocks are not independent, as that expectation takes them to be. A
        decoder's logits of tokens that end an answer are lowered by `end_penalty`; its odds of keeping are multiplied
        by `beta` to the power of `beta_power`; `min_best_score` is for what its answer trees say. With these, the other
        two count for main content alone.
    vocabulary: the digest of the tokenizer's tokens (`heads.checkpoint.vocabulary_digest`) that it was trained with;
        empty: it is not checked.
    """

    head: HeadName
    prompt_format: int = PROMPT_FORMAT
    profile: Profile = "structural"
    block_units: int = 8
    query_units: int = 24
    window_tokens: int = 384
    overlap: int = 2
    readout: Readout = "marker"
    causal: bool = False
    tasks: tuple[str, ...] = ("me", "qe")
    thresholds: dict[str, float] = field(default_factory=lambda: {"me": 0.5, "qe": 0.5})
    assistant_prefix: str = ""
    trees: bool = False
    answer_trees: bool = False
    skip_model_min_f1: float | None = None
    skip_window_max_f1_loss: float = 0.0
    query_last: bool = False
    beta: float = 1.0
    calibration: dict[str, dict[str, float]] = field(default_factory=dict)
    vocabulary: str = ""

    def alone(self) -> Settings:
        """The same, but the model reads every page and window. Fixed lines still come from the trees."""
        return replace(self, skip_model_min_f1=None, skip_window_max_f1_loss=0.0)

    def to_dict(self) -> dict[str, Any]:
        """The settings as JSON takes them."""
        return asdict(self) | {"tasks": list(self.tasks)}

    @classmethod
    def published(cls, head: HeadName) -> Settings:
        """The settings of a plain fine-tune of a published backbone: the paper's prompt, thinking off."""
        return cls(
            head,
            profile="plain",
            block_units=256,
            query_units=256,
            window_tokens=4096,
            causal=head == "decoder",
            assistant_prefix=NO_THINKING,
        )

    @classmethod
    def from_config(cls, config: dict[str, Any], where: str) -> Settings:
        """A checkpoint's config -> its settings; those of `published` for a config without an `indexlm` part.

        Raises `IndexLMError` for a model that is no Qwen3, a value out of its range, and another prompt format.
        """
        if (model_type := config.get("model_type")) != "qwen3":
            raise IndexLMError(f"a checkpoint is a Qwen3 (its model_type is qwen3); {where} is {model_type!r}")
        stored = config.get("indexlm")
        if stored is None:
            return cls.published(_head_of(config, where))
        if not isinstance(stored, dict):
            raise IndexLMError(f"the indexlm part of {where} is an object; found {type(stored).__name__}")
        values = {"head": ""} | (stored if "prompt_format" in stored else _from_0_8(stored))
        values["calibration"] = _completed(values.get("head"), values.get("calibration", {}))
        if unknown := values.keys() - {f.name for f in fields(cls)}:
            raise IndexLMError(
                f"the indexlm part of {where} has keys this version does not know: {', '.join(sorted(unknown))}"
            )
        settings = cls(**values)
        settings._check(where)
        return replace(settings, tasks=tuple(settings.tasks))

    @classmethod
    def read_from(cls, directory: Path) -> Settings:
        """A checkpoint directory -> its settings. Raises `IndexLMError` without a readable `config.json`."""
        path = directory / "config.json"
        try:
            check_size(path, _MOST_BYTES)
            config = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            raise IndexLMError(f"a model directory holds a config.json; {directory} has none") from None
        except IndexLMError:
            raise
        except (OSError, ValueError, RecursionError) as error:
            raise IndexLMError(f"{path} cannot be read as JSON: {error}") from None
        if not isinstance(config, dict):
            raise IndexLMError(f"{path} holds a JSON object; found {type(config).__name__}")
        return cls.from_config(config, str(directory))

    def write_to(self, directory: Path) -> None:
        """Write them into the `config.json` of a checkpoint."""
        path = directory / "config.json"
        config = json.loads(path.read_text("utf-8")) | {"indexlm": self.to_dict()}
        path.write_text(json.dumps(config, indent=2) + "\n", "utf-8")

    def _check(self, where: str) -> None:
        for name, (is_good, rule) in _RULES.items():
            value = getattr(self, name)
            if not is_good(value):
                raise IndexLMError(f"{name} in {where} is {rule}; found {value!r}")
        if self.prompt_format != PROMPT_FORMAT:
            raise IndexLMError(
                f"this version renders prompt format {PROMPT_FORMAT}; {where} was trained on format "
                f"{self.prompt_format}: train it again, or use the version of IndexLM that it was made with"
            )
        if self.query_last and self.head == "classifier":
            raise IndexLMError(f"a classifier reads the query before the blocks; {where} says query_last")
        if self.answer_trees and "qe" not in self.calibration:
            raise IndexLMError(f"answer_trees are for heads that are calibrated for queries; {where} is not")
        names = CALIBRATION_KEYS[self.head]
        for task, numbers in self.calibration.items():
            if not (isinstance(numbers, dict) and {*numbers} == {*names} and all(map(_is_number, numbers.values()))):
                raise IndexLMError(
                    f"calibration of {task} in {where} has the numbers {', '.join(names)}; found {numbers!r}"
                )


def _head_of(config: dict[str, Any], where: str) -> HeadName:
    architectures = config.get("architectures")
    architecture = str(architectures[0]) if isinstance(architectures, list) and architectures else ""
    if "CausalLM" in architecture:
        return "decoder"
    if "TokenClassification" in architecture:
        return "classifier"
    raise IndexLMError(
        f"a checkpoint is a causal language model or a token classifier; {where} is {architecture or 'neither'!r}"
    )


_RENAMED = {
    "read": "readout",
    "opening": "assistant_prefix",
    "enough": "skip_model_min_f1",
    "unread": "skip_window_max_f1_loss",
}


def _from_0_8(stored: dict[str, Any]) -> dict[str, Any]:
    """Settings as version 0.8 wrote them, which rendered format 1 -> the same under today's names."""
    values = {_RENAMED.get(name, name): value for name, value in stored.items()}
    if _is_number(values.get("skip_model_min_f1")) and values["skip_model_min_f1"] > 1:
        values["skip_model_min_f1"] = None
    head = values.get("head")
    names = CALIBRATION_KEYS[head] if head in HEADS else ()
    calibration = values.get("calibration")
    if isinstance(calibration, dict):
        values["calibration"] = {
            task: dict(zip(names, numbers, strict=False)) if isinstance(numbers, list) else numbers
            for task, numbers in calibration.items()
        }
    return values


_LATER = {
    "classifier": {"beta": 1.0},
    "decoder": {"beta_power": BETA_POWER, "min_best_score": 0.0},
}  # numbers of a calibration since 0.11, 0.12, 0.20


def _completed(head: Any, calibration: Any) -> Any:
    """A calibration of any version -> the same with those of `_LATER` that it does not state."""
    if head not in HEADS or not isinstance(calibration, dict):
        return calibration
    return {task: _LATER[head] | of if isinstance(of, dict) else of for task, of in calibration.items()}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def _is_share(value: object) -> bool:
    return _is_number(value) and 0 <= value <= 1  # type: ignore[operator]


_MOST = 1_000_000  # units, tokens and lines
_Rule = tuple[Callable[[Any], bool], str]


def _one_of(values: Sequence[str]) -> _Rule:
    return lambda value: value in values, " or ".join(values)


def _from(least: int) -> _Rule:
    return (
        lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= _MOST,
        f"a whole number from {least} to {_MOST}",
    )


def _is_text(value: object) -> bool:
    """Whether it is text that can be encoded."""
    return isinstance(value, str) and value == value.encode("utf-8", "replace").decode()


_FLAG: _Rule = (lambda value: isinstance(value, bool), "true or false")

_RULES: dict[str, _Rule] = {
    "head": _one_of(HEADS),
    "prompt_format": _from(1),
    "profile": _one_of(PROFILES),
    "readout": _one_of(get_args(Readout)),
    "block_units": _from(4),
    "query_units": _from(4),
    "window_tokens": _from(64),
    "overlap": _from(0),
    "causal": _FLAG,
    "tasks": (
        lambda value: isinstance(value, list | tuple) and bool(value) and all(task in get_args(Task) for task in value),
        "a list of me and qe",
    ),
    "thresholds": (
        lambda value: isinstance(value, dict) and {"me", "qe"} <= set(value) and all(map(_is_share, value.values())),
        "an object with me and qe, each from 0 to 1",
    ),
    "assistant_prefix": (_is_text, "text"),
    "vocabulary": (_is_text, "text"),
    "trees": _FLAG,
    "answer_trees": _FLAG,
    "skip_model_min_f1": (
        lambda value: value is None or (_is_number(value) and value > 0),
        "a number above 0, or null",
    ),
    "skip_window_max_f1_loss": (lambda value: _is_share(value) and value < 1, "a share from 0 to below 1"),
    "query_last": _FLAG,
    "beta": (lambda value: _is_number(value) and value > 0, "a number above 0"),
    "calibration": (
        lambda value: isinstance(value, dict) and set(value) <= set(get_args(Task)),
        "an object with numbers for me and for qe",
    ),
}
