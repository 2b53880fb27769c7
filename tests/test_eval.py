"""Predict, then score: files that survive kills, crashes and endless pages; reports that name no false winner."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import app
from eval.cases import Case, read_cases
from eval.extractors import describe, open_extractor, parse_name
from eval.peers import PEERS, Peer
from eval.predict import predict_named, write_cases
from eval.retrieval import bm25, choose, tune
from eval.score import load, score
from indexlm import IndexLMError, Page, read_page
from tests.conftest import MAIN, golden_html, golden_page, needs
from tests.systems import CASES, case, open_all, open_missing, run
from tests.test_examples import row

needs("eval", "sklearn")


def test_layouts_of_data_sets_are_read(tmp_path: Path) -> None:
    """WCXB's folders, article-extraction-benchmark's, and JSONL lists of snippets give the same page."""
    html = golden_html("news")
    for folder in ("wcxb/dev/html", "wcxb/dev/ground-truth", "aeb/html"):
        (tmp_path / folder).mkdir(parents=True)
    for folder in ("wcxb/dev/html", "aeb/html"):
        (tmp_path / folder / "0001.html.gz").write_bytes(gzip.compress(html))
    truth = {"main_content": "Text.", "with": ["a"], "without": ["b", "c"]}
    (tmp_path / "wcxb/dev/ground-truth/0001.json").write_text(
        json.dumps(
            {
                "url": "https://e.example/",
                "_internal": {"page_type": {"primary": "forum", "tags": []}},
                "ground_truth": truth,
            }
        )
    )
    (tmp_path / "aeb/ground-truth.json").write_text(json.dumps({"0001": {"articleBody": "Text.", "url": "u"}}))
    (tmp_path / "s.jsonl").write_text(
        json.dumps({"id": 1, "file": "page.html", "must_have": ["a"], "must_not_have": []}) + "\n"
    )
    (tmp_path / "page.html").write_bytes(html)
    (wcxb,) = read_cases(tmp_path / "wcxb", "me")
    assert (wcxb.html, wcxb.text, wcxb.kind, wcxb.must_have, wcxb.must_not_have) == (
        html, "Text.", "forum", ("a",), ("b", "c")
    )  # fmt: skip
    assert read_cases(tmp_path / "wcxb/dev", "me") == [wcxb]
    (article,) = read_cases(tmp_path / "aeb", "me")
    assert (article.html, article.text) == (html, "Text.")
    (snippets,) = read_cases(tmp_path / "s.jsonl", "me")
    assert (snippets.html, snippets.must_have) == (html, ("a",))
    for bad in (tmp_path / "aeb/html", tmp_path / "none"):
        with pytest.raises(IndexLMError, match="data is a folder"):
            read_cases(bad, "me")
    with pytest.raises(IndexLMError, match="questions"):
        read_cases(tmp_path / "aeb", "qe")
    with pytest.raises(IndexLMError, match="no me cases of the source 'x'"):
        read_cases(tmp_path / "aeb", "me", source="x")
    (tmp_path / "s.jsonl").write_text('{"id": 1}\n')
    with pytest.raises(IndexLMError, match=r"s\.jsonl:1"):
        read_cases(tmp_path / "s.jsonl", "me")


def test_questions_of_ones_own_are_read_from_lines_of_json(tmp_path: Path) -> None:
    """Blocks that hold one of the answers are gold; an answer that stands nowhere is a mistake in the file."""
    (tmp_path / "page.html").write_bytes(golden_html("news"))
    lines = [
        {
            "id": "a",
            "file": "page.html",
            "query": "Who leads it?",
            "answers": [golden_page("news").blocks[10].text[:40]],
        },
        {"id": "b", "html": "<p>One.</p><p>Two.</p><p>One more.</p>", "query": "How many?", "answers": ["One"]},
        {"id": "c", "html": "<p>One.</p>", "query": "Who?", "answers": [], "lang": "en"},
    ]
    file = tmp_path / "mine.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    cases = read_cases(file, "qe")
    assert [case.gold for case in cases] == [(11,), (1, 3), ()]
    assert [case.page.query for case in cases if case.page] == ["Who leads it?", "How many?", "Who?"]
    assert [(case.source, case.lang) for case in cases] == [("mine", "en"), ("mine", ""), ("mine", "en")]
    file.write_text("\n".join(json.dumps({k: v for k, v in line.items() if k != "id"}) for line in lines))
    assert [(case.id, case.gold) for case in read_cases(file, "qe")] == [("1", (11,)), ("2", (1, 3)), ("3", ())]
    file.write_text(json.dumps(lines[2] | {"answers": ["Three"]}))
    with pytest.raises(IndexLMError, match=r"mine\.jsonl:1 .*no block has 'Three'"):
        read_cases(file, "qe")
    file.write_text(json.dumps({"id": "d", "html": "<p>One.</p>"}))
    with pytest.raises(IndexLMError, match=r"mine\.jsonl:1 .*query"):
        read_cases(file, "qe")


def test_questions_are_embedded_in_the_pages_of_a_split(tmp_path: Path) -> None:
    from pyarrow import Table, parquet

    from tests.test_train import page_row

    for kind, rows in (
        ("me", [page_row(name, 0) | {"source": "wcxb"} for name in MAIN]),
        ("qe", [row(i) for i in range(9)]),
    ):
        (tmp_path / kind).mkdir()
        parquet.write_table(Table.from_pylist(rows), tmp_path / kind / "dev.parquet")
    cases = read_cases(tmp_path, "qe")
    assert cases == read_cases(tmp_path, "qe")
    assert all(case.page is not None and case.page.query for case in cases)
    assert 0 < len(read_cases(tmp_path, "qe", limit=3)) <= 3


@pytest.mark.parametrize("name", PEERS)
def test_other_tools_find_the_article(name: str) -> None:
    """Each returns the news page's first paragraph."""
    answer = open_extractor(name)(case("news", url="https://e.example/news"))
    assert "More than three hundred people spent the weekend" in " ".join(answer.text.split())
    assert answer.seconds["total"] > 0
    assert describe(name)["version"].split()[1][0].isdigit()


def test_bm25_ranks_the_block_with_the_rare_words_of_the_query() -> None:
    texts = ["the river is long", "the otter swims in the river", "the the the"]
    page = read_page("".join(f"<p>{text}</p>" for text in texts) + "<p>東京の天気</p>", query="otter river")
    (prediction,) = bm25(0.1, 1)([page])
    assert prediction.indices == (2,)
    assert prediction.scores is not None
    assert max(prediction.scores) == prediction.scores[1] > prediction.scores[0] > 0 == prediction.scores[2]
    (chinese,) = bm25(0.1, 1)([Page(page.blocks, query="東京")])
    assert chinese.indices == (4,)
    (nothing,) = bm25(0.1, 1)([Page(page.blocks, query="zebra")])
    assert nothing.indices == ()
    (too_few,) = bm25(99.0, 1)([page])
    assert too_few.indices == ()


def test_retrieval_keeps_the_best_that_reach_the_threshold() -> None:
    assert choose([0.1, 1.0, 0.9, 0.95], 0.9, 2) == (2, 4)
    assert choose([0.1, 1.0, 0.9, 0.95], 0.5, 9) == (2, 3, 4)
    assert choose([0.0, 0.0], 0.0, 2) == ()
    assert choose([], 0.5, 2) == ()


def test_tuning_finds_the_threshold_and_number_that_do_best() -> None:
    """The two best where the best has 5 or more, nothing where it has less: no other choice is right on all pages."""
    scores = [[5.5, 5.5, 1.0], [5.0, 1.0, 5.0], [3.0, 2.0, 1.0], [2.0, 0.0, 0.0]]
    best = tune(scores, [[1, 2], [1, 3], [], []])
    assert best["top"] >= 2
    assert 3 < best["threshold"] <= 5
    assert best["score"] == 1


def test_embeddings_rank_the_block_that_says_what_the_query_says(
    tiny_checkpoint: Callable[..., Path], tmp_path: Path
) -> None:
    """A real SentenceTransformer with random weights: the same text is the nearest, by cosine."""
    pytest.importorskip("sentence_transformers", reason="needs the embedding extra")
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import PreTrainedTokenizerFast

    model = shutil.copytree(tiny_checkpoint("decoder"), tmp_path / "model")
    tokenizer = str(model / "tokenizer.json")
    PreTrainedTokenizerFast(tokenizer_file=tokenizer, pad_token="<|endoftext|>").save_pretrained(model)
    transformer = Transformer(str(model))
    folder = tmp_path / "sentence"
    SentenceTransformer(modules=[transformer, Pooling(32)]).save(str(folder))
    text = golden_page("news").blocks[8].text
    answer = open_extractor(f"embedding={folder},0.5,1")(Case("a", "qe", page=golden_page("news", text)))
    assert answer.indices == (9,)
    assert answer.scores is not None
    assert answer.scores[8] == pytest.approx(1, abs=1e-4)
    assert len({round(s, 3) for s in answer.scores}) > 5
    assert max(answer.scores) < 1.001
    assert describe(f"embedding={folder}")["version"].startswith("sentence-transformers ")
    with pytest.raises(IndexLMError, match="nowhere"):
        open_extractor(f"embedding={tmp_path / 'nowhere'}")


@pytest.mark.parametrize("name", ["nonsense", "classifier@jax", "trees@torch", "first-blocks=x", "bm25=1", "embedding"])
def test_an_unknown_extractor_is_one_line(name: str, tmp_path: Path) -> None:
    data = tmp_path / "c.jsonl"
    data.write_text(json.dumps({"id": 1, "html": "<p>a</p>"}))
    result = CliRunner().invoke(
        app, ["eval", "predict", "--data", str(data), "--out", str(tmp_path / "o"), "--extractor", name]
    )
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1


def test_predict_and_score_from_the_command_line(tmp_path: Path) -> None:
    """Both heads and a tool on two pages, in one report; scoring needs no model."""
    data = tmp_path / "c.jsonl"
    data.write_text(
        "".join(
            json.dumps({"id": c.id, "html": c.html.decode(), "gold_text": c.text, "must_have": ["the"]}) + "\n"
            for c in CASES[3:6:2]  # of the golden pages those that the trees leave to the models
        )
    )
    out = tmp_path / "out"
    names = ["classifier@onnx", "decoder", "decoder-unconstrained", "trees", "trafilatura", "first-blocks=3"]
    command = ["eval", "predict", "--data", str(data), "--out", str(out), "--threads", "1"]
    result = CliRunner().invoke(app, [*command, *(part for name in names for part in ("--extractor", name))])
    assert result.exit_code == 0, result.output
    result = CliRunner().invoke(app, ["eval", "score", str(out)])
    assert result.exit_code == 0, result.output
    report = json.loads((out / "report.json").read_text())
    assert {entry["name"] for entry in report["systems"]} | set(report["left_out"]) == set(names)
    writers = {entry["name"]: entry["answers"]["invalid"] for entry in report["systems"] if "answers" in entry}
    assert set(writers) == {"decoder", "decoder-unconstrained"}
    assert writers["decoder"] == 0
    assert result.stdout.strip() == (out / "report.md").read_text().strip()
    assert (out / "report.html").read_text().startswith("<!doctype html>")
    bad = CliRunner().invoke(app, ["eval", "score", str(tmp_path)])
    assert bad.exit_code == 2
    assert "cases.json" in bad.stderr


@pytest.mark.parametrize(("task", "name"), [("qe", "trafilatura"), ("me", "bm25=1,2")])
def test_an_extractor_for_another_task_is_refused_before_anything_is_written(
    task: str, name: str, tmp_path: Path
) -> None:
    out = tmp_path / "o"
    command = ["eval", "predict", "--data", str(tmp_path), "--out", str(out), "--task", task, "--extractor", name]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 2
    assert f"found {name} for {task}" in result.stderr
    assert not out.exists()


def test_rows_of_another_checkpoint_are_not_mixed(tmp_path: Path) -> None:
    """A model that was trained anew under the same name does not go on with the old one's rows."""
    from indexlm.models import shipped

    model = shutil.copytree(shipped("classifier"), tmp_path / "model")
    data = tmp_path / "c.jsonl"
    data.write_text(json.dumps({"id": 1, "html": "<p>a</p>", "must_have": ["a"]}))
    command = ["eval", "predict", "--data", str(data), "--out", str(tmp_path / "o"), "--extractor"]
    assert CliRunner().invoke(app, [*command, f"classifier={model}"]).exit_code == 0
    assert CliRunner().invoke(app, [*command, f"classifier={model}"]).exit_code == 0
    (model / "config.json").write_text((model / "config.json").read_text() + " ")
    result = CliRunner().invoke(app, [*command, f"classifier={model}"])
    assert result.exit_code == 2
    assert "another checkpoint" in result.stderr


def test_the_runtime_is_part_of_an_extractors_name(tiny_pair: dict[str, tuple[Path, Path]]) -> None:
    """`KIND=CHECKPOINT@RUNTIME`; without it, what the checkpoint has."""
    by_torch, by_onnx = tiny_pair["classifier"]
    page = case("news")
    answers = [
        open_extractor(f"classifier={name}", 1)(page) for name in (f"{by_torch}@torch", f"{by_onnx}@onnx", by_onnx)
    ]
    assert answers[0].scores == pytest.approx(answers[1].scores, abs=1e-4)
    assert answers[1].scores == answers[2].scores
    assert answers[0].scores != answers[1].scores
    with pytest.raises(IndexLMError, match=r"needs a model\.onnx"):
        open_extractor(f"classifier={by_torch}@onnx")
    with pytest.raises(IndexLMError, match="of the classifier head; found 'decoder="):
        open_extractor(f"decoder={by_onnx}")


@pytest.mark.parametrize("name", ["classifier", "decoder"])
def test_a_head_alone_has_its_model_read_everything(name: str) -> None:
    """The trees decide a page of running text alone; with `-alone` the model reads it."""
    page = CASES[0]
    assert open_extractor(name, 1)(page).tokens["read"] == 0
    assert open_extractor(f"{name}-alone", 1)(page).tokens["read"] > 0


def test_rows_say_who_decided_and_the_expected_f1(tmp_path: Path) -> None:
    """Where blocks are chosen; a tool's text has neither."""
    cases = [case("news"), case("product")]
    by_name = {
        name: list(predict_named(name, cases, tmp_path)) for name in ("classifier", "classifier-alone", "html2text")
    }
    news = by_name["classifier"][0]
    assert news["decided_by"] == "trees"
    assert by_name["classifier-alone"][1]["decided_by"] in ("model", "mixed")
    assert news["expected_f1"] is not None
    assert 0 < news["expected_f1"] <= 1
    assert {(r["decided_by"], r["expected_f1"]) for r in by_name["html2text"]} == {(None, None)}


@pytest.mark.parametrize(
    ("name", "parts", "head"),
    [
        ("classifier", ("classifier", "", None), "classifier"),
        ("decoder-alone=a/b@onnx", ("decoder-alone", "a/b", "onnx"), "decoder"),
        ("classifier=me@home", ("classifier", "me@home", None), "classifier"),
        ("trees=x", ("trees", "x", None), "trees"),
        ("first-blocks=3", ("first-blocks", "3", None), ""),
        ("trafilatura", ("trafilatura", "", None), ""),
    ],
)
def test_a_name_has_a_kind_a_checkpoint_and_a_runtime(name: str, parts: tuple[str, str, str], head: str) -> None:
    assert parse_name(name) == parts
    assert parse_name(name).head == head


def test_an_oracle_decoder_is_not_evaluated(tiny_pair: dict[str, tuple[Path, Path]]) -> None:
    with pytest.raises(IndexLMError, match="only `bench` opens it; found 'decoder-oracle="):
        open_extractor(f"decoder-oracle={tiny_pair['decoder'][1]}")


def test_a_tool_that_is_not_installed_is_left_out_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PEERS, "absent", Peer("no-such-distribution", open_missing))  # type: ignore[arg-type]
    write_cases(CASES, tmp_path)
    with pytest.raises(ImportError):
        list(predict_named("absent", CASES, tmp_path))
    run("all", open_all, tmp_path)
    assert "no-such-distribution" in score(*load(tmp_path))["left_out"]["absent"]


def test_a_decoder_is_run_without_its_grammar_by_name(tiny_pair: dict[str, tuple[Path, Path]]) -> None:
    """Random weights write no answer that can be read; under the grammar they always do."""
    _, by_onnx = tiny_pair["decoder"]
    free = open_extractor(f"decoder-unconstrained={by_onnx}")(case("news"))
    bound = open_extractor(f"decoder={by_onnx}")(case("news"))
    assert free.tokens["unreadable"] + free.tokens["repaired"] > 0
    assert bound.tokens["unreadable"] + bound.tokens["repaired"] == 0
    assert bound.error == ""
