"""What others say on a page: reviews of a product, comments on an article, quotations of what stands above."""

from __future__ import annotations

import pytest

from heads.cascade import plan
from heads.content.drop.comments import feedback
from indexlm import Extractor, read_page

PRODUCT = (
    "<h1>Ash oar, 240 cm</h1><p>A light oar of ash for boats up to six metres, oiled twice and bound with brass.</p>"
    "<p>The blade is hollowed on one side, so that it pulls without effort and leaves the water without a sound.</p>"
)
ARTICLE = "<h1>The mill walk</h1>" + 6 * (
    "<p>We met at the mill at nine and walked along the dry canal to the pier, where the new boats of the crew lay in "
    "a long row below the lamp.</p>"
)
REVIEWS = "<div class=customer-review><p>Very light, and my hands stay dry.</p></div><p>Broke in a storm.</p>"
COMMENTS = "<ol class=comment-list><li class=comment><p>I was there, and it rained all day.</p></li></ol>"
SELLS = '<script type="application/ld+json">{"@type": "Product", "name": "Oar"}</script>'
TELLS = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "The mill walk"}</script>'


def said(html: str) -> list[str]:
    """The texts that are found where all of a page is kept."""
    page = read_page(html)
    found = feedback(page, range(1, len(page.blocks) + 1))
    return [block.text for block in page.blocks if block.index in found]


@pytest.mark.parametrize(
    "shop",
    [f"{SELLS}{PRODUCT}", f"<div class=pdp-info>{PRODUCT}</div>", f"{PRODUCT}<form class=add-to-cart>Add</form>"],
)
@pytest.mark.parametrize("names", ["product-reviews", "okeReviews", "reviews"])
def test_reviews_of_a_product_are_found(shop: str, names: str) -> None:
    html = f"{shop}<section class={names}>{REVIEWS}</section>"
    assert said(html) == ["Very light, and my hands stay dry.", "Broke in a storm."]


@pytest.mark.parametrize(
    "html",
    [
        f"{TELLS}{PRODUCT}<div class=review>{REVIEWS}</div>",  # an article that reviews an oar
        f"{PRODUCT}<div class=review>{REVIEWS}</div>",  # sells nothing
        f"{SELLS}<h1>Ash oar</h1><div class=reviews>{REVIEWS}</div>",  # a page of reviews
        f"{SELLS}{PRODUCT}<div class='testimonials review'><p>Very light.</p></div>",
        f"{SELLS}{PRODUCT}<h2 class=reviews>Reviews</h2>",
        f"{SELLS}<p>{'We row with what we write about. ' * 5}</p><div class=review><h1>Ash oar</h1>{REVIEWS}</div>",
        f"{SELLS}{PRODUCT}<div class=review>{'<h2>Blade</h2><p>It pulls well.</p>' * 4}</div>",  # a long review
    ],
)
def test_reviews_that_are_the_page_are_not_found(html: str) -> None:
    assert said(html) == []


@pytest.mark.parametrize("comment", ["<div class=commentbody>{}</div>", "<li class=comment>{}</li>"])
def test_comments_on_an_article_are_found(comment: str) -> None:
    words = "I was there, and it rained all day."
    assert said(f"{TELLS}<article>{ARTICLE}</article>{comment.format(words)}") == [words]
    short = "<article><h1>The mill walk</h1><p>We met at nine, and nobody brought a lamp.</p>{}</article>"
    assert said(f"{TELLS}{short.format('')}{30 * comment.format(words)}") == []
    page = read_page(f"{TELLS}{short.format(f'<p>{3 * words}</p>')}{30 * comment.format(words)}")
    assert len(feedback(page, range(4, 34))) == 30  # heads kept nothing of the text
    many = 9 * comment.format(f"<p>{9 * words}</p>")
    assert len(said(f"{TELLS}<article>{ARTICLE}</article>{many}")) == 9


@pytest.mark.parametrize(
    "page",
    [
        f"<div class='post hentry'>{ARTICLE}</div>{COMMENTS}",
        f"<div>{ARTICLE}</div>{COMMENTS}<div id=respond>Your name</div>",
        f"<div>{ARTICLE}</div><div id=comments class=comments-area>{COMMENTS}</div>",
        f"<div>{ARTICLE}</div>{COMMENTS}<form class=comment-form>Your name</form>",
        f"<div>{ARTICLE}</div><div id=dsq-content>{COMMENTS}</div>",
    ],
)
def test_comments_on_an_entry_of_a_blog_are_found(page: str) -> None:
    assert "I was there, and it rained all day." in said(page)
    assert said(page.replace(ARTICLE, "<h1>What is a walk?</h1>")) == []
    forum = '<script type="application/ld+json">{"@type": "DiscussionForumPosting", "headline": "The walk"}</script>'
    assert said(forum + page) == []


@pytest.mark.parametrize(
    "html",
    [
        f"<article>{ARTICLE}</article>{COMMENTS}",  # does not say what it is
        f"{TELLS}<p>What do you think?</p>{COMMENTS}",  # hardly any text of its own
        f"{TELLS}<div class=comments-open>{ARTICLE}</div><div>{ARTICLE}</div>",  # where comments are open
        f"{TELLS}<article>{ARTICLE}</article><div class=forum-topic>{COMMENTS}</div>",
        f"{TELLS}<article>{ARTICLE}</article><div class=discussionboard-messages>{COMMENTS}</div>",
        f"{TELLS.replace('NewsArticle', 'DiscussionForumPosting')}{ARTICLE}{COMMENTS}",
    ],
)
def test_posts_of_a_forum_are_no_comments(html: str) -> None:
    assert said(html) == []


def test_a_quotation_of_what_stands_above_is_found_once() -> None:
    post = "<p>Does anyone know whether the pier is lit at night, and from what hour in the winter months?</p>"
    quoted = f"<blockquote class=bbCode><div>lena wrote:</div>{post}</blockquote>"
    other = "<blockquote><p>A lamp on each pier, by the law of the harbour.</p></blockquote>"
    page = f"<div class=post>{post}</div><div class=post>{quoted}<p>It is, since March.</p></div><div>{other}</div>"
    assert said(page) == ["lena wrote:", post[3:-4]]
    assert said(f"<div>{quoted}</div><div class=post>{post}</div>") == []  # nothing stands above it
    sentence = "<blockquote><p>Does anyone know whether the pier is lit</p></blockquote>"
    assert said(f"<div>{post}</div><div>{sentence}<p>It is.</p></div>") == []  # says what is answered


def test_what_is_left_is_chosen_again_and_favouring_recall_keeps_all() -> None:
    page = read_page(f"{SELLS}{PRODUCT}<section class=reviews>{REVIEWS}</section>")
    scores = [0.4, 0.4, 0.4, 0.9, 0.9]
    cascade = plan(page, lambda page, layout: scores, None)
    assert cascade.kept == (1, 2, 3)
    assert cascade.tree_scores == scores  # what a model reads
    assert plan(page, lambda page, layout: scores, None, beta=2).kept == (1, 2, 3, 4, 5)


@pytest.mark.parametrize("head", ["trees", "classifier"])
def test_heads_leave_reviews_out(head: str) -> None:
    html = f"<main>{SELLS}{PRODUCT}<section class=product-reviews>{REVIEWS}</section></main>"
    text = Extractor(head).extract(html).text
    assert "A light oar of ash" in text
    assert "my hands stay dry" not in text
