"""Trees that look a second time at a head's probabilities for the blocks of a question's page."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heads import HEADS, ClassifierHead, DecoderHead, open_head
from heads.generation import Answer
from heads.queries.answer_features import NAMES, candidates, features
from heads.queries.answer_trees import FILE, load_answer_trees, spread
from heads.settings import Settings
from indexlm import IndexLMError, Page, read_page
from indexlm.intervals import Parsed
from indexlm.models import shipped
from tests.data_rows import article_row, page_row, write
from tests.models import calibration, rebuilt
from train import answers as training
from train.answers import _examples, _fit, _Sample, fit_answer_trees
from train.data.mixture import read_mixture
from train.data.prepare import is_held_out
from train.trees import write_trees

PAGE = read_page(
    "<h1>Ferry to Isle Marr</h1><p>The ferry crosses the sound since 1903.</p><h2>Fares for bicycles</h2>"
    "<p>One way 4 euro.</p><p>Return 7 euro.</p><ul><li>Dogs sail free</li><li>Cars must be booked</li></ul>",
    query="How much are bicycles on the ferry?",
)
SCORES = [0.02, 0.4, 0.1, 0.3, 0.2, 0.01, 0.01]


def columns(page: Page = PAGE, scores: list[float] = SCORES) -> dict[str, list[float]]:
    table = features(page, scores, range(len(scores)))
    return {name: table[:, i].tolist() for i, name in enumerate(NAMES)}


def test_columns_tell_how_far_a_block_is_ahead_of_the_others() -> None:
    table = columns()
    assert [int(rank) for rank in table["rank"]] == [4, 0, 3, 1, 2, 5, 6]
    assert table["behind_best"][1] == 0
    assert max(table["behind_best"]) == 0
    assert table["above_other"][1] > 0 > table["above_other"][3]
    assert table["expected"] == pytest.approx([sum(SCORES)] * 7)
    assert table["before"][3] == table["odds"][2]
    assert table["after"][3] == table["odds"][4]


def test_columns_tell_what_labels_and_blocks_hold_of_the_question() -> None:
    table = columns()
    assert table["match"][1] > 0 == table["match"][3]
    assert table["telling"][1] == 0  # the title holds the ferry
    assert table["with_labels"][3] == table["label_telling"][3] == 1
    assert table["is_label"] == [1, 0, 1, 0, 0, 0, 0]
    assert table["body_odds"][2] == max(table["odds"][3:])
    assert [table["has_number"][i] for i in (0, 1, 3)] == [0, 1, 1]
    assert set(table["asks_number"]) == {1}


def test_a_page_of_one_block_has_columns() -> None:
    page = read_page("<p>Alone</p>", query="?")
    assert features(page, [0.5], candidates(page, [0.5])).shape == (1, len(NAMES))


def test_the_likely_blocks_and_the_best_matches_are_looked_at() -> None:
    lines = "".join(f"<p>Line {i}</p>" for i in range(60)) + "<p>The bicycle is free</p>"
    page = read_page(lines, query="bicycle fare")
    scores = [0.5 - i / 1000 for i in range(61)]
    assert candidates(page, scores) == [*range(24), 60]
    found = spread(scores, candidates(page, scores), [0.1] * 24 + [0.9])
    assert found[60] == 0.9
    assert found[0] == found[30] == 0.1


def _trained(path: Path) -> tuple[Path, list[float]]:
    """Trees that were told that the fourth block answers -> their file, and what they say of the page."""
    places = list(range(7))
    sample = _Sample(PAGE, (4,), "x", SCORES, places, features(PAGE, SCORES, places), [i == 3 for i in places])
    model = _fit([sample] * 30, 20, 1)
    write_trees(model, path, NAMES)
    return path, model.predict_proba(sample.table)[:, 1].tolist()


def test_written_trees_say_what_the_fitted_ones_do(tmp_path: Path) -> None:
    path, expected = _trained(tmp_path / FILE)
    assert load_answer_trees(path)(PAGE, SCORES) == pytest.approx(expected, abs=1e-5)
    assert int(np.argmax(expected)) == 3


def test_trees_of_other_columns_are_refused(tmp_path: Path) -> None:
    sample = _Sample(PAGE, (4,), "x", SCORES, [0, 1], np.zeros((2, len(NAMES)), np.float32), [True, False])
    write_trees(_fit([sample] * 30, 2, 1), tmp_path / FILE, NAMES[1:])
    with pytest.raises(IndexLMError, match="columns"):
        load_answer_trees(tmp_path / FILE)


def test_a_calibrated_classifier_looks_twice_at_pages_with_a_query(tiny_checkpoint: Callable[..., Path]) -> None:
    head = open_head(tiny_checkpoint("classifier"))
    assert isinstance(head, ClassifierHead)
    numbers = {task: calibration(1.0, 0.0, 0.0, 0.0) for task in ("me", "qe")}
    asked: list[str] = []

    def fourth(page: Page, scores: object) -> list[float]:
        asked.append(page.query)
        return [float(block.index == 4) for block in page.blocks]

    head = rebuilt(head, settings=replace(head.settings, calibration=numbers), answer_trees=fourth)
    main, answer = replace(PAGE, query=""), replace(PAGE, query="Is it cheap?")
    assert 4 in head([answer])[0].indices
    assert head([answer], 0.5)[0].indices == (4,)
    head([main])
    assert asked == ["Is it cheap?"] * 2
    rebuilt(head, settings=replace(head.settings, calibration={}), answer_trees=fourth)([answer])
    assert len(asked) == 2  # what is not calibrated is not looked at


def test_a_calibrated_decoder_looks_twice_where_the_grammar_holds(tiny_checkpoint: Callable[..., Path]) -> None:
    """Also at windows of which it says `NA`; what the trees make most of is kept, and each block has a score."""
    head = open_head(tiny_checkpoint("decoder", window_tokens=300))
    assert isinstance(head, DecoderHead)
    numbers = {"end_penalty": 0.0, "beta_power": 1.0, "min_best_score": 0.5}
    found: list[list[float]] = []

    def fourth(page: Page, scores: Sequence[float]) -> list[float]:
        found.append(list(scores))
        return [0.9 * (block.index == 4) for block in page.blocks]

    settings = replace(head.settings, calibration={"qe": numbers})
    page = replace(PAGE, query="Is it cheap?")
    prediction = rebuilt(head, settings=settings, answer_trees=fourth)([page])[0]
    assert 4 in prediction.indices
    assert prediction.scores == tuple(0.9 * (block.index == 4) for block in page.blocks)
    assert prediction.expected_f1 == pytest.approx(2 * 0.9 / (0.9 + len(prediction.indices)))
    assert all(0 < score <= 1 for score in found[0])
    high = replace(settings, calibration={"qe": numbers | {"min_best_score": 0.95}})
    assert rebuilt(head, settings=high, answer_trees=fourth)([page])[0].indices == ()
    assert len(found) == 2
    rebuilt(head, settings=settings, answer_trees=fourth, constrained=False)([page])
    rebuilt(head, answer_trees=fourth)([page])
    rebuilt(head, settings=settings, answer_trees=fourth)([replace(PAGE, query="")])
    assert len(found) == 2


def test_an_answer_that_could_not_be_written_is_an_error_and_not_looked_at(
    tiny_checkpoint: Callable[..., Path],
) -> None:
    head = open_head(tiny_checkpoint("decoder"))
    assert isinstance(head, DecoderHead)
    numbers = {"end_penalty": 0.0, "beta_power": 1.0, "min_best_score": 0.0}
    head = rebuilt(
        head, settings=replace(head.settings, calibration={"qe": numbers}), answer_trees=lambda _, s: list(s)
    )
    assert head([Page((), query="Is it cheap?")])[0].indices == ()
    head.elsewhere = lambda windows, _: [Answer(Parsed((), error="too long"), 0) for _ in windows]
    prediction = head([replace(PAGE, query="Is it cheap?")])[0]
    assert (prediction.error, prediction.indices, prediction.scores) == ("too long", (), None)


def test_a_decoder_that_writes_numbers_by_digits_has_no_answer_trees(
    tiny_checkpoint: Callable[..., Path], qwen_tokenizer: Any
) -> None:
    head = open_head(tiny_checkpoint("decoder"))
    assert isinstance(head, DecoderHead)
    with pytest.raises(IndexLMError, match="a token for each number up to"):
        rebuilt(head, tokenizer=qwen_tokenizer, answer_trees=lambda _, scores: list(scores))


def test_settings_with_answer_trees_need_the_file_and_a_calibrated_head(
    tiny_checkpoint: Callable[..., Path], tmp_path: Path
) -> None:
    numbers = {"qe": calibration(1.0, 0.0, 0.0, 0.0)}
    folder = tiny_checkpoint("classifier", answer_trees=True, calibration=numbers)
    with pytest.raises(IndexLMError, match=r"answers\.onnx"):
        open_head(folder)
    _trained(folder / FILE)
    head = open_head(folder)
    assert isinstance(head, ClassifierHead)
    assert head.answer_trees is not None
    for head_name in HEADS:
        stored = Settings(head_name, answer_trees=True).to_dict()
        with pytest.raises(IndexLMError, match="answer_trees"):
            Settings.from_config({"model_type": "qwen3", "indexlm": stored}, "x")


def test_trees_are_fitted_to_questions_that_the_head_has_not_seen(
    tiny_checkpoint: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those held out; the floor that scores best and the file's name go into the settings."""
    for kind in ("me", "qe"):
        (tmp_path / kind).mkdir()
    write(tmp_path / "me" / "train.parquet", [page_row("news", copy) | {"license": "CC0-1.0"} for copy in range(4)])
    write(tmp_path / "qe" / "train.parquet", [article_row(i) for i in range(30)])
    write(tmp_path / "qe" / "more.parquet", [article_row(i) for i in range(30, 50)])
    found = _examples(tmp_path, 5, 61)
    drawn = read_mixture(tmp_path, lambda row: not is_held_out(row)).draw(5, random.Random(61))
    seen = {question["question"].lower().rstrip("?？ ") for row in drawn for question in row["questions"]}
    asked = {
        example.page.query.lower().rstrip("?？ ") for example in found if example.source not in ("facts", "held out")
    }
    assert {"facts", "held out"} < {example.source for example in found}
    assert asked.isdisjoint(seen)
    monkeypatch.setattr(training, "_examples", lambda *_: found[:12])
    of_classifier = calibration(1.0, 0.0, 0.0, 0.9)
    of_decoder = {"end_penalty": 0.5, "beta_power": 1.0, "min_best_score": 0.9}
    for name, numbers in (("classifier", of_classifier), ("decoder", of_decoder)):
        folder = tiny_checkpoint(name, calibration={"qe": numbers})
        result = fit_answer_trees(folder, tmp_path, articles=5, iterations=3)
        settings = Settings.read_from(folder)
        assert result["pages"] == 12
        assert settings.answer_trees
        assert settings.calibration["qe"] == numbers | {"min_best_score": result["floor"]}
        assert open_head(folder)([PAGE])[0].scores
    with pytest.raises(IndexLMError, match="calibrated"):
        fit_answer_trees(tiny_checkpoint("classifier"), tmp_path)


@pytest.mark.parametrize("name", ["classifier", "decoder"])
def test_an_empty_answer_expects_the_probability_that_no_block_answers(name: str) -> None:
    page = read_page(
        "<h1>Ferry</h1><p>The ferry carries sixty people.</p><p>Dogs travel free.</p>", query="Who paints?"
    )
    prediction = open_head(shipped(name))([page])[0]
    assert prediction.indices == ()
    assert prediction.scores is not None
    assert prediction.expected_f1 == pytest.approx(prod(1 - score for score in prediction.scores))
    empty = open_head(shipped(name))([read_page("<nav></nav>", query="Who paints?")])[0]
    assert empty.expected_f1 in (None, 1.0)
