"""The steps of a datatrove pipeline; skipped where it is not installed."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("datatrove", reason="needs the extra integrations: datatrove")
pytest.importorskip("fastwarc", reason="needs the extra scale: fastwarc")

from datatrove.data import Document

from indexlm import Extractor, IndexLMError
from indexlm.integrations.datatrove import CrawlReader, IndexLMExtractor, MainContentStep
from tests.conftest import golden_html
from tests.crawls import answer, page, record, rows, warc, write_lines
from tests.test_docs import run_example

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def documents() -> list[Document]:
    return [
        Document(page(0), "a", metadata={"url": "https://site.example/a/0"}),
        Document("<p>Far too large.</p>" * 9000, "b"),
        Document("<p></p>", "c"),
        Document(golden_html("news").decode(), "d", metadata={"mine": 1}),
    ]


def test_a_reader_gives_the_pages_of_each_task_once(tmp_path: Path) -> None:
    for i in range(3):
        write_lines(tmp_path / f"{i}.jsonl", [*rows(2 * i, 2), {"html": None, "url": "nothing"}])
    reader = CrawlReader([str(tmp_path)])
    shares = [[document.metadata["url"][-1] for document in reader.run(rank=rank, world_size=2)] for rank in range(2)]
    assert shares == [["0", "1", "4", "5"], ["2", "3"]]


@pytest.mark.filterwarnings("ignore")  # datatrove forks a process that has threads
def test_an_extractor_runs_in_the_sandbox_of_datatrove() -> None:
    results = [*IndexLMExtractor(Extractor("trees", max_bytes=100_000), timeout=60).run(iter(documents()))]
    assert [result.id for result in results] == ["a", "d"]
    assert "sentence 0-3" in results[0].text
    assert "Menu" not in results[0].text
    with pytest.raises(IndexLMError, match="a format is"):
        IndexLMExtractor(format="pdf")


def test_a_step_keeps_main_content_and_says_how_it_was_chosen() -> None:
    step = MainContentStep(Extractor("trees", max_bytes=100_000))
    results = [*step.run(iter(documents()))]
    assert [result.id for result in results] == ["a", "d"]
    assert "4,200 young trees" in results[1].text
    assert results[1].metadata["mine"] == 1
    assert results[1].metadata["decided_by"] == "trees"
    assert results[0].metadata["title"] == "Page 0"


def test_the_example_turns_a_warc_file_into_parquet(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    pages = [page(i).replace('lang="en"', 'lang="de"' if i == 1 else 'lang="en"') for i in range(4)]
    items = [record(f"https://site.example/{i}", answer(html.encode())) for i, html in enumerate(pages)]
    items.append(record("https://site.example/picture", answer(b"\x89PNG\r\n", kind="image/png")))
    (tmp_path / "crawl.warc.gz").write_bytes(warc(items))
    run_example("warc_to_parquet.py", tmp_path / "crawl.warc.gz", tmp_path / "out")
    table = pq.read_table(tmp_path / "out/rows").to_pylist()
    assert [row["url"][-1] for row in table] == ["0", "2", "3"]
    assert all(f"sentence {row['url'][-1]}-2" in row["text"] and row["expected_f1"] > 0.5 for row in table)
