"""Latency, measured in turns: order, ratios, synthetic pages, whole processes, and a file for pytest-benchmark."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import cli
from eval.cases import Case
from eval.extractors import Answer, System
from eval.speed.cold import ColdStart, cold_starts, extract_command
from eval.speed.measure import measure, ratio, run
from eval.speed.pages import by_length, synthetic_pages
from eval.speed.report import tables, to_json
from eval.synthetic import synthetic_page
from indexlm import IndexLMError, Page, read_page
from tests.conftest import PAGES

CASES = [Case(str(i), "me", html=f"<p>{i}</p>".encode()) for i in range(4)]


class Clock:
    """A clock on a machine that gets three times slower from one end of the run to the other, unevenly."""

    def __init__(self, calls: int) -> None:
        self.now = 0.0
        self.calls = calls
        self.done = 0
        self.noise = np.random.default_rng(3)

    def __call__(self) -> float:
        return self.now

    def work(self, seconds: float) -> None:
        self.done += 1
        self.now += seconds * (1 + 2 * self.done / self.calls) * self.noise.uniform(0.9, 1.1)


def system(work: Callable[[Case], object], tokens: dict[str, int] | None = None) -> System:
    def extract(case: Case) -> Answer:
        work(case)
        return Answer("text", seconds={"parse": 0.25, "total": 1.0}, tokens=tokens or {})

    return extract


def test_extractors_take_turns_on_every_page() -> None:
    """After the warm-up, which is not kept, A and B read each page one after the other; each is the first of half."""
    calls: list[str] = []
    pair = {name: system(lambda case, name=name: calls.append(name + case.id)) for name in "AB"}  # type: ignore[misc]
    timings = measure(pair, CASES, rounds=2)
    warm_up, rounds = calls[:4], calls[4:]
    assert warm_up == ["A0", "B0", "A1", "B1"]
    assert rounds[:8] == ["A0", "B0", "B1", "A1", "A2", "B2", "B3", "A3"]
    assert rounds[8:] == ["B0", "A0", "A1", "B1", "B2", "A2", "A3", "B3"]
    assert [len(times) for times in timings.seconds["B"]] == [2, 2, 2, 2]


def test_no_round_is_begun_after_the_time_is_up_but_the_first_is_whole() -> None:
    clock = Clock(100)
    timings = measure({"A": system(lambda _: clock.work(1))}, CASES, rounds=5, max_seconds=0.5, clock=clock)
    assert [len(times) for times in timings.seconds["A"]] == [1, 1, 1, 1]


@pytest.mark.parametrize("truth", [1.0, 1.3, 4.0])
def test_ratios_hold_the_truth_though_the_machine_slows_down(truth: float) -> None:
    """Over pages of different lengths; and the interval is narrower than the drift."""
    cases = [CASES[0]._replace(id=str(i)) for i in range(30)]
    clock = Clock(2 * 30 * 3)
    lengths = np.random.default_rng(1).uniform(0.01, 0.3, 30)
    pair = {
        name: system(lambda case, times=times: clock.work(times * lengths[int(case.id)]))  # type: ignore[misc]
        for name, times in (("fast", 1.0), ("slow", truth))
    }
    timings = measure(pair, cases, rounds=3, clock=clock)
    seconds = {name: [float(np.median(times)) for times in pages] for name, pages in timings.seconds.items()}
    paired = ratio(seconds["slow"], seconds["fast"])
    for kind in ("all", "median"):
        low, high = paired[f"{kind}_interval"]
        assert low <= truth <= high
        assert high - low < 0.2 * truth
    assert paired["pages"] == 30
    assert max(seconds["fast"]) / min(seconds["fast"]) > 3


def test_a_page_that_one_cannot_read_is_left_out_for_all() -> None:
    def fail(case: Case) -> None:
        if case.id == "2":
            raise RuntimeError("no good")

    pair = {"A": system(lambda _: None), "B": system(fail)}
    timings = measure(pair, CASES, rounds=1)
    assert timings.failed == {"B": 1}
    assert len(timings.seconds["A"]) == len(timings.seconds["B"]) == 3
    buckets = {"few": CASES[2:3], "more": CASES}
    entries = list(run(lambda _: pair, buckets, threads=[1], rounds=1, together=True))
    assert [(entry["bucket"], entry["pages"]) for entry in entries] == [("more", 3)] * 2 + [("all", 3)] * 2
    assert entries[-1]["failed"] == {"B": 2}
    assert "left out for all: B on 2." in tables(entries, [])[0][0]
    with pytest.raises(IndexLMError, match="of few tokens there is none: B failed"):
        list(run(lambda _: pair, buckets, threads=[1]))


def test_entries_say_stages_speed_and_ratio_and_sum_up_a_set() -> None:
    """With 1 ms a page, a bucket's pages a second lie below 1,000; the set's are those of both buckets."""
    busy = system(lambda _: sum(range(40_000)), {"read": 7, "generated": 3})
    buckets = {"≤ 64": CASES[:1], "> 64": CASES[1:]}
    entries = list(
        run(
            lambda threads: {"fast": system(lambda _: None), "slow": busy},
            buckets,
            threads=[1, 2],
            rounds=2,
            together=True,
        )
    )
    assert [(e["threads"], e["bucket"], e["extractor"]) for e in entries[:6]] == [
        (1, bucket, name) for bucket in ("≤ 64", "> 64", "all") for name in ("fast", "slow")
    ]
    assert [entry["pages"] for entry in entries] == [1, 1, 3, 3, 4, 4] * 2
    fast, slow = entries[4:6]
    assert fast["ratio"] is None
    assert slow["ratio"]["to"] == "fast"
    assert slow["ratio"]["all_interval"][0] > 1
    assert slow["tokens"] == {"read": 7, "generated": 3}
    assert slow["seconds"]["parse"] == {"p50": 0.25, "p95": 0.25}
    assert slow["seconds"]["total"]["p50"] == np.median(slow["data"])
    assert 0 < slow["pages_per_second"] < fast["pages_per_second"]
    assert len(slow["data"]) == 8


def test_the_file_is_read_by_pytest_benchmarks_own_compare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its loader, with the statistics that it would compute itself; and by its command."""
    pytest.importorskip("pytest_benchmark", reason="needs pytest-benchmark")
    from pytest_benchmark.cli import main
    from pytest_benchmark.logger import Logger
    from pytest_benchmark.stats import Stats
    from pytest_benchmark.storage.file import FileStorage

    pair = {"A": system(lambda _: None), "B": system(lambda _: sum(range(5000)), {"read": 9})}
    entries = list(run(lambda _: pair, {"512": CASES}, threads=[1], rounds=2))
    cold: list[ColdStart] = [{"extractor": "A", "threads": 1, "peak_bytes": 5, "data": [0.4, 0.5, 0.3]}]
    path = tmp_path / "times.json"
    path.write_text(json.dumps(to_json(entries, cold, {"rounds": 2})))
    one, two, start = FileStorage(str(tmp_path), Logger(Logger.QUIET)).load_benchmarks(str(path))
    assert (one["group"], start["group"]) == ("512 tokens, 1 thread", "cold start, 1 thread")
    assert two["extra_info"]["tokens"] == {"read": 9}
    assert start["extra_info"]["peak_bytes"] == 5
    for benchmark in (one, two, start):
        theirs = Stats()
        for seconds in benchmark["data"]:
            theirs.update(seconds)
        for field in ("min", "max", "mean", "stddev", "rounds", "median", "ops", "total"):
            assert benchmark[field] == pytest.approx(getattr(theirs, field)), field
        assert set(Stats.fields) <= set(benchmark)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["pytest-benchmark", "compare", str(path)])
    main()
    printed = capsys.readouterr().out
    assert "extract[B-512-1]" in printed
    assert "cold start[A-process-1]" in printed


def blocks_of(page: Page) -> int:
    return 10 * len(page.blocks)


def test_synthetic_pages_have_nearly_the_length_of_their_bucket_and_are_the_same_every_time() -> None:
    buckets = synthetic_pages([600, 2400], blocks_of, 3)
    assert buckets == synthetic_pages([600, 2400], blocks_of, 3)
    for limit, cases in buckets.items():
        assert len({case.html for case in cases}) == 3
        for case in cases:
            page = read_page(case.html, url=case.url)
            assert 0.7 * int(limit) < blocks_of(page) <= int(limit)
            kept = {page.blocks[i - 1].tag for i in case.gold}
            assert {"h1", "p"} <= kept
            assert 0.2 < len(case.gold) / len(page.blocks) < 0.8
            assert not any(
                "aside" in label or "footer" in label for i in case.gold for label in page.blocks[i - 1].path
            )
    with pytest.raises(IndexLMError, match="found a length of 64"):
        synthetic_pages([64], blocks_of, 1)


def test_pages_are_grouped_by_length() -> None:
    pages = [synthetic_page(0, parts) for parts in (1, 20, 60)]
    cases = [Case(str(i), "me", html=page.html, url=page.url) for i, page in enumerate(pages)]
    lengths = [blocks_of(read_page(case.html)) for case in cases]
    buckets = by_length(cases, [lengths[0], lengths[1] - 1], blocks_of)
    assert buckets == {f"≤ {lengths[0]}": cases[:1], f"> {lengths[1] - 1}": cases[1:]}


def test_whole_processes_are_timed_and_their_peak_is_their_own(tmp_path: Path) -> None:
    small, large, bad = (tmp_path / f"{name}.py" for name in ("small", "large", "bad"))
    small.write_text("import sys; assert sys.argv[1].endswith('page.html')")
    large.write_text("import time; data = b'x' * 150_000_000; time.sleep(0.2)")
    bad.write_text("raise SystemExit('error: no such thing')")
    page = tmp_path / "page.html"
    one, two = cold_starts({"small": [str(small)], "none": [], "large": [str(large)]}, page, 2, 2)
    assert (one["extractor"], two["extractor"]) == ("small", "large")
    assert len(one["data"]) == len(two["data"]) == 2
    assert min(two["data"]) > 0.2
    assert 145e6 < two["peak_bytes"] - one["peak_bytes"] < 160e6
    with pytest.raises(IndexLMError, match="found 1 \\(error: no such thing\\)"):
        cold_starts({"bad": [str(bad)]}, page, 1, 1)


def bench(*arguments: str) -> Any:
    return CliRunner().invoke(cli.app, ["bench", "--rounds", "1", "--threads", "1", *arguments])


def extras(path: Path) -> list[dict[str, Any]]:
    return [benchmark["extra_info"] for benchmark in json.loads(path.read_text())["benchmarks"]]


def test_both_heads_and_a_tool_are_timed_on_files(tmp_path: Path) -> None:
    """By length and together, with what each stage takes, in whole processes too, and in a table on the terminal."""
    pytest.importorskip("trafilatura", reason="needs the eval extra")
    out = tmp_path / "times.json"
    names = ["trafilatura", "classifier@onnx", "decoder"]
    files = [part for name in ("table", "product", "docs") for part in ("--pages", str(PAGES / f"{name}.html"))]
    options = [*files, "--length", "220", "--cold", "1", "--out", str(out)]
    result = bench(*options, *(part for name in names for part in ("--extractor", name)))
    assert result.exit_code == 0, result.output
    timings = extras(out)
    assert [(t.get("bucket"), t["extractor"]) for t in timings[:6]] == [
        (bucket, name) for bucket in ("≤ 220", "> 220") for name in names
    ]
    tool, classifier, decoder = timings[6:9]
    assert tool["bucket"] == "all"
    assert set(tool["seconds"]) == {"total"}
    assert set(classifier["seconds"]) == {"parse", "encode", "forward", "assemble", "total"}
    assert set(decoder["seconds"]) == {"parse", "encode", "prefill", "decode", "assemble", "total"}
    assert decoder["tokens"]["generated"] > 0
    assert decoder["ratio"]["to"] == "trafilatura"
    stages = sum(times["p50"] for stage, times in decoder["seconds"].items() if stage != "total")
    assert 0.5 * stages < decoder["seconds"]["total"]["p50"]
    assert decoder["pages_per_second"] > 0
    assert [t["extractor"] for t in timings[9:]] == names[1:]  # a whole process extracts with a head
    assert all(20e6 < t["peak_bytes"] < 600e6 for t in timings[9:])
    metadata = json.loads(out.read_text())["indexlm"]
    assert metadata["extractors"]["trafilatura"]["version"].startswith("trafilatura ")
    assert "Python" in metadata["machine"]
    assert "time ÷ trafilatura" in result.stdout
    assert "peak MB" in result.stdout


def test_an_oracle_decoder_writes_the_gold_answers_whatever_its_weights(
    tiny_pair: dict[str, tuple[Path, Path]], tmp_path: Path
) -> None:
    """It generates the tokens of the gold answers in either runtime; a page without gold is refused."""
    from tokenizers import Tokenizer

    by_torch, by_onnx = tiny_pair["decoder"]
    out = tmp_path / "times.json"
    options = ["--length", "1200", "--cold", "1", "--out", str(out)]
    names = [f"decoder-oracle={by_onnx}", f"decoder-oracle-alone={by_torch}@torch"]
    result = bench(*options, "--synthetic", "2", *(part for name in names for part in ("--extractor", name)))
    assert result.exit_code == 0, result.output
    onnx, torch = extras(out)  # no command writes gold answers: there is no cold start
    assert onnx["tokens"] == torch["tokens"]
    shortest = len(Tokenizer.from_file(str(by_onnx / "tokenizer.json")).encode("[[1,1]]").ids)
    assert onnx["tokens"]["generated"] >= onnx["tokens"]["windows"] * shortest
    assert onnx["tokens"]["unreadable"] == 0
    assert json.loads(out.read_text())["indexlm"]["extractors"][names[0]]["answers"] == "gold"
    result = bench(*options, "--extractor", names[0], "--pages", str(PAGES / "news.html"))
    assert result.exit_code == 2
    assert "news.html has none" in result.stderr


def test_a_cold_start_runs_the_command_line_beside_the_package(tmp_path: Path) -> None:
    """Whatever the working directory, and only for systems that `extract` can open."""
    script, *arguments = extract_command("decoder=some/model@onnx", 2)
    assert Path(script).is_file()
    assert arguments == ["extract", "--head", "decoder", "--model", "some/model", "--threads", "2"]
    done = subprocess.run([sys.executable, script, "--version"], capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.startswith("indexlm ")
    for name in ("classifier-alone", "decoder-unconstrained", "decoder-oracle=x", "classifier@torch", "trafilatura"):
        assert extract_command(name, 1) == ()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--extractor", "nonsense"], "found 'nonsense'"),
        (["--extractor", "classifier", "--extractor", "nonsense"], "found 'nonsense'"),
        (["--extractor", "classifier@torch"], "cannot be loaded as a checkpoint"),
        (["--extractor", "decoder=nowhere@onnx"], "found 'nowhere'"),
        (["--extractor", "decoder-oracle=nowhere"], "found 'nowhere'"),
        (["--extractor", "classifier", "--extractor", "bm25"], "found bm25"),
        (["--length", "64"], "found a length of 64"),
        (["--pages", "a", "--data", "b"], "found two of these"),
        (["--pages", "nowhere.html"], "nowhere.html"),
        (["--data", "nowhere"], "found nowhere"),
        (["--out", "/dev/null/x.json"], "cannot: "),
    ],
)
def test_bad_options_are_one_line(arguments: Sequence[str], message: str) -> None:
    length = [] if "--length" in arguments else ["--length", "256"]
    result = bench("--synthetic", "1", "--cold", "0", *length, *arguments)
    assert result.exit_code == 2, result.output
    assert message in result.stderr
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
