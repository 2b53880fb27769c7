"""Predict, then score: files that survive kills, crashes and endless pages; reports that name no false winner."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import app
from eval.cases import Case, read_cases
from eval.extractors import Answer, System, of_blocks, open_extractor, parse_name, version
from eval.peers import PEERS, Peer
from eval.predict import Row, predict, predict_named, read_rows, write_cases
from eval.report import to_html, to_markdown
from eval.retrieval import bm25, choose, tune
from eval.score import load, score
from indexlm import IndexLMError, Page, Prediction, read_page
from tests.conftest import MAIN, ROOT, golden_html, golden_indices, golden_page
from tests.test_examples import row

pytest.importorskip("sklearn", reason="needs the eval extra")


def case(name: str, **fields: Any) -> Case:
    page = golden_page(name)
    text = "\n".join(page.blocks[i - 1].text for i in golden_indices(name))
    return Case(**({"id": name, "task": "me", "html": golden_html(name), "text": text, "kind": name} | fields))


CASES = [case(name) for name in ("news", "docs", "forum", "product")]
QUESTIONS = [
    Case("leader", "qe", page=golden_page("news", "Who leads the river trust?"), gold=(11,), kind="a", lang="en"),
    Case("none", "qe", page=golden_page("docs", "Who won the cup in 1930?"), gold=(), kind="b", lang="en"),
]


def _all(case: Case) -> Answer:
    return open_extractor("all-blocks")(case)


def open_all() -> System:
    return _all


def open_scored(wrong: float) -> System:
    """Chooses the gold blocks of golden pages but for one in `1/wrong`, with scores."""

    def run(case: Case) -> Answer:
        page = case.page or read_page(case.html)
        gold = set(golden_indices(case.id)) if case.task == "me" else set(case.gold)
        chosen = [i for i in range(1, len(page.blocks) + 1) if (i in gold) != (wrong and i % int(1 / wrong) == 0)]
        scores = tuple(0.9 if i in chosen else 0.2 for i in range(1, len(page.blocks) + 1))
        return of_blocks(lambda pages: [Prediction(tuple(chosen), scores)])(case._replace(page=page))

    return run


def open_bad(fault: str) -> System:
    """Raises, kills its process or never ends on the page `docs`."""

    def run(case: Case) -> Answer:
        if case.id == "docs":
            if fault == "raise":
                raise RuntimeError("no good")
            if fault == "crash":
                os._exit(3)
            time.sleep(60)
        return Answer(text="some text")

    return run


def open_missing() -> System:
    raise ImportError("no module named nothing")


def run(name: str, opener: Callable[[], System], out: Path, cases: list[Case] = CASES, **options: Any) -> list[Row]:
    write_cases(cases, out)
    return list(predict(name, opener, cases, out, **options))


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("raise", "RuntimeError: no good"),
        ("crash", "ended with exit code 3"),
        ("hang", "takes at most 1 seconds; this one took longer"),
    ],
)
def test_a_bad_page_is_a_row_with_its_error_and_the_others_are_done(tmp_path: Path, fault: str, error: str) -> None:
    run(fault, partial(open_bad, fault), tmp_path, seconds_a_page=1)
    rows = {row["id"]: row for row in read_rows(tmp_path / f"{fault}.jsonl")}
    assert error in rows["docs"]["error"]
    assert [row["text"] for name, row in rows.items() if name != "docs"] == ["some text"] * 3
    seconds = rows["docs"]["seconds"]["total"]
    assert seconds == 1 if fault == "hang" else 0 < seconds <= 1
    assert rows["news"]["peak_bytes"] > 0
    report = score(*load(tmp_path))
    assert report["values"][fault][1] == 0  # a full miss
    assert report["systems"][0]["errors"] == 1


def test_a_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """A torn last line is cut off and done again; finished rows are neither lost nor done twice."""
    run("all", open_all, tmp_path)
    path = tmp_path / "all.jsonl"
    whole = path.read_bytes()
    first, second, third, _ = whole.splitlines(keepends=True)
    path.write_bytes(first + second + third[: len(third) // 2])
    again = run("all", open_all, tmp_path)
    assert [row["id"] for row in again] == ["forum", "product"]
    assert path.read_bytes().startswith(first + second)
    assert [row["id"] for row in read_rows(path)] == [case.id for case in CASES]
    assert run("all", open_all, tmp_path) == []


def test_a_killed_command_goes_on(tmp_path: Path) -> None:
    """The process is killed after its first rows; started again it finishes, and no row is there twice."""
    data = tmp_path / "cases.jsonl"
    lines = [{"id": str(i), "html": golden_html("news").decode(), "must_have": ["river"]} for i in range(300)]
    data.write_text("\n".join(map(json.dumps, lines)))
    out = tmp_path / "out"
    command = [sys.executable, "cli.py", "eval", "predict", "--data", str(data), "--out", str(out)]
    command += ["--extractor", "all-blocks"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    rows = out / "all-blocks.jsonl"
    while not rows.exists() or rows.stat().st_size < 2000:
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
    done = len(rows.read_bytes().splitlines())
    assert 0 < done < 300
    assert subprocess.run(command, cwd=ROOT, stderr=subprocess.DEVNULL, check=False).returncode == 0
    assert [row["id"] for row in read_rows(rows)] == [str(i) for i in range(300)]


def test_rows_of_other_cases_are_refused(tmp_path: Path) -> None:
    run("all", open_all, tmp_path)
    with pytest.raises(IndexLMError, match="other cases"):
        write_cases(CASES[:2], tmp_path)
    with pytest.raises(IndexLMError, match="rows of other cases"):
        list(predict("all", open_all, CASES[:2], tmp_path))
    rows = read_rows(tmp_path / "all.jsonl")
    (tmp_path / "all.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows[1:]))
    with pytest.raises(IndexLMError, match="all lacks 1 of 4 \\(news is one\\)"):
        load(tmp_path)
    (tmp_path / "all.jsonl").write_text("".join(json.dumps(r) + "\n" for r in [*rows, rows[0] | {"id": "x"}]))
    with pytest.raises(IndexLMError, match="1 more"):
        load(tmp_path)


def test_a_system_that_cannot_be_opened_leaves_no_file(tmp_path: Path) -> None:
    write_cases(CASES, tmp_path)
    with pytest.raises(ImportError):
        list(predict("absent", open_missing, CASES, tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["cases.json"]


def test_rows_of_another_version_are_not_mixed(tmp_path: Path) -> None:
    run("all", open_all, tmp_path, metadata={"version": "1"})
    with pytest.raises(IndexLMError, match="another version"):
        run("all", open_all, tmp_path, metadata={"version": "2"})
    cases = json.loads((tmp_path / "cases.json").read_text())
    (tmp_path / "cases.json").write_text(json.dumps(cases | {"indexlm": "0.0.1"}))
    with pytest.raises(IndexLMError, match=r"version 0\.0\.1"):
        write_cases(CASES, tmp_path)


def test_an_error_is_a_miss_in_every_score_of_a_system_that_chooses_blocks(tmp_path: Path) -> None:
    """One perfect page and one error: half of everything."""
    write_cases(CASES[:2], tmp_path)
    (perfect,) = predict("half", partial(open_scored, 0.0), CASES[:1], tmp_path)
    failed = perfect | {"id": "docs", "indices": None, "scores": None, "text": "", "error": "crashed"}
    (tmp_path / "half.jsonl").write_text("".join(json.dumps(row) + "\n" for row in (perfect, failed)))
    scores = score(*load(tmp_path))["systems"][0]["scores"]
    for key in ("word_f1", "rouge_l", "block_f1", "exact"):
        assert scores[key]["mean"] == pytest.approx(0.5), key


def test_snippets_alone_are_scored_as_such(tmp_path: Path) -> None:
    """Must-have and must-not-have lists are no reference text: no ceiling is known."""
    cases = [case("news", text="", must_have=("river trust",), must_not_have=("Advertisement",)), case("docs", text="")]
    run("all", open_all, tmp_path, cases[:1])
    report = score(*load(tmp_path))
    assert (report["main_metric"], report["ceiling"]) == ("snippet_f1", None)
    assert report["systems"][0]["scores"]["must_have"]["mean"] == 1
    assert report["floor"] == pytest.approx(report["systems"][0]["scores"]["snippet_f1"]["mean"])
    assert "Ceiling" not in to_markdown(report)
    assert "null" in to_html(report, *load(tmp_path)[:2])
    run("all", open_all, tmp_path / "bare", cases[1:])
    with pytest.raises(IndexLMError, match="neither"):
        score(*load(tmp_path / "bare"))


def test_a_tool_that_gives_text_cannot_be_scored_on_questions(tmp_path: Path) -> None:
    run("text", partial(open_bad, "raise"), tmp_path, QUESTIONS)
    with pytest.raises(IndexLMError, match="text chooses none"):
        score(*load(tmp_path))


def test_a_broken_line_inside_a_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 1}\nnonsense\n{"id": 2}\n')
    with pytest.raises(IndexLMError, match=r"a\.jsonl:2"):
        read_rows(path, repair=True)


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a perfect, a worse and an all-blocks system, and one that is not installed."""
    out = tmp_path_factory.mktemp("compared")
    run("classifier", partial(open_scored, 0.0), out, metadata={"probabilities": True})
    run("decoder", partial(open_scored, 0.1), out)
    run("all", open_all, out)
    with pytest.raises(ImportError):
        run("absent", open_missing, out)
    (out / "absent.meta.json").write_text(json.dumps({"name": "absent", "left_out": "not installed"}))
    return out


def test_a_report_ranks_systems_between_floor_and_ceiling(compared: Path) -> None:
    report = score(*load(compared))
    means = {entry["name"]: entry["scores"]["word_f1"]["mean"] for entry in report["systems"]}
    assert list(means) == ["classifier", "decoder", "all"]
    assert means["classifier"] == pytest.approx(report["ceiling"])
    assert means["all"] == pytest.approx(report["floor"])
    best = report["systems"][0]
    assert best["scores"]["exact"]["mean"] == 1
    assert best["scores"]["shingle_f1"]["mean"] == pytest.approx(1)
    assert best["calibration"]["bins"][-1][2] == 1
    assert (1.0, 1.0) in best["curve"]  # all gold blocks score above all others
    assert set(best["by"]["kind"]) == {"news", "docs", "forum", "product"}
    assert report["left_out"] == {"absent": "not installed"}
    assert best["cost"]["median_ms"] > 0
    assert 1 < best["cost"]["peak_mb"] < 4000
    (pair,) = [p for p in report["pairs"] if {p["a"], p["b"]} == {"classifier", "all"}]
    assert pair["wins"] == 4


def test_pages_of_one_domain_count_as_one_beside_the_mean_of_pages(tmp_path: Path) -> None:
    """Three pages of a shop, wholly missed, and one of another site, wholly right."""
    urls = ["https://www.shop.example/a", "https://shop.example/b", "http://shop.example/c", "https://news.example/"]
    cases = [
        {"id": url, "task": "me", "url": url, "kind": "", "lang": "", "source": "", "gold": [1], "text": "right"}
        | {"blocks": [["p", "right"]], "must_have": [], "must_not_have": []}
        for url in urls
    ]
    rows = {url: {"id": url, "text": "right" if "news" in url else "wrong", "seconds": {}} for url in urls}
    report = score(cases, {"a": rows}, {"a": {"name": "a"}})
    (entry,) = report["systems"]
    assert entry["scores"]["word_f1"]["mean"] == 0.25
    assert entry["scores"]["by_domain"] == {"mean": 0.5, "interval": (0.0, 1.0), "domains": 2}
    assert "| by domain |" in to_markdown(report)
    alone = score(cases[2:], {"a": {url: rows[url] for url in urls[2:]}}, {"a": {"name": "a"}})  # a page each
    assert "by_domain" not in alone["systems"][0]["scores"]
    assert "by domain" not in to_markdown(alone)


def test_the_markdown_report_shows_what_was_left_out_and_the_bounds(compared: Path) -> None:
    text = to_markdown(score(*load(compared)))
    assert "Left out: absent (not installed)." in text
    assert "Ceiling (gold blocks): 1.000" in text
    for line in text.splitlines():
        assert not line.startswith("|") or line.endswith("|")
    tables = [part.splitlines() for part in text.split("\n\n") if part.startswith("|")]
    assert len(tables) >= 4
    assert all(len({line.count(" |") for line in table if "---" not in line}) == 1 for table in tables)


def test_the_report_says_how_many_written_answers_are_invalid(compared: Path) -> None:
    """By window, over all pages; a system that writes no answers is not in the table."""
    cases, systems, metadata = load(compared)
    for i, of_page in enumerate(systems["decoder"].values()):
        of_page["tokens"] = {"windows": 5, "generated": 40 + i, "repaired": 2 * (i == 0), "unreadable": int(i == 1)}
    report = score(cases, systems, metadata)
    (decoder,) = [entry for entry in report["systems"] if "answers" in entry]
    assert decoder["name"] == "decoder"
    assert decoder["answers"] == {"windows": 20, "invalid": 3 / 20, "unreadable": 1 / 20, "generated": 166 / 20}
    assert "| decoder | 20 | 15.00% | 5.00% | 8.3 |" in to_markdown(report)
    assert "Written answers" not in to_markdown(score(*load(compared)))


def test_published_results_stand_in_the_table(compared: Path, tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text(json.dumps({case.id: {"articleBody": case.text} for case in CASES}))
    report = score(*load(compared, {"other": file}))
    (other,) = [entry for entry in report["systems"] if entry["name"] == "other"]
    assert other["published"]
    assert other["version"] == "published"
    assert other["scores"]["word_f1"]["mean"] == 1
    assert "block_f1" not in other["scores"]
    file.write_text("[]")
    with pytest.raises(IndexLMError, match="published"):
        load(compared, {"other": file})


def test_questions_are_scored_by_blocks_and_silence(tmp_path: Path) -> None:
    run("right", partial(open_scored, 0.0), tmp_path, QUESTIONS)
    run("bm25", partial(open_extractor, "bm25"), tmp_path, QUESTIONS)
    run("all", open_all, tmp_path, QUESTIONS)
    report = score(*load(tmp_path))
    by_name = {entry["name"]: entry["scores"] for entry in report["systems"]}
    assert by_name["right"]["block_f1"]["mean"] == by_name["right"]["na_right"]["mean"] == 1
    assert by_name["right"]["mrr"]["mean"] == 1
    assert by_name["all"]["na_right"]["mean"] == 0.5
    assert by_name["bm25"]["mrr"]["mean"] == 1  # the block that names the river trust
    assert "NA accuracy" in to_markdown(report)


def test_the_html_report_holds_its_data_and_no_markup_of_pages(tmp_path: Path) -> None:
    """A page's text cannot end the script that carries it, and placeholders in it stay what they are."""
    bad = "</script><script>alert(1)</script> {{title}} {{data}}"
    cases = [case("news", html=f"<p>{bad.replace('<', '&lt;')}</p>".encode(), text=bad)]
    run("all", open_all, tmp_path, cases)
    text = to_html(score(*(loaded := load(tmp_path))), loaded[0], loaded[1])
    assert text.count("<script") == 2
    assert "alert(1)\\u003c/script" in text or "\\u003c/script>" in text
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    payload = text.partition('type="application/json">')[2].partition("</script>")[0]
    assert json.loads(payload)["cases"][0]["blocks"][0][1] == bad


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium on the PATH")
def test_the_html_report_works_in_a_browser(compared: Path, tmp_path: Path) -> None:
    """No console error; the page has its plots, its list all pages, and the linked page its blocks."""
    cases, systems, metadata = load(compared)
    page = tmp_path / "report.html"
    page.write_text(to_html(score(cases, systems, metadata), cases, systems), "utf-8")
    done = subprocess.run(
        [
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update", "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}",
            "--enable-logging=stderr", "--virtual-time-budget=5000", "--dump-dom", f"file://{page}#forum",
        ],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert "CONSOLE" not in done.stderr, done.stderr
    from lxml import html

    tree = html.fromstring(done.stdout)
    figures = {figure.get("id") for figure in tree.xpath("//figure[.//*[local-name()='svg']]")}
    assert figures == {"pareto", "curves", "reliability", "by-kind", "latency"}
    assert len(tree.xpath("//*[@id='list']/button")) == 4
    (current,) = tree.xpath("//*[@id='list']/button[@aria-current]")
    rows = tree.xpath("//*[@id='page']//tbody/tr")
    assert len(rows) == len(golden_page("forum").blocks)
    assert {int(row.xpath("string(td[1])")) for row in rows if row.get("class") == "gold"} == set(
        golden_indices("forum")
    )
    assert rows[0].xpath("string(td[last()])") == golden_page("forum").blocks[0].text
    assert golden_page("forum").title in current.text_content()


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
    assert version(name).split()[1][0].isdigit()


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
    assert version(f"embedding={folder}").startswith("sentence-transformers ")
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
    by_name = {name: list(predict_named(name, cases, tmp_path)) for name in ("classifier", "html2text")}
    news, product = by_name["classifier"]
    assert news["decided_by"] == "trees"
    assert product["decided_by"] in ("model", "mixed")
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
