"""Texts that say nothing, links beside a text however many they are, and headings that are texts of their own."""

from __future__ import annotations

import pytest

from heads.content.coherence import coherent
from indexlm import Page, read_page

TEXT = "<p>The shed holds forty boats, of which three may be taken out by guests of the club in summer.</p>"
IDS = "S0d48abc0-6602-4407-a05b-e5f87e8f229cp4b75a245-1d18-4cd6-a8bb-c003e1120f4co38252 X2bf8403c-6590-4d73-8b16"
SAID = "We took the long boat out in May, and again in August. " * 3


def _kept(page: Page) -> list[str]:
    kept = coherent(page, range(1, len(page.blocks) + 1), [0.9] * len(page.blocks))
    return [page.blocks[i - 1].text for i in kept]


@pytest.mark.parametrize("noise", ["Book now * " * 12, f"{IDS}-95f6c3ecdef8", f"{IDS}-95f6c3ecdef8".upper()])
def test_a_phrase_again_and_again_and_numbers_of_things_are_no_content(noise: str) -> None:
    kept = _kept(read_page(f"<main>{TEXT}<div>{noise}</div>{TEXT}</main>"))
    assert [text[:8] for text in kept] == ["The shed", "The shed"]


@pytest.mark.parametrize("text", ["row your boat. " * 9, "Part 4b75a245-1d18-4cd6-a8bb-c003e1120f4c" + " fits" * 9])
def test_a_refrain_and_a_number_in_a_text_are_content(text: str) -> None:
    assert len(_kept(read_page(f"<main>{TEXT}<p>{text}</p>{TEXT}</main>"))) == 3


@pytest.mark.parametrize(
    "text", ["K2, P2 * " * 9, "La la la la / " * 6, "Dit dit dah * " * 6, "Boats/men + " * 6, "Hallelujah * " * 6]
)
def test_what_is_knitted_sung_or_sent_is_content(text: str) -> None:
    assert len(_kept(read_page(f"<main>{TEXT}<p>{text}</p>{TEXT}</main>"))) == 3


@pytest.mark.parametrize(("before", "kept"), [(1, 41), (6, 6)])
def test_recommended_links_are_dropped_beside_enough_text(before: int, kept: int) -> None:
    card = "<div class=item><a href=/{0}>Read how the boats of year {0} were built and who rowed them out.</a></div>"
    cards = "".join(card.format(year) for year in range(1900, 1940))
    page = read_page(f"<main>{TEXT * before}</main><div class=recommend-box>{cards}</div>")
    assert len(_kept(page)) == kept


@pytest.mark.parametrize(("text", "is_kept"), [(SAID, True), ("Our crew", False)])
def test_a_heading_that_is_a_text_of_its_own_needs_no_section(text: str, is_kept: bool) -> None:
    page = read_page(f"<main>{TEXT}<h3>{text}</h3><p>Mona</p></main><h3>End</h3>")
    kept = coherent(page, (1, 2), [0.9, 0.9, 0.0, 0.0])
    assert (2 in kept) == is_kept
