"""Questions for the most, the least, the first or the last of something, in many languages."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from indexlm.patterns import late
from indexlm.text import is_sequence, terms, words


class Extreme(NamedTuple):
    """sign: 1 for the most, -1 for the least. of: `money`, `time`, `size` for any number, `order` or `rank`.

    headers: words of columns that a question means without naming them.
    """

    sign: int
    of: str
    headers: str = ""


_HEIGHT = "height elevation altitude höhe hauteur altura altezza hoogte höjd высота 高さ 標高"
_LENGTH = "length distance duration länge entfernung dauer longueur longitud distancia lunghezza lengte 長さ 距離"
_DEPTH = "depth tiefe profondeur profundidad profondità diepte djup глубина 深さ"
_WEIGHT = "weight mass gewicht poids peso vikt вес 重さ 重量"
_SIZE = "area size population capacity fläche größe superficie taille tamaño oppervlakte площадь 面積 面积 人口"
MONEY_NAMES = "price cost fee fare rent preis kosten prix tarif precio prezzo preço prijs pris cena цена"
AGE_NAMES = "age alter âge edad età idade leeftijd ålder wiek возраст"
_NOT_ORDER = (
    r"(?![- ](?:names?|aid|class|years?|weeks?|months?|nights?|times?|timers?|minute|resort|half|steps?|things?|floor"
    r"|days?|\d|of all|teams?|language|person|prize|dose|hand|if|for|when|in|on|until|with|after|longer)\b|\W*$)"
)
# Of each extreme what asks for it. The first that is found counts, so that `most expensive` stands before `most`.
_ASKED = (
    (
        Extreme(-1, "money", MONEY_NAMES),
        r"\bcheapest\b|\bleast expensive\b|\bgünstigste|\bbilligste|\bmoins (?:chers?|chères?)\b|\bm[áa]s barat"
        r"|\bmeno car|\bpiù economic|\bmais barat|\bgoedkoopste|\bbilligast|\bnajtańsz|самы\w+ деш[её]в|一番安"
        r"|最も安|最安|最便宜|가장 (?:싼|저렴)|\ben ucuz",
    ),
    (
        Extreme(1, "money", MONEY_NAMES),
        r"\b(?:most expensive|priciest|dearest)\b|\bteuerste|\bplus (?:chers?|chères?)\b|\bm[áa]s car[oa]"
        r"|\bpiù car[oa]|\bmais car[oa]|\bduurste|\bdyrast|\bdyreste|\bnajdroższ|самы\w+ дорог|一番高い料金"
        r"|最も高価|最贵|가장 비싼|\ben pahalı",
    ),
    (
        Extreme(-1, "time"),
        r"\b(?:oldest|earliest)\b|\bälteste|\bfrüheste|\bplus (?:ancien|vieux|vieille|tôt)|\bm[áa]s antigu"
        r"|\bpiù antic|\bmais antig|\boudst|\bvroegste|\bäldst|\bældste|\bnajstarsz|самы\w+ (?:стар|ранн)|最も古"
        r"|一番古|最早|最古|가장 오래된|\ben eski",
    ),
    (
        Extreme(1, "time"),
        r"(?<!\bat the )\b(?:newest|latest|youngest|most recent(?:ly)?)\b|\bneueste|\bjüngste|\bspäteste"
        r"|\bplus (?:récent|jeune|tard)|\bm[áa]s (?:reciente|joven|nuev)|\bpiù (?:recent|giovan)"
        r"|\bmais (?:recent|jovem)|\bnieuwste|\bjongste|\bnyast|\byngst|\bnajnowsz|\bnajmłodsz"
        r"|самы\w+ (?:нов|молод|поздн)|最も新し|一番新し|最新|最晚|가장 (?:최근|최신)|\ben yeni",
    ),
    (
        Extreme(1, "size"),
        r"(?<!\bat )\bmost\b(?! (?:of|people|likely|important|common|popular)\b)|\bgreatest\b|\b(?:am )?meisten\b"
        r"|\b(?:le|la|les) plus\b(?! \w)|\b(?:el|la) mayor\b(?! (?:parte|de edad))|\bmaggiore?\b(?! (?:di|parte))"
        r"|\bmaior(?:es)?\b|\bmeeste\b|\bflest\b|\bnajwięcej\b|\bнаибольш|больше всего|最も多|一番多|最多|가장 많"
        r"|\ben çok",
    ),
    (
        Extreme(-1, "size"),
        r"(?<!\bat )(?<!\bat the )\bleast\b|\bfewest\b|\b(?:am )?wenigsten\b|\b(?:le|la|les) moins\b"
        r"|\bmenor\b(?! de)|(?<!pelo )(?<!\blo )(?<!\bal )(?<!\ba )\bmenos\b(?! (?:que|de)\b)|\bminste\b|\bminst\b"
        r"|\bnajmniej\b|\bнаименьш|меньше всего|最も少|一番少|最少|가장 적|\ben az\b(?! kaç)",
    ),
    (
        Extreme(1, "size", _HEIGHT),
        r"\b(?:tallest|highest)\b|\bhöchste|\bplus (?:haut|élevé)|\bm[áa]s alt|\bpiù alt|\bmais alt|\bhoogste\b"
        r"|\bhögst|\bhøyest|\bhøjest|\bnajwyższ|самы\w+ высок|最も高(?!価)|一番高|最高|가장 높|\ben yüksek",
    ),
    (
        Extreme(-1, "size", _HEIGHT),
        r"\blowest\b|\bniedrigste|\bplus bas|\bm[áa]s baj|\bpiù bass|\bmais baix|\blaagste\b|\blägst|\blavest"
        r"|\bnajniższ|самы\w+ низк|最も低|一番低|最低|가장 낮|\ben düşük",
    ),
    (
        Extreme(1, "size", _SIZE),
        r"\b(?:largest|biggest)\b|\bgrößte|\bplus grand|\bm[áa]s grande|\bpiù grand|\bgrootste\b|\bstörst|\bstørst"
        r"|\bnajwiększ|самы\w+ больш|最も大き|一番大き|最大|가장 큰|\ben büyük",
    ),
    (
        Extreme(-1, "size", _SIZE),
        r"\bsmallest\b|\bkleinste|\bplus petit|\bm[áa]s pequeñ|\bpiù piccol|\bmais pequen|\bminsta\b|\bnajmniejsz"
        r"|самы\w+ мал|最も小さ|一番小さ|最小|가장 작|\ben küçük",
    ),
    (
        Extreme(1, "size", _LENGTH),
        r"\b(?:longest|furthest|farthest)\b|\blängste|\bplus longu?e?s?\b|\bm[áa]s larg|\bpiù lung|\bmais long"
        r"|\blangste|\blängst|\blengst|\bnajdłuższ|самы\w+ (?:длин|долг)|最も長|一番長|最長|最长|가장 긴|\ben uzun",
    ),
    (
        Extreme(-1, "size", _LENGTH),
        r"\b(?:shortest|nearest|closest)\b|\bkürzeste|\bplus courte?s?\b|\bm[áa]s cort|\bpiù cort|\bmais curt"
        r"|\bkortste|\bkortast|\bkortest|\bnajkrótsz|самы\w+ коротк|最も短|一番短|最短|가장 짧|\ben kısa",
    ),
    (
        Extreme(1, "size", _DEPTH),
        r"\bdeepest\b|\btiefste|\bplus profond|\bm[áa]s profund|\bdiepste|самы\w+ глубок|最も深|一番深|最深",
    ),
    (Extreme(1, "size", _WEIGHT), r"\bheaviest\b|\bweigh(?:s|ed)? (?:the )?most\b|\bschwerste|\bzwaarste|最も重|最重"),
    (Extreme(-1, "size", _WEIGHT), r"\blightest\b|\bleichteste|\blichtste|最も軽|最轻"),
    (Extreme(-1, "rank"), r"\btop (?:rank|scor|plac|posit|finish|seed)"),
    (
        Extreme(-1, "order"),
        rf"(?<!\bat )\bfirst\b{_NOT_ORDER}|\berste[nrs]?\b(?! hilfe)"
        r"|\bpremi(?:er|ère)s?\b(?! (?:league|secours|soins|fois))|\bprimer[ao]?s?\b(?! auxilios)"
        r"|\bprimo\b(?! (?:soccorso|piatto))|\bprimeir[oa]\b(?!s socorros)|\beerste\b(?! hulp)"
        r"|\bförsta\b(?! hjälpen)|\bførste\b|\bpierwsz\w+(?! pomoc)|\bперв(?:ый|ая|ое|ого|ой)\b(?! помощ)|最初"
        r"|一番目|第一(?!手)|첫",
    ),
    (
        Extreme(1, "order"),
        rf"(?<!\bat )\blast\b{_NOT_ORDER}|\bletzte[nrs]?\b|\bderni(?:er|ère)s?\b|\búltim[oa]s?\b|\bultim[oa]\b"
        r"|\blaatste\b|\bsista\b|\bsiste\b|\bsidste\b|\bostatni|\bпоследн|最後|最后|마지막",
    ),
)
_PATTERNS = tuple((extreme, late(source, re.IGNORECASE)) for extreme, source in _ASKED)
_SEVERAL = late(  # several, another than the first, all but one, or one of those with a number of their own
    r"\bnot\b|n['’]t\b|\bnicht\b|\bnext (?:most|least|\w+est)\b|(?<![\d.,])\d{1,2}(?![\d.,])"
    r"|\b(?:second|third|fourth|fifth|\d+(?:st|nd|rd|th)|zweit|dritt|deuxième|troisième|segund|terc|tweede|derde|втор"
    r"|трет|two|three|four|five|ten)(?:e[nrs]?|[oa])?[- ](?:most|least|plus|m[áa]s|\w+est\b|\w+ste\b)"
    r"|\b(?:most|least|\w+est) (?:two|three|four|five|ten)\b|\bzweit\w+st|第[二三]",
    re.IGNORECASE,
)


@lru_cache(maxsize=256)
def asked_extreme(query: str) -> Extreme | None:
    """What a question asks for the most or the least of; None for other questions, for the second most and for both."""
    found = [extreme for extreme, pattern in _PATTERNS if pattern.search(query)]
    by_number = {extreme.sign for extreme in found if extreme.of not in ("order", "rank")}
    by_order = {extreme.sign for extreme in found} if not by_number else set()
    if not found or len(by_number) > 1 or len(by_order) > 1 or _SEVERAL.search(query):
        return None
    like_first = (extreme for extreme in found if extreme[:2] == found[0][:2])
    return found[0]._replace(headers=" ".join(extreme.headers for extreme in like_first))


@lru_cache(maxsize=256)  # for each table of a page
def without_extreme(query: str) -> str:
    """A query without the words that ask for an extreme."""
    for _, pattern in _PATTERNS:
        for match in reversed([*pattern.finditer(query)]):
            end = match.end()
            while end < len(query) and query[end].isalpha() and not is_sequence(query[end]):
                end += 1
            query = f"{query[: match.start()]} {query[end:]}"
    return query


def behind_extreme(query: str, at_end: bool = False) -> frozenset[str]:
    """The term behind what asks for an extreme (`the most goals`); `at_end`: only if it is the last word."""
    ends = [match.end() for _, pattern in _PATTERNS for match in pattern.finditer(query)]
    following = words(query[max(ends) :]) if ends else []
    return terms(following[0]) if following and not (at_end and len(following) > 1) else frozenset()


def tells_of(text: str, extreme: Extreme) -> bool:
    """Whether a text tells of the most or the least itself, as a column `Lowest price` does."""
    return any(pattern.search(text) for other, pattern in _PATTERNS if other[:2] == extreme[:2])
