"""Cascades of two heads, measured from their predictions alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import app
from eval.cascade import measure_cascades
from eval.extractors import Answer, System
from eval.score import load
from indexlm import IndexLMError
from tests.systems import QUESTIONS, run


def open_first() -> System:
    """Sure of the second question, and rightly; of the first it says that nothing answers it."""
    return lambda case: Answer(indices=(), expected_f1=None if case.gold else 0.95, seconds={"total": 0.01})


def open_second() -> System:
    """Right on the first question, and wrong on the second."""
    return lambda case: Answer(indices=case.gold or (1,), seconds={"total": 0.1})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run("first", open_first, tmp_path, QUESTIONS)
    run("second", open_second, tmp_path, QUESTIONS)
    return tmp_path


def test_a_second_head_is_asked_where_the_first_is_unsure(folder: Path) -> None:
    rules = {row.rule: row for row in measure_cascades(load(folder), "first", "second")}
    assert [rules[rule].f1 for rule in ("first alone", "second alone", "expected F1 below 0.3")] == [0.5, 0.5, 1.0]
    unsure = rules["expected F1 below 0.9"]
    assert (unsure.asked, unsure.gain, round(unsure.milliseconds)) == (0.5, 0.5, 60)
    everywhere = rules["the first answers NA"]
    assert (everywhere.asked, everywhere.f1, round(everywhere.milliseconds)) == (1.0, 0.5, 110)
    assert round(rules["second alone"].milliseconds) == 100


def test_the_command_prints_the_rules(folder: Path) -> None:
    result = CliRunner().invoke(app, ["eval", "cascade", str(folder), "--first", "first", "--second", "second"])
    assert "| expected F1 below 0.5 | 50% | 1.000 | +0.5000 | " in result.stdout
    assert len(result.stdout.splitlines()) == 2 + 10


def test_a_system_without_predictions_is_refused(folder: Path) -> None:
    with pytest.raises(IndexLMError, match="first, second; found 'classifier'"):
        measure_cascades(load(folder), "classifier", "second")
