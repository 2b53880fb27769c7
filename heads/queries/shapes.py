"""What has a shape of its own, as a telephone number: which questions ask for it, and which texts hold it."""

from __future__ import annotations

import re
from typing import NamedTuple

from heads.queries.questions import how_to, is_yes_or_no
from indexlm.page import Block
from indexlm.patterns import late
from indexlm.text import words

PHONE = late(
    r"(?:\+|\b0|\(0|\b8\s)(?:[\s()/.–-]*\d){7,}|\b\d{2,5}(?: \d{2,5}){2,}\b|\b\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}\b"
)
EMAIL = late(r"[\w.+-]{1,64}@[\w-]+\.\w")
TEMPERATURE = late(
    r"\d\s?(?:°|º|℃|˚|degrees?\b|grad(?:i|os|er|en)?\b|graus\b|degrés\b|stopni|градус|derece|度|도\b|درجة|डिग्री)"
)
"""What telephone numbers, addresses of mail and temperatures look like in texts."""
WHAT_IS = late(
    r"\W*(?:what(?:'s|’s| is)|wie (?:ist|lautet)|quel(?:le)? est|cu[aá]l es|qual [èée]|jaki jest"
    r"|какой|wat is|was ist|vad är|hva er|hvad er)\b",
    re.IGNORECASE,
)
"""How a question begins that asks for a thing by its name."""
MAX_KEYWORDS = 3
"""Words of a query that is no sentence, as `phone number`."""


class Shape(NamedTuple):
    """written: what a text holds. linked: what the markup of a link to it holds; empty for what is never linked."""

    written: re.Pattern[str]
    linked: str = ""


# Of each shape: words that name it, and words that ask for it.
_ASKED = (
    (
        late(
            r"\b(?:tele)?(?:phone|fon)\w*|\bt[ée]l[ée]phone\b|\btel[eé]fon[oe]?\w*|телефон\w*"
            r"|電話|电话|전화|هاتف|फ़ोन|फोन",
            re.IGNORECASE,
        ),
        late(
            r"number|nummer|num[eé]ro|n[uú]mero|\bnumer|номер|numara|番号|號碼|号码|多少|번호|رقم|नंबर",
            re.IGNORECASE,
        ),
        Shape(PHONE, 'href="tel:'),
    ),
    (
        late(
            r"\be-?(?:mail|posta)\w*|\bcorreo electr\w+|\bcourriel\b|электронн\w+ почт\w*"
            r"|メール|邮箱|電子郵件|이메일|ईमेल",
            re.IGNORECASE,
        ),
        late(r"ad+r?es|direcci|indirizzo|endereço|адрес|アドレス|地址|주소|पता", re.IGNORECASE),
        Shape(EMAIL, 'href="mailto:'),
    ),
    (
        late(
            r"\b(?:how|too) (?:hot|warm|cold)\b|\bwie (?:heiß|warm|kalt)\b|\btemp[eé]ratur\w*|температур\w*"
            r"|sıcaklık\w*|温度|온도|حرارة|तापमान|טמפרטורה",
            re.IGNORECASE,
        ),
        late(
            r"\b(?:how|wie|what|which|welche[rs]?|quelle|qu[eé]|che|quale|vilken|welke)\b|как(?:ой|ая)|jakiej|何度|几度|몇"
            r"|kaç",
            re.IGNORECASE,
        ),
        Shape(TEMPERATURE),
    ),
)


def asked_shape(query: str) -> tuple[str, Shape] | None:
    """A question for a telephone number, an address of mail or a temperature -> what else it says, and how it looks."""
    if is_yes_or_no(query) or how_to(query):
        return None
    for name, kind, shape in _ASKED:
        if name.search(query) and (kind.search(query) or WHAT_IS.match(query) or len(words(query)) <= MAX_KEYWORDS):
            return kind.sub(" ", name.sub(" ", query)), shape
    return None


def has_shape(block: Block, shape: Shape) -> bool:
    """Whether a block's text holds what looks like that, or a link to it."""
    is_linked = shape.linked != "" and shape.linked in block.inner
    return is_linked or shape.written.search(block.text) is not None
