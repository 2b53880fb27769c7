"""What `choose` reads, and what it says of bad input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import app
from eval.choose.inputs import read_workload, visits
from tests.conftest import PAGES, SITE, gold_text, golden_html, golden_page


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["choose", *map(str, arguments)])


def test_pages_are_read_from_files_folders_rows_and_lists(site: tuple[Path, Path], tmp_path: Path) -> None:
    pages, _ = site
    rows = [{"id": name, "html": golden_html(name).decode(), "gold_text": gold_text(name)} for name in SITE]
    lines = tmp_path / "rows.jsonl"
    lines.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    of_folder = read_workload([str(pages)])
    assert {Path(case.id).stem for case in of_folder.cases} == set(SITE)
    assert (of_folder.task, of_folder.with_gold) == ("me", frozenset())
    of_rows = read_workload([str(lines)])
    assert of_rows.with_gold == {case.id for case in of_rows.cases} == set(SITE)
    assert len(read_workload([str(lines), str(pages)]).cases) == 8
    assert len(read_workload([str(lines)], limit=2).cases) == 2


def test_pages_of_parquet_have_the_ids_of_their_rows(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow.parquet import write_table

    rows = [{"html": golden_html(name).decode(), "url": f"https://{name}.example/"} for name in SITE]
    write_table(pyarrow.Table.from_pylist(rows), tmp_path / "pages.parquet")
    workload = read_workload([str(tmp_path / "pages.parquet")])
    assert {case.id for case in workload.cases} == {row["url"] for row in rows}


def test_pages_of_a_warc_are_its_html_responses(tmp_path: Path) -> None:
    pytest.importorskip("fastwarc")
    records = []
    for name, kind in (("news", "text/html"), ("docs", "text/html; charset=utf-8"), ("logo", "image/png")):
        body = golden_html(name) if name != "logo" else b"\x89PNG"
        http = b"HTTP/1.1 200 OK\r\nContent-Type: " + kind.encode() + b"\r\n\r\n" + body
        head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://x.example/{name}\r\n"
        head += "WARC-Date: 2026-01-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:0>\r\n"
        head += f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
        records.append(head.encode() + http + b"\r\n\r\n")
    (tmp_path / "crawl.warc").write_bytes(b"".join(records))
    cases = read_workload([str(tmp_path / "crawl.warc")]).cases
    assert {case.url for case in cases} == {"https://x.example/news", "https://x.example/docs"}
    assert len(read_workload([str(tmp_path / "crawl.warc")], limit=1).cases) == 1


def test_questions_are_asked_of_all_pages_or_of_the_one_they_name(site: tuple[Path, Path], tmp_path: Path) -> None:
    pages, _ = site
    questions = tmp_path / "questions.txt"
    questions.write_text("Who leads it?\nnews\tWhen was it?\nnowhere\tWhat?\n", "utf-8")
    workload = read_workload([str(pages)], queries=questions)
    assert (workload.task, len(workload.cases)) == ("qe", 5)
    assert "'nowhere' is one" in workload.notes[0]
    assert sorted(map(len, visits(workload, True))) == [1, 1, 1, 2]
    assert sorted(map(len, visits(workload, False))) == [1] * 5
    answered = tmp_path / "questions.jsonl"
    block = golden_page("news").blocks[10]
    answered.write_text(json.dumps({"page": "news", "query": "Who?", "answers": [block.text]}) + "\n", "utf-8")
    (case,) = read_workload([str(pages)], queries=answered).cases
    assert case.gold == (11,)


def test_references_of_some_pages_are_enough(site: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "news.txt").write_text(gold_text("news"), "utf-8")
    workload = read_workload([str(site[0])], gold=tmp_path)
    assert {Path(id).stem for id in workload.with_gold} == {"news"}
    assert workload.notes == ("1 of 4 cases have a reference: quality is measured on these, time on all",)


def test_the_order_of_pages_is_the_same_each_time_and_makes_samples(site: tuple[Path, Path]) -> None:
    first, again = (read_workload([str(PAGES)]).cases for _ in range(2))
    assert first == again
    assert [case.id for case in first] != sorted(case.id for case in first)


def _files(folder: Path) -> dict[str, str]:
    (folder / "empty").mkdir()
    files = {
        "blank.html": "<html><body><script>1</script></body></html>",
        "none.txt": "",
        "bad.jsonl": "{",
        "rows.jsonl": '{"id": 1}\n',
        "bad.parquet": "PAR1",
        "gold.csv": "a,b",
        "strangers.jsonl": '{"id": "nobody", "gold_text": "x"}\n',
        "questions.txt": "nobody\tWhat?\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return {name: str(folder / name) for name in [*files, "empty", "missing.html"]}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "a choice is made on pages: name files"),
        (["{empty}"], "{empty} has none in 0 files"),
        (["{missing.html}"], "there is no"),
        (["{blank.html}"], "none of 1 has any"),
        (["{bad.jsonl}"], "cannot be read as JSONL"),
        (["{rows.jsonl}"], "a row of pages has `html`"),
        (["{bad.parquet}"], "cannot be read as Parquet"),
        (["{news}", "--queries", "{none.txt}"], "has no question"),
        (["{news}", "--queries", "{empty}"], "cannot be read"),
        (["{news}", "--queries", "{questions.txt}"], "none of 1 names a page"),
        (["{news}", "--gold", "{gold.csv}"], "references are a folder"),
        (["{news}", "--gold", "{empty}"], "has none"),
        (["{news}", "--gold", "{strangers.jsonl}"], "is that of a page"),
        (["{news}", "--task", "qe"], "name a file with --queries"),
        (["{news}", "--task", "xx"], "a task is me or qe"),
        (["{news}", "--scenario", "double"], "a scenario is single"),
        (["{news}", "--aim", "luck"], "an aim is quality"),
        (["{news}", "--scenario", "server"], "has a --rate above 0"),
        (["{news}", "--rate", "3"], "has a --rate above 0"),
        (["{news}", "--cores", "4096"], "cores that are here"),
        (["{news}", "--min-recall", "0.9"], "(--gold)"),
        (["{news}", "--candidate", "mine"], "NAME=CHECKPOINT"),
        (["{news}", "--candidate", "mine={empty}"], "holds a config.json"),
    ],
)
def test_bad_input_is_one_clear_sentence(tmp_path: Path, arguments: list[str], words: str) -> None:
    files = _files(tmp_path) | {"news": str(PAGES / "news.html")}
    named = [argument[1:-1] if argument[:1] == "{" else argument for argument in arguments]
    filled = [
        argument.replace("{empty}", files["empty"]) if "=" in argument else files.get(argument, argument)
        for argument in named
    ]
    result = run(*filled, "--out", tmp_path / "out")
    assert result.exit_code == 2, result.output
    assert words.replace("{empty}", files["empty"]) in result.stderr
    assert result.stderr.startswith("error: ")
    assert len(result.stderr.splitlines()) == 1


def test_a_page_that_cannot_be_read_is_left_out_and_named(site: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "empty.html").write_text("", "utf-8")
    (tmp_path / "blank.html").write_text("<p></p>", "utf-8")
    notes = read_workload([str(site[0]), str(tmp_path)]).notes
    assert "1 inputs cannot be read" in notes[0]
    assert "1 of 5 pages have no text" in notes[1]
