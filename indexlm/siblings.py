"""The top-level packages beside this one, which another module of the same name may hide."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from indexlm.page import IndexLMError


def check_import(package: str) -> None:
    """Raise `IndexLMError` where the name of a top-level package of ours belongs to another module on the path."""
    spec = find_spec(package)
    ours = Path(__file__).parents[1] / package / "__init__.py"
    if spec is None or spec.origin is None or Path(spec.origin).resolve() != ours.resolve():
        place = spec.origin if spec else "nothing"
        raise IndexLMError(f"the package `{package}` is IndexLM's, at {ours}; Python finds {place}: rename that module")
