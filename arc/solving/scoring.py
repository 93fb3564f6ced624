"""The answers of a run of `solve` scored: exact match within one and two attempts against the budget, beside copying; and who gave them."""

from collections.abc import Iterator

from arc.grids.tasks import Task, TaskSet, as_grid
from arc.measure.estimates import Estimate
from arc.solving import submission
from arc.solving.joining import INPUT, NETWORK, SEARCH
from arc.solving.question import SHARES
from arc.solving.submission import Submission
from longrun.health.floors import Score
from longrun.run.report import result


def found_at(done: list[dict], mark: int) -> Submission:
    """The submission after one of SHARES."""
    return {line["task"]: [tuple(as_grid(grid) for grid in two) for two in line["after"][mark]] for line in done}


def _scores(done, tasks) -> Iterator[tuple[float, Estimate, Estimate, Estimate]]:
    """(share, exact match within one attempt, within two, that of copying) for each of SHARES."""
    for mark, share in enumerate(SHARES):
        found = found_at(done, mark)
        (one, _), (two, copying) = submission.score(found, tasks, 1), submission.score(found, tasks)
        yield share, one, two, copying


def outcome_of(done: list[dict], tasks: TaskSet, known: bool = True) -> dict:
    """The result: pass_1 and pass_2 beside copying, with intervals over tasks, after each share of the budget; and what it cost."""
    scores: dict[str, Score | float] = {}
    for share, *estimates, copying in _scores(done, tasks) if known else ():
        after = "" if share == 1 else f"_after_{share:g}"
        for name, one in zip(("pass_1", "pass_2"), estimates, strict=True):
            scores[name + after] = Score(one.value, copying.value, one.tasks, one.low, one.high)
    scores |= {"cpu_seconds": sum(line["cpu_seconds"] for line in done), "steps": float(sum(line["steps"] for line in done))}
    scores["answered_by_search"] = float(sum(_answerer_of(line) == SEARCH for line in done))
    scores["untrained_tasks"] = float(sum(bool(line["refused"]) for line in done))
    return result("arc", "solve", len(done), scores)


def curve(done: list[dict], tasks: TaskSet) -> str:
    """The score against the budget as a Markdown table, and what it cost."""
    seconds, steps = (sum(line[name] for line in done) for name in ("cpu_seconds", "steps"))
    lines = ["| share of the budget | pass@1 | pass@2 | 95 % interval of pass@2 | copying |", "|---|---|---|---|---|"]
    for share, one, two, copying in _scores(done, tasks):
        lines.append(f"| {share:g} | {one.value:.4f} | {two.value:.4f} | {two.low:.4f}..{two.high:.4f} | {copying.value:.4f} |")
    lines += ["", f"{len(done)} tasks; the whole budget was {steps} steps, {seconds:.0f} CPU seconds, answers included."]
    return "\n".join([*lines, "", *answerers(done, tasks), *untrained(done)])


def answerers(done: list[dict], tasks: TaskSet | None = None) -> list[str]:
    """Who gave the first attempts: a line for the search, the networks and the input, with how many of its tasks are right if known."""
    found = found_at(done, len(SHARES) - 1)
    lines = []
    for who, name in ((SEARCH, "the search"), (NETWORK, "the networks"), (INPUT, "the input")):
        ids = [line["task"] for line in done if _answerer_of(line) == who]
        if ids and tasks is not None:
            right, _ = submission.score(found, TaskSet("", {task_id: tasks[task_id] for task_id in ids}))
            lines.append(f"- first attempt by {name}: {len(ids)} tasks, exact match within two attempts {right.value:.4f}")
        elif ids:
            lines.append(f"- first attempt by {name}: {len(ids)} tasks")
    return lines


def _answerer_of(line):
    """Who gave the first attempt at a task, its first test input where they differ; a line from before the search is the networks'."""
    return line["by"][0][0] if line.get("by") else INPUT if line["refused"] else NETWORK


def untrained(done: list[dict]) -> list[str]:
    """A line on the tasks that were answered by their input, or none."""
    refused = [line["refused"] for line in done if line["refused"]]
    return [submission.by_input(refused)] if refused else []


def values_of(line: dict, task: Task, known: bool) -> dict[str, float]:
    """What metrics.jsonl says of a task."""
    cost = {"cpu_seconds": line["cpu_seconds"], "training_steps": line["steps"]}
    if not known:
        return cost
    alone = TaskSet("", {task.id: task})
    (one, copying), (two, _) = (submission.score(found_at([line], len(SHARES) - 1), alone, count) for count in (1, 2))
    return {"pass_1": one.value, "pass_2": two.value, "copying": copying.value, **cost}
