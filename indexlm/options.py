"""The options of an `Extractor`: names that stand for others, and what they may be."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING

from indexlm.html.selectors import compile_selector
from indexlm.inputs.document import MAX_BYTES
from indexlm.limits import check_number, check_seconds
from indexlm.page import IndexLMError

if TYPE_CHECKING:
    from indexlm.extractor import Extractor

AUTO_HEAD = "classifier"
"""What `auto` stands for, for both tasks: no cascade with the decoder is better than it (docs/dial.md)."""

FAVOURS = {"precision": 0.5, "recall": 2.0}
"""Names for a beta."""


def named_head(head: str, model: str = "") -> str:
    """A head, or `auto` -> the head. Raises `IndexLMError` for `auto` with a checkpoint, whose head is not measured."""
    if head != "auto":
        return head
    if model:
        raise IndexLMError(f"auto chooses among the shipped models: a model goes with its own head; found {model!r}")
    return AUTO_HEAD


def favoured_beta(beta: float | None, favour: str | None) -> float:
    """A beta, or what is favoured (one of `FAVOURS`) -> the beta; 1 for neither. Raises `IndexLMError` for both."""
    if not favour:
        return 1.0 if beta is None else beta
    if beta is not None:
        raise IndexLMError(
            f"favour is a name for a beta: one of them is enough; found favour {favour!r} and beta {beta}"
        )
    if favour not in FAVOURS:
        raise IndexLMError(f"what is favoured is {' or '.join(FAVOURS)}; found {favour!r}")
    return FAVOURS[favour]


def selectors_of(name: str, selectors: object) -> tuple[str, ...]:
    """One CSS selector or several -> these. Raises `IndexLMError` for what is none."""
    if not isinstance(selectors, str | list | tuple):
        raise IndexLMError(f"{name} is CSS selectors; found {selectors!r}")
    several = (selectors,) if isinstance(selectors, str) else tuple(selectors)
    for selector in several:
        compile_selector(selector)
    return several


def check_options(extractor: Extractor) -> None:
    """Raise `IndexLMError` for a bad option, all but head, model and runtime, and for some that exclude each other."""
    if not isinstance(extractor.model, str | PathLike):
        raise IndexLMError(f"a model is a directory or a Hugging Face id (owner/name); found {extractor.model!r}")
    check_number("threads are from 0 (the runtime chooses) to 256", extractor.threads, 0, 256, whole=True)
    if extractor.threshold is not None:
        check_number("a threshold is a probability from 0 to 1", extractor.threshold, 0, 1)
    check_number(f"max_bytes is from 1 to {MAX_BYTES}", extractor.max_bytes, 1, MAX_BYTES, whole=True)
    for name in ("max_blocks", "max_windows", "max_memory"):
        check_number(f"{name} is a whole number from 1", getattr(extractor, name), 1, whole=True)
    check_seconds("max_seconds", extractor.max_seconds)
    if extractor.head == "decoder" and extractor.threshold is not None:
        raise IndexLMError("a threshold applies to the classifier's probabilities; the decoder writes intervals")
    if not isinstance(extractor.alone, bool):
        raise IndexLMError(f"alone is true or false; found {extractor.alone!r}")
    check_number("beta is from 0.1 to 10", extractor.beta, 0.1, 10)
    if extractor.beta != 1 and extractor.threshold is not None:
        raise IndexLMError(
            f"a threshold says itself which blocks are kept: it goes with no beta and nothing favoured; found both, "
            f"{extractor.threshold:g} and a beta of {extractor.beta:g}"
        )
    if extractor.hidden not in ("keep", "drop"):
        raise IndexLMError(f"hidden text is keep or drop; found {extractor.hidden!r}")
