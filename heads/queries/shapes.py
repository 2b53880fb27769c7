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
POSTAL = late(
    r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b|\b[A-Z]\d[A-Z] \d[A-Z]\d\b|,\s[A-Z]{2} \d{5}\b|\b\d{4} ?[A-Z]{2},? [A-Z][a-z]"
    r"|(?:stra(?:ß|ss)e|str\.|platz|weg|gasse|allee|markt|damm|ufer|straat|laan|plein|kade|gracht|gata[n]?|vägen|vej|gade"
    r"|katu|tie|utca|út)\s\d{1,4}[a-z]?\b[^.!?]{0,60}(?<![\d.,])(?:[A-Z]{1,2}-)?\d{3} ?\d{1,2}\s[A-ZÀ-Þ]"
    r"|(?<![\d.,])\d{2}[ -]?\d{3}\s[A-ZÀ-ÞŁŚŻŹĆ]\w+[^.!?]{0,40}(?:\bul\.|(?<=\w)stra(?:ß|ss)e|weg|platz)\s?\w"
    r"|\b\d{1,4}(?: ?(?:bis|ter))?,? (?:rue|avenue|boulevard|place|quai|chemin|impasse|allée)\s\w"
    r"|\b(?:[Vv]ia(?!gg)|[Vv]iale|[Cc]orso|[Pp]iazza(?:le)?|[Cc]alle|[Aa]venida|[Aa]v\.|[Pp]laza|[Pp]aseo|[Rr]ua|[Pp]raça"
    r"|[Ll]argo|[Uu]l\.|[Uu]lica|[Aa]l\.|[Уу]л(?:ица|\.)|[Пп]р(?:оспект|-т|\.)|[Вв]ул(?:иця|\.)|[Ss]tr(?:ada|\.)|[Οο]δός)\s"
    r"[^\d.!?]{2,40}(?:д\.\s?|nr\.\s?)?\d|\b\d{1,5}[a-z]?,? (?:[A-Z][\w'’]+ ){1,3}(?:Street|St|Road|Rd|Lane|Ln|Avenue"
    r"|Ave|Square|Drive|Way|Row|Quay|Terrace|Close|Boulevard|Blvd|Court|Parade|Crescent|Hill|Gardens?|Yard|Wharf)\b"
    r"|\w{3,} (?:Mah\.|Mahallesi|Cad\.|Caddesi|Sok\.|Sokak|Sokağı)(?!\w)[^!?]{0,30}\d"
    r"|〒\s?\d{3}-?\d{4}|[都道府県市区郡][^\s。、]{1,12}[町村丁目番地]\D{0,3}\d|[省市区縣县][^\s。，]{1,16}[路街道巷]\s?\d{1,4}\s?[号號]"
    r"|[가-힣]+[시도군구] [가-힣\d ]+(?:로|길|동) ?\d|(?:شارع|خیابان|רחוב|मार्ग) [^\d.]{2,40}\d|ถนน\s?\S+"
)
"""A postal address: a street with a number, or a postcode of a shape that nothing else has."""
_WHAT_IS = late(
    r"\W*(?:what(?:'s|’s| is)|wie (?:ist|lautet)|quel(?:le)? est|cu[aá]l es|qual [èée]|jaki jest"
    r"|какой|wat is|vad är|hva er)\b",
    re.IGNORECASE,
)
_MAX_KEYWORDS = 3


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
            r"(?<!e-mail )(?<!email )(?<!ip )(?<!mac )(?<!web )(?<!url )(?<!wallet )(?<!bitcoin )(?<!memory )"
            r"\baddress\b(?! (?:bar|book))|(?<!-)\badresse?\b|\bdirección\b|\bindirizzo\b|\bendereço\b|\bmorada\b"
            r"|\bадрес\b|\bosoite\b|διεύθυνση|住所|所在地|地址|주소|(?<!بريد )\bعنوان|\bपता\b|כתובת"
            r"|^\W*where (?:are (?:you|they|we)|is (?:it|this|(?:the|your) (?:company|office|firm|shop|store|practice"
            r"|clinic|surgery|museum|hotel|hostel|restaurant|venue|school)))(?: (?:located|based|situated))?\W*$"
            r"|^\W*wo (?:sind sie|seid ihr|ist es)(?: zu finden)?\W*$|^\W*où (?:êtes-vous|se trouve)(?: situés?)?\W*$"
            r"|^\W*d[oó]nde (?:están?|estáis|se encuentran?)\W*$|^\W*dove (?:siete|si trova)\W*$"
            r"|^\W*где вы (?:находитесь|расположены)\W*$",
            re.IGNORECASE,
        ),
        late(
            r"\b(?:what|which|wie|welche|quelle|cu[aá]l|qual[eé]?|wat|vad|hva|jaki|какой|where|wo|où|d[oó]nde|dove)\b",
            re.IGNORECASE,
        ),
        Shape(POSTAL),
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
    """A question for a telephone number, an address or a temperature -> what else it says, and how it looks."""
    if is_yes_or_no(query) or how_to(query):
        return None
    for name, kind, shape in _ASKED:
        if name.search(query) and (kind.search(query) or _WHAT_IS.match(query) or len(words(query)) <= _MAX_KEYWORDS):
            return kind.sub(" ", name.sub(" ", query)), shape
    return None


def has_shape(block: Block, shape: Shape) -> bool:
    """Whether a block's text holds what looks like that, or a link to it."""
    is_linked = shape.linked != "" and shape.linked in block.inner
    return is_linked or shape.written.search(block.text) is not None
