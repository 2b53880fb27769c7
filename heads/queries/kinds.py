"""What kind of thing a question asks for, as an amount, a time or a person, and which texts hold such a thing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Set
from functools import lru_cache, partial
from itertools import chain
from typing import NamedTuple

from heads.queries.measures import asked_unit, has_unit
from heads.queries.places import asks_where, is_address, may_be_place
from heads.queries.questions import asks_how_much, begins_how_much, how_much_end, how_to, is_word, is_yes_or_no, tells
from indexlm.patterns import late
from indexlm.text import CURRENCY_NAMES, CURRENCY_SIGNS, find_terms, has_digit, is_sequence, terms, word_set, words

_NUMBERS = word_set(
    """
    one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty hundred
    thousand million dozen half once twice none nothing free neither both
    ein eine einen einem einer eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig hundert
    tausend einmal zweimal halbe keine keinen kostenlos kostenfrei gratis frei
    une deux trois quatre cinq six sept huit neuf dix douze quinze vingt trente cent mille gratuit gratuite aucun
    aucune uno una dos tres cuatro cinco seis siete ocho nueve diez doce quince veinte treinta cien mil gratuito
    gratuita ningún ninguna due tre quattro cinque sei sette otto nove dieci dodici venti trenta cento mille nessun
    nessuna uma dois duas três quatro sete oito dez doze vinte trinta cem grátis nenhum nenhuma
    een één twee drie vier vijf zes zeven acht negen tien twaalf twintig honderd geen
    ett två tre fyra fem sex sju åtta nio tio tolv tjugo hundra ingen inga fritt fire syv otte
    jeden jedna jedno dwa dwie dwóch trzy trzech cztery pięć pięciu sześć siedem osiem dziewięć dziesięć sto bezpłatnie
    bezpłatny bezpłatna darmowy żaden
    один одна одно одну одного два две двух три трёх трех четыре четырёх пять пяти шесть шести семь семи восемь восьми
    девять девяти десять десяти двенадцать двенадцати двадцать двадцати сто тысяча тысяч бесплатно бесплатный нет
    одна дві двох чотири п'ять шість сім вісім дев'ять безкоштовно
    bir iki üç dört beş altı yedi sekiz dokuz yirmi otuz elli yüz bin yarım ücretsiz bedava
    ένα μία δύο τρεις τρία τέσσερις τέσσερα πέντε έξι επτά οκτώ εννέα δέκα είκοσι εκατό δωρεάν
    واحد واحدة اثنان اثنا اثنين ثلاث ثلاثة أربع أربعة خمس خمسة ست ستة سبع سبعة ثمان ثمانية تسع تسعة عشر عشرة عشرون
    عشرين ثلاثون ثلاثين أربعون أربعين خمسون خمسين مئة مائة ألف آلاف مجاني مجانا مجانية يومان يومين أسبوعان أسبوعين
    אחד אחת שני שתי שניים שתיים שלוש שלושה ארבע ארבעה חמש חמישה שש שישה שבע שבעה שמונה תשע תשעה עשר עשרה מאה אלף חינם
    שבועיים יומיים חודשיים یک دو سه چهار پنج شش هفت هشت نه ده صد هزار رایگان
    एक दो तीन चार पाँच पांच छह सात आठ नौ दस बारह पंद्रह बीस तीस चालीस पचास सौ हज़ार हजार मुफ्त मुफ़्त निःशुल्क
    এক দুই তিন চার পাঁচ ছয় সাত আট নয় দশ বিশ ত্রিশ পঞ্চাশ একশ হাজার একটি দুটি তিনটি
    một hai ba bốn năm sáu bảy tám chín mười trăm nghìn miễn
    satu dua tiga empat lima enam tujuh delapan sembilan sepuluh seratus ribu gratis
    doi două trei patru cinci șase șapte opt nouă zece sută mie gratuit yksi kaksi kolme neljä viisi kuusi ilmainen
    ingyenes egy kettő két három négy öt hat dva dvě tři čtyři pět šest sedm osm zdarma
    한 두 세 네 다섯 여섯 일곱 여덟 아홉 열 스무 무료 一 二 三 四 五 六 七 八 九 十 百 千 万 两 兩 半 零 免
    """
)
_UNITS = r"""
    sec(?:ond)?s?|min(?:ute)?s?|hours?|hrs?|days?|weeks?|fortnights?|months?|years?|overnight|nights?
    |sekunden?|minuten?|stunden?|std|tagen?|tage?s?|werktag\w*|wochen?|monat\w*|jahr\w*
    |secondes?|heures?|jours?|semaines?|mois|années?|ans?|minutos?|horas?|días?|semanas?|mes(?:es)?|años?|anos?|dias?
    |secondi|minut[oi]|or[ae]|giorn[oi]|settiman[ae]|mes[ei]|ann[oi]
    |uur|uren|dag(?:en)?|weken|week|maand(?:en)?|ja(?:ar|ren)|timm?[ae]r?|dagar?|dygn|veckor?|månad(?:er)?|å?r
    |uker?|måneder|minut[ya]?|godzin[ya]?|dni|dzień|tygodni\w*|tydzień|miesi[ąę]c\w*|lat[a]?|rok[u]?
    |минут\w*|час\w{0,2}|д(?:ень|ня|ней)|недел\w*|месяц\w*|год\w?|лет|хвилин\w*|годин\w*|дн[іяв]\w*|тижн\w*|місяц\w*
    |dakika|saat|gün|hafta|ay|yıl|λεπτ\w+|ώρ\w+|η?μέρ\w+|εβδομάδ\w+|μήν\w+
    |دقيق\w+|دقائق|ساع\w+|يوم\w*|أيام|أسبوع\w*|أسابيع|شهر\w*|أشهر|سن\w+|דקות|שע\w+|ימים|יום|שבוע\w*|חודש\w*|שנ\w+
    |मिनट|घंट\w*|घण्ट\w*|दिन\w*|सप्ताह|हफ़?्?त\w*|महीन\w*|साल|phút|giờ|ngày|tuần|tháng|menit|jam|hari|minggu|bulan
"""
_UNITS = "".join(_UNITS.split())
_LENGTHS = "mm|cm|m|km|met(?:re|er)s?|miles?|feet|ft|inch(?:es)?|pages?|seiten?"
_UNIT = late(f"(?:{_UNITS}|{_LENGTHS})")
_DURATION = late(
    r"\bovernight\b|\d(?:min|hrs?|h)\b"
    r"|\b(?:within|in|after|about|for|takes?|lasts?) an? (?:minute|hour|day|week|month|year|night)\b"
    r"|[\d一二三四五六七八九十两兩半]\s?(?:[個个か]?(?:秒|分|時間|小时|小時|日|天|週|周|月|年|晚|泊)|시간|분|일|주|개월|년|달)"
    r"|\d\s?(?:นาที|ชั่วโมง|วัน|สัปดาห์|เดือน|ปี)",
    re.IGNORECASE,
)
_TIMES = word_set(
    """
    january february march april june july august september october november december monday tuesday wednesday thursday
    friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays weekday weekdays weekend
    weekends noon midday midnight daily spring summer autumn winter easter christmas morning evening tomorrow week weeks
    day days month months hour hours minutes year immediately
    januar jänner februar märz mai juni juli oktober dezember montag dienstag mittwoch donnerstag freitag samstag
    sonnabend sonntag montags dienstags mittwochs donnerstags freitags samstags sonntags werktags täglich wochenende
    mittags morgens abends mitternacht frühling frühjahr sommer herbst ostern weihnachten woche wochen tage tagen
    monatsende sofort
    janvier février mars avril mai juin juillet août septembre octobre novembre décembre lundi mardi mercredi jeudi
    vendredi samedi dimanche midi minuit printemps été automne hiver jours semaine semaines mois matin soir
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre lunes martes miércoles
    jueves viernes sábado sábados domingo domingos mediodía medianoche primavera verano otoño invierno días semana
    gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre lunedì martedì mercoledì giovedì venerdì
    sabato domenica mezzogiorno mezzanotte estate autunno inverno giorni settimana
    janeiro fevereiro março maio junho julho setembro outubro novembro dezembro segunda terça quarta quinta sexta
    verão outono inverno dias
    januari februari maart mei augustus maandag dinsdag woensdag donderdag vrijdag zaterdag zondag dagelijks lente
    zomer herfst weekend måndag måndagar tisdag onsdag torsdag fredag lördag lördagar söndag söndagar sommaren vintern
    hösten våren maj augusti vardagar mandag lørdag søndag
    stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia poniedziałek
    wtorek środa środę czwartek piątek sobota sobotę niedziela niedzielę codziennie
    января февраля марта апреля мая июня июля августа сентября октября ноября декабря понедельник вторник среда среду
    четверг пятница пятницу суббота субботу воскресенье ежедневно мая сентября
    ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık pazartesi salı çarşamba perşembe cuma
    cumartesi pazar
    """
)
_TIME = late(
    r"(?<![€$£¥₹\d.,])(?<![€$£¥₹]\s)\d{1,2}[:.h]\d{2}\b(?!\s?[€$£%.,])|\b\d{1,2}\s?(?:am|pm|a\.m|p\.m|uhr|h|uur)\b"
    r"|\b(?:1[5-9]|20)\d{2}\b|\b\d{1,2}(?:/|\.\s?)\d{1,2}(?:/|\.(?!\d{3}))"
    r"|\d\s?(?:時|点|시|月|월|日|일|年|년|น\.)|[一二三四五六七八九十两]\s?(?:時|点|月|日)|\bkl\.?\s?\d|午前|午後|上午|下午|曜|周[一二三四五六日末]",
    re.IGNORECASE,
)
_WHO = late(
    r"^\W*(?:whom?|we[rmn]|qui|qui[eé]n(?:es)?|chi|quem|wie (?:is|was|heeft|geeft|schreef|won)|vem|hvem|kto|кто|хто"
    r"|kim|ποι[οα]ς)\b",
    re.IGNORECASE,
)
_NAME = late('(?<=[^.!?…:\\s"“„»(–-]\\s)[A-ZÀ-ÖØ-ÞĀ-ŽА-ЯЁІЇЄΑ-Ω]|\\b[A-ZÀ-ÖØ-Þ][^\\W\\d_]+ [A-ZÀ-ÖØ-Þ]')
_CASED = late("[a-zà-öø-ÿа-яα-ω]")
_YEAR = late(r"\b(?:1[5-9]|20)\d{2}\b|\d{4}\s*[年년]")
_HOW_LONG = late(
    r"\bhow long\b|\bhow many (?:minutes|hours|days|weeks|months|years|nights)\b|\bwie lang|\bwie ?viele (?:minuten"
    r"|stunden|tage|wochen|monate|jahre)\b|combien de (?:temps|minutes|heures|jours|semaines|mois)\b"
    r"|cu[aá]nto (?:tiempo|dura|tarda)|cu[aá]nt[oa]s (?:minutos|horas|días|semanas|meses)\b"
    r"|quant[oi] (?:tempo|dura|giorni|minuti|mesi)\b|quante (?:ore|settimane)\b"
    r"|quant[oa]s (?:dias|horas|minutos|semanas)"
    r"|quanto (?:demora|leva)|hoe ?lang|hoeveel (?:dagen|uur|uren|weken)|hur (?:länge|lång tid|många dagar)"
    r"|hvor l(?:e|æ)nge|jak długo|ile (?:dni|trwa|czasu|godzin)|как долго|сколько (?:дней|времени|часов|минут|длится)"
    r"|скільки (?:днів|часу|триває)|kaç (?:gün|saat|dakika|hafta)|ne kadar sür|どのくらい|どれくらい"
    r"|何(?:日間|時間|分|週間)"
    r"|多久|多长时间|几天|多少天|얼마나 (?:걸|오래)|며칠|कितने (?:दिन|घंटे|मिनट)|कितनी देर|कितना समय"
    r"|كم (?:يوم|من الوقت|تستغرق|يستغرق|مدة|المدة)|כמה (?:זמן|ימים)|bao lâu|mấy ngày|berapa (?:lama|hari)",
    re.IGNORECASE,
)
_WHEN = late(
    r"^\W*(?:(?:until|since|by|from|till) )?when\b|\bwhat (?:time|date|day|year)\b|\bhow (?:late|early)\b"
    r"|\b(?:which|in what) (?:day|date|year|month)\b|^\W*(?:(?:bis|ab|seit) )?wann\b|um wie ?viel uhr"
    r"|welche[mnr]? (?:tag|jahr|datum|uhrzeit)|^\W*(?:jusqu['’]à |depuis )?quand\b|quelle heure|quel jour"
    r"|quelle année|^\W*¿?(?:hasta |desde )?cu[aá]ndo\b|qu[eé] (?:hora|día|año|fecha)|^\W*(?:fino a |da )?quando\b"
    r"|che (?:ora|giorno|anno)|que (?:horas|dia|ano|data)|^\W*(?:tot |vanaf )?wanneer\b|hoe laat|welke dag"
    r"|^\W*(?:när|hvornår|når)\b|vilken (?:dag|tid)|^\W*(?:do |od )?kiedy\b|o której|^\W*(?:с |до )?когда\b"
    r"|во сколько|до какого|коли\b|ne zaman|saat kaç|いつ|何時(?!間)|什么时候|几点|何时|언제|몇 시|متى|कब\b|מתי"
    r"|πότε|เมื่อไ|กี่โมง",
    re.IGNORECASE,
)

_COSTS = late(
    r"^\W*(?:how much\b.{0,60}\bcosts?\b|what (?:do|does|did|will|would|might|could|can|should)\b.{0,60}\bcost\b"
    r"|what(?:['’]s| is| are| was| were) the (?:\w+ ){0,2}costs?\b)"
    r"|^\W*(?:was|wat|vad|hva|que|co)\b.{0,60}(?<!in de)(?<!\bi) (?-i:kost(?:et|en|ar|er)?|coûten?t?)\b"
    r"|^\W*(?:wie ?viel|combien|qu[eé]|cu[aá]nto|quanto|ile)\b.{0,40}\b(?:kostet|coûtent?|cuestan?|custam?|costa(?:no)?"
    r"|kosztuj[eą])\b|\bсколько\b.{0,40}\bсто[ия]т\b",
    re.IGNORECASE,
)
MONEY = late(rf"[{CURRENCY_SIGNS}]|\b(?:{CURRENCY_NAMES})\b|\bRp\s?\d|[元円원]", re.IGNORECASE)
"""Signs and short names of currencies, as in prices."""
_IN_WORDS = late(
    r"\b(?:euros?|pounds?|dollars?|pence|cents?|free|franken|kronor|kroner|kostenlos|gratis|gratuit\w*|złot\w+"
    r"|рубл\w+|бесплатн\w+|lira|ücretsiz)\b|درهم|ريال|دينار|مجان|रुप|บาท|ฟรี|đồng|無料|免费|免費|무료|שקל|ευρώ|تومان|টাকা",
    re.IGNORECASE,
)
_HAN_NUMBER = late("[一二三四五六七八九十百千万两兩][個个本枚人匹つ回名台冊册日年時分円元只条件天次位頭羽歳岁]")
_MEANING = late(
    r"\bwhat do(?:es)?\b.{1,60}\b(?:mean|stand for)\b|\bmeaning of\b|\bwas (?:bedeute[nt]|heißt)\b"
    r"|\bsignifi(?:e|ca|can)\b|\bque veut dire\b|\bwat betekent\b|\bco (?:oznacza|znaczy)\b|\bчто (?:значит|означает)"
    r"|\bvad betyder\b|ne demek|の意味|什么意思|무슨 뜻",
    re.IGNORECASE,
)
_OF_CODES = frozenset(terms("error code status message fehler meldung erreur errore erro fout błąd ошибка code mean"))
_FIRST_WORDS = 3  # of a text that says what it begins with means
_NEAR = 40  # characters beside what is counted
_THAI = late("[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff]")  # scripts without spaces: words are not found


class Kind(NamedTuple):
    """holds: whether a text holds such a thing. may_hold: whether it holds what may be one, as a number a time.

    outranks: whether of two texts that may hold one, that which holds it answers.
    may_be_missed: whether a text that answers may show nothing of it, to a head that is sure.
    stands_in: what a text may hold in place of it, as a number with another unit, lest another outranks it.
    """

    holds: Callable[[str], bool]
    may_hold: Callable[[str], bool]
    outranks: bool = False
    may_be_missed: bool = False
    stands_in: Callable[[str], bool] | None = None

    def meets(self, text: str) -> bool:
        """Whether no other text that holds such a thing answers in place of this one."""
        if not self.outranks:
            return self.may_hold(text)
        return self.holds(text) or (self.stands_in is not None and self.stands_in(text))


@lru_cache(maxsize=256)
def asked_kind(query: str) -> Kind | None:
    """The kind of thing that a question asks for; None for others."""
    if _HOW_LONG.search(query):
        return _LENGTH_OF_TIME
    if _WHEN.search(query):
        return _POINT_IN_TIME
    if _WHO.search(query):
        return PERSON
    if asks_where(query):
        asked = terms(query)
        return Kind(is_address, lambda text: may_be_place(text, asked, _TIMES), outranks=True, may_be_missed=True)
    if _MEANING.search(query):
        named = frozenset(term for term in terms(query) - _OF_CODES if tells(term))
        return Kind(partial(_begins_with, named=named), lambda _: True, outranks=True)
    if _COSTS.search(query):
        return _MONEY
    if (unit := asked_unit(query)) and not (is_yes_or_no(query) or how_to(query)):
        measured = partial(_has_measure, unit=unit)
        return Kind(measured, has_number, outranks=True, may_be_missed=True, stands_in=has_unit)
    return _AMOUNT if asks_how_much(query) else None


def lacks_kind(query: str, texts: Iterable[str]) -> bool:
    """Whether none of some texts may hold what a question asks for: a number, a measure, what it costs, or a place."""
    kind = _MONEY if _COSTS.search(query) else asked_kind(query)
    if kind and (kind is _MONEY or kind.may_be_missed):
        return not any(map(kind.may_hold, texts))
    return begins_how_much(query) and not any(map(has_number, texts))


def asks_when(query: str) -> bool:
    """Whether a question asks for a point in time."""
    return asked_kind(query) is _POINT_IN_TIME


def is_dated(query: str, text: str) -> bool:
    """Whether a question asks when, and a text answers it by itself: it holds a year (`3.0.0 (2 May 2025)`)."""
    return asks_when(query) and _YEAR.search(text) is not None


def counted_things(query: str) -> Kind | None:
    """A question how many of something there are -> how a text counts these; None for other questions."""
    start = how_much_end(query)
    if not start or _HOW_LONG.search(query) or _COSTS.search(query):
        return None
    following = (term for word in words(query[start:]) for term in terms(word))
    thing = next((term for term in following if tells(term) and is_word(term)), "")
    counts = partial(_counts, thing=thing)
    return Kind(counts, counts) if thing and not is_sequence(thing) else None


def _counts(text: str, thing: str) -> bool:
    """Whether a text holds a number of things (`six lanes`, `21 low arches`, `Lanes: 6`)."""
    for place, _ in find_terms(text, (thing,)):
        before, after = text[max(place - _NEAR, 0) : place], text[place : place + _NEAR]
        if any(map(_is_number, (*words(before)[-2:], *words(after)[1:2]))):
            return True
    return False


def _is_number(word: str) -> bool:
    return word.isdecimal() or word in _NUMBERS


def has_number(text: str) -> bool:
    """Whether a text holds a number, in digits or in words."""
    return has_digit(text) or not _NUMBERS.isdisjoint(words(text)) or _THAI.search(text) is not None


def _has_measure(text: str, unit: re.Pattern[str]) -> bool:
    """Whether a text holds a number with a unit, in digits or in words (`two metres`)."""
    if unit.search(text):
        return True
    found = words(text)
    is_in_words = not _NUMBERS.isdisjoint(found)
    return is_in_words and unit.search(" ".join("1" if word in _NUMBERS else word for word in found)) is not None


def _begins_with(text: str, named: Set[str]) -> bool:
    return not named.isdisjoint(terms(" ".join(words(text)[:_FIRST_WORDS])))


def _has_duration(text: str) -> bool:
    if _DURATION.search(text):
        return True
    found = words(text)
    numbers = (i for i, word in enumerate(found) if _is_number(word))
    return any(map(_UNIT.fullmatch, chain.from_iterable(found[i + 1 : i + 3] for i in numbers)))


def _has_time(text: str) -> bool:
    return _TIME.search(text) is not None or not _TIMES.isdisjoint(words(text))


def _has_amount(text: str) -> bool:
    return has_digit(text) or _HAN_NUMBER.search(text) is not None


def has_money(text: str) -> bool:
    """Whether a text holds an amount of money, or says that something is free."""
    return _IN_WORDS.search(text) is not None or (MONEY.search(text) is not None and has_number(text))


def _has_name(text: str) -> bool:
    """Whether a text holds a capital letter within a sentence, or is of a script without capital letters."""
    return _NAME.search(text) is not None or _CASED.search(text) is None


PERSON = Kind(_has_name, _has_name)
_MONEY = Kind(has_money, lambda text: has_digit(text) or has_money(text))
_AMOUNT = Kind(_has_amount, _has_amount)
_LENGTH_OF_TIME = Kind(_has_duration, _has_duration)
_POINT_IN_TIME = Kind(_has_time, lambda text: has_digit(text) or _has_time(text))
