"""Gradient-boosted trees over the blocks' structure (scikit-learn), written as ONNX."""

from __future__ import annotations

import random
import zlib
from collections import Counter
from collections.abc import Sequence
from math import log
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from eval.examples import Example
from heads.tree_features import NAMES, features
from indexlm.page import Page

__all__ = ["FOLDS", "fold", "train_trees"]

FOLDS = 4
"""A page that a head is trained on shows the hint of trees that have not seen its domain."""

_VOCABULARY = 150
_MOST_BLOCKS = 128  # of a page: the many menus of a few pages shall not rule
_OTHER_SOURCES = 0.5  # the weight of pages that are not labelled by WCXB's guidelines
_THRESHOLD = 0.3


def fold(page: Page) -> int:
    """Which of the `FOLDS` trees has not seen this page's domain."""
    try:
        host = urlsplit(page.url).hostname
    except ValueError:
        host = page.url
    return zlib.crc32((host or page.title).encode("utf-8", "replace")) % FOLDS


def train_trees(examples: Sequence[Example], out: Path, *, seed: int, iterations: int = 250) -> dict[str, Any]:
    """ME examples -> `out/trees.onnx`, trained on all of them, and `out/folds/<k>.onnx`, on those of other folds.

    Returns how many pages and blocks were used.
    """
    vocabulary = _telling_words(examples)
    rng = random.Random(seed)
    tables, labels, weights, folds = [], [], [], []
    for example in examples:
        count = len(example.page.blocks)
        rows = sorted(rng.sample(range(count), min(_MOST_BLOCKS, count)))
        gold = set(example.gold)
        share = 1.0 if example.source == "wcxb" else _OTHER_SOURCES
        tables.append(features(example.page, None, vocabulary)[rows])
        labels += [i + 1 in gold for i in rows]
        weights += [share * log(1 + len(example.page.blocks[i].text)) for i in rows]
        folds += [fold(example.page)] * len(rows)
    x, y, w, of = np.concatenate(tables), np.array(labels), np.array(weights), np.array(folds)
    (out / "folds").mkdir(parents=True, exist_ok=True)
    for k in range(FOLDS):
        kept = of != k
        _write(_fit(x[kept], y[kept], w[kept], iterations, seed), vocabulary, out / "folds" / f"{k}.onnx")
    _write(_fit(x, y, w, iterations, seed), vocabulary, out / "trees.onnx")
    return {"pages": len(examples), "blocks": len(y)}


def _telling_words(examples: Sequence[Example]) -> list[str]:
    """The words of class names that tell most (mutual information) of whether a block below them is kept.

    Every page counts the same; a word on fewer than 1 page in 130 is left out.
    """
    kept: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    pages: Counter[str] = Counter()
    for example in examples:
        gold = set(example.gold)
        seen = set()
        for block in example.page.blocks:
            words = {word for label in block.path for word in label.split(".")[1:]}
            seen |= words
            for word in words:
                (kept if block.index in gold else dropped)[word] += 1 / len(example.page.blocks)  # type: ignore[assignment]
        pages.update(seen)
    total = len(examples)
    base = sum(len(e.gold) / len(e.page.blocks) for e in examples) / total

    def information(word: str) -> float:
        a, b = kept[word], dropped[word]
        cells = (
            (a, a + b, base),
            (b, a + b, 1 - base),
            (base * total - a, total - a - b, base),
            ((1 - base) * total - b, total - a - b, 1 - base),
        )
        return sum(n / total * log(n / (row * column)) for n, row, column in cells if n > 1e-9 and row * column > 0)

    found = sorted(word for word in pages if pages[word] * 130 >= total)
    return sorted(found, key=information, reverse=True)[:_VOCABULARY]


def _fit(x: Any, y: Any, weights: Any, iterations: int, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=iterations,
        early_stopping=False,  # which would set a tenth of the rows aside
        learning_rate=0.08,
        max_leaf_nodes=24,
        min_samples_leaf=min(60, max(1, len(y) // 20)),
        l2_regularization=5.0,
        max_features=0.2,  # of the columns, at every node: trees that differ
        random_state=seed,
    ).fit(x, y, sample_weight=weights)


def _down(threshold: float) -> float:
    """The largest float32 that is not above: rounded up, a threshold could let a value pass that stands above it."""
    near = np.float32(threshold)
    return float(near if float(near) <= threshold else np.nextafter(near, np.float32(-np.inf)))


def _write(model: Any, vocabulary: Sequence[str], path: Path) -> None:
    """A fitted model -> one TreeEnsembleRegressor of its raw score, and a sigmoid."""
    from onnx import TensorProto, helper, save

    nodes: dict[str, list[Any]] = {
        name: [] for name in ("treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids")
    }
    leaves: dict[str, list[Any]] = {"treeids": [], "nodeids": [], "weights": []}
    for tree, (predictor,) in enumerate(model._predictors):
        for i, node in enumerate(predictor.nodes):
            nodes["treeids"].append(tree)
            nodes["nodeids"].append(i)
            nodes["featureids"].append(int(node["feature_idx"]))
            nodes["modes"].append("LEAF" if node["is_leaf"] else "BRANCH_LEQ")
            nodes["values"].append(0.0 if node["is_leaf"] else _down(float(node["num_threshold"])))
            nodes["truenodeids"].append(int(node["left"]))
            nodes["falsenodeids"].append(int(node["right"]))
            if node["is_leaf"]:
                leaves["treeids"].append(tree)
                leaves["nodeids"].append(i)
                leaves["weights"].append(float(node["value"]))
    lists: dict[str, Any] = {f"nodes_{name}": values for name, values in nodes.items()}
    lists |= {f"target_{name}": values for name, values in leaves.items()}
    ensemble = helper.make_node(
        "TreeEnsembleRegressor",
        ["features"],
        ["margin"],
        domain="ai.onnx.ml",
        n_targets=1,
        base_values=[float(model._baseline_prediction.ravel()[0])],
        target_ids=[0] * len(leaves["treeids"]),
        **lists,
    )
    graph = helper.make_graph(
        [ensemble, helper.make_node("Sigmoid", ["margin"], ["probability"])],
        "trees",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["blocks", len(NAMES) + len(vocabulary)])],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["blocks", 1])],
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)]
    written = helper.make_model(graph, opset_imports=opsets, ir_version=10, producer_name="indexlm")
    stated = {"columns": " ".join(NAMES), "vocabulary": " ".join(vocabulary), "threshold": str(_THRESHOLD)}
    helper.set_model_props(written, stated)
    save(written, path)
