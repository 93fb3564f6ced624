"""Released weights: they say nothing of where they were made, and are worth what they were on the day of release."""

import json
from collections.abc import Callable

import pytest

from tests.places import GOLDEN, ROOT

RELEASED = ROOT / "checkpoints" / "released"
PINNED = json.loads((GOLDEN / "released.json").read_text())
"""Numbers of a few held-out cases of each, as the code that they were released with printed them."""


def test_no_manifest_names_a_place_on_the_machine_that_made_it():
    manifests = sorted(RELEASED.rglob("manifest.json"))
    assert len(manifests) >= 8
    for path in manifests:
        values = [value for value in json.loads(path.read_text())["config"].values() if isinstance(value, str)]
        assert not [value for value in values if value.startswith("/")], path


def test_every_release_is_pinned():
    assert {str(path.parent.relative_to(RELEASED)) for path in RELEASED.rglob("manifest.json")} == set(PINNED)


@pytest.mark.parametrize("name", PINNED)
def test_released_weights_are_worth_what_they_were(name):
    found = measure_of(name)(RELEASED / name)
    assert {key: float(found[key]) for key in PINNED[name]} == pytest.approx(PINNED[name], rel=2e-3, abs=2e-3)


def measure_of(name: str) -> Callable[..., dict]:
    """The small measure of a released folder's project."""
    project, _, rest = name.partition("/")
    return {"stegastamp": detector if rest == "detector" else stamps, "collatz": collatz, "arc": arc, "hrm": hrm}[project]


def collatz(folder) -> dict:
    from collatz.functions import lyapunov
    from collatz.measure.scores import score_trajectories

    value = lyapunov.load(folder)
    return vars(score_trajectories(value, value.config.model.lookahead, value.config.evaluation.test_numbers))


def hrm(folder) -> dict:
    from hrm.measure import evaluate, looks
    from hrm.network import reasoner
    from hrm.puzzles.sources import make_source

    found = reasoner.load(folder, "keras")
    source = make_source(found.config)
    examples = source.held_out(16)
    scores = evaluate.check(found, examples, source.probes(examples))
    if found.config.data.puzzle == "sudoku":
        several = looks.look(found, examples, 4)
        scores["exact_looks_4"] = float(evaluate.exact(several.answer, examples.labels).mean())
    return scores


def arc(folder) -> dict:
    from arc.measure.evaluate import quick_scores
    from arc.network import answerer
    from arc.training.data import unseen

    found = answerer.load(folder)
    return quick_scores(found, unseen(found.config, 1))


def stamps(folder) -> dict:
    from stegastamp.measure.evaluate import HeldOut, quick_scores
    from stegastamp.network import stamp
    from stegastamp.pictures.photos import training_and_held_out

    stamper = stamp.load(folder, "keras")
    _, held_out = training_and_held_out("", "", stamper.config.model.size)
    return quick_scores(stamper, HeldOut.draw(held_out, stamper, 8), stamper.strength)


def detector(folder) -> dict:
    from stegastamp.detector.finding import search
    from stegastamp.detector.measure import exam
    from stegastamp.pictures.photos import training_and_held_out

    _, held_out = training_and_held_out("", "", 128)
    answers = list(exam.examine(search.load(folder, "keras"), exam.draw(held_out, None, 4, 480, 640)))
    return {name: getattr(score, "value", score) for name, score in exam.localisation(answers).items()}
