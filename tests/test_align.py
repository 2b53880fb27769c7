"""The label oracle: gold text to gold blocks."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.alignment import align
from indexlm import read_page
from indexlm.output.text import to_text
from indexlm.text import words
from tests.conftest import MAIN, golden_indices, golden_page


@pytest.mark.parametrize("name", MAIN)
def test_the_text_of_chosen_blocks_leads_back_to_them(name: str) -> None:
    page = golden_page(name)
    assert align(page, to_text(page, golden_indices(name))) == golden_indices(name)


def test_a_menu_word_that_also_occurs_in_the_text_is_not_gold() -> None:
    page = read_page(
        "<body><ul><li>Trees</li><li>News</li></ul><p>This is about trees and a lot more of them.</p></body>"
    )
    assert align(page, "This is about trees and a lot more of them.") == (3,)


def test_a_repeated_heading_is_gold_where_its_text_follows() -> None:
    page = read_page(
        "<div>Opening hours</div><ul><li>Home</li></ul><h1>Opening hours</h1><p>We open at nine every day.</p>"
    )
    assert align(page, "Opening hours\nWe open at nine every day.") == (3, 4)


def test_empty_gold_text_has_no_blocks() -> None:
    assert align(golden_page("news"), "") == ()


def test_words_are_characters_in_unspaced_scripts() -> None:
    assert words("Ab 古桥 x1") == ["ab", "古", "桥", "x1"]


def test_oracle_on_real_pages(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Gold blocks of the wcxb rows reach a word F1 of 0.985; the figures are printed beside it."""
    from eval.rows import read_rows
    from eval.segmenter import score_segmenter

    scores = score_segmenter(read_rows(data / "me" / "dev.parquet", lambda row: row["source"] == "wcxb"))
    with capsys.disabled():
        print("\nsegmenter:", {key: round(value, 4) for key, value in scores.items() if isinstance(value, float | int)})
    assert scores["pages"] == 161
    assert scores["oracle_word_f1"] >= 0.985
    assert scores["all_blocks_word_f1"] < 0.8
