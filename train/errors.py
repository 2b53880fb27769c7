"""One sentence for what a library raises."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from indexlm.page import IndexLMError, first_line


@contextlib.contextmanager
def explained(rule: str, kinds: tuple[type[Exception], ...] = (Exception,)) -> Iterator[None]:
    """Turn exceptions of these kinds into an `IndexLMError`: the rule, and their first line."""
    try:
        yield
    except IndexLMError:
        raise
    except kinds as error:
        raise IndexLMError(f"{rule}: {first_line(error)}") from None
