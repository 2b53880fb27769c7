"""The names of months, as texts of many languages write them in dates."""

from __future__ import annotations

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
MONTHS = {
    name.replace("_", " ").casefold(): i
    for names in (_NAMES, _LATIN, _OTHERS)
    for i, line in enumerate(names.split("\n"))
    for name in line.split()
}
"""By name, without capital letters, the number of a month: 1 for January."""
