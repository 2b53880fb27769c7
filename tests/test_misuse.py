"""Wrong names, files and options of the evaluation and the training: one sentence before any work is done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import app
from indexlm import IndexLMError
from indexlm.models import shipped
from tests.conftest import PAGES, golden_html, needs

needs("eval", "sklearn")


@pytest.mark.parametrize("name", ["mine=mine", "classifier=nowhere", "bm25=1", f"decoder={shipped('classifier')}"])
def test_a_wrong_system_is_found_before_the_first_one_runs(tmp_path: Path, name: str) -> None:
    data, out = tmp_path / "c.jsonl", tmp_path / "out"
    data.write_text(json.dumps({"id": 1, "html": "<p>a</p>", "must_have": ["a"], "must_not_have": []}))
    command = ["eval", "predict", "--data", str(data), "--out", str(out), "--extractor", "trees", "--extractor", name]
    result = CliRunner().invoke(app, command)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1), result.output
    assert not out.exists()


def test_trees_are_timed_alone() -> None:
    command = ["bench", "--extractor", "trees", "--pages", str(PAGES / "news.html"), "--cold", "0", "--rounds", "1"]
    result = CliRunner().invoke(app, [*command, "--threads", "1"])
    assert result.exit_code == 0, result.output
    assert "trees" in result.stdout


def test_the_segmenter_is_measured_on_a_file_of_any_source(tmp_path: Path) -> None:
    from pyarrow import Table, parquet

    rows = [{"id": "a", "html": golden_html("news"), "gold_text": "Roots are cheaper than concrete."}] * 3
    parquet.write_table(Table.from_pylist(rows), tmp_path / "pages.parquet")
    command = ["eval", "segmenter", "--data", str(tmp_path / "pages.parquet")]
    assert json.loads(CliRunner().invoke(app, command).stdout)["pages"] == 3
    none = CliRunner().invoke(app, [*command, "--source", "other"])
    assert (none.exit_code, "the source 'other'" in none.stderr) == (2, True)


def test_questions_about_pages_that_are_there_are_asked_whatever_the_limit(tmp_path: Path) -> None:
    from eval.choose.inputs import read_workload

    for i in range(30):
        (tmp_path / f"p{i:02}.html").write_text(f"<p>The mill number {i} grinds rye on all days but one.</p>")
    queries = tmp_path / "q.tsv"
    queries.write_text("".join(f"p{i:02}.html\tWhat does mill {i} grind?\n" for i in range(20, 30)))
    workload = read_workload([str(tmp_path)], queries=queries, limit=3)
    assert len(workload.cases) == 3
    assert workload.notes == ("3 of 10 questions are taken, those of 3 pages (--limit)",)
    assert len(read_workload([str(tmp_path)], queries=queries, limit=15).cases) == 10


def test_a_blend_is_of_one_head(tiny_pair: dict[str, tuple[Path, Path]], tmp_path: Path) -> None:
    from train.blend import blend

    with pytest.raises(IndexLMError, match="a blend is of models of one head"):
        blend(tiny_pair["classifier"][0], tiny_pair["decoder"][0], tmp_path / "out", 0.5)
    assert not (tmp_path / "out").exists()


def test_a_tokenizer_that_cannot_pad_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="needs the train extra")
    from transformers import PreTrainedTokenizerFast

    from train.backbone import load_tokenizer
    from train.recipe import Recipe

    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(shipped("classifier") / "tokenizer.json"))
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(IndexLMError, match="a tokenizer has a token for padding or for an end"):
        load_tokenizer(Recipe(model=str(tmp_path)))


@pytest.mark.parametrize("content", ["", "# a comment alone\n"])
def test_an_empty_recipe_is_not_the_defaults(tmp_path: Path, content: str) -> None:
    from train.recipe import read_recipe

    (tmp_path / "r.yaml").write_text(content)
    with pytest.raises(IndexLMError, match=r"a recipe is keys with values; .*r\.yaml is empty"):
        read_recipe(tmp_path / "r.yaml")


def test_an_address_that_is_none_is_refused_in_python_too() -> None:
    from indexlm import Extractor

    with pytest.raises(IndexLMError, match=r"an address .* starts with http://, https:// or file:; found 'foo'"):
        Extractor("trees").extract(b"<p>One.</p>", url="foo")
