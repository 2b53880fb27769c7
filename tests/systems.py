"""Cases and systems that tests of the evaluation share."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eval.cases import Case
from eval.extractors import Answer, System, of_blocks, open_extractor
from eval.predict import Row, predict, write_cases
from indexlm import Prediction, read_page
from tests.conftest import golden_html, golden_indices, golden_page


def case(name: str, **fields: Any) -> Case:
    page = golden_page(name)
    text = "\n".join(page.blocks[i - 1].text for i in golden_indices(name))
    return Case(**({"id": name, "task": "me", "html": golden_html(name), "text": text, "kind": name} | fields))


CASES = [case(name) for name in ("news", "docs", "forum", "product")]

QUESTIONS = [
    Case("leader", "qe", page=golden_page("news", "Who leads the river trust?"), gold=(11,), kind="a", lang="en"),
    Case("none", "qe", page=golden_page("docs", "Who won the cup in 1930?"), gold=(), kind="b", lang="en"),
]


def _all(case: Case) -> Answer:
    return open_extractor("all-blocks")(case)


def open_all() -> System:
    return _all


def open_scored(wrong: float) -> System:
    """Chooses the gold blocks of golden pages but for one in `1/wrong`, with scores."""

    def run(case: Case) -> Answer:
        page = case.page or read_page(case.html)
        gold = set(golden_indices(case.id)) if case.task == "me" else set(case.gold)
        chosen = [i for i in range(1, len(page.blocks) + 1) if (i in gold) != (wrong and i % int(1 / wrong) == 0)]
        scores = tuple(0.9 if i in chosen else 0.2 for i in range(1, len(page.blocks) + 1))
        return of_blocks(lambda pages: [Prediction(tuple(chosen), scores)])(case._replace(page=page))

    return run


def open_bad(fault: str) -> System:
    """Raises, kills its process or never ends on the page `docs`."""

    def run(case: Case) -> Answer:
        if case.id == "docs":
            if fault == "raise":
                raise RuntimeError("no good")
            if fault == "crash":
                os._exit(3)
            time.sleep(60)
        return Answer(text="some text")

    return run


def open_missing() -> System:
    raise ImportError("no module named nothing")


def run(name: str, opener: Callable[[], System], out: Path, cases: list[Case] = CASES, **options: Any) -> list[Row]:
    write_cases(cases, out)
    return list(predict(name, opener, cases, out, **options))
