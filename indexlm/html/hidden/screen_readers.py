"""Text for screen readers that repeats what stands beside it for the eyes, or says how a link opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from indexlm.html.permalinks import has_word
from indexlm.patterns import late

_WORD = late(r"[^\W\d_]+|\d+(?:[.,]\d+)*")
_OF_NUMBERS = late(r"[%‰°−±€$£¥₹₽₺₩₫₴฿]|-\d\Z")
_HOW_IT_OPENS = late(
    r"\b(?:new|another|external) (?:browser )?(?:window|tab)\b|external (?:link|site|website)\b"
    r"|neue[mns]? (?:browser-?)?(?:fenster|tab)\b|externer link|(?:nouvel(?:le)?|autre) (?:fenêtre|onglet)|lien externe"
    r"|(?:nueva|otra) (?:ventana|pestaña)|enlace externo|(?:nuova|altra) (?:finestra|scheda)|nova (?:janela|aba)"
    r"|(?:nieuw|ander) (?:venster|tabblad)|nytt? (?:fönster|vindu|vindue|flik|fane)|новом окне|новой вкладке"
    r"|新しい(?:ウィンドウ|タブ)|別(?:ウィンドウ|タブ)|新(?:窗口|視窗|标签页|分頁)|새 ?(?:창|탭)",
    re.IGNORECASE,
)
_MOST_OPENING = 60  # characters of what says how a link opens
_LONGEST = 200  # characters of such a text
_FEW_TEXTS = 20
_BEGINNING = 3  # letters that an abbreviation shares with its word


def says_nothing_new(element: Any) -> bool:
    """Whether a text for screen readers says what the element beside it, which they pass over, shows.

    Such as `Original price was: $99.00` beside `$99.00`, or `minutes` beside `mins`. How a link opens is nothing new,
    nor is a sign, unless it says what a number counts.
    """
    text = "".join(islice(element.itertext(), _FEW_TEXTS))
    if len(text) <= _MOST_OPENING and _HOW_IT_OPENS.search(text):
        return True
    tail = element.tail or ""
    if (tail and text.split() == tail.split()) or not (has_word(text) or _OF_NUMBERS.search(text + tail[:1])):
        return True
    spoken = _words(element)
    return bool(spoken) and any(
        other.get("aria-hidden") == "true" and _says(spoken, _words(other)) for other in _beside(element)
    )


def _says(spoken: list[str], seen: list[str]) -> bool:
    """Whether a text for screen readers holds a word of what is seen, or its beginning, or all of its digits."""
    begins = {word[:_BEGINNING] for word in spoken if len(word) >= _BEGINNING}
    if any(word in spoken or word[:_BEGINNING] in begins for word in seen):
        return True
    digits = "".join(filter(str.isdigit, "".join(seen)))  # a price may be laid out in pieces
    return bool(digits) and digits == "".join(filter(str.isdigit, "".join(spoken)))


def _words(element: Any) -> list[str]:
    text = " ".join(islice(element.itertext(), _FEW_TEXTS))
    return [word.lower() for word in _WORD.findall(text[:_LONGEST])]


def _beside(element: Any) -> Iterator[Any]:
    """The elements with nothing but white space between them and this one, or the inline element that it ends."""
    before, after = element.getprevious(), element.getnext()
    if before is not None and not (before.tail or "").strip():
        yield before
    if not (element.tail or "").strip():
        parent = element.getparent()
        if after is not None:
            yield after
        elif parent is not None and parent.tag == "span" and not (parent.tail or "").strip():
            yield from islice(parent.itersiblings(), 1)
