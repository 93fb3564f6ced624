"""Judging a checkpoint: what `evaluate` and test_inference.py print."""

from arc.grids.tasks import Task
from arc.measure import evaluate
from arc.measure.floors import FAIR_FLOORS, floor_table, floor_text
from arc.network.answerer import FILE, Answerer, open_found
from arc.skills import real_pairs
from arc.training.data import unseen
from longrun.errors import UserError
from longrun.measure.judge import show
from longrun.release import models as release


def judge(checkpoint: str, /, *, count: int = 48, real: bool = False, json: bool = False) -> dict:
    """Judge a checkpoint by free generation on unseen instances, or on ARC's own pairs, beside predictors that know no rule.

    A training of the original run is judged teacher-forced, as it was.

    checkpoint: A run folder, a checkpoint in it, or a released folder.
    count: Unseen instances of each skill.
    real: Take ARC's own pairs of the skills that fit the canvas, none of which was drawn in training.
    json: Print one JSON object and nothing else.

    Example:
        python -m arc evaluate checkpoints/released/arc/quick --real
    """
    if count < 1:
        raise UserError(f"an evaluation needs at least one instance of each skill, not {count}")
    where = release.find(checkpoint, "arc", (FILE,))
    if "variant" in where.config:
        from arc.original.validation import judge as judge_original

        outcome = judge_original(where)
        show(outcome, json, f"arc {where.preset}, teacher-forced as in the original run")
        return outcome
    answerer = open_found(where)
    tasks = real_tasks(answerer) if real else unseen(answerer.config, count)
    found = evaluate.evaluate(answerer, tasks)
    held_out = () if real else answerer.config.data.held_out_skills
    outcome = evaluate.outcome(answerer.preset, answerer.step, found, held_out)
    pairs = sum(map(len, tasks.values()))
    solved = int(sum(sum(values["exact"]) for values in found.values.values()))
    what = "ARC's own pairs, none of which was drawn in training" if real else "unseen instances"
    heading = f"arc {answerer.preset}, step {answerer.step}: {pairs} {what} of {len(tasks)} skills, generated freely"
    exact, floor = outcome["metrics"]["exact"], outcome["floors"]["exact"]
    low, high = outcome["intervals"]["exact"]
    means = "above the floor" if low > floor else "not above the floor: no skill is shown"
    said = (
        f"exact match {exact:.4f} ({solved} of {pairs}; floor {floor:.4f}, the best of {', '.join(FAIR_FLOORS)}; "
        f"95 % interval over skills {low:.4f}..{high:.4f}): {means}"
    )
    tables = (evaluate.table(found, held_out), floor_text(floor_table(found.pairs)))
    show(outcome, json, "\n\n".join([heading, *tables]), said, table=_headline(outcome))
    return outcome


def real_tasks(answerer: Answerer) -> dict[str, list[Task]]:
    """ARC's own pairs of the skills that fit the model's canvas; the demonstrations are a skill's other pairs, in their order."""
    need, found = answerer.config.network.context_pairs, {}
    for skill_id, pairs in real_pairs(answerer.config.network.side).items():
        if len(pairs) > need:
            others = [tuple(pair for pair in pairs if pair is not query)[:need] for query in pairs]
            found[skill_id] = [Task(skill_id, other, (query,)) for other, query in zip(others, pairs, strict=True)]
    return found


def _headline(outcome):
    return {
        **outcome,
        "metrics": {name: value for name, value in outcome["metrics"].items() if not name.startswith("exact_") or "two" in name},
    }
