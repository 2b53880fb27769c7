"""Regular expressions that are compiled when they are first used."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest

import heads
import indexlm
from indexlm.patterns import Late, late

_OF_EXTRAS = ("indexlm.serving", "indexlm.scale", "indexlm.integrations", "heads.runtimes")
MODULES = [
    module.name
    for package in (indexlm, heads)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not module.name.startswith(_OF_EXTRAS)
]


@pytest.mark.parametrize("name", MODULES)
def test_every_pattern_is_one(name: str) -> None:
    for value in vars(importlib.import_module(name)).values():
        assert all(isinstance(pattern.flags, int) for pattern in _patterns(value))


def _patterns(value: object) -> Iterator[Late]:
    if isinstance(value, Late):
        yield value
    elif isinstance(value, tuple | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _patterns(part)


def test_a_pattern_is_compiled_once_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[object] = []
    compile_now = re.compile
    monkeypatch.setattr(re, "compile", lambda *options: (compiled.append(options), compile_now(*options))[1])
    pattern = late("(A)b", re.IGNORECASE)
    assert not compiled
    assert pattern.match("aBc")
    assert pattern.sub(r"<\1>", "xab") == "x<a>"
    assert pattern.groups == 1
    assert compiled == [("(A)b", re.IGNORECASE)]
    with pytest.raises(AttributeError):
        _ = pattern.scanner  # type: ignore[attr-defined]
