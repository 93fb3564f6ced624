"""The audit: every leak check on the fixed and the legacy models, or on a model of one's own, as one table."""

import json as json_format
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from arc.audit import leaks
from arc.config import Config
from arc.grids.tasks import Task
from arc.network.inputs import arrays
from arc.network.model import build_model
from arc.original.legacy import PARAMETERS, build_legacy
from arc.skills import SKILLS, draw_pair
from arc.training.data import unseen
from longrun.config import changed
from longrun.errors import UserError

COLLECTED = 400
"""Pairs of each task in the original's files."""


@dataclass(frozen=True)
class Check:
    """One line of an audit: which subject, which check, its value, whether it passes (None: nothing to pass), and what it means."""

    subject: str
    check: str
    value: float
    passed: bool | None
    meaning: str


def check_model(subject: str, model: keras.Model, inputs: leaks.Arrays) -> list[Check]:
    """The four causal checks of a model with a token interface (see arc.audit.leaks)."""
    run = tf.function(lambda batch: model(batch, training=False), autograph=False)
    found = leaks.dependence(lambda batch: run({name: tf.constant(value) for name, value in batch.items()}).numpy(), inputs)
    meanings = {
        "itself": ("target shift", "a cell is fed to the network that predicts it"),
        "later": ("perturb the future", "a cell sees later cells"),
        "bag": ("bag of future", "a cell sees which symbols come later"),
        "order": ("order of future", "a cell sees in which order symbols come later"),
    }
    lines = []
    for name, (check, meaning) in meanings.items():
        value = getattr(found, name)
        where = f"{meaning}: {int((value > 0).sum())} of {len(value)} cells, the first at {int(np.argmax(value > 0))}"
        lines.append(Check(subject, check, float(value.max()), not value.max() > 0, where if value.max() > 0 else "no dependence"))
    return lines


def check_context(subject: str, tasks: Sequence[Task]) -> Check:
    """Whether demonstrations give queries away."""
    count = leaks.queries_in_context(tasks)
    return Check(subject, "context equals query", count, count == 0, f"{count} of {len(tasks)} queries stand among their demonstrations")


def check_data(subject: str, training: dict[str, Sequence], scored: dict[str, Sequence]) -> list[Check]:
    """Duplicates within, and overlap between, what is trained and what is scored, by skill."""
    twice = sum(leaks.duplicates(pairs) for pairs in training.values())
    shared = {skill_id: leaks.overlap(training[skill_id], pairs) for skill_id, pairs in scored.items()}
    worst = max(shared, key=shared.get)
    scored_count = sum(map(len, scored.values()))
    return [
        Check(subject, "duplicates", twice, None, f"{twice} of {sum(map(len, training.values()))} training pairs were there before"),
        Check(
            subject,
            "train/test overlap",
            sum(shared.values()),
            not any(shared.values()),
            f"{sum(shared.values())} of {scored_count} scored inputs were trained on, {shared[worst]} of them of {worst}",
        ),
    ]


def check_headline(subject: str, outcome: dict) -> Check:
    """Whether the exact match may be a headline: only where its whole interval lies above the best fair floor."""
    value, floor = outcome["metrics"]["exact"], outcome["floors"]["exact"]
    low = outcome["intervals"]["exact"][0]
    meaning = "above the floor" if low > floor else "below the floor: no headline"
    return Check(
        subject, "below the floor", value, low > floor, f"exact {value:.4f}, interval from {low:.4f}, floor {floor:.4f}: {meaning}"
    )


def audit_legacy(side: int = 10, seed: int = 0) -> list[Check]:
    """The original run's three models, fresh, on that day and on the day after, and its way with data."""
    keras.utils.set_random_seed(seed)
    config = changed(Config(), side=side, context_pairs=2, task_ids=False)
    inputs = arrays(config.network, [unseen(config, 1, ["2281f1f4"])["2281f1f4"][0]])
    lines = []
    for name in PARAMETERS:
        for shifted in (False,) if name == "decoder_only" else (False, True):
            given = {key: inputs[key] for key in ("query", "answer")}
            if name == "champion":
                given["context"] = inputs["context"].reshape(1, 4, -1)
            model = build_legacy(name, config.network.cells, config.network.cells, shifted=shifted)
            lines += check_model(f"legacy {name}{', next day' if shifted else ''}", model, given)
    files = {skill_id: [draw_pair(skill_id, seed, index, "all", side) for index in range(COLLECTED)] for skill_id in SKILLS}
    tasks = [Task(skill_id, tuple(pairs[:2]), (pair,)) for skill_id, pairs in files.items() for pair in pairs]
    lines.append(check_context("legacy champion, fixed pairs", tasks))
    again = {skill_id: [draw_pair(skill_id, seed + 1, index, "all", side) for index in range(COLLECTED)] for skill_id in SKILLS}
    return lines + check_data("two draws without a split", files, again)


def audit_fixed(side: int = 10, seed: int = 0) -> list[Check]:
    """The three models of this package, fresh, and its way with data."""
    keras.utils.set_random_seed(seed)
    lines = []
    for name, special in {
        "decoder_only": {"feed_forward": 768, "positions": "diagonal3d", "learnt_positions": False},
        "encoder_decoder": {},
        "champion": {"context_pairs": 2, "equivariant": True},
    }.items():
        config = changed(Config(), model=name, side=side, **special)
        model = build_model(config.network)
        for variable in model.trainable_variables:
            if "gate" in variable.path:
                variable.assign(np.ones(variable.shape))  # A fresh champion's bridges are shut.
        lines += check_model(f"fixed {name}", model, arrays(config.network, [unseen(config, 1, ["2281f1f4"])["2281f1f4"][0]]))
    config = changed(Config(), side=side, context_pairs=2)
    tasks = unseen(config, 20)
    lines.append(check_context("fixed champion, drawn pairs", [task for instances in tasks.values() for task in instances]))
    training = {skill_id: [draw_pair(skill_id, seed, index, "train", side) for index in range(COLLECTED)] for skill_id in SKILLS}
    scored = {skill_id: [draw_pair(skill_id, seed + 1, index, "test", side) for index in range(COLLECTED)] for skill_id in SKILLS}
    return lines + check_data("split by input", training, scored)


def audit_checkpoint(path: str, count: int = 8) -> list[Check]:
    """A run, a checkpoint or a released folder of this project, with its scores; or a .keras file of any model with a token interface.

    A foreign model has inputs "query" and "answer" of fixed lengths, integers below 10, and gives logits (B, N, symbols).
    """
    if path.endswith(".keras"):
        return check_model(Path(path).name, *_foreign(Path(path)))
    from arc.measure import evaluate
    from arc.network import answerer

    found = answerer.load(path)
    tasks = unseen(found.config, count)
    flat = [task for instances in tasks.values() for task in instances]
    lines = check_model(f"{found.preset}, step {found.step}", found.model, arrays(found.config.network, flat[:1]))
    if found.config.network.context_pairs:
        lines.append(check_context(found.preset, flat))
    outcome = evaluate.outcome(found.preset, found.step, evaluate.evaluate(found, tasks), found.config.data.held_out_skills)
    return [*lines, check_headline(found.preset, outcome)]


def _foreign(path):
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    try:
        model = keras.saving.load_model(path, compile=False)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path} cannot be opened: {str(error).splitlines()[0]}") from error
    if not isinstance(getattr(model, "input", None), dict) or not {"query", "answer"} <= set(model.input):
        raise UserError(f"{path} has no token interface: it needs inputs named query and answer")
    shapes = {name: tensor.shape[1:] for name, tensor in model.input.items()}
    if any(size is None for shape in shapes.values() for size in shape) or model.output.shape[1] != shapes["answer"][0]:
        raise UserError(f"{path} has no token interface: inputs of fixed length and logits for every cell of answer are needed")
    generator = np.random.default_rng(0)
    return model, {name: generator.integers(0, 10, (1, *shape)).astype(np.int32) for name, shape in shapes.items()}


def table(checks: Sequence[Check]) -> str:
    """The checks as a Markdown table."""
    verdict = {True: "passes", False: "FAILS", None: "-"}
    lines = ["| model or data | check | value | verdict | meaning |", "|---|---|---|---|---|"]
    lines += [f"| {one.subject} | {one.check} | {one.value:.3g} | {verdict[one.passed]} | {one.meaning} |" for one in checks]
    return "\n".join(lines)


def audit(checkpoint: str = "", /, *, side: int = 10, json: bool = False) -> int:
    """Measure whether a model is shown what it has to predict. Exit code 1 where any but the legacy models is.

    checkpoint: A run, a checkpoint, a released folder, or a .keras file of any model with inputs query and answer; without one, the
        legacy models of the original run and the fixed ones.
    side: Side of the canvas in cells, where there is no checkpoint.
    json: Print one JSON list and nothing else.

    Example:
        python -m arc audit checkpoints/released/arc/quick
    """
    checks = audit_checkpoint(checkpoint) if checkpoint else audit_fixed(side) + audit_legacy(side)
    print(json_format.dumps([asdict(one) for one in checks]) if json else table(checks))
    new = [one for one in checks if not one.subject.startswith(("legacy", "two draws"))]
    return 0 if all(one.passed is not False for one in new) else 1
