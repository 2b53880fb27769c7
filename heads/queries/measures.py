"""Questions for a measure, as a weight or a speed, and how texts state it: a number with a unit of that measure."""

from __future__ import annotations

import re

from indexlm.patterns import late

_NUMBER = r"(?:\d|[½¼¾])\s?"
# Of each measure: what asks for it, and its units behind a number.
_MEASURES = (
    (
        late(
            r"\bheav(?:y|ier)\b|\bweigh|\bschwer\b|\bwieg(?:t|en)\b|gewicht|\bpoids\b|\bp[eè]se|\bpes(?:a|an|ar|are|o)\b"
            r"|\bzwaar\b|\bweegt\b|\bwegen\b|\bväger\b|\bvikt|\bvejer\b|\bveier\b|\bważy|\bwag[ai]\b|\bвес(?:ит|а|у)?\b"
            r"|重さ|重量|多重|无重|무게|何(?:kg|キロ|グラム)|\bağırlı",
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
            r"\bhow (?:tall|high|deep|wide|far|thick)\b|\b(?:height|width|depth|distance|altitude)\b"
            r"|\bwie (?:tief|breit|weit)\b|\bprofond\w+|\blargeur\b|\bprofund\w+|\banchura\b|\blarghezza\b"
            r"|\bhoe (?:hoog|diep|breed|ver)\b|\bgłębok"
            r"|\bszerok|глубин|ширин|высот|高さ|深さ|幅|多高|多深|多宽|多远|높이|깊이",
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
            r"\bspeed\b|\bhow fast\b|\bwie schnell\b|geschwindigkeit|\bvitesse\b|\bvelocidade?\b|\bvelocità\b"
            r"|\bsnelheid\b|prędkoś|скорост|速度|속도",
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
            r"\b(?:memory|RAM)\b(?! loss)|\bhow much (?:\w+ )?(?:storage|space|data)\b"
            r"|\b(?:disk|storage) (?:space|capacity)\b|\bfile size\b|\bspeicher\w*|\barbeitsspeicher|\bmémoire\b"
            r"|\bstockage\b|\bmemoria\b|\balmacenamiento\b|\bmemória\b|\barmazenamento\b|\bspazio\b|\bgeheugen\b|\bpamię"
            r"|\bпамят|メモリ|容量|内存|存储|메모리|저장",
            re.IGNORECASE,
        ),
        late(r"\d\s?(?:[KMGTкмгт]i?[BоБб]|[KMGT]o|bytes?|gigabytes?|megabytes?|ギガ)(?![^\W\d_])", re.IGNORECASE),
    ),
    (
        late(
            r"\b(?:what|which) (?:percent\w*|share|interest rate)\b|\bprozent\b|\bpourcentage\b|\bporcentaje\b"
            r"|\bpercentuale\b|\bprocent|\bпроцент|何%|何パーセント|百分之",
            re.IGNORECASE,
        ),
        late(r"\d\s?(?:%|percent|per cent|prozent|процент|パーセント)", re.IGNORECASE),
    ),
)


_WHY = late(
    r"^\W*(?:why|warum|wieso|weshalb|pourquoi|por qu[ée]|perch[ée]|waarom|varför|hvorfor|dlaczego|почему|зачем|neden)\b"
    r"|なぜ|どうして|为什么|왜",
    re.IGNORECASE,
)


def asked_unit(query: str) -> re.Pattern[str] | None:
    """A question for a measure -> what a number with a unit of it looks like; None for other questions."""
    if _WHY.search(query):
        return None
    return next((units for asked, units in _MEASURES if asked.search(query)), None)
