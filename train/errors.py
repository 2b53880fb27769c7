"""One sentence for what a library raises."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from indexlm.page import IndexLMError


@contextlib.contextmanager
def explained(rule: str, kinds: tuple[type[Exception], ...] = (Exception,)) -> Iterator[None]:
    """Turn exceptions of these kinds into an `IndexLMError`: the rule, and their first line."""
    try:
        yield
    except IndexLMError:
        raise
    except kinds as error:
        raise IndexLMError(f"{rule}: {first_line(error)}") from None


def first_line(error: Exception) -> str:
    """The first line of an exception's message."""
    return str(error).strip().partition("\n")[0]
