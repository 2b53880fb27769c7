"""Predictions on disk: a row a case, whatever one page does, and runs that continue."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from eval.predict import predict, write_cases
from eval.rows import read_rows
from eval.score import load, score
from indexlm import IndexLMError
from tests.conftest import ROOT, golden_html, needs
from tests.systems import CASES, open_all, open_bad, open_missing, run

needs("eval", "sklearn")


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
    lines = [{"id": str(i), "html": golden_html("news").decode(), "must_have": ["river"]} for i in range(150)]
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
    assert 0 < done < 150
    assert subprocess.run(command, cwd=ROOT, stderr=subprocess.DEVNULL, check=False).returncode == 0
    assert [row["id"] for row in read_rows(rows)] == [str(i) for i in range(150)]


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
