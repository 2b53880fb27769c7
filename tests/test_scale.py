"""Runs of many pages: what is read, what a row holds, and that no row is lost or doubled, whatever stops a run."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

pytest.importorskip("fsspec", reason="needs the extra scale: fsspec")
pytest.importorskip("fastwarc", reason="needs the extra scale: fastwarc")
pytest.importorskip("pyarrow", reason="needs the extra scale: pyarrow")

import fsspec
from fsspec.implementations.memory import MemoryFileSystem

from cli import app
from indexlm.page import IndexLMError
from indexlm.scale.records import Columns, Record, read_task
from indexlm.scale.tasks import Cut, plan_tasks
from tests.conftest import PAGES, ROOT
from tests.crawls import answer, page, read_shards, record, rows, warc, warc_of_pages, write_lines, write_parquet


def scale(*arguments: object, code: int = 0) -> str:
    """What the command prints, in all."""
    result = CliRunner().invoke(app, ["scale", *map(str, arguments), "--head", "trees", "--workers", "1"])
    assert result.exit_code == code, result.output
    return result.output


def read(*inputs: Path, cut: Cut = Cut(), max_bytes: int = 1 << 20) -> list[Record]:  # noqa: B008
    """The records of inputs."""
    tasks = plan_tasks(map(str, inputs), cut).tasks
    return [row for task in tasks for row in read_task(task, Columns(), max_bytes) if row is not None]


def text_of(row: Record) -> str:
    from indexlm.inputs.read import read_document

    assert row.source is not None
    return read_document(row.source).html


@pytest.mark.parametrize("packed", [True, False])
def test_a_warc_file_gives_its_answers_that_are_pages(tmp_path: Path, packed: bool) -> None:
    chunked = b"7\r\n<p>one \r\n5\r\nword.\r\n0\r\n\r\n"
    items = [
        record("", b"software: none", type="warcinfo", kind="application/warc-fields"),
        record("https://a.example/request", b"GET / HTTP/1.1\r\n\r\n", type="request"),
        record("https://a.example/latin", answer("<p>caf\u00e9".encode("latin-1"), kind="text/html; charset=latin-1")),
        record("<https://a.example/chunks>", answer(chunked, "Transfer-Encoding: chunked")),
        record("https://a.example/gzip", answer(gzip.compress(b"<p>packed"), "Content-Encoding: gzip")),
        record("https://a.example/deflate", answer(zlib.compress(b"<p>deflated"), "Content-Encoding: deflate")),
        record(
            "https://a.example/said", answer(b"<p>not packed", "Content-Encoding: br", "Transfer-Encoding: chunked")
        ),
        record("https://a.example/picture", answer(b"\x89PNG\r\n", kind="image/png")),
        record("https://a.example/gone", answer(b"<p>gone", status="404 Not Found")),
        record("https://a.example/robots.txt", answer(b"User-agent: *", kind="text/plain")),
        record("https://a.example/untyped", answer(b"<!doctype html><p>untyped", kind="")),
        record("https://a.example/other", answer(b"something", kind="")),
        record("https://a.example/resource", b"<p>kept", type="resource", kind="text/html"),
        record("https://a.example/cut", answer(b"<p>begin"), "WARC-Truncated: length"),
        record("dns:a.example", b"a.example 1.2.3.4", kind="text/dns"),
    ]
    path = tmp_path / "a.warc"
    path.write_bytes(warc(items, packed))
    texts = {row.url.rpartition("/")[2]: text_of(row) for row in read(path)}
    assert texts == {
        "latin": "<p>caf\u00e9",
        "chunks": "<p>one word.",
        "gzip": "<p>packed",
        "deflate": "<p>deflated",
        "said": "<p>not packed",
        "untyped": "<!doctype html><p>untyped",
        "resource": "<p>kept",
        "cut": "<p>begin",
    }
    assert read(path)[0].captured == "2026-02-03T04:05:06Z"
    assert read(path)[-1].source.warnings[0].startswith("truncated input")  # type: ignore[union-attr]
    assert len({row.id for row in read(path)}) == len(texts)


@pytest.mark.parametrize("lost", [1, 60, 250, 350])
def test_a_torn_warc_file_gives_what_is_whole_and_a_row_that_says_so(tmp_path: Path, lost: int) -> None:
    path = tmp_path / "a.warc"
    whole = warc([record(f"https://a.example/{i}", answer(page(i).encode())) for i in range(4)], packed=False)
    path.write_bytes(whole[: -4 - lost])
    *good, last = read(path)
    assert [row.url[-1] for row in good if not row.error] == ["0", "1", "2"]
    assert "the file ends within" in last.error
    packed = warc_of_pages(0, 4)
    (tmp_path / "b.warc.gz").write_bytes(packed[: -30 - lost])
    *good, last = read(tmp_path / "b.warc.gz")
    assert [row.error for row in good] == ["", "", ""]
    assert "the file ends within" in last.error


def test_a_broken_warc_file_gives_what_stands_before_the_fault(tmp_path: Path) -> None:
    first = warc_of_pages(0, 2)
    for fault in (b"no record at all\r\n" * 9, gzip.compress(b"no record\r\n" * 99), b"\x1f\x8b\x08" + b"\xff" * 99):
        path = tmp_path / "a.warc.gz"
        path.write_bytes(first + fault)
        *good, last = read(path)
        assert [row.error for row in good] == ["", ""], fault
        assert "a WARC file is a row of records" in last.error


def test_records_that_are_packed_in_one_have_ids_of_their_own(tmp_path: Path) -> None:
    items = [record(f"https://a.example/{i}", answer(page(i).encode())) for i in range(5)]
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(warc(items, packed=False)))
    assert len({row.id for row in read(path, cut=Cut(10, split_warc=True))}) == 5


def test_the_parts_of_a_file_hold_its_records_once(tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(warc_of_pages(0, 30))
    (tmp_path / "b.warc").write_bytes(
        warc([record(f"https://a.example/{i}", answer(page(i).encode())) for i in range(30)], packed=False)
    )
    write_parquet(tmp_path / "c.parquet", rows(60, 30), group=4)
    write_lines(tmp_path / "d.jsonl", rows(90, 30))
    for path in sorted(tmp_path.iterdir()):
        whole = read(path)
        assert [len(whole), len({row.id for row in whole})] == [30, 30]
        for size in (1, 700, 3000):
            cut = Cut(size, split_warc=True)
            assert len(plan_tasks([str(path)], cut).tasks) > 3
            assert read(path, cut=cut) == whole, (path, size)


def test_faults_of_the_data_are_rows_and_the_rest_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.parquet").write_bytes(b"PAR1 but nothing else")
    write_parquet(folder / "b.parquet", [{"text": "x", "url": "u"}])
    good = rows(0, 1)[0]
    write_lines(folder / "c.jsonl", [good, {"url": "u"}, [1], {"html": None, "url": "u"}, {"html": "GIF89a", "url": 5}])
    with (folder / "c.jsonl").open("a") as file:
        file.write("{broken\n\n" + "[" * 100_000 + "\n" + json.dumps(good | {"html": "\x89PNG\r\n\x1a\n"}) + "\n")
    packed = gzip.compress((json.dumps(good) + "\n").encode() * 50)
    (folder / "d.jsonl.gz").write_bytes(packed[:-12])
    (folder / "e.html").write_text(page(1))
    (folder / "f.html").write_bytes(b"")
    (folder / "g.txt").write_text("no page by its suffix")
    output = scale(folder, "--out", tmp_path / "out", code=1)
    table = read_shards(tmp_path / "out")
    assert "1 files in folders are no pages" in output
    errors = [row["error"] for row in table if row["error"]]
    for part in (
        "a Parquet file is whole",
        "a Parquet file has a column 'html'; this one has text, url",
        "a line has a field 'html'; this one has url",
        "a line is a JSON object; found list",
        "'html' is text or bytes; found nothing",
        "'url' is text; found int",
        "this one is none: Expecting property name",
        "a JSONL file is whole",
    ):
        assert any(part in error for error in errors), part
    contents = {row["id"].rpartition("/")[2]: row["markdown"] for row in table if not row["error"]}
    assert {"c.jsonl#0", "e.html#0"} <= {*contents}
    assert "sentence 1-3" in contents["e.html#0"]
    assert all("\n" not in error and "Traceback" not in error for error in errors)


def test_a_row_holds_what_is_known_of_its_page(tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(warc_of_pages(0, 2))
    options = ["--format", "markdown", "--format", "chunks", "--metadata", "--title"]
    scale(tmp_path / "a.warc.gz", "--out", tmp_path / "out", *options)
    first, second = read_shards(tmp_path / "out")
    assert [first["url"], first["captured"], first["title"], first["language"]] == [
        "https://site.example/0",
        "2026-02-03T04:05:06Z",
        "Page 0",
        "en",
    ]
    assert first["markdown"].startswith("# Page 0\n")
    assert "sentence 1-2" in second["markdown"]
    assert "sentence 0-1" in json.loads(first["chunks"])[0]["text"]
    assert json.loads(first["metadata"])["title"]["value"] == "Page 0"
    assert 0 < first["expected_f1"] <= 1
    assert [first["decided_by"], first["error"], first["blocks"]] == ["trees", "", 11]
    assert all(0 < a <= b <= 11 for a, b in first["intervals"])
    scale(tmp_path / "a.warc.gz", "--out", tmp_path / "lines", *options, "--jsonl")
    lines = [json.loads(line) for line in (tmp_path / "lines/part-000000.jsonl").read_text("utf-8").splitlines()]
    assert lines[0]["chunks"] == json.loads(first["chunks"])
    assert [line["markdown"] for line in lines] == [first["markdown"], second["markdown"]]
    import pyarrow.parquet as pq

    metadata = pq.read_schema(tmp_path / "out/part-000000.parquet").metadata
    assert {b"indexlm.version", b"indexlm.head"} <= {*metadata}


def test_text_that_is_no_unicode_is_held_by_every_file(tmp_path: Path) -> None:
    write_lines(
        tmp_path / "a.jsonl", [{"html": page(0) + "<p>Half of a pair: \ud800, in a line of text.", "url": "\udfff"}]
    )
    for form in ([], ["--jsonl"]):
        scale(tmp_path / "a.jsonl", "--out", tmp_path / "".join(["out", *form]), *form)
    assert read_shards(tmp_path / "out")[0]["url"] == "?"


def test_a_run_reads_and_writes_any_file_system() -> None:
    memory = fsspec.filesystem("memory")
    memory.rm("/", recursive=True) if memory.exists("/") else None
    memory.pipe("/in/a.warc.gz", warc_of_pages(0, 3))
    memory.pipe("/in/deep/b.html", page(7).encode())
    scale("memory://in", "--out", "memory://out")
    assert sorted(path for path in memory.find("/out") if path.endswith("parquet")) == [
        "/out/part-000000.parquet",
        "/out/part-000001.parquet",
    ]
    import pyarrow.parquet as pq

    (row,) = pq.read_table(memory.open("/out/part-000001.parquet")).to_pylist()
    assert row["id"] == "memory:///in/deep/b.html#0"
    assert "0 rows" in scale("memory://in", "--out", "memory://out")
    assert "nothing at" in scale("memory://nothing", "--out", "memory://other", code=2)
    assert "fsspec can open" in scale("nowhere://in", "--out", "memory://other", code=2)


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    """A folder of six files, each of which is a task of six pages."""
    folder = tmp_path / "in"
    folder.mkdir()
    for i in range(6):
        write_lines(folder / f"{i}.jsonl", rows(6 * i, 6))
    return folder


def test_a_driver_killed_in_mid_run_goes_on_with_what_is_not_finished(tmp_path: Path, crawl: Path) -> None:
    scale(crawl, "--out", tmp_path / "whole")
    out = tmp_path / "out"
    command = [sys.executable, "cli.py", "scale", str(crawl), "--out", str(out), "--head", "trees", "--workers", "1"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not [*out.glob("_manifest/tasks/*.json")] and time.monotonic() < deadline:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (out / "part-000004.parquet").write_bytes(b"of a task without an entry")
    entries = {path.name for path in out.glob("_manifest/tasks/*.json")}
    assert 0 < len(entries) < 6
    before = {name: (out / f"part-{name[:6]}.parquet").stat().st_mtime_ns for name in entries}
    assert f"{len(entries)} tasks were done before" in scale(crawl, "--out", out)
    assert read_shards(out) == read_shards(tmp_path / "whole")
    assert before == {name: (out / f"part-{name[:6]}.parquet").stat().st_mtime_ns for name in entries}
    assert not (out / "_temporary").exists()


def test_a_shard_that_is_gone_is_written_again(tmp_path: Path, crawl: Path) -> None:
    scale(crawl, "--out", tmp_path / "out")
    whole = read_shards(tmp_path / "out")
    (tmp_path / "out/part-000002.parquet").unlink()
    assert "6 rows" in scale(crawl, "--out", tmp_path / "out")
    assert read_shards(tmp_path / "out") == whole


class FullFileSystem(MemoryFileSystem):  # type: ignore[misc]
    """A file system with room for so many files of data."""

    protocol = "full"
    store: dict[str, Any] = {}  # noqa: RUF012
    pseudo_dirs = [""]  # noqa: RUF012
    room = 2

    def _open(self, path: str, mode: str = "rb", **options: Any) -> Any:
        file = super()._open(path, mode, **options)
        if mode == "wb" and path.endswith(".parquet"):
            type(self).room -= 1
            if self.room < 0:
                file.write = _refuse
        return file


def _refuse(data: bytes) -> int:
    raise OSError(28, "No space left on device")


def test_a_full_disk_ends_the_run_in_a_line_and_leaves_what_is_whole(tmp_path: Path, crawl: Path) -> None:
    fsspec.register_implementation("full", FullFileSystem, clobber=True)
    output = scale(crawl, "--out", "full://out", code=1)
    assert output.count("\n") == 1
    assert "cannot: No space left on device (the same command goes on from here)" in output
    names = [name for name in FullFileSystem.store if name.endswith("parquet")]
    assert names == ["full://out/part-000000.parquet", "full://out/part-000001.parquet"]
    FullFileSystem.room = 100
    assert "24 rows, 0 with an error, 0 records left out; 2 tasks" in scale(crawl, "--out", "full://out")
    assert len([name for name in FullFileSystem.store if name.endswith("parquet")]) == 6


def test_a_run_goes_on_with_the_same_options_alone(tmp_path: Path, crawl: Path) -> None:
    out = tmp_path / "out"
    scale(crawl, "--out", out)
    assert "formats was" in scale(crawl, "--out", out, "--format", "text", code=2)
    assert "inputs was" in scale(crawl / "0.jsonl", "--out", out, code=2)
    assert "max_blocks was 20000, and is 9" in scale(crawl, "--out", out, "--max-blocks", "9", code=2)
    assert "6 tasks were done before" in scale(crawl, "--out", out, "--engine", "local")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("mine")
    assert "holds notes.txt and no manifest" in scale(crawl, "--out", tmp_path / "mine", code=2)
    (out / "_manifest/run.json").write_text("{")
    assert "cannot be read" in scale(crawl, "--out", out, code=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "intervals"], "a format of a row is"),
        (["--engine", "spark"], "an engine is local or ray"),
        (["--address", "auto"], "with --engine local"),
        (["--query", "Where?"], "a query needs a model trained for QE"),
        (["--timeout", "0"], "a timeout is more than 0 seconds"),
        (["--links", "none"], "links are"),
        (["--max-tokens", "50", "--format", "text"], "--max-tokens is of the format chunks; found it with text"),
    ],
)
def test_a_bad_option_is_one_line_and_writes_nothing(
    tmp_path: Path, crawl: Path, arguments: list[str], message: str
) -> None:
    output = scale(crawl, "--out", tmp_path / "out", *arguments, code=2)
    assert output.count("\n") == 1
    assert message in output
    assert not (tmp_path / "out").exists()


def test_a_page_that_takes_too_long_costs_its_own_row(tmp_path: Path) -> None:
    slow = "<table>" + "<tr><td>a cell<td>of words" * 30_000
    write_lines(tmp_path / "a.jsonl", [*rows(0, 1), {"html": slow, "url": "slow"}, *rows(1, 1)])
    scale(tmp_path / "a.jsonl", "--out", tmp_path / "out", "--timeout", "0.3", code=1)
    errors = [row["error"] for row in read_shards(tmp_path / "out")]
    assert errors == ["", "a page takes at most 0.3 seconds; this one took longer", ""]


def test_an_input_that_cannot_be_reached_is_left_for_the_next_run(tmp_path: Path, crawl: Path) -> None:
    out = tmp_path / "out"
    scale(crawl, "--out", out)
    for number in (1, 4):
        (out / f"_manifest/tasks/00000{number}.json").unlink()
    (crawl / "1.jsonl").rename(tmp_path / "away")
    output = scale(crawl, "--out", out, code=1)
    assert "1.jsonl cannot be read: No such file or directory" in output
    assert "6 rows" in output
    assert "1 tasks are not done" in output
    (tmp_path / "away").rename(crawl / "1.jsonl")
    assert "6 rows, 0 with an error, 0 records left out; 5 tasks" in scale(crawl, "--out", out)
    assert len({row["id"] for row in read_shards(out)}) == 36


def test_an_input_that_has_changed_since_the_run_began_is_said(tmp_path: Path, crawl: Path) -> None:
    out = tmp_path / "out"
    scale(crawl, "--out", out)
    (out / "_manifest/tasks/000003.json").unlink()
    write_lines(crawl / "3.jsonl", rows(0, 9))
    assert "an input stays as it is during a run" in scale(crawl, "--out", out, code=2)


def test_an_input_that_changes_while_it_is_read_is_said(tmp_path: Path, crawl: Path) -> None:
    (task,) = plan_tasks([str(crawl / "3.jsonl")]).tasks
    write_lines(crawl / "3.jsonl", rows(0, 9))
    with pytest.raises(IndexLMError, match=r"an input stays as it is during a run; .*had 4956 bytes"):
        [*read_task(task, Columns(), 1 << 20)]


def test_a_finished_run_is_not_done_where_its_inputs_are_others(tmp_path: Path, crawl: Path) -> None:
    for i in range(3):
        (crawl / f"{i}.html").write_text(page(i))
    out = tmp_path / "out"
    scale(crawl, "--out", out)
    content = (crawl / "1.html").read_text()
    (crawl / "1.html").write_text(content + "<p>More.")
    size = len(content.encode())
    changed = f"1.html had {size} bytes, and has {size + 8}; another --out begins another run"
    assert changed in scale(crawl, "--out", out, code=2)
    (crawl / "1.html").write_text(content)
    (crawl / "new.html").write_text(page(9))
    assert "new.html is new; another" in scale(crawl, "--out", out, code=2)
    (crawl / "new.html").unlink()
    (crawl / "2.jsonl").rename(tmp_path / "away")
    (crawl / "2.html").rename(tmp_path / "away.html")
    message = scale(crawl, "--out", out, code=2)
    assert "2.html is gone, and 1 other files are new, gone or changed" in message
    (tmp_path / "away").rename(crawl / "2.jsonl")
    (tmp_path / "away.html").rename(crawl / "2.html")
    assert "0 rows" in scale(crawl, "--out", out)


def test_failed_rows_are_named_and_the_next_call_does_not_forget_them(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", [*rows(0, 2), *({"text": "x", "url": "u"} for _ in range(30))])
    failed = scale(tmp_path / "a.jsonl", "--out", tmp_path / "out", code=1).splitlines()
    named = [line for line in failed if "a line has a field 'html'; this one has text, url" in line]
    assert named[0].startswith(f"error: {tmp_path / 'a.jsonl'}#")
    assert [len(named), failed[-1]] == [10, "error: 20 more rows failed; their `error` says why"]
    again = scale(tmp_path / "a.jsonl", "--out", tmp_path / "out", code=1)
    assert "warning: 30 rows failed in the run before, and were not tried again" in again


def test_a_missing_package_is_one_clear_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = CliRunner().invoke(app, ["scale", str(PAGES / "news.html"), "--out", str(tmp_path / "rows")])
    assert result.exit_code == 2
    assert "needs an extra" in result.stderr
    assert "pyarrow" in result.stderr
