"""What stands around the content of a short page."""

from __future__ import annotations

import pytest

from heads.cascade import plan
from heads.content.coherence import coherent
from heads.content.drop.short_pages import MOST_BLOCKS, surroundings
from indexlm import Page, read_page

TEXT = (
    "<h1>Oar walk</h1><p>We meet at the mill on Sunday, at nine, and walk to the pier.</p>"
    "<p>Bring a lamp, dry shoes and bread for all of us, and tell the crew if you cannot come.</p>"
)
LINKS = "<ul><li><a href=/1>Ten oars for a small boat</a></li><li><a href=/2>The lamp at the pier</a></li></ul>"


def beside(element: str, text: str = TEXT, title: str = "") -> list[str]:
    """The texts that are found in an element behind the content of a page."""
    page = read_page(f"<title>{title}</title><div id=a><div id=b>{text}</div></div><div id=c>{element}</div>")
    found = surroundings(page, range(1, len(page.blocks) + 1))
    return [block.text for block in page.blocks if block.index in found]


@pytest.mark.parametrize(
    "element",
    [
        f"<h3>You may also like</h3>{LINKS}",
        f"<div>Das könnte Sie auch interessieren</div>{LINKS}",
        f"<h2>A word of the crew</h2>{LINKS}",
        f"<h3>The crew</h3>{LINKS}<h3>The pier</h3>{LINKS}",
        "<h3>関連記事</h3><p><a href=/1>桟橋の灯り</a></p>",
        "<h3>Productos relacionados</h3><div><a href=/1>Remo</a><p>9 €</p></div><p><a href=/2>Red</a></p>",
        f"<h2>Customers who viewed this item also viewed</h2>{LINKS}",
        "<p>Lees ook: <a href=/1>De lamp op de pier</a></p>",
        "<h2>Sign up for our newsletter</h2><p>Once a month, no more.</p><button>Go</button>",
        "<p>Inscrivez-vous à notre infolettre</p>",
        "<h2>Never alone</h2><p>A letter from the pier, each month.</p><form><button>Yes, please</button></form>",
        "<p>We use cookies to make the pier better.</p><button>Accept all</button>",
        "<span>Durch die weitere Nutzung stimmen Sie Cookies zu.</span> <button>Einverstanden</button>",
        "<p>Share on Facebook</p>",
        "<div><a href=/f>Teilen</a></div>",
        "<div>Add to cart</div>",
        "<div><a href=/e>Edit this page</a> Last updated on <b>May 3, 2026</b> by <b>ada</b></div>",
        "<div><a href=/e>Diese Seite bearbeiten</a></div>",
        "<p>© 2026 Oar Ltd. All rights reserved.</p>",
        "<p><a href=/p>Privacy policy</a> | <a href=/t>Terms of use</a></p>",
        "<div><a href=/1>Home</a> <a href=/2>Oars</a> <a href=/3>About us</a></div>",
        f"<h3>More on this story</h3>{LINKS}",
        "<h3>Related links</h3><p><a href=https://a.example/1>Oars</a></p><p><a href=https://a.example/2>Tar</a></p>",
        "<h3>You may also like</h3><p><a href=https://a.example>Oars</a></p><p><a href=https://b.example>Tar</a></p>",
        f"<h2>Recommended from Oars</h2>{LINKS}",
        "<p>For more tales, sign up to the Pier newsletter, in your inbox each week.</p>",
        "<p>Wil je op de hoogte blijven? Meld je aan voor onze nieuwsbrief.</p>",
        "<p><a href=/up>Return to the list of piers</a></p>",
        "<p><a href=/up>« Zurück zur Übersicht</a></p>",
        "<ul><li>Next message: <a href=/2>Oars</a></li><li>Previous message: <a href=/0>Tar</a></li></ul>",
        "<p>上一篇：<a href=/2>灯塔</a></p>",
        "<div>扫一扫在手机打开当前页</div>",
        "<div>【打印本页】【关闭窗口】</div>",
        "<h2>Jobs per E-Mail erhalten</h2><p>Wir schreiben Ihnen.</p><button>Los</button>",
        "<p>Stay in touch and get notified when new oars are made!</p>",
        "<div>Siguiente</div>",
        "<h3>Similar content</h3><article><h4><a href=/1>Oars</a></h4><div>Letter, 11 June 2021</div></article>",
        "<h2>We have a small favour to ask</h2><p>No owner tells us what to write.</p><a href=/s>Support the Pier</a>",
        "<p>If you like these tales, consider supporting the pier.</p>",
        "<h3>Jetzt spenden</h3><p>Für neue Ruder.</p><button>Spenden</button>",
    ],
)
def test_what_stands_around_the_content_of_a_short_page_is_found(element: str) -> None:
    assert beside(element) == [block.text for block in read_page(element).blocks]


@pytest.mark.parametrize(
    ("element", "title"),
    [
        (f"<h3>Related work</h3><p>Roe counted the lamps of each pier.</p>{LINKS}", ""),
        ("<h3>Forms</h3><p><a href=/a.pdf>Order for a wide oar</a></p><p><a href=/b.pdf>Order for a lamp</a></p>", ""),
        ("<h3>Links</h3><p><a href=http://o.example/>The guild of oars</a></p><p><a href=//p/>The pier</a></p>", ""),
        ("<h3>Prices</h3><p><a href=/1>Adults</a></p><p><a href=/2>Children</a></p>", ""),
        ("<p>If you subscribe to our newsletter, we keep your address.</p>", ""),
        ("<p>Subscribe to our newsletter here.</p>", "Newsletter | Oars"),
        ("<p>We use cookies to count visits. You may accept or reject them.</p>", "Cookie policy"),
        ("<p>Written by Ada Roe. Copyright is hers.</p>", ""),
        ("<p>The share of the crew is a third.</p>", ""),
        ("<p>Edit this page with <a href=/e>the pen</a> at the top.</p>", ""),
        ("<ul><li><a href=/e>Edit this page</a></li><li><a href=/n>Name it</a></li></ul>", ""),
        ("<h2>Menu</h2><p>Soup of leek, and bread.</p>", ""),
        ("<p>Copyright (c) 2026 by Ada Roe. All rights reserved.</p>", "Copyright notices"),
        ("<h2>License</h2><p>Copyright (c) 2026 Ada Roe</p>", ""),
        ("<h3>How do I sign up for the newsletter?</h3><p>Subscribe to our newsletter at the pier.</p>", ""),
        ("<h2>X (Twitter)</h2><p>The crew writes there once a day.</p>", ""),
        ("<ol><li>Open the log</li><li>Share it by mail</li><li>Send it to a friend</li></ol>", ""),
        ("<p>These are on the tablet:</p><p>Facebook, Twitter, Instagram</p>", ""),
        ("<p>Return to the pier by nine, and tie up the boat.</p>", ""),
        ("<p>More on this boat: she leaks.</p>", ""),
        ("<h3>Related links</h3><p><a href=https://a.example>Oars</a></p><p><a href=https://b.example>Tar</a></p>", ""),
        ("<p>Next: the oars are tarred.</p>", ""),
        ("<h3>Support us</h3><p>A donor may name an oar.</p><a href=/s>Give</a>", "Ways to give"),
        ("<h3>Support our work</h3><p>A donor may name an oar.</p>", ""),
        ("<div><p>Search</p><p>Finds an oar.</p></div><div><p>Menu</p><p>Opens the log.</p></div>", ""),
    ],
)
def test_content_that_is_like_what_stands_around_it_is_not_found(element: str, title: str) -> None:
    assert beside(element, title=title) == []


@pytest.mark.parametrize(
    "text",
    [
        f"<h1>Share a post</h1><p>{'The log is open to the crew. ' * 3}</p>",
        f"<h1>Mail</h1><p>{'The log is open to the crew. ' * 3}</p><p>Get mail out of your inbox.</p>",
        f"<h1>Get the most out of your inbox</h1><p>{'The log is open to the crew. ' * 3}</p>",
        "<h1>How a site knows you</h1><p>A cookie is a small file.</p><p>Accept the cookie or reject it.</p>",
        f"<h1>Most read</h1><p>What the crew liked most of all this week.</p><h2>Most read</h2>{LINKS}",
        f"<h1>Oars of the mill</h1><p>What we wrote.</p><div><h2>Recent posts</h2>{LINKS}</div>",
    ],
)
def test_what_a_page_is_named_for_and_what_is_most_of_it_is_not_found(text: str) -> None:
    page = read_page(f"<div><div>{text}</div></div>")
    assert surroundings(page, range(1, len(page.blocks) + 1)) == set()


@pytest.mark.parametrize(
    "see",
    [
        "<section><h2>See also</h2><p><a href=/tided.8>tided(8)</a></p></section>",
        "<div class='admonition seealso'><p>See also</p><p><a href=/gauge>How a gauge is read</a></p></div>",
    ],
)
def test_a_manual_says_what_to_see(see: str) -> None:
    sections = (
        "<section><h2>Name</h2><p>Reads a gauge.</p></section><section><h2>Options</h2><p>Take none.</p></section>"
    )
    page = read_page(f"<main><h1>tide</h1><div>{sections}{see}</div></main>")
    assert surroundings(page, range(1, 8)) == set()
    alone = read_page(f"<main>{TEXT}</main><div><h2>See also</h2><p><a href=/tided.8>tided(8)</a></p></div>")
    assert surroundings(alone, range(1, 6)) == {4, 5}


def test_the_first_page_of_a_site_keeps_its_lists_of_pages() -> None:
    html = (
        f"<main>{TEXT}</main><div><h2>Recent posts</h2>{LINKS.replace('Ten oars for a small boat', 'Ten oars')}</div>"
    )
    found = [len(surroundings(read_page(html, url=f"https://o.example/{end}"), range(1, 7))) for end in ("", "walk")]
    assert found == [0, 3]


def test_what_stands_before_the_heading_is_found_as_well() -> None:
    trail = "<div><a href=/>Home</a> » Oar walk</div>"
    page = read_page(f"<p><a href=/1>Home</a> <a href=/2>Oars</a> <a href=/3>Us</a></p>{trail}{TEXT}")
    assert surroundings(page, range(1, 6)) == {1, 2}


def test_a_page_of_nothing_else_and_a_long_page_keep_all() -> None:
    related = f"<h2>Related articles</h2>{LINKS}"
    only = read_page(f"<h1>Oars</h1>{related}")
    assert surroundings(only, range(1, 5)) == set()
    long = read_page(f"{TEXT * MOST_BLOCKS}<div>{related}</div>")
    assert surroundings(long, range(1, len(long.blocks) + 1)) == set()


def test_a_page_is_as_short_as_its_text_whatever_its_menus_hold() -> None:
    menu = f"<ul>{'<li><a href=/x>Oars</a>' * 2 * MOST_BLOCKS}</ul>"
    page = read_page(f"{menu}{TEXT}<p>Subscribe to our newsletter</p>")
    size = len(page.blocks)
    assert surroundings(page, range(1, size + 1)) == {*range(1, 2 * MOST_BLOCKS + 1), size}
    listed = read_page(f"{TEXT}{menu}")
    assert surroundings(listed, range(1, len(listed.blocks) + 1)) == set()


def test_a_list_of_pages_keeps_lists_of_related_ones() -> None:
    news = "".join(f"<h3><a href=/{i}>Oars of the crew of boat {i}</a></h3>" for i in range(15))
    page = read_page(f"<h1>News of the pier and the crew</h1>{news}<div><h2>Most read</h2>{LINKS}</div>")
    assert surroundings(page, range(1, len(page.blocks) + 1)) == set()


def test_trees_and_model_drop_what_stands_around_the_content() -> None:
    """Unless recall counts more; the scores are told as they are."""
    page = read_page(f"<main>{TEXT}</main><div><p>Subscribe to our newsletter</p></div>")

    def trees(page: Page, layout: object) -> list[float]:
        return [0.9] * len(page.blocks)

    made = plan(page, trees, None)
    assert made.kept == (1, 2, 3)
    assert made.tree_scores == [0.9] * 4
    assert plan(page, trees, None, beta=2.0).kept == (1, 2, 3, 4)


def test_an_address_that_is_none_is_no_error() -> None:
    """A page may state anything as its own address."""
    page = read_page(
        "<link rel=canonical href='https://[post.example/a'><h1>Boats</h1><p>Nine boats are back in the harbour.</p>"
        "<p>Related links</p><ul><li><a href=https://a.example/x>A</a><li><a href=https://b.example/y>B</a></ul>"
    )
    assert page.url.startswith("https://[")
    assert surroundings(page, range(1, len(page.blocks) + 1)) is not None
    assert coherent(page, range(1, len(page.blocks) + 1), [0.9] * len(page.blocks))
