"""Fresh pairs and tasks of a skill as functions of (seed, index), in a training and a test half that share no input.

Which half a pair belongs to is a property of its input alone, so no seed, no difficulty and no size cap can move an input
from one half to the other.
"""

import random
import zlib
from collections.abc import Collection, Sequence

import numpy as np

from arc.grids.tasks import MAX_SIDE, Pair, Task, grid_key
from arc.skills.real import real_inputs
from arc.skills.registry import skill
from longrun.errors import UserError

SPLITS = ("train", "test", "all")
TEST_SHARE = 8  # one input in 8 is a test input
DRAWN = "-"  # between a skill and the number of a task drawn of it
SMALLEST_CAP = 10  # below it some skills have hardly any instances


def is_test_input(grid: np.ndarray) -> bool:
    """Whether this input belongs to the test half of its skill: one in 8, by the checksum of its shape and cells."""
    return zlib.crc32(grid_key(grid)) % TEST_SHARE == 0


def draw_pair(
    skill_id: str,
    seed: int,
    index: int,
    split: str = "train",
    cap: int = MAX_SIDE,
    difficulty: float = 1.0,
    exclude: Collection[bytes] = (),
) -> Pair:
    """Pair number `index` of a skill: a function of the arguments alone, in any process, thread or order.

    cap: largest side of either grid, 10..30. difficulty: 0 for the smallest grids and the fewest objects, 1 for all.
    exclude: `grid_key`s of inputs never to draw (real inputs, to keep them unseen). Input and output always differ: a pair
    where nothing happens would be solved by copying. UserError for an unknown skill or a number out of range.
    """
    if split not in SPLITS:
        raise ValueError(f"split {split!r} is none of {', '.join(SPLITS)}")
    if not SMALLEST_CAP <= cap <= MAX_SIDE:
        raise UserError(f"cap {cap} is not in {SMALLEST_CAP}..{MAX_SIDE}")
    if not 0 <= difficulty <= 1:
        raise UserError(f"difficulty {difficulty} is not in 0..1")
    return _draw(skill(skill_id), _generator(skill_id, seed, index, split), split, cap, difficulty, exclude)


def draw_task(
    skill_id: str,
    seed: int,
    index: int,
    demonstrations: int = 3,
    split: str = "train",
    cap: int = MAX_SIDE,
    difficulty: float = 1.0,
    exclude: Collection[bytes] = (),
) -> Task:
    """Task number `index` of a skill: demonstrations and one test pair, whose inputs all differ; arguments as in `draw_pair`.

    The test pair is the very one that `draw_pair` gives; only it is held to the split, its demonstrations come from the
    training half, as those of a task to be solved would be known.
    """
    if demonstrations < 1:
        raise UserError(f"{demonstrations} demonstrations: a task needs one at least")
    query = draw_pair(skill_id, seed, index, split, cap, difficulty, exclude)
    generator = _generator(skill_id, seed, index, "demonstrations")
    taken, pairs = {*exclude, grid_key(query.input)}, []
    while len(pairs) < demonstrations:
        pairs.append(_draw(skill(skill_id), generator, "train", cap, difficulty, taken))
        taken.add(grid_key(pairs[-1].input))
    return Task(skill_id, tuple(pairs), (query,))


def drawn_tasks(skill_ids: Sequence[str], count: int, demonstrations: int = 3, seed: int = 0, cap: int = 10) -> dict[str, Task]:
    """`count` tasks of each skill with a test pair of the test half, by ids like "a9f96cdd-0"; no input of ARC's own pairs is drawn."""
    if count < 1:
        raise UserError(f"{count} tasks of each skill: at least one is to be drawn")
    options = {"demonstrations": demonstrations, "split": "test", "cap": cap, "exclude": real_inputs()}
    places = [(skill(skill_id).id, index) for skill_id in skill_ids for index in range(count)]
    drawn = {f"{skill_id}{DRAWN}{index}": draw_task(skill_id, seed, index, **options) for skill_id, index in places}
    return {task_id: Task(task_id, task.train, task.test) for task_id, task in drawn.items()}


# A test input is one in 8 and none of the smallest instance spaces is exhausted by a few demonstrations, so that a thousand
# draws without a hit mean that the wish cannot be met.
_PATIENCE = 1000


def _draw(entry, generator, split, cap, difficulty, exclude):
    for _ in range(_PATIENCE):
        grid, output = entry.generate(generator, cap, difficulty)
        if np.array_equal(grid, output):
            continue
        grid, output = np.ascontiguousarray(grid, np.int8), np.ascontiguousarray(output, np.int8)
        if split != "all" and is_test_input(grid) != (split == "test"):
            continue
        if exclude and grid_key(grid) in exclude:
            continue
        grid.setflags(write=False)
        output.setflags(write=False)
        return Pair(grid, output)
    raise UserError(f"skill {entry.id}: no {split} pair in {_PATIENCE} draws at cap {cap}, difficulty {difficulty}")


def _generator(skill_id, seed, index, split):
    # A string is hashed by SHA-512 into the whole state, so near seeds and indices give unrelated pairs.
    return random.Random(f"{skill_id} {seed} {index} {split}")
