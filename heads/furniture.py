"""What is no content beside the content: offers, forms, advertisements, parts that stay closed, links of mailings.

Heads keep some of it, because it is written like the text around it. Names and phrases tell it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from functools import lru_cache

from heads.phrases import ABOUT_COOKIES, ABOUT_LETTERS
from heads.surroundings import MOST_BLOCKS
from indexlm.inputs.document import Warn
from indexlm.page import Block, Page
from indexlm.text import words

_MAX_FORM_SHARE = 0.25  # of the kept characters, in a form or in offers that are dropped
_OFFERS = re.compile(
    r"(?!ul\..*paywall|figure\.(?:.*\.)?promos?\b|.*\.(?:codes?|coupons?|history|records?|results"
    r"|statistics)(?:\.|$))"
    r"(?:div|section|aside|figure|ul|nav|header|footer)\.(?:.*\.)?"
    r"(?:newsletters?|subscri(?!ptions\b)\w+|signup|paywall|promos?"
    r"|promotions?|donat\w+|cta|related\w*|recommended|recommendations|sponsored|advert|advertisement"
    r"|breadcrumbs?|lang(?:uages?)?\.(?:switch\w*|select\w*|picker|chooser|menu|dropdown))(?:\.|$)"
)
"""What asks to subscribe, to give or to buy, or names other pages, or the languages of the page.

Never a paragraph or a list of a paid article, a photograph, or a list of what was given or may be used, as coupons.
"""
_OF_OTHERS = re.compile(r"\.related\w+(?:\.|$)")
_OF_SECTIONS = re.compile(r"section|level\d?|sect\d?")
"""Names of a section that its heading does not say."""
_WALLS = re.compile(r"\.(?:paywall|regwall|piano|meter|subscription|subscriber)(?:\.|$)")
_MAX_WALL_SHARE = 0.5  # of the kept characters, in a paywall that is dropped, or in offers on a short page
_CLOSED = frozenset(["display:none", "closed dialog"])
_OPENS = re.compile(
    r"^(?:details|summary)\b|\.(?:tabs?|tabbed|tabpanel|panels?|panes?|accord\w*|collaps\w*|toggle\w*|faqs?"
    r"|answers?|expand\w*"
    r"|spoilers?|more|rest|reveal\w*|drawers?|slides?|carousel\w*|steps?|foot(?:note)?s?|lang\w*|variants?)(?:\.|$)"
)
_FURNITURE = re.compile(
    r"(?:(?:advert(?:isement|ising)?|sponsored|anzeige|werbung|publicit[ée]|publicidade?|реклама"
    r"|anúncio|annuncio|pubblicità|reklam[ae]?|advertentie|mainos|annonse?|annons|広告|广告|廣告|광고|โฆษณา|quảng cáo"
    r"|إعلان|विज्ञापन)s?\W*\Z)"
    r"|(?:(?:was|is|did|do) (?:this|you find this)\b.{0,30}\b(?:helpful|useful|answer your question)"
    r"(?: (?:to|for) you)?(?=\W*(?:\Z|[?:.(\d]|yes\b|no\b))"
    r"|war (?:dies|die|das)\w*\b.{0,20}\b(?:hilfreich|nützlich)"
    r"|(?:cet|cette)\b.{0,30}\butile|¿(?:te|le|les|fue|ha)\b.{0,30}\bútil)"
    r".{0,60}\Z"
    r"|press enter or click to view image in full size\Z"
    r"|(?:(?:leave|post|add|write) (?:a|your) (?:reply|comment)|schreibe?n? (?:sie )?einen kommentar"
    r"|laisser un commentaire"
    r"|kommentar (?:hinterlassen|schreiben)|deja (?:un comentario|una respuesta)|lascia un commento"
    r"|deixe um comentário"
    r"|geef een reactie|laat een reactie achter|dodaj komentarz|skriv en kommentar|добавить комментарий"
    r"|コメントを残す"
    r"|发表评论|發表迴響|댓글 (?:달기|남기기))(?: (?:cancel reply|antwort abbrechen|annuler la réponse"
    r"|cancelar (?:la )?respuesta))?"
    r"\W*\Z",
    re.IGNORECASE,
)
"""Advertisements without a text, questions whether a page was of use, requests to comment, and a button of Medium."""
_OF_MAILING = re.compile(
    r">[^<]{0,30}(?:\b(?:unsubscribe|abmelden|abbestellen|afmelden)\b|d[ée]sabonner|d[ée]sinscri"
    r"|darse de baja|cancelar (?:la |tu |su )?suscripci|disiscri|descadastr|wypisz|отписаться|退订|取消订阅|配信停止"
    r"|購読解除|수신\s?거부|\bview (?:\w+ )?(?:e-?mail|message|newsletter) (?:in|on) "
    r"|\b(?:manage|update|change) your (?:e-?mail |subscription |newsletter )*preferences"
    r"|\b(?:view|open) (?:\w+ )?(?:in|on) (?:your |a )?browser"
    r"|im browser|version en ligne|dans (?:votre|un|le) navigateur|en (?:el|tu|su) navegador|nel browser"
    r"|no navegador)[^<]{0,40}</a>|\be-?mail forwarded to you\b",
    re.IGNORECASE,
)
"""A link that ends a subscription, or shows a mail in a browser, and who was sent a mail by another reader."""
_SIGNATURE = re.compile(r"\.(?:i?post\w*|message|comment|reply|entry)[.>].*\.signature(?!s(?:[.>]|$))\w*(?:[.>]|$)")
_OF_COMMENTS = re.compile(r"^form\b|\.(?:\w*comment\w*|respond|repl(?:y|ies)|disqus)(?:\.|$)")
"""Elements in which readers comment on a page."""
_QUESTION_ENDS = ("?", "？", "؟", "\u037e")
_ITEMS = ("li", "dt", "dd")
_MIN_TEXT = 40  # characters of a text below a heading that asks for comments elsewhere
_MAX_FURNITURE = 150  # characters of an element that goes with what in it is no content
_MOST_FURNITURE = 20  # such elements
_MAX_OF_MAILING = 300  # characters of a block with such a link that is no content


def furniture(page: Page, kept: set[int], beta: float) -> set[int]:
    """Of kept blocks those that are no content wherever they stand.

    So are signatures below posts, and the few words beside all these in their element, unless recall counts more than
    precision.
    """
    found = {i for i in kept if is_furniture(page.blocks[i - 1]) and not _heads_text(page, kept, i)}
    if beta <= 1:
        found.update(i for i in kept if _is_signature(page.blocks[i - 1]))
    if found and (ABOUT_LETTERS.search(page.title.lower()) or ABOUT_COOKIES.search(page.title.lower())):
        found = {i for i in found if not _ends_letters(page.blocks[i - 1])}
    if not found or found == kept or beta > 1:
        return found
    shared = set.intersection(*(set(page.blocks[i - 1].nodes) for i in kept - found))
    around = {page.blocks[i - 1].nodes[-2] for i in found if len(page.blocks[i - 1].nodes) > 1} - shared
    for node in sorted(around)[:_MOST_FURNITURE]:
        beside = [block for block in page.blocks if node in block.nodes]
        if sum(block.chars for block in beside) <= _MAX_FURNITURE:
            found.update(block.index for block in beside)
    return found


def _heads_text(page: Page, kept: set[int], index: int) -> bool:
    """Whether a block is the heading of a kept text, as where a manual says how to `Add a comment`."""
    heading, after = page.blocks[index - 1], page.blocks[index : index + 1]
    if not heading.is_heading or index + 1 not in kept or any(map(_OF_COMMENTS.search, heading.path)):
        return False
    return after[0].chars >= _MIN_TEXT and not after[0].link_chars and not any(map(_OF_COMMENTS.search, after[0].path))


def controls(page: Page, kept: set[int]) -> set[int]:
    """The blocks of a page that are nothing but buttons, unless these are half of what is kept: one may never end.

    A question may open its answer.
    """
    found = {block.index for block in page.blocks if block.is_control and not block.text.endswith(_QUESTION_ENDS)}
    chars = sum(page.blocks[i - 1].chars for i in kept & found)
    return set() if 2 * chars >= sum(page.blocks[i - 1].chars for i in kept) else found


def drop_forms(page: Page, kept: set[int]) -> None:
    """Drop a form beside the content, unless it is much of what is kept: a page may be one as a whole."""
    if not kept:
        return
    shared = set.intersection(*(set(page.blocks[i - 1].nodes) for i in kept))
    forms: defaultdict[int, list[int]] = defaultdict(list)
    for i in kept:
        block = page.blocks[i - 1]
        for label, node in zip(block.path, block.nodes, strict=True):
            if node not in shared and label.partition(".")[0] == "form":
                forms[node].append(i)
    most = _MAX_FORM_SHARE * sum(page.blocks[i - 1].chars for i in kept)
    for inside in forms.values():
        if sum(page.blocks[i - 1].chars for i in inside) <= most:
            kept.difference_update(inside)


def drop_offers(page: Page, kept: set[int]) -> None:
    """Drop what is named as an offer of other pages or of letters, unless that is much of what is kept.

    On a page behind a paywall, so is what is named as the paywall, which may be as long as what stands before it.
    """
    if not kept:
        return
    shared = set.intersection(*(set(page.blocks[i - 1].path) for i in kept))
    is_paid = any(warning.startswith(Warn.PAYWALL) for warning in page.warnings)
    most = _MAX_FORM_SHARE if len(page.blocks) > MOST_BLOCKS else _MAX_WALL_SHARE
    for is_offer, share in ((_is_offer, most), *([(_is_wall, _MAX_WALL_SHARE)] if is_paid else ())):
        offers = _of_offers(page, kept, shared, is_offer)
        if sum(page.blocks[i - 1].chars for i in offers) <= share * sum(page.blocks[i - 1].chars for i in kept):
            kept -= offers


def _of_offers(page: Page, kept: set[int], shared: set[str], is_offer: Callable[[str], bool]) -> set[int]:
    """The kept blocks of elements that are named as offers, but not by their headings."""
    inside: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for i in kept:
        for label, node in zip(page.blocks[i - 1].path, page.blocks[i - 1].nodes, strict=True):
            if label not in shared and is_offer(label):
                inside[label, node].append(i)
    return {
        i
        for (label, node), own in inside.items()
        if not (_is_named_by_heading(page, label, node, own) or _leads_nowhere(page, label, own))
        for i in own
    }


def _leads_nowhere(page: Page, label: str, inside: list[int]) -> bool:
    """Whether a name such as `relatedposts` is that of an element without a link, as `relatedterms` may be."""
    return _OF_OTHERS.search(label) is not None and not any(page.blocks[i - 1].link_chars for i in inside)


def _is_named_by_heading(page: Page, label: str, node: int, inside: list[int]) -> bool:
    """Whether an element has its names from its heading, as those of manuals and papers have: `related-work`.

    One name is not enough, and neither are names that are all those of offers, or a list of links.
    """
    names = [name for name in label.split(".")[1:] if not _OF_SECTIONS.fullmatch(name)]
    if len(names) < 2 or all(_is_offer(f"div.{name}") for name in names):
        return False
    first = min(inside)
    while first > 1 and node in page.blocks[first - 2].nodes:
        first -= 1
    heading, blocks = page.blocks[first - 1], [page.blocks[i - 1] for i in inside if i > first]
    is_said = heading.is_heading and not set(names) - set(words(heading.text))
    return is_said and 2 * sum(block.link_chars for block in blocks) <= sum(block.chars for block in blocks)


@lru_cache(maxsize=4096)
def _is_offer(label: str) -> bool:
    return _OFFERS.match(label) is not None


def _is_wall(label: str) -> bool:
    return _WALLS.search(label) is not None


def drop_closed(page: Page, kept: set[int]) -> None:
    """Drop what is not shown, and has no name of what readers open, unless that is most of what is kept."""
    closed = {i for i in kept if page.blocks[i - 1].hidden_by in _CLOSED}
    if 2 * sum(page.blocks[i - 1].chars for i in closed) < sum(page.blocks[i - 1].chars for i in kept):
        kept.difference_update(i for i in closed if not any(map(_OPENS.search, page.blocks[i - 1].path)))


def is_furniture(block: Block) -> bool:
    """Whether a block is no content by its text. An item may be called as advertisements are, in a list of costs."""
    if block.inner == block.text:
        return block.tag not in _ITEMS and _FURNITURE.match(block.text) is not None
    return _ends_letters(block)


def _ends_letters(block: Block) -> bool:
    return 0 < block.link_chars <= block.chars <= _MAX_OF_MAILING and _OF_MAILING.search(block.inner) is not None


def _is_signature(block: Block) -> bool:
    """Whether a block is what a forum writes below each post of a member; not the signature of a function."""
    if not any("signature" in label for label in block.path[-4:]):
        return False
    return block.tag != "pre" and "<code" not in block.inner and _SIGNATURE.search(">".join(block.path)) is not None
