"""The original study's way with data: a fixed collection of pairs of each task, the first 14 ids to train and the last 4 to validate.

The pairs come from this package's generators, so nothing is downloaded; a batch is a function of (seed, step).
"""

from functools import lru_cache

import numpy as np

from arc.canvas import context_canvas, to_canvas
from arc.skills import SKILLS, VALIDATION, draw_pair
from arc.tasks import Pair
from longrun import seeding

TRAINING = tuple(skill_id for skill_id in SKILLS if skill_id not in VALIDATION)
COLLECTION_SEED = 307


@lru_cache(maxsize=4)
def collection(pairs: int, side: int) -> dict[str, tuple[Pair, ...]]:
    """`pairs` pairs of each of the 18 tasks, drawn without a split, as the original's files were."""
    return {skill_id: tuple(draw_pair(skill_id, COLLECTION_SEED, index, "all", side) for index in range(pairs)) for skill_id in SKILLS}


@lru_cache(maxsize=4)
def examples(pairs: int, side: int, validation: bool, context_pairs: int, own_context: bool) -> dict[str, np.ndarray]:
    """Model inputs of all queries of the training or the validation tasks, (N, ...) int32.

    With demonstrations, the first pairs of each task are no queries. own_context: other pairs of the task for every query, which
    pass in turn; else the first ones for all, as in the original.
    """
    found = {"query": [], "answer": [], "context": []}
    for skill_id in VALIDATION if validation else TRAINING:
        drawn = collection(pairs, side)[skill_id]
        for index in range(context_pairs, len(drawn)):
            found["query"].append(to_canvas(drawn[index].input, side))
            found["answer"].append(to_canvas(drawn[index].output, side))
            chosen = [drawn[(index + 1 + k) % len(drawn)] if own_context else drawn[k] for k in range(context_pairs)]
            if chosen:
                found["context"].append(context_canvas(chosen, side))
    return {name: np.asarray(values, np.int32) for name, values in found.items() if values}


def batch(data: dict[str, np.ndarray], batch_size: int, seed: int, step: int) -> dict[str, np.ndarray]:
    """The rows of one step; each epoch is a permutation of its own."""
    count = len(data["query"])
    rows = seeding.shuffled_index(np.arange(step * batch_size, (step + 1) * batch_size), count, seed).numpy()
    return {name: values[rows] for name, values in data.items()}
