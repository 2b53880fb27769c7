"""Pages of shops, clinics, cities and others with questions of users: some for fitting, others kept back."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.cases import read_cases
from tests.conftest import ROOT
from train.answers import SITES

KEPT_BACK = ROOT / "tests" / "sites" / "questions.jsonl"


@pytest.mark.parametrize(("path", "count", "unanswered"), [(SITES, 1344, 336), (KEPT_BACK, 2728, 658)])
def test_each_answer_is_found_on_its_page(path: Path, count: int, unanswered: int) -> None:
    cases = read_cases(path, "qe")
    assert len(cases) == count
    assert sum(not case.gold for case in cases) == unanswered


def test_no_page_that_is_kept_back_is_fitted_to() -> None:
    kept_back, fitted = ({case.read().blocks for case in read_cases(path, "qe")} for path in (KEPT_BACK, SITES))
    assert len(kept_back) == 353
    assert len(fitted) == 168
    assert not kept_back & fitted
