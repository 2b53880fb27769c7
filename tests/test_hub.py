"""Data sets of the Hub: published rows as rows of ours."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from eval.alignment import align
from indexlm import IndexLMError, read_page
from tests.data_rows import read_built, run, write
from train.data.hub import HUB, DataSet, UnusableError, hotpotqa, htmlrag, hub_rows, load, msmarco, multihoprag

HOTPOT = {
    "id": "5a7",
    "question": "Which river runs by the town where Ada was born?",
    "answer": "the Lune",
    "type": "bridge",
    "level": "hard",
    "supporting_facts": {"title": ["Ada", "Lowtown"], "sent_id": [1, 0]},
    "context": {
        "title": ["Ada", "Elsewhere", "Lowtown"],
        "sentences": [
            ["Ada is a poet.", " She was born in Lowtown."],
            ["Far away.", " "],
            ["It lies on the Lune.", "Rain."],
        ],
    },
}


def hotpot_row(i: int) -> dict[str, Any]:
    sentences = [[f"Ada {i} is a poet.", "She was born in Lowtown."], ["Far away."], [f"It lies on river {i}."]]
    context = {"title": ["Ada", "Elsewhere", "Lowtown"], "sentences": sentences}
    return HOTPOT | {"id": str(i), "question": f"Which river runs by the town of Ada {i}?", "context": context}


def test_hotpotqa_facts_become_blocks() -> None:
    row = hotpotqa(HOTPOT)
    (question,) = row["questions"]
    texts = [(row["tags"][k], row["paragraphs"][k]) for k in question["relevant"]]
    assert texts == [("p", "She was born in Lowtown."), ("p", "It lies on the Lune.")]
    assert [text for tag, text in zip(row["tags"], row["paragraphs"], strict=True) if tag == "h2"] == [
        "Ada",
        "Elsewhere",
        "Lowtown",
    ]
    as_list = [{"title": t, "sentences": s} for t, s in zip(*HOTPOT["context"].values(), strict=True)]  # type: ignore[attr-defined]
    assert hotpotqa(HOTPOT | {"context": as_list}) == row
    with pytest.raises(UnusableError, match="not in the context"):
        hotpotqa(HOTPOT | {"supporting_facts": {"title": ["Ada"], "sent_id": [5]}})


def news(i: int) -> dict[str, Any]:
    body = "\n\n".join(f"Paragraph {k} of story {i} tells of the harbour." for k in range(12))
    return {"title": f"Story {i}", "author": None, "source": "S", "url": f"https://n{i}.example/", "body": body}


CORPUS = [news(i) for i in range(9)]

MULTIHOP = {
    "query": "Do both stories tell of the harbour?",
    "answer": "Yes",
    "question_type": "comparison_query",
    "evidence_list": [
        {"title": f"Story {i}", "url": f"https://n{i}.example/", "fact": f"Paragraph {k} of story  {i} tells"}
        for i, k in ((2, 7), (5, 1), (5, 10))
    ],
}


def test_multihoprag_evidence_becomes_blocks_among_other_articles() -> None:
    row = multihoprag(MULTIHOP, CORPUS, random.Random(3))
    (question,) = row["questions"]
    assert {row["paragraphs"][k] for k in question["relevant"]} == {
        f"Paragraph {k} of story {i} tells of the harbour." for i, k in ((2, 7), (5, 1), (5, 10))
    }
    titles = [text for tag, text in zip(row["tags"], row["paragraphs"], strict=True) if tag == "h2"]
    assert len(titles) >= 3
    assert {"Story 2", "Story 5"} < set(titles)
    assert row == multihoprag(MULTIHOP, CORPUS, random.Random(3))


def test_a_null_query_has_no_answer() -> None:
    null = MULTIHOP | {"evidence_list": [], "question_type": "null_query"}
    row = multihoprag(null, CORPUS, random.Random(0))
    assert row["questions"][0]["answerable"] is False
    assert len(row["paragraphs"]) > 6
    with pytest.raises(UnusableError, match="no evidence"):
        multihoprag(MULTIHOP | {"evidence_list": []}, CORPUS, random.Random(0))
    with pytest.raises(UnusableError, match="not in the corpus"):
        multihoprag(MULTIHOP, CORPUS[:3], random.Random(0))
    stray = {**MULTIHOP["evidence_list"][0], "fact": "Nothing like it was ever written anywhere"}  # type: ignore[index]
    with pytest.raises(UnusableError, match="not in its article"):
        multihoprag(MULTIHOP | {"evidence_list": [stray]}, CORPUS, random.Random(0))


def htmlrag_row(i: int = 0) -> dict[str, Any]:
    html = (
        f"<html><title>Found {i}</title><body><div0><a>Home</a></div0><div1><h10>Dams</h10><p0>Dams hold water.</p0>"
        f"<p1>The dam was built in 19{i:02d} by the town.</p1></div1><div2><p>Footer text</p></div2></body></html>"
    )
    prompt = f"**HTML**: ```{html}```\n**Question**: **When was dam {i} built?**\n Your task is to identify the text."
    answer = f"<html><body><div1><p1>The dam was built in 19{i:02d} by the town.</p1>"
    messages = [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]
    return {"id": str(1000 + i), "messages": messages, "score": 1.0}


def test_htmlrag_answers_become_blocks_of_the_real_page() -> None:
    row = htmlrag(htmlrag_row())
    assert row["query"] == "When was dam 0 built?"
    page = read_page(row["html"].encode())
    assert [(block.tag, block.text) for block in page.blocks][1:4] == [
        ("h1", "Dams"),
        ("p", "Dams hold water."),
        ("p", "The dam was built in 1900 by the town."),
    ]
    assert align(page, row["gold_text"]) == (4,)
    with pytest.raises(UnusableError, match="published form"):
        htmlrag({"id": "1", "messages": [{"role": "user", "content": "Hello"}]})


def marco_row(i: int, selected: Sequence[int], answers: Sequence[str]) -> dict[str, Any]:
    return {
        "query": f"what is thing {i}",
        "query_id": i,
        "query_type": "DESCRIPTION",
        "answers": list(answers),
        "wellFormedAnswers": [],
        "passages": {
            "is_selected": list(selected),
            "passage_text": [f"Passage {k} on thing {i}." for k in range(len(selected))],
            "url": [f"https://m{k}.example/" for k in range(len(selected))],
        },
    }


def test_msmarco_selected_passages_become_blocks() -> None:
    row = msmarco(marco_row(4, [0, 1, 0], ["A thing."]))
    assert row["questions"][0]["relevant"] == [1]
    assert row["paragraphs"][1] == "Passage 1 on thing 4."
    assert msmarco(marco_row(4, [0, 0], ["No Answer Present."]))["questions"][0]["answerable"] is False
    for selected, answers in (([0, 0], ["A thing."]), ([1, 0], ["No Answer Present."])):
        with pytest.raises(UnusableError, match="contradict"):
            msmarco(marco_row(4, selected, answers))


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders in the form of the Hub's repositories, read in their place."""
    root = tmp_path / "hub"
    files: dict[str, dict[str, list[dict[str, Any]]]] = {
        "hotpotqa": {"distractor": [hotpot_row(i) for i in range(40)]},
        "multihoprag": {
            "MultiHopRAG": [MULTIHOP | {"query": f"Do the stories of {i} tell it?"} for i in range(6)],
            "corpus": CORPUS,
        },
        "htmlrag": {"default": [htmlrag_row(i) for i in range(30)]},
        "msmarco": {
            "v2.1": [marco_row(i, [i % 2, 0], ["It."] if i % 2 else ["No Answer Present."]) for i in range(30)]
        },
    }
    for name, configs in files.items():
        (root / name).mkdir(parents=True)
        lines = ["---", "configs:"]
        for config, rows in configs.items():
            write(root / name / f"{config}.jsonl", rows)
            lines += [f"- config_name: {config}", f"  data_files: {config}.jsonl"]
        (root / name / "README.md").write_text("\n".join([*lines, "---", ""]))
        monkeypatch.setitem(HUB, name, HUB[name]._replace(id=str(root / name)))
    monkeypatch.setitem(HUB, "mismatched", HUB["hotpotqa"])
    return root


def test_sources_of_the_hub_are_built_together(hub: Path, pages: Path, tmp_path: Path) -> None:
    named = ("hotpotqa@8", "multihoprag@20", "htmlrag@6", "msmarco@8", "mismatched@5")
    summary = run(tmp_path / "out", *named, inputs={"hosts": [pages]}, eval_share=0.1)
    rows = read_built(tmp_path / "out", "train")
    counts = Counter(row["source"] for row in rows)
    assert counts == {"hotpotqa": 8, "multihoprag": 18, "htmlrag": 6, "msmarco": 8, "mismatched": 5}
    assert {row["task"] for row in rows if row["source"] == "multihoprag"} == {"me", "qe"}  # it is gone through twice
    for row in rows:
        is_na = row["messages"][2]["content"] == "NA"
        assert is_na == (row["source"] == "mismatched") or row["source"] == "msmarco"
    assert {row["license"] for row in rows} == {"CC-BY-SA-4.0", "ODC-By-1.0", "MIT", "LicenseRef-MS-MARCO"}
    assert len({row["id"] for row in rows}) == len(rows)
    assert summary.host_licences


def test_unusable_rows_of_the_hub_are_counted_and_unknown_ones_named(hub: Path) -> None:
    with (hub / "htmlrag" / "default.jsonl").open("a") as file:
        file.write("\n" + json.dumps(htmlrag_row(99) | {"messages": [{"role": "user", "content": "?"}]}) + "\n")
    left_out: Counter[str] = Counter()
    assert len(list(hub_rows("htmlrag", 1, left_out))) == 30
    assert left_out == {"htmlrag: a message has not the published form": 1}
    write(hub / "msmarco" / "v2.1.jsonl", [{"query": "what"}])
    with pytest.raises(IndexLMError, match=r"is as documented; found query \(KeyError: 'passages'\)"):
        list(hub_rows("msmarco", 1, left_out))


def test_a_hub_that_cannot_be_reached_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pages: Path
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(IndexLMError, match=r"'owner/name' cannot be had from the Hugging Face Hub: \S") as caught:
        next(load(DataSet("owner/name", None), 1))
    assert "\n" not in str(caught.value)
