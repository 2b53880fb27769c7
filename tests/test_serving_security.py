"""What the service refuses: each item of the list of threats in docs/serving.md has its test here."""

from __future__ import annotations

import io
import json
import logging
import re
import socket
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from indexlm import IndexLMError
from indexlm.serving.log import write_log
from tests.services import Access, Limits, Running, half_request, read_all, running, until, website

PAGE = {"html": "<p>Something to read.</p>"}
SLOW = {"html": "<p>word</p>" * 10_000, "include": ["p ~ p ~ p ~ p ~ p"]}  # a selector that compares all with all
SECRET = "k3y-\u00e4"


@pytest.fixture(scope="module")
def small() -> Iterator[Running]:
    """A service with one process and no place to wait, which gives up early."""
    limits = Limits(workers=1, queue=0, timeout=2, body_timeout=3, max_bytes=2 << 20, batches=1)
    with running(limits, Access(hosts=("127.0.0.1", "localhost"))) as server:
        yield server


@pytest.fixture(scope="module")
def closed() -> Iterator[Running]:
    """A service with a key, which fetches public addresses."""
    with running(Limits(workers=1, fetchers=1, max_bytes=100_000), Access(fetch=True, api_key=SECRET)) as server:
        yield server


def auth(key: str = SECRET) -> dict[bytes, bytes]:
    return {b"Authorization": b"Bearer " + key.encode("latin-1")}


def test_a_page_that_takes_too_long_costs_its_own_request_alone(small: Running) -> None:
    answer = small.client.post("/v1/extract", json=SLOW)
    assert (answer.status_code, answer.json()["type"]) == (504, "urn:indexlm:page-timeout")
    assert small.client.post("/v1/extract", json=PAGE).status_code == 200


def test_a_full_queue_and_a_slow_sender_are_told_so(small: Running) -> None:
    until(lambda: not small.service.slots.locked())  # an answer arrives a moment before its place is free
    slow = half_request(small.port, b"<p>Something to read.</p>")
    until(small.service.slots.locked)
    answer = small.client.post("/v1/extract", json=PAGE)
    assert (answer.status_code, answer.json()["type"]) == (429, "urn:indexlm:queue-full")
    assert int(answer.headers["retry-after"]) >= 1
    assert read_all(slow).startswith(b"HTTP/1.1 408")
    assert small.client.post("/v1/extract", json=PAGE).status_code == 200


def test_a_client_that_does_not_read_gives_its_place_back(small: Running) -> None:
    page = b"<p>" + b'"' * 200_000
    path = "/v1/extract?format=text&threshold=0" + 15 * "&queries="  # 6 MB: more than a socket holds
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(page)}\r\n\r\n"
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", small.port))
        connection.sendall(head.encode() + page)
        assert connection.recv(12) == b"HTTP/1.1 200"
        assert small.client.post("/v1/extract", json=PAGE).status_code == 429
        until(lambda: small.client.post("/v1/extract", json=PAGE).status_code == 200)
    large = small.client.post(path + 15 * "&queries=", content=page)  # 12 MB: more than an answer has
    assert large.status_code in (422, 504)


def test_a_second_batch_is_told_to_wait(small: Running) -> None:
    first = half_request(small.port, b'{"html": "<p>One.</p>"}\n', "/v1/batch")
    assert first.recv(12) == b"HTTP/1.1 200"
    assert small.client.post("/v1/batch", content=json.dumps(PAGE)).status_code == 429
    first.close()
    until(lambda: not small.service.batches.locked())
    assert small.client.post("/v1/batch", content=json.dumps(PAGE)).status_code == 200


def test_large_requests_are_refused(small: Running) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(40):
            yield b"a" * 100_000

    announced = small.client.post("/v1/extract", content=b"a" * (2 << 20) + b"b")
    not_announced = small.client.post("/v1/extract", content=parts())
    for answer in (announced, not_announced):
        assert (answer.status_code, answer.json()["type"]) == (413, "urn:indexlm:too-large")
    row = small.client.post("/v1/batch", content=b'{"html": "' + b"a" * (3 << 20)).json()
    assert row["error"]["status"] == 413


def test_a_line_of_a_batch_that_is_too_long_costs_itself_alone(small: Running) -> None:
    def parts() -> Iterator[bytes]:
        for number in range(6):
            size = 5 << 20 if number in (1, 2, 5) else 9
            yield b'{"id": %d, "html": "' % number
            for _ in range(size // 100_000):
                yield b"a" * 100_000
            yield b'<p>Page number %d of them.", "head": "trees"}' % number + b"\n" * (number < 5)

    rows = [json.loads(line) for line in small.client.post("/v1/batch", content=parts()).text.splitlines()]
    assert [row["id"] for row in rows] == [0, 1, 2, 3, 4, 5]
    assert [(row["line"], row["error"]["status"]) for row in rows if "line" in row] == [(2, 413), (3, 413), (6, 413)]
    assert [row["content"] for row in rows if "content" in row] == [f"Page number {i} of them." for i in (0, 3, 4)]


def test_compressed_requests_are_refused(small: Running) -> None:
    answer = small.client.post("/v1/extract", content=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 415


def test_fetching_is_off_unless_it_is_allowed(small: Running) -> None:
    with website({"/": (200, {}, b"<p>Inside.</p>")}) as site:
        for answer in (small.client.get(f"/r/{site}/"), small.client.post("/v1/extract", json={"url": site})):
            assert (answer.status_code, answer.json()["type"]) == (403, "urn:indexlm:fetch-off")


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://2130706433:{port}/",
        "http://[::1]:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://0.0.0.0:{port}/",
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/latest/",
        "http://user@127.0.0.1:{port}/",
    ],
)
def test_local_addresses_are_not_fetched(closed: Running, address: str) -> None:
    with website({"/": (200, {}, b"<p>Inside.</p>")}) as site:
        url = address.replace("{port}", site.rpartition(":")[2])
        answer = closed.client.post("/v1/extract", json={"url": url}, headers=auth())
    assert answer.status_code == 502
    assert "Inside" not in answer.text


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "/etc/passwd"])
def test_other_schemes_are_refused(closed: Running, url: str) -> None:
    assert closed.client.post("/v1/extract", json={"url": url}, headers=auth()).status_code == 422
    assert closed.client.get(f"/r/{url}", headers=auth()).status_code == 422


def test_a_key_is_needed_for_all_but_the_page_and_the_state(closed: Running) -> None:
    client = closed.client
    for path in ("/metrics", "/openapi.json", "/r/https://example.org/", "/nothing"):
        assert client.get(path).status_code == 401, path
    for path in ("/v1/extract", "/v1/batch", "/v1/blocks"):
        assert client.post(path, json=PAGE).status_code == 401
    for key in ("wrong", SECRET + "x", SECRET[:-1]):
        assert client.post("/v1/extract", json=PAGE, headers=auth(key)).status_code == 401
    for path in ("/", "/healthz", "/readyz"):
        assert client.get(path).status_code == 200
    assert client.post("/v1/extract", json=PAGE, headers=auth()).status_code == 200
    headers = {b"X-API-Key": SECRET.encode("latin-1")}
    assert client.post("/v1/extract", json=PAGE, headers=headers).status_code == 200
    assert SECRET not in client.get("/").text
    assert SECRET not in repr(closed.service.access)


def test_other_sites_and_names_may_not_ask(small: Running) -> None:
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost.evil.example"},
    ):
        answer = small.client.post("/v1/extract", json=PAGE, headers=headers)
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers
    assert small.client.get("/healthz", headers={"Host": "evil.example"}).status_code == 421
    own = {"Origin": f"http://127.0.0.1:{small.port}", "Sec-Fetch-Site": "same-origin"}
    assert small.client.post("/v1/extract", json=PAGE, headers=own).status_code == 200


def test_answers_can_neither_run_nor_be_framed(small: Running) -> None:
    page = small.client.get("/")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r'(?:src|href)="(?!data:,")', page.text)
    answer = small.client.post("/v1/extract", json={"html": "<p>a</p>"})
    assert "sandbox" in answer.headers["content-security-policy"]
    for headers in (page.headers, answer.headers, small.client.get("/nothing").headers):
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


def test_a_page_reads_no_file_of_the_service(small: Running) -> None:
    entity = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><item>'
    for html in (entity + "<title>&x;</title></item></channel></rss>", "/etc/passwd", "file:///etc/passwd"):
        answer = small.client.post("/v1/extract", json={"html": html})
        assert "root:" not in answer.text
        assert answer.status_code == 200, "a name is a text, whether such a file exists or not"


def test_what_a_client_sends_stands_in_no_line_of_the_log(small: Running) -> None:
    file = io.StringIO()
    write_log(file)
    try:
        small.client.get("/evil%0Aline?x=%0D%0Afake", headers={"User-Agent": "evil"})
        small.client.post("/v1/extract", json={"html": "<p>evil</p>", "query": "evil\nline"})
        small.client.get("/r/http://evil.example/")
    finally:
        for name in ("indexlm.serving", "uvicorn"):
            logger = logging.getLogger(name)
            logger.removeHandler(logger.handlers[-1])
            logger.propagate = True
    lines = file.getvalue().splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["request"] * 3
    assert "evil" not in file.getvalue()


@pytest.mark.parametrize("field", [{"memory": 1}, {"workers": 0}, {"timeout": 0}, {"max_bytes": 1 << 30}])
def test_limits_have_ranges(field: dict[str, int]) -> None:
    with pytest.raises(IndexLMError, match=rf"{next(iter(field))} is from"):
        Limits(**field)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["serve", "--workers", "0"], "workers is from 1 to 256; found 0"),
        (["serve", "--allow-private"], "goes with --fetch"),
        (["serve", "--head", "oracle"], "'oracle'"),
        (["serve", "--model", "classifier"], "HEAD=CHECKPOINT"),
        (["serve", "--model", "trees=/nowhere", "--head", "trees"], "/nowhere"),
        (["mcp", "--api-key-file", "/nowhere"], "/nowhere cannot be read"),
        (["view", "/nowhere.html"], "/nowhere.html"),
    ],
)
def test_wrong_options_end_in_one_line(arguments: list[str], message: str) -> None:
    from cli import app

    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
