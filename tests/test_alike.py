"""Blocks that are kept because others like them are, or because kept text goes on in them."""

from __future__ import annotations

import pytest

from heads.content.coherence import coherent
from heads.content.keep.alike import keep_alike, keep_main_list, keep_paragraphs
from heads.content.keep.beside import keep_links
from indexlm import read_page


def kept_of(html: str, kept: tuple[int, ...], others: float) -> tuple[int, ...]:
    page = read_page(html)
    scores = [0.9 if block.index in kept else others for block in page.blocks]
    return coherent(page, kept, scores)


POSTS = f"<main>{'<div class=post><div class=text><p>Ten oars.</p></div></div>' * 3}</main>"


def alike(html: str, kept: tuple[int, ...], others: float) -> set[int]:
    page = read_page(html)
    whole = set(kept)
    keep_alike(page, whole, [0.9 if block.index in kept else others for block in page.blocks])
    return whole


def test_what_is_kept_in_most_elements_of_the_same_names_is_kept_in_the_others() -> None:
    assert alike(POSTS, (1, 2), 0.3) == {1, 2, 3}
    assert alike(POSTS, (1, 2), 0.1) == {1, 2}
    assert alike(POSTS, (1,), 0.3) == {1}
    assert alike(POSTS.replace(" class=text", ""), (1, 2), 0.3) == {1, 2}
    assert alike(POSTS.replace("class=post", "class=comment"), (1, 2), 0.3) == {1, 2}
    assert alike(POSTS.replace("<p>", "<p hidden>"), (1, 2), 0.3) == {1, 2}
    assert alike(POSTS.replace("main", "aside"), (1, 2), 0.3) == {1, 2}


@pytest.mark.parametrize(
    ("html", "whole"),
    [
        ("<div class=story><span>SKERRY, June 3 —</span><div><p>The gull is back.</p></div></div>", (1, 2)),
        ("<div class=story><span>Read on</span><div><p>The gull is back.</p></div></div>", (2,)),
        ("<div class=story><h2>Skerry –</h2><nav>a</nav><p>The gull is back.</p></div>", (3,)),
    ],
)
def test_the_beginning_of_a_text_is_kept(html: str, whole: tuple[int, ...]) -> None:
    assert kept_of(html, whole[-1:], 0.01) == whole


@pytest.mark.parametrize(
    ("part", "is_kept"),
    [
        ("<footer><section class=footnotes><ol><li>In clear weather.</ol></section></footer>", True),
        ("<div class=article-footer><p class=correction>It was not a gull.</p></div>", True),
        ("<footer class=footnotes><p>Quotes are late by a day.</p></footer>", False),
        ("<div class=footnotes><ul><li><a href=/p>Privacy</a></ul></div>", False),
        ("<div class=corrections-link><a href=/c>All corrections</a></div>", False),
        ("<aside class=portable-infobox><div>Burns for 90 seconds</div></aside>", True),
        ("<div class=col><pre>turn(4)</pre></div>", True),
        ("<div><nav>a</nav><blockquote><footer>Ada Roe</footer></blockquote></div>", False),
        ("<nav class=col><pre>turn(4)</pre></nav>", False),
    ],
)
def test_notes_corrections_and_code_of_a_text_are_kept(part: str, is_kept: bool) -> None:
    score = 0.1 if "pre" in part else 0.01
    text = "<p>The gull is back, says the keeper of the light, who saw it on the rocks at dawn.</p>"
    assert kept_of(f"<article>{text}{part}</article>", (1,), score) == ((1, 2) if is_kept else (1,))


ITEMS = "".join(f"<li>Oar number {n}, of ash" for n in range(6))
LINKS = "".join(f"<li><a href=/{n}>Oar number {n}</a>" for n in range(6))


@pytest.mark.parametrize(
    ("html", "is_kept"),
    [
        (f"<main><h1>Oars</h1><ul>{ITEMS}</ul></main>", True),
        (f"<main><h1>Oars</h1><nav><ol>{LINKS}</ol></nav></main>", True),
        (f"<main><h1>Oars</h1><p>{'We make them of ash. ' * 9}</p><ul>{ITEMS}</ul></main>", False),
        (f"<main><h1>Oars</h1><p>{'We make them of ash. ' * 4}</p><ul>{LINKS}</ul></main>", False),
    ],
)
def test_a_list_that_is_most_of_a_page_is_kept_as_a_whole(html: str, is_kept: bool) -> None:
    page = read_page(html)
    items = [block.index for block in page.blocks if block.tag == "li"]
    kept = {*range(1, items[2])}
    keep_main_list(page, kept, [0.15] * len(page.blocks))
    assert kept.issuperset(items) is is_kept


@pytest.mark.parametrize(
    ("links", "is_kept"),
    [
        ("<h2>Links</h2><ul><li><a href=https://a.example>Oars</a><li><a href=https://b.example/x>Tar</a></ul>", True),
        ("<h2>Links</h2><ul><li><a href=https://b.pier.example/x>Oars</a></ul>", False),
        ("<h2>Links</h2><ul><li><a href=/x>Oars</a></ul>", False),
        ("<h2>Links</h2><ul><li>Oars</ul>", False),
        ("<h2>Links</h2><div><ul><li><a href=https://a.example>Oars</a></ul></div>", False),
        ("<ul><li><a href=https://a.example>Oars</a></ul>", False),
    ],
)
def test_links_to_other_sites_below_a_heading_of_kept_text_are_kept(links: str, is_kept: bool) -> None:
    page = read_page(f"<main><p>{'We make them of ash. ' * 3}</p>{links}</main>", url="https://www.pier.example/a")
    kept = {1}
    keep_links(page, kept, [0.3] * len(page.blocks))
    assert (len(kept) > 1) is is_kept


@pytest.mark.parametrize(
    ("paragraph", "is_kept"),
    [
        ("<p>And that is all of it.</p>", True),
        ("<p>And that is <a href=/x>all</a> of it.</p>", False),
        ("<p class=note>And that is all of it.</p>", False),
        ("<footer><p>And that is all of it.</p></footer>", False),
        ("<figure><p>And that is all of it.</p></figure>", False),
        ("<div><p>And that is all of it.</p></div>", False),
        ("<p>Yes.</p>", False),
    ],
)
def test_a_paragraph_beside_the_element_of_a_text_is_kept(paragraph: str, is_kept: bool) -> None:
    page = read_page(f"<div class=post><div class=body><p>We make them of ash.</p></div>{paragraph}</div>")
    kept = {1}
    keep_paragraphs(page, kept, [0.2] * len(page.blocks))
    assert kept == ({1, 2} if is_kept else {1})


def test_who_is_quoted_is_kept_with_the_quotation() -> None:
    quote = "<main><blockquote><p>The sea is busy.</p><footer>— <cite>Ada Roe</cite></footer></blockquote></main>"
    assert kept_of(quote, (1,), 0.01) == (1, 2)
    source = "<blockquote><p>The sea is busy.</p></blockquote><cite>Ada Roe</cite>"
    assert kept_of(f"<main><section>{source}</section><p>c</p></main>", (1, 3), 0.01) == (1, 2, 3)
    assert kept_of(f"<main><section>{source.replace('blockquote', 'div')}</section></main>", (1,), 0.01) == (1,)


def test_where_the_links_of_a_printed_text_lead_is_kept() -> None:
    links = "<h4>Links</h4><small>[1] <a href=https://a.example>https://a.example</a></small><br>{}"
    text = f"<article><p>Oars are cut at the mill [1].</p>{links}</article>"
    more = "<small>[2] <a href=mailto:o@a.example>mailto:o@a.example</a></small>"
    assert kept_of(text.format(more), (1,), 0.15) == (1, 2, 3)
    assert kept_of(text.format("More of this"), (1,), 0.05) == (1,)
    assert kept_of(text.replace("mill [1]", "mill").format(more), (1,), 0.05) == (1,)


def test_an_operation_of_http_is_kept_with_the_text_of_its_page() -> None:
    row = "<div><button class=row><span>{}</span><div><a href=#o>/berths</a><div>{}</div></div></button></div>"
    page = f"<main><p>a</p>{row.format('GET', 'Find one')}{row.format('post', 'Add one')}</main>"
    assert [block.text for block in read_page(page).blocks[1:]] == ["GET /berths Find one", "post /berths Add one"]
    assert kept_of(page, (1,), 0.05) == (1, 2, 3)
    menu = "<ul><li><a href=#o>GET /berths</a></li><li>Get the boat/oar</li></ul>"
    assert kept_of(f"<main>{menu}</main><p>a</p>", (3,), 0.05) == (3,)


def test_a_box_of_facts_before_the_text_is_kept_unless_it_is_links() -> None:
    facts = (
        "<aside class=infobox><h3>Home</h3><div><a href=/l>The lock</a></div><h3>Boat</h3><div>Grey Heron</div></aside>"
    )
    text = f"<p>{'Pike is a boatman of the upper cut. ' * 4}</p>"
    assert kept_of(f"<main><div>{facts}{text}</div></main>", (5,), 0.15) == (1, 2, 3, 4, 5)
    links = "<aside class=infobox><p><a href=/l>The lock</a></p><p><a href=/b>The boat</a></p></aside>"
    assert kept_of(f"<main><div>{links}{text}</div></main>", (3,), 0.15) == (3,)
