"""Questions where something is, and how texts name places."""

from __future__ import annotations

import re
from collections.abc import Set
from itertools import takewhile

from heads.queries.questions import is_word, tells
from indexlm.patterns import late
from indexlm.text import terms, word_set, words

_WHERE = late(
    r"^\W*(?:(?:from|to|bis|von|jusqu['’]|d['’]|a|de) ?)?(?:where|wo(?:hin|her)?|où|d?[oó]nde|ad[oó]nde|onde|waar"
    r"|hvor|gdzie|dok[aą]d|где|куда|откуда|де)\b|^\W*(?:da )?dove\b(?!.*\b(?:soap|cream|shampoo|bird|or|is|are|what)\b)"
    r"|^\W*var\b(?! (?:or|and|vs|let|const|in|keyword)\b| \w+ ?=)"
    r"|\bin (?:what|which) (?:city|town|country|room|building)\b"
    r"|\bin welche[mr] (?:stadt|land|ort|dorf|raum|zimmer|saal|gebäude|haus|straße|etage|stock|stadtteil|region)\b"
    r"|\bdans quel(?:le)? (?:ville|pays|rue|salle|bâtiment|étage|quartier|région|immeuble|village)\b"
    r"|\ben qu[eé] (?:ciudad|país|calle)\b"
    r"|\bin (?:che|quale) (?:città|paese|via)\b|どこ|何処|哪里|哪儿|在哪|어디|أين|कहाँ|איפה|πού",
    re.IGNORECASE,
)
_NO_PLACE = late(
    r"\bwhere (?:can|could|do|does|did|should|must|will|would|to)\b.{0,40}"
    r"\b(?:sign up|register|subscribe|log ?in|ship|deliver|download|apply|complain"
    r"|(?:money|name|word|term) (?:\w+ )?(?:go|come)"
    r"|(?:find|get|see|check|change|enter) (?:my|our|the) (?:\w+ )?"
    r"(?:number|code|password|invoice|receipt|settings?|version|id|key|certificate|results?|status|data))\b",
    re.IGNORECASE,
)
"""Questions where that are for a way to do something, a web page or a cause."""
_BEFORE_PLACES = word_set(
    """
    in at on near behind beside between under above below inside outside opposite next off along around across into
    through via beneath beyond
    im am an auf bei beim neben hinter vor unter über zwischen gegenüber nahe zum zur nach aus
    à au aux en dans sur sous chez près derrière devant entre rue vers
    a al sobre bajo junto detrás cerca frente hacia desde
    alla nel nella nello nei nelle sul sulla sulle da dal dalla presso vicino dietro accanto
    em no na nos nas ao perto atrás
    op bij achter naast aan te onder tussen naar
    w we przy pod nad obok za u
    в во на у при за под около рядом возле напротив
    i på vid hos bakom bredvid ved bag
    """
)
_ADDRESS = late(
    r"(?-i:\b\d{1,4}[a-z]?,? [A-ZÀ-Þ]\w+(?: [A-ZÀ-Þ]\w+)? (?:Street|St|Road|Rd|Lane|Avenue|Ave|Square|Drive|Way))\b"
    r"|(?-i:\b[Vv]ia [A-ZÀ-Þ]|\b[Cc]orso [A-ZÀ-Þ]|\b\d\.? ?(?:Stock|OG)\b)|\b\d\. stock\b|\bplace d(?:[eu]\b|['’])"
    r"|\b(?:floor|room(?! for)|building(?! blocks?)|(?<!\d )street|(?<!\d )square|etage|stockwerk|étage|planta|piso"
    r"|piano|verdieping|piętr\w+|этаж\w*)\b"
    r"|(?:straße|strasse|str\.|platz|weg|gasse|allee|markt|straat|laan|plein|kade|gata[n]?|gatan)\s\d"
    r"|\b(?:rue|quai|boulevard|calle|plaza|avenida|piazza|rua|praça|largo|ul\.|ulica|ул\.|улица|пл\.)\s\w"
    r"|(?<![\w.])(?:~|/\w[\w.-]*)/[\w.-]|\w\s(?:→|›|>|&gt;)\s\w|丁目|番地|[市区區町村路街館馆楼樓階]|[\d一二三四五六七八九十]\s?[号號]",
    re.IGNORECASE,
)
_NAMED = late(r"[,:|]\s(?:[A-ZÀ-ÞĀ-ŽА-ЯІЇЄ][a-zà-öø-ǿа-яё]|[A-Z]{2,3}\b)")  # `Lima, Peru`, `Place: Lima`
_OF = late(r"\b(?:of|de|du|des|de la|del|della|dello|do|da|van|von|der|des)\s(?:the )?([A-ZÀ-ÞĀ-ŽА-ЯІЇЄ]\w+)")
_UNCASED = late("[\u0590-\u1cff\u3040-\ud7ff]")
_AND = word_set("and or und oder et ou y e o en of och eller og i lub и или")  # ends what a preposition leads to
_REACH = 3  # words behind a preposition among which the place stands


def asks_where(query: str) -> bool:
    """Whether a question is where something is."""
    return _WHERE.search(query) is not None and not _NO_PLACE.search(query)


def is_address(text: str) -> bool:
    """Whether a text holds what addresses and paths hold: a street, a floor, folders."""
    return _ADDRESS.search(text) is not None


def may_be_place(text: str, asked: Set[str], times: Set[str]) -> bool:
    """Whether a text may say where something is.

    It is an address, or holds a preposition before a word that is no number, no time, and none of the `asked` terms: a
    text that only names the thing where it says something else is none (`Ask at the desk` of the desk).
    """
    if _ADDRESS.search(text) or _NAMED.search(text) or _UNCASED.search(text):
        return True
    if any(asked.isdisjoint(terms(name)) for name in _OF.findall(text)):
        return True
    found = words(text)
    for i, word in enumerate(found):
        if word in _BEFORE_PLACES and i + 1 < len(found):
            named = takewhile(lambda other: other not in _AND, found[i + 1 : i + 1 + _REACH])
            thing = next((other for other in named if other not in _BEFORE_PLACES and _names(other)), "")
            if thing and not thing[0].isdigit() and thing not in times and asked.isdisjoint(terms(thing)):
                return True
    return False


def _names(word: str) -> bool:
    return all(tells(term) and is_word(term) for term in terms(word))
