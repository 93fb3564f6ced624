"""A guard over going on: whether a restored run has all that the next step depends on."""

import zlib
from collections.abc import Iterable, Mapping

import numpy as np

from longrun.health.guards import Finding


class Resumed:
    """Whether what was restored is what was saved. A guard, and beside it the host `memory` whose state travels in the checkpoint.

    groups: name -> variables of everything that the next step depends on: model, optimizer, averages, random state; not what the
    checkpoint is given, but what it should be given.

        resumed = Resumed({"model": model.variables, "optimizer": optimizer.variables, "average": average.variables})
        health = Health([..., resumed])
        loop(run, groups, health, hosts={"resumed": resumed.memory}, data=data)

    What it sees: a variable of `groups` that a checkpoint does not bring back. What it cannot see: variables that are not named here,
    and state outside of variables. Cost: a checksum of all variables at each save, and once when a run goes on.
    """

    name = "restored"

    def __init__(self, groups: Mapping[str, Iterable]):
        self.groups = {name: list(variables) for name, variables in groups.items()}
        self.memory = _Memory(self)
        self.lost: list[str] = []

    def digests(self) -> dict[str, int]:
        """Group -> checksum of the values of its variables."""
        return {name: _checksum(variables) for name, variables in self.groups.items()}

    def compare(self, saved: Mapping[str, int]) -> None:
        """Note which groups differ from what was saved."""
        self.lost = [name for name, mark in self.digests().items() if saved.get(name, mark) != mark]

    def check(self, step: int, values: Mapping[str, float]) -> Finding | None:
        """A finding where something was lost."""
        if not self.lost:
            return None
        cause = f"the run went on without what it had: {', '.join(self.lost)} is not as it was saved; it is missing in the checkpoint"
        return Finding(f"{self.lost[0]} not restored", step, "groups that differ", len(self.lost), 0, cause)

    def state(self) -> dict:
        """Nothing: its memory is a host's, for a checksum is made at a save only."""
        return {}

    def load(self, state: dict) -> None:
        """Nothing."""


class _Memory:
    """The checksums, as a host of the loop."""

    def __init__(self, guard):
        self._guard = guard

    def state(self):
        """At a save."""
        return self._guard.digests()

    def load(self, state):
        """When the run goes on, its variables restored."""
        self._guard.compare(state)


def _checksum(variables):
    mark = 0
    for variable in variables:
        mark = zlib.crc32(np.ascontiguousarray(variable.numpy()).tobytes(), mark)
    return mark
