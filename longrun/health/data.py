"""Guards over the data of a training: what the labels say, whether held-out cases are trained on, whether batches come back."""

import math
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace

import numpy as np

from longrun.health.floors import label_entropy
from longrun.health.guards import Finding
from longrun.health.readers import read, telling_feature

LEAST_READ = 0.05
"""Accuracy above the commonest class under which nothing can be read; four standard errors of 1,500 rows."""
TOLD = 0.995
"""Accuracy of one feature alone from which it is taken for the label."""

Rows = tuple[np.ndarray, np.ndarray]


class Labels:
    """What the labels of the training say, from its first rows, and again each time the run is four times as long.

    Call `see(features, labels)` with each batch: features (n, f), labels (n,) or (n, k), k labels to a row. raw() -> rows before they
    are augmented, (features, labels). single: whether one feature alone must not tell the label.

    What it sees: labels that are constant, hard or soft (whose loss is their entropy, whatever is learnt); labels that neither a
    linear nor a random nonlinear reader can tell from the features; a feature that is the label; pairs that augmentation took apart.
    What it cannot see: a relation that only a deep network finds (it would be called no relation: give features that are near it),
    and a leak spread over several features. Cost: copies of `rows` rows and a regression of some milliseconds, a few times in a run.
    """

    name = "labels"

    def __init__(self, rows: int = 1500, *, raw: Callable[[], Rows] | None = None, single: bool = False, named: str = "the input"):
        self._wanted, self._raw, self._single, self._named = rows, raw, single, named
        self._features: list[np.ndarray] = []
        self._labels: list[np.ndarray] = []
        self._count, self._next = 0, 0
        self._found: Finding | None = None

    def wants(self, step: int) -> bool:
        """Whether rows of this step are still wanted: what is given to `see` need not be made else."""
        return step >= self._next and self._count < self._wanted

    def see(self, step: int, features: np.ndarray, labels: np.ndarray) -> None:
        """The rows of one batch; passed over where enough have been seen."""
        if not self.wants(step):
            return
        self._features.append(np.asarray(features))
        self._labels.append(np.asarray(labels))
        self._count += len(self._labels[-1])

    def check(self, step: int, values: Mapping[str, float]) -> Finding | None:
        """A finding once enough rows are together."""
        if self._count >= self._wanted:
            features, labels = np.concatenate(self._features), np.concatenate(self._labels)
            # What is not finite is another guard's.
            whole = np.isfinite(features.reshape(len(features), -1)).all(axis=1) & np.isfinite(labels.reshape(len(labels), -1)).all(axis=1)
            features, labels = features[whole], labels[whole]
            self._features, self._labels, self._count, self._next = [], [], 0, max(4 * step, 4 * self._next)
            self._found = self._judge(features, labels)
        return None if self._found is None else replace(self._found, step=step)

    def _judge(self, features, labels):
        columns = labels.reshape(len(labels), -1)
        if (columns == columns[0]).all():
            return self._constant(columns)
        column = columns[:, int(np.argmax(columns.std(axis=0)))]
        scores = read(features, column)
        gain = scores[0] - scores[1]
        if gain < LEAST_READ:
            return self._unread(gain)
        index, accuracy = telling_feature(features, column) if self._single else (0, 0.0)
        if accuracy >= TOLD:
            cause = f"feature {index} of {self._named} alone tells the label: the label has leaked into it"
            return Finding("label in the input", None, "accuracy of one feature", accuracy, TOLD, cause)
        return None

    def _constant(self, columns):
        soft = bool(((columns > 0) & (columns < 1)).any())
        entropy = label_entropy(columns) if soft else 0.0
        if soft:
            cause = f"the labels are the same in every row: the least loss is their entropy {entropy:.4f}, and tells of no learning"
            return Finding("labels without information", None, "entropy of the labels", entropy, 0.0, cause)
        cause = f"every label is {columns[0, 0]:g}: a constant answer scores 1"
        return Finding("constant labels", None, "distinct labels", 1.0, 2.0, cause)

    def _unread(self, gain):
        if self._raw is not None:
            raw = read(*self._raw())
            if raw[0] - raw[1] >= LEAST_READ:
                cause = f"before augmentation {self._named} tells the label, after it not: the two are changed by different draws"
                return Finding("augmented apart", None, "reader above the commonest class", gain, LEAST_READ, cause)
        cause = f"no reader tells the label from {self._named}: the labels do not belong to these inputs"
        return Finding("labels unrelated", None, "reader above the commonest class", gain, LEAST_READ, cause)

    def state(self) -> dict:
        """When to look again, and what was found."""
        return {"next": self._next, "found": self._found and asdict(self._found)}

    def load(self, state: dict) -> None:
        """Take over a saved state."""
        self._features, self._labels, self._count = [], [], 0
        self._next, self._found = state["next"], state["found"] and Finding(**state["found"])


class Shared:
    """Held-out cases that the training sees.

    held_out: the cases, one array a row. Call `see(rows)` with the training's. What it sees: exact copies. What it cannot see: near
    copies, and cases of which there are so few that copies are no leak (raise `least`). Cost: a checksum a row, on each line.
    """

    name = "held-out cases trained on"

    def __init__(self, held_out: Iterable[np.ndarray], least: float = 0.02):
        self._held_out = {_checksum(row) for row in held_out}
        self._least = max(least, 3 / max(len(self._held_out), 1))
        self._met: set[int] = set()

    def see(self, rows: Iterable[np.ndarray]) -> None:
        """The cases of one batch."""
        self._met |= self._held_out & {_checksum(row) for row in rows}

    def check(self, step: int, values: Mapping[str, float]) -> Finding | None:
        """A finding where the share of held-out cases that were met is above `least`."""
        share = len(self._met) / max(len(self._held_out), 1)
        if share < self._least:
            return None
        cause = f"{len(self._met)} of {len(self._held_out)} held-out cases have been trained on: their score is one of memory"
        return Finding(self.name, step, "share of held-out cases", share, self._least, cause)

    def state(self) -> dict:
        """What was met."""
        return {"met": sorted(self._met)}

    def load(self, state: dict) -> None:
        """Take over a saved state."""
        self._met = set(state["met"])


class Repeats:
    """Batches that come back: an epoch whose draws are those of the last one, or a resumed run whose data begin again.

    Call `see(step, batch)` at each step. What it sees: `patience` batches running that are, to the bit in their first rows, those of
    as many steps before. What it cannot see: the same cases in another order (an epoch is that), and repeats of later than the first
    and the last `memory` steps. Leave it out where all data are in every batch. Cost: a checksum of four rows a step.
    """

    name = "data repeated"

    def __init__(self, patience: int = 3, memory: int = 256):
        self._patience, self._memory = patience, memory
        self._seen: dict[int, int] = {}
        self._order: list[int] = []
        self._run, self._distance, self._resumed = 0, 0, math.inf
        self._fresh = False

    def see(self, step: int, batch: Mapping[str, np.ndarray]) -> None:
        """The batch of a step."""
        mark = 0
        for value in batch.values():
            mark = zlib.crc32(np.ascontiguousarray(np.asarray(value)[:4]).tobytes(), mark)
        if self._fresh:
            self._fresh, self._resumed = False, step
        before = self._seen.get(mark)
        if before is None:
            self._run = 0
            self._seen[mark] = step
            self._order.append(mark)
            if len(self._order) > 2 * self._memory:
                del self._seen[self._order.pop(self._memory)]
        elif before < step:
            self._run = self._run + 1 if step - before == self._distance else 1
            self._distance = step - before
            self._seen[mark] = step  # Or the third pass over a short epoch would be two epochs apart from the first.

    def check(self, step: int, values: Mapping[str, float]) -> Finding | None:
        """A finding while batches come back."""
        if self._run < self._patience:
            return None
        if self._resumed < math.inf:
            cause = f"since the run went on at step {self._resumed} its batches are those of {self._distance} steps before"
            return Finding("data begun again", step, "steps between equal batches", self._distance, 0, cause)
        cause = f"every batch is that of {self._distance} steps before, to the last bit: each epoch begins with the same draws"
        return Finding(self.name, step, "steps between equal batches", self._distance, 0, cause)

    def state(self) -> dict:
        """The checksums that are remembered, with their steps, and how many have come back."""
        marks = [[mark, self._seen[mark]] for mark in self._order]
        return {"marks": marks, "strikes": self._run, "distance": self._distance}

    def load(self, state: dict) -> None:
        """Take over a saved state."""
        self._order = [mark for mark, _ in state["marks"]]
        self._seen = dict(map(tuple, state["marks"]))
        self._run, self._distance, self._fresh = state["strikes"], state["distance"], True


def _checksum(row):
    return zlib.crc32(np.ascontiguousarray(row).tobytes())
