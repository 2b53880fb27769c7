"""Where two inline elements meet without white space: whether a page shows them apart, by what stands on either side.

Pages made by scripts part their elements by style sheets, so that the source holds no space between a label and its
value, or between two links. A style that only colours a part of a word is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import Any

from indexlm.patterns import late
from indexlm.text import CURRENCY_SIGNS, word_set

_APART = word_set("a button time label")
"""Elements that hold a thing of their own."""
_WITHIN_WORDS = word_set("sup sub code kbd samp tt var q rt rp rb ruby wbr br img svg math font bdi bdo")
_CODE = word_set("code kbd samp tt var")
_FORMATS = word_set("b strong i em u s small big mark")
"""Elements that change how letters look, of a word as well."""
_STRESS = word_set("em i mark")  # which may be of a part of a word
_COLOURS = _STRESS | {"span"}
_LABELS = word_set("span b strong small em i a label cite time")
"""Elements that may hold a label or a number."""
MARKED, PHRASE = 1, 2
"""What is known of a seam with text: that the element is marked as a label, and that it may hold a phrase."""
_UNSPACED = late(
    "[\u0e00-\u0e3e\u0e40-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u312f\u31a0-\u9fff\uf900-\ufaff\uff00-\uff9f]"
)
"""Characters of scripts that are written without spaces: Thai, Lao, Burmese, Khmer, Chinese, Japanese."""
_MEANING = late(
    r"(?<![a-z])(?:[a-z]{4,}|(?:day|key|val|url|ipa|job|qty|tel|fax|sku|fee|tax|pos|age)(?![a-z]))", re.IGNORECASE
)
_STYLE_ONLY = late(
    r"highlight|match|letter|char|first|rest|initial|drop|cap|syl|part|split|bold|italic|text|color|font|style|spell|gram|ellipsis|invisible|nowrap|notranslate"
    r"|(?<![a-z])hits?(?![a-z])",
    re.IGNORECASE,
)
CLOSES = tuple(",.;:!?)]}»”’…、。，．")
"""Signs before which no space stands."""
_ENDINGS = word_set("st nd rd th er re ère ers")  # of ordinal numbers
_CHIPS = late(r"(?:^|[\s_-])(?:tags|tag-?list|labels|chips|badges|pills|keywords|topics|categories)(?:$|[\s_-])")
"""Names of what holds labels one beside the other."""
_AMOUNT = late(rf"[(\[]?[{CURRENCY_SIGNS}]?\d")
_SIGNED = late(r"[(\[]?(?:\+|[-−](?=\d+[.,]?\d*\s?%|\d+[.,]\d))\d")
_PRICE = late(rf"[{CURRENCY_SIGNS}]\s?\d")
_LOWER_END = late(r"\w[^\W\d_A-Z]\Z")  # not that of US$ or HK$
_NICK = late(r"<[^\s<>]{1,40}>")
_DEGREES = late(r"(?:^|\d)\s?°[CF]?\Z")
_MAIL = late(r"[\w.+-]{1,64}@\w")
_DASH = late(r"[-–—•·|/]\s+\w")
_DIGITS_AND_SIGNS = frozenset(f"0123456789%)]{CURRENCY_SIGNS}")
_CHANGE = late(r"[-−+]\d+(?:[.,]\d+)?\s?%")
_COUNT = late(r"\d{1,3}[.):]|\(?(?:\d{1,3}|[a-z]|[ivxl]{1,5})\)", re.IGNORECASE)
_SAID = late(r"[\[(][^\W\d_]")
_HASH = late(r"#\w|@\w+@\w")  # a label or a number, or an account
_LABEL_NAME = late(r"(?:label|selected-value)(?:$|\s)", re.IGNORECASE)
_STATES = word_set("required optional deprecated readonly experimental nullable")
"""Words beside the name of a parameter."""
_FEW_LINKS = 8
_GOES_ON = late(r"(?: |, )\w")
_NAMED_VALUE = late(r"[A-Z][a-z]+(?: [A-Za-z]+){0,2}:(?:\s|\Z)")
_PHONE = late(r"\(?\d{3}\)?[-. ]\d{3}")
_MONTH = late(
    r"jan(?:uary|uar|vier)?|feb(?:ruary|ruar|rero)?|f[ée]v(?:rier)?|mar(?:ch|s|zo)?|märz|apr(?:il)?|avr(?:il)?|abril"
    r"|ma[iyj]|mayo|jun[ei]?|juin|junio|jul[yi]?|juillet|julio|aug(?:ust)?|août|agosto|sep(?:t|tember|tembre)?"
    r"|septiembre|o[ck]t(?:ober|obre)?|octubre|nov(?:ember|embre|iembre)?|de[cz](?:ember)?|déc(?:embre)?|diciembre",
    re.IGNORECASE,
)
_YEAR = late(r"(?:19|20)\d\d\s*\Z")
_FIRST_OF_SENTENCE = late(r"(?:[^\W\d_][^\W\d_A-Z]+|[AI])\s")
_PICTURE_SIZE = late(r"\s*0*(?:[2-9]\d|\d{3,})")  # pixels
_NAMED_COUNT = late(r"(?:[^\W\d_]+\s)?[A-Z]?\d{1,3}")


def is_parted(before: Sequence[str], text: str, gap: bool, seam: tuple[Any, Any] | int | None) -> bool:
    """The last texts and the next one -> whether space parts them.

    `gap` says that the page shows them apart, `seam` which elements meet there,
    or what is known of one that meets text.
    """
    last = before[-1] if before else ""
    if not last or last[-1].isspace() or text[0].isspace():
        return False
    if gap and text[0] not in CLOSES:
        return True
    if isinstance(seam, int):
        return is_label_apart("".join(before), text, seam & MARKED > 0) or (
            (text[0].isupper() or text[0].isdigit()) and _are_phrases(last, text, seam & PHRASE > 0)
        )
    return seam is not None and are_apart(*seam, last, text)


def are_apart(before: Any, after: Any, left: str, right: str) -> bool:
    """Two neighbouring elements, and the text before and behind their seam -> whether space parts them.

    `left` ends with the last character before the seam, `right` begins with the first one behind it; neither is empty.
    """
    if before.tag in _WITHIN_WORDS or after.tag in _WITHIN_WORDS:
        return _are_code_and_label(before, after, left, right)
    if before.tag in _FORMATS and after.tag in _FORMATS and not (before.get("class") or after.get("class")):
        return False
    end, begin = left[-1], right[0]
    if _is_joined(end, begin):
        return end.isalnum() and begin.isalnum() and _are_unspaced_parts(before, after)
    last, first = _last_word(left), _first_word(right)
    if not begin.isalnum():
        if end in ":;":
            return _PRICE.match(right) is not None or (_SAID.match(right) is not None and left[-2:-1].isalpha())
        if _NICK.match(right) and end.isalnum():
            return True
        if (_SIGNED.match(right) and end in _DIGITS_AND_SIGNS) or (end.isalnum() and _DASH.match(right)):
            return True
        if not end.isalnum():
            return end == ")" and _SAID.match(right) is not None
        return _HASH.match(right) is not None or (
            len(last) > 1 and (_AMOUNT.match(right) is not None or _is_path(before, after, right))
        )
    if _DEGREES.search(left):
        return True
    if not end.isalnum():
        return _ends_phrase(left, right) or (begin.isalpha() and _COUNT.fullmatch(left.strip()) is not None)
    if before.tag == after.tag == "a" and before.get("href") != after.get("href"):
        return " " in left or " " in right or min(len(last), len(first)) > 2
    if _CHIPS.search(after.getparent().get("class") or ""):
        return True
    if end.isdigit() and begin.isdigit():
        if _are_counts(before, after):
            return True
        is_counted = right[len(first) :].startswith(" ") and right[len(first) + 1 :][:1].isalpha()
        if before.tag in _APART or after.tag in _APART or after.get("title"):
            return True
        return len(last) > 1 and (len(first) > 1 or is_counted)
    if end.isdigit():
        return (
            _MAIL.match(right) is not None
            or (len(first) > 1 and first.lower() not in _ENDINGS)
            or right[len(first) :].startswith((" ", ". "))
        )
    if begin.isdigit() or (begin.isupper() and not end.isupper()):
        return len(last) > 1
    if begin.isupper() and _are_phrases(left, right, True):
        return True
    if begin.isupper() and last.isupper() and first[1:2].islower() and len(last) > 1:
        return before.get("class") != after.get("class") and _mean_something(before, after)
    return min(len(last), len(first)) > 1 and _hold_things(before, after, min(len(last), len(first)))


def _are_code_and_label(before: Any, after: Any, left: str, right: str) -> bool:
    """Whether two names in code meet, or one and something that is named, such as its type or a badge."""
    last, first = _last_word(left.removesuffix("()")), _first_word(right)
    if min(len(last), len(first)) < 2:
        return False
    is_code = [element.tag in _CODE for element in (before, after)]
    names = [element.get("class") or "" for element in (before, after)]
    if all(is_code):
        return True
    is_named = any((_MEANING.search(name) or "tag" in name) and not _STYLE_ONLY.search(name) for name in names)
    return any(is_code) and is_named


def parts_tail(element: Any) -> bool:
    """Whether a space may stand behind an element: not before a sign that ends a sentence."""
    return not (element.tail or "").startswith(CLOSES)


def parts_image(image: Any, before: str) -> bool:
    """Whether an image parts a text from the next one: not a letter from its word, nor without spaces.

    One that may be a sign within a word has neither text nor a class, nor the size of a picture.
    """
    if len(before) < 2 or not before[-2:].isalnum() or _UNSPACED.match(before[-1]):
        return False
    get = image.get
    return (
        before[-1].isdigit()
        or any((get(name) or "").strip() for name in ("alt", "class"))
        or any(_PICTURE_SIZE.match(get(name) or "") for name in ("width", "height"))
    )


def is_label_apart(left: str, right: str, is_marked: bool) -> bool:
    """The texts on either side of an end of an inline element that meets text -> whether space parts them.

    `left` is the text before it; of a block that has just begun, all of it. A number or a price stands apart, and so
    does what `is_marked` by the names of its element as a label, a badge or a number; `1st` and `3D` are words.
    """
    end, begin = left[-1], right[0]
    if _is_joined(end, begin):
        return False
    if not begin.isalnum():
        return end.isalnum() and (
            (_LOWER_END.search(left) is not None and _PRICE.match(right) is not None)
            or (is_marked and _CHANGE.match(right) is not None)
        )
    if not end.isalnum():
        return begin.isalpha() and _COUNT.fullmatch(left.strip()) is not None
    first = _first_word(right)
    is_name = begin.isupper() and ((len(first) > 1 and not first.isupper()) or right[1:3] == ". ")
    if is_name and _NAMED_COUNT.fullmatch(left.strip()):
        return True
    if not is_marked:
        return False
    if end.islower() and first.lower() in _STATES:
        return True
    is_next = begin.isupper() and len(first) > 1 and (end.islower() or end.isdigit())
    return is_next or (begin.isdigit() and end.islower() and len(_last_word(left)) > 1)


def seam_before(element: Any, tag: str, is_marked: bool, before: str, is_in_caption: bool) -> int | None:
    """What is known of an element that begins behind a text; None for one that holds no label."""
    if tag not in _LABELS:
        return None
    last = _last_word(before)
    is_own = is_in_caption or tag == "time" or (tag == "a" and len(last) > 2 and last.islower())
    is_worded = tag == "a" and (last.islower() or last.isupper())
    is_name = tag in ("b", "strong") and _NAMED_VALUE.match(element.text or "") is not None
    is_phrase = is_worded or is_name or (tag not in _STRESS and _means_something(element))
    return MARKED * (is_marked or is_own) + PHRASE * is_phrase


def seam_behind(element: Any, tag: str, is_marked: bool) -> int | None:
    """What is known of an element that ends before a text; None for one that holds no label."""
    if tag not in _LABELS or not (tail := element.tail) or tail[0].isspace():
        return None
    return MARKED * is_marked + PHRASE * (tag not in _COLOURS or _means_something(element))


def _are_phrases(left: str, right: str, is_phrase: bool) -> bool:
    """Whether two texts meet that are phrases of their own, as a bold name and the sentence about it are.

    They are where the case changes between several words, if their element may be a phrase and no part of a name
    (`JavaScript engines`), and before a label, a telephone number or a year.
    """
    last, first = _last_word(left), _first_word(right)
    if len(last) < 3 or not last.isalpha():
        return False
    if right[0].isdigit():
        if _PHONE.match(right):
            return True
        is_year_behind = _MONTH.fullmatch(last) is not None or (is_phrase and " " in left.strip())
        return is_year_behind and _YEAR.match(right) is not None
    if (last.islower() or (last[-1].islower() and is_phrase)) and _NAMED_VALUE.match(right):
        return True
    if not is_phrase or len(first) < 3 or " " not in left.strip() or not _GOES_ON.match(right, len(first)):
        return False
    return last[-1].islower() or (last.isupper() and first[1:].islower())


def _is_joined(end: str, begin: str) -> bool:
    """Whether two characters stand together in any case: space parts them already, or their scripts have none."""
    if end.isspace() or begin.isspace():
        return True
    return not (end + begin).isascii() and bool(_UNSPACED.match(end) or _UNSPACED.match(begin))


def _last_word(text: str) -> str:
    size = next((i for i, c in enumerate(reversed(text)) if not c.isalnum()), len(text))
    return text[len(text) - size :]


def _first_word(text: str) -> str:
    size = next((i for i, c in enumerate(text) if not c.isalnum()), len(text))
    return text[:size]


def _ends_phrase(left: str, right: str) -> bool:
    """Whether a text ends with a sign after which a space stands before such a text: a sentence, or a name of a value.

    The parts of a name, as in `tide.Table` and `ASP.NET`, are no sentences.
    """
    end, before, begin = left[-1], left[-2:-1], right[0]
    if end in ".!?":
        if not (before.isalpha() and begin.isalpha() and not begin.islower() and len(_last_word(left[:-1])) > 2):
            return False
        is_phrase = left.count(" ") > 1 and not _last_word(left[:-1]).isupper()
        return end != "." or not begin.isascii() or is_phrase or _FIRST_OF_SENTENCE.match(right) is not None
    if end == "]":  # of a time or a sign that folds
        return begin.isalpha() and (before.isdigit() or before in "–−+-")
    if end == ">" and _NICK.fullmatch(left.strip()[left.strip().rfind("<") :]):
        return begin.isalnum()
    if end == ")" and " " in left[left.rfind("(") :]:
        return True
    if end in ":;)%":
        is_clock = end == ":" and before.isdigit() and begin.isdigit()
        return not is_clock and (before.isdigit() or len(_last_word(left[:-1])) > 1)
    if end in CURRENCY_SIGNS:
        return left[:-1].rstrip()[-1:].isdigit() and begin.isalpha()
    return end == "," and begin.isalpha()


def _are_counts(before: Any, after: Any) -> bool:
    """Whether two elements of different names hold a number each, as the two sides of a result do."""
    names = before.get("class"), after.get("class")
    if names[0] == names[1] or not _mean_something(before, after):
        return False
    return all("".join(element.itertext()).strip().isdigit() for element in (before, after))


def _are_unspaced_parts(before: Any, after: Any) -> bool:
    """Whether elements in a script without spaces are shown apart: dates, and links among nothing but links."""
    if before.tag == "time" or after.tag == "time":
        return True
    if before.tag != "a" or after.tag != "a" or before.get("href") == after.get("href"):
        return False
    around = before.getparent()
    return not (around.text or "").strip() and all(
        child.tag == "a" and not (child.tail or "").strip() for child in islice(around, _FEW_LINKS)
    )


def _is_path(before: Any, after: Any, right: str) -> bool:
    """Whether a path, such as that of an address, follows a word of another kind."""
    return right[0] == "/" and right[1:2].isalpha() and _mean_something(before, after)


def _hold_things(before: Any, after: Any, shorter: int) -> bool:
    """Whether two elements that meet between letters hold words of their own: two links, or names and values."""
    if before.tag in _APART or after.tag in _APART or _LABEL_NAME.search(before.get("class") or ""):
        return True
    return shorter > 2 and _mean_something(before, after)


def _mean_something(before: Any, after: Any) -> bool:
    """Whether the classes of both elements say what they hold, and not how it looks."""
    return _means_something(before) and _means_something(after)


def _means_something(element: Any) -> bool:
    """Whether the class of an element says what it holds, and not how it looks."""
    name = element.get("class") or ""
    return _MEANING.search(name) is not None and not _STYLE_ONLY.search(name)
