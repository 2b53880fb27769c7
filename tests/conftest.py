"""What several tests share: golden pages of our own writing, tiny real models, and the data set where it is there."""

from __future__ import annotations

import gc
import hashlib
import importlib.util
import json
import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from indexlm import Page, read_page, to_indices

PAGES = Path(__file__).parent / "pages"
ROOT = Path(__file__).parent.parent

TITLED = (
    "<title>Post</title><header><a href=/>Post</a><nav><a href=/a>Local</a></nav>"
    "<h1>Trees along the river</h1></header><main>{}</main><footer>Post</footer>"
).format("<p>More than three hundred people spent the morning on the bank of the river, and planted trees.</p>" * 9)
"""A page whose title stands apart from its main content."""

MAIN: dict[str, list[tuple[int, int]]] = {
    "news": [(7, 11), (14, 17)],
    "docs": [(8, 25)],
    "forum": [(4, 16)],
    "product": [(4, 9), (11, 14)],
    "listing": [(4, 13)],
    "table": [(3, 15)],
    "code": [(2, 8)],
    "chinese": [(2, 2), (4, 6)],
    "rtl": [(4, 7)],
}
"""The blocks of each golden page that are its main content, as read by a person."""


TOGETHER = {
    "torch": "bench cascade checkpoint data decoder disks docs eval export fit heads hostile_models misuse oracle "
    "shared_model speed train trees",
    "crawls": "datatrove scale scale_ray",
}
"""Files of tests that one process runs: importing what they need takes longer than most of them."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The processes share files, as `--dist loadfile` has it, but for those of `TOGETHER`."""
    from xdist.scheduler import LoadFileScheduling

    scopes = {f"tests/test_{name}.py": scope for scope, names in TOGETHER.items() for name in names.split()}

    class Scheduling(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file: str = super()._split_scope(nodeid)
            return scopes.get(file, file)

    return Scheduling(config, log) if config.getoption("dist") == "loadfile" else None


def needs(extra: str, package: str) -> None:
    """Skip a file of tests where a package is not installed, which is not imported: that takes each process seconds."""
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"needs the extra {extra}: {package}", allow_module_level=True)


def golden_html(name: str) -> bytes:
    return (PAGES / f"{name}.html").read_bytes()


@cache
def golden_page(name: str, query: str = "") -> Page:
    return read_page(golden_html(name), query=query)


def golden_indices(name: str) -> tuple[int, ...]:
    return to_indices(MAIN[name])


@pytest.fixture(scope="module", autouse=True)
def _frozen() -> None:
    """Collecting garbage, as each training does, passes over what is there by now: mostly the code of libraries."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder with me/ and qe/ (`INDEXLM_DATA`, or `../shared/data`); tests that need it are skipped without."""
    folder = Path(os.environ.get("INDEXLM_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "me" / "dev.parquet").is_file():
        pytest.skip(f"needs the data set in {folder} (or where INDEXLM_DATA says)")
    return folder


@pytest.fixture(scope="session")
def qwen_tokenizer() -> Any:
    """The vocabulary of Qwen2 to Qwen3 (`INDEXLM_QWEN_TOKENIZER`, or `../shared/tokenizer/qwen2`)."""
    from tokenizers import Tokenizer

    default = ROOT.parent / "shared" / "tokenizer" / "qwen2" / "tokenizer.json"
    path = Path(os.environ.get("INDEXLM_QWEN_TOKENIZER", default))
    if not path.is_file():
        pytest.skip(f"needs Qwen's tokenizer.json at {path} (or where INDEXLM_QWEN_TOKENIZER says)")
    return Tokenizer.from_file(str(path))


MakeOnce = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def make_once(tmp_path_factory: pytest.TempPathFactory) -> MakeOnce:
    """A function (name, make) -> a folder that `make` fills, once for all processes of a run. No test writes to it."""
    from filelock import FileLock

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def folder(name: str, make: Callable[[Path], None]) -> Path:
        out = shared / name
        with FileLock(shared / f"{name}.lock"):
            if not out.exists():
                unfinished = tmp_path_factory.mktemp(name)
                make(unfinished)
                unfinished.rename(out)
        return out

    return folder


@pytest.fixture(scope="session")
def tiny_tokenizer(make_once: MakeOnce) -> Path:
    """A folder with a tokenizer of 2,048 tokens, trained on the golden pages."""
    from heads import Settings
    from train import tokenizer

    settings = Settings("classifier", query_units=16)

    def make(out: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tokenizer, "REPEATS", 100)  # enough where there are as few pages
            tokenizer.train_tokenizer(map(golden_page, MAIN), 2048, settings, out)

    return make_once("tokenizer", make)


class Traced(NamedTuple):
    """A traced model in a folder, which is saved as often as wanted."""

    folder: Path

    def save(self, path: str, external_data: bool) -> None:
        shutil.copytree(self.folder, Path(path).parent, dirs_exist_ok=True)


@pytest.fixture(scope="session")
def traced_once(make_once: MakeOnce) -> Iterator[None]:
    """Exports of the same weights are traced once for all processes of a run: tracing is most of an export's time."""
    import torch

    trace = torch.onnx.export

    def export(model: Any, arguments: Any, **options: Any) -> Traced:
        last = model.last
        digest = hashlib.sha256(repr((type(model), last.heads, last.kv_heads, last.size, last.eps)).encode())
        digest.update(repr((getattr(model, "causal", None), options, arguments)).encode())
        for name, weight in model.state_dict().items():
            digest.update(repr((name, weight.shape, weight.dtype)).encode() + weight.numpy().tobytes())
        name = f"trace-{digest.hexdigest()[:16]}"
        return Traced(
            make_once(
                name, lambda out: trace(model, arguments, **options).save(str(out / "model.onnx"), external_data=True)
            )
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.onnx, "export", export)
        yield


@pytest.fixture(scope="session")
def tiny_checkpoint(tiny_tokenizer: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A function (head, **settings) -> the directory of a real Qwen3 checkpoint of two layers, with random weights."""
    import torch
    from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM, Qwen3ForTokenClassification

    from heads import Settings

    def make(head: str, **given: Any) -> Path:
        tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(tiny_tokenizer / "tokenizer.json"))
        config = Qwen3Config(
            vocab_size=len(tokenizer),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            head_dim=16,
            initializer_range=0.25,  # far from uniform, so that a difference shows
            tie_word_embeddings=True,
            num_labels=2,
        )
        settings = Settings(head, **({"window_tokens": 400} | given))  # type: ignore[arg-type]
        config.is_causal = settings.causal or head == "decoder"
        config.indexlm = settings.to_dict()
        torch.manual_seed(1)
        model = (Qwen3ForTokenClassification if head == "classifier" else Qwen3ForCausalLM)(config)
        model.bfloat16().float()  # weights that are the same in bf16
        out = tmp_path_factory.mktemp(head)
        model.save_pretrained(out)
        tokenizer.save_pretrained(out)
        return out

    return make


@pytest.fixture(scope="session")
def tiny_pair(
    tiny_checkpoint: Callable[..., Path], make_once: MakeOnce, traced_once: None
) -> dict[str, tuple[Path, Path]]:
    """By head: the directories of one checkpoint for torch and, exported in fp32, for ONNX Runtime."""
    from train.export.to_onnx import export

    def make(head: str, out: Path) -> None:
        tiny_checkpoint(head).rename(out / "torch")
        export(out / "torch", out / "onnx", "fp32")

    folders = {head: make_once(f"tiny-{head}", partial(make, head)) for head in ("classifier", "decoder")}
    return {head: (folder / "torch", folder / "onnx") for head, folder in folders.items()}


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of golden pages, eight copies each, of domains of their own."""
    from tests.data_rows import NAMES, page_row, write

    rows = [page_row(name, copy) for copy in range(8) for name in NAMES]
    return write(tmp_path_factory.mktemp("pages") / "pages.parquet", rows)


@pytest.fixture(scope="session")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of articles with a question each."""
    from tests.data_rows import article_row, write

    return write(tmp_path_factory.mktemp("articles") / "articles.jsonl", [article_row(i) for i in range(25)])


@pytest.fixture(scope="session")
def built(pages: Path, articles: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `data build` makes of both."""
    from tests.data_rows import run

    out = tmp_path_factory.mktemp("built")
    run(out, pages, articles, eval_share=0.2)
    return out


def read_jsonl(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium."""
    from tests.browser import chromium, open_browser

    pytest.importorskip("playwright", reason="needs the extra dev: playwright")
    if not chromium():
        pytest.skip("needs a browser: Debian's package chromium, or the program that INDEXLM_CHROMIUM names")
    with open_browser() as browser:
        yield browser


SITE = ("news", "docs", "forum", "product")
"""The golden pages of a small site."""


def gold_text(name: str) -> str:
    return "\n".join(golden_page(name).blocks[i - 1].text for i in golden_indices(name))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder of pages, and one of their references."""
    pages, gold = tmp_path_factory.mktemp("pages"), tmp_path_factory.mktemp("gold")
    for name in SITE:
        (pages / f"{name}.html").write_bytes(golden_html(name))
        (gold / f"{name}.txt").write_text(gold_text(name), "utf-8")
    return pages, gold
