"""The features of a page, and the trees that score its blocks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from eval.examples import Example
from heads import open_head
from heads.cascade import plan
from heads.content.coherence import coherent
from heads.selection import maximize_expected_f
from heads.tree_features import NAMES, features
from heads.trees import TreeHead, load_trees
from indexlm import IndexLMError, Page, read_page
from indexlm.layout import measure_layout
from tests.conftest import MAIN, golden_indices, golden_page
from train import trees as training

EXAMPLES = [
    Example(replace(golden_page(name), url=f"https://{name}{n}.example/"), golden_indices(name), id=f"{name}{n}")
    for n in range(3)
    for name in MAIN
]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("trees")
    assert training.train_trees(EXAMPLES, out, seed=1, iterations=60)["pages"] == len(EXAMPLES)
    return out


def column(page: Page, name: str) -> list[float]:
    values: list[float] = features(page)[:, NAMES.index(name)].tolist()
    return values


def test_every_block_has_every_column() -> None:
    for name in MAIN:
        page = golden_page(name)
        table = features(page, None, ["menu", "post"])
        assert table.shape == (len(page.blocks), len(NAMES) + 2)
        assert np.isfinite(table).all()
    assert features(read_page("")).shape == (0, len(NAMES))


def test_columns_say_what_their_names_do() -> None:
    html = (
        "<title>Big news</title><nav class=menu><a href=/>Home</a></nav>"
        "<main><h1>Big news</h1><p>One. Two! 12 apples, 3 pears?</p><p class=note>Home</p></main>"
    )
    page = read_page(html)
    assert column(page, "link_density") == [1, 0, 0, 0]
    assert column(page, "tag_h1") == [0, 1, 0, 0]
    assert column(page, "in_nav") == [1, 0, 0, 0]
    assert column(page, "in_main") == [0, 1, 1, 1]
    assert column(page, "after_h1") == [-1, 0, 1, 2]
    assert column(page, "stops") == [0, 0, 3, 0]
    assert column(page, "title")[1] == 1
    assert column(page, "repeats") == [2, 1, 1, 2]
    assert column(page, "words+1")[0] == column(page, "words")[1]
    assert column(page, "words-1")[0] == -1  # there is none before the first
    words = features(page, None, ["menu", "note", "absent"])[:, len(NAMES) :]
    assert words.tolist() == [[2, 0, 0], [0, 0, 0], [0, 0, 0], [0, 2, 0]]


def test_onnx_gives_what_scikit_learn_fitted(trained: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fitted = []
    original = training._fit

    def fit(*args: object) -> object:
        fitted.append(original(*args))  # type: ignore[arg-type]
        return fitted[-1]

    monkeypatch.setattr(training, "_fit", fit)
    training.train_trees(EXAMPLES, tmp_path, seed=1, iterations=60)
    model, trees = fitted[-1], load_trees(tmp_path / "trees.onnx")
    for example in EXAMPLES[: len(MAIN)]:
        expected = model.predict_proba(features(example.page, None, trees.vocabulary))[:, 1]
        assert trees.scores(example.page, measure_layout(example.page)) == pytest.approx(expected.tolist(), abs=1e-5)
    again = load_trees(trained / "trees.onnx")
    page = EXAMPLES[0].page
    assert again.scores(page, measure_layout(page)) == trees.scores(
        page, measure_layout(page)
    )  # the same seed, the same trees


def test_trees_find_the_main_content_of_pages_like_those_they_saw(trained: Path) -> None:
    trees = load_trees(trained / "trees.onnx")
    for example in EXAMPLES[: len(MAIN)]:
        (prediction,) = trees([example.page])
        assert prediction.scores is not None
        chosen_by = plan(example.page, trees.scores, None).content_scores or []
        best = maximize_expected_f(chosen_by, measure_layout(example.page).words)[0]
        assert prediction.indices == coherent(example.page, best, chosen_by)
        assert len(set(prediction.indices) ^ set(example.gold)) <= max(1, 0.1 * len(example.page.blocks))
    assert trees([read_page("")])[0].indices == ()


def test_the_trees_of_a_fold_have_not_seen_its_domains(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page whose gold is turned round changes all trees but those of its own fold."""
    page = replace(golden_page("news"), url="https://odd.example/a")
    own = training.fold(page)
    assert own == training.fold(replace(golden_page("docs"), url="https://odd.example/b"))
    wrong = tuple(i for i in range(1, len(page.blocks) + 1) if i not in golden_indices("news"))

    def tree_scores(gold: tuple[int, ...], out: Path) -> list[list[float]]:
        training.train_trees([*EXAMPLES, *[Example(page, gold, id="odd")] * 4], out, seed=1, iterations=5)
        return [
            load_trees(out / "folds" / f"{k}.onnx").scores(page, measure_layout(page)) for k in range(training.FOLDS)
        ]

    # The vocabulary is chosen on all pages: the same one here.
    monkeypatch.setattr(training, "_informative_words", lambda examples: ["menu", "post", "nav"])
    one, two = tree_scores(golden_indices("news"), trained / "one"), tree_scores(wrong, trained / "two")
    assert one[own] == two[own]
    assert all(one[k] != two[k] for k in range(training.FOLDS) if k != own)


def test_the_file_states_columns_and_vocabulary_alone(trained: Path) -> None:
    metadata = {prop.key: prop.value for prop in onnx.load(trained / "trees.onnx").metadata_props}
    assert metadata.keys() == {"columns", "vocabulary"}
    assert metadata["columns"].split() == list(NAMES)


def test_pages_of_one_registrable_domain_are_in_one_fold() -> None:
    urls = [f"https://{host}example.co.uk/{i}" for i, host in enumerate(("", "www.", "news.", "a.b."))]
    assert len({training.fold(Page((), url=url)) for url in urls}) == 1


def test_trees_with_other_columns_are_refused(trained: Path, tmp_path: Path) -> None:
    model = onnx.load(trained / "trees.onnx")
    onnx.helper.set_model_props(model, {"columns": "a b", "vocabulary": ""})
    onnx.save(model, tmp_path / "trees.onnx")
    with pytest.raises(IndexLMError, match="columns"):
        load_trees(tmp_path / "trees.onnx")
    (tmp_path / "trees.onnx").write_bytes(b"no model")
    with pytest.raises(IndexLMError, match="cannot be loaded"):
        load_trees(tmp_path / "trees.onnx")


def test_a_checkpoint_that_shows_tree_scores_needs_its_trees(
    trained: Path, tiny_checkpoint: Callable[..., Path], tmp_path: Path
) -> None:
    checkpoint = shutil.copytree(tiny_checkpoint("classifier"), tmp_path / "c")
    config = json.loads((checkpoint / "config.json").read_text())
    before = open_head(checkpoint)([golden_page("news")])[0]
    config["indexlm"]["trees"] = True
    (checkpoint / "config.json").write_text(json.dumps(config))
    with pytest.raises(IndexLMError, match=r"trees\.onnx"):
        open_head(checkpoint)
    shutil.copy(trained / "trees.onnx", checkpoint)
    with_trees = open_head(checkpoint)
    assert isinstance(with_trees.trees.__self__, TreeHead)  # type: ignore[union-attr]
    after = with_trees([golden_page("news")])[0]
    assert after.scores != before.scores
