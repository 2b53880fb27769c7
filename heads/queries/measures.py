"""Questions for a measure, as a weight or a speed, and how texts state it: a number with a unit of that measure."""

from __future__ import annotations

import re

from indexlm.patterns import late

_NUMBER = r"(?:\d|[½¼¾])\s?"
# Of each measure, percentages first (`How high is the interest rate?`): what asks for it, and its units.
_MEASURES = (
    (
        late(
            r"\b(?:what|which) percent\w*|\b(?:what|which|how high)\b.{0,20}\binterest rates?\b|\bprozent(?:satz)?\b"
            r"|\bpourcentage\b|\bporcentaje\b|\bpercentuale\b|\bprocent|\bпроцент|何%|何パーセント|百分之",
            re.IGNORECASE,
        ),
        late(r"\d\s?(?:%|percent|per cent|prozent|процент|パーセント)", re.IGNORECASE),
    ),
    (
        late(
            r"\bhow heavy (?:is|are|was|were|may|can|must|should)\b(?!.*\b(?:traffic|rain|snow|bleeding|fighting)\b)"
            r"|\b(?:what|how much) (?:do|does|did|must|may|can|should|will|would)\b.{1,60}\bweigh\b|\bweight limit\b"
            r"|\bhow much (?:\w+ ){0,3}weighs?\b|\bwhat(?:['’]s|\b).{0,40}(?<!lose)(?<!gain)(?<!losing) weight\b"
            r"(?! (?:loss|gain|training|lifting|class)\b)"
            r"|\bwie schwer (?:ist|sind|war|waren|darf|dürfen)\b(?!.*(?:tour|prüfung|test|kurs|verletz|spiel|aufgabe))"
            r"|\bwieg(?:t|en)\b|gewicht(?!he|ung|ig)|\bpoids\b|\bpèsent?\b|\bcombien pes|\b(?:cu[aá]nto|qu[eé]|quanto)"
            r" pes(?:a|an|am|aba|ano|o)\b|\bpeso m[aáà](?:x|ss)im|\bqual[e]? (?:[eéè] )?(?:o |il )?peso\b"
            r"|\bhoe zwaar (?:is|zijn|mag|mogen)\b|\bweegt\b|\bhoeveel wegen\b|\bväger\b|\bvikten\b|\bvejer\b"
            r"|\b(?:hva|mye) veier\b|\bważy\b|\bjaka (?:jest )?waga\b|\bвесит\b|\bкакой (?:\w+ )?вес\b"
            r"|重さ|重量(?![级級])|多重(?=\W*$)|有多重|无重|무게|何(?:kg|キロ|グラム)|\bağırlı(?:ğı|k\b)",
            re.IGNORECASE,
        ),
        late(
            _NUMBER
            + r"(?:kg|g|mg|lbs?|oz|t|tons?|tonn?e[ns]?|pounds?|stone|kilos?|kilogram\w*|gram\w*|Gramm|кг|г|т|тонн\w*"
            r"|грамм\w*|キロ|グラム|千克|公斤|克|吨|킬로|그램)(?![^\W\d_])",
            re.IGNORECASE,
        ),
    ),
    (
        late(
            r"\bhow (?:tall|high|deep|wide|thick) (?:is|are|was|were|can|may|must|should|do|does|did)\b"
            r"(?!.*\b(?:rates?|deposits?|risks?|costs?|prices?|rents?|fees?|fines?|tax(?:es)?|choice|range|demand|chances?"
            r"|quality|resolution|salary|income|score|percentage|temperature|fever|pressure|turnout|clean)\b)"
            r"|\bhow far (?:(?:is|are|was|were|away|from|apart)\b|(?:can|does|do|did)\b.{1,40}"
            r"\b(?:go|drive|run|fly|travel|walk|swim|jump|reach|see|throw)\b)"
            r"|\b(?:what|which) (?:is the )?(?:\w+ )?(?:height|width|depth|distance|altitude)\b"
            r"(?! (?:learning|courses?))"
            r"|\bwie (?:tief|breit) (?:ist|sind|war|darf|muss)\b|\bwie weit (?:ist|sind|liegt|entfernt|weg|von)\b"
            r"|\bprofondeur\b|\blargeur\b|\bquelle (?:est la )?(?:distance|hauteur)\b|\bprofundidade?\b|\banchura\b"
            r"|\bprofondità\b|\blarghezza\b|\bhoe (?:hoog|diep|breed|ver) (?:is|zijn|ligt)\b"
            r"(?!.*(?:huur|prijs|rente|kosten|boete|borg))|\bgłębokoś|\bszerokoś|\bjak (?:głębok|szerok|daleko)"
            r"|глубин|ширин|высот|高さ|深さ|の幅|幅は|多高(?!兴)|多深|多宽|多远|높이[는가]|깊이[는가]",
            re.IGNORECASE,
        ),
        late(
            _NUMBER
            + r"(?:mm|cm|m|km|metres?|meters?|metros?|mètres?|metri|metrów|miles?|mi|feet|foot|ft|inch(?:es)?|yards?"
            r"|floors?|storeys?|kilom\w+|Meter|м|см|мм|км|метр\w*|メートル|センチ|ミリ|米|厘米|毫米|公里|公尺|미터)(?![^\W\d_])",
            re.IGNORECASE,
        ),
    ),
    (
        late(
            r"\bhow fast (?:is|are|was|were)\b(?!.*\b(?:deliver\w*|support|service|shipping|response|repl\w+)\b)"
            r"|\bhow fast (?:can|do|does|did|may|must|should|will)\b.{1,40}"
            r"\b(?:go|drive|run|fly|move|travel|swim|spin|rotate|sail|ride|fall|download)\b"
            r"|\b(?:what|which)(?:['’]s|\b).{0,30}\bspeeds?\b(?! (?:dating|skat))|\bspeed limit\b"
            r"|\bwie schnell (?:ist|sind|war|fährt|fahren|darf|fliegt|läuft)\b(?!.*(?:versand|liefer|antwort))"
            r"|geschwindigkeit|\bquelle\b.{0,20}\bvitesse\b|\b(?:qu[eé]|cu[aá]l|qual|che|quale)\b.{0,25}"
            r"\bveloci(?:dade?|tà)\b|\bsnelheid\b|prędkoś|скорост[ьи]\b|速度|속도",
            re.IGNORECASE,
        ),
        late(
            r"\d\s?(?:km/h|kmh|mph|m/s|knots?|Knoten|nœuds?|[KMG]?bit/s|[KMG]bps|[KMG]B/s|rpm|[KMG]Hz|км/ч|узл\w+|节"
            r"|キロ|公里|Mbps|U/min|seconds?|minutes?|hours?|days?|Tagen?|Stunden?|Sekunden?|Minuten?)(?![^\W\d_])",
            re.IGNORECASE,
        ),
    ),
    (
        late(
            r"\bhow much (?:\w+ )?(?:memory|RAM|storage)\b(?! foam)"
            r"|\bhow much (?:free |hard )?(?:disk|drive|cloud) space\b|\bhow much (?:mobile )?data (?:is|can|do i)\b"
            r"|\b(?:memory|storage|disk) (?:size|capacity|limit)\b"
            r"|\bdisk space\b|\bfile size\b|\bspeicher(?:platz|kapazität)"
            r"|\b(?:wie ?viel|welche[rn]?) speicher\b"
            r"|\barbeitsspeicher|\bcombien de (?:mémoire|stockage)\b|\bmémoire vive\b"
            r"|\b(?:espace|capacité) de stockage\b"
            r"|\b(?:cu[aá]nt[ao]|quant[ao]) (?:mem[oó]ria|almacenamiento|armazenamento)\b"
            r"|\bmemoria ram\b|\bspazio su disco\b|\bhoeveel (?:\w+)?geheugen\b|\bile (?:\w+ )?pamięci\b"
            r"|\b(?:сколько|объ[её]м) (?:\w+ )?памяти\b|メモリは?(?:容量|いくつ|何|どの)|(?:ストレージ|ディスク)の?容量"
            r"|内存.{0,4}多[少大]|多[少大].{0,4}内存|存储空间|메모리[는가]? ?(?:용량|얼마)|저장 ?(?:용량|공간)",
            re.IGNORECASE,
        ),
        late(r"\d\s?(?:[KMGTкмгт]i?[BоБб]|[KMGT]o|bytes?|gigabytes?|megabytes?|ギガ)(?![^\W\d_])", re.IGNORECASE),
    ),
)


_WHY = late(
    r"^\W*(?:why|warum|wieso|weshalb|pourquoi|por qu[ée]|perch[ée]|waarom|varför|hvorfor|dlaczego|почему|зачем|neden)\b"
    r"|なぜ|どうして|为什么|왜",
    re.IGNORECASE,
)


_OTHER_UNIT = late(r"\d\s?(?:[%‰°€$£]|per ?cent\b|points?\b)|[€$£]\s?\d", re.IGNORECASE)


def has_unit(text: str) -> bool:
    """Whether a text holds a number with the unit of any measure."""
    return _OTHER_UNIT.search(text) is not None or any(units.search(text) for _, units in _MEASURES)


def asked_unit(query: str) -> re.Pattern[str] | None:
    """A question for a measure -> what a number with a unit of it looks like; None for other questions."""
    if _WHY.search(query):
        return None
    return next((units for asked, units in _MEASURES if asked.search(query)), None)
