"""Each expected child needs a received child of its own: bipartite matching by augmenting paths.

Free received children are looked at first and in order, so that lists in the same order cost one look
per child.
"""

from collections.abc import Callable, Sequence

Fits = Callable[[int, int], bool]


def assign(candidates: Sequence[Sequence[int]], fits: Fits, *, is_whole: bool = False) -> dict[int, int]:
    """The largest assignment of expected to received: `candidates[i]` are the received worth a look for i.

    `fits(i, j)` is asked at most once for each pair. With `is_whole` only an assignment of all is wanted,
    and the search ends at the first that finds no place.
    """
    assignment = _Assignment(candidates, fits)
    for expected in range(len(candidates)):
        assignment.place(expected)
        if is_whole and expected not in assignment.received_of:
            break
    return assignment.received_of


class _Assignment:
    def __init__(self, candidates: Sequence[Sequence[int]], fits: Fits) -> None:
        self.candidates = candidates
        self.fits = fits
        self.known: dict[tuple[int, int], bool] = {}
        self.received_of: dict[int, int] = {}
        self.expected_of: dict[int, int] = {}

    def place(self, start: int) -> None:
        """Find, breadth first, a chain of moves that ends at a free received child, and make the moves."""
        mover: dict[int, int] = {}  # received -> the expected that would move there
        queue = [start]
        for expected in queue:
            options = [received for received in self.candidates[expected] if received not in mover]
            for received in sorted(options, key=self.expected_of.__contains__):
                if not self._does_fit(expected, received):
                    continue
                mover[received] = expected
                if received not in self.expected_of:
                    self._move(received, mover)
                    return
                queue.append(self.expected_of[received])

    def _does_fit(self, expected: int, received: int) -> bool:
        pair = (expected, received)
        if pair not in self.known:
            self.known[pair] = self.fits(expected, received)
        return self.known[pair]

    def _move(self, received: int, mover: dict[int, int]) -> None:
        """Give `received` to its mover, what the mover held to that one's mover, and so on."""
        free: int | None = received
        while free is not None:
            expected = mover[free]
            left = self.received_of.get(expected)
            self.received_of[expected] = free
            self.expected_of[free] = expected
            free = left
