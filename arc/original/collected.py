"""The original run's way with data: a fixed collection of pairs of each task, the first 14 ids to train and the last 4 to validate.

The pairs come from this package's generators, so nothing is downloaded; a batch is a function of (seed, step). Later it validated on
92 other tasks; here "others" are ARC's own pairs of the tasks beside the 18.
"""

import itertools
from collections.abc import Iterator
from functools import cache, lru_cache

import numpy as np

from arc.grids.canvas import context_canvas, to_canvas
from arc.grids.tasks import Pair, load
from arc.original.config import ExperimentSettings
from arc.skills import SKILLS, VALIDATION, draw_pair
from longrun.step import seeding

TRAINING = tuple(skill_id for skill_id in SKILLS if skill_id not in VALIDATION)
COLLECTION_SEED = 307


@lru_cache(maxsize=4)
def collection(pairs: int, side: int) -> dict[str, tuple[Pair, ...]]:
    """`pairs` pairs of each of the 18 tasks, drawn without a split, as the original's files were."""
    return {skill_id: tuple(draw_pair(skill_id, COLLECTION_SEED, index, "all", side) for index in range(pairs)) for skill_id in SKILLS}


@cache
def others(side: int) -> dict[str, tuple[Pair, ...]]:
    """ARC's own pairs of the ARC-AGI-1 training tasks beside the 18, those that fit the canvas and have more cells than one to answer."""
    fitting = {
        task.id: tuple(pair for pair in task.pairs if max(pair.input.shape + pair.output.shape) <= side and pair.output.size > 1)
        for task in load("arc-agi-1-training")
        if task.id not in SKILLS
    }
    return {task_id: pairs for task_id, pairs in fitting.items() if pairs}


def tasks(part: str, pairs: int, side: int) -> dict[str, tuple[Pair, ...]]:
    """The pairs of the tasks of a part: "training" (14), or what is validated on: "skills" (the original run's 4) or "others"."""
    if part == "others":
        return others(side)
    return {skill_id: collection(pairs, side)[skill_id] for skill_id in {"training": TRAINING, "skills": VALIDATION}[part]}


@lru_cache(maxsize=4)
def examples(part: str, pairs: int, side: int, context_pairs: int, own_context: bool) -> dict[str, np.ndarray]:
    """Model inputs of all queries of the tasks of a part, (N, ...) int32.

    With demonstrations, the first pairs of each task are no queries. own_context: other pairs of the task for every query, which
    pass in turn; else the first ones for all, as in the original.
    """
    found = {"query": [], "answer": [], "context": []}
    for drawn in tasks(part, pairs, side).values():
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


def rows(experiment: ExperimentSettings, validation: bool) -> dict[str, np.ndarray]:
    """All examples in the form that the variant's model reads."""
    part = experiment.validate_on if validation else "training"
    found = dict(examples(part, experiment.pairs, experiment.side, experiment.context_pairs, experiment.variant == "fixed"))
    if experiment.context_pairs and experiment.variant != "fixed":
        found["context"] = found["context"].reshape(len(found["query"]), 2 * experiment.context_pairs, -1)
    return found


def batches(experiment: ExperimentSettings, seed: int, start: int) -> Iterator[dict[str, np.ndarray]]:
    """The training batches from step `start` on."""
    data = rows(experiment, False)
    return (batch(data, experiment.batch_size, seed, step) for step in itertools.count(start))
