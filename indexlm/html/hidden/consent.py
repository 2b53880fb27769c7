"""Requests for consent or for the reader's age, by the names that their makers give them: no content of the page that
they lie over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from indexlm.page import Block
from indexlm.patterns import late
from indexlm.text import word_set

_MANAGERS = word_set(
    "onetrust-consent-sdk onetrust-banner-sdk onetrust-pc-sdk CybotCookiebotDialog CybotCookiebotDialogBodyUnderlay "
    "didomi-host didomi-popup qc-cmp2-container cky-consent-container cky-modal moove_gdpr_cookie_info_bar "
    "moove_gdpr_cookie_modal cookie-law-info-bar cliSettingsPopup cmplz-cookiebanner-container BorlabsCookieBox "
    "iubenda-cs-banner osano-cm-window fc-consent-root tarteaucitronRoot tarteaucitronAlertBig usercentrics-root "
    "truste-consent-track consent_blackbar sp_message_container cookiescript_injected cc-window cc-banner "
    "hs-eu-cookie-confirmation termly-code-snippet-support axeptio_overlay uc-banner-modal cookiefirst-root"
)
"""Ids and classes of the roots of consent managers."""
_NAMED = late(
    r"klaro|cmpbox|sp_message_container_\d+"
    r"|(?:js-|m-|c-|o-)?(?:cookies?|gdpr|(?:cookies?|privacy)-?consent|consent)[-_]?"
    r"(?:banner|bar|notice|consent|pop-?up|modal|dialog|overlay|law|alert|wall|disclaimer|layer|panel|prompt|toast|notification|manager|settings)"
    r"(?:__[a-z0-9-]++|--[a-z0-9-]++|[-_](?:container|wrapper|wrap|inner|content|box|root|bottom|top|module|\d+))*+"
    r"|privacy-(?:modal|pop-?up|overlay|pref(?:erence)?s?-(?:box|modal|center|panel|popup))",
    re.IGNORECASE,
)
_OF_AGE = late(
    r"(?:js-|m-|c-|o-)?age[-_]?(?:gate|verif\w{1,9}|check|wall|confirm\w{0,6})(?:__[a-z0-9-]++|--[a-z0-9-]++"
    r"|[-_](?:container|wrapper|wrap|inner|content|box|modal|popup|overlay|root))*+",
    re.IGNORECASE,
)
_ASKS = late(
    r"cookie|consent|gdpr|privacy|datenschutz|einwillig|données|privacidad|privacidade|riservatezza|samtyk|galleta"
    r"|куки|隐私|隱私|プライバシー|クッキー|개인정보",
    re.IGNORECASE,
)
_ASKS_AGE = late(
    r"\b(?:1[689]|2[01])\b|legal (?:drinking )?age|volljährig|mayor de edad|maggiorenn|majeure?s?\b|maior de idade",
    re.IGNORECASE,
)
_HOLDERS = ("div", "section", "main", "aside", "dialog", "form", "footer", "header")
_LONGEST = 12000  # characters of a request; more is a page about consent
_FRAME_OF_PAGE = ("nav", "header", "footer")
_NO_CHARS = 40  # of a page that shows nothing but a request for consent
_DEPTH = 3  # below the body that is looked at


def find_consents(body: Any) -> list[Any]:
    """The element that holds a page -> the elements in it that ask for consent."""
    return [element for element in _outer(body, _DEPTH) if _asks(element)]


def _outer(element: Any, depth: int) -> Iterator[Any]:
    for child in element:
        if child.tag in _HOLDERS:
            yield child
            if depth > 1:
                yield from _outer(child, depth - 1)


def _asks(element: Any) -> bool:
    names = f"{element.get('id') or ''} {element.get('class') or ''}"
    if names == " ":
        return False
    if any(name in _MANAGERS for name in names.split()):
        return True
    is_of_age = any(map(_OF_AGE.fullmatch, names.split()))
    if not is_of_age and not any(map(_NAMED.fullmatch, names.split())):
        return False
    text = "".join(element.itertext())
    parts = ("main", "article") if is_of_age else ("h1", "main", "article")
    is_short = len(text) <= _LONGEST and next(element.iter(*parts), None) is None
    if is_of_age and next(element.iter("button", "input", "select", "a"), None) is None:  # a text about it
        return False
    return is_short and (_ASKS_AGE if is_of_age else _ASKS).search(text) is not None


def is_wall(blocks: Sequence[Block]) -> bool:
    """Whether a page asks for consent and no more: hardly any text stands outside of menus, headers and footers."""
    chars = 0
    for block in blocks:
        if not any(label.partition(".")[0] in _FRAME_OF_PAGE for label in block.path):
            chars += block.chars - block.link_chars
            if chars >= _NO_CHARS:
                return False
    return True
