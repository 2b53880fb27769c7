"""Which package may import which: indexlm < heads < eval < train < cli.py, held by reading the imports."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGES = ["indexlm", "heads", "eval", "train"]
# `from indexlm import extract` opens a head.
EXCEPTIONS = {("indexlm/extractor.py", "heads")}
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
    "fastapi",
    "starlette",
    "pydantic",
    "uvicorn",
    "prometheus_client",
    "mcp",
    "haystack",
    "langchain_core",
    "llama_index",
    "scrapy",
    "datatrove",
    "fastwarc",
    "fsspec",
    "ray",
}
# Modules that are themselves imported inside functions.
LATE = {
    "indexlm/fetching.py",
    "heads/runtimes/onnx.py",
    "heads/runtimes/openvino.py",
    "heads/runtimes/packed.py",
    "heads/runtimes/recorded.py",
    "heads/runtimes/row_cache.py",
    "heads/runtimes/torch.py",
    "indexlm/integrations/datatrove.py",
    "indexlm/integrations/haystack.py",
    "indexlm/integrations/langchain.py",
    "indexlm/integrations/llamaindex.py",
    "indexlm/serving/app.py",
    "indexlm/serving/mcp.py",
    "indexlm/serving/requests.py",
    "train/export/modules.py",
}


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


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_packages_before_it(package: str) -> None:
    later = set(PACKAGES[PACKAGES.index(package) + 1 :])
    for path in (ROOT / package).rglob("*.py"):
        name = path.relative_to(ROOT).as_posix()
        names = {name for name, _ in imports(path)}
        assert not (names & later) - {other for file, other in EXCEPTIONS if file == name}, name
        assert "cli" not in names, name


def test_a_head_is_opened_inside_functions_of_one_module() -> None:
    assert not {package for package, at_once in imports(ROOT / "indexlm/extractor.py") if at_once} & set(PACKAGES[1:])


@pytest.mark.parametrize(
    "path", [p for package in PACKAGES for p in (ROOT / package).rglob("*.py")] + [ROOT / "cli.py"], ids=str
)
def test_heavy_packages_are_imported_inside_functions(path: Path) -> None:
    if path.relative_to(ROOT).as_posix() not in LATE:
        assert not {package for package, at_once in imports(path) if at_once} & HEAVY


def test_the_core_knows_no_torch() -> None:
    for path in (ROOT / "indexlm").rglob("*.py"):
        assert "torch" not in {package for package, _ in imports(path)}


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("indexlm.extract('<p>hello</p>').markdown", {"torch", "transformers", "trl", "pyarrow", "rapidfuzz"}),
        ("indexlm.read_page('<title>Q</title><p>hello <b>world</b></p>')", {"numpy", "email", "plistlib"}),
    ],
    ids=["a page is extracted without torch", "a page is read without numpy and what reads mail"],
)
def test_what_a_page_does_not_need_is_not_loaded(statement: str, names: set[str]) -> None:
    program = f"import sys, indexlm; {statement}; print(sorted({names} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "[]\n"


def test_public_names_are_those_exported() -> None:
    import indexlm

    assert sorted(indexlm.__all__) == indexlm.__all__
    assert all(hasattr(indexlm, name) for name in indexlm.__all__)
