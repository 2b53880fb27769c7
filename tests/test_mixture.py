"""Where the question rows of a training come from, and how help documents become questions."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from eval.cases import read_cases
from eval.examples import qe_examples, table_tags
from tests.test_examples import host, row
from train.data.guides import section_row, table_row
from train.data.kept_back import write_kept_back
from train.data.mixture import HELD_OUT_SOURCES, Mixture, read_mixture
from train.data.prepare import is_held_out

Row = dict[str, Any]


def document(number: int, lang: str = "xx") -> Row:
    sections = [{"heading": None, "paragraphs": [f"Lead {number}.", f"More {number}."]}]
    sections += [
        {"heading": f"Part {number} {k}", "paragraphs": [f"Text {number} {k} {i}." for i in range(k)]}
        for k in (1, 2, 9)
    ]
    identity = {"id": f"d{number}", "source": "guide", "license": "CC0-1.0", "lang": lang}
    return identity | {"title": f"Document {number}", "desc": f"All about {number}.", "sections": sections}


DOCUMENTS = [document(i) for i in range(20)]


def test_a_heading_asks_for_the_whole_section_below_it() -> None:
    questions: Counter[str] = Counter()
    headings = 0
    for seed in range(300):
        made = section_row(DOCUMENTS, random.Random(seed))
        assert made is not None
        assert len(made["tags"]) == len(made["paragraphs"])
        (question,) = made["questions"]
        answer = [made["paragraphs"][i] for i in question["relevant"]]
        asked = question["question"]
        if asked.startswith("Part"):
            number, k = asked.split()[1:]
            body = [f"Text {number} {k} {i}." for i in range(int(k))]
        else:
            number = asked.rstrip(".").split()[-1]
            body = [f"Lead {number}.", f"More {number}."]
        headings += answer[0] not in body
        assert answer[-len(body) :] == body
        assert len(answer) - len(body) in (0, 1)  # with its heading where that stays
        assert (f"Part {number} 9" if k_of(asked) != "9" else "") not in answer
        assert len(made["paragraphs"]) <= 40 + 3 * 5
        questions[asked.split()[0]] += 1
    assert questions["Part"] > 100
    assert questions["All"] > 10
    assert 50 < headings < 150


def k_of(question: str) -> str:
    return question.split()[-1]


def test_a_document_without_headed_sections_makes_no_row() -> None:
    bare = document(1) | {"title": "", "sections": [{"heading": None, "paragraphs": ["One."]}]}
    assert section_row([bare], random.Random(0)) is None


def test_a_table_is_asked_for_a_name_in_it() -> None:
    shapes: Counter[str] = Counter()
    for seed in range(60):
        made = table_row(DOCUMENTS, random.Random(seed))
        assert made is not None
        (question,) = made["questions"]
        answer = [made["paragraphs"][i] for i in question["relevant"]]
        names = {f"Document {i}" for i in range(20)} & {n.rstrip("?") for n in _names(question["question"])}
        assert answer
        assert any(answer[0].startswith(name) for name in names)
        shapes[made["tags"][question["relevant"][0]]] += 1
    assert set(shapes) == {"tr", "li", "dt"}


def _names(question: str) -> list[str]:
    words = question.split()
    return [" ".join(words[i : i + 2]) for i in range(len(words) - 1)]


def test_rows_that_follow_each_other_are_a_table() -> None:
    paragraphs = ["Intro", "Name | Age", "Anna | 3", "Ben | 4", "After", "Lone | row"]
    assert table_tags(paragraphs) == ["p", "th", "tr", "tr", "p", "p"]
    assert table_tags(["Intro", "a | b", "After"]) == []


def test_a_row_that_answers_comes_with_its_header_row() -> None:
    data = row(1) | {"paragraphs": ["Intro", "Name | Age", "Anna | 3", "Ben | 4", "After"]}
    for relevant, gold in (([3], ["Name | Age", "Ben | 4"]), ([4], ["After"]), ([0], ["Intro"])):
        data["questions"][0]["relevant"] = relevant
        (example,) = qe_examples([data], [host()], seed=1, na_share=0.0)
        blocks = [example.page.blocks[i - 1] for i in example.gold]
        assert [block.text for block in blocks] == gold
    table = {block.nodes[-2] for block in example.page.blocks if block.tag in ("th", "tr")}
    assert len(table) == 1
    assert next(b for b in example.page.blocks if b.tag == "tr").inner == "<td>Anna</td><td>3</td>"


def test_an_epoch_mixes_questions_guides_tables_and_passages() -> None:
    questions = [row(i, "en") for i in range(24)]
    for i in range(6):
        (question,) = row(i)["questions"]
        questions.append(row(i, "sw") | {"questions": [question | {"question": f"Nini {i}?"}]})
    rows = list(Mixture(questions, DOCUMENTS).draw(400, random.Random(1)))
    assert 380 <= len(rows) <= 400
    sources = Counter(r["source"] for r in rows)
    assert 0.2 < sources["guide"] / len(rows) < 0.4
    languages = Counter(r["lang"] for r in rows if r["source"] == "test")
    assert languages["sw"] / languages["en"] > 0.3  # a small language counts for more than its quarter of the articles
    passages = [r for r in rows if r["source"] == "test" and r.get("tags")]
    assert len(passages) > 30
    for made in passages:
        (question,) = made["questions"]
        number = int(question["id"].removeprefix("q"))
        answer = {made["paragraphs"][i] for i in question["relevant"]}
        assert answer == {f"Paragraph {k} of article {number}." for k in (3, 30 - number)}
        assert len(made["paragraphs"]) > len(answer)


def test_a_question_asked_of_two_articles_is_answered_by_both() -> None:
    two = [row(1), row(1) | {"paragraphs": [f"Another {k}." for k in range(40)], "source": "other"}]
    rows = Mixture(two).draw(60, random.Random(0))
    answers = [{r["paragraphs"][i] for i in r["questions"][0]["relevant"]} for r in rows if r.get("tags")]
    assert answers
    assert all(len(answer) == 4 for answer in answers)


def test_held_out_sources_and_dev_titles_are_not_trained_on() -> None:
    assert all(is_held_out({"source": source, "title": "Any"}) for source in HELD_OUT_SOURCES)
    assert is_held_out(row(1) | {"split": "dev"})


def test_a_folder_needs_only_its_questions(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    (tmp_path / "qe").mkdir()
    parquet.write_table(pa.Table.from_pylist([row(1)]), tmp_path / "qe" / "train.parquet")
    assert len(read_mixture(tmp_path, lambda _: True).questions) == 1
    parquet.write_table(pa.Table.from_pylist([row(2), row(3)]), tmp_path / "qe" / "more.parquet")
    (tmp_path / "text").mkdir()
    parquet.write_table(pa.Table.from_pylist([document(1, "pt_BR")]), tmp_path / "text" / "howto.parquet")
    mixture = read_mixture(tmp_path, lambda r: r["id"] != "r2")
    assert [r["id"] for r in mixture.questions] == ["r1", "r3"]
    assert set(mixture.documents) == {"pt"}
    (document_text,) = (text for text in mixture.texts(1000, random.Random(0)) if "Lead 1." in text)
    assert document_text.split("\n")[:3] == ["Document 1", "Lead 1.", "More 1."]


def test_the_kept_back_questions_are_all_that_no_training_reads(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    from tests.data_rows import article_row, page_row, write

    sources = ["test", *sorted(HELD_OUT_SOURCES)]
    articles = [article_row(i % 16) | {"id": f"a{i}", "source": sources[i % 6], "split": "train"} for i in range(60)]
    for article in articles[::4]:
        article["split"] = "dev"
    for folder, name, rows in (("qe", "more", articles), ("me", "dev", [page_row("news", 1) | {"source": "wcxb"}])):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder / f"{name}.parquet", rows)
    counts = write_kept_back(tmp_path, tmp_path / "out")
    found = {split: read_cases(tmp_path / "out", "qe", split) for split in ("known", "new")}
    assert {split: len(cases) for split, cases in found.items()} == counts
    assert {case.source for case in found["known"]} == {"test"}
    assert {case.source for case in found["new"]} == HELD_OUT_SOURCES
    trained_on = {article["id"] for article in articles if not is_held_out(article)}
    assert trained_on
    assert trained_on.isdisjoint(case.id for cases in found.values() for case in cases)
    assert len(trained_on) + sum(counts.values()) == len(articles)
