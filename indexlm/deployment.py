"""A deployment on disk: which head runs, with which options and how many processes, and the figures it was chosen by.

`indexlm choose` writes `deployment.yaml`. Commands that extract pages take it with `--deployment`, through `deployed`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, fields
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexlm import __version__
from indexlm.extractor import Extractor
from indexlm.limits import check_number
from indexlm.machine import machine
from indexlm.models import shipped
from indexlm.options import named_head
from indexlm.page import IndexLMError

if TYPE_CHECKING:
    import typer

SHIPPED = "shipped"
_MOST_BYTES = 1 << 16
_MOST_WORKERS = 256
_HEADER = "# Written by `indexlm choose`. `extract`, `serve` and `scale` take it: --deployment deployment.yaml\n"
_NO_OPTIONS = ("head", "model", "runtime", "include", "exclude")
# What holds for any head; all other options belong to the head that they were chosen for.
_OF_ANY_HEAD = ("workers", "threads", "hidden", "max_bytes", "max_blocks", "max_seconds", "max_memory")

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Deployment:
    """How pages are extracted, and why so.

    head, runtime: as in `Extractor`.
    model: `shipped`, a checkpoint directory or a Hugging Face id.
    sha256: the hash of the weights (`weights_hash`); empty where it is not known.
    options: further options of `Extractor`.
    workers: processes that share the pages.
    scenario, limits, figures: what it was chosen for, and what was measured.
    indexlm, machine, date: where and when. Figures hold there alone.
    """

    head: str = "classifier"
    model: str = SHIPPED
    runtime: str | None = None
    sha256: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    workers: int = 1
    scenario: str = ""
    limits: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    indexlm: str = __version__
    machine: str = field(default_factory=machine)
    date: str = ""

    def write(self, path: Path) -> None:
        """Write it as YAML; the file takes its place when it is whole."""
        import yaml

        temporary = path.with_name(path.name + ".part")
        text = yaml.safe_dump(asdict(self), sort_keys=False, allow_unicode=True, width=120)
        temporary.write_text(_HEADER + text, "utf-8")
        temporary.replace(path)

    def extractor_options(self) -> dict[str, Any]:
        """What `Extractor` takes."""
        model = "" if self.model == SHIPPED else self.model
        return {"head": self.head, "model": model, "runtime": self.runtime, **self.options}

    def warnings(self) -> tuple[str, ...]:
        """Why its figures may not hold here: another version, machine or checkpoint."""
        notes = []
        if self.indexlm != __version__:
            notes.append(f"it was chosen with version {self.indexlm}; this is {__version__}")
        if self.machine != (here := machine()):
            notes.append(f"it was chosen on another machine ({self.machine}); this is {here}")
        if self.sha256 and (now := weights_hash(self.head, self.model, self.runtime)) not in ("", self.sha256):
            notes.append(f"it was chosen for weights with the hash {self.sha256[:12]}; {self.model} has {now[:12]}")
        return tuple(f"{note}: its figures may not hold" for note in notes)


def read_deployment(path: Path) -> Deployment:
    """A file -> its deployment. A model beside the file may be named by its relative path.

    Raises `IndexLMError` for what is no such file, and for an option that `Extractor` refuses.
    """
    values = _read_yaml(path)
    for f in fields(Deployment):
        if f.name in values:
            _check_kind(path, f.name, values[f.name])
    if unknown := values.keys() - {f.name for f in fields(Deployment)}:
        raise IndexLMError(f"{path} has keys that no deployment has: {', '.join(sorted(map(str, unknown)))}")
    allowed = {f.name for f in fields(Extractor) if f.init} - {*_NO_OPTIONS}
    if unknown := values.get("options", {}).keys() - allowed:
        raise IndexLMError(f"{path} has options that `Extractor` has not: {', '.join(sorted(map(str, unknown)))}")
    deployment = Deployment(**{"indexlm": "", "machine": ""} | values)
    beside = path.parent / deployment.model
    if deployment.model != SHIPPED and not os.path.isdir(deployment.model) and os.path.isdir(beside):
        deployment = Deployment(**asdict(deployment) | {"model": str(beside)})
    return deployment


def _read_yaml(path: Path) -> dict[str, Any]:
    import yaml

    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        is_large = len(data) > _MOST_BYTES
        values = None if is_large else yaml.safe_load(data.decode("utf-8"))
    except FileNotFoundError:
        raise IndexLMError(f"a deployment is a file that `choose` writes; there is no {path}") from None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        reason = getattr(error, "problem", None) or getattr(error, "strerror", None) or type(error).__name__
        raise IndexLMError(f"a deployment is YAML; {path} cannot be read: {reason}") from None
    if is_large:
        raise IndexLMError(f"a deployment has at most {_MOST_BYTES} bytes; {path} has more")
    if not isinstance(values, dict) or "head" not in values:
        raise IndexLMError(f"a deployment is a mapping with a head; {path} holds none")
    return {key: str(value) if key in ("date", "indexlm") else value for key, value in values.items()}


def _check_kind(path: Path, name: str, value: object) -> None:
    """Raise `IndexLMError` for a value of another kind than the field's."""
    if name in ("options", "limits", "figures"):
        if not isinstance(value, dict) or not all(isinstance(v, Scalar) for v in value.values()):
            raise IndexLMError(f"{name} in {path} is a mapping of names to numbers, texts, true or false")
    elif name == "workers":
        check_number(f"workers in {path} are from 1 to {_MOST_WORKERS}", value, 1, _MOST_WORKERS, whole=True)
    elif not isinstance(value, str) and not (name == "runtime" and value is None):
        raise IndexLMError(f"{name} in {path} is text; found {type(value).__name__}")


def check_model(deployment: Deployment, path: Path) -> None:
    """Raise `IndexLMError` where its checkpoint is neither there nor the name of one on the Hugging Face Hub."""
    model = deployment.model
    if model == SHIPPED or os.path.isdir(model):
        return
    if model.count("/") != 1 or model.startswith((".", "/", "~")):
        raise IndexLMError(f"a deployment names a checkpoint that is there; {path} names {model!r}, which is not")


def weights_hash(head: str, model: str = SHIPPED, runtime: str | None = None) -> str:
    """A head, its model and runtime -> the SHA-256 of the files of its weights, as hexadecimal digits.

    The files of the model are read in order of their names, and behind them its trees, which change answers as well.
    Empty where the model is no directory here.
    """
    folder = Path(shipped("decoder" if head == "decoder" else "classifier") if model in ("", SHIPPED) else model)
    patterns = ("*.safetensors",) if runtime == "torch" else ("model.onnx", "model.onnx.data")
    of_model = sorted(path for pattern in patterns for path in folder.glob(pattern))
    of_model = of_model or sorted(folder.glob("*.safetensors"))
    names = ("trees.onnx",) if head == "trees" else ("answers.onnx", "trees.onnx")
    trees = [folder / name for name in names if (folder / name).is_file()]
    digest = sha256()
    for path in trees if head == "trees" else [*of_model, *trees]:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest() if digest.digest() != sha256().digest() else ""


def named_options(context: typer.Context) -> set[str]:
    """The parameters of a command that its user named, in its function's spelling."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    named = {name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"}
    return named | {"beta"} if "favour" in named else named


def deployed(path: Path | None, options: Mapping[str, Any], named: Collection[str]) -> dict[str, Any]:
    """Options of `Extractor` and `workers` -> the same with those of a deployment's file, if there is one.

    Those that are `named` on the command line win. With another head named, what belongs to the file's head is left
    out; with another model, its runtime; with a threshold its beta, and the other way round. Warnings go to standard
    error. Raises `IndexLMError` for a bad file, a missing checkpoint, and what `Extractor` refuses.
    """
    if path is None:
        return dict(options)
    deployment = read_deployment(path)
    stored = deployment.extractor_options() | {"workers": deployment.workers}
    is_other = "head" in named and named_head(options["head"]) != deployment.head
    if is_other:
        stored = {name: value for name, value in stored.items() if name in _OF_ANY_HEAD}
    elif "model" in named:
        del stored["model"], stored["runtime"]
    for one, other in (("threshold", "beta"), ("beta", "threshold")):
        if one in named and other not in named:
            stored.pop(other, None)
    result = {**options, **{name: value for name, value in stored.items() if name not in named}}
    if not is_other and "model" not in named:
        check_model(deployment, path)
    Extractor(**{name: value for name, value in result.items() if name != "workers"})
    for warning in () if is_other or "model" in named else deployment.warnings():
        print(f"warning: deployment: {warning}", file=sys.stderr)
    return result
