"""Links beside the text of pages whose elements have no names."""

from __future__ import annotations

import pytest

from heads.cascade import CascadePlan, plan, settle
from heads.content.drop.unnamed_pages import links_beside
from indexlm import Page
from indexlm.html.read import read_page

TEXT = (
    "<p>The council of Marlow voted on Tuesday to reopen the old swimming hall, which has stood empty for nine years "
    "and was to make room for a car park.</p><p>The work begins in May and costs two million, of which the district "
    "pays half; the first swimmers are expected in the autumn of next year, "
    "when the schools of the town come back for their lessons.</p>"
)
LINKS = "".join(f"<li><a>{name} after a long evening of talks</a></li>" for name in ("Rail strike ends", "Mayor wins"))


def page(article: str, links: str, names: str = "") -> Page:
    return read_page(f"<body><div{names}><h1>Swimming hall reopens</h1>{article}</div><div>{links}</div>")


def texts(page: Page, indices: set[int]) -> list[str]:
    return [page.blocks[i - 1].text for i in sorted(indices)]


def all_of(page: Page) -> list[int]:
    return [block.index for block in page.blocks]


def test_links_outside_of_the_text_are_no_content_and_nor_are_the_few_words_among_them() -> None:
    news = page(TEXT, f"<h2>Most read</h2><ol>{LINKS}</ol><p>1 hour ago</p>")
    found = links_beside(news, all_of(news))
    assert texts(news, found) == [
        "Most read",
        "Rail strike ends after a long evening of talks",
        "Mayor wins after a long evening of talks",
        "1 hour ago",
    ]


def test_scripts_without_spaces_are_as_long_as_they_read() -> None:
    sentence = (
        "市議会は火曜日、九年間閉鎖されていた古い屋内プールを再開することを決め、駐車場にする計画は取りやめとなった。"
    )
    news = page(
        f"<p>{sentence * 3}</p><p>{sentence * 3}</p>", "<ul><li><a>鉄道ストが終わる</a><li><a>市長が当選</a></ul>"
    )
    assert texts(news, links_beside(news, all_of(news))) == ["鉄道ストが終わる", "市長が当選"]


@pytest.mark.parametrize(
    ("article", "links", "names"),
    [
        (TEXT, f"<ol>{LINKS}</ol>", ' class="story"'),
        (TEXT[: TEXT.index("</p>")], f"<ol>{LINKS}</ol>", ""),
        (f"<p>Our pots.</p><ul>{LINKS}</ul>", "<p>Delivery in two days.</p>", ""),
        (TEXT, f"<ol>{LINKS * 60}</ol>", ""),
        (TEXT, "<ul><li><a href=plans.pdf>The plans of the hall</a><li><a href=cost.xlsx>What it costs</a></ul>", ""),
        (f"{TEXT}<ul>{LINKS}</ul>", "<p>The hall stands in Mill Lane, behind the library.</p>", ""),
    ],
    ids=["named", "one paragraph", "no running text", "a list of pages", "files", "links in the text"],
)
def test_other_links_stay(article: str, links: str, names: str) -> None:
    other = page(article, links, names)
    assert links_beside(other, all_of(other)) == set()


def test_neither_trees_nor_a_model_keep_them() -> None:
    news = page(TEXT, f"<ol>{LINKS}</ol>")
    count = len(news.blocks)
    cascade = plan(news, lambda page, layout=None: [0.9] * count, None)
    assert cascade.kept == (1, 2, 3)
    of_model = settle(news, cascade._replace(content_scores=[0.9] * count), range(1, count + 1), False)
    assert of_model.indices == (1, 2, 3)
    recall = plan(news, lambda page, layout=None: [0.9] * count, None, beta=2.0)
    assert len(recall.kept or ()) == count
    assert settle(news, CascadePlan(beta=2.0), range(1, count + 1), False).indices == tuple(range(1, count + 1))
