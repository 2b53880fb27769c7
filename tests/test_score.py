"""Scores and reports: from the rows alone."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import partial
from pathlib import Path

import pytest

from eval.extractors import open_extractor
from eval.predict import predict, write_cases
from eval.report import to_html, to_markdown
from eval.score import load, score
from indexlm import IndexLMError
from tests.conftest import golden_indices, golden_page, needs
from tests.systems import CASES, QUESTIONS, case, open_all, open_bad, open_missing, open_scored, run

needs("eval", "sklearn")


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
        run("a", open_all, tmp_path)


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


def test_questions_are_reported_by_their_number_of_answers_and_by_the_words_that_these_share(tmp_path: Path) -> None:
    more = [case._replace(id=f"{case.id} too", gold=(1, 2, 3, 4)) for case in QUESTIONS[:1]]
    run("all", open_all, tmp_path, [*QUESTIONS, *more])
    report = score(*load(tmp_path))
    by = report["systems"][0]["by"]
    assert {value: pages for value, (pages, _) in by["answers"].items()} == {"0": 1, "1": 1, "from 4": 1}
    assert by["answers"]["from 4"][1] > by["answers"]["1"][1]  # all blocks are kept
    assert sum(pages for pages, _ in by["overlap"].values()) == 2
    assert "number of gold blocks" in to_markdown(report)


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
    for content in ("[]", '{"a": "text"}', '"text"'):
        file.write_text(content)
        with pytest.raises(IndexLMError, match=r"published results are .*articleBody.* holds others"):
            load(compared, {"other": file})
    file.write_text(json.dumps({case.id: {"articleBody": case.text} for case in CASES[1:]}))
    with pytest.raises(IndexLMError, match=r"other lacks 1 of \d+ \(.* is one\)$"):
        load(compared, {"other": file})


def test_published_results_replace_no_system(compared: Path, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}")
    (name, *_) = load(compared).systems
    with pytest.raises(IndexLMError, match=f"a name of their own; .* has predictions of '{name}'"):
        load(compared, {name: tmp_path / "other.json"})


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
