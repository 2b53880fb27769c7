"""A model's operations on a GPU: recorded once for each shape of their inputs, and compiled where that pays.

A GPU would wait for Python, which takes longer to begin the operations of a layer than they take. As a CUDA graph, all
of them are begun at once.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable
from time import perf_counter
from typing import Any

import torch

from heads.runtimes.varlen import compile_layers, run_as_they_are
from indexlm.page import first_line

_WARM_UPS = 2  # runs before operations are recorded: libraries and compiled layers are made ready

Run = Callable[..., torch.Tensor]


class Recorded:
    """`(key, run, inputs) -> run(*inputs)`, for a `run` that is the same for all inputs of a key, shapes included.

    What it returns is valid until the next call. On a CPU it runs, and nothing else.

    compile_after: the seconds of work after which the model's layers are compiled, for any shape; infinite: never. They
        take half the time then, with other roundings in bf16. One call takes as long as it takes to compile them, so
        that work of about that length, and no less, is worth it.
    """

    def __init__(self, model: Any, compile_after: float) -> None:
        self._model = model
        self._is_on_gpu = model.device.type == "cuda"
        self._graphs: dict[Hashable, tuple[Any, tuple[torch.Tensor, ...], torch.Tensor]] = {}
        self._pool: Any = None  # of memory: only one graph works at a time
        self._seconds_left = compile_after
        self._is_compiled = False

    def __call__(self, key: Hashable, run: Run, *inputs: torch.Tensor) -> torch.Tensor:
        if not self._is_on_gpu:
            return run(*inputs)
        if self._seconds_left <= 0 and not self._is_compiled:
            self._graphs.clear()
            self._pool = None
            self._is_compiled = True
            compile_layers(self._model, dynamic=True)
        if key not in self._graphs:
            self._graphs[key] = self._record(run, inputs)
        began = perf_counter()
        graph, held, output = self._graphs[key]
        for into, part in zip(held, inputs, strict=True):
            into.copy_(part)
        graph.replay()
        torch.cuda.synchronize()
        self._seconds_left -= perf_counter() - began
        return output

    def _record(self, run: Run, inputs: tuple[torch.Tensor, ...]) -> tuple[Any, tuple[torch.Tensor, ...], torch.Tensor]:
        held = tuple(part.to(self._model.device, copy=True) for part in inputs)
        aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            try:
                run(*held)
            except Exception as error:  # compilers raise whatever they like
                if not self._is_compiled or isinstance(error, torch.OutOfMemoryError):
                    raise
                warnings.warn(
                    f"the layers cannot be compiled, and are run as they are: {first_line(error)}", stacklevel=2
                )
                run_as_they_are(self._model)
            for _ in range(_WARM_UPS):
                run(*held)
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool):
            output = run(*held)
        self._pool = self._pool or graph.pool()
        return graph, held, output
