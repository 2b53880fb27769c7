"""Bytes to text: which encoding a page is in."""

from __future__ import annotations

import codecs
import contextlib
import re
from collections import Counter

_FEW_BYTES = 200
_LATIN = ("cp1250", "cp1254", "cp1257", "cp1258", "cp4", "cp8", "iso8859", "latin", "mac", "hp")
_ESCAPE = re.compile(rb"\x1b\$[@B].{2,}?\x1b\([BJ]", re.DOTALL)
_HIGH = re.compile(rb"[\x80-\xff]+")
_LANG = re.compile(rb"<html\b[^<>]{0,500}?\s(?:xml:)?lang\s*=\s*[\"']?([a-zA-Z-]{2,12})", re.IGNORECASE)
_SIGN_IN_WORD = re.compile(rb"[a-z][\xb3\xb9\xbf\xbe\x9c\xb6\xb1\xbc][a-z]")  # ł ą ż ľ ś are ³ ¹ ¿ ¾ œ in cp1252
_LIKE_CENTRAL = ("cp1250", "iso8859_14", "iso8859_16")  # Polish is taken for the last two, which the web hardly has
_IN_WORD = re.compile(r"[^\W\d_a-z]|[\x80-\x9f]|[^\x00-\x7f](?=[^\W\d_])")  # beyond ASCII; a sign before a letter
_ALPHABETS = ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ćčđšž", "âăîşţ")
"""Of Polish, Czech, Slovak, Hungarian, the languages of the south, and Romanian: the letters beyond ASCII."""
_OF_LANGUAGE = (
    dict.fromkeys(("ar", "fa", "ur"), "cp1256")
    | dict.fromkeys(("ru", "bg", "uk", "be", "mk", "sr"), "cp1251")
    | dict.fromkeys(("cs", "hu", "pl", "sk", "sl", "hr", "ro"), "cp1250")
    | dict.fromkeys(("et", "lt", "lv"), "cp1257")
    | dict.fromkeys(("zh-tw", "zh-hk", "zh-hant"), "big5 gb18030")
    | {"zh": "gb18030 big5", "el": "cp1253", "he": "cp1255", "th": "cp874", "tr": "cp1254", "vi": "cp1258"}
    | {"ja": "cp932 euc_jp", "ko": "cp949"}
)
"""As in WHATWG's table of locales."""
_OF_WEB = frozenset(
    (
        "utf-8 utf-16 utf-16-le utf-16-be utf-32 cp866 koi8-r koi8-u mac-roman mac-cyrillic cp874 tis-620 gb2312 gbk "
        "gb18030 big5 big5hkscs euc_jp iso2022_jp shift_jis cp932 euc_kr cp949 ascii iso8859-1 "
        + " ".join(f"cp125{i}" for i in range(9))
        + " ".join(f" iso8859-{i}" for i in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16))
    ).split()
)
"""What `codecs` calls WHATWG's encodings. Python has others, which are not of the web, such as `punycode`."""
_SCRIPTS = (
    ("оеаинтсрвлк", "щфэъйжц", ("cp1251", "koi8-u", "iso8859-5", "cp866")),
    ("αοιετσνηυρπκ", "ζξψβ", ("cp1253",)),
    ("יוהלאתרשמבנ", "ץףךזט", ("cp1255",)),
)
"""The letters that make more than half, and few, of any text in a script, and its encodings."""
_LEAST_OFTEN, _MOST_RARE = 0.5, 0.12  # of the letters
_LEAST_LETTERS = 6  # that are different
_LEAST_KANA = 0.25  # of the characters beyond ASCII
_CYRILLIC = ("koi8-r", *_SCRIPTS[0][2])
_BY_DEFAULT = ("cp1252", "iso8859-1", "latin-1", *_CYRILLIC)
"""What templates declare whatever they are filled with."""
_LEAST_SYLLABLES = 8
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


def decode(html: bytes, content_type: str = "") -> str:
    """Bytes -> text, by BOM, then the declared charset (`content_type`, then `<meta>`), then detection.

    This is the order of the WHATWG standard as w3lib implements it, with two exceptions: bytes that are valid UTF-8
    beyond ASCII are read as UTF-8, whatever `<meta>` says, and where `content_type` says ASCII. Pages are often
    converted without their `<meta>`, and text in another encoding is hardly ever valid UTF-8 by chance. And what
    `<meta>` calls Latin is read in other letters where these make words. Undecodable bytes become U+FFFD.
    """
    from w3lib.encoding import html_body_declared_encoding, html_to_unicode, http_content_type_encoding

    if encoding := wide_encoding(html):
        return html.decode(encoding, "replace")
    stated = http_content_type_encoding(content_type or None)
    is_open = not content_type or "ascii" in content_type.lower()
    if is_open and not html.startswith(_WIDE_MARKS) and not html.isascii():
        with contextlib.suppress(UnicodeDecodeError):
            return html.decode("utf-8-sig")
    if stated and not _is_of_web(stated):
        stated, content_type = None, ""
    in_page = None if stated or html.startswith(_MARKS) else html_body_declared_encoding(html)
    if in_page and not _is_of_web(in_page):
        return html.decode(_detect(html), "replace")
    if in_page in _BY_DEFAULT:
        runs = _HIGH.findall(html[: 1 << 16])
        encoding = _of_other_letters(runs, html)
        if encoding and not (in_page in _CYRILLIC and _is_as_good(in_page, encoding, b"".join(runs))):
            return html.decode(encoding, "replace")
    try:
        encoding, text = html_to_unicode(content_type or None, html, auto_detect_fun=_detect)
    except (LookupError, ValueError):  # a declared codec that is not for text, such as hex
        encoding, text = "", ""
    # A page whose declaration can be read as ASCII is not in UTF-16, whatever it declares (WHATWG).
    if not encoding or (encoding.startswith(("utf-16", "utf-32")) and not html.startswith(_WIDE_MARKS)):
        return html.decode(_detect(html), "replace")
    if encoding == "utf-8" and "\ufffd" in text and not _is_noise(html) and (encoding := _detect(html)) != "utf-8":
        return html.decode(encoding, "replace")  # it states UTF-8, and hardly any of it is
    return str(text)


def _is_of_web(encoding: str) -> bool:
    """Whether a codec decodes an encoding of the web."""
    try:
        return codecs.lookup(encoding).name in _OF_WEB
    except LookupError:
        return False


def wide_encoding(data: bytes) -> str:
    """The encoding of UTF-16 without a mark, in which every other byte of ASCII is zero; nothing for other bytes."""
    start = data[:1024]
    if len(start) < 4 or b"\0" not in start or start.startswith(_WIDE_MARKS):
        return ""
    even, odd = start[::2], start[1::2]
    if even.count(0) * 20 < len(even) and (odd.count(0) * 2 > len(odd) or start.startswith(b"<\0")):
        return "utf-16-le"
    if odd.count(0) * 20 < len(odd) and (even.count(0) * 2 > len(even) or start.startswith(b"\0<")):
        return "utf-16-be"
    return ""


def _is_noise(html: bytes) -> bool:
    """Whether half of the bytes beyond ASCII are such as no text in an old encoding is full of."""
    return 2 * (html.count(b"\xff") + html.count(b"\xfe")) >= sum(byte > 127 for byte in html)


def _detect(html: bytes) -> str:
    """The encoding of bytes that state none: UTF-8, ISO-2022-JP by its escapes, or what fits the text best.

    In text with single bytes beyond ASCII, as few accents are, statistics are weak: then the page's `lang` decides, and
    letters that would be signs within words.
    """
    try:
        html.decode("utf-8")
        return "iso2022_jp" if _ESCAPE.search(html) else "utf-8"
    except UnicodeDecodeError as error:
        from charset_normalizer import from_bytes

        marked = sum(byte > 127 for byte in html)
        if html.decode("utf-8", "replace").count("\ufffd") * 20 < marked:
            return "utf-8"  # but for a few broken bytes
        start = max(0, error.start - 1024)
        excerpt = html[start : start + 65536]
        runs = _HIGH.findall(excerpt)
        few, is_dense = marked < _FEW_BYTES, sum(map(len, runs)) > 2 * len(runs)
        if encoding := _of_other_letters(runs, excerpt):
            return encoding
        if (encoding := _by_language(html)) and few:
            return _of_central_europe(excerpt) if encoding == "cp1250" else encoding
        best = from_bytes(excerpt).best()
        if best is None or best.encoding == "ascii" or (few and not is_dense) or (few and _is_latin(best.encoding)):
            # What browsers fall back to.
            return _of_central_europe(excerpt) if _SIGN_IN_WORD.search(excerpt) else "cp1252"
        if best.encoding in _LIKE_CENTRAL or (encoding == "cp1250" and best.encoding.startswith((*_LATIN, "cp1252"))):
            return _of_central_europe(excerpt)
        return best.encoding


def _of_central_europe(excerpt: bytes) -> str:
    """Windows-1250, or ISO-8859-2 where that gives more letters of one language.

    Some letters of either are signs, controls or letters of another language in the other.
    """
    return max("cp1250", "iso8859_2", key=lambda encoding: _letters(excerpt.decode(encoding, "replace")))


def _letters(text: str) -> int:
    """How many characters beyond ASCII are letters of one language, less those that are of none and stand in words."""
    counts = Counter(_IN_WORD.findall(text.lower()))
    return max(sum(n if letter in letters else -n for letter, n in counts.items()) for letters in _ALPHABETS)


def _by_language(html: bytes) -> str:
    """The encoding that browsers take for undeclared pages in the language that the page states, if it fits."""
    match = _LANG.search(html[:4096])
    tag = match[1].decode("ascii").lower() if match else ""
    encoding = _OF_LANGUAGE.get(tag) or _OF_LANGUAGE.get(tag.partition("-")[0], "")
    for candidate in encoding.split():
        with contextlib.suppress(UnicodeDecodeError):
            html.decode(candidate)
            return candidate
    return ""


def _is_latin(encoding: str) -> bool:
    return encoding.startswith(_LATIN)


def _of_other_letters(runs: list[bytes], excerpt: bytes) -> str:
    """Runs of bytes beyond ASCII -> the encoding of other letters than Latin ones in which they are words, if any."""
    joined = b"".join(runs).replace(b"\xa0", b"")
    counts = Counter(joined)
    if len(joined) <= 2 * len(runs) or len(counts) < _LEAST_LETTERS:  # accents, or signs in a row
        return ""
    best, most = "", _LEAST_OFTEN * len(joined)
    for often, rare, encodings in _SCRIPTS:
        for encoding in encodings:
            share = sum(counts[byte] for byte in often.encode(encoding))
            if share > most and sum(counts[byte] for byte in rare.encode(encoding)) <= _MOST_RARE * len(joined):
                best, most = encoding, share
    if best:
        return best
    if _is_korean(runs):
        return "cp949"
    return "cp874" if _is_thai(runs) else next((name for name in ("cp932", "euc_jp") if _is_kana(excerpt, name)), "")


def _is_as_good(stated: str, found: str, letters: bytes) -> bool:
    """Whether letters, also capitals, are as good words in the Cyrillic encoding that is stated as in the one found."""
    counts = Counter(letters)
    often = _SCRIPTS[0][0] + _SCRIPTS[0][0].upper()
    of_stated, of_found = (sum(counts[byte] for byte in often.encode(name, "ignore")) for name in (stated, found))
    return found not in _CYRILLIC or of_stated >= of_found


def _is_kana(excerpt: bytes, encoding: str) -> bool:
    """Whether bytes are Japanese in an encoding: by the letters that no other language has."""
    try:
        text = excerpt.decode(encoding)
    except UnicodeDecodeError as error:
        if error.end < len(excerpt) - 2:
            return False
        text = excerpt[: error.start].decode(encoding, "replace")
    beyond = [character for character in text if not character.isascii()]
    return sum("\u3040" <= character <= "\u30ff" for character in beyond) > _LEAST_KANA * len(beyond)


def _is_korean(runs: list[bytes]) -> bool:
    """Whether runs of bytes are pairs that stand for syllables of Korean and nothing else."""
    joined = b"".join(runs)
    are_pairs = all(len(run) % 2 == 0 for run in runs) and len(joined) >= 2 * _LEAST_SYLLABLES
    return are_pairs and all(0xB0 <= byte <= 0xC8 for byte in joined[::2]) and min(joined[1::2]) >= 0xA1


def _is_thai(runs: list[bytes]) -> bool:
    """Whether runs of bytes beyond ASCII are words in Thai: without spaces, and with vowels above and below."""
    joined = b"".join(runs)
    in_block = sum(0xA1 <= byte <= 0xDA or 0xDF <= byte <= 0xFB for byte in joined)
    consonants = sum(0xA1 <= byte <= 0xCE for byte in joined)
    return in_block == len(joined) > 4 * len(runs) and 4 * len(joined) < consonants * 10 < 9 * len(joined)
