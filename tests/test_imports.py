"""Who may know whom: the table of docs/architecture.md, held by reading the imports."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

ALLOWED = {"indexlm": set(), "heads": {"indexlm"}, "train": {"indexlm", "heads"}, "eval": {"indexlm"}}
EXCEPTIONS = {("indexlm/api.py", "heads")}  # `from indexlm import extract` opens a head
HEAVY = {
    "torch",
    "transformers",
    "trl",
    "datasets",
    "pyarrow",
    "sklearn",
    "onnxruntime",
    "httpx",
    "html_to_markdown",
    "openvino",
}
LATE = {
    "heads/onnx_runtime.py",
    "heads/openvino_runtime.py",
    "heads/torch_runtime.py",
    "indexlm/markdown.py",
    "train/lean.py",
}  # imported inside functions themselves


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Each imported top-level package, and whether it is imported when the module is."""
    tree = ast.parse(path.read_text("utf-8"))
    inside = {
        id(node)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef)
        or (isinstance(outer, ast.If) and ast.unparse(outer.test) == "TYPE_CHECKING")
        for node in ast.walk(outer)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], id(node) not in inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield (node.module or "").split(".")[0], id(node) not in inside


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_imports_only_what_it_may(room: str) -> None:
    others = set(ALLOWED) - {room}
    for path in (ROOT / room).rglob("*.py"):
        name = path.relative_to(ROOT).as_posix()
        known = {package for package, _ in imports(path)} & others
        assert known <= ALLOWED[room] | {package for file, package in EXCEPTIONS if file == name}, name


@pytest.mark.parametrize(
    "path", [p for room in ALLOWED for p in (ROOT / room).rglob("*.py")] + [ROOT / "cli.py"], ids=str
)
def test_heavy_packages_are_imported_inside_functions(path: Path) -> None:
    if path.relative_to(ROOT).as_posix() not in LATE:
        assert not {package for package, at_once in imports(path) if at_once} & HEAVY


def test_the_core_knows_no_torch() -> None:
    for path in (ROOT / "indexlm").rglob("*.py"):
        assert "torch" not in {package for package, _ in imports(path)}


def test_the_default_path_loads_neither_torch_nor_transformers() -> None:
    program = (
        "import sys, indexlm; page = indexlm.extract('<p>hello</p>'); page.markdown; "
        "print(sorted({'torch', 'transformers', 'trl', 'pyarrow', 'rapidfuzz'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "[]\n"


def test_public_names_are_those_exported() -> None:
    import indexlm

    assert sorted(indexlm.__all__) == indexlm.__all__
    assert all(hasattr(indexlm, name) for name in indexlm.__all__)
