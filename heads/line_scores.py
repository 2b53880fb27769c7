"""How probable it is that an answer holds each line of a window: read off the choices that a decoder makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class LineScores:
    """Summed up along an answer, as it is written: of every interval its starts, and then its ends.

    Each line may be the first of the interval. Of the lines behind the one that is chosen, each belongs to the interval
    unless this ends before. What comes later counts by the probability of all that was chosen before. Other answers
    than the written one are not followed.

    of_lines: shape (lines,), the probabilities under the condition that there is an answer.
    """

    def __init__(self, lines: int) -> None:
        self.of_lines = np.zeros(lines)
        self._reached = 1.0
        self._start = 0

    def add_start(self, numbers: Sequence[int], shares: NDArray[np.float64], chosen: int) -> None:
        """The lines (from 1) that an interval may start with, the probability of each, and the place of the chosen."""
        by_line = self._by_line(numbers, shares)
        self.of_lines += self._reached * by_line
        self._start = numbers[chosen]
        self._reached *= by_line[self._start - 1]

    def add_end(self, numbers: Sequence[int], shares: NDArray[np.float64], chosen: int) -> None:
        """The lines that the interval may end with, the probability of each, and the place of the chosen one."""
        by_line = self._by_line(numbers, shares)
        reaches = np.cumsum(by_line[::-1])[::-1]
        self.of_lines[self._start :] += self._reached * reaches[self._start :]
        self._reached *= by_line[numbers[chosen] - 1]

    def go_on(self, share: float) -> None:
        """The probability that another interval follows."""
        self._reached *= share

    def _by_line(self, numbers: Sequence[int], shares: NDArray[np.float64]) -> NDArray[np.float64]:
        by_line = np.zeros(len(self.of_lines))
        np.add.at(by_line, np.array(numbers) - 1, shares)
        return by_line
