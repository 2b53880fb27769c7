"""The command line as a user meets it: results, order, errors and exit codes."""

from __future__ import annotations

import gzip
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import indexlm
from cli import app
from indexlm.commands import usage
from indexlm.models import shipped
from indexlm.output.markdown import to_markdown
from tests.conftest import PAGES, ROOT, TITLED, golden_html, read_jsonl

runner = CliRunner()
NEWS = str(PAGES / "news.html")
DOCS = str(PAGES / "docs.html")


def run(*arguments: str, code: int = 0, stdin: bytes | None = None) -> str:
    result = runner.invoke(app, list(arguments), input=stdin)
    assert result.exit_code == code, result.output + repr(result.exception)
    return result.stdout


def fails(*arguments: str, code: int = 2, stdin: bytes | None = None) -> str:
    """Run what must fail: the one line on standard error."""
    result = runner.invoke(app, list(arguments), input=stdin)
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    return line


@pytest.mark.parametrize("head", ["classifier", "decoder", "trees"])
def test_a_page_becomes_its_main_content(head: str) -> None:
    markdown = run("extract", NEWS, "--head", head)
    assert "Roots are cheaper than concrete" in markdown
    assert "Subscribe" not in markdown


def test_the_title_comes_with_the_content_where_it_is_asked_for(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(TITLED)
    heading = "# Trees along the river\n"
    assert run("extract", str(page), "--title").startswith(heading)
    assert not run("extract", str(page)).startswith(heading)
    assert run("extract", str(page), "--title", "--threshold", "1").strip() == ""  # nothing kept, no title


@pytest.mark.parametrize("head", ["classifier", "decoder"])
def test_a_query_keeps_less_than_the_main_content(head: str) -> None:
    indices = json.loads(run("extract", NEWS, "--head", head, "--query", "How many trees were planted?", "--jsonl"))[
        "indices"
    ]
    assert len(indices) < len(json.loads(run("extract", NEWS, "--head", head, "--jsonl"))["indices"])


@pytest.mark.parametrize("format", ["markdown", "html", "text", "json", "intervals"])
def test_jsonl_has_the_content_under_the_formats_name(format: str) -> None:
    (entry,) = read_jsonl(run("extract", NEWS, "--format", format, "--jsonl"))
    assert entry["input"] == NEWS
    assert entry["head"] == "classifier"
    assert entry["model"] == "shipped"
    assert entry["error"] == ""
    assert indexlm.to_indices(entry["intervals"]) == tuple(entry["indices"])
    if format == "json":
        assert {"scores", "blocks", "markdown", "title", "url", "seconds"} <= set(entry)
        assert len(entry["scores"]) == entry["block_count"]
    elif format != "intervals":
        assert "4,200 young trees" in entry[format]


def test_intervals_format_is_the_papers_syntax() -> None:
    answer = run("extract", NEWS, "--format", "intervals").strip()
    assert indexlm.parse_intervals(answer, 23).repairs == ()
    assert run("extract", NEWS, "--format", "intervals", "--threshold", "0").strip() == "[[1,23]]"
    assert run("extract", NEWS, "--format", "intervals", "--threshold", "1").strip() == "NA"


def test_standard_input_is_read() -> None:
    entry = json.loads(run("extract", "-", "--jsonl", stdin=golden_html("chinese")))
    assert entry["input"] == "-"
    assert entry == json.loads(run("extract", str(PAGES / "chinese.html"), "--jsonl")) | {"input": "-"}


def test_a_folder_is_read_in_order_and_one_bad_page_does_not_stop_the_rest(tmp_path: Path) -> None:
    for name in ("b", "sub/c", "a"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(NEWS, tmp_path / f"{name}.html")
    (tmp_path / "aa.html").write_bytes(b"%PDF-1.7 not a page")
    (tmp_path / "notes.txt").write_text("not a page")
    result = runner.invoke(app, ["extract", str(tmp_path), "--jsonl", "--format", "text"])
    assert result.exit_code == 1
    entries = read_jsonl(result.stdout)
    assert [Path(e["input"]).name for e in entries] == ["a.html", "aa.html", "b.html", "c.html"]
    assert [bool(e["error"]) for e in entries] == [False, True, False, False]
    assert entries[1] | {"input": ""} == {
        "input": "",
        "head": "classifier",
        "model": "shipped",
        "indices": [],
        "intervals": [],
        "decided_by": "",
        "expected_f1": None,
        "error": f"a page is HTML; {tmp_path / 'aa.html'} is a PDF",
        "warnings": [],
        "metadata": entries[1]["metadata"],
        "text": "",
    }
    assert not any(entries[1]["metadata"].values())
    assert entries[0]["text"] == entries[2]["text"] != ""


@pytest.mark.parametrize(
    "options",
    [[], ["--format", "chunks"], ["--format", "json"], ["--format", "intervals"], ["--min-expected-f1", "0.5"]],
)
def test_an_input_that_failed_has_the_keys_of_the_others(tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "bad.html").write_bytes(b"%PDF-1.7 not a page")
    command = ["extract", NEWS, str(tmp_path / "bad.html"), "--jsonl", "--head", "trees", *options]
    output = tmp_path / "out.jsonl"
    run(*command, "--output", str(output), code=1)
    good, bad = read_jsonl(output.read_text("utf-8"))
    assert list(good) == list(bad)
    others = {key for key in good if not isinstance(bad[key], type(good[key]))}
    assert others <= {"expected_f1", "scores"}  # None: not known
    assert "is a PDF" in bad["error"]
    assert (
        "1 inputs failed in the run before"
        in runner.invoke(app, [*command, "--output", str(output), "--resume"]).output
    )


def test_a_folder_without_a_page_costs_itself_alone(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").write_text("no page")
    result = runner.invoke(app, ["extract", str(tmp_path / "empty"), NEWS, "--jsonl", "--head", "trees"])
    assert result.exit_code == 1
    empty, news = read_jsonl(result.stdout)
    assert empty["error"].endswith("empty has none in 1 files")
    assert "4,200 young trees" in news["markdown"]


def test_workers_change_nothing_but_the_time(tmp_path: Path) -> None:
    for name in ("rtl", "news", "chinese"):
        shutil.copy(PAGES / f"{name}.html", tmp_path)
    (tmp_path / "bad.html").write_bytes(b"%PDF-1.7 not a page")
    command = ["extract", str(tmp_path), "nowhere.html", "--jsonl"]
    alone = runner.invoke(app, command)
    shared = subprocess.run(
        [sys.executable, "cli.py", *command, "--workers", "2"], cwd=ROOT, capture_output=True, text=True
    )
    assert (shared.returncode, shared.stdout, shared.stderr) == (1, alone.stdout, alone.stderr)
    assert len(read_jsonl(shared.stdout)) == 5


def test_outputs_go_to_one_file_each(tmp_path: Path) -> None:
    (tmp_path / "in" / "x").mkdir(parents=True)
    shutil.copy(NEWS, tmp_path / "in" / "page.html")
    shutil.copy(PAGES / "rtl.html", tmp_path / "in" / "x" / "page.html")
    shutil.copy(NEWS, tmp_path / "in" / "page.htm")
    out = tmp_path / "out"
    assert run("extract", str(tmp_path / "in"), NEWS, "--output", str(out)) == ""
    files = sorted(path.relative_to(out).as_posix() for path in out.rglob("[!.]*.*"))
    assert files == ["news.md", "page-2.md", "page.md", "x/page.md"]  # sub-folders stay
    assert "4,200" in (out / "page.md").read_text("utf-8")
    assert "سوق" in (out / "x/page.md").read_text("utf-8")


def test_a_folder_is_searched_for_pages_by_name_and_content_and_what_is_skipped_is_told(tmp_path: Path) -> None:
    page = b"<!doctype html><p>The mill by the river grinds rye on Tuesdays, and wheat on all other days.</p>"
    pages = ["a.php", "b.asp", "c.php?id=3", "d", "e.mhtml", "f.html.gz", "g.2024"]
    for name in pages:
        (tmp_path / name).write_bytes(gzip.compress(page) if name.endswith(".gz") else page)
    for name in ("h.css", "i.js", "j.txt", "k.js"):
        (tmp_path / name).write_text("x")
    result = runner.invoke(app, ["extract", str(tmp_path), "--jsonl", "--head", "trees"])
    assert [Path(entry["input"]).name for entry in read_jsonl(result.stdout)] == pages
    (line,) = result.stderr.splitlines()
    assert line.startswith("warning: skipped files: 4 in folders are no pages (2 .js, 1 .css, 1 .txt)")
    verbose = runner.invoke(app, ["extract", str(tmp_path), "--jsonl", "-v"]).stderr.splitlines()
    assert verbose == [f"warning: skipped files: {tmp_path / name}" for name in ("h.css", "i.js", "j.txt", "k.js")]


def test_warnings_are_lines_on_standard_error_and_in_the_object(tmp_path: Path) -> None:
    (tmp_path / "shell.html").write_text('<title>App</title><div id="root"></div><script src="a.js"></script>')
    result = runner.invoke(app, ["extract", str(tmp_path / "shell.html"), "--jsonl"])
    warnings = json.loads(result.stdout)["warnings"]
    assert [warning.partition(":")[0] for warning in warnings] == ["needs JavaScript", "no text"]
    assert result.stderr.splitlines() == [f"warning: {tmp_path / 'shell.html'}: {warning}" for warning in warnings]
    assert result.exit_code == 0


def test_links_images_and_the_address_are_options() -> None:
    page = b'<p>The <a href="/mill">mill</a> by the river <img src="/m.png" alt="Mill"> grinds rye on Tuesdays.</p>'
    options = ["extract", "-", "--threshold", "0", "--url", "https://m.example/x"]
    rest = "by the river"
    assert f"The [mill](https://m.example/mill) {rest}" in run(*options, stdin=page)
    assert f"The [mill](/mill) {rest}" in run(*options, "--links", "keep", stdin=page)
    assert f"The mill {rest}" in run(*options, "--links", "drop", stdin=page)
    assert "![Mill](https://m.example/m.png)" in run(*options, "--images", stdin=page)
    assert "![" not in run(*options, stdin=page)
    assert "https://m.example/x" in run(*options, "--format", "json", stdin=page)


def test_a_query_that_nothing_answers_is_na() -> None:
    for format in ("markdown", "text", "html", "intervals"):
        assert run("extract", NEWS, "--query", "x", "--threshold", "1", "--format", format) == "NA\n"
    assert json.loads(run("extract", NEWS, "--query", "x", "--threshold", "1", "--jsonl"))["markdown"] == ""


def test_wrong_options_have_the_message_that_they_have_in_python() -> None:
    for option, value, message in (
        ("--threads", "-1", "threads are from 0 (the runtime chooses) to 256; found -1"),
        ("--workers", "0", "pages are shared by 1 to 256 workers; found 0"),
        ("--links", "none", "links are absolute, keep, drop; found 'none'"),
        ("--max-tokens", "50", "--max-tokens is of the format chunks; found it with markdown"),
        ("--overlap", "5", "--overlap is of the format chunks; found it with markdown"),
        ("--url", "m.example", "starts with http://, https:// or file:; found 'm.example'"),
    ):
        assert message in fails("extract", NEWS, option, value)
    assert "found 2 inputs" in fails("extract", NEWS, NEWS, "--url", "https://m.example")
    with pytest.raises(indexlm.IndexLMError, match="links are absolute, keep, drop; found 'none'"):
        indexlm.extract(golden_html("news")).render(links="none")


def test_one_output_goes_to_a_file(tmp_path: Path) -> None:
    run("extract", NEWS, "--output", str(tmp_path / "deep" / "page.txt"), "--format", "text")
    assert "4,200 young trees" in (tmp_path / "deep" / "page.txt").read_text("utf-8")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \n ", "is empty"),
        (b"%PDF-1.7", "is a PDF"),
        (b"\x89PNG\r\n", "is a PNG image"),
        (b"PK\x03\x04", "is a ZIP archive"),
        (bytes(2000), "is binary data (2000 control bytes"),
        (bytes(range(256)) * 4, "is binary data (108 control bytes"),
    ],
)
def test_what_is_no_page_is_reported_in_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "bad.html").write_bytes(content)
    assert message in fails("extract", str(tmp_path / "bad.html"), code=1)


def test_bad_options_are_reported_in_one_line_with_the_value(tmp_path: Path) -> None:
    assert "'nowhere.html'" in fails("extract", "nowhere.html", code=1)
    assert "has none" in fails("extract", str(tmp_path))
    assert "'oracle'" in fails("extract", NEWS, "--head", "oracle")
    assert "'pdf'" in fails("extract", NEWS, "--format", "pdf")
    assert "found 1.5" in fails("extract", NEWS, "--threshold", "1.5")
    assert "the decoder writes intervals" in fails("extract", NEWS, "--threshold", "0.5", "--head", "decoder")
    assert "at least one word" in fails("extract", NEWS, "--query", " ")
    assert "holds a config.json" in fails("extract", NEWS, "--model", str(tmp_path))
    assert "'no-such-folder'" in fails("extract", NEWS, "--model", "no-such-folder")
    assert "of the decoder head" in fails("extract", NEWS, "--model", str(shipped("decoder")))
    assert "cannot: " in fails("extract", NEWS, "--output", NEWS + "/x/y")


def test_the_trees_answer_no_query_and_take_a_threshold() -> None:
    assert "found 'tree'" in fails("extract", NEWS, "--head", "tree")
    assert "a query needs a model trained for QE" in fails("extract", NEWS, "--head", "trees", "--query", "who?")
    kept = [run("extract", NEWS, "--head", "trees", "--threshold", threshold) for threshold in ("0", "0.5", "1")]
    assert len(kept[0]) > len(kept[1]) > len(kept[2])


def test_a_query_without_chunks_is_told() -> None:
    result = runner.invoke(app, ["extract", NEWS, "--query", "price of a submarine in zlotys", "--format", "chunks"])
    assert (result.exit_code, result.stdout) == (0, "")
    assert "no block answers the query (NA)" in result.stderr


@pytest.mark.parametrize(
    ("module", "extra"),
    [
        ("mcp", "mcp"),
        ("fastapi", "serve"),
        ("ray", "scale"),
        ("torch", "train"),
        ("py3langid", "metadata"),
        ("x", "all"),
    ],
)
def test_the_extra_of_a_module_that_is_missing_is_named(module: str, extra: str) -> None:
    def command() -> None:
        with usage():
            raise ModuleNotFoundError(name=module)

    failing = typer.Typer()
    failing.command()(command)
    assert f"pip install -e '.[{extra}]'" in runner.invoke(failing).stderr


def test_a_query_on_a_model_without_qe_is_refused(tmp_path: Path) -> None:
    shutil.copytree(shipped("classifier"), tmp_path / "m")
    config = json.loads((tmp_path / "m" / "config.json").read_text())
    config["indexlm"]["tasks"] = ["me"]
    (tmp_path / "m" / "config.json").write_text(json.dumps(config))
    assert "trained for QE" in fails("extract", NEWS, "--model", str(tmp_path / "m"), "--query", "what?")


def test_nothing_written_is_lost_when_a_later_page_fails(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert "nowhere" in fails("extract", NEWS, "nowhere.html", "--jsonl", "--output", str(out), code=1)
    entries = read_jsonl(out.read_text("utf-8"))
    assert [bool(entry["error"]) for entry in entries] == [False, True]


def test_an_input_is_never_overwritten(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    shutil.copy(NEWS, page)
    assert "is both" in fails("extract", str(page), "--output", str(page))
    assert "is both" in fails("extract", str(page), "--output", str(tmp_path), "--format", "html")
    assert page.read_bytes() == golden_html("news")


def test_a_folder_for_several_inputs_is_not_named_as_a_file(tmp_path: Path) -> None:
    single = tmp_path / "single.md"
    assert "several inputs go to a folder" in fails("extract", NEWS, DOCS, "--output", str(single))
    assert not single.exists()
    single.mkdir()
    run("extract", NEWS, DOCS, "--output", str(single))
    assert {path.name for path in single.glob("*.md")} == {"news.md", "docs.md"}


def test_a_page_that_fails_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    (tmp_path / "out.md").write_text("before")
    fails("extract", "nowhere.html", "--output", str(tmp_path / "out.md"), code=1)
    assert (tmp_path / "out.md").read_text() == "before"


def test_odd_arguments_are_one_line_each(tmp_path: Path) -> None:
    assert "found ''" in fails("extract", "")
    assert "cannot be read" in fails("extract", "<html>" + "x" * 4000, code=1)
    assert "cannot be fetched" in fails("extract", "http://" + "a" * 70 + ".invalid/", code=1)
    assert "cannot: No space left" in fails("extract", NEWS, "--output", "/dev/full", code=1)
    run("extract", NEWS, "--query", "tr\udcffees")


def test_a_timeout_may_be_any_time_and_names_the_page_that_breaks_it() -> None:
    run("extract", NEWS, "--head", "trees", "--timeout", "inf")
    run("extract", NEWS, "--head", "trees", "--timeout", "1e18")
    message = fails("extract", NEWS, "--head", "trees", "--timeout", "0.0001", code=1)
    assert message.startswith(f"error: {NEWS}: a page takes at most 0.0001 seconds")


def test_what_a_page_makes_go_wrong_stops_no_other_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even an error that nobody foresaw is one line and one failed input."""
    original = to_markdown

    def fragile(page: indexlm.Page, indices: Iterable[int], images: bool = False) -> str:
        if page.lang == "ar":
            raise RecursionError("too deep")
        return original(page, indices, images)

    monkeypatch.setattr("indexlm.extraction.to_markdown", fragile)
    result = runner.invoke(app, ["extract", str(PAGES / "rtl.html"), NEWS])
    assert result.exit_code == 1
    assert result.stderr == f"error: {PAGES / 'rtl.html'}: RecursionError: too deep\n"
    assert "4,200" in result.stdout


def test_output_that_the_terminal_cannot_show_is_escaped() -> None:
    done = subprocess.run(
        [sys.executable, "cli.py", "extract", str(PAGES / "chinese.html"), "--format", "text"],
        cwd=ROOT,
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 0, done.stderr
    assert b"\\u" in done.stdout


class _Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/loop":
            self.answer(302, [("Location", "/loop")])
        elif self.path == "/moved":
            self.answer(301, [("Location", "/page")])
        elif self.path == "/page":
            body = "<body><p>Größe <a href=x>link</a></p></body>".encode("latin-1")
            self.answer(200, [("Content-Type", "text/html; charset=iso-8859-1")], body)
        elif self.path == "/big":
            self.answer(200, [], b"<p>" + b"x" * 4000)
        elif self.path == "/refresh":
            self.answer(200, [], b'<meta http-equiv="refresh" content="0; url=/page"><p>Moved</p>')
        elif self.path == "/circle":
            self.answer(200, [], b'<meta http-equiv="refresh" content="0; url=/circle?again"><p>Moved</p>')
        elif self.path == "/circle?again":
            self.answer(200, [], b'<meta http-equiv="refresh" content="0; url=/circle"><p>Moved</p>')
        else:
            self.answer(404, [])

    def answer(self, status: int, headers: list[tuple[str, str]], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in [*headers, ("Content-Length", str(len(body)))]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    """A web server on this machine."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_address_is_fetched_with_its_charset_and_redirects(site: str) -> None:
    entry = json.loads(run("extract", f"{site}/moved", "--threshold", "0", "--jsonl"))
    assert entry["markdown"] == f"Größe [link]({site}/x)"
    for address in (f"{site}/refresh", f"view-source:{site}/page"):
        assert json.loads(run("extract", address, "--threshold", "0", "--jsonl"))["markdown"] == entry["markdown"]


def test_what_an_address_does_wrong_is_one_line(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "answered 404" in fails("extract", f"{site}/none", code=1)
    assert "redirect 5 times" in fails("extract", f"{site}/loop", code=1)
    assert "redirect 5 times" in fails("extract", f"{site}/circle", code=1)
    assert "cannot be fetched" in fails("extract", "http://127.0.0.1:9/", code=1)
    monkeypatch.setattr("indexlm.sources.MAX_BYTES", 2000)
    assert "has more" in fails("extract", f"{site}/big", code=1)


def test_blocks_shows_every_block_and_with_a_head_its_score() -> None:
    table = run("blocks", NEWS)
    assert "figcaption" in table
    assert "score" not in table
    rows = json.loads(run("blocks", NEWS, "--json", "--head", "classifier"))
    assert [row["index"] for row in rows] == list(range(1, 24))
    assert rows[9]["kept"]
    assert rows[9]["score"] > rows[2]["score"]
    assert "score" in run("blocks", NEWS, "--head", "classifier")


def test_blocks_reports_a_bad_page() -> None:
    assert "'nowhere.html'" in fails("blocks", "nowhere.html")


def test_version_and_help() -> None:
    assert run("--version") == f"indexlm {indexlm.__version__}\n"
    for command in (
        ["extract"],
        ["blocks"],
        ["train", "classifier"],
        ["train", "decoder"],
        ["eval", "predict"],
        ["eval", "score"],
        ["bench"],
    ):
        assert "--" in run(*command, "--help")


def test_the_whole_program_runs_as_a_process() -> None:
    done = subprocess.run(
        [sys.executable, "cli.py", "extract", NEWS, "--format", "intervals"], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("[[")


def test_five_lines_of_python() -> None:
    from indexlm import extract

    html = golden_html("news")
    assert "4,200 young trees" in extract(html).markdown
    extraction = extract(html, query="Who leads the river trust?")
    assert "Tomas Lind" in extraction.text
    assert extraction.json()["query"] == "Who leads the river trust?"
    assert extraction.prediction.decided_by in ("model", "mixed")
