"""Gradient-boosted trees over the blocks' structure (scikit-learn), written as ONNX."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from math import log
from pathlib import Path
from typing import Any

import numpy as np

from eval.domain import domain
from eval.examples import Example
from heads.tree_features import NAMES, features
from indexlm.page import Page
from train.data.splits import hash_of

FOLDS = 4
"""Groups of domains. A page that a head is trained on shows the scores of trees that have not seen its group."""

_VOCABULARY = 150
_MAX_BLOCKS = 128  # of a page, so that a few pages with many menus do not dominate
_OTHER_SOURCES = 0.5  # the weight of pages that are not labelled by WCXB's guidelines
_PAGES_PER_WORD = 130  # a class word is on at least one page in so many


def fold(page: Page) -> int:
    """A page -> the number of the trees that have not seen its domain."""
    return hash_of(domain(page.url) or page.title) % FOLDS


def train_trees(examples: Sequence[Example], out: Path, *, seed: int, iterations: int = 250) -> dict[str, Any]:
    """ME examples -> `out/trees.onnx`, trained on all of them, and `out/folds/<k>.onnx`, on all but fold k.

    Returns the counts of pages and blocks.
    """
    vocabulary = _informative_words(examples)
    rng = random.Random(seed)
    tables, labels, weights, folds = [], [], [], []
    for example in examples:
        count = len(example.page.blocks)
        rows = sorted(rng.sample(range(count), min(_MAX_BLOCKS, count)))
        gold = set(example.gold)
        source_weight = 1.0 if example.source == "wcxb" else _OTHER_SOURCES
        tables.append(features(example.page, None, vocabulary)[rows])
        labels += [i + 1 in gold for i in rows]
        weights += [source_weight * log(1 + len(example.page.blocks[i].text)) for i in rows]
        folds += [fold(example.page)] * len(rows)
    x, y, w, fold_of = np.concatenate(tables), np.array(labels), np.array(weights), np.array(folds)
    (out / "folds").mkdir(parents=True, exist_ok=True)
    for k in range(FOLDS):
        others = fold_of != k
        write_trees(
            _fit(x[others], y[others], w[others], iterations, seed), out / "folds" / f"{k}.onnx", NAMES, vocabulary
        )
    write_trees(_fit(x, y, w, iterations, seed), out / "trees.onnx", NAMES, vocabulary)
    return {"pages": len(examples), "blocks": len(y)}


def _informative_words(examples: Sequence[Example]) -> list[str]:
    """The class words with the most mutual information with whether a block below them is kept.

    Every page counts the same.
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

    candidates = sorted(word for word in pages if pages[word] * _PAGES_PER_WORD >= total)
    return sorted(candidates, key=information, reverse=True)[:_VOCABULARY]


def _fit(x: Any, y: Any, weights: Any, iterations: int, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=iterations,
        early_stopping=False,  # it would set a tenth of the rows aside
        learning_rate=0.08,
        max_leaf_nodes=24,
        min_samples_leaf=min(60, max(1, len(y) // 20)),
        l2_regularization=5.0,
        max_features=0.2,  # of the columns, at every node, so that trees differ
        random_state=seed,
    ).fit(x, y, sample_weight=weights)


def _round_down(threshold: float) -> float:
    """The largest float32 that is not above a threshold: rounded up, it would let a larger value pass."""
    nearest = np.float32(threshold)
    return float(nearest if float(nearest) <= threshold else np.nextafter(nearest, np.float32(-np.inf)))


def write_trees(model: Any, path: Path, columns: Sequence[str], vocabulary: Sequence[str] = ()) -> None:
    """A fitted model -> an ONNX file: a TreeEnsembleRegressor of its raw score, and a sigmoid.

    Its metadata names the columns, and the words of class names that are columns too.
    """
    from onnx import TensorProto, helper, save

    nodes = [
        (tree, i, node) for tree, (predictor,) in enumerate(model._predictors) for i, node in enumerate(predictor.nodes)
    ]
    leaves = [(tree, i, node) for tree, i, node in nodes if node["is_leaf"]]
    lists: dict[str, Any] = {
        "nodes_treeids": [tree for tree, _, _ in nodes],
        "nodes_nodeids": [i for _, i, _ in nodes],
        "nodes_featureids": [int(node["feature_idx"]) for _, _, node in nodes],
        "nodes_modes": ["LEAF" if node["is_leaf"] else "BRANCH_LEQ" for _, _, node in nodes],
        "nodes_values": [0.0 if n["is_leaf"] else _round_down(float(n["num_threshold"])) for _, _, n in nodes],
        "nodes_truenodeids": [int(node["left"]) for _, _, node in nodes],
        "nodes_falsenodeids": [int(node["right"]) for _, _, node in nodes],
        "target_treeids": [tree for tree, _, _ in leaves],
        "target_nodeids": [i for _, i, _ in leaves],
        "target_weights": [float(node["value"]) for _, _, node in leaves],
        "target_ids": [0] * len(leaves),
    }
    ensemble = helper.make_node(
        "TreeEnsembleRegressor",
        ["features"],
        ["margin"],
        domain="ai.onnx.ml",
        n_targets=1,
        base_values=[float(model._baseline_prediction.ravel()[0])],
        **lists,
    )
    graph = helper.make_graph(
        [ensemble, helper.make_node("Sigmoid", ["margin"], ["probability"])],
        "trees",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["blocks", len(columns) + len(vocabulary)])],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["blocks", 1])],
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)]
    onnx_model = helper.make_model(graph, opset_imports=opsets, ir_version=10, producer_name="indexlm")
    helper.set_model_props(onnx_model, {"columns": " ".join(columns), "vocabulary": " ".join(vocabulary)})
    save(onnx_model, path)
