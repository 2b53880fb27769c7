"""The questions of `qe/more.parquet` that no training reads, as data for `eval predict`.

`python -m train.data.kept_back DATA OUT` writes two splits: `known`, other titles of sources that trainings read, and
`new`, sources that none reads. Then `indexlm eval predict --data OUT --task qe --split new …`.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from eval.rows import read_rows
from indexlm.page import IndexLMError
from train.data.mixture import HELD_OUT_SOURCES
from train.data.prepare import is_held_out


def write_kept_back(data: Path, out: Path) -> dict[str, int]:
    """A data folder -> `qe/known.parquet` and `qe/new.parquet`, and as their hosts the pages of `me/dev.parquet`.

    Returns the number of articles of each split. Raises `IndexLMError` for a file of questions that cannot be read.
    """
    import pyarrow as pa
    from pyarrow import parquet

    path = data / "qe" / "more.parquet"
    rows = read_rows(path, is_held_out)
    parts = {
        "known": [row for row in rows if row["source"] not in HELD_OUT_SOURCES],
        "new": [row for row in rows if row["source"] in HELD_OUT_SOURCES],
    }
    schema = parquet.read_schema(path)
    for folder in ("qe", "me"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    for split, part in parts.items():
        parquet.write_table(pa.Table.from_pylist(part, schema), out / "qe" / f"{split}.parquet", compression="zstd")
        shutil.copyfile(data / "me" / "dev.parquet", out / "me" / f"{split}.parquet")
    return {split: len(part) for split, part in parts.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    try:
        print(write_kept_back(arguments.data, arguments.out))
    except (IndexLMError, OSError) as error:
        parser.error(str(error))
