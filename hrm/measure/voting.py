"""Answers to ARC's test inputs by vote: one answer for each augmented variant of a task, undone, counted, and the commonest two submitted.

A reasoner is deterministic; its votes differ because the variants of a task do, each with an identifier or demonstrations of its own.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from arc.grids.tasks import grid_key
from hrm.network.reasoner import Reasoner, load
from hrm.puzzles.arc_grids import ArcGrids, grid_of, sequence
from hrm.puzzles.sources import make_source
from longrun.errors import UserError
from longrun.run.output import check_output, write_output

PASSES = (1, 2, 10)


def ranked(grids: Sequence[np.ndarray], confidence: Sequence[float]) -> list[np.ndarray]:
    """The different grids, the most frequent first; equals in number by the mean of their confidence. Empty grids are no vote."""
    votes: dict[bytes, list[float]] = defaultdict(list)
    shown = {}
    for grid, value in zip(grids, confidence, strict=True):
        if grid.size:
            votes[grid_key(grid)].append(float(value))
            shown[grid_key(grid)] = grid
    order = sorted(votes, key=lambda key: (len(votes[key]), np.mean(votes[key])), reverse=True)
    return [shown[key] for key in order]


def vote(reasoner: Reasoner, source: ArcGrids, task: int) -> list[list[np.ndarray]]:
    """For each test input of a task, the ranked answers."""
    side, found = reasoner.config.data.side, []
    for pair in source.questions_of(task):
        variants = source.variants_of(task)
        tokens = np.stack([sequence(augmentation.apply(pair.input), side) for _, augmentation in variants])
        identifiers, shown = np.array([identifier for identifier, _ in variants], np.int32), source.demonstrations_of(task, pair)
        thoughts = reasoner.think(tokens, identifiers, demonstrations=shown)
        confidence = thoughts.halting[thoughts.used, np.arange(len(variants)), 0]
        grids = [a.invert(g) for (_, a), answer in zip(variants, thoughts.answer, strict=True) if (g := grid_of(answer, side)).size]
        kept = [value for value, answer in zip(confidence, thoughts.answer, strict=True) if grid_of(answer, side).size]
        found.append(ranked(grids, kept))
    return found


def submission(answers: dict[str, list[list[np.ndarray]]]) -> dict:
    """ARC Prize's layout: {task: [{"attempt_1": rows, "attempt_2": rows}, ...]}; where there is no answer, one black cell."""
    attempt = lambda ranks, index: ranks[index].tolist() if index < len(ranks) else [[0]]  # noqa: E731
    return {task: [{"attempt_1": attempt(r, 0), "attempt_2": attempt(r, 1)} for r in per_test] for task, per_test in answers.items()}


def passes(answers: dict[str, list[list[np.ndarray]]], targets: dict[str, list[np.ndarray | None]]) -> dict[str, float]:
    """Share of test inputs whose right answer is among the first k, for each k of PASSES; those whose answer is withheld do not count."""
    hits = {k: [] for k in PASSES}
    for task, per_test in answers.items():
        for ranks, target in zip(per_test, targets[task], strict=True):
            if target is None:
                continue
            place = next((index for index, grid in enumerate(ranks) if np.array_equal(grid, target)), None)
            for k in PASSES:
                hits[k].append(place is not None and place < k)
    return {f"pass_{k}": float(np.mean(values)) for k, values in hits.items() if values}


def vote_on_all(reasoner: Reasoner, source: ArcGrids, path: Path | str) -> dict[str, float]:
    """Vote on every task, write a submission file, and return the passes beside the floor of answering with the input. Raises OSError.

    Tasks of which training showed nothing are submitted too, and their passes are given apart.
    """
    answers = {name: vote(reasoner, source, task) for task, name in enumerate(source.tasks)}
    write_output(path, json.dumps(submission(answers)))
    pairs = {name: source.questions_of(task) for task, name in enumerate(source.tasks)}
    targets = {name: [pair.output for pair in one] for name, one in pairs.items()}
    copied = {name: [[pair.input] for pair in one] for name, one in pairs.items()}
    is_unseen = {name: source.is_unseen(task) for task, name in enumerate(source.tasks)}
    found = {}
    for prefix, asked in (("", False), ("unseen_", True)):
        voted, copies = ({name: ranks for name, ranks in kind.items() if is_unseen[name] == asked} for kind in (answers, copied))
        if values := passes(voted, targets):
            values |= {"pass_1_of_copying": passes(copies, targets)["pass_1"]}
            found |= {f"{prefix}{name}": value for name, value in values.items()}
    return found


def submit(checkpoint: str, file: str, /) -> None:
    """Answer ARC's test inputs by vote over augmented variants, write a submission file, and print how many are right.

    checkpoint: A run folder, a checkpoint in it, or a folder of released weights of a reasoner for ARC.
    file: The submission to write, in the layout of ARC Prize: two attempts at each test input.

    Example:
        python -m hrm submit checkpoints/hrm/arc submission.json
    """
    check_output(file)
    reasoner = load(checkpoint)
    source = make_source(reasoner.config, identifiers=reasoner.identifiers)
    if not isinstance(source, ArcGrids):
        raise UserError(f"{checkpoint} answers {reasoner.config.data.puzzle}, not arc")
    reasoner.require_identifiers(source.identifiers)
    values = vote_on_all(reasoner, source, file)
    for name, value in values.items():
        print(f"{name} {value:.4f}")
    if not values:
        print("The answers are withheld: nothing can be scored.")
