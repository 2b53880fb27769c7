"""The head `auto`: the one that measurement chose, wherever a head may be named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import app
from eval.extractors import open_extractor, parse_name
from indexlm import Extractor, IndexLMError, extract
from indexlm.inputs.document import Source
from indexlm.models import shipped
from indexlm.serving.requests import BlocksRequest, ExtractRequest
from indexlm.serving.work import do_task
from tests.conftest import PAGES, golden_html
from tests.systems import CASES, QUESTIONS

NEWS = golden_html("news")
QUERY = "Who leads the river trust?"


def run(*command: str) -> Any:
    return CliRunner().invoke(app, command)


@pytest.mark.parametrize("query", ["", QUERY])
def test_auto_decides_as_the_classifier_and_says_who_decided(query: str) -> None:
    auto, classifier = extract(NEWS, head="auto", query=query), extract(NEWS, query=query)
    assert (auto.indices, auto.prediction.scores) == (classifier.indices, classifier.prediction.scores)
    assert auto.prediction.decided_by == ("model" if query else "trees")


def test_auto_is_a_name_for_a_head_so_that_results_say_which() -> None:
    assert Extractor("auto") == Extractor("classifier")
    assert Extractor("auto", beta=2, max_windows=3).limits().windows == 3
    row = json.loads(run("extract", str(PAGES / "news.html"), "--head", "auto", "--jsonl").stdout)
    assert row["head"] == "classifier"


@pytest.mark.parametrize("model", [str(shipped("decoder")), "someone/something"])
def test_auto_goes_with_no_model(model: str) -> None:
    with pytest.raises(IndexLMError, match="a model goes with its own head; found"):
        Extractor("auto", model=model)
    with pytest.raises(IndexLMError, match="a model goes with its own head; found"):
        parse_name(f"auto={model}")


def test_commands_take_auto(tmp_path: Path) -> None:
    shown = run("blocks", str(PAGES / "news.html"), "--head", "auto", "--json")
    assert [row["index"] for row in json.loads(shown.stdout) if row["kept"]] == [*extract(NEWS).indices]
    out = tmp_path / "view.html"
    assert (
        run("view", str(PAGES / "news.html"), "--head", "auto", "--head", "classifier", "--output", str(out)).exit_code
        == 0
    )
    assert '"classifier"' in out.read_text("utf-8")
    refused = run("serve", "--head", "automatic")
    assert (refused.exit_code, "or auto; found 'automatic'" in refused.stderr) == (2, True)


@pytest.mark.parametrize("case", [CASES[0], QUESTIONS[0]])
def test_auto_can_be_compared(case: Any) -> None:
    assert open_extractor("auto")(case).indices == open_extractor("classifier")(case).indices
    assert parse_name("auto@onnx").head == "classifier"


def test_requests_take_auto_where_the_service_has_its_head() -> None:
    source = Source(NEWS)
    task = ExtractRequest(html=NEWS.decode(), head="auto", format="text").task(source)
    reply = json.loads(do_task({"trees": Extractor("trees"), "classifier": Extractor()}, 1 << 20, task).body)
    assert (reply["head"], reply["content"]) == ("classifier", extract(NEWS).text)
    blocks = BlocksRequest(html=NEWS.decode(), heads=["auto", "classifier"]).task(source)
    assert [*json.loads(do_task({"classifier": Extractor()}, 1 << 20, blocks).body)["heads"]] == ["classifier"]
    with pytest.raises(IndexLMError, match="a head of this service is trees; found 'classifier'"):
        do_task({"trees": Extractor("trees")}, 1 << 20, task)
