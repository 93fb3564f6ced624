"""Means since the last look, from running means since the begin of an epoch."""


class Interval:
    """`model.fit` reports means over the epoch so far; late in an epoch they hide what happens now."""

    def __init__(self):
        self._sum, self._count = 0.0, 0

    def mean(self, running: float, count: int) -> float:
        """Mean since the last call, given the mean over all `count` steps so far."""
        total, before = running * count, (self._sum, self._count)
        self._sum, self._count = total, count
        return (total - before[0]) / (count - before[1])
