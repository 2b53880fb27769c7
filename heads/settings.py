"""What a checkpoint says of itself beyond its weights: how its prompt is rendered and its answer read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from indexlm.page import IndexLMError
from indexlm.prompt import PROFILES, Profile

__all__ = ["HEADS", "NEVER", "Settings"]

HeadName = Literal["classifier", "decoder"]
HEADS: tuple[HeadName, ...] = ("classifier", "decoder")

NEVER = 2.0
"""An expected F1 that trees cannot reach: as `enough` it has every page read."""


def _is_count(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _are_thresholds(value: object) -> bool:
    return (
        isinstance(value, dict)
        and {"me", "qe"} <= set(value)
        and all(isinstance(v, int | float) and 0 <= v <= 1 for v in value.values())
    )


def _are_calibrations(value: object) -> bool:
    def is_calibration(found: object) -> bool:
        return isinstance(found, list | tuple) and all(isinstance(x, int | float) for x in found)

    return isinstance(value, dict) and set(value) <= {"me", "qe"} and all(map(is_calibration, value.values()))


_RULES: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("head", lambda value: value in HEADS, "classifier or decoder"),
    ("profile", lambda value: value in PROFILES, "plain or structural"),
    ("read", lambda value: value in ("marker", "last"), "marker or last"),
    ("block_units", lambda value: _is_count(value, 4), "a whole number from 4"),
    ("query_units", lambda value: _is_count(value, 4), "a whole number from 4"),
    ("window_tokens", lambda value: _is_count(value, 64), "a whole number from 64"),
    ("overlap", lambda value: _is_count(value, 0), "a whole number from 0"),
    ("tasks", lambda value: bool(value) and set(value) <= {"me", "qe"}, "a list of me and qe"),
    ("thresholds", _are_thresholds, "an object with me and qe, each from 0 to 1"),
    ("opening", lambda value: isinstance(value, str), "a text"),
    ("calibration", _are_calibrations, "an object with lists of numbers for me and for qe"),
    ("trees", lambda value: isinstance(value, bool), "true or false"),
    ("query_last", lambda value: isinstance(value, bool), "true or false"),
    ("unread", lambda value: isinstance(value, int | float) and 0 <= value < 1, "a share from 0 to below 1"),
    ("enough", lambda value: isinstance(value, int | float) and value > 0, "a number above 0"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Kept in a checkpoint's `config.json` under `indexlm`.

    `block_units` and `query_units` bound the text of a block (see `indexlm.prompt.clip`) where the main content is
    asked for, and where a query is. `window_tokens` bounds the prompt of one window, chat scaffolding included;
    `overlap` is counted in blocks. `read` says where the classifier reads a block: at its marker's last token or at
    its line's last token. `thresholds` are the least probability of a kept block, by task, where there is no
    `calibration`. `opening` is what the chat template puts before the answer (Qwen3 with thinking off: an empty
    `<think>`). `trees` says whether the prompt shows the hints of the checkpoint's `trees.onnx`; `enough` is the
    expected F1 from which on these alone decide what the main content is, and no model reads the page (above 1: never).
    On other pages windows are left to them as long as they expect that to cost at most `unread` of the page's F1.

    `query_last`, of a decoder, says that a query stands after the blocks: a page is read once for all its queries.
    `calibration`, by task, is of a classifier how log-odds become those of a probability: what a block's score is
    multiplied with, what the trees' hint is, and a shift; and then the least probability of a page's best block, below
    which none is kept. Of a decoder it is one number: by how much its logits are too high of tokens that end an answer.
    """

    head: HeadName
    profile: Profile = "structural"
    block_units: int = 8
    query_units: int = 24
    window_tokens: int = 384
    overlap: int = 2
    read: Literal["marker", "last"] = "marker"
    causal: bool = False
    tasks: tuple[str, ...] = ("me", "qe")
    thresholds: dict[str, float] = field(default_factory=lambda: {"me": 0.5, "qe": 0.5})
    opening: str = ""
    trees: bool = False
    enough: float = NEVER
    unread: float = 0.0
    query_last: bool = False
    calibration: dict[str, tuple[float, ...]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The settings as JSON takes them."""
        return asdict(self) | {"tasks": list(self.tasks)}

    @classmethod
    def from_config(cls, config: dict[str, Any], where: str) -> Settings:
        """A checkpoint's config -> its settings.

        A config without an `indexlm` part is a plain fine-tune of a published backbone: its head is told
        by its architecture, its prompt is the paper's (`plain`, windows of 4,096 tokens, thinking off).
        """
        stated = config.get("indexlm")
        if stated is None:
            architecture = (config.get("architectures") or [""])[0]
            if "CausalLM" in architecture:
                head: HeadName = "decoder"
            elif "TokenClassification" in architecture:
                head = "classifier"
            else:
                raise IndexLMError(
                    "a checkpoint is a causal language model or a token classifier; "
                    f"{where} is {architecture or 'neither'!r}"
                )
            return cls(
                head,
                profile="plain",
                block_units=256,
                query_units=256,
                window_tokens=4096,
                causal=head == "decoder",
                opening="<think>\n\n</think>\n\n",
            )
        if not isinstance(stated, dict):
            raise IndexLMError(f"the indexlm part of {where} is an object; found {type(stated).__name__}")
        known = {f.name for f in fields(cls)}
        if unknown := set(stated) - known:
            raise IndexLMError(
                f"the indexlm part of {where} has keys this version does not know: {', '.join(sorted(unknown))}"
            )
        given: dict[str, Any] = {"head": ""} | stated
        settings = cls(**given)
        for name, is_good, rule in _RULES:
            value = getattr(settings, name)
            if not is_good(value):
                raise IndexLMError(f"{name} in {where} is {rule}; found {value!r}")
        if settings.query_last and settings.head == "classifier":
            raise IndexLMError(f"a classifier reads the query before the blocks; {where} says query_last")
        numbers, said = (4, "four numbers") if settings.head == "classifier" else (1, "one number")
        if wrong := [found for found in settings.calibration.values() if len(found) != numbers]:
            raise IndexLMError(f"a {settings.head}'s calibration is a list of {said} a task; {where} has {wrong[0]}")
        return replace(settings, tasks=tuple(settings.tasks))

    @classmethod
    def read_from(cls, directory: Path) -> Settings:
        """A checkpoint directory -> its settings; a directory without a readable `config.json` is an error."""
        path = directory / "config.json"
        try:
            config = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            raise IndexLMError(f"a model directory holds a config.json; {directory} has none") from None
        except (OSError, ValueError) as error:
            raise IndexLMError(f"{path} cannot be read as JSON: {error}") from None
        if not isinstance(config, dict):
            raise IndexLMError(f"{path} holds a JSON object; found {type(config).__name__}")
        return cls.from_config(config, str(directory))
