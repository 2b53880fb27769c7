"""Dates as a page shows them to its readers, in the months and signs of its language."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

from lxml import etree

from indexlm.html.parse import parse
from indexlm.patterns import late

_NAMES = """
يناير كانون_الثاني جانفي ינואר जनवरी มกราคม ม.ค. января Ιανουαρίου ژانویه januari
فبراير شباط فيفري פברואר फरवरी กุมภาพันธ์ ก.พ. февраля Φεβρουαρίου فوریه februari
مارس آذار مارس מרץ मार्च มีนาคม มี.ค. марта Μαρτίου مارس maart
أبريل نيسان أفريل אפריל अप्रैल เมษายน เม.ย. апреля Απριλίου آوریل april
مايو أيار ماي מאי मई พฤษภาคม พ.ค. мая Μαΐου مه mei
يونيو حزيران جوان יוני जून มิถุนายน มิ.ย. июня Ιουνίου ژوئن juni
يوليو تموز جويلية יולי जुलाई กรกฎาคม ก.ค. июля Ιουλίου ژوئیه juli
أغسطس آب أوت אוגוסט अगस्त สิงหาคม ส.ค. августа Αυγούστου اوت augustus
سبتمبر أيلول سبتمبر ספטמבר सितंबर กันยายน ก.ย. сентября Σεπτεμβρίου سپتامبر september
أكتوبر تشرين_الأول أكتوبر אוקטובר अक्टूबर ตุลาคม ต.ค. октября Οκτωβρίου اکتبر oktober
نوفمبر تشرين_الثاني نوفمبر נובמבר नवंबर พฤศจิกายน พ.ย. ноября Νοεμβρίου نوامبر november
ديسمبر كانون_الأول ديسمبر דצמבר दिसंबर ธันวาคม ธ.ค. декабря Δεκεμβρίου دسامبر december
"""
_LATIN = """
januar janvier enero gennaio janeiro stycznia
februar février febrero febbraio fevereiro lutego
märz mars marzo março marca
april avril abril aprile kwietnia
mai mayo maggio maio maja
juni juin junio giugno junho czerwca
juli juillet julio luglio julho lipca
august août agosto sierpnia
september septembre septiembre settembre setembro września
oktober octobre octubre ottobre outubro października
november novembre noviembre novembro listopada
dezember décembre diciembre dicembre dezembro grudnia
"""
_OTHERS = """
ocak ledna januára tammikuuta ianuarie січня януари január gener januari sausio
şubat února februára helmikuuta februarie лютого февруари február febrer februari vasario
mart března marca maaliskuuta martie березня март március març maret mars marts kovo
nisan dubna apríla huhtikuuta aprilie квітня април április april balandžio
mayıs května mája toukokuuta mai травня май május maig maj gegužės
haziran června júna kesäkuuta iunie червня юни június juny birželio
temmuz července júla heinäkuuta iulie липня юли július juliol liepos
ağustos srpna augusta elokuuta august серпня август augusztus agost agustus augusti rugpjūčio
eylül září septembra syyskuuta septembrie вересня септември szeptember setembre rugsėjo
ekim října októbra lokakuuta octombrie жовтня октомври október octubre spalio
kasım listopadu novembra marraskuuta noiembrie ноември november lapkričio
aralık prosince decembra joulukuuta decembrie грудня декември december desembre desember gruodžio
"""
_MONTHS = {
    name.replace("_", " ").casefold(): i
    for names in (_NAMES, _LATIN, _OTHERS)
    for i, line in enumerate(names.split("\n"))
    for name in line.split()
}
_MONTH = "|".join(sorted(map(re.escape, _MONTHS), key=len, reverse=True))
_NAMED = late(rf"(?<!\d)(\d{{1,2}})(?:\.|er\b|[º°])?\s*(?:de |ב)?({_MONTH})[،,]?\s+(?:de\s+)?(\d{{4}})(?!\d)")
_SIGNED = late(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925}  # of Japan, by the year before their first
_OF_ERA = late(rf"({'|'.join(_ERAS)})\s*(元|\d{{1,2}})\s*年\s*(\d{{1,2}})\s*月\s*(\d{{1,2}})\s*日")
_YEAR_FIRST = late(rf"(?<!\d)(\d{{4}})(?:\.|\s+m\.)?\s+({_MONTH})\s+(\d{{1,2}})(?!\d)")
_BUDDHIST = 2400  # years from there on count from 543 before the others
_MOST_CHARS = 120  # of an element that shows a date
_dated: Any = etree.XPath(
    "//time | //*[contains(@class, 'date') or contains(@class, 'Date') or contains(@class, 'time') or "
    "contains(@class, 'publi') or contains(@class, 'posted') or contains(@class, 'meta') or contains(@class, 'info')]"
)


def shown_date(html: str) -> str:
    """A page -> the first date in an element that is called a date, a time or data of the page; empty for none."""
    root = parse(html)
    for element in _dated(root) if root is not None else ():
        text = "".join(element.itertext())
        if len(text) <= _MOST_CHARS and (written := written_date(text)):
            return written
    return ""


def written_date(text: str) -> str:
    """The first date in a text, as people write it -> ISO 8601; empty for none.

    >>> written_date("14 آذار 2026"), written_date("5 มีนาคม 2568"), written_date("2026年3月5日 08:31")
    ('2026-03-14', '2025-03-05', '2026-03-05')
    """
    text = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in text).casefold()
    if match := _SIGNED.search(text):
        year, month, day = map(int, match.groups())
    elif match := _NAMED.search(text):
        day, month, year = int(match[1]), _MONTHS[match[2]], int(match[3])
    elif match := _YEAR_FIRST.search(text):
        year, month, day = int(match[1]), _MONTHS[match[2]], int(match[3])
    elif match := _OF_ERA.search(text):
        year, month, day = _ERAS[match[1]] + (1 if match[2] == "元" else int(match[2])), int(match[3]), int(match[4])
    else:
        return ""
    try:
        return date(year - 543 if year > _BUDDHIST else year, month, day).isoformat()
    except ValueError:
        return ""
