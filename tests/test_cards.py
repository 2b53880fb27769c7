"""Answers that stand on cards, a heading and a few short blocks beside others like them."""

from __future__ import annotations

import pytest

from heads.queries.answers import whole_answer
from indexlm import read_page

JOBS = "".join(
    f"<div class=card><h3>{job}</h3><p class=place>{place}</p><p>{task}</p></div>"
    for job, place, task in (
        ("Backend engineer", "Hamburg", "You build the services that move a million parcels a day."),
        ("Data analyst", "Lyon", "You find out why parcels are late."),
        ("Office manager", "Hamburg", "You keep the place running."),
    )
)


def answer(query: str, *kept: int) -> list[str]:
    page = read_page(f"<main><h1>Open positions</h1><div>{JOBS}</div></main>", query=query)
    return [page.blocks[i - 1].text for i in whole_answer(page, kept, True)]


@pytest.mark.parametrize("kept", [(3, 9), (3, 4, 9)])
def test_several_cards_answer_with_their_headings(kept: tuple[int, ...]) -> None:
    found = answer("Which jobs are in Hamburg?", *kept)
    assert [text for text in found if text in ("Backend engineer", "Data analyst", "Office manager")] == [
        "Backend engineer",
        "Office manager",
    ]


def test_a_few_words_of_one_card_answer_with_its_heading() -> None:
    assert answer("jobs in Lyon", 6)[:2] == ["Data analyst", "Lyon"]


def test_a_sentence_of_one_card_answers_alone() -> None:
    assert answer("Who finds out why parcels are late?", 7) == ["You find out why parcels are late."]
