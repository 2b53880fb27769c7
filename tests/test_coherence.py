"""Main content that hangs together, and who decides a page in the end."""

from __future__ import annotations

import pytest

from heads.cascade import BY_PROSE, BY_TREES, CascadePlan, plan, settle
from heads.content.coherence import SHORT_PAGE, coherent
from indexlm import Page, read_page

ARTICLE = "<main><p>a</p><figure><figcaption>b</figcaption></figure><p>c</p></main>"
LIST = "<main><p>a</p><ul><li>b</li><li>c</li><li>d</li><li>e</li><li>f</li></ul></main>"
ROWS = "<tr><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr>"
TABLE = f"<main><p>a</p><table><tr><th>x</th><th>y</th></tr>{ROWS}</table></main>"
SIDE = "<main><h1>t</h1><p>a</p><aside><h4>Most read</h4><ul><li>b</li><li>c</li></ul></aside></main>"
LINKS = "<main><p>a</p><ul><li><a href=x>b</a></li></ul><p>c</p></main>"
LAYOUT = "<table><tr><td>menu</td><td><p>a</p><p>b</p></td></tr></table>"
PLANS = "<main>" + "".join(f"<div><h2>{name}</h2><p>a</p><p><b>c</b></p></div>" for name in "xyz") + "</main>"
FACTS = "<main><p>a</p><dl><dt>Deposit</dt><dd>Band</dd></dl><p>c</p></main>"
ITEMS = "<main><p>a</p><ul><li>b<li>c<li>d<li>e<li>f<li>g<li>h</ul><p>i</p></main>"
PRICES = "<main><p>a</p><div>$29/month</div><div>Sign up</div><p>c</p></main>"
COLUMN = "<main><p>a</p><table><tr><td>b</td></tr><tr><td>c</td></tr><tr><td>d</td></tr></table><p>e</p></main>"

BOXES = f"<main><p>a</p>{'<div><ul><li>b<li>c</ul></div>' * 4}</main>"


@pytest.mark.parametrize(
    ("html", "kept", "score", "whole"),
    [
        (ARTICLE, (1, 3), 0.4, (1, 2, 3)),
        (ARTICLE, (1, 3), 0.1, (1, 3)),
        (LINKS, (1, 3), 0.4, (1, 3)),
        (LIST, (1, 2, 3, 5), 0.4, (1, 2, 3, 4, 5, 6)),
        (LIST, (1, 2, 3, 5), 0.1, (1, 2, 3, 5)),
        (LIST, (1, 2, 3, 4, 5), 0.1, (1, 2, 3, 4, 5, 6)),
        (LIST, (1, 4), 0.1, (1,)),
        (TABLE, (1, 3, 4), 0.1, (1, 2, 3, 4)),
        (TABLE, (1, 2), 0.3, (1, 2, 3, 4)),
        (TABLE, (1, 2), 0.1, (1, 2)),
        (BOXES, (1, 2, 3, 4, 5, 6, 8), 0.1, (1, 2, 3, 4, 5, 6, 7, 8, 9)),
        (BOXES, (1, 2, 3, 4, 6, 8), 0.1, (1, 2, 3, 4, 6, 8)),
        (COLUMN, (1, 4, 5), 0.4, (1, 2, 3, 4, 5)),
        (LAYOUT, (2, 3), 0.4, (2, 3)),
        (SIDE, (2, 3), 0.05, (2,)),
        (SIDE, (2, 4, 5), 0.3, (1, 2, 3, 4, 5)),
        (FACTS, (1, 2), 0.05, (1, 2, 3)),
        (FACTS, (1, 3, 4), 0.05, (1, 2, 3, 4)),
        (ITEMS, (1, 3, 6, 9), 0.3, (1, 2, 3, 4, 5, 6, 7, 8, 9)),
        (ITEMS, (1, 3, 6, 9), 0.25, (1, 3, 6, 9)),
        (ITEMS, (1,), 0.35, (1,)),
        (PRICES, (1, 4), 0.1, (1, 2, 4)),
        (PRICES, (1, 4), 0.01, (1, 4)),
        (PRICES, (1,), 0.1, (1,)),
        (PLANS, (1, 2, 3, 4, 5, 6, 7), 0.3, (1, 2, 3, 4, 5, 6, 7, 8, 9)),
        (PLANS, (1, 2, 3, 4, 5, 6, 7), 0.1, (1, 2, 3, 4, 5, 6)),
        (PLANS, (1, 2, 3, 4, 5, 6), 0.3, (1, 2, 3, 4, 5, 6)),
    ],
)
def test_blocks_of_one_list_or_section_are_decided_together(
    html: str, kept: tuple[int, ...], score: float, whole: tuple[int, ...]
) -> None:
    """`score` is the tree score of what is not kept; the blocks that are have 0.9. The page is no short one."""
    page = read_page(f"{html}<footer>{'<p>z</p>' * 2 * SHORT_PAGE}</footer>")
    scores = [0.9 if block.index in kept else score for block in page.blocks]
    assert coherent(page, kept, scores) == whole


SHOP = "<nav>Home</nav><main><h1>Shop</h1><p>We sell oars.</p><div>{}</div></main><footer>(c) Shop</footer>"
PACK = (
    "<main><p>In the pack:</p><div class=card><b><a href=/1>Oar</a></b><p>€60</p><p>one</p></div>"
    "<div class=card><b><a href=/2>Bailer</a></b><p>€15</p><p>two</p></div></main>"
)
EVENTS = "".join(f"<div class=e><h2>{name}</h2><p>At {time}.</p></div>" for name, time in (("Folk", 7), ("Swap", 9)))
FARES = (
    "<h1>Fares</h1><p>Valid in 2026.</p><table><tr><td>Adult<td>9</tr><tr><td>Child<td>5</tr></table><p>With tax.</p>"
)
PLAN = "<div><h4>{}</h4></div><div><h3>€9</h3><ul><li>Ten boats</li></ul></div>"
TABS = "<main><p>a</p><div class=t><pre>b</pre></div><div class=t hidden><pre>c</pre></div></main>"


@pytest.mark.parametrize(
    ("html", "kept", "score", "whole"),
    [
        (SHOP.format("Pier 1"), (3,), 0.1, (2, 3, 4)),
        (SHOP.format("Pier 1"), (3,), 0.05, (3,)),
        (SHOP.format("<form>Your name</form>"), (2, 3), 0.3, (2, 3)),
        (SHOP.format("<a href=/x>More</a>"), (2, 3), 0.3, (2, 3)),
        (SHOP.format("Advertisement"), (2, 3), 0.3, (2, 3)),
        (SHOP.format("<span hidden>Sent.</span>"), (2, 3), 0.3, (2, 3)),
        (TABS, (1, 2), 0.3, (1, 2, 3)),
        (f"<main><p>Soon:</p><section>{EVENTS}</section></main>", (2, 3), 0.1, (2, 3, 4, 5)),
        (f"<main><p>Soon:</p><section>{EVENTS}</section></main>", (2, 3), 0.02, (2, 3)),
        (FARES, (3, 4), 0.1, (3, 4, 5)),
        (f"<main>{FARES}</main>", (3, 4), 0.1, (1, 2, 3, 4, 5)),
        (PACK, (1, 3, 4, 6, 7), 0.06, (1, 2, 3, 4, 5, 6, 7)),
        (PACK, (1, 3, 4, 6, 7), 0.01, (1, 3, 4, 6, 7)),
        (f"<main>{PLAN.format('Small')}</main>", (2, 3), 0.1, (1, 2, 3)),
        (f"<main>{PLAN.format('<a href=/s>Small</a>')}</main>", (2, 3), 0.1, (2, 3)),
        ("<h1>Oar</h1><p>€60</p><main><p>Of ash.</p></main>", (3,), 0.06, (2, 3)),
        ("<p>Pay</p><p>€60</p><main><p>Of ash.</p></main>", (3,), 0.06, (3,)),
        ("<header>Shop</header><p>a</p><p>b</p>", (2,), 0.1, (2, 3)),
        (f"<main><p>a</p><dl>{'<dt>b<dd>c' * 20}</dl><p>d</p></main>", (1, 42), 0.1, tuple(range(1, 43))),
        (f"<main><p>a</p>{'<p>b</p>' * 40}<p>d</p></main>", (1, 42), 0.1, (1, 42)),
    ],
)
def test_on_a_short_page_what_stands_beside_kept_blocks_is_kept(
    html: str, kept: tuple[int, ...], score: float, whole: tuple[int, ...]
) -> None:
    page = read_page(html)
    scores = [0.9 if block.index in kept else score for block in page.blocks]
    assert coherent(page, kept, scores) == whole


@pytest.mark.parametrize(
    ("element", "is_kept"),
    [
        ("<p style='display:none'>Sorry, no film.</p>", False),
        ("<dialog><p>We use your postcode.</p></dialog>", False),
        ("<dialog open><p>We use your postcode.</p></dialog>", True),
        ("<div role=dialog aria-modal=true hidden><p>We use your postcode.</p></div>", False),
        ("<div class=fade role=dialog aria-hidden=true><p>We use your postcode.</p></div>", False),
        ("<div role=dialog><p>We use your postcode.</p></div>", True),
        ("<div role=tabpanel aria-hidden=true><p>We use your postcode.</p></div>", True),
        ("<div class=tab-panel style='display:none'>Sorry, no film.</div>", True),
        ("<details><summary>More</summary><p style='display:none'>Sorry, no film.</p></details>", True),
    ],
)
def test_what_is_not_shown_is_dropped_unless_readers_open_it(element: str, is_kept: bool) -> None:
    page = read_page(f"<main><p>The gull is back on the roof.</p>{element}<p>It will stay.</p></main>")
    every = range(1, len(page.blocks) + 1)
    assert (coherent(page, every, [0.9] * len(page.blocks)) == tuple(every)) is is_kept
    hidden = read_page(f"<style>main{{display:none}}</style><main><p>{'All of it. ' * 9}</p></main><p>Hi</p>")
    assert coherent(hidden, (1, 2), [0.9, 0.9]) == (1, 2)


@pytest.mark.parametrize(
    ("element", "is_kept"),
    [
        ("<p>Was this article helpful? Yes No 12 of 20 found it so</p>", False),
        ("<p>Advertisement</p>", False),
        ("<div class=postbody><div class=signature>Sailing since 1999</div></div>", False),
        ("<article class=post><aside class=message-signature><p>Sailing since 1999</p></aside></article>", False),
        ("<div class=api><div class=signature>sail(speed)</div></div>", True),
        ("<article class=post><div class=signatures><p>Ada Roe, of the pier</p></div></article>", True),
        ("<p>War dieser Artikel hilfreich?</p>", False),
        ("<p>Anúncio</p>", False),
        ("<p>PUBLICIDADE</p>", False),
        ("<p><a href=/v>View this email in your browser</a></p>", False),
        ("<p>You get this as a member. <a href=/u>Unsubscribe</a> | <a href=/p>Settings</a></p>", False),
        ("<p><a href=/u>Newsletter abbestellen</a></p>", False),
        ("<p>Members may unsubscribe on <a href=/u>their page</a>.</p>", True),
        ("<p><a href=/u>Unsubscribe</a> or view it in your browser</p>", False),
        ("<p>Newsletter <a href=/u>abbestellen</a></p>", False),
        ("<p>Press enter or click to view image in full size</p>", False),
        ("<p>Readers who unsubscribe are missed.</p>", True),
        ("<p>Was this the storm that took the roof?</p>", True),
        ("<p>Advertisements pay for the lamp.</p>", True),
        ("<p>Was this the sail that was most useful to the crews? They said so.</p>", True),
        ("<p>Did you find this page helpful to you?</p>", False),
        ("<p>Was this information useful Yes No</p>", False),
        ("<p>Thanks! We're glad this was helpful.</p>", False),
        ("<p>Vielen Dank für Ihr Feedback!</p>", False),
        ("<p>Thank you for your feedback on the oars, which are new.</p>", True),
        ("<ul><li>Advertising</li></ul>", True),
        ("<h3>Leave a Reply</h3>", False),
        ("<p>Schreibe einen Kommentar</p>", False),
        ("<p>Leave a comment in the book at the pier.</p>", True),
        ("<p>Advertisement - Continue Reading Below</p>", False),
        ("<p>Article continues after this advertisement</p>", False),
        ("<p>Your email address will not be published. Required fields are marked *</p>", False),
        ("<p>Deine E-Mail-Adresse wird nicht veröffentlicht.</p>", False),
        ("<p>You must be <a href=/l>logged in</a> to post a comment.</p>", False),
        ("<p><a href=/j>Sign up for free</a> to join this conversation. Already have an account?</p>", False),
        ("<p>You need to <a href=/l>log in</a> before you can comment on or make changes to this bug.</p>", False),
        ("<p>Login to follow profiles, and to reply to posts.</p>", False),
        ("<p>You must register to vote before May.</p>", True),
        ("<p>Log in to reply to a message, and choose the gull.</p>", True),
        ("<p>Users browsing this forum: no members and 3 guests</p>", False),
        ("<p>Like Be the first to like this</p>", False),
        ("<p>Tried this recipe? Let us know how it was!</p>", False),
        ("<p>Tried this recipe in a clay oven: it burned.</p>", True),
    ],
)
def test_what_asks_whether_a_page_was_of_use_is_no_content(element: str, is_kept: bool) -> None:
    page = read_page(f"<main><p>The gull is back on the roof.</p>{element}<p>It will stay.</p></main>")
    assert coherent(page, (1, 2, 3), [0.9] * 3) == ((1, 2, 3) if is_kept else (1, 3))


def test_a_manual_says_how_to_comment() -> None:
    text = "<h3>Add a comment</h3><p>Open the log, and write below the last line of the crew.</p>"
    page = read_page(f"<main><p>The gull is back on the roof.</p>{text}</main>")
    assert coherent(page, (1, 2, 3), [0.9] * 3) == (1, 2, 3)
    page = read_page(f"<main><p>The gull is back on the roof.</p><div id=respond>{text}</div></main>")
    assert 2 not in coherent(page, (1, 2, 3), [0.9] * 3)


@pytest.mark.parametrize("title", ["Our mailing lists", "Privacy notice", "How to unsubscribe"])
def test_a_link_that_ends_letters_is_content_of_a_page_about_them(title: str) -> None:
    page = read_page(f"<title>{title}</title><main><p>a</p><p>To leave, <a href=/u>unsubscribe here</a>.</p></main>")
    assert coherent(page, (1, 2), [0.9] * 2) == (1, 2)


def test_what_stands_beside_a_question_of_use_goes_with_it() -> None:
    asks = "<div><h2>Help us</h2><p>Is this page useful?</p><div>Yes No</div></div>"
    page = read_page(f"<main><p>The gull is back on the roof.</p>{asks}<p>It will stay.</p></main>")
    assert coherent(page, (1, 2, 3, 4, 5), [0.9] * 5) == (1, 5)
    page = read_page(f"<main><p>The gull is back.</p><p>Is this page useful?</p><p>{'It will stay. ' * 9}</p></main>")
    assert coherent(page, (1, 2, 3), [0.9] * 3) == (1, 3)


@pytest.mark.parametrize(
    ("element", "is_kept"),
    [
        ("<div><button>Add to cart</button> <button>Save</button></div>", False),
        ("<div><b><button>Share</button></b></div>", False),
        ("<div>12 <button>Like</button> 3 <button>Share</button></div>", False),
        ("<div>Size <button>S</button></div>", True),
        ("<h2><button>Times</button></h2>", True),
        ("<div><button aria-expanded=false>Times</button></div>", True),
        ("<div><button>When does it sail?</button></div>", True),
        ("<div><button class=step-header>Open the valve</button></div>", True),
        ("<div class=answers><button>A neap tide</button></div>", True),
    ],
)
def test_what_is_nothing_but_buttons_is_no_content(element: str, is_kept: bool) -> None:
    page = read_page(f"<main><p>The gull is back on the roof.</p>{element}<p>It will stay.</p></main>")
    assert coherent(page, (1, 2, 3), [0.9] * 3) == ((1, 2, 3) if is_kept else (1, 3))
    alone = read_page(f"<main>{element}</main>")
    assert coherent(alone, (1,), [0.9]) == (1,)
    unclosed = read_page("<main><p>Menu</p><button>Open<p>The gull is back.</p><p>It will stay.</p></main>")
    assert coherent(unclosed, (3, 4), [0.1, 0.1, 0.9, 0.9])[-2:] == (3, 4)


def test_one_signature_alone_is_that_of_the_writer() -> None:
    post = "<div class=post><div class=entry><p>Leave the crane.</p><div class=signature>Ada Roe</div></div></div>"
    letter = read_page(post)
    assert coherent(letter, (1, 2), [0.9] * 2) == (1, 2)
    thread = read_page(post + post)
    assert coherent(thread, (1, 2, 3, 4), [0.9] * 4) == (1, 3)
    assert coherent(thread, (1, 3, 4), [0.9] * 4) == (1, 3)


@pytest.mark.parametrize("extra", ["Advertisement", "Log in to reply", "<i class=signature>Sailing since 1999</i>"])
def test_what_each_post_may_have_does_not_take_a_short_post_with_it(extra: str) -> None:
    post = f"<div class=postbody><p>It is back.</p><div class=signature>{extra}</div></div>"
    page = read_page(f"<main>{post * 3}</main>")
    assert coherent(page, range(1, 7), [0.9] * 6) == (1, 3, 5)


def test_what_is_no_content_is_not_brought_back_by_what_stands_beside_it() -> None:
    page = read_page("<main><p>The gull is back.</p><p>Log in to reply</p><p>It will stay.</p></main>")
    assert coherent(page, (1, 3), [0.9, 0.4, 0.9]) == (1, 3)


def test_forms_of_one_name_that_hold_the_posts_are_content() -> None:
    post = "<div class=comment><form class=usertext><p>Stack it like bricks.</p></form></div>"
    page = read_page(f"<main><h1>Peat</h1><form class=usertext><p>Ours gets damp.</p></form>{post * 4}</main>")
    every = tuple(range(1, len(page.blocks) + 1))
    assert coherent(page, every, [0.9] * len(every)) == every


def test_a_form_is_content_only_where_it_holds_much_of_it() -> None:
    page = read_page("<main><h1>Us</h1><p>We are on the quay, by the old mill.</p><form>Name <input></form></main>")
    assert coherent(page, (1, 2, 3), [0.9] * 3) == (1, 2)
    whole = read_page("<form><main><h1>Us</h1><p>We are on the quay.</p></main></form>")
    assert coherent(whole, (1, 2), [0.9] * 2) == (1, 2)
    most = read_page("<main><h1>Us</h1><form><p>We are on the quay, by the old mill.</p></form></main>")
    assert coherent(most, (1, 2), [0.9] * 2) == (1, 2)


@pytest.mark.parametrize(
    ("element", "is_kept"),
    [
        ("<div class=subscription-widget><p>Read us weekly.</p></div>", False),
        ("<aside class='newsletter-promo'><h3>Join</h3><p>Free.</p></aside>", False),
        ("<div class=paywall><p>Go on for 1 euro.</p></div>", False),
        ("<p class=paywall>The gate was shut.</p>", True),
        ("<div class=described><p>The gate was shut.</p></div>", True),
        ("<ul class=paywall><li>The gate was shut.</li></ul>", True),
        ("<section id=related-work class=level2><h2>Related work</h2><p>Roe counted gulls.</p></section>", True),
        ("<section id=recommended-dosage><h2>The recommended dosage</h2><p>Two a day.</p></section>", True),
        ("<section id=subscriptions><h2>Subscriptions</h2><p>A reader pays by the year.</p></section>", True),
        ("<section class=related-posts><h2>Related posts</h2><p><a href=/g>The gull</a></p></section>", False),
        ("<div class=newsletter-signup><h2>Newsletter signup</h2><p>Read us weekly.</p></div>", False),
        ("<div class=promo-code><h3>A free oar</h3><p>Say OAR9.</p></div>", True),
        ("<div class=donation-history><p>The crew gave a lamp.</p></div>", True),
        ("<figure class=promo><figcaption>The gull at noon.</figcaption></figure>", True),
        ("<div class=jp-relatedposts><p><a href=/g>The gull</a></p></div>", False),
        ("<ul class=language-switcher><li><a href=/de>Deutsch</a></li><li><a href=/fr>Français</a></li></ul>", False),
        ("<ul class=languages><li>Welsh</li><li>Manx</li></ul>", True),
        ("<section class=relatedterms><p>A scull is an oar.</p></section>", True),
        ("<div class=promo><p>The boat sails twice a day.</p></div>", True),
        ("<div class=promo><p>The boat sails twice a day: <a href=/b>book</a></p></div>", False),
        ("<div class=newsletter-promo><p>Our letter comes on Sundays.</p></div>", False),
        ("<div class=recommend-box><p><a href=/o>An oar for two</a></p></div>", False),
        ("<div class=popular-posts><p><a href=/o>An oar for two</a></p></div>", False),
        ("<div class=sidebar><h3>Oars</h3><p>An oar is a lever.</p></div>", True),
        ("<div id=comments><h3>1 comment</h3><p>What a gull!</p></div>", False),
        ("<ol class=commentlist><li>What a gull!</ol>", False),
        ("<ul><li class='widget widget_text'><div class=textwidget>What a gull!</div></li></ul>", False),
        ("<div class='elementor-widget-text-editor'><p>What a gull!</p></div>", True),
        ("<div class='siteorigin-widget-tinymce textwidget'><p>What a gull!</p></div>", True),
        ("<div class=recent-comments><p>What a gull!</p></div>", False),
        ("<div class=trackbacks><p>The address of this entry is below.</p></div>", False),
        ("<div class=comments-open><p>The gull was shot at.</p></div>", True),
        ("<div id=reviews><ol class=commentlist><li>It went through two gales.</ol></div>", True),
        ("<ul class='nav tabs'><li><a href=#a>Abstract</a></li><li><a href=/m>Metrics</a></li></ul>", False),
        ("<div class=tab><h3>Plans</h3><p><a href=/p.pdf>Plan of the oar</a></p></div>", True),
        ("<ul class=tabs><li>Tabs of brass <a href=/t>hold</a> the sail</li></ul>", True),
        ("<ul class=pager><li><a href=/1>Previous: Gulls</a></li><li><a href=/3>Next: Terns</a></li></ul>", False),
        ("<div class=filters><h3>By wood</h3><ul><li><label><input type=checkbox> Ash</label></ul></div>", False),
        ("<div class=filters><p>A filter of sand lasts a year.</p></div>", True),
    ],
)
def test_an_offer_beside_the_content_is_no_content(element: str, is_kept: bool) -> None:
    body = f"<p>{'The gull is back on the roof. ' * 9}</p>"
    page = read_page(f"<main class=newsletter-post>{body}{element}{body}</main>")
    every = tuple(range(1, len(page.blocks) + 1))
    assert (coherent(page, every, [0.9] * len(page.blocks)) == every) is is_kept
    only = read_page(f"<main><h1>Us</h1>{element}</main>")
    every = tuple(range(1, len(only.blocks) + 1))
    assert coherent(only, every, [0.9] * len(only.blocks)) == every


@pytest.mark.parametrize("names", ["newsletter", "'box related'", "subscribe"])
def test_offers_of_other_pages_and_letters_are_no_content_beside_it(names: str) -> None:
    offer = f"<div class={names}><p>Our letter comes on Sundays.</p></div>"
    page = read_page(f"<main><p>{'The gull is back on the roof. ' * 4}</p>{offer}<p>It will stay.</p></main>")
    assert coherent(page, (1, 2, 3), [0.9] * 3) == (1, 3)
    alone = read_page(f"<main><p>The gull is back.</p>{offer}</main>")
    assert coherent(alone, (1, 2), [0.9] * 2) == (1, 2)


def test_a_sidebar_beside_the_text_is_no_content_unless_it_is_most_of_it() -> None:
    side = "<div class=sidebar><h3>Downloads</h3><p>4,512 a week</p></div>"
    text = f"<div class=text><p>{'The gull is back on the roof. ' * 9}</p></div>"
    for body in (text + side, side + text):
        page = read_page(f"<body class=has-sidebar>{body}")
        kept = coherent(page, (1, 2, 3), [0.9] * 3)
        assert [page.blocks[i - 1].text[:8] for i in kept] == ["The gull"]
    page = read_page(f"<div class=text><p>It is back.</p></div>{side}")
    assert coherent(page, (1, 2, 3), [0.9] * 3) == (1, 2, 3)


@pytest.mark.parametrize(
    ("html", "is_kept"),
    [
        ("<p>It is back.</p><ul><li><a href=/g>The gull of last year</a></ul><p>It will stay.</p>", False),
        ("<p>Read of these:</p><ul><li><a href=/g>The gull of last year</a></ul><p>It will stay.</p>", True),
        ("<p>It is back.</p><ul><li><a href=https://g.example>The guild</a></ul><p>It will stay.</p>", True),
        ("<p>It is back.</p><ul><li>See <a href=/g>the gull</a></ul><p>It will stay.</p>", True),
        ("<h2>Gulls</h2><ul><li><a href=/g>The gull of last year</a></ul><p>It will stay.</p>", True),
    ],
)
def test_a_few_links_as_a_list_between_two_paragraphs_are_no_content(html: str, is_kept: bool) -> None:
    page = read_page(f"<main>{html}</main>")
    assert coherent(page, (1, 2, 3), [0.9] * 3) == ((1, 2, 3) if is_kept else (1, 3))


def test_an_element_that_holds_the_heading_of_a_page_is_no_offer() -> None:
    advert = "<section class=advert-heading><h1>Ash oar</h1><p>As new, 40 euros</p></section>"
    page = read_page(f"<main>{advert}<p>{'The gull is back on the roof. ' * 9}</p></main>")
    assert coherent(page, (1, 2, 3), [0.9] * 3) == (1, 2, 3)


def test_widgets_beside_the_text_may_be_nearly_half_of_a_long_page() -> None:
    for times, is_kept in ((3, False), (9, True)):
        widget = f"<ul><li class=widget><div class=textwidget>{'I row, and I write. ' * times}</div></li></ul>"
        page = read_page(f"<main>{'<p>It</p>' * 70}</main>{widget}")
        assert (71 in coherent(page, range(1, 72), [0.9] * 71)) is is_kept


def test_comments_that_are_much_of_a_page_are_content() -> None:
    comments = f"<div class=comments>{'<div class=comment><p>It was back last year, too.</p></div>' * 3}</div>"
    page = read_page(f"<main><h1>A gull</h1><p>Is it back on your roof as well?</p>{comments}</main>")
    assert coherent(page, (1, 2, 3, 4, 5), [0.9] * 5) == (1, 2, 3, 4, 5)


def test_what_a_paywall_offers_is_no_content() -> None:
    wall = "<div class=paywall><h2>Continue reading with a subscription</h2><p>All stories for one krone.</p></div>"
    page = read_page(f"<article><h1>Ferry</h1><p>{'The company has bought a boat. ' * 4}</p>{wall}</article>")
    assert coherent(page, (1, 2, 3, 4), [0.9] * 4) == (1, 2)
    free = read_page(f"<article><h1>Ferry</h1><div class=paywall><p>{'It has bought a boat. ' * 4}</p></div></article>")
    assert coherent(free, (1, 2), [0.9] * 2) == (1, 2)


def test_an_address_above_the_content_of_a_short_page_is_kept() -> None:
    address = "<address>1 First Street<br>Skerry</address>"
    page = read_page(
        f"<body>{address}<details><summary>How to get there</summary><p>Take the ferry.</p></details></body>"
    )
    assert coherent(page, (2, 3), [0.1, 0.9, 0.9]) == (1, 2, 3)
    assert coherent(read_page(f"<footer>{address}</footer><p>One.</p><p>Two.</p>"), (2,), [0.1, 0.9, 0.01]) == (2,)


def test_a_form_between_kept_blocks_is_no_hole() -> None:
    page = read_page(f"<main><p>a</p><form>Your name <input> Send</form><p>c</p></main>{'<p>z</p>' * 2 * SHORT_PAGE}")
    assert coherent(page, (1, 3), [0.9, 0.4, 0.9] + [0.0] * (len(page.blocks) - 3)) == (1, 3)


def cascade(page: Page, scores: list[float]) -> CascadePlan:
    return plan(page, lambda page, layout: scores, None)


def test_trees_decide_a_short_page_of_which_the_model_expects_no_more() -> None:
    page = read_page("<p>one</p><aside>two</aside><footer>three</footer>")
    trees = cascade(page, [0.9, 0.9, 0.1])
    assert settle(page, trees, (1,), True, 0.5).indices == (1, 2)
    assert settle(page, trees, (1,), True, 0.5).by_trees
    assert settle(page, trees, (1,), True, 0.99).indices == (1,)
    assert settle(page, trees, (1,), False, 0.5).indices == (1,)
    long = read_page("<p>one</p><p>two</p>" * 20)
    assert not settle(long, cascade(long, [0.9] * 40), tuple(range(1, 30)), True, 0.5).by_trees
    assert settle(long, cascade(long, [0.9] * 40), (1, 2), True, 0.5).by_trees  # they expect little of two blocks


def test_what_the_trees_are_sure_of_is_kept_whatever_a_model_says() -> None:
    page = read_page("".join(f"<p>{n} oars for a boat</p>" for n in range(SHORT_PAGE + 9)))
    sure = cascade(page, [0.9, 0.96] + [0.5] * (SHORT_PAGE + 7))
    assert settle(page, sure, (1,), False).indices == (1, 2)
    assert settle(page, sure._replace(beta=0.5), (1,), False).indices == (1,)


def test_an_empty_main_content_falls_back_and_says_so() -> None:
    page = read_page(f"<nav>menu</nav><p>{'Running text, with commas. ' * 9}</p>")
    settled = settle(page, cascade(page, [0.1, 0.6]), (), False)
    assert (settled.indices, settled.warnings) == ((2,), (BY_TREES,))
    settled = settle(page, CascadePlan(), (), False)
    assert (settled.indices, settled.warnings) == ((2,), (BY_PROSE,))
    menu = read_page("<nav>menu</nav>")
    assert settle(menu, CascadePlan(), (), False) == ((), False, (), None)


@pytest.mark.parametrize(
    ("note", "kept"),
    [
        ("<p><a href=#r1>[1]</a> Some say it was built in 1961.</p>", (1, 3)),
        ("<p><sup><a href=#r1>1</a></sup> Some say it was built in 1961.</p>", (1, 3)),
        ("<p><a href=#r2>[2]</a> Some say it was built in 1961.</p>", (1,)),
        ("<p><a href=/r1>1</a> Some say it was built in 1961.</p>", (1,)),
        ("<p><a href=#r1>[1]</a> Top</p>", (1,)),
    ],
)
def test_a_note_whose_mark_stands_in_kept_text_is_kept(note: str, kept: tuple[int, ...]) -> None:
    page = read_page(f"<main><p>The gate<a href=#n1>[1]</a> opens.</p></main><div><p>More</p></div><div>{note}</div>")
    assert coherent(page, (1,), [0.9, 0.1, 0.01]) == kept
