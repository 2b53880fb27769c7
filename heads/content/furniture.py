"""What is no content beside the content: forms, advertisements, parts that stay closed, links of mailings.

Heads keep some of it, because it is written like the text around it. Names and phrases tell it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from enum import IntFlag
from functools import lru_cache

from heads.content.lines import LINES, MAX_LINE, STATES, TAGS
from heads.content.phrases import ABOUT_COOKIES, ABOUT_LETTERS
from heads.content.surroundings import MOST_BLOCKS
from indexlm.page import Block, Page
from indexlm.patterns import late

_MAX_FORM_SHARE = 0.25  # of the kept characters, in a form that is dropped
_MAX_SHORT_FORM_SHARE = 0.4  # of the kept characters of a short page, in a form that is dropped
_LEAST_REST = 100  # characters of a page beside its closed dialogs
_CLOSED = frozenset(["display:none", "closed dialog"])
_OPENS = late(
    r"^(?:details|summary)\b|\.(?:tabs?|tabbed|tabpanel|panels?|panes?|accord\w*|collaps\w*|toggle\w*|faqs?"
    r"|answers?|expand\w*"
    r"|spoilers?|more|rest|reveal\w*|drawers?|slides?|carousel\w*|steps?|foot(?:note)?s?|lang\w*|variants?)(?:\.|$)"
)
_ADVERTS = (
    r"(?:(?:advert(?:isement|ising)?|sponsored|anzeige|werbung|publicit[ée]|publicidade?|реклама"
    r"|anúncio|annuncio|pubblicità|reklam[ae]?|advertentie|mainos|annonse?|annons|広告|广告|廣告|광고|โฆษณา|quảng cáo"
    r"|إعلان|विज्ञापन)s?(?:\W*\Z|\W+(?:continue reading|(?:story|article) continues|scroll (?:down )?to continue)\b))"
    r"|skip advert|(?:(?:the |this )?(?:story|article) continues|continue reading)"
    r" (?:below|after (?:the|this) advert\w*|the main story)\W*\Z"
    r"|(?:der )?(?:artikel|beitrag|text) (?:geht|wird) nach (?:der|dieser) (?:anzeige|werbung) (?:weiter|fortgesetzt)"
    r"|la suite après (?:la|cette) publicité|continúa (?:leyendo )?(?:después de|tras) la publicidad"
    r"|continua (?:a leggere )?dopo la pubblicità|continua (?:depois|após) d?a publicidade"
    r"|artikel gaat verder (?:onder|na)\b"
)
"""Advertisements without a text, and what says that a text goes on behind one."""
_FURNITURE = late(
    rf"({_ADVERTS})" + r"|(?:(?:was|is|did|do) (?:this|you find this)\b.{0,30}\b(?:helpful|useful|answer your question)"
    r"(?: (?:to|for) you)?(?=\W*(?:\Z|[?:.(\d]|yes\b|no\b))"
    r"|war (?:dies|die|das)\w*\b.{0,20}\b(?:hilfreich|nützlich)"
    r"|(?:cet|cette)\b.{0,30}\butile|¿(?:te|le|les|fue|ha)\b.{0,30}\bútil)"
    r".{0,60}\Z"
    r"|(?:thanks!? ?)?we['’]re glad (?:this|it) (?:was|helped)\b.{0,30}\Z|not helpful \d+ helpful \d+\Z"
    r"|(?:thank(?:s| you)|vielen dank|danke|merci|gracias|grazie|obrigado) (?:for|für|pour|por|per|pelo)"
    r" (?:your|ihr|dein|votre|tu|su|il tuo|seu) (?:feedback|rückmeldung|retour|avis|opinión|opinione)\W*\Z"
    r"|press enter or click to view image in full size\Z"
    r"|(?:(?:leave|post|add|write) (?:a|your) (?:reply|comment)|schreibe?n? (?:sie )?einen kommentar"
    r"|laisser un commentaire"
    r"|kommentar (?:hinterlassen|schreiben)|deja (?:un comentario|una respuesta)|lascia un commento"
    r"|deixe um comentário"
    r"|geef een reactie|laat een reactie achter|dodaj komentarz|skriv en kommentar|добавить комментарий"
    r"|コメントを残す"
    r"|发表评论|發表迴響|댓글 (?:달기|남기기))(?: (?:cancel reply|antwort abbrechen|annuler la réponse"
    r"|cancelar (?:la )?respuesta))?"
    r"\W*\Z"
    r"|(?:like )?be the first to (?:like|comment|review|rate|reply)\b.{0,30}\Z|no (?:comments|reviews) yet\W*\Z"
    r"|\W*\d+ (?:person|people) (?:reacted with|liked this)\b.{0,40}\Z"
    r"|(?:(?:have|did) you )?(?:tried|made|try|make|if you (?:tried|made|try|make)) (?:this|my|our) recipe\b"
    r".{0,60}\b(?:let (?:us|me)|share|tag|leave|rate|comment|mention)\b.{0,120}\Z",
    re.IGNORECASE,
)
"""The same, questions whether a page was of use, requests to comment, and a button of Medium."""
_OF_MEMBERS = late(
    r"\W*(?:your e-?mail address will not be published|deine e-mail-adresse wird nicht veröffentlicht"
    r"|votre adresse e-?mail ne sera pas publiée|tu dirección de correo electrónico no será publicada"
    r"|il tuo indirizzo email non sarà pubblicato|o seu endereço de e-?mail não será publicado"
    r"|je e-?mailadres (?:wordt|zal) niet gepubliceerd|twój adres e-?mail nie zostanie opublikowany"
    r"|ваш (?:адрес )?e-?mail не будет опубликован|din e-postadress kommer inte publiceras"
    r"|メールアドレスが公開されることはありません|您的(?:邮箱|電子郵件)地址不会被公开|이메일 주소는 공개되지 않습니다"
    r"|(?:sorry, )?you (?:must|need to|have to) (?:be )?(?:logged in|log ?in|registered|register|signed in|sign ?in)"
    r"(?: (?:or|and) (?:log ?in|register|sign up))? (?:to|before you can) (?:(?:post|leave|write|submit|add) )?"
    r"(?:a |your )?(?:comments?|reply|review|post)(?: here| on\b.{1,60})?\W*\Z"
    r"|(?:please )?(?:sign up|log ?in|sign in|register)(?: for free)?(?: (?:or|and) (?:log ?in|register|sign up))? to"
    r" (?:(?:post|leave|add) )?(?:a |your )?(?:comments?|reply|join (?:this|the) (?:conversation|discussion))"
    r"(?: here| on \w+)?\W*(?:\Z|already\b)"
    r"|(?:log ?in|sign in|sign up|register) to (?:follow|like|vote|favou?rite|upvote|bookmark)\b"
    r"|already (?:have an account|a member|registered)\?|du musst (?:angemeldet|eingeloggt) sein, um\b"
    r"|vous devez (?:vous connecter|être connecté) pour (?:publier|poster|laisser)\b"
    r"|(?:lo siento, )?debes (?:estar conectado|iniciar sesión|acceder) para (?:publicar|dejar|comentar)\b"
    r"|devi (?:essere connesso|effettuare l['’]accesso) per (?:inviare|pubblicare)\b"
    r"|você (?:precisa fazer (?:o )?login|deve estar logado) para (?:publicar|comentar)\b"
    r"|je moet (?:inloggen|ingelogd zijn) om (?:een reactie|te reageren)\b|musisz się zalogować, aby\b"
    r"|для отправки комментария (?:вам )?необходимо|du måste vara inloggad för att (?:publicera|kommentera)"
    r"|コメントを投稿するにはログイン|要发表评论，您必须先?登录"
    r"|who is online\W*\Z|wer ist online\W*\Z|users browsing this (?:forum|thread|topic)\b"
    r"|mitglieder in diesem forum\b|utilisateurs parcourant ce forum\b|usuarios navegando por este foro\b"
    r"|visitano il forum\b)",
    re.IGNORECASE,
)
"""What forms for comments and forums say to those who are no members."""
_OF_MAILING = late(
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
_SIGNATURE = late(r"\.(?:i?post\w*|message|comment|reply|entry)[.>].*\.signature(?!s(?:[.>]|$))\w*(?:[.>]|$)")
_OF_FORUMS = late(r"\.(?:i?post\w+|message|comment|reply)(?:[.>]|$)")
"""Names of posts that only forums and comments have; a blog has `post` and `entry`, and its writers sign as well."""
_POST = late(r"\.(?:i?post|entry)(?:\.|$)")
_OF_COMMENTS = late(r"^form\b|\.(?:\w*comment\w*|respond|repl(?:y|ies)|disqus)(?:\.|$)")
"""Elements in which readers comment on a page."""
_CHOICES = late(r"\.(?:quiz\w*|answers|choices)(?:\.|$)")
_QUESTION_ENDS = ("?", "？", "؟", "\u037e")
_ITEMS = ("li", "dt", "dd")
_ROWS = frozenset(["tr", "th", "pre"])
_PLAYERS = late(r"\.(?:\w*video\w*|\w*player\w*|vjs|media|controls?|load\w*|lazy\w*|spinner|skeleton)(?:\.|$)")
_MIN_TEXT = 40  # characters of a text below a heading that asks for comments elsewhere
_MAX_FURNITURE = 150  # characters of an element that goes with what in it is no content
_MOST_FURNITURE = 20  # such elements
_MAX_OF_MAILING = 300  # characters of a block with such a link that is no content
_MAX_OF_MEMBERS = 200  # characters of a block that asks to log in


def furniture(page: Page, kept: set[int], beta: float) -> set[int]:
    """Of kept blocks those that are no content wherever they stand.

    So are signatures below posts, and the few words beside all these in their element, unless recall counts more than
    precision.
    """
    found = no_content(page, kept, kept, beta)
    if not found or found == kept or beta > 1:
        return found
    shared = set.intersection(*(set(page.blocks[i - 1].nodes) for i in kept - found))
    around = {page.blocks[i - 1].nodes[-2] for i in found if _goes_with_others(page.blocks[i - 1])} - shared
    for node in sorted(around)[:_MOST_FURNITURE]:
        beside = [block for block in page.blocks if node in block.nodes]
        if sum(block.chars for block in beside) <= _MAX_FURNITURE:
            found.update(block.index for block in beside)
    return found


def no_content(page: Page, indices: set[int], kept: set[int], beta: float) -> set[int]:
    """Of blocks, kept or not, those that are no content by their text or, if precision counts, by their names."""
    found = {i for i in indices if is_furniture(page.blocks[i - 1]) and not _heads_text(page, kept, i)}
    if beta <= 1:
        found.update(i for i in indices if _is_signature(page, page.blocks[i - 1]))
    if found and (ABOUT_LETTERS.search(page.title.lower()) or ABOUT_COOKIES.search(page.title.lower())):
        found = {i for i in found if not _ends_letters(page.blocks[i - 1])}
    return found


def _goes_with_others(block: Block) -> bool:
    """Whether few words beside such a block go with it.

    Not beside what each post or paragraph may have: an advertisement, a signature, `Log in to reply`.
    """
    is_alone = _says(block.text) & ~Says.OTHER or any("signature" in label for label in block.path)
    return len(block.nodes) > 1 and not is_alone


def _heads_text(page: Page, kept: set[int], index: int) -> bool:
    """Whether a block is the heading of a kept text, as where a manual says how to `Add a comment`."""
    heading, after = page.blocks[index - 1], page.blocks[index : index + 1]
    if not heading.is_heading or index + 1 not in kept or any(map(_OF_COMMENTS.search, heading.path)):
        return False
    return after[0].chars >= _MIN_TEXT and not after[0].link_chars and not any(map(_OF_COMMENTS.search, after[0].path))


def controls(page: Page, kept: set[int]) -> set[int]:
    """The blocks of a page that are nothing but buttons, unless these are half of what is kept: one may never end.

    A question may open its answer, and an answer of a quiz is one to choose.
    """
    found = {
        block.index
        for block in page.blocks
        if block.is_control and not block.text.endswith(_QUESTION_ENDS) and not _CHOICES.search(block.path[-1])
    }
    chars = sum(page.blocks[i - 1].chars for i in kept & found)
    return set() if 2 * chars >= sum(page.blocks[i - 1].chars for i in kept) else found


def drop_forms(page: Page, kept: set[int]) -> None:
    """Drop a form beside the content, unless it is much of what is kept: a page may be one as a whole.

    Forms of one name count together: some forums write each post into one.
    """
    found = [
        (page.blocks[i - 1].path[depth], page.blocks[i - 1].nodes[depth], i)
        for i in kept
        for depth in _forms(page.blocks[i - 1].path)
    ]
    if not found:
        return
    shared = set.intersection(*(set(page.blocks[i - 1].nodes) for i in kept))
    forms: defaultdict[str, set[int]] = defaultdict(set)
    for label, node, i in found:
        if node not in shared:
            forms[label].add(i)
    share = _MAX_FORM_SHARE if len(page.blocks) > MOST_BLOCKS else _MAX_SHORT_FORM_SHARE
    most = share * sum(page.blocks[i - 1].chars for i in kept)
    for inside in forms.values():
        if sum(page.blocks[i - 1].chars for i in inside) <= most:
            kept.difference_update(inside)


def closed_dialogs(page: Page, indices: Iterable[int]) -> set[int]:
    """The blocks of dialogs that are not open; none where hardly any others of `indices` are left."""
    found = {block.index for block in page.blocks if block.hidden_by == "closed dialog"}
    rest = sum(page.blocks[i - 1].chars for i in indices if i not in found) if found else 0
    return found if rest >= _LEAST_REST else set()


@lru_cache(maxsize=4096)
def _forms(path: tuple[str, ...]) -> tuple[int, ...]:
    """The depths of the forms of a path."""
    return tuple(depth for depth, label in enumerate(path) if label.partition(".")[0] == "form")


def drop_closed(page: Page, kept: set[int]) -> None:
    """Drop what is not shown, and has no name of what readers open, unless that is most of what is kept."""
    closed = {i for i in kept if page.blocks[i - 1].hidden_by in _CLOSED}
    if 2 * sum(page.blocks[i - 1].chars for i in closed) < sum(page.blocks[i - 1].chars for i in kept):
        kept.difference_update(i for i in closed if not any(map(_OPENS.search, page.blocks[i - 1].path)))


def is_furniture(block: Block) -> bool:
    """Whether a block is no content by its text. An item may be called as advertisements are, in a list of costs."""
    if block.chars <= MAX_LINE and block.tag not in _ITEMS and (says := _says(block.text)):
        is_text = block.tag not in _ROWS and not block.is_control  # see `controls`
        if says & Says.LINE and is_text and not block.is_heading:
            return True
        if says & Says.TAGS and is_text and 3 * block.link_chars >= block.chars:
            return True
        if says & Says.STATE and any(map(_PLAYERS.search, block.path)):
            return True
        if says & Says.MEMBERS or (says & Says.OTHER and block.inner == block.text):
            return True
    return block.inner != block.text and _ends_letters(block)


class Says(IntFlag):
    """What the text of a block may be that is no content."""

    LINE = 1  # of a site
    TAGS = 2  # the beginning of links to pages of a subject
    STATE = 4  # of a player or a part that loads
    MEMBERS = 8  # of forms for members
    OTHER = 16
    ADVERT = 32


@lru_cache(maxsize=8192)
def _says(text: str) -> Says:
    line = text.lower()
    found = Says(0)
    if LINES.match(line):
        found |= Says.LINE
    if TAGS.match(line):
        found |= Says.TAGS
    if STATES.match(line):
        found |= Says.STATE
    if len(text) <= _MAX_OF_MEMBERS and _OF_MEMBERS.match(text):
        found |= Says.MEMBERS
    if match := _FURNITURE.match(text):
        found |= Says.OTHER | (Says.ADVERT if match[1] is not None else Says(0))
    return found


def _ends_letters(block: Block) -> bool:
    return 0 < block.link_chars <= block.chars <= _MAX_OF_MAILING and _OF_MAILING.search(block.inner) is not None


def _is_signature(page: Page, block: Block) -> bool:
    """Whether a block is what a forum writes below each post of a member; not the signature of a function or a letter.

    One post alone may be the letter.
    """
    if not any("signature" in label for label in block.path[-4:]):
        return False
    path = ">".join(block.path)
    if block.tag == "pre" or "<code" in block.inner or not _SIGNATURE.search(path):
        return False
    if _OF_FORUMS.search(path):
        return True
    label = next(label for label in block.path if _POST.search(label))
    posts = {other.nodes[other.path.index(label)] for other in page.blocks if label in other.path}
    return len(posts) > 1
