"""What a question asks for by its own words, as steps or who wrote a page; and which words have no weight."""

from __future__ import annotations

import re
from collections.abc import Set
from functools import cache

from indexlm.page import Block
from indexlm.patterns import late
from indexlm.text import has_digit, terms, words

_FUNCTION_WORDS = """
a an i he she it we us me in on at of to by as if es er im am um zu le la et en un ou au ce se il el al lo me
mi mis di da in un il de du que se te
what which when where who whom whose why how does did do is are am was were be been there here this that these those
have has had
can could will would shall should must may might the and or not for from with without into onto about your you our my
his her its
they them their get got any some many much
was wie wann wo wer wen wem warum welche welcher welches welchen wird werden wurde ist sind gibt kann können muss darf
dürfen soll
eine einen einer einem der das dem mit ohne für von vom auf bei zum zur und oder nicht auch haben habe ich mein meine
meinen sie wir
quel quelle quels quelles quand où qui que quoi combien pourquoi est sont peut peux puis faut avec sans pour les des
une dans sur mes
qué cuál cuáles cuándo dónde quién cómo cuánto cuánta cuántos cuántas para por con sin una uno los las del puede puedo
hay está están
qual quali quando dove chi che cosa come quanto quanta quanti quante sono può posso senza per della delle degli
quais onde quem quantos quantas uma com sem pode tem têm são
wat welke wanneer waar waarom hoeveel hoe zijn wordt kan moet mag heeft hebben het een voor naar
vad vilken vilket vilka när var vem varför hur finns ska har utan och
jak jaki jaka jakie kiedy gdzie kto czy ile jest można mogę się dla bez jaký jaká jaké kdy kde kdo proč kolik jsou
může
как какой какая какое какие когда где кто что чем почему сколько можно нужно надо есть для без или это який яка яке
які коли скільки треба
nasıl nedir nerede kim kaç yok hangi niçin neden için mikä mitä missä milloin kuka kuinka miten miksi onko ovat
ما ماذا هل متى أين من كم كيف هي هو في على عن يوجد لماذا
क्या कौन कब कहाँ कैसे कितना कितनी कितने क्यों है हैं
jag får måste att av som till ett hade vill på den det jeg må til et og hvor hva når hvem hvordan
câte cât cum când unde cine ce este sunt pentru din cu și sau
τι πού πώς πότε ποιος ποια ποιο πόσο πόσα είναι έχει υπάρχει μπορώ στο στη στην για από και του της των τον την ένα μια
מה איך מתי איפה מי כמה האם יש של את על אם אני אפשר לא זה הוא היא עם כל
چه چگونه کجا کی چقدر چند است آیا در از به با برای که این را می شود دارد هست چیست کیست
मैं का की के को में से पर यह वह जा सकता सकती सकते करें होती होता होगा लिए और वहाँ यहाँ
কি কী কে কোথায় কবে কখন কেন কত কীভাবে এখানে আছে হয় করা জন্য থেকে এবং এর
อะไร ที่ไหน เมื่อไหร่ เท่าไหร่ อย่างไร ใคร ไหม มี ได้ เป็น ของ และ ใน กี่
có được không là bao nhiêu tôi bạn của cho và ở đâu khi nào gì ai thế những các một làm sao phải mấy với trong
apa apakah berapa bagaimana kapan dimana mana siapa yang untuk dengan dari dalam pada ini itu ada adalah saya anda bisa
boleh atau cara tidak
什么 怎么 怎样 怎麼 什麼 多少 可以 几点 哪里 哪个 哪些 如何 是否 有没 没有 请问 能不 是什 么是
"""
_HIRAGANA = late("[\u3041-\u309f]{2}")  # of Japanese, an ending or a particle

_CODE = late(r"\b\w{2,20}\b")
_MAX_CAPITALS = 5  # of an abbreviation

_HOW_TO = late(
    r"\bhow (?:do|can|could|should|must|would) (?:i|you|we|one)\b|\bhow to\b|\bsteps (?:to|for)\b"
    r"|^\W*wie (?!oft|viel|lange)\w+ (?:ich|man|wir)\b"
    r"|^\W*comment (?:est-ce qu\w*|(?:puis|dois)-je|(?:peut|doit)-on|(?=\w+(?:er|ir|re)\b))"
    r"|^\W*c[oó]m[oe] (?!se llam|si chiam|es |está |è |é |foi |fue )"
    r"|^\W*hoe \w+ (?:ik|je|men|we)\b|^\W*(?:hur|hvordan) \w+ (?:jag|jeg|man|vi|du)\b"
    r"|^\W*jak (?=(?:mogę |można |się )?\w+ć\b)|^\W*(?:как|як) (?=(?:мне |можно |можна )?\w+(?:ть|ться|ти|тися)\b)"
    r"|\bnasıl\b|^\W*miten\b|كيف|कैसे|어떻게|どうやって|どうすれば|方法|手順|怎么(?!回事|了|样|办)"
    r"|怎麼|怎样|怎樣|如何",
    re.IGNORECASE,
)
_HOW_MUCH = late(
    r"\bhow (?:much|many)\b|\bwie ?viele?\b|\bcombien\b|\bcu[aá]nt[oa]s?\b|\bquant[oaie]s?\b|\bhoeveel\b"
    r"|\bhur m[åy]\w+|\bhvor m\w+|\bile\b|сколько|скільки|\bkaç\b|\bne kadar\b|多少|几|幾|いくつ|いくら"
    r"|何[gm個本枚杯人]|얼마|몇|\bب?كم\b|कितन|কত|bao nhiêu|\bberapa\b|เท่า(?:ไร|ไหร่)|กี่(?!ย)|πόσ[αεο]|כמה|چقدر|\bcâ[tț]",
    re.IGNORECASE,
)
_YES_OR_NO = late(
    r"\W*(?:do|does|did|is|are|can|could|must|will|would|may|should|has|have|kann|können|darf|muss|gibt|ist|sind"
    r"|puis|peut|est-ce|puedo|se puede|hay|posso|czy|можно|есть ли)\b",
    re.IGNORECASE,
)
_IS_THERE = late(
    r"\W*(?:(?:is|are|will) there\b|(?:do|does) (?:you|they|it|the \w+) (?:have|offer|sell|provide)\b|gibt es\b"
    r"|(?:haben sie|habt ihr)\b|hay\b|tienen\b|tenéis\b|y a-t-il\b|(?:avez|disposez)-vous\b"
    r"|est-ce qu['’]il y a\b|c['’]è\b|ci sono\b|avete\b|há\b|vocês têm\b|finne?s(?: det)?\b|har ni\b"
    r"|er der\b|har (?:I|dere)\b|(?:is|zijn) er\b|(?:hebben jullie|heeft u)\b|czy (?:(?:w|na) \w+ )?(?:jest|są)\b"
    r"|(?:есть|имеется) ли\b|у вас есть\b|чи є\b|υπάρχ\w+|هل (?:يوجد|توجد|هناك|لديكم)"
    r"|האם יש|آیا|apakah ada\b|有没有|有沒有)",
    re.IGNORECASE,
)
_THERE_IS = late(
    r"(?P<ja>[\u30a1-\u30fc\u4e00-\u9fff]{1,20})[はが](?:あり|ござい|い)ます"
    r"|(?P<ko>[\uac00-\ud7a3]{2,12}?)[이가은는]? 있(?:나요|습니까|어요)|有(?P<zh>[^没沒吗嗎？?的]{1,8})的?[吗嗎]"
    r"|\b(?P<tr>\w{2,30}) var m[ıi]\b|มี(?P<th>\S{1,30}?)(?:ไหม|มั้ย|หรือไม่)",
    re.IGNORECASE,
)
"""The same in languages that name the thing first, or say at the end that it is a question."""
_IS_OFFERED = late(
    r"\W*(?:is|are) (?:an? |any |the )?(?P<en>\w+)(?: \w+)?"
    r" (?:available|supported|included|provided|offered|accepted)\b"
    r"|\W*(?:do|does|will) (?:it|they|this|that|these|those|(?:the|your) \w+(?: \w+)?) come (?:in|with)"
    r" (?:(?:an?|the|any|other|different|several|more|many|its) )*(?!(?:person|time|advance|touch|handy|mornings?"
    r"|afternoons?|evenings?|winter|spring|summer|autumn)\b)(?P<part>\w+)",
    re.IGNORECASE,
)
OFFERED = frozenset(terms("available supported included provided offered accepted support"))
_WHO_WROTE = late(
    r"\bwho (?:wrote|is the author|published)\b|\bauthor\b|\bwritten by\b|wer hat\b(?=.*geschrieben)|\bautor(?:in)?\b"
    r"|qui a écrit|\bauteur\b|quién escribió|chi ha scritto|\bautore\b|quem escreveu|wie (?:heeft|schreef)\b"
    r"|vem (?:har skrivit|skrev)|kto napisał|кто написал|хто написав|автор\b|kim yazdı|誰が書|著者|谁写|作者|누가 썼",
    re.IGNORECASE,
)
_WRITINGS = (
    "article text recipe post page story report review blog guide by artikel rezept beitrag bericht seite texte "
    "geschrieben recette billet artículo receta texto página articolo ricetta testo pagina artigo receita recept "
    "geschreven artikeln skrivit artykuł przepis tekst статью статьи рецепт текст статтю yazı makale tarif 記事 "
    "文章 文 글 기사"
)
_BYLINE = late(
    r"\W*(?:(?:Written )?by|von|text:|par|por|di|door|av|autor(?:in)?:|auteur ?:|автор:|текст:|yazan:"
    r"|文[:：／/]|作者[:：])\s*[^\W\d_][^.!?]{2,50}",
    re.IGNORECASE,
)
_MAX_BYLINE_CHARS = 70
_SHORTEST = 2  # letters of a name; others are no words in most languages


def tells(term: str) -> bool:
    """Whether a term is none of the words that questions are made of: question words, auxiliaries, articles."""
    return term not in _function_terms() and not _HIRAGANA.fullmatch(term)


@cache
def _function_terms() -> frozenset[str]:
    return frozenset(terms(_FUNCTION_WORDS))


def codes(query: str) -> set[str]:
    """The terms of abbreviations and codes (`VAT`, `5G`) of a query that is not all in capitals."""
    found = () if query.isupper() else filter(_is_code, _CODE.findall(query))
    return set().union(*map(terms, found))


def _is_code(word: str) -> bool:
    if has_digit(word):
        return any(map(str.isalpha, word))
    return word.isupper() and len(word) <= _MAX_CAPITALS


def how_to(query: str) -> str:
    """A question how something is done -> the question without these words; empty for other questions."""
    return _HOW_TO.sub(" ", query, count=1).strip() if _HOW_TO.search(query) else ""


def asks_how_much(query: str) -> bool:
    """Whether a question is how much or how many."""
    return _HOW_MUCH.search(query) is not None


def begins_how_much(query: str) -> bool:
    """The same, where at most one word stands before: `What are quanta of light?` is about something else."""
    found = _HOW_MUCH.search(query)
    return found is not None and (not found[0].isascii() or len(query[: found.start()].split()) <= 1)


def how_much_end(query: str) -> int:
    """Where the words of a question end that ask how much or how many; 0 for other questions."""
    found = _HOW_MUCH.search(query)
    return found.end() if found else 0


def is_yes_or_no(query: str) -> bool:
    """Whether a question begins as those do that are answered by yes or no."""
    return _YES_OR_NO.match(query) is not None


def asked_thing(query: str) -> frozenset[str]:
    """A question whether there is something -> the terms of the first word that says what; none for other questions."""
    if start := _IS_THERE.match(query):
        named = words(query[start.end() :])
    elif (found := _IS_OFFERED.match(query) or _THERE_IS.search(query)) and found.lastgroup:
        named = [found[found.lastgroup]]
    else:
        return frozenset()
    things = (frozenset(term for term in terms(word) if tells(term) and is_word(term)) for word in named)
    return next(filter(None, things), frozenset())


def asks_who_wrote(query: str, named: Set[str]) -> bool:
    """Whether a question is who wrote a page whose title holds the `named` terms, and not something that it names."""
    if not _WHO_WROTE.search(query):
        return False
    return {term for term in terms(_WHO_WROTE.sub(" ", query)) if tells(term)} <= terms(_WRITINGS) | named


def is_byline(block: Block) -> bool:
    """Whether a block names who wrote the page (`By …`)."""
    return len(block.text) <= _MAX_BYLINE_CHARS and not block.is_heading and _BYLINE.fullmatch(block.text) is not None


def is_word(term: str) -> bool:
    """Whether a term may be a name: of most languages, two letters are none."""
    return len(term) > _SHORTEST or not term.isascii()
