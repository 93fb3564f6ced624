"""What is wrong with the answers that are wrong: tasks by the kind of failure, with who answered and by which rule."""

from arc.grids.tasks import Pair, TaskSet
from arc.measure.scores import score
from arc.solving.submission import Submission

FEW = 0.1
"""Wrong cells, as a share, up to which an answer is nearly right."""
SOLVED = "solved"
KINDS = (SOLVED, f"at most {FEW:.0%} of the cells wrong", "right shape, more cells wrong", "wrong shape")
"""From right to wrong; a task is of the kind of its worst test, and a test of that of its better attempt."""


def kinds(found: Submission, tasks: TaskSet) -> dict[str, list[str]]:
    """Ids of the tasks of each of KINDS, in the order of the tasks."""
    listed: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for task in tasks:
        worst = max(min(_kind(grid, pair) for grid in two) for two, pair in zip(found[task.id], task.test, strict=True))
        listed[KINDS[worst]].append(task.id)
    return listed


def failures(done: list[dict], found: Submission, tasks: TaskSet) -> list[str]:
    """Lines of Markdown: how many tasks are of each kind, and for those not solved who gave the first attempt, and the search's rule."""
    listed, told = kinds(found, tasks), {line["task"]: line for line in done}
    lines = ["| kind | tasks |", "|---|---|", *(f"| {kind} | {len(ids)} |" for kind, ids in listed.items())]
    for kind, ids in listed.items():
        if kind != SOLVED and ids:
            lines += ["", f"{kind[0].upper()}{kind[1:]}:", "", *(f"- {_said(told[task_id])}" for task_id in ids)]
    return lines


def _kind(grid, pair: Pair) -> int:
    found = score(grid, pair)
    if found.exact:
        return 0
    return 3 if not found.shape else 1 if found.cell >= 1 - FEW else 2


def _said(line) -> str:
    """The id of a task, who gave the first attempt at each of its tests, and the rule that the search found."""
    who = ", ".join(two[0] for two in line["by"]) if line.get("by") else "network"
    return f"{line['task']}: first by {who}" + (f"; rule `{line['rule']}`" if line.get("rule") else "")
