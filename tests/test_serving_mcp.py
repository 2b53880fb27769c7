"""MCP by the SDK's own client: over stdio and over HTTP, with answers that cite lines of the source."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from indexlm import extract
from tests.conftest import ROOT, golden_html, needs
from tests.services import Access, Limits, serving, website
from tests.test_docs import run_example

needs("mcp", "mcp")

NEWS = golden_html("news").decode()
FERRY = (ROOT / "tests/short/ferry.html").read_text("utf-8")
QUESTION = "When does the last boat leave on Sunday?"
LIMITS = Limits(workers=1, fetchers=1, max_bytes=100_000)


def call(server: Any, *calls: tuple[str, dict[str, Any]]) -> list[Any]:
    """What a client of a server, or of one at an address, gets for calls of tools, after the list of tools."""
    import mcp

    async def run() -> list[Any]:
        async with mcp.Client(server) as session:
            tools = (await session.list_tools()).tools
            return [tools, *[await session.call_tool(name, arguments) for name, arguments in calls]]

    return asyncio.run(run())


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    from indexlm.serving.mcp import make_mcp_app

    with serving(make_mcp_app, LIMITS, Access(fetch=True, private=True), ("classifier",)) as server:
        yield f"http://127.0.0.1:{server.port}/mcp"


def test_the_example_asks_over_stdio() -> None:
    output = run_example("with_mcp.py", ROOT / "tests/short/ferry.html", QUESTION)
    line = next(line for line in output.splitlines() if "18:20" in line)
    assert "Sunday" in FERRY.splitlines()[int(line.split()[1].rstrip(":")) - 1]


def assert_cites(answer: dict[str, Any]) -> None:
    assert answer["is_answered"]
    assert "18:20" in answer["text"]
    row = next(citation for citation in answer["citations"] if "18:20" in citation["text"])
    assert "Sunday" in FERRY.splitlines()[row["line"] - 1]
    assert extract(FERRY).page.blocks[row["block"] - 1].text == row["text"]


def test_tools_are_called_over_http(address: str) -> None:
    tools, answer, none, page, brief = call(
        address,
        ("answer_from_page", {"html": FERRY, "question": QUESTION}),
        ("answer_from_page", {"html": FERRY, "question": "Who won the cup?"}),
        ("extract_page", {"html": NEWS, "with_citations": True}),
        ("extract_page", {"html": NEWS}),
    )
    assert [tool.name for tool in tools] == ["extract_page", "answer_from_page"]
    assert all(tool.description and tool.output_schema for tool in tools)
    assert_cites(answer.structured_content)
    assert (none.structured_content["is_answered"], none.structured_content["citations"]) == (False, [])
    assert page.structured_content["markdown"] == extract(NEWS).markdown
    assert [citation["block"] for citation in page.structured_content["citations"]] == list(extract(NEWS).indices)
    assert brief.structured_content["citations"] == []


def test_an_address_is_fetched_within_the_limits_of_the_service(address: str) -> None:
    with website({"/": (200, {}, NEWS.encode()), "/big": (200, {}, b"a" * 200_000)}) as site:
        _, page, big, neither, large = call(
            address,
            ("extract_page", {"url": site}),
            ("extract_page", {"url": f"{site}/big"}),
            ("extract_page", {"url": "file:///etc/passwd"}),
            ("extract_page", {"html": "a" * 100_001}),
        )
    assert "4,200 young trees" in page.structured_content["markdown"]
    assert all(result.is_error for result in (big, neither, large))
    assert "http(s)" in neither.content[0].text


def test_nothing_is_fetched_unless_it_is_allowed() -> None:
    from indexlm.serving.mcp import make_mcp
    from indexlm.serving.service import Service

    service = Service(LIMITS, Access(), ("trees",))
    try:
        _, result = call(make_mcp(service), ("extract_page", {"url": "http://127.0.0.1/"}))
    finally:
        service.close()
    assert result.is_error
    assert "fetches none" in result.content[0].text


def test_the_key_is_needed_over_http() -> None:
    import httpx

    from indexlm.serving.mcp import make_mcp_app

    with serving(make_mcp_app, LIMITS, Access(api_key="secret", hosts=("127.0.0.1",)), ("trees",)) as server:
        answer = httpx.post(f"http://127.0.0.1:{server.port}/mcp", json={}, trust_env=False)
        assert (answer.status_code, answer.json()["type"]) == (401, "urn:indexlm:unauthorized")
