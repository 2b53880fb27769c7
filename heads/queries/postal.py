"""Postal addresses: which questions ask for one, and which texts hold it."""

from __future__ import annotations

import re

from heads.queries.questions import how_to, is_yes_or_no
from heads.queries.shapes import MAX_KEYWORDS, WHAT_IS
from indexlm.patterns import late
from indexlm.text import words

_POSTCODE = (  # four digits alone may be a year
    r"(?:(?:[A-Z]{1,2}-)?\d{5}|(?!(?:19|20)\d\d)\d{4}(?: [A-Z]{2}\b,?)?|(?:19|20)\d\d [A-Z]{2}\b,?"
    r"|\d{3} \d{2}|\d{2}-\d{3})"
)
POSTAL = late(
    r"\b[A-Z]{1,2}\d[A-Z\d]? \d(?![GMTK]B)[A-Z]{2}\b|\b[A-Z]\d[A-Z] \d[A-Z]\d\b|,\s[A-Z]{2} \d{5}\b"
    r"|\b(?!(?:On|In|By|Since|Until|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w* )"
    rf"[A-ZÀ-ÞŁŚŻŹĆČŘŠŽ][^\d!?|]{{2,40}}\s\d{{1,4}} ?[A-Za-z]?,? {_POSTCODE}\s[A-ZÀ-ÞŁŚŻŹĆČŘŠŽ]"
    r"|\b[A-ZÀ-Þ]\w{2,30}(?:stra(?:ß|ss)e|str\.|gasse|allee|damm|ufer|straat|laan|gracht|gatan?|vägen|vej"
    r"|(?<!Bri)gade|katu)\s\d{1,3}[a-z]?\b(?!\s?(?:[%€]|km\b|m\b|min|uhr))|\b\w{2,30}(?:platz|weg|plein|kade)\s\d{1,3}[a-z]?,"
    r"|\b\d{1,4}(?: ?(?:bis|ter))?,? (?:rue|avenue|boulevard|quai|chemin(?! de fer)|impasse|allée)"
    r" (?:d\w{1,2}|la|les?|l['’]|[A-ZÀ-Þ])"
    r"|\b\d{1,4},? place d(?:e la|u|es?) [A-ZÀ-Þ]"
    r"|(?<!\w)(?:(?:V|(?<=, )v|(?<=in )v)ia(?:le)?|Corso|Piazza(?:le)?|Calle|C/|Avenida|Av\.|Plaza|Paseo|Rua|Praça"
    r"|Largo|[Uu]l\.|[Uu]lica|[Aa]l\.|[Уу]л(?:ица|\.)|[Пп]р(?:оспект|-т)|[Вв]ул(?:иця|\.)|Str(?:ada|\.)|[Οο]δός)\s"
    r"(?:[a-zà-ÿ]{1,5}\.?\s){0,3}[A-ZÀ-ÞŁŚŻŹĆА-ЯІЇЄΑ-Ω][^\d.!?|]{1,30}(?:д\.\s?|nr\.\s?)?"
    r"[1-9]\d{0,2}[a-zа-я]?(?![\d%€])\b"
    r"|\b(?!(?:1[89]|20)\d\d )\d{1,5}[A-Za-z]?,? (?:(?:[A-Z][a-z'’]{1,20}|\d{1,3}(?:st|nd|rd|th)|[NSEW]\.?) ){1,3}"
    r"(?:(?:Street|St|Road|Rd|Lane|Ln|Avenue|Ave|Boulevard|Blvd|Crescent|Terrace|Quay|Wharf|Gardens)\b"
    r"(?! [A-Z][a-z]+\b(?! ?[A-Z]{0,2}\d))"
    r"|(?:Square|Drive|Way|Row|Close|Court|Parade|Hill|Yard)(?=,? (?:[A-Z][a-z]|[A-Z]{2} \d)))"
    r"|\b\w{3,30} (?:Mah\.|Mahallesi|Cad\.|Caddesi|Sok\.|Sokak|Sokağı)(?!\w)[^!?]{0,30}\d"
    r"|〒\s?\d{3}-?\d{4}|[都道府県市区町村][^\s。、]{1,14}\d{1,3}(?:-\d{1,3}){1,2}|[都道府県市区郡][^\s。、\d]{1,12}\d{1,2}丁目"
    r"|[省市区縣县環环][^\s。，\d]{1,16}[路街道巷中]\s?\d{1,4}\s?[号號]"
    r"|[가-힣]+[시도군구] [가-힣\d ]{1,20}(?:로|길|동) ?\d"
    r"|(?:شارع|خیابان|רחוב|मार्ग) [^\d.]{2,40}\d|ถนน\s?\S+"
)
"""A postal address: a street with a number, or a postcode of a shape that nothing else has."""
_ADDRESS = late(
    r"\b(?:address|adress[ea]n?|adres|anschrift|dirección|indirizzo|endereço|morada|адрес|osoite)\b|διεύθυνση|住所|所在地"
    r"|地址|주소|عنوان|पता\b|כתובת",
    re.IGNORECASE,
)
_OTHER_ADDRESS = late(
    r"mail|courriel|correo|posta |elettronica|почт|сайт|(?<![a-z])ip(?:v\d)?(?![a-z])"
    r"|メール|サイト|网址|邮箱|이메일|الإلكتروني|बदल"
    r"|\b(?:mac|url|web\w*|site|server|host\w*|domain|wallet|bitcoin|ethereum|contract|memory|return|change|new|old"
    r"|billing|invoices?|delivery|shipping|gettysburg|inaugural|keynote|farewell)[ -](?:address|adresse|adres)\b"
    r"|\bchange of address\b"
    r"|\b(?:adresse|dirección|indirizzo|address) (?:du (?:site|serveur)|del viento|mac|url|web|bar|book)\b",
    re.IGNORECASE,
)
"""Addresses of mail, machines and money, and other things of that name."""
_WHERE_IS_IT = late(
    r"\W*(?:where (?:are (?:you|they|we)|is (?:it|this|(?:the|your) (?:company|office|firm|shop|store|practice|clinic"
    r"|surgery|museum|hotel|hostel|restaurant|venue|school)))(?: (?:located|based|situated))?"
    r"|wo (?:sind sie|seid ihr|ist es)(?: zu finden)?|où (?:êtes-vous|se trouve)(?: situés?)?"
    r"|d[oó]nde (?:están?|estáis|se encuentran?)|dove (?:siete|si trova)|где вы (?:находитесь|расположены))\W*",
    re.IGNORECASE,
)


def asked_address(query: str) -> tuple[str, bool] | None:
    """A question for a postal address -> what else it says, and whether it asks for one by that word; None for others.

    `Where are you?` asks for one as well, but an answer may be none.
    """
    if _WHERE_IS_IT.fullmatch(query):
        return "", False
    found = _ADDRESS.search(query)
    if not found or _OTHER_ADDRESS.search(query) or is_yes_or_no(query) or how_to(query):
        return None
    is_asked = WHAT_IS.match(query) or len(words(query)) <= MAX_KEYWORDS or not query[: found.start()].strip(" ¿'\"")
    return (WHAT_IS.sub(" ", _ADDRESS.sub(" ", query)), True) if is_asked else None
