"""Images and embedded media: where they are, and when they stand for text."""

from __future__ import annotations

import pytest

from indexlm import read_page
from indexlm.assemble import to_html, to_markdown

EVERY = range(1, 1000)
DATA = "data:image/gif;base64,R0lGODlhAQABAAAAACw="
TEXT = "<p>" + "Many words of a page that is no gallery. " * 6 + "</p>"


def images(markup: str) -> list[str]:
    html = to_html(read_page(f"<body>{markup}<p>end</p></body>"), EVERY)
    return [part.partition('"')[0] for part in html.split('<img src="')[1:]]


@pytest.mark.parametrize(
    "markup",
    [
        f'<img src="{DATA}" data-src="a.jpg"><noscript><img src="a.jpg"></noscript>',
        '<img src="wait.gif"><noscript><img src="a.jpg"></noscript>',
        '<img src="wait.gif"><noscript>&lt;img src="a.jpg"></noscript>',
        '<img src="wait.gif" data-lazy-src="a.jpg">',
        f'<img src="{DATA}" data-srcset="b.jpg 300w, a.jpg 900w">',
        '<img srcset="b.jpg 1x, a.jpg 2x">',
        '<picture><source srcset="a.jpg 900w, b.jpg 300w"><img></picture>',
        '<picture><source srcset="b.webp"><img src="a.jpg"></picture>',
        '<img src="a.jpg"><img src="a.jpg">',
    ],
)
def test_each_image_is_there_once_with_its_real_address(markup: str) -> None:
    assert images(markup) == ["a.jpg"]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ('Good <img class="emoji" src="e.png" alt="😀"> day', "Good 😀 day"),
        ('Good <img src="e.svg" alt="✅"> day', "Good ✅ day"),
        ('Good <img class="wp-smiley" src="e.gif" alt=":-)"> day', "Good :-) day"),
        ('<img src="t.png" alt="T">he day', "The day"),
        ('<span class="dropcap">T</span>he d<span>a</span><span>y</span>', "The day"),
        ('Good <img src="sun.png" alt="the sun"> day', "Good day"),
    ],
)
def test_images_of_characters_are_text(markup: str, text: str) -> None:
    assert read_page(f"<p>{markup}</p>{TEXT}").blocks[0].text == text


def test_a_heading_or_a_cell_without_text_reads_its_image() -> None:
    yes, buy = "<img src=y.png alt=Yes>", "<a href=x><img src=b.png alt=Buy></a>"
    table = f"<table><tr><th>Plan<th>Boat<tr><td>A<td>{yes}<tr><td>B<td>{buy}</table>"
    page = read_page(f'<h2><img src="h.png" alt="Our plans"></h2>{table}{TEXT}')
    assert [block.text for block in page.blocks[:4]] == ["Our plans", "Plan | Boat", "A | Yes", "B |"]


def test_a_page_of_images_reads_what_they_show() -> None:
    strip = '<h1>Nine</h1><div><img src="9.png" alt="A crab asks the tide for its name."></div><a href="/8">Back</a>'
    assert read_page(f"<body>{strip}</body>").text.split("\n") == ["Nine", "A crab asks the tide for its name.", "Back"]
    assert "crab" not in read_page(f"<body>{strip}{TEXT}</body>").text


@pytest.mark.parametrize(
    ("markup", "address"),
    [
        ('<iframe src="https://www.youtube.com/embed/q1" title="Film"></iframe>', "https://www.youtube.com/embed/q1"),
        ('<iframe data-src="//player.vimeo.com/video/7"></iframe>', "https://player.vimeo.com/video/7"),
        ('<iframe src="/embed/map/4"></iframe>', "https://e.example/embed/map/4"),
        ("<video controls><source src=/f.mp4>No video.</video>", "https://e.example/f.mp4"),
        ("<audio src=/f.mp3></audio>", "https://e.example/f.mp3"),
        ('<object data="/doc.pdf">No viewer.</object>', "https://e.example/doc.pdf"),
        ('<embed src="/embed/5">', "https://e.example/embed/5"),
        ('<lite-youtube videoid="q-2">Play</lite-youtube>', "https://www.youtube.com/watch?v=q-2"),
    ],
)
def test_embedded_media_leave_a_link_beside_the_text_around_them(markup: str, address: str) -> None:
    page = read_page(f"<article><p>Before</p>{markup}<h2>Next</h2><p>After</p></article>", url="https://e.example/")
    assert [block.text for block in page.blocks] == ["Before", "Next", "After"]
    assert f"]({address})" in to_markdown(page, [1])


FILM = '<iframe src="https://vimeo.com/video/7" title="Film"></iframe>'
LINK = "[Film](https://vimeo.com/video/7)"


@pytest.mark.parametrize(
    ("markup", "markdown"),
    [
        (f"<p>Tide</p><p>Bay</p>{FILM}", f"Tide\n\nBay\n\n{LINK}"),
        (f"<p>Tide</p><div>{FILM}<p>Bay</p></div>", f"Tide\n\n{LINK}\n\nBay"),
        (f"<p>Tide</p><p>Bay {FILM} end.</p>", f"Tide\n\nBay end.\n\n{LINK}"),
        (f"<h1>Tide</h1>{FILM}<h2>Bay</h2><p>End.</p>", f"# Tide\n\n{LINK}\n\n## Bay\n\nEnd."),
        (f"<ul><li>Tide</li><li>Watch: {FILM}</li></ul>", f"- Tide\n\n- Watch:\n\n  {LINK}"),
        (
            f"<table><tr><th>A<th>B</tr><tr><td>Tide<td>{FILM}</tr></table>",
            f"| A | B |\n| --- | --- |\n| Tide | {LINK} |",
        ),
    ],
)
def test_a_link_to_embedded_media_is_a_line_of_its_own_where_it_stood(markup: str, markdown: str) -> None:
    assert to_markdown(read_page(f"<main>{markup}</main>"), EVERY) == markdown


def test_an_image_above_a_heading_is_no_part_of_it() -> None:
    page = read_page("<main><p>Tide</p><figure><img src=/m.png alt=Map></figure><h2>Bay</h2><p>End.</p></main>")
    assert to_markdown(page, EVERY, images=True) == "Tide\n\n![Map](/m.png)\n\n## Bay\n\nEnd."
    assert to_markdown(page, EVERY) == "Tide\n\n## Bay\n\nEnd."
    assert '<p><img src="/m.png" alt="Map"/></p>\n<h2>Bay</h2>' in to_html(page, EVERY)
    page = read_page("<h2><a href=/b><img src=/b.png alt=Bay></a> of <i>Ebb</i></h2><p>End.</p>")
    assert to_markdown(page, EVERY, images=True) == "## [Bay](/b) of *Ebb*\n\nEnd."


def test_images_in_links_keep_the_links() -> None:
    linked = '<a href="/map"><img src="/m.png" alt="Map"></a>'
    page = read_page(f"<main><p>See {linked} now.</p><p>{linked}</p><p>Bay</p>{TEXT}</main>", url="https://e.example")
    image = "[![Map](https://e.example/m.png)](https://e.example/map)"
    assert to_markdown(page, [1, 2], images=True) == f"See {image} now.\n\n{image}  \nBay"
    assert to_markdown(page, [1, 2]) == "See now.\n\nBay"


@pytest.mark.parametrize(
    "markup",
    [
        '<iframe src="https://ads.example.com/embed/1"></iframe>',
        '<iframe src="https://www.googletagmanager.com/ns.html?id=1" height="0" width="0"></iframe>',
        '<iframe src="https://www.youtube.com/embed/q1" width="1" height="1"></iframe>',
        '<iframe src="https://www.facebook.com/plugins/like.php"></iframe>',
        '<iframe src="about:blank"></iframe>',
        "<video autoplay loop muted src=/background.mp4></video>",
    ],
)
def test_advertisements_and_trackers_leave_nothing(markup: str) -> None:
    assert to_markdown(read_page(f"<p>Before</p>{markup}<p>After</p>"), EVERY) == "Before\n\nAfter"
