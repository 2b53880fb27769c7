"""Kept blocks as text, and as data for JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from indexlm.inputs.doubts import result_warnings
from indexlm.intervals import to_intervals
from indexlm.output.markdown import to_markdown
from indexlm.page import Page, Prediction


def to_text(page: Page, indices: Iterable[int]) -> str:
    """Kept blocks -> their text, one block after the other, each on its own line or lines."""
    chosen = set(indices)
    return "\n".join(block.text for block in page.blocks if block.index in chosen)


def to_json(page: Page, prediction: Prediction) -> dict[str, Any]:
    """A page and its prediction -> an object that `json.dumps` takes.

    `blocks` holds the kept ones. The other fields are those of `Page` and `Prediction`; `scores` is null without them.
    """
    chosen = set(prediction.indices)
    return {
        "url": page.url,
        "title": page.title,
        "lang": page.lang,
        "query": page.query,
        "block_count": len(page.blocks),
        "indices": list(prediction.indices),
        "intervals": [list(interval) for interval in to_intervals(prediction.indices)],
        "scores": None if prediction.scores is None else [round(score, 4) for score in prediction.scores],
        "reasons": prediction.reasons,
        "blocks": [
            {
                "index": block.index,
                "tag": block.tag,
                "text": block.text,
                "line": block.line,
                "hidden_by": block.hidden_by,
            }
            for block in page.blocks
            if block.index in chosen
        ],
        "markdown": to_markdown(page, prediction.indices),
        "seconds": {stage: round(seconds, 6) for stage, seconds in prediction.seconds.items()},
        "tokens": prediction.tokens,
        "decided_by": prediction.decided_by,
        "expected_f1": None if prediction.expected_f1 is None else round(prediction.expected_f1, 4),
        "error": prediction.error,
        "warnings": list(result_warnings(page, prediction)),
    }
