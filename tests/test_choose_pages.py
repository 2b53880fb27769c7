"""`choose` on pages: what it reads, what it measures, what it writes, and what it says of bad input."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import app
from eval.choose import fit, measure
from eval.choose.candidates import MODES, Mode
from eval.choose.figures import Wanted
from eval.choose.inputs import Workload, read_workload, visits
from eval.choose.load import run_server
from eval.choose.measure import Store, at_most, cores_here
from eval.choose.page_types import TYPES, mix_of
from eval.choose.report import Outcome, tables, to_json
from eval.choose.search import Search
from eval.choose.shipped import predicted_quality, shipped_figures
from indexlm import IndexLMError, read_page
from indexlm.deployment import read_deployment
from tests.conftest import MAIN, PAGES, SITE, golden_html, golden_page


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["choose", *map(str, arguments)])


def search(folder: Path, workload: Workload, seconds: float, **wanted: Any) -> Search:
    """A search that finds cold starts, and the memory of a parent, in its folder: each is measured by processes."""
    options = {"cores": cores_here()} | wanted
    store = Store(folder, workload)
    store.add_run("memory", "parent", peak_bytes=80_000_000)
    for mode in MODES:
        store.add_run("cold", mode.name, seconds=[0.5], peak_bytes=120_000_000)
    return Search(store, Wanted(**options), cores_here(), time.monotonic() + seconds, seconds)


@pytest.fixture(scope="module", autouse=True)
def short_measurements() -> Iterator[None]:
    """Cold starts are timed once in place of three times, and real runs are short: most of the time of a choice."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measure, "COLD_RUNS", 1)
        patch.setattr(fit, "COLD_RUNS", 1)
        patch.setattr("eval.choose.search._RUN_SECONDS", 0.2)
        yield


@pytest.fixture(scope="module")
def chosen(site: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a choice on four pages with references."""
    out = tmp_path_factory.mktemp("chosen")
    result = run(site[0], "--gold", site[1], "--no-tools", "--out", out, "--budget", 5)
    assert result.exit_code == 0, result.output
    return out


def test_a_choice_is_a_verdict_with_every_measurement_on_disk(chosen: Path) -> None:
    data = json.loads((chosen / "choose.json").read_text("utf-8"))
    assert len(data["reasons"]) == 3
    assert data["metric"] == "word F1"
    first = data["candidates"][0]
    assert first["is_recommended"]
    assert first["name"] == data["recommended"]
    for mode in MODES:
        rows = [json.loads(line) for line in (chosen / f"{mode.name}.jsonl").read_text("utf-8").splitlines()]
        assert len(rows) == len(SITE)
        assert all(row["seconds"]["total"] > 0 and row["peak_bytes"] > 0 for row in rows)
    timings = (chosen / "timings.jsonl").read_text("utf-8").splitlines()
    assert {json.loads(line)["name"] for line in timings} == {mode.name for mode in MODES}


def test_the_deployment_runs_as_it_was_chosen(chosen: Path, site: tuple[Path, Path]) -> None:
    path = chosen / "deployment.yaml"
    deployment = read_deployment(path)
    assert deployment.warnings() == ()
    assert len(deployment.sha256) == 64
    assert deployment.figures["word F1"] > 0.5
    result = CliRunner().invoke(app, ["extract", str(site[0] / "news.html"), "--deployment", str(path)])
    assert result.exit_code == 0
    assert result.stderr == ""


def test_other_limits_on_the_same_pages_measure_nothing_again(chosen: Path, site: tuple[Path, Path]) -> None:
    before = {path: path.read_bytes() for path in chosen.glob("*.jsonl")}
    options = ("--gold", site[1], "--no-tools", "--out", chosen, "--aim", "cost", "--max-loss", 1)
    result = run(site[0], *options)
    assert result.exit_code == 0, result.output
    assert all(
        (chosen / mode.name).with_suffix(".jsonl").read_bytes() == before[chosen / f"{mode.name}.jsonl"]
        for mode in MODES[:2]
    )
    assert any(f"Take {mode.name}" in result.stdout for mode in MODES)


def test_a_row_that_was_not_written_to_its_end_is_measured_again(
    chosen: Path, site: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(chosen, out)
    rows = (out / "trees.jsonl").read_bytes()
    (out / "trees.jsonl").write_bytes(rows[:-40])
    (out / "timings.jsonl").write_bytes((out / "timings.jsonl").read_bytes()[:-7])
    result = run(site[0], "--gold", site[1], "--no-tools", "--out", out)
    assert result.exit_code == 0, result.output
    assert len((out / "trees.jsonl").read_text("utf-8").splitlines()) == len(SITE)


def test_limits_that_nothing_meets_are_named_and_no_deployment_is_left(
    chosen: Path, site: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(chosen, out)
    result = run(site[0], "--gold", site[1], "--no-tools", "--out", out, "--max-memory-mb", 1)
    assert result.exit_code == 2 or result.exit_code == 1
    assert "memory" in result.output
    assert not (out / "deployment.yaml").exists() or result.exit_code == 2
    result = run(site[0], "--gold", site[1], "--no-tools", "--out", out, "--min-f1", 1)
    assert result.exit_code == 1
    assert "word F1 is the tightest" in result.stdout
    assert not (out / "deployment.yaml").exists()
    assert json.loads((out / "choose.json").read_text("utf-8"))["recommended"] is None


def test_a_folder_of_other_pages_is_refused_and_stays_as_it_is(chosen: Path) -> None:
    before = sorted((path.name, path.stat().st_size) for path in chosen.iterdir())
    result = run(PAGES / "table.html", "--out", chosen)
    assert result.exit_code == 2
    assert "measurements of another pages" in result.stderr
    assert sorted((path.name, path.stat().st_size) for path in chosen.iterdir()) == before


def test_without_references_agreement_is_never_called_quality(site: tuple[Path, Path], tmp_path: Path) -> None:
    blind = search(tmp_path, read_workload([str(site[0])]), 60)
    blind.mix = mix_of(golden_page(name) for name in SITE)
    trees, careful = MODES[1], MODES[3]
    figures, verdict = blind.run([trees, careful])
    by_mode = {f.mode.name: f for f in figures}
    assert {f.quality.metric for f in figures if f.quality} == {"predicted word F1"}
    assert by_mode["classifier-alone"].agreement == 1.0
    assert by_mode["trees"].agreement is not None
    assert by_mode["trees"].expected_f1 is not None
    outcome = Outcome(blind.wanted, figures, verdict, {}, [], {}, "", "")
    columns = tables(to_json(outcome))[0][1]
    assert {"predicted word F1", "agreement", "expected F1"} <= {*columns}


@dataclass(frozen=True)
class Broken(Mode):
    """A mode that ends its process on every page."""

    def extractor(self, threads: int = 0) -> Any:
        return _Broken()

    def identity(self) -> dict[str, Any]:
        return {}


class _Broken:
    def open(self) -> object:
        return self

    def limits(self) -> object:
        os._exit(3)


def test_a_candidate_that_crashes_is_a_row_and_the_rest_goes_on(tmp_path: Path) -> None:
    workload = read_workload([str(PAGES / "news.html")])
    modes = [MODES[1], Broken("crasher", "classifier"), replace(MODES[0], name="gone", model=str(tmp_path / "nothing"))]
    crashing = search(tmp_path, workload, 60, aim="speed")
    figures, verdict = crashing.run(modes)
    assert verdict.recommended is not None
    assert {f.mode.name for f in figures} == {"trees"}
    assert "1 of 1 pages have no answer" in crashing.dropped["crasher"]
    assert "gone" in crashing.dropped
    rows = [json.loads(line) for line in (tmp_path / "crasher.jsonl").read_text("utf-8").splitlines()]
    assert all("exit code 3" in row["error"] for row in rows)


def test_real_processes_answer_pages_that_arrive_at_random(site: tuple[Path, Path]) -> None:
    from eval.choose.candidates import Candidate

    workload = read_workload([str(site[0])])
    candidate = Candidate(MODES[1], 0, 2, 2)
    run_of = run_server(candidate, visits(workload, False), cores_here(), 20.0, 2.0)
    assert len(run_of.latencies) == 40
    assert min(run_of.latencies) > 0
    assert set(run_of.seconds) == {case.id for case in workload.cases}


def test_a_real_run_offline_is_what_the_figures_say(chosen: Path, site: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(chosen, out)
    options = ("--gold", site[1], "--no-tools", "--scenario", "offline", "--aim", "speed", "--budget", 1)
    result = run(site[0], *options, "--out", out)
    assert result.exit_code == 0, result.output
    data = json.loads((out / "choose.json").read_text("utf-8"))
    assert data["candidates"][0]["how"] == "run"
    kinds = [json.loads(line)["kind"] for line in (out / "runs.jsonl").read_text("utf-8").splitlines()]
    assert any(kind.startswith("offline") for kind in kinds)


def test_all_questions_of_a_page_are_timed_as_one_visit(tmp_path: Path) -> None:
    questions = tmp_path / "questions.txt"
    questions.write_text("Who leads the river trust?\nHow many trees were planted?\n", "utf-8")
    pages = [str(PAGES / "news.html"), str(PAGES / "docs.html")]
    workload = read_workload(pages, queries=questions)
    figures, verdict = search(tmp_path / "out", workload, 60, scenario="many-queries").run([MODES[0]])
    assert {len(f.seconds) for f in figures} == {2}
    assert verdict.recommended
    assert verdict.recommended.quality
    assert verdict.recommended.quality.metric == "predicted block F1"
    assert len(read_workload(pages, queries=questions, limit=2).cases) == 2


def test_under_load_what_is_recommended_has_run(site: tuple[Path, Path], tmp_path: Path) -> None:
    under_load = search(tmp_path, read_workload([str(site[0])], gold=site[1]), 6, scenario="server", rate=10.0)
    figures, verdict = under_load.run([MODES[1]])
    assert verdict.recommended
    assert verdict.recommended.how == "run" or under_load.notes
    assert all(f.memory_mb > 100 for f in figures)
    assert any(kind.startswith("server 10") for kind, _ in under_load.store.runs)


def test_cpu_seconds_are_of_one_thread_and_run_nothing(site: tuple[Path, Path], tmp_path: Path) -> None:
    quiet = search(tmp_path, read_workload([str(site[0])], gold=site[1]), 60, scenario="offline", aim="speed")
    quiet.is_cpu = True
    figures, _ = quiet.run([MODES[0]])
    assert {f.how for f in figures} == {"alone", "simulated"}
    assert len({f.seconds for f in figures}) == 1
    assert not any(kind.startswith("offline") for kind, _ in quiet.store.runs)


def test_cores_are_held_to_the_limit_and_given_back() -> None:
    before = cores_here()
    with at_most(1):
        assert cores_here() == 1
    assert cores_here() == before


def test_shipped_measurements_answer_at_once(tmp_path: Path) -> None:
    result = run("--from-shipped", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert "nothing was measured here" in result.stderr
    data = json.loads((tmp_path / "choose.json").read_text("utf-8"))
    assert data["recommended"] == "classifier"
    result = run("--from-shipped", "--task", "qe", "--aim", "speed", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    result = run(PAGES / "news.html", "--from-shipped", "--aim", "cost", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "deployment.yaml").is_file()


def test_shipped_measurements_are_of_the_modes_that_ship() -> None:
    for mode in MODES:
        quality = predicted_quality(mode, "me", None)
        assert quality
        assert 0.8 < quality.mean < 0.95
        assert predicted_quality(replace(mode, model="mine"), "me", None) is None
    wanted = Wanted("server", rate=1, cores=2)
    assert {f.mode.name for f in shipped_figures("qe", None, wanted)} >= {"classifier", "decoder"}
    articles = dict.fromkeys(TYPES, 0.0) | {"article": 1.0}
    products = dict.fromkeys(TYPES, 0.0) | {"product": 1.0}
    of_articles, of_products = (predicted_quality(MODES[0], "me", mix) for mix in (articles, products))
    assert of_articles
    assert of_products
    assert of_articles.mean > 0.9 > of_products.mean


def test_page_types_are_told_by_structure() -> None:
    mix = mix_of(read_page(golden_html(name)) for name in MAIN)
    assert sum(mix.values()) == pytest.approx(1, abs=0.01)
    assert mix_of([golden_page("news")])["article"] > 0.5


def test_the_page_plots_every_candidate_and_asks_nobody(chosen: Path, browser: Any) -> None:
    data = json.loads((chosen / "choose.json").read_text("utf-8"))
    page = browser.new_page()
    errors: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"file://{chosen / 'choose.html'}")
    points = page.locator("g.point")
    assert points.count() == len(data["candidates"])
    assert page.locator("g.point.recommended").get_attribute("data-name") == data["recommended"]
    page.locator("g.point.recommended circle").hover()
    assert data["recommended"] in page.inner_text("#hint")
    page.select_option("#across", "memory_mb")
    assert page.locator("g.point").count() == len(data["candidates"])
    assert data["reasons"][0] in page.inner_text("#verdict")
    refused = [row for row in data["candidates"] if row["refused"]]
    if refused:
        assert refused[0]["refused"][0]["reason"] in page.locator("g.point.refused title").first.text_content()
    assert errors == []
    assert all(url.startswith(("file:", "data:")) for url in asked)
    page.close()


def test_a_search_without_a_single_mode_says_why(tmp_path: Path, site: tuple[Path, Path]) -> None:
    workload = read_workload([str(site[0])])
    assert isinstance(workload, Workload)
    with pytest.raises(IndexLMError, match="none does: gone: "):
        search(tmp_path, workload, 9).run([replace(MODES[0], name="gone", model=str(tmp_path / "nothing"))])
