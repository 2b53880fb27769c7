"""The options of an `Extractor`: names that stand for others, and what they may be."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from indexlm.html.selectors import compile_selector
from indexlm.inputs.document import MAX_BYTES
from indexlm.limits import check_number, check_seconds
from indexlm.page import IndexLMError
from indexlm.siblings import check_import

if TYPE_CHECKING:
    from heads import Settings
    from indexlm.extractor import Extractor

FAVOURS = {"precision": 0.5, "recall": 2.0}
"""Names for a beta."""


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
    """Raise `IndexLMError` for a bad option, and for some that do not go together."""
    check_import("heads")
    from heads import HEADS, RUNTIMES, Settings

    if extractor.head not in (*HEADS, "trees"):
        raise IndexLMError(f"a head is {', '.join(HEADS)} or trees; found {extractor.head!r}")
    if extractor.runtime is not None and extractor.runtime not in RUNTIMES:
        raise IndexLMError(f"a runtime is {', '.join(RUNTIMES)}; found {extractor.runtime!r}")
    check_number("threads are from 0 (the runtime chooses) to 256", extractor.threads, 0, 256, whole=True)
    if extractor.threshold is not None:
        check_number("a threshold is a probability from 0 to 1", extractor.threshold, 0, 1)
    check_number(f"max_bytes is from 1 to {MAX_BYTES}", extractor.max_bytes, 1, MAX_BYTES, whole=True)
    for name in ("max_blocks", "max_windows", "max_memory"):
        check_number(f"{name} is a whole number from 1", getattr(extractor, name), 1, whole=True)
    check_seconds("max_seconds", extractor.max_seconds)
    if extractor.head == "decoder" and extractor.threshold is not None:
        raise IndexLMError("a threshold applies to the classifier's probabilities; the decoder has none")
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
    if (
        extractor.head != "trees" and extractor.model and os.path.isdir(extractor.model)
    ):  # never raises, whatever the name
        check_head(extractor, Settings.read_from(Path(extractor.model)))


def check_head(extractor: Extractor, settings: Settings) -> None:
    """Raise `IndexLMError` for a checkpoint of another head."""
    if settings.head != extractor.head:
        raise IndexLMError(
            f"{extractor.model} is a checkpoint of the {settings.head} head; found head {extractor.head!r}"
        )
