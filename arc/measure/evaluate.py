"""Scores of free answers on unseen instances, by skill and category, beside what copying, repeating and doing nothing score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from arc.grids.canvas import to_canvas
from arc.grids.tasks import Pair, Task
from arc.measure import floors
from arc.measure.estimates import Estimate, estimate
from arc.measure.scores import pass_at, score
from arc.network.answerer import Answer, Answerer
from arc.skills import SKILLS, VALIDATION
from longrun import Score, result

SOLVED = 0.95
"""Exact match from which a skill counts as learnt."""
SCORED = ("exact", "exact_two_attempts", "shape", "cell", "change_f1")


@dataclass(frozen=True)
class Evaluation:
    """Free answers to instances of each task: task id -> pairs, answers, and metric -> one value a pair (nan: no meaning)."""

    pairs: dict[str, tuple[Pair, ...]]
    answers: dict[str, list[Answer]]
    values: dict[str, dict[str, list[float]]]

    def mean(self, metric: str) -> dict[str, float]:
        """Mean of a metric for each task."""
        return {task: float(np.nanmean(v[metric])) if not np.isnan(v[metric]).all() else np.nan for task, v in self.values.items()}

    def estimate(self, metric: str) -> Estimate:
        """Mean over tasks with a bootstrap interval over tasks."""
        return estimate({task: values[metric] for task, values in self.values.items()})

    def best_floor(self, metric: str) -> tuple[str, float]:
        """The fair floor that scores highest in the mean over tasks, and its score."""
        key = "exact" if metric == "exact_two_attempts" else metric
        found = {}
        for name in floors.FAIR_FLOORS:
            table = {task: [getattr(floors.FLOORS[name](pair), key) for pair in pairs] for task, pairs in self.pairs.items()}
            found[name] = estimate(table).value
        best = max(found, key=lambda name: -1.0 if np.isnan(found[name]) else found[name])
        return best, found[best]


def evaluate(answerer: Answerer, tasks: Mapping[str, Sequence[Task]], known: bool = True) -> Evaluation:
    """Answer the first test pair of every task, freely and with the true cells before each given, and judge both."""
    flat = [task for instances in tasks.values() for task in instances]
    pairs = [task.test[0] for task in flat]
    answers = answerer.answers(flat, known)
    forced = answerer.teacher_forced(flat, known)
    columns = []
    for pair, answer, guess in zip(pairs, answers, forced, strict=True):
        judged = score(answer.attempts[0], pair)
        right = guess == to_canvas(pair.output, answerer.config.network.side)
        inside = to_canvas(pair.output, answerer.config.network.side) < 10
        columns.append(
            {
                "exact": judged.exact,
                "exact_two_attempts": pass_at(answer.attempts, pair),
                "shape": judged.shape,
                "cell": judged.cell,
                "change_f1": judged.change_f1,
                "forced_exact": float(right.all()),
                "forced_cell": float(right[inside].mean()),
            }
        )
    found, place = Evaluation({}, {}, {}), 0
    for task_id, instances in tasks.items():
        rows = slice(place, place + len(instances))
        place = rows.stop
        found.pairs[task_id] = tuple(pairs[rows])
        found.answers[task_id] = answers[rows]
        found.values[task_id] = {name: [column[name] for column in columns[rows]] for name in columns[0]}
    return found


def outcome(preset: str, step: int, found: Evaluation, held_out: Sequence[str] = ()) -> dict:
    """Result in the form of longrun.run.report.result: means over tasks, each beside the best fair floor, intervals over tasks."""
    scores: dict[str, Score | float] = {}
    for metric in SCORED:
        mean = found.estimate(metric)
        if mean.pairs:
            floor = found.best_floor(metric)[1]
            scores[metric] = Score(mean.value, floor, mean.pairs, mean.low, mean.high)
    exact = found.mean("exact")
    scores["teacher_forced_cell"] = found.estimate("forced_cell").value
    scores["teacher_forced_gap"] = scores["teacher_forced_cell"] - scores["cell"].value
    scores["skills_solved"] = float(sum(value >= SOLVED for value in exact.values()))
    if set(VALIDATION) <= set(exact):
        scores["validation_skills_worst"] = min(exact[skill_id] for skill_id in VALIDATION)
    if held_out:
        scores["held_out_exact"] = float(np.mean([exact[skill_id] for skill_id in held_out]))
        scores["trained_exact"] = float(np.mean([value for skill_id, value in exact.items() if skill_id not in held_out]))
    scores |= {f"exact_{task_id}": value for task_id, value in exact.items()}
    return result("arc", preset, step, scores)


def table(found: Evaluation, held_out: Sequence[str] = ()) -> str:
    """A line for each task and each category as Markdown: the model's scores, and the exact match of every floor beside them."""
    exact = {name: {} for name in floors.FLOORS}
    for name, floor in floors.FLOORS.items():
        for task_id, pairs in found.pairs.items():
            values = [floor(pair).exact for pair in pairs]
            exact[name][task_id] = np.nan if np.isnan(values).all() else float(np.nanmean(values))
    metrics = ("exact", "exact_two_attempts", "shape", "cell", "change_f1", "forced_cell")
    means = {metric: found.mean(metric) for metric in metrics}
    heads = ["task", "category", "exact", "two attempts", "shape", "cell", "change F1", "cell, forced"]
    heads += [f"{name.replace('_', ' ')}, exact" for name in exact]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]

    def line(name, category, tasks):
        cells = [_mean([means[metric][task] for task in tasks]) for metric in metrics]
        cells += [_mean([exact[floor][task] for task in tasks]) for floor in exact]
        return "| " + " | ".join([name, category, *cells]) + " |"

    for task_id in found.pairs:
        skill = SKILLS.get(task_id)
        mark = " (held out)" if task_id in held_out else ""
        lines.append(line(f"{task_id} {skill.name}{mark}" if skill else task_id, skill.category if skill else "-", [task_id]))
    categories = sorted({SKILLS[task_id].category for task_id in found.pairs if task_id in SKILLS})
    for category in categories:
        tasks = [task_id for task_id in found.pairs if task_id in SKILLS and SKILLS[task_id].category == category]
        lines.append(line(f"category {category}", category, tasks))
    lines.append(line("all", "-", list(found.pairs)))
    return "\n".join(lines)


def quick_scores(answerer: Answerer, tasks: Mapping[str, Sequence[Task]]) -> dict[str, float]:
    """Exact match during a training, by one pass: greedy generation is exact just where every cell is right given those before it.

    Also "query_information": by how many nats a cell the loss is lower with a sample's own query than with another one's.
    """
    flat = [task for instances in tasks.values() for task in instances]
    forced = answerer.teacher_forced(flat)
    truth = np.stack([to_canvas(task.test[0].output, answerer.config.network.side) for task in flat])
    right = (forced == truth).all(axis=1)
    names = np.array([task.id for task in flat])
    exact = {task_id: float(right[names == task_id].mean()) for task_id in tasks}
    return {
        "unseen_exact": float(np.mean(list(exact.values()))),
        "unseen_skills_solved": float(sum(value >= SOLVED for value in exact.values())),
        "query_information": answerer.query_information(flat),
        **{f"exact_{task_id}": value for task_id, value in exact.items()},
    }


def _mean(values):
    values = [value for value in values if not np.isnan(value)]
    return f"{np.mean(values):.3f}" if values else "-"


def floor_of(tasks: Mapping[str, Sequence[Task]]) -> float:
    """Exact match of the best fair floor on these instances, mean over tasks."""
    pairs = {task_id: tuple(task.test[0] for task in instances) for task_id, instances in tasks.items()}
    return Evaluation(pairs, {}, {}).best_floor("exact")[1]
