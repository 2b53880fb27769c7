"""Data sets to fine-tune on: what a row holds, which split it is in, and where rows may come from."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from typer.testing import CliRunner

from cli import app
from eval.alignment import align
from eval.domain import domain
from indexlm import IndexLMError, format_intervals, read_page, to_intervals
from indexlm.prompt import PROMPT_FORMAT, SYSTEM_ME, SYSTEM_QE, render
from tests.conftest import golden_html, golden_indices
from tests.data_rows import article_row, page_row, read_built, run, write
from tests.test_examples import row as question_row
from train.data.hub import HUB
from train.data.leaks import text_hash
from train.data.sources import Source, paper_sources, parse_source
from train.data.splits import split_key


def test_a_row_is_a_conversation_over_the_rendered_page(built: Path) -> None:
    from tokenizers import Tokenizer

    from indexlm.models import shipped

    tokenizer = Tokenizer.from_file(str(shipped("classifier") / "tokenizer.json"))
    rows = read_built(built)
    assert {row["task"] for row in rows} == {"me", "qe"}
    for row in rows:
        contents = {message["role"]: message["content"] for message in row["messages"]}
        assert list(contents) == ["system", "user", "assistant"]
        assert contents["system"] == (SYSTEM_QE if row["query"] else SYSTEM_ME)
        assert contents["assistant"] == format_intervals(to_intervals(row["gold"]))
        assert row["gold"] == sorted(set(row["gold"]))
        lines = [line for line in contents["user"].splitlines() if line.startswith("[")]
        assert [int(line[1 : line.index("]")]) for line in lines] == list(range(1, row["blocks"] + 1))
        chat = "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in contents.items())
        assert row["tokens"] == len(tokenizer.encode(chat, add_special_tokens=False).ids)
        if row["task"] == "qe" and row["gold"]:
            i = int(row["id"].removeprefix("q").partition("#")[0])
            texts = [lines[k - 1].partition(" ")[2] for k in row["gold"]]
            assert texts == [f"<p>Paragraph {k} of article {i}.</p>" for k in (3, 4 + i % 15)]
            assert row["query"] == f"What is {i}?"


def test_a_page_is_shown_as_the_heads_read_it(built: Path, pages: Path) -> None:
    source_rows = {row["id"]: row for row in parquet.read_table(pages).to_pylist()}
    rows = [row for row in read_built(built) if row["task"] == "me"]
    assert len(rows) == len(source_rows)
    for row in rows[::7]:
        page = read_page(source_rows[row["id"]]["html"].encode(), url=row["url"])
        prompt = render(page, "plain", 256)
        assert [message["content"] for message in row["messages"][:2]] == [prompt.system, prompt.user()]
        assert tuple(row["gold"]) == align(page, source_rows[row["id"]]["gold_text"])
        assert row["text_hash"] == text_hash("  ".join(page.text.split()))


def test_the_file_states_how_pages_were_rendered(built: Path, pages: Path, tmp_path: Path) -> None:
    metadata = json.loads(parquet.read_schema(built / "eval.parquet").metadata[b"indexlm"])
    assert metadata.items() >= {"prompt_format": PROMPT_FORMAT, "profile": "plain", "block_units": 256}.items()
    assert metadata["query_units"] == 256
    run(tmp_path, f"{pages}@3", profile="structural", query_units=30)
    metadata = json.loads(parquet.read_schema(tmp_path / "train.parquet").metadata[b"indexlm"])
    assert metadata.items() >= {"profile": "structural", "block_units": 8, "query_units": 30}.items()
    assert "\nPage: " in read_built(tmp_path)[0]["messages"][1]["content"]


def test_the_trainers_library_reads_the_folder(built: Path) -> None:
    from datasets import load_dataset

    rows = load_dataset(str(built), split="eval", streaming=True)
    assert [row["id"] for row in rows] == [row["id"] for row in read_built(built, "eval")]


def test_the_same_seed_gives_the_same_bytes_and_every_seed_the_same_split(
    built: Path, pages: Path, articles: Path, tmp_path: Path
) -> None:
    run(tmp_path / "same", pages, articles, eval_share=0.2)
    for name in ("train.parquet", "eval.parquet", "README.md"):
        assert (tmp_path / "same" / name).read_bytes() == (built / name).read_bytes()
    run(tmp_path / "other", pages, articles, eval_share=0.2, seed=1)
    assert read_built(tmp_path / "other") != read_built(built)

    def names(out: Path) -> set[str]:
        return {row["id"] for row in read_built(out, "eval") if row["task"] == "me"}

    assert names(tmp_path / "other") == names(built)


def test_splits_share_no_domain_and_questions_are_embedded_in_pages_of_their_split(built: Path) -> None:
    domains = {split: {domain(row["url"]) for row in read_built(built, split)} for split in ("train", "eval")}
    assert len(domains["eval"]) > 2
    assert not domains["train"] & domains["eval"]
    articles = {split: {row["text_hash"] for row in read_built(built, split)} for split in ("train", "eval")}
    assert not articles["train"] & articles["eval"]
    assert {row["task"] for row in read_built(built, "eval")} == {"me", "qe"}


@pytest.mark.parametrize(
    ("row", "key"),
    [
        ({"url": "https://www.news.example.co.uk/a", "title": "T", "id": "1"}, "example.co.uk"),
        ({"url": "https://user.github.io/a"}, "user.github.io"),
        ({"url": "http://[broken", "title": "T", "id": "1"}, "T"),
        ({"url": "", "title": "", "id": "1"}, "1"),
        ({"url": "https://a.example/", "key": "its own"}, "its own"),
    ],
)
def test_a_row_is_split_by_its_registrable_domain_or_its_title(row: dict[str, Any], key: str) -> None:
    assert split_key(row) == key


def test_a_number_of_rows_is_held_out_and_taken(pages: Path, articles: Path, tmp_path: Path) -> None:
    summary = run(tmp_path, f"{pages}@20", f"{articles}@12", eval_rows=6)
    assert len(read_built(tmp_path, "train")) == summary.rows("train") <= 26
    assert len(read_built(tmp_path, "eval")) == summary.rows("eval") <= 6
    assert summary.rows("train") >= 24
    assert summary.rows("eval") >= 4
    assert len({row["id"][:-1] for row in read_built(tmp_path) if row["task"] == "me"}) > 3  # drawn, not the first


def test_a_mismatched_question_has_no_answer_on_the_page(pages: Path, articles: Path, tmp_path: Path) -> None:
    run(tmp_path, articles, inputs={"hosts": [pages]}, na_share=1.0, distractors=3)
    rows = read_built(tmp_path)
    assert len(rows) >= 20
    assert {row["source"] for row in rows} == {article_row(0)["source"]}
    beside = 0
    for row in rows:
        assert row["messages"][2]["content"] == "NA"
        i = int(row["query"].removeprefix("What is ").removesuffix("?"))
        prompt = row["messages"][1]["content"]
        assert f"of article {i}." not in prompt
        beside += len(set(re.findall(r"of article (\d+)\.", prompt))) > 1
    assert beside > 5


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_questions_with_answers_alone_are_aligned_to_the_paragraphs_that_hold_them(
    pages: Path, tmp_path: Path, suffix: str
) -> None:
    """Also where Parquet gives every question each field. An answer is whole words, and none is said explicitly."""
    rows = []
    for i in range(30):
        row = article_row(i)
        (fields,) = row["questions"]
        paragraphs = [*row["paragraphs"], f"The fee is {i}\u00a0Euros, it says.", f"It was 1{i} euros."]
        asked = {"id": fields["id"], "question": fields["question"]}
        asked["answers"] = [] if i % 5 == 4 else ["nowhere at all"] if i % 5 == 3 else [f"{i} euros", "a tenner"]
        rows.append(row | {"paragraphs": paragraphs, "questions": [asked]})
    summary = run(tmp_path, write(tmp_path / f"q.{suffix}", rows), inputs={"hosts": [pages]}, na_share=0.0, excerpts=0)
    built = read_built(tmp_path)
    assert (len(built), summary.left_out["a question whose answers stand in no paragraph"]) == (24, 6)
    for row in built:
        i = int(row["query"].removeprefix("What is ").removesuffix("?"))
        lines = [line for line in row["messages"][1]["content"].splitlines() if line.startswith("[")]
        kept = [lines[k - 1].partition(" ")[2] for k in row["gold"]]
        assert kept == ([] if i % 5 == 4 else [f"<p>The fee is {i} Euros, it says.</p>"])


def test_pages_of_questions_are_cut_to_excerpts(pages: Path, articles: Path, tmp_path: Path) -> None:
    """All of them, or none: the same questions on pages that are longer."""
    blocks = {}
    for share in (0.0, 1.0):
        run(tmp_path, articles, inputs={"hosts": [pages]}, na_share=0.0, excerpts=share)
        blocks[share] = [row["blocks"] for row in read_built(tmp_path)]
    assert len(blocks[0.0]) == len(blocks[1.0])
    assert sum(blocks[1.0]) < 0.7 * sum(blocks[0.0])


def test_texts_without_html_are_embedded_in_real_pages(pages: Path, tmp_path: Path) -> None:
    texts = [
        {"id": f"t{i}", "title": f"Heading {i}", "text": f"First {i}.\n\nSecond {i}.", "license": "MIT"}
        for i in range(30)
    ]
    run(tmp_path, f"plain={write(tmp_path / 'texts.jsonl', texts)}", inputs={"hosts": [pages]}, eval_share=0.2)
    rows = read_built(tmp_path)
    assert len(rows) == 30
    for row in rows:
        lines = [line for line in row["messages"][1]["content"].splitlines() if line.startswith("[")]
        i = row["id"][1:]
        kept = [lines[k - 1].partition(" ")[2] for k in row["gold"]]
        assert kept == [f"<h1>Heading {i}</h1>", f"<p>First {i}.</p>", f"<p>Second {i}.</p>"]
        assert row["blocks"] > 6
        assert row["source"] == "plain"


def test_longer_conversations_and_other_licences_are_left_out_and_counted(pages: Path, tmp_path: Path) -> None:
    summary = run(tmp_path, pages, max_tokens=500, licenses=("free",))
    rows = read_built(tmp_path)
    assert rows
    assert max(row["tokens"] for row in rows) <= 500
    assert {row["license"] for row in rows} == {"CC0-1.0"}
    assert summary.left_out["another licence than asked for"] == 20
    assert summary.left_out["longer than 500 tokens (me)"] == 20 - len(rows) > 0
    assert {row["license"] for row in build_with(tmp_path / "a", pages, licenses=("AGPL-",))} == {"AGPL-3.0"}
    with pytest.raises(IndexLMError, match=r"licence of MIT; found none"):
        run(tmp_path / "b", pages, licenses=("MIT",))


def build_with(out: Path, *sources: Path, **options: Any) -> list[dict[str, Any]]:
    run(out, *sources, **options)
    return read_built(out)


def test_a_text_in_both_splits_is_refused_or_dropped(tmp_path: Path) -> None:
    """The same page on many domains: whichever comes first decides which split may keep it."""
    rows = [page_row("news", 0) | {"id": f"r{i}", "url": f"https://host{i}.example/"} for i in range(30)]
    source = write(tmp_path / "rows.parquet", rows)
    out = tmp_path / "out"
    with pytest.raises(IndexLMError, match=r"found \d+ with the same text in both splits \(first r\d+") as caught:
        run(out, source, eval_share=0.3)
    assert "--drop-leaks" in str(caught.value)
    assert list(out.iterdir()) == []
    summary = run(out, source, eval_share=0.3, drop_leaks=True)
    dropped = summary.left_out["in the other split or an evaluation file"]
    assert 0 < dropped == 30 - len(read_built(out))
    assert (
        len(
            {row["text_hash"] for row in read_built(out, "train")}
            & {row["text_hash"] for row in read_built(out, "eval")}
        )
        == 0
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"html": "<p>Other</p>", "url": "http://www.news1.example/#top"}, "1 with the same URL"),
        ({"html": page_row("news", 1)["html"], "url": "https://elsewhere.example"}, "1 with the same text"),
        (article_row(3) | {"paragraphs": ["Edited."]}, "1 with the same question and document"),
        (article_row(3) | {"title": "Renamed"}, "1 with the same text"),
    ],
)
def test_rows_of_an_evaluation_file_are_refused(
    pages: Path, articles: Path, tmp_path: Path, row: dict[str, Any], message: str
) -> None:
    file = write(tmp_path / "dev.jsonl", [row])
    source = articles if "paragraphs" in row else pages
    hosts = [pages] if source == articles else []
    with pytest.raises(IndexLMError, match=message):
        run(tmp_path / "out", source, inputs={"against": [file], "hosts": hosts}, na_share=0)
    summary = run(tmp_path / "out", source, inputs={"against": [file], "hosts": hosts}, na_share=0, drop_leaks=True)
    assert summary.left_out["in the other split or an evaluation file"] == 1


def test_a_data_set_that_was_built_can_be_checked_against(built: Path, pages: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexLMError, match=r"with the same URL in .*train\.parquet"):
        run(tmp_path, pages, inputs={"against": [built / "train.parquet"]})


def test_questions_without_pages_to_be_embedded_in_are_refused(articles: Path, pages: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexLMError, match=r"give main content pages .* as a source or with --hosts; found none"):
        run(tmp_path / "out", articles)
    one = write(tmp_path / "one.parquet", [page_row("news", 1)])
    with pytest.raises(IndexLMError, match="pages of different domains; found 1"):
        run(tmp_path / "out", articles, inputs={"hosts": [one]})
    run(tmp_path / "out", articles, inputs={"hosts": [one]}, eval_share=0.0)
    assert read_built(tmp_path / "out", "eval") == []
    assert {row["task"] for row in read_built(tmp_path / "out")} == {"qe"}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "has none"),
        ([{"id": "a", "words": "b"}], "rows have gold_text .* id, words"),
        ([page_row("news", 1) | {"html": 7}], "html is text; row news1"),
        ([question_row(1) | {"paragraphs": ["one"]}], "relevant are numbers of paragraphs"),
        ([question_row(1) | {"questions": [{"question": " ", "relevant": [0]}]}], "a question has words"),
        ([question_row(1) | {"questions": [{"question": "What?"}]}], "a question has `relevant`, .* or `answers`"),
        ([question_row(1) | {"questions": [{"question": "What?", "answers": "a"}]}], "answers are a list of texts"),
        ([question_row(1) | {"tags": ["p"]}], "tags are as many as paragraphs"),
    ],
)
def test_a_row_that_is_not_in_the_layout_is_named(
    tmp_path: Path, pages: Path, rows: list[dict[str, Any]], message: str
) -> None:
    with pytest.raises(IndexLMError, match=message):
        run(tmp_path / "out", write(tmp_path / "rows.jsonl", rows), inputs={"hosts": [pages]})
    assert not list(tmp_path.glob("out/*"))


def test_what_stops_midway_leaves_what_was_there_before(pages: Path, articles: Path, tmp_path: Path) -> None:
    run(tmp_path, pages)
    before = (tmp_path / "train.parquet").read_bytes()

    def stop(name: str, rows: int) -> None:
        if rows == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, pages, articles, inputs={"progress": stop})
    assert (tmp_path / "train.parquet").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md", "eval.parquet", "train.parquet"]


def test_a_published_folder_is_a_source(tmp_path: Path) -> None:
    for folder in ("wcxb/ground-truth", "wcxb/html", "aeb/html"):
        (tmp_path / folder).mkdir(parents=True)
    truth = {"url": "https://a.example/x", "ground_truth": {"main_content": page_row("news", 0)["gold_text"]}}
    (tmp_path / "wcxb/ground-truth/0001.json").write_text(json.dumps(truth))
    (tmp_path / "wcxb/html/0001.html.gz").write_bytes(gzip.compress(golden_html("news")))
    truths = {"b1": {"articleBody": page_row("docs", 0)["gold_text"], "url": "https://b.example/"}}
    (tmp_path / "aeb/ground-truth.json").write_text(json.dumps(truths))
    (tmp_path / "aeb/html/b1.html.gz").write_bytes(gzip.compress(golden_html("docs")))
    run(tmp_path / "out", tmp_path / "wcxb", tmp_path / "aeb", eval_share=0.0)
    rows = read_built(tmp_path / "out")
    assert [(row["id"], row["source"], row["license"]) for row in rows] == [
        ("0001", "wcxb", "CC-BY-4.0"),
        ("b1", "article-extraction-benchmark", "MIT"),
    ]
    assert [tuple(row["gold"]) for row in rows] == [golden_indices("news"), golden_indices("docs")]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("a/b.parquet", Source("a/b.parquet")),
        ("my-pages=a/b.parquet@20", Source("a/b.parquet", "my-pages", 20)),
        ("hotpotqa@7", Source("hotpotqa", "", 7)),
        ("a@b/c=d.jsonl", Source("a@b/c=d.jsonl")),
    ],
)
def test_a_source_is_named_and_counted(text: str, source: Source) -> None:
    assert parse_source(text) == source


def test_the_papers_recipe_has_its_rows_in_its_shares() -> None:
    rows = {source.location: source.rows or 0 for source in paper_sources()}
    assert sum(rows.values()) == 21_098 + 500
    assert set(rows) == set(HUB)
    assert rows["multihoprag"] > rows["hotpotqa"] > rows["msmarco"] > rows["htmlrag"] > rows["mismatched"] > 400


def test_the_command_prints_a_summary_and_writes_a_card(pages: Path, articles: Path, tmp_path: Path) -> None:
    arguments = ["data", "build", "--source", str(pages), "--source", f"{articles}@10", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(app, [*arguments, "--eval-share", "0.2"])
    assert result.exit_code == 0, result.output
    rows = read_built(tmp_path / "out")
    assert f"{len(read_built(tmp_path / 'out', 'train'))} rows for training" in result.stdout
    for word in ("CC0-1.0", "AGPL-3.0", "positive blocks", "95 % tokens"):
        assert word in result.stdout
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert card.startswith("---\nlanguage:\n- en\nlicense:\n- agpl-3.0\n- cc0-1.0\n")
    count = sum(row["license"] == "CC0-1.0" and row["task"] == "me" for row in read_built(tmp_path / "out", "train"))
    assert f"| ours | me | CC0-1.0 | {count} |" in card
    assert len(rows) >= 48


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "at least one source"),
        (["--source", "nowhere.parquet"], "nowhere.parquet"),
        (["--source", "x.parquet@0"], "@ROWS from 1"),
        (["--recipe", "other"], "a recipe is `paper`"),
        (["--source", "PAGES", "--profile", "fancy"], "profile is plain or structural; found 'fancy'"),
        (["--source", "PAGES", "--tokenizer", "nowhere"], "a tokenizer is a folder"),
        (["--source", "hotpotqa", "--eval-rows", "5"], "has a number of rows (NAME@ROWS); found hotpotqa"),
        (["--recipe", "paper"], "with --hosts; found none for train"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_written(
    arguments: list[str], message: str, pages: Path, tmp_path: Path
) -> None:
    paths = [str(pages) if argument == "PAGES" else argument for argument in arguments]
    result = CliRunner().invoke(app, ["data", "build", *paths, "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert message in line
    assert not (tmp_path / "out").exists()


def test_a_row_without_html_among_pages_is_left_out(tmp_path: Path) -> None:
    rows = [page_row("news", 1), page_row("docs", 1) | {"html": ""}]
    summary = run(tmp_path / "out", write(tmp_path / "rows.jsonl", rows), eval_share=0.0)
    assert [row["id"] for row in read_built(tmp_path / "out")] == ["news1"]
    assert summary.left_out == {"no HTML, and no page to be embedded in": 1}


def test_real_pages_and_questions_become_rows(data: Path, tmp_path: Path) -> None:
    """Forty rows of the training split share nothing with pages of the development split."""
    for kind, split, count in (("me", "train", 120), ("qe", "train", 60), ("me", "dev", 20)):
        with parquet.ParquetFile(data / kind / f"{split}.parquet") as file:
            rows = next(file.iter_batches(count))
        parquet.write_table(pa.Table.from_batches([rows]), tmp_path / f"{kind}-{split}.parquet")
    summary = run(
        tmp_path / "out",
        f"{tmp_path / 'me-train.parquet'}@25",
        f"{tmp_path / 'qe-train.parquet'}@15",
        inputs={"against": [tmp_path / "me-dev.parquet"]},
        licenses=("free",),
    )
    written = read_built(tmp_path / "out", "train")
    assert Counter(row["task"] for row in written) == {"me": 25, "qe": 15}
    assert summary.left_out["longer than 4096 tokens (me)"] > 0
    assert all(row["gold"] for row in written if row["task"] == "me")
