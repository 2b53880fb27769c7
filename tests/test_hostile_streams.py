"""Streams that are stopped, doubled, filled up or slow: no result is lost, and no output is half of one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path, PurePath
from threading import Thread

import pytest
from typer.testing import CliRunner

from cli import app
from indexlm import Extraction, Extractor, IndexLMError, parallel
from indexlm.output import files
from indexlm.output.files import OutputError, Results
from indexlm.parallel import run_in_processes
from tests.conftest import ROOT

PAGE = "<p>This is a sentence of a page that a reader would want to keep for a later day, number {}.</p>"


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.stderr


@pytest.fixture
def inputs(tmp_path: Path) -> list[str]:
    """The names of three pages."""
    folder = tmp_path / "in"
    folder.mkdir()
    for i in range(3):
        (folder / f"page{i}.html").write_text(PAGE.format(i))
    return [str(folder / f"page{i}.html") for i in range(3)]


def command(*arguments: str) -> list[str]:
    return [sys.executable, "cli.py", "extract", *arguments, "--head", "trees"]


def test_an_output_stays_as_it_was_until_the_new_one_is_whole(tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    output.write_text("before\n")
    with suppress(KeyboardInterrupt), Results(output, ["a", "b"], [], "text", True) as results:
        results.write({"input": "a"}, "")
        assert output.read_text() == "before\n"
        raise KeyboardInterrupt
    assert output.read_text() == "before\n"
    with Results(output, ["a"], [], "text", True) as results:
        results.write({"input": "a"}, "")
    assert output.read_text() == '{"input": "a"}\n'
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, inputs: list[str]) -> None:
    output = tmp_path / "out.jsonl"
    whole = tmp_path / "whole.jsonl"
    run("extract", *inputs, "--head", "trees", "--jsonl", "--output", str(whole))
    lines = whole.read_text().splitlines(keepends=True)
    part = tmp_path / "out.jsonl.part"
    part.write_text(lines[0] + lines[1][:40])  # as a kill leaves it
    run("extract", *inputs, "--head", "trees", "--jsonl", "--output", str(output), "--resume")
    assert output.read_text().splitlines(keepends=True) == lines
    assert not part.exists()
    before = output.stat().st_mtime_ns
    run("extract", *inputs, "--head", "trees", "--jsonl", "--output", str(output), "--resume")
    assert output.read_text().splitlines(keepends=True) == lines
    assert output.stat().st_mtime_ns >= before
    assert "the same inputs" in run(
        "extract", inputs[1], "--head", "trees", "--jsonl", "--output", str(output), "--resume", code=2
    )
    assert "--output names neither" in run("extract", inputs[1], "--head", "trees", "--resume", code=2)


def test_a_folder_is_resumed_file_by_file(tmp_path: Path, inputs: list[str]) -> None:
    out = tmp_path / "out"
    run("extract", *inputs, "--head", "trees", "--output", str(out))
    (out / "page1.md").unlink()
    (out / "page0.md").write_text("kept")
    run("extract", *inputs, "--head", "trees", "--output", str(out), "--resume")
    assert (out / "page0.md").read_text() == "kept"
    assert "number 1" in (out / "page1.md").read_text()


@pytest.mark.parametrize("more", [["--jsonl"], []])
def test_a_run_is_resumed_with_the_options_it_began_with(tmp_path: Path, inputs: list[str], more: list[str]) -> None:
    """Whether it was stopped or is done; what changes no result may change."""
    output = tmp_path / ("out.jsonl" if more else "out")
    command = ("extract", *inputs, "--head", "trees", *more, "--output", str(output), "--threshold", "0.5")
    for is_done in (True, False):
        run(*command)
        if not is_done and more:
            whole = output.read_text()
            output.rename(tmp_path / "out.jsonl.part").write_text(whole[: len(whole) // 2])
        elif not is_done:
            (output / "page1.md").unlink()
        for option, message in (
            (["--threshold", "0.7"], "threshold was 0.5, and is 0.7; another --output begins another run"),
            (["--format", "text"], 'format was "markdown", and is "text"'),
            (["--title"], "title was false, and is true"),
            (["--head", "classifier"], 'head was "trees", and is "classifier"'),
        ):
            assert message in run(*command, *option, "--resume", code=2)
        run(*command, "--resume", "--threads", "1", "--timeout", "50")
    run(*command, "--threshold", "0.7")
    run(*command, "--threshold", "0.7", "--resume")


def test_a_folder_with_one_page_gives_a_folder(tmp_path: Path, inputs: list[str]) -> None:
    folder, out = tmp_path / "pages", tmp_path / "out"
    folder.mkdir()
    shutil.copy(inputs[0], folder / "a.html")
    run("extract", str(folder), "--head", "trees", "--output", str(out))
    assert [path.name for path in out.glob("[!.]*")] == ["a.md"]


def test_what_failed_before_is_still_a_failure_when_a_run_goes_on(tmp_path: Path, inputs: list[str]) -> None:
    bad, out = tmp_path / "bad.pdf", tmp_path / "out.jsonl"
    bad.write_bytes(b"%PDF-1.7")
    command = ("extract", str(bad), inputs[0], "--head", "trees", "--jsonl", "--output", str(out))
    run(*command, code=1)
    assert "1 inputs failed in the run before" in run(*command, "--resume", code=1)
    assert len(out.read_text().splitlines()) == 2


def test_a_new_input_with_the_name_of_another_is_not_taken_for_done(tmp_path: Path, inputs: list[str]) -> None:
    folder, out = tmp_path / "pages", tmp_path / "out"
    folder.mkdir()
    for name, source in (("a.html", inputs[0]), ("b.html", inputs[1])):
        shutil.copy(source, folder / name)
    run("extract", str(folder), "--head", "trees", "--output", str(out))
    shutil.copy(inputs[1], folder / "a.htm")
    run("extract", str(folder), "--head", "trees", "--output", str(out), "--resume")
    assert len({(out / "a.md").read_text(), (out / "a-2.md").read_text()}) == 2


def test_the_same_input_twice_gives_two_files(tmp_path: Path, inputs: list[str]) -> None:
    run("extract", inputs[0], inputs[0], inputs[1], "--head", "trees", "--output", str(tmp_path / "out"))
    texts = {path.name: path.read_text() for path in (tmp_path / "out").glob("[!.]*")}
    assert sorted(texts) == ["page0-2.md", "page0.md", "page1.md"]
    assert texts["page0.md"] == texts["page0-2.md"] != texts["page1.md"]


def test_names_are_numbered_in_time_that_grows_with_them() -> None:
    places = [PurePath("index")] * 20_000
    names = list(files._file_names(Path("out"), places, ".md"))
    assert len(set(names)) == 20_000
    assert names[-1].name == "index-20000.md"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_one_line_and_exit_1(inputs: list[str], tmp_path: Path) -> None:
    for arguments in (["--jsonl"], ["--output", "/dev/full"]):
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                command(inputs[0], *arguments), cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True
            )
        assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
        assert "No space left" in done.stderr


def test_a_closed_standard_output_is_one_line_and_an_error(inputs: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command(*inputs), cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert done.returncode == 1
    assert done.stderr == "error: an output can be written; standard output cannot: Broken pipe\n"
    closed = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *command(inputs[0])], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    assert closed.returncode == 2
    assert closed.stderr == "error: an output can be written; standard output is closed\n"


def slow() -> object:
    return wait


def wait(seconds: float) -> float:
    if seconds < 0:
        held = bytearray(-int(seconds) * 2**20)
        held[::4096] = b"x" * len(held[::4096])
        return float(len(held))
    time.sleep(seconds)
    return seconds


def failing() -> Iterator[float]:
    yield 0.3
    yield 0.1
    raise OSError("the disk has gone")


def test_a_source_that_raises_loses_nothing_that_is_in_flight() -> None:
    results = run_in_processes(slow, failing(), 2)  # type: ignore[arg-type]
    assert [next(results), next(results)] == [0.3, 0.1]
    with pytest.raises(OSError, match="the disk has gone"):
        next(results)


def test_an_item_that_takes_too_much_memory_fails_alone() -> None:
    first, second, third = run_in_processes(slow, [0.0, -600.0, -20.0], 1, memory=200)  # type: ignore[arg-type]
    assert (first, third) == (0.0, 20.0 * 2**20)
    assert isinstance(second, IndexLMError)
    assert "at most 200 MiB of memory" in str(second)


def test_a_worker_whose_reader_was_killed_ends_without_a_word() -> None:
    context = get_context("spawn")
    handler = signal.getsignal(signal.SIGINT)
    for is_read in (True, False):
        here, there = context.Pipe()
        here.send(0.0)
        reader = Thread(target=lambda here=here: (here.recv(), here.close())) if is_read else Thread(target=here.close)
        reader.start()
        parallel._serve(there, slow, None)  # type: ignore[arg-type]
        reader.join()
    signal.signal(signal.SIGINT, handler)


def halt(extractor: Extractor, item: float) -> float:
    return wait(item)


def test_a_slow_page_stops_a_stream_with_workers_no_longer_than_its_limit() -> None:
    extractor = Extractor("trees", max_seconds=0.5)
    began = time.monotonic()
    results = list(extractor.map(halt, [0.0, 60.0, 0.0], workers=2))
    assert time.monotonic() - began < 30
    assert isinstance(results[1], IndexLMError)
    assert [type(result) for result in results[::2]] == [float, float]


def test_threads_and_workers_answer_alike() -> None:
    pages = [PAGE.format(i) * 12 for i in range(6)]
    alone = [extraction.intervals for extraction in map(Extractor("trees").extract, pages)]
    shared = [result for result in Extractor("trees").extract_many(pages, workers=2) if isinstance(result, Extraction)]
    assert [extraction.intervals for extraction in shared] == alone


def test_a_resumed_file_of_other_lines_is_refused(tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    for text in ("no json\n", "[1]\n", '{"a": 1}\n', "[" * 100_000 + "\n"):
        output.write_text(text)
        with pytest.raises(OutputError, match="holds others"):
            Results(output, ["a"], [], "text", True, resumes=True)
        assert output.read_text() == text


def test_entries_are_json_whatever_they_hold(tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    with Results(output, ["a", "b"], [], "text", True) as results:
        results.write({"input": "a", "text": "\ud800 \u2028"}, "")
        results.write_failure({"input": "b"}, "an error")
    assert [json.loads(line)["input"] for line in output.read_text().split("\n")[:-1]] == ["a", "b"]
