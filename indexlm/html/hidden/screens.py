"""What a page hides by class names of CSS frameworks and shops, whose style sheets are not in the page."""

from __future__ import annotations

from itertools import islice
from typing import Any

from indexlm.html.tags import BLOCK_LEVEL
from indexlm.patterns import late

_SIZE = "(?:xs|sm|md|lg|xl|xxl|2xl)"
_SHOWN = r"(?:block|flex|grid|inline|table|contents)"
_NONE = late(r"(?:^|\s)(?:d-none|display-none|is-hidden|u-hidden|uk-hidden|w-condition-invisible)(?:$|\s)")
_NONE_IN_TEXT = late(r"(?:^|\s)hidden(?:$|\s)")  # blocks of this name are mostly shown by scripts
_SHOWN_AGAIN = late(rf"(?:^|\s)(?:\S+:[\w-]*{_SHOWN}|d-(?:{_SIZE}|print)-{_SHOWN}|visible-(?!xs))")
_NARROW = late(
    rf"(?:^|\s)(?:d-{_SIZE}-none|{_SIZE}:hidden|visible-xs|hidden-(?:md|lg)|elementor-hidden-desktop"
    r"|is-hidden-(?:tablet|desktop)|uk-hidden@[sml]|show-for-small-only|hide-for-(?:medium|large)"
    r"|mobile-only|only-mobile|hide-(?:on-)?desktop)(?:$|\s)"
)
_WIDE = late(
    rf"(?:^|\s)(?:d-none\s(?:\S+\s)*?d-{_SIZE}-{_SHOWN}|hidden\s(?:\S+\s)*?{_SIZE}:{_SHOWN}|hidden-xs(?:$|\s)"
    r"|elementor-hidden-(?:phone|mobile)|is-hidden-mobile|uk-visible@[sml]|show-for-(?:medium|large)"
    r"|hide-for-small-only|desktop-only|only-desktop|hide-(?:on-)?mobile)"
)
_MODAL = frozenset(["modal", "fade"])
_OPEN_MODAL = frozenset(["show", "in", "d-block"])
_SOLD_OUT = "label-unavailable"
_STATES = {
    "price__regular": (False, "price--on-sale"),
    "price__sale": (True, "price--on-sale"),
    "price__badge-sale": (True, "price--on-sale"),
    "price__badge-sold-out": (True, "price--sold-out"),
}
"""Parts of a price in shops of Shopify: whether they are shown where the price has this state, or where it has not."""
_LONGEST = 500  # characters of names that are read
_LEVELS = 5  # from such a part up to its price


def may_hide_by(name: str) -> bool:
    """Whether a class name may be one of those that hide an element: hardly any is.

    Written out, which is much faster than `any`.
    """
    return (
        "none" in name
        or "hidden" in name
        or "visible-xs" in name
        or "mobile" in name
        or "-desktop" in name
        or "small-only" in name
        or "hide-for" in name
        or name == "modal"
        or "price__" in name
        or "-unavailable" in name
    )


def may_hide(names: str) -> bool:
    """Whether class names, one of which `may_hide_by`, hide an element, on wide screens at least."""
    if len(names) > _LONGEST or _SHOWN_AGAIN.search(names):
        return False
    if _NONE.search(names) or _NARROW.search(names) or _NONE_IN_TEXT.search(names):
        return True
    each = names.split()
    return _is_closed_modal(each) or any(name in _STATES or name == _SOLD_OUT for name in each)


def is_hidden(names: str, element: Any) -> bool:
    """Whether an element of names that `may_hide` it is not shown on a wide screen.

    What narrow screens alone show counts where what wide screens alone show stands beside it.
    """
    if _NARROW.search(names):
        beside = (element.getprevious(), element.getnext())
        return any(other is not None and _WIDE.search((other.get("class") or "")[:_LONGEST]) for other in beside)
    if _NONE.search(names):
        return True
    if _NONE_IN_TEXT.search(names):
        return element.tag not in BLOCK_LEVEL and "-" not in element.tag
    each = names.split()
    return _is_closed_modal(each) or not _is_of_state(each, element)


def _is_closed_modal(names: list[str]) -> bool:
    """Whether names are those of a dialog of Bootstrap that is not open."""
    return _MODAL.issubset(names) and _OPEN_MODAL.isdisjoint(names)


def _is_of_state(names: list[str], element: Any) -> bool:
    """Whether a part of a price, or a note of a variant of a shop, is shown in the state that the shop gives it."""
    if _SOLD_OUT in names:
        choice = element.getparent().getprevious()
        return choice is not None and "disabled" in (choice.get("class") or "").split()
    is_shown_with, state = next(_STATES[name] for name in names if name in _STATES)
    for around in islice(element.iterancestors(), _LEVELS):
        states = (around.get("class") or "").split()
        if "price" in states:
            return bool((state in states) == is_shown_with)
    return True
