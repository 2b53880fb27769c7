"""Characters that nobody sees."""

from __future__ import annotations

from indexlm.patterns import late

# Joiners shape the letters of other scripts (Persian, Indic) and emoji; between Latin letters they do nothing.
_SHAPED = "\u0300-\u1dff\u2100-\ud7ff\uf900-\ufefe\uff00-\U0010ffff"
_TAGS = "\U000e0020-\U000e007f"  # shown after a black flag alone, as the flag of a region
_INVISIBLE = late(
    rf"[\u00ad\u180e\u200b\u2060-\u2064\ufeff]|(?<![{_SHAPED}])[\u200c\u200d](?![{_SHAPED}])"
    rf"|(?<![\U0001f3f4{_TAGS}])[{_TAGS}]+"
)
_MAY_BE = late(rf"[\u00ad\u180e\u200b-\u200d\u2060-\u2064\ufeff{_TAGS}]")
"""A much faster pattern for what hardly any text holds."""


def drop_invisible(text: str) -> str:
    """Text without soft hyphens and characters of no width, but for joiners where a script needs them."""
    return _INVISIBLE.sub("", text) if _MAY_BE.search(text) else text
