"""The adapters, each with the real package of its framework; skipped where that is not installed."""

from __future__ import annotations

import importlib
import json
import os
import runpy
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PAGES, ROOT, golden_html
from tests.test_docs import run_example

FERRY = ROOT / "tests/short/ferry.html"
QUESTION = "When does the last boat leave on Sunday?"
FRAMEWORKS = {
    "langchain": "langchain_core",
    "llamaindex": "llama_index.core",
    "haystack": "haystack",
    "scrapy": "scrapy",
    "datatrove": "datatrove",
}


def adapter(name: str) -> Any:
    """The module of an adapter, if its framework is there."""
    os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the frameworks' own imports
        pytest.importorskip(FRAMEWORKS[name], reason=f"needs the extra integrations: {FRAMEWORKS[name]}")
        return importlib.import_module(f"indexlm.integrations.{name}")


def test_the_package_of_adapters_needs_no_framework() -> None:
    program = f"import sys, indexlm.integrations; print({{*{list(FRAMEWORKS.values())}}} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "set()\n"


def test_langchain_keeps_main_content() -> None:
    module = adapter("langchain")
    from langchain_core.documents import Document

    documents = [
        Document(page_content=golden_html("news").decode(), metadata={"source": "https://post.example/a", "mine": 1}),
        Document(page_content="\x00GIF89a" * 3),
        Document(page_content=golden_html("docs").decode()),
    ]
    results = module.MainContentTransformer().transform_documents(documents)
    assert "4,200 young trees" in results[0].page_content
    assert "Subscribe" not in results[0].page_content
    assert results[0].metadata["mine"] == 1
    assert results[0].metadata["title"].startswith("Volunteers plant")
    assert results[-1].page_content


def test_langchain_compresses_to_what_answers() -> None:
    module = adapter("langchain")
    from langchain_core.documents import Document

    documents = [
        Document(page_content=FERRY.read_text("utf-8"), metadata={"source": str(FERRY)}),
        Document(page_content="Bread is baked from flour, water, salt and yeast."),
    ]
    results = module.AnswerCompressor().compress_documents(documents, QUESTION)
    assert len(results) == 1
    assert "18:20" in results[0].page_content
    citation = next(row for row in results[0].metadata["citations"] if "18:20" in row["text"])
    assert "Sunday" in FERRY.read_text("utf-8").splitlines()[citation["line"] - 1]
    assert results[0].metadata["source"] == str(FERRY)


def test_llamaindex_reads_pages() -> None:
    module = adapter("llamaindex")
    documents = module.MainContentReader().load_data([PAGES / "news.html", str(PAGES / "docs.html")])
    assert [document.metadata["source"] for document in documents] == [
        str(PAGES / "news.html"),
        str(PAGES / "docs.html"),
    ]
    assert "4,200 young trees" in documents[0].text


def test_llamaindex_postprocesses_nodes() -> None:
    module = adapter("llamaindex")
    from llama_index.core.schema import NodeWithScore, TextNode

    nodes = [
        NodeWithScore(node=TextNode(text=FERRY.read_text("utf-8"), id_="ferry"), score=0.4),
        NodeWithScore(node=TextNode(text="Bread is baked from flour, water, salt and yeast."), score=0.9),
    ]
    results = module.AnswerPostprocessor().postprocess_nodes(nodes, query_str=QUESTION)
    assert [(result.node.node_id, result.score) for result in results] == [("ferry", 0.4)]
    assert "18:20" in results[0].text
    assert "citations" not in results[0].node.get_content(metadata_mode="llm")
    assert module.AnswerPostprocessor().postprocess_nodes(nodes) == nodes


def test_haystack_converts_in_a_pipeline() -> None:
    module = adapter("haystack")
    from haystack import Pipeline
    from haystack.dataclasses import ByteStream

    pipeline = Pipeline()
    pipeline.add_component("converter", module.IndexLMConverter())
    pipeline = Pipeline.from_dict(pipeline.to_dict(), allowed_modules=[module.__name__])
    page = ByteStream(golden_html("news"), {"url": "https://post.example/a"}, "text/html")
    picture = ByteStream(b"\x89PNG\r\n\x1a\n" + bytes(100))
    documents = pipeline.run({"converter": {"sources": [page, picture]}})["converter"]["documents"]
    assert len(documents) == 1
    assert "4,200 young trees" in documents[0].content
    assert documents[0].meta["url"] == "https://post.example/a"
    (answer,) = module.IndexLMConverter().run([FERRY], query=QUESTION)["documents"]
    assert "18:20" in answer.content
    assert answer.meta["citations"][0]["line"] > 0


def test_a_scrapy_pipeline_fills_the_fields_that_an_item_has() -> None:
    module = adapter("scrapy")
    from scrapy import Field, Item
    from scrapy.utils.test import get_crawler

    class Page(Item):  # type: ignore[misc]
        html = Field()
        content = Field()

    crawler = get_crawler(settings_dict={"INDEXLM_FORMAT": "text"})
    pipeline = module.IndexLMPipeline.from_crawler(crawler)
    pipeline.open_spider()
    page = pipeline.process_item(Page(html=golden_html("news")))
    assert "4,200 young trees" in page["content"]
    anything = pipeline.process_item({"html": golden_html("news").decode(), "url": "https://post.example/a"})
    assert anything["content"] == page["content"]
    assert anything["title"].startswith("Volunteers plant")
    assert pipeline.process_item({"name": "no page"}) == {"name": "no page"}


@pytest.mark.parametrize("name", ["langchain", "llamaindex", "haystack"])
def test_the_example_prints_an_answer_with_its_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    adapter(name)
    runpy.run_path(str(ROOT / "examples" / f"with_{name}.py"))["main"](FERRY, QUESTION)
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("line ") and "18:20" in line)
    assert "Sunday" in FERRY.read_text("utf-8").splitlines()[int(line.split()[1].rstrip(":")) - 1]


def test_the_example_of_scrapy_crawls_files(tmp_path: Path) -> None:
    """In a process of its own, since a reactor runs once."""
    adapter("scrapy")
    run_example("with_scrapy.py", tmp_path / "out.jsonl", PAGES / "news.html", PAGES / "docs.html")
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert {Path(row["url"]).stem for row in rows} == {"news", "docs"}
    assert all(row["content"] and row["title"] for row in rows)
