"""The documentation holds: examples run, commands and links exist, pages are short."""

from __future__ import annotations

import json
import os
import re
import runpy
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import pytest
import typer

import indexlm
from tests.conftest import MAIN, ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
CARDS = sorted((ROOT / "indexlm/models").glob("*/README.md"))
FENCE = re.compile(r"```sh\n(.*?)```", re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)")


def run_example(name: str, *arguments: object) -> str:
    """The output of a script of examples/."""
    command = [sys.executable, str(ROOT / "examples" / name), *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def commands(path: Path) -> Iterator[list[str]]:
    """The arguments of each indexlm command in a page's shell examples."""
    for block in FENCE.findall(path.read_text("utf-8")):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line.rpartition("| ")[2], comments=True)
            for program in ("indexlm", "cli.py", ".venv/bin/python cli.py"):
                name = program.split()
                if words[: len(name)] == name or (name == ["cli.py"] and "cli.py" in words[:8]):
                    yield words[words.index(name[-1]) + 1 :]
                    break


def test_a_folder_becomes_a_json_line_for_each_page(tmp_path: Path) -> None:
    run_example("extract_folder.py", ROOT / "tests/pages", tmp_path / "out.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [Path(row["file"]).stem for row in rows] == sorted(MAIN)
    assert all(row["markdown"] and row["decided_by"] for row in rows)


def test_an_answer_cites_its_block_and_source_line() -> None:
    page = ROOT / "tests/short/ferry.html"
    output = run_example("ask_with_citations.py", page, "When does the last boat leave on Sunday?", "Who won the cup?")
    assert "[8] Sunday | 9:00 | 18:20 (line 9" in output
    assert "<td>Sunday</td>" in page.read_text("utf-8").splitlines()[8]
    assert "NA: no block answers" in output


def test_both_heads_are_fine_tuned_on_ten_pages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In this process, which may have loaded torch already."""
    runpy.run_path(str(ROOT / "examples" / "fine_tune.py"))["main"](tmp_path, steps=2)
    output = capsys.readouterr().out
    assert [line.split()[0] for line in output.splitlines() if "keeps blocks" in line] == [
        str(tmp_path / "classifier"),
        str(tmp_path / "decoder"),
    ]


@pytest.mark.parametrize("name", ["extract_folder.py", "ask_with_citations.py"])
def test_an_example_without_arguments_says_how_it_is_run(name: str) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(ROOT / "examples" / name)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    assert done.returncode == 1
    assert f"python examples/{name} " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("path", [*PAGES, *CARDS], ids=str)
def test_commands_and_options_exist(path: Path) -> None:
    from cli import app
    from eval.extractors import HEAD_KINDS, expand_names, parse_name
    from eval.peers import PEERS
    from train.recipe import Recipe

    known = {*HEAD_KINDS, *PEERS, "trees", "all-blocks", "first-blocks", "bm25", "embedding"}
    for words in commands(path):
        command = typer.main.get_command(app)
        while subcommands := getattr(command, "commands", None):
            assert words[0] in subcommands, words
            command, words = subcommands[words[0]], words[1:]
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, words
        for option, value in pairwise(words):
            if option == "--set":
                assert value.partition("=")[0] in {f.name for f in fields(Recipe)}, value
            if option == "--extractor":
                assert all(parse_name(name).kind in known for name in expand_names([value])), value


@pytest.mark.parametrize("path", [*PAGES, *CARDS], ids=str)
def test_links_to_files_exist(path: Path) -> None:
    for target in LINK.findall(path.read_text("utf-8")):
        assert target.startswith("https://") or (path.parent / target).exists(), target


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_pages_are_short(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= (120 if path.name == "README.md" else 199)


def test_the_citation_has_the_version_of_the_package() -> None:
    assert f"\nversion: {indexlm.__version__}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
