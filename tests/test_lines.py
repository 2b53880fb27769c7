"""Lines that sites write into and around any text."""

from __future__ import annotations

import pytest

from heads.furniture import is_furniture
from indexlm import read_page


def is_line(html: str) -> bool:
    [block] = read_page(html).blocks
    return is_furniture(block)


@pytest.mark.parametrize(
    "line",
    [
        "toggle caption",
        "Image 1 of 5",
        "This is a modal window.",
        "Your browser does not support the video tag.",
        "Please enable JavaScript to view the <a href=/c>comments</a>.",
        "Loading…",
        "Listen to this article 5 min",
        "Artikel anhören",
        "Estimated reading time: 4 minutes",
        "Temps de lecture : 3 minutes",
        "12 Comments",
        "Follow us on <a href=/g>Google News</a>",
        "Join our WhatsApp channel for the latest updates.",
        "Please disable your ad blocker to keep reading.",
        "Already a subscriber? <a href=/l>Log in</a>",
        "Il vous reste 71.3% de cet article à lire.",
        "残り1200文字",
        "Riproduzione riservata © Copyright Pier",
        "Spotted a mistake? <a href=/c>Let us know</a>.",
        "This article contains affiliate links.",
        "An dieser Stelle finden Sie einen externen Inhalt von YouTube.",
        "View this post on Instagram",
        "Print Email A A",
        "Edit this page on GitHub",
        "Quantity Add to basket",
        "Tags: <a href=/t/1>oars</a>, <a href=/t/2>tar</a>",
        "<b>タグ：</b><a href=/t/1>灯台</a>",
    ],
)
def test_a_line_of_a_site_is_no_content(line: str) -> None:
    assert is_line(f"<p>{line}</p>")


@pytest.mark.parametrize(
    "text",
    [
        "Image 1 of 5 shows the pier, and the others show the boat.",
        "Listen to this article of the law, and think of the sea.",
        "The reading time of a tide table is four minutes.",
        "Loading the boat takes an hour…",
        "Loading",
        "Follow the crew on the pier.",
        "Tags: oars, tar and hemp",
        "Already a member of the crew in 1990, she became its master.",
        "Twelve comments were made.",
        "Print the log, and mail it to the office.",
    ],
)
def test_a_text_that_begins_like_a_line_of_a_site_is_content(text: str) -> None:
    assert not is_line(f"<p>{text}</p>")


@pytest.mark.parametrize("html", ["<h3>12 Comments</h3>", "<ul><li>Listen to this article</ul>", "<pre>Loading…</pre>"])
def test_a_heading_an_item_and_code_are_no_lines_of_a_site(html: str) -> None:
    assert not is_line(html)


def test_the_state_of_a_player_is_known_by_its_names() -> None:
    assert is_line("<div class=video-js><div>Duration 1:12</div></div>")
    assert not is_line("<div class=tide><div>Duration 1:12</div></div>")
