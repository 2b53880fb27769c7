"""Subjects that pages name in other words than questions: what a visit costs stands below `Fees`.

The list is short on purpose: subjects of many pages, each with the names that pages give it.
"""

from __future__ import annotations

import re
from collections.abc import Set
from functools import cache
from typing import NamedTuple

from heads.queries.kinds import MONEY
from heads.queries.questions import is_yes_or_no, tells
from indexlm.patterns import late
from indexlm.text import has_digit, terms, words

_MAX_NAME_WORDS = 4
_MAX_NAME_CHARS = 30
_MAX_PRICE_CHARS = 24
_LONG_WORD = late(r"[^\W\d_]{4,}")
_REDUCED = late(
    r"%|\b(?:off|save|saving|discount|was|rrp|statt|rabatt|spar\w*|uvp|remise|économi\w+|au lieu|descuento|antes"
    r"|ahorr\w+|desconto|sconto|risparmi\w*|korting|rabat\w*|скидк\w+)\b|割引|折|할인",
    re.IGNORECASE,
)
"""What says that an amount is none that is paid, but what is saved or was paid before."""
_OF_TICKETS = (
    "ticket tickets entry entrance karten eintrittskarten billets billet entrées entradas entrada biglietti biglietto"
    " ingresso bilhetes bilety bilet biljetter billetter билеты билет biletler"
    " チケット 入場料 门票 票 입장권 입장료 تذاكر"
)
_OF_PRICES = "current now total buy aktuell actuel actual attuale"


class Subject(NamedTuple):
    """asked: what asks for it, in lower case. named: the words that name it, one of which a short label holds.

    by_yes_or_no: whether questions that are answered by yes or no ask for it as well.
    """

    asked: re.Pattern[str]
    named: str
    by_yes_or_no: bool = False

    @property
    def names(self) -> frozenset[str]:
        """The terms of the words that name it."""
        return _terms(self.named)


@cache
def _terms(words: str) -> frozenset[str]:
    return frozenset(terms(words))


def _subject(asked: str, names: str, by_yes_or_no: bool = False) -> Subject:
    return Subject(late(asked), names, by_yes_or_no)


_REFUND = (
    r"\brefund|\bmoney back\b|\breimburse|geld zurück|erstatt|rembours|récupérer (?:mon|l['’])\s?argent|reembols"
    r"|devuelv\w+ el dinero|devolución|rimbors|soldi indietro|dinheiro de volta|devolução|geld terug|terugbetal"
    r"|pengarna tillbaka|återbetal|zwrot|вернуть деньги|возврат|para(?:mı)? (?:iade|geri)|返金|退款|환불|استرداد|रिफंड"
)


_PRICE = _subject(
    r"\bhow much (?:is|are|was|does|do|will|would)\b(?!.{0,80}\bweigh)|\b(?:costs?|prices?|fees?|fares?|charges?"
    r"|pay)\b|\bkoste[tn]?\b|\bpreise?\b|\bteuer\b|gebühr|combien (?:ça )?coûte|\bprix\b|\btarifs?\b"
    r"|cu[aá]nto (?:cuesta|vale)|\bprecios?\b|quanto (?:costa|custa|pago)|\bprezz|\bpreço|hoeveel kost|\bkost\b"
    r"|ile kosztuj|\bcen[ay]\b|сто[ия]т\b|цен[аы]\b|ne kadar|fiyat|いくら|料金|多少钱|价格|얼마|요금|كم (?:سعر"
    r"|ثمن|رسوم)|कीमत|शुल्क",
    "prices pricing fees fares costs rates charges tariff tariffs admission preis preise kosten gebühren gebühr "
    "eintritt eintrittspreise tarif tarife tarifs prix coût frais precio precios tarifas entradas prezzi prezzo "
    "costi tariffe preço preços tarieven prijzen cennik ceny cena opłaty opłata цены цена стоимость тарифы "
    "плата ціни fiyatlar fiyat ücret ücretler 料金 価格 票价 价格 收费 费用 요금 가격 الأسعار الرسوم शुल्क कीमत",
)
_SUBJECTS = (
    _PRICE,
    _subject(
        r"\b(?:opens?|opening|closes?|closed|hours)\b|geöffnet|öffne|\bschließ|\bouvert|\bouvre|\bferm[eé]|\babre"
        r"|\babiert|\bcierra|\bcerrad|\bapert[oa]|\bapre\b|\bchiud|\babert|\bfecha\b|geopend|otwart|czynn|открыт"
        r"|работает|часы\b|açık|açıl|営業|開い|开门|开放|营业|영업|مفتوح|खुल",
        "hours opening öffnungszeiten sprechzeiten geschäftszeiten horaires horaire horario horarios orari orario "
        "openingstijden godziny часы режим saatleri 営業時間 開館時間 診療時間 开放时间 营业时间 영업시간 운영시간 "
        "ساعات أوقات समय",
    ),
    _subject(
        r"^\W*where\b|\baddress\b|^\W*wo\b|\badresse\b|^\W*où\b|^\W*d[oó]nde\b|dirección|^\W*dove\b|^\W*onde\b"
        r"|^\W*waar\b|^\W*gdzie\b|^\W*(?:где|де)\b|адрес|\bnere[ds]|どこ|住所|哪里|在哪|地址|어디|주소|أين|कहाँ"
        r"|how do i get (?:to|there)",
        "address location venue place directions adresse anfahrt standort lieu accès lugar dirección ubicación "
        "indirizzo luogo endereço morada adres locatie dojazd адрес место ulaşım konum 住所 場所 アクセス 地址 地点 "
        "주소 위치 العنوان المكان पता",
    ),
    _subject(
        r"\bdocuments?\b|\bpapers\b|\bi bring\b|mitbringen|unterlagen|dokumente\b|\bfournir\b|\bpièces\b|documentos"
        r"|\bllevar\b|\bdocumenti\b|\bportare\b|\blevar\b|documenten|meenemen|dokument|документ|взять с собой|\bbelge"
        r"|持ち物|書類|材料|证件|서류|준비물|المستندات|الوثائق",
        "documents paperwork unterlagen dokumente mitbringen pièces dossier justificatifs documentos documentación "
        "documenti documenten meenemen dokumenty документы belgeler 必要書類 持ち物 所需材料 办理材料 필요서류 준비물",
    ),
    _subject(
        r"\brequire|\bdocuments?\b|\bi (?:need|bring)\b|\bneeded\b|mitbringen|unterlagen|voraussetzung|brauche ich"
        r"|benötig|\bfournir\b|pièces|requisitos?|documentos|\bllevar\b|necesito|documenti|servono|requisiti|portare"
        r"|levar|nodig|meenemen|potrzebn|dokument|wymagan|документ|нужн[оы]|взять с собой|gerek|belge|必要|持ち物"
        r"|材料|证件|필요|준비물|مطلوب",
        "requirements need bring documents eligibility unterlagen voraussetzungen mitbringen brauchen pièces "
        "documents requisitos documentación documentos llevar documenti requisiti portare levar benodigdheden "
        "meenemen wymagania dokumenty документы взять требования belgeler 必要書類 持ち物 所需材料 办理材料 준비물 "
        "필요서류 الوثائق المطلوبة",
    ),
    _subject(
        r"\bdeadline\b|\bapply by\b|\bat the latest\b|spätestens|au plus tard|a más tardar|\bal più tardi\b|uiterlijk"
        r"|najpóźniej|\blast (?:day|date)\b|bewerbungsfrist|\bbis wann\b|date limite|fecha límite"
        r"|\bscadenza\b|\bprazo\b|締め?切|截止|마감",
        "deadline closing frist bewerbungsfrist bewerbungsschluss einsendeschluss limite plazo scadenza prazo 締切 "
        "sluitingsdatum 締め切り 截止日期 마감일",
    ),
    _subject(
        _REFUND,
        "refund refunds reimbursement repayment erstattung rückerstattung auszahlung remboursement remboursements "
        "reembolso reembolsos rimborso rimborsi terugbetaling återbetalning zwrot zwroty возврат iade 返金 退款 환불 "
        "استرداد",
        by_yes_or_no=True,
    ),
    _subject(
        _REFUND,
        "returns cancellation cancelling cancellations rückgabe rücksendung stornierung widerruf retours annulation "
        "devoluciones cancelación resi recesso devoluções cancelamento annuleren annulering retourneren retouren "
        "avbokning ångerrätt reklamacje отмена iptal キャンセル 返品 退货 售后 반품 취소 الإلغاء الإرجاع",
        by_yes_or_no=True,
    ),
    _subject(
        r"\bcancel|\bstorn|kündig|\bannul|résili|\bdisdi|opzegg|avbok|säga upp|anulow|rezygn|отмен|iptal|キャンセル"
        r"|取り?消|解約|取消|취소|إلغاء",
        "cancellation cancelling cancellations cancel stornierung kündigung annulation résiliation cancelación "
        "cancelaciones disdetta annullamento cancelamento annuleren annulering opzeggen avbokning uppsägning "
        "anulowanie rezygnacja отмена iptal キャンセル 解約 取消 취소 الإلغاء",
        by_yes_or_no=True,
    ),
    _subject(
        r"\b(?:ship|shipp?(?:ed|ing)|dispatch\w*|deliver\w*)\b|\bversand|\bliefer|verschick|\blivr|expédi|\benv[ií]"
        r"|\bentreg|\bconsegn|spedi|bezorg|verzend|leverer|levereras|wysył|dostaw|доставк|отправ|kargo|teslim|配送|発送"
        r"|发货|送货|배송|شحن|توصيل",
        "shipping delivery dispatch versand lieferung livraison expédition envío envíos entrega spedizione consegna "
        "envio levering verzending bezorging leverans frakt dostawa wysyłka доставка kargo teslimat 配送 発送 发货 "
        "배송 الشحن التوصيل",
    ),
    _subject(
        r"\b(?:enrol\w*|sign up|regist\w+|apply)\b|\banmeld|\binscri|\biscri|\binscre|inschrij|aanmeld|anmäl|zapis"
        r"|zgłos|запис|зарегистрир|kayıt|başvur|申し?込|报名|신청|등록|تسجيل",
        "registration enrolment enrollment enrol register anmeldung inscription inscriptions inscripción inscripciones "
        "iscrizione iscrizioni inscrição inscrições inschrijven inschrijving aanmelden anmälan zapisy rejestracja "
        "запись регистрация kayıt başvuru 申込 申し込み 报名 신청 등록 التسجيل",
    ),
    _subject(
        r"\blost\b|\bleft my\b|\bverloren\b|vergessen|\bperdu|perdid[oa]|\bsmarrit|kwijt|tappat|zgubi|потеря"
        r"|kaybett|忘れ物|丢失|遗失|잃어버|분실",
        "lost fundbüro fundsachen trouvés perdidos smarriti gevonden hittegods znalezione находки kayıp 忘れ物 失物 "
        "분실물",
    ),
    _subject(
        r"how many (?:people|persons|servings)\b|wie ?viele personen|combien de personnes|cu[aá]ntas personas"
        r"|quante persone|quantas pessoas|hoeveel personen|hur många personer|何人",
        "serves servings seats personen portionen personnes portions raciones comensales porzioni persone porções "
        "porties portioner porcje порций 人数 人前",
    ),
    _subject(
        r"\bhow old\b|\bage\b|\bmindestalter|ab wie ?viel jahren|quel âge|qu[eé] edad|che età|que idade|leeftijd"
        r"|hur gammal|w jakim wieku|со скольки лет|возраст|kaç yaş|何歳|几岁|몇 살",
        "age ages alter mindestalter âge edad età idade leeftijd ålder wiek возраст yaş 年齢 年龄 나이 연령",
    ),
    _subject(
        r"\borgani[sz]\w+|veranstalte",
        "organiser organizer organised organisation veranstalter organisateur "
        "organizador organizzatore organizzazione organização organisator arrangör organizator организатор 主催",
    ),
    _subject(
        r"\bheavy\b|\bweighs?\b|\bschwer\b|\bwiegt\b|\bpesan?\b|\bp[eè]se\b|\bweegt\b|\bważy\b|\bвесит\b|重さ|何(?:kg|キロ)|多重|무게",
        "weight gewicht poids peso waga вес 重さ 重量 무게",
    ),
    _subject(r"\b(?:tall|high)\b|\bhoch\b", "height höhe hauteur altura altezza"),
    _subject(r"\b(?:big|large)\b|\bgroß\b", "size dimensions größe maße abmessungen taille tamaño dimensioni"),
    _subject(r"\bfast\b|\bschnell\b", "speed geschwindigkeit vitesse velocidad velocità"),
    _subject(
        r"\b(?:loud|noisy|noise|quiet)\b|\b(?:laut|leise|bruyante?|ruidos[oa]|rumoros[oa])\b|うるさ|静か|吵|시끄",
        "noise lautstärke geräusch bruit ruido rumore hałas шум 騒音 噪声 噪音 소음",
    ),
    _subject(r"\bdied?\b|\bdeath\b", "died death"),
    _subject(r"\b(?:wrote|written)\b", "author"),
    _subject(
        r"\b(?:teach|teaches|taught)\b|unterrichte|\bwie geeft\b|enseigne|\bimparte\b|\binsegna|\bensina|prowadzi"
        r"|препода|(?:öğreti|veri)yor|教え",
        "teacher tutor instructor dozent dozentin kursleitung lehrer docent enseignant enseignante professeur profesor "
        "profesora docente insegnante professor professora lärare prowadzący преподаватель öğretmen eğitmen 講師 "
        "老师 강사",
    ),
)


def asked_subjects(query: str) -> list[Subject]:
    """The subjects that a question asks for."""
    by_yes_or_no, query = is_yes_or_no(query), query.lower()
    asked = (subject for subject in _SUBJECTS if subject.by_yes_or_no or not by_yes_or_no)
    return [subject for subject in asked if subject.asked.search(query)]


def asks_price(query: str, named: Set[str]) -> bool:
    """Whether a question is what something costs, and names nothing but what the `named` terms say."""
    query = query.lower()
    if not _PRICE.asked.search(query):
        return False
    rest = {term for term in terms(_PRICE.asked.sub(" ", query)) if tells(term)}
    return rest <= named | _PRICE.names | _terms(_OF_PRICES)


def is_price(text: str) -> bool:
    """Whether a text is an amount of money and hardly more."""
    is_short = len(text) <= _MAX_PRICE_CHARS and len(_LONG_WORD.findall(text)) <= 1
    return is_short and not _REDUCED.search(text) and MONEY.search(text) is not None and has_digit(text)


def names_prices(text: str) -> bool:
    """Whether a label or a header row names prices or tickets, beside other things."""
    return not terms(text).isdisjoint(_PRICE.names | _terms(_OF_TICKETS))


def names_subject(text: str, subject: Subject) -> bool:
    """Whether a short text names a subject."""
    is_short = len(text) <= _MAX_NAME_CHARS and (len(words(text)) <= _MAX_NAME_WORDS or not text.isascii())
    return is_short and not subject.names.isdisjoint(terms(text))
