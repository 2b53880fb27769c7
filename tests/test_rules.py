"""A user's own rules beside the model, and which pages go to a review."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from cli import app
from eval.confidence import measure_confidence
from eval.score import Predictions
from indexlm import Extraction, Extractor, IndexLMError, Page, Prediction
from tests.conftest import PAGES, golden_html, read_jsonl
from tests.test_cli import NEWS, fails, run, runner

HTML = (
    "<nav><a href=/>Home</a></nav><main><h1>Ferries</h1><p>The ferry leaves the north pier at nine and is back before "
    "dusk, every day but Sunday.</p><div><span class=ad>Buy a hat</span></div><p>See <b class=ad>hats</b> below, "
    "and bring a coat, as the wind is strong on the water.</p><table><tr><td>1</td><td class=ad>hat</td></tr>"
    "<tr><td>2</td><td>coat</td></tr></table></main>"
)


def kept(**rules: object) -> list[str]:
    extraction = Extractor("trees", **rules).extract(HTML)  # type: ignore[arg-type]
    return extraction.text.splitlines()


def test_included_elements_are_kept_and_excluded_ones_are_not() -> None:
    assert "Home" not in kept()
    assert kept(include=["nav"])[0] == "Home"
    assert "Ferries" not in kept(include=("main",), exclude=("h1",))
    assert kept(include="main", exclude="main") == []
    assert "Home" in kept(include=("nav > a",))


def test_a_block_is_excluded_where_all_of_it_is() -> None:
    texts = kept(include=("main",), exclude=(".ad",))
    assert "Buy a hat" not in texts
    assert "See hats below, and bring a coat, as the wind is strong on the water." in texts
    assert "1 | hat" in texts
    assert "1 | hat" not in kept(include=("main",), exclude=("tr:first-child",))


@pytest.mark.parametrize("selector", ["", "p >", "p:::x[", "//p", "p:unknown(3)", "{"])
def test_a_bad_selector_is_refused_when_the_extractor_is_made(selector: str) -> None:
    with pytest.raises(IndexLMError, match="a selector is CSS"):
        Extractor(exclude=(selector,))
    assert "a selector is CSS" in fails("extract", NEWS, "--include", selector)


def test_a_selector_without_a_match_is_a_warning() -> None:
    assert Extractor("trees", exclude=("aside", "nav")).extract(HTML).warnings == ("selector: 'aside' matches nothing",)
    result = runner.invoke(app, ["extract", NEWS, "--exclude", ".nowhere"])
    assert result.exit_code == 0
    assert result.stderr == f"warning: {NEWS}: selector: '.nowhere' matches nothing\n"


def test_scores_and_expected_f1_follow_the_rules() -> None:
    plain, ruled = (Extractor(include=rules).extract(HTML).prediction for rules in ((), ("nav",)))
    assert ruled.scores is not None
    assert plain.scores is not None
    assert (ruled.scores[0], ruled.scores[1:]) == (1.0, plain.scores[1:])
    assert ruled.expected_f1 != plain.expected_f1
    assert Extractor("decoder", include=("nav",)).extract(HTML).indices[0] == 1


@pytest.mark.parametrize(
    ("prediction", "query", "needed"),
    [
        (Prediction((1,), expected_f1=0.9), "", False),
        (Prediction((1,), expected_f1=0.7), "", True),
        (Prediction((1,)), "", True),
        (Prediction(()), "", True),
        (Prediction(()), "who?", False),
        (Prediction((), expected_f1=0.9), "who?", False),
        (Prediction((), expected_f1=0.7), "who?", True),
        (Prediction((), error="no answer"), "who?", True),
    ],
)
def test_which_pages_need_review(prediction: Prediction, query: str, needed: bool) -> None:
    assert Extraction(Page((), query=query), prediction).needs_review(0.8) is needed


def test_pages_below_the_least_expected_f1_are_named_and_marked() -> None:
    result = runner.invoke(app, ["extract", NEWS, "--jsonl", "--min-expected-f1", "1"])
    (row,) = read_jsonl(result.stdout)
    assert row["needs_review"] is True
    assert row["decided_by"] == "trees"
    assert result.stderr.startswith(f"warning: {NEWS}: needs review: its expected F1 is 0.")
    (row,) = read_jsonl(run("extract", NEWS, "--jsonl", "--min-expected-f1", "0.1"))
    assert row["needs_review"] is False


def test_front_matter_metadata_and_chunks_on_the_command_line(tmp_path: Path) -> None:
    text = run("extract", NEWS, "--front-matter")
    assert text.startswith("---\n")
    assert '\ntitle: "' in text
    (row,) = read_jsonl(run("extract", NEWS, "--jsonl"))
    assert row["metadata"]["title"]["source"]
    pages = [str(PAGES / f"{name}.html") for name in ("docs", "news")]
    rows = read_jsonl(run("extract", *pages, "--format", "chunks", "--max-tokens", "100", "--overlap", "20"))
    assert {row["input"] for row in rows} == set(pages)
    assert max(row["tokens"] for row in rows) <= 100
    run("extract", *pages, "--format", "chunks", "--output", str(tmp_path))
    assert len(read_jsonl((tmp_path / "docs.jsonl").read_text("utf-8"))) > 1
    (row,) = read_jsonl(run("extract", NEWS, "--format", "chunks", "--jsonl"))
    assert row["chunks"][0]["indices"]
    assert "found format 'text'" in fails("extract", NEWS, "--front-matter", "--format", "text")
    assert "found 60" in fails("extract", NEWS, "--format", "chunks", "--max-tokens", "100", "--overlap", "60")


def test_json_has_metadata_and_places_of_blocks() -> None:
    data = json.loads(Extractor("trees").extract(golden_html("news")).render("json"))
    assert {"xpath", "start", "end", "line"} <= set(data["blocks"][0])
    assert data["metadata"]["title"]["guessed"] is False


def test_confidence_compares_expected_and_reached_f1(tmp_path: Path) -> None:
    from eval.score import load
    from tests.systems import CASES, open_scored
    from tests.systems import run as predict

    rows = predict("scored", partial(open_scored, 0.2), tmp_path, CASES)
    assert len(rows) == len(CASES)
    predictions = load(tmp_path)
    assert measure_confidence(predictions) == {}  # no expected F1
    expected = [0.5, 0.7, 0.9, None]
    by_id = dict(zip(predictions.systems["scored"], expected, strict=True))
    systems = {"scored": {i: row | {"expected_f1": by_id[i]} for i, row in predictions.systems["scored"].items()}}
    result = measure_confidence(Predictions(predictions.cases, systems, predictions.metadata))["scored"]  # type: ignore[arg-type]
    assert (result["pages"], result["without"], result["review"]["share"]) == (4, 1, 0.75)
    assert [bucket["pages"] for bucket in result["buckets"]] == [1, 1, 1]
    assert result["mean_expected"] == pytest.approx(0.7)
