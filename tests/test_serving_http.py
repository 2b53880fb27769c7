"""The paths of the HTTP service: what they take, what they answer, and that many requests at once lose none."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from indexlm import extract
from tests.conftest import ROOT, golden_html
from tests.services import Access, Limits, Running, half_request, read_all, running, until, website

NEWS = golden_html("news")
FERRY = (ROOT / "tests/short/ferry.html").read_bytes()
QUESTION = "When does the last boat leave on Sunday?"


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    limits = Limits(workers=1, fetchers=1, queue=64, timeout=30, body_timeout=30, max_bytes=500_000)
    with running(limits, Access(fetch=True, private=True), ("classifier", "trees")) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Running) -> httpx.Client:
    return server.client


def post(client: httpx.Client, **fields: Any) -> Any:
    answer = client.post("/v1/extract", json=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_page_as_the_body_is_extracted_as_the_library_does(client: httpx.Client) -> None:
    answer = client.post("/v1/extract?format=text&title=true", content=NEWS, headers={"Content-Type": "text/html"})
    data = answer.json()
    extraction = extract(NEWS)
    assert data["content"] == extraction.render("text", title=True)
    assert [tuple(interval) for interval in data["intervals"]] == [*extraction.intervals]
    assert len(data["scores"]) == data["block_count"] == len(extraction.page.blocks)
    assert data["decided_by"] in ("model", "trees", "mixed")
    assert 0 < data["expected_f1"] <= 1
    assert {"parse", "render"} < set(data["seconds"])
    assert re.fullmatch(r"wait;dur=[\d.]+, work;dur=[\d.]+", answer.headers["server-timing"])


def test_the_encoding_that_a_page_was_sent_in_is_kept(client: httpx.Client) -> None:
    page = "<p>Größe und Höhe des Gebäudes.</p>".encode("latin-1")
    answer = client.post("/v1/extract", content=page, headers={"Content-Type": "text/html; charset=iso-8859-1"})
    assert answer.json()["content"] == "Größe und Höhe des Gebäudes."


def test_questions_are_answered_one_or_several(client: httpx.Client) -> None:
    html = FERRY.decode()
    single = post(client, html=html, query=QUESTION, id="a")
    assert "18:20" in single["content"]
    assert single["id"] == "a"
    data = post(client, html=html, queries=[QUESTION, "Who won the cup?", ""])
    assert [result["query"] for result in data["results"]] == [QUESTION, "Who won the cup?", ""]
    assert data["results"][0]["content"] == single["content"]
    assert data["results"][1]["content"] == "NA"


def test_options_reach_the_extractor(client: httpx.Client) -> None:
    html = '<article><p class="a">One and two.</p><p class="b"><a href="/x">Three</a> and four.</p></article>'
    fields = {"html": html, "head": "trees", "url": "https://page.example/"}
    assert post(client, **fields, threshold=0)["content"] == "One and two.\n\n[Three](https://page.example/x) and four."
    assert post(client, **fields, threshold=0, exclude=[".a"], links="drop")["content"] == "Three and four."
    assert post(client, **fields, threshold=1, include=[".a"], format="text")["content"] == "One and two."
    assert post(client, **fields, threshold=0, format="json", metadata=True)["content"]["blocks"][0]["line"] == 1
    assert post(client, **fields, threshold=0, format="chunks")["content"][0]["text"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "html, or the url"),
        ({"html": "<p>", "head": "oracle"}, "head"),
        ({"html": "<p>", "threshold": 2}, "threshold"),
        ({"html": "<p>", "htm": 1}, "htm"),
        ({"html": "<p>", "query": "a", "queries": ["b"]}, "not both"),
        ({"html": "<p>", "queries": ["a"] * 33}, "queries"),
        ({"html": "<p>", "query": " "}, "a query has at least one word"),
        ({"html": "<p>", "queries": ["a", " "]}, "a query has at least one word"),
        ({"html": "<p>", "url": "file:///etc/passwd"}, "http://"),
        ({"html": "<p>", "include": ["p["]}, "p["),
        ({"html": "<p>", "head": "decoder"}, "decoder"),
        ({"html": "<p>", "head": "trees", "query": "why"}, "query"),
        ({"html": "<p>", "format": "chunks", "overlap": 600}, "600"),
    ],
)
def test_a_wrong_request_is_a_problem_with_a_reason(client: httpx.Client, fields: Any, message: str) -> None:
    answer = client.post("/v1/extract", json=fields)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"].startswith("urn:indexlm:")
    assert problem["status"] == 422
    assert message in problem["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("GET", "/v1/extract", 405), ("POST", "/", 405), ("GET", "/r/", 422)],
)
def test_wrong_paths_are_problems(client: httpx.Client, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.json()["status"] == status
    if status == 405:
        assert answer.json()["detail"] == f"this path takes {answer.headers['Allow']}"


def test_a_json_object_needs_its_content_type(client: httpx.Client) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}  # what curl sends without -H
    reply = client.post("/v1/extract", content=b'{"html": "<p>hi</p>"}', headers=headers)
    assert reply.status_code == 422
    assert "application/json" in reply.json()["detail"]
    assert client.post("/v1/extract", content=b"<p>{hi}</p>", headers=headers).status_code == 200
    assert client.post("/v1/extract", content=b"{hi} there", headers=headers).status_code == 200


def test_a_picture_is_no_page(client: httpx.Client) -> None:
    answer = client.post("/v1/extract", content=b"\x89PNG\r\n\x1a\n" + bytes(50), headers={"Content-Type": "image/png"})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:indexlm:unreadable-page")


def test_a_batch_answers_in_order_whatever_its_lines_do(client: httpx.Client) -> None:
    lines = [json.dumps({"id": i, "html": f"<p>Page number {i} of them.</p>", "head": "trees"}) for i in range(30)]
    lines[7] = '{"id": 7, "html": 1}'
    lines[9] = "no json"
    lines.insert(20, "")
    answer = client.post("/v1/batch", content="\n".join(lines))
    assert answer.headers["content-type"] == "application/x-ndjson"
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert len(rows) == 30
    assert [row["content"] for row in rows if "content" in row] == [
        f"Page number {i} of them." for i in range(30) if i not in (7, 9)
    ]
    assert (rows[7]["id"], rows[7]["line"], rows[7]["error"]["status"]) == (7, 8, 422)
    assert (rows[9].get("id"), rows[9]["line"], rows[9]["error"]["status"]) == (None, 10, 422)


def test_a_batch_answers_while_it_is_sent(server: Running) -> None:
    """The first answer arrives although the second line is not there yet."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        line = b'{"html": "<p>One.</p>", "head": "trees"}\n'
        head = f"POST /v1/batch HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {2 * len(line)}\r\n\r\n"
        connection.sendall(head.encode() + line)
        data = b""
        while b"One." not in data:
            data += connection.recv(65536)
        connection.sendall(line)
        assert read_all(connection).count(b"One.") == 1


def test_blocks_show_what_each_head_keeps(client: httpx.Client) -> None:
    fields = {"html": NEWS.decode(), "heads": ["trees", "classifier"], "markdown": True}
    data = client.post("/v1/blocks", json=fields).json()
    page = extract(NEWS).page
    assert [block["text"] for block in data["blocks"]] == [block.text for block in page.blocks]
    assert data["blocks"][6]["path"] == list(page.blocks[6].path)
    assert data["blocks"][6]["line"] == page.blocks[6].line
    assert set(data["heads"]) == {"trees", "classifier"}
    assert data["heads"]["trees"]["markdown"] == extract(NEWS, head="trees").markdown
    asked = client.post("/v1/blocks", json=fields | {"query": "How many trees?"}).json()
    assert "query" in asked["heads"]["trees"]["error"]
    assert asked["heads"]["classifier"]["indices"]


def test_an_address_is_read_as_readers_do(client: httpx.Client) -> None:
    with website({"/news?id=1&a=%20b": (200, {"Content-Type": "text/html"}, NEWS)}) as site:
        answer = client.get(f"/r/{site}/news?id=1&a=%20b")
        assert answer.text.startswith("Title: Volunteers plant 4,200 trees")
        assert "Markdown Content:\n" in answer.text
        assert "fetch;dur=" in answer.headers["server-timing"]
        path = f"/r/{site.replace('//', '/')}/news?id=1&a=%20b"
        data = client.get(path, headers={"Accept": "application/json"}).json()
        assert data["content"] == extract(NEWS, url=f"{site}/news").render(title=True)
        assert post(client, url=f"{site}/news?id=1&a=%20b", title=True)["content"] == data["content"]
        without = client.get("/r/" + site.removeprefix("http://") + "/news")
        assert "https://127.0.0.1" in without.json()["detail"], "https is what is meant"
        missing = client.get(f"/r/{site}/missing")
        assert (missing.status_code, missing.json()["type"]) == (502, "urn:indexlm:fetch-failed")


def test_redirects_inside_and_large_answers_are_refused(client: httpx.Client) -> None:
    out = (302, {"Location": "file:///etc/passwd"}, b"")
    with website({"/big": (200, {}, b"a" * 600_000), "/out": out}) as site:
        for path in ("/big", "/out"):
            answer = client.post("/v1/extract", json={"url": site + path})
            assert (answer.status_code, answer.json()["type"]) == (502, "urn:indexlm:fetch-failed")


def test_many_requests_at_once_lose_none(client: httpx.Client) -> None:
    def ask(i: int) -> tuple[int, str]:
        answer = client.post("/v1/extract", json={"html": f"<p>Page {i} is here.</p>", "head": "trees", "threshold": 0})
        return answer.status_code, answer.json()["content"]

    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(ask, range(64))) == [(200, f"Page {i} is here.") for i in range(64)]


def test_the_state_is_shown_and_counted(client: httpx.Client) -> None:
    post(client, html=FERRY.decode(), query=QUESTION)
    client.post("/v1/extract", json={})
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}
    assert client.head("/healthz").status_code == 200
    text = client.get("/metrics").text
    for pattern in (
        r'indexlm_stage_seconds_count\{head="classifier",stage="forward"\} [1-9]',
        r'indexlm_pages_total\{decided_by="\w+",head="classifier"\} [1-9]',
        r'indexlm_errors_total\{kind="invalid-request"\} [1-9]',
        r'indexlm_requests_total\{path="/v1/extract",status="200"\} [1-9]',
        r'indexlm_waiting\{pool="pages"\} 0',
        r'indexlm_process_bytes\{pool="pages"\} [1-9]',
    ):
        assert re.search(pattern, text), pattern


def test_the_description_has_examples_that_work(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/v1/extract", "/v1/batch", "/v1/blocks", "/r/{address}", "/healthz", "/readyz", "/metrics"} < set(paths)
    for path in ("/v1/extract", "/v1/blocks"):
        examples = paths[path]["post"]["requestBody"]["content"]["application/json"]["examples"]
        for example in examples.values():
            assert client.post(path, json=example["value"]).status_code == 200


def test_the_commands_of_the_documentation_work(server: Running, tmp_path: Path) -> None:
    if not shutil.which("curl"):
        pytest.skip("needs curl")
    (tmp_path / "page.html").write_bytes(NEWS)
    (tmp_path / "pages.jsonl").write_text('{"html": "<p>One.</p>"}\n' * 3)
    text = (ROOT / "docs/serving.md").read_text("utf-8").replace("\\\n", " ").replace(":8000", f":{server.port}")
    commands = [line for line in text.splitlines() if line.startswith("curl") and "example.org" not in line]
    assert len(commands) == 4
    for command in commands:
        output = subprocess.run(command, shell=True, capture_output=True, cwd=tmp_path, check=True).stdout
        assert b'"decided_by"' in output, command


def test_a_signal_ends_the_service_after_what_it_took() -> None:
    command = [sys.executable, str(ROOT / "cli.py"), "serve", "--port", "0", "--head", "trees", "--workers", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stderr
        port = int(process.stderr.readline().rstrip("/\n").rpartition(":")[2])
        until(lambda: httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).status_code == 200)
        connection = half_request(port, b"<p>The last one.</p>")
        until(lambda: httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).status_code == 200)
        process.send_signal(signal.SIGTERM)
        connection.sendall(b">")
        assert b"The last one." in read_all(connection)
        assert process.wait(60) == 0
        lines = [json.loads(line) for line in process.stderr.read().splitlines()]
        assert {line["event"] for line in lines} == {"request"}
