"""The dial between precision and recall: `beta` and `favour`, for every head and both tasks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from cli import app
from eval.dial import measure_dial
from eval.metrics import block_prf
from heads import Settings, open_head
from heads.dial import biased_number, keep_bias, limit_at
from heads.grammar import Grammar
from heads.settings import CALIBRATION_KEYS
from indexlm import Extractor, IndexLMError, extract
from indexlm.models import shipped
from indexlm.serving.requests import ExtractRequest
from indexlm.serving.work import do_task
from tests.conftest import MAIN, PAGES, golden_html, golden_indices, golden_page
from tests.systems import CASES, QUESTIONS

BETAS = (0.1, 0.25, 0.5, 1, 2, 4, 10)
ASKED = {
    "news": ("Who leads the river trust?", "How many trees were planted?"),
    "docs": ("How is it installed?", "Who won the cup in 1930?"),
    "forum": ("Which pump is recommended?",),
    "table": ("Which train is the fastest?",),
}
FORUM = golden_html("forum")


def logits(*values: float) -> Any:
    return np.array(values, np.float32)


@pytest.mark.parametrize("head", ["trees", "classifier", "decoder"])
def test_a_greater_beta_finds_more_of_the_main_content(head: str) -> None:
    extractor = Extractor(head)
    recalls, counts = [], []
    for beta in BETAS:
        kept = {name: extractor.with_options(beta=beta).predict(golden_page(name)).indices for name in MAIN}
        recalls.append(fmean(block_prf(kept[name], golden_indices(name))[1] for name in MAIN))
        counts.append(sum(map(len, kept.values())))
    assert recalls == sorted(recalls)
    assert counts == sorted(counts)
    assert counts[0] < counts[BETAS.index(1)] < counts[-1]


@pytest.mark.parametrize("head", ["classifier", "decoder"])
def test_a_greater_beta_answers_questions_with_more(head: str) -> None:
    extractor = Extractor(head)
    pages = [golden_page(name, question) for name, questions in ASKED.items() for question in questions]
    kept = [[extractor.with_options(beta=beta).predict(page).indices for page in pages] for beta in BETAS]
    counts = [sum(map(len, indices)) for indices in kept]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]
    answered = [sum(map(bool, indices)) for indices in kept]
    assert answered == sorted(answered)


@pytest.mark.parametrize("head", ["trees", "classifier", "decoder"])
def test_a_beta_of_1_changes_nothing_and_no_beta_changes_who_decides(head: str) -> None:
    plain = Extractor(head)
    for name in MAIN:
        page = golden_page(name)
        assert plain.with_options(beta=1).predict(page).indices == plain.predict(page).indices
        if plain.predict(page).decided_by == "trees" and len(page.blocks) > 30:
            assert plain.with_options(beta=4).predict(page).decided_by == "trees"


def test_what_is_favoured_is_a_name_for_a_beta() -> None:
    assert Extractor(favour="recall") == Extractor(beta=2)
    assert Extractor(favour="precision") == Extractor(beta=0.5)
    assert replace(Extractor(favour="recall"), head="trees") == Extractor("trees", beta=2)
    assert extract(FORUM, head="trees", favour="recall").indices == extract(FORUM, head="trees", beta=2).indices


def test_other_options_carry_a_beta_and_leave_the_opened_model_as_it_was() -> None:
    extractor = Extractor("decoder")
    before = extractor.extract(FORUM).indices
    assert extractor.with_options(beta=4).extract(FORUM).indices == Extractor("decoder", beta=4).extract(FORUM).indices
    assert extractor.extract(FORUM).indices == before
    assert Extractor("decoder", beta=4).with_options().extract(FORUM).indices == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--favour", "recall", "--beta", "1"], "one of them is enough; found favour 'recall' and beta 1.0"),
        (["--favour", "speed"], "what is favoured is precision or recall; found 'speed'"),
        (["--favour", "recall", "--threshold", "0.5"], "goes with no beta and nothing favoured"),
        (["--beta", "11", "--head", "decoder"], "beta is from 0.1 to 10; found 11.0"),
    ],
)
def test_the_command_refuses_what_does_not_go_together(options: list[str], message: str) -> None:
    result = CliRunner().invoke(app, ["extract", str(PAGES / "news.html"), *options])
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


def test_the_command_takes_what_is_favoured() -> None:
    def intervals(*options: str) -> str:
        command = ["extract", str(PAGES / "forum.html"), "--head", "decoder", "--format", "intervals", *options]
        return CliRunner().invoke(app, command).stdout

    assert intervals("--favour", "recall") == intervals("--beta", "2") != intervals("--favour", "precision")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"favour": "recall", "beta": 1}, "one of them is enough"),
        ({"favour": "speed"}, "'precision' or 'recall'"),
        ({"beta": 0}, "greater than or equal to 0.1"),
    ],
)
def test_a_request_is_refused_likewise(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ExtractRequest(html="<p>Text.", **fields)


def test_a_request_takes_a_beta_or_what_is_favoured() -> None:
    from indexlm.inputs.document import Source

    extractors = {"trees": Extractor("trees")}

    def content(**fields: Any) -> bytes:
        request = ExtractRequest(html=FORUM.decode(), format="intervals", **fields)
        body = do_task(extractors, 1 << 20, request.task(Source(FORUM))).body
        return body[: body.index(b'"seconds"')]

    assert content(favour="recall") == content(beta=2) != content(favour="precision") == content(beta=0.5)
    assert content() == content(beta=1)


@given(
    st.lists(st.tuples(st.integers(1, 30), st.floats(-9, 9, width=32)), min_size=1, max_size=12),
    st.floats(-12, 12),
    st.floats(-12, 12),
    st.booleans(),
)
def test_a_greater_bias_never_takes_fewer_lines_in(
    choices: list[tuple[int, float]], bias: float, other: float, is_end: bool
) -> None:
    numbers, values = [number for number, _ in choices], logits(*(value for _, value in choices))
    low, high = (numbers[biased_number(numbers, values, b, is_end)] for b in sorted((bias, other)))
    assert low <= high if is_end else low >= high
    assert biased_number(numbers, values, 0.0, is_end) == int(values.argmax())


def test_a_line_is_taken_in_where_its_odds_reach_those_of_the_bias() -> None:
    """Of the ends 3, 5 and 9, with 60, 30 and 10 of 100: line 9 has odds of 1 to 9, line 5 of 2 to 3."""
    ends, shares = (3, 5, 9), logits(*np.log([0.6, 0.3, 0.1]))
    written = [ends[biased_number(ends, shares, float(np.log(odds)), True)] for odds in (0.1, 1.4, 1.6, 8.9, 9.1)]
    assert written == [3, 3, 5, 5, 9]
    starts = (2, 4, 7)  # the likeliest is 7
    written = [
        starts[biased_number(starts, logits(*np.log([0.1, 0.3, 0.6])), float(np.log(o)), False)] for o in (1.4, 2)
    ]
    assert written == [7, 4]


def test_limits_of_probability_fall_with_beta_and_stay_probabilities() -> None:
    assert [round(limit_at(beta, 0.36), 2) for beta in (0.25, 1, 4)] == [0.69, 0.36, 0.12]
    assert (limit_at(2, 0.0), limit_at(2, 1.0), limit_at(2, 2.0)) == (0.0, 1.0, 2.0)
    assert keep_bias(1, float("inf")) == 0
    assert 0 < keep_bias(2, float("inf")) < 100


def test_numbers_that_are_written_digit_by_digit_are_left_to_the_model(qwen_tokenizer: Any) -> None:
    assert Grammar(qwen_tokenizer).whole_numbers == 9
    shipped_decoder: Any = open_head(shipped("decoder"))
    assert shipped_decoder.grammar.whole_numbers >= 300


def test_a_decoder_of_before_has_the_power_of_one_that_is_not_calibrated() -> None:
    config = {"model_type": "qwen3", "indexlm": {"head": "decoder", "prompt_format": 1}}
    config["indexlm"] |= {"calibration": {"me": {"end_penalty": 1.5}}}  # type: ignore[operator]
    numbers = {"end_penalty": 1.5, "beta_power": 2.0, "min_best_score": 0.0}
    assert Settings.from_config(config, "here").calibration == {"me": numbers}
    assert CALIBRATION_KEYS["decoder"] == tuple(numbers)


def test_the_dial_is_measured_by_a_command(tmp_path: Path) -> None:
    forum = CASES[2]
    page = {"id": forum.id, "html": forum.html.decode(), "gold_text": forum.text}
    (tmp_path / "pages.jsonl").write_text(json.dumps(page) + "\n", "utf-8")
    command = ["eval", "dial", "--data", str(tmp_path / "pages.jsonl"), "--extractor", "trees", "--beta", "0.1"]
    result = CliRunner().invoke(app, [*command, "--beta", "10"])
    (low, high) = [line.split(" | ") for line in result.stdout.splitlines() if line.startswith("| trees")]
    assert (low[1], high[1]) == ("0.1", "10")
    assert float(low[2]) > float(high[2])
    assert high[3] == "1.000"


@pytest.mark.parametrize(
    ("name", "task", "message"),
    [
        ("trafilatura", "me", "found 'trafilatura'"),
        ("decoder-unconstrained", "me", "with its grammar; found 'decoder-unconstrained'"),
        ("trees", "qe", "trees answer no questions"),
    ],
)
def test_what_no_beta_moves_is_not_measured(name: str, task: str, message: str) -> None:
    cases = CASES if task == "me" else QUESTIONS
    with pytest.raises(IndexLMError, match=message):
        list(measure_dial([name], cases))


def test_right_answers_of_nothing_count_for_f1_alone() -> None:
    (point,) = measure_dial(["classifier"], QUESTIONS, [1.0])
    assert (point.precision, point.recall, point.f1, point.kept) == (1.0, 1.0, 1.0, 0.5)
