"""Back to the last good checkpoint with other data: weights, hosts, metrics, and what a kill in between changes (nothing)."""

import os
import signal

import pytest
import tensorflow as tf

from longrun import Health, Interrupted, OutOfRange, Unhealthy, changed
from tests.fixtures.toy_training import Toy, ToyConfig, kept, lines

ROLLING = changed(ToyConfig(), on_unhealthy="rollback")


class Sick(OutOfRange):
    """Finds the data of an attempt before `cured` sick from step 10 on, after a strike at step 8."""

    def __init__(self, cured=1, patience=2):
        super().__init__("attempt", "its data are bad", high=0.5, patience=patience)
        self.cured = cured

    def check(self, step, values):
        return super().check(step, {"attempt": float(step >= 8 and values["attempt"] < self.cured)})


def rolling(cured=1):
    """A toy that knows its attempt."""
    toy = Toy(ROLLING, [Sick(cured)])
    toy.derived = lambda line: {"attempt": float(toy.health.attempt)}
    return toy


def train(toy, folder, during=None):
    toy.train(folder, during, derive=toy.derived)
    return toy


def test_a_rollback_restores_everything_and_takes_other_data(tmp_path, capsys):
    toy, states, batches = rolling(), {}, {}

    def during(tick):
        memory = toy.weights.numpy().tolist(), toy.velocity.numpy().tolist(), toy.controller.state()
        states.setdefault(tick.step, []).append(repr(memory))
        batches.setdefault(tick.step, []).append(tick.batch["x"].numpy().tolist())

    train(toy, tmp_path, during)
    assert toy.steps == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 5, 6, 7, 8, 9, 10, 11, 12]
    assert toy.given == [(0, 0), (4, 1)]
    assert states[4][0] == states[4][1] and states[5][0] != states[5][1]
    assert batches[4][0] != batches[4][1]
    said = capsys.readouterr().out
    assert "unhealthy: step 10: attempt = 1 (limit 0.5): its data are bad\nrolled back to step 4, attempt 1\n" in said
    # The lines of the sick steps are gone, those of before are not, and the strike is forgotten.
    assert [(line["step"], line["attempt"]) for line in lines(tmp_path)] == [(2, 0), (4, 0), (6, 1), (8, 1), (10, 1), (12, 1)]
    assert kept(tmp_path)["last"] == [8, 12] and "provisional" not in kept(tmp_path)
    assert "| attempt out of range | 10 |" in (tmp_path / "REPORT.md").read_text()


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    folder = tmp_path_factory.mktemp("straight")
    toy = train(rolling(), folder)
    return toy.digest(), lines(folder), kept(folder)


@pytest.mark.parametrize("turn", [8, 9, 10, 12, 13, 14, 17])
def test_a_kill_before_or_after_a_rollback_changes_nothing(tmp_path, straight, turn):
    """turn: steps done, counted over both attempts."""

    class Fall(BaseException):
        pass

    toy = rolling()

    def during(tick):
        if len(toy.steps) == turn:
            raise Fall

    with pytest.raises(Fall):
        train(toy, tmp_path, during)
    toy = train(rolling(), tmp_path)
    assert (toy.digest(), lines(tmp_path), kept(tmp_path)) == straight


@pytest.mark.parametrize("turn", [9, 10, 12])
def test_nor_does_a_signal(tmp_path, straight, turn):
    """turn 9 is the step that is rolled back: the signal saves what it has gone back to."""
    toy = rolling()

    def during(tick):
        if len(toy.steps) == turn:
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Interrupted) as caught:
        train(toy, tmp_path, during)
    assert caught.value.step == {9: 4, 10: 5, 12: 7}[turn]
    toy = train(rolling(), tmp_path)
    assert toy.given[0] == (caught.value.step, 1)
    assert (toy.digest(), lines(tmp_path), kept(tmp_path)) == straight


def test_a_signal_after_a_rollback_to_the_step_that_was_saved_last_is_saved_too(tmp_path):
    """The same step as the last save, and another state: the attempt. Without it the run would fall ill once more."""

    class Soon(Sick):
        def check(self, step, values):
            return super().check(step + 2, values)

    def soon():
        toy = rolling()
        toy.health = Health([Soon(patience=1)], "rollback")
        return toy

    toy = soon()
    with pytest.raises(Interrupted) as caught:
        train(toy, tmp_path, lambda tick: os.kill(os.getpid(), signal.SIGTERM) if tick.step == 5 else None)
    assert (caught.value.step, toy.given) == (4, [(0, 0)])
    toy = train(soon(), tmp_path)
    assert toy.given == [(4, 1)]


def test_too_many_rollbacks_end_the_run_and_the_good_checkpoint_stands(tmp_path):
    toy = rolling(cured=9)
    with pytest.raises(Unhealthy, match="its data are bad"):
        train(toy, tmp_path)
    assert [given[1] for given in toy.given] == [0, 1, 2]
    assert kept(tmp_path)["last"] == [4] and "provisional" not in kept(tmp_path)
    assert "Ended before its last step: step 10: attempt = 1" in (tmp_path / "REPORT.md").read_text()


def test_without_a_checkpoint_there_is_nothing_to_go_back_to(tmp_path):
    class AtOnce(Sick):
        def check(self, step, values):
            return super().check(8, values)

    toy = Toy(ROLLING, [AtOnce()])
    toy.derived = lambda line: {"attempt": 0.0}
    with pytest.raises(Unhealthy, match="^step 8: attempt"):
        train(toy, tmp_path)
    assert toy.steps == [1, 2, 3, 4]
    assert kept(tmp_path).keys() <= {"best"}


def test_weights_that_are_not_finite_are_rolled_back(tmp_path):
    toy = rolling(cured=0)

    def during(tick):
        if tick.step == 6 and toy.health.attempt == 0:
            toy.weights.assign([float("nan"), 0.0, 0.0])

    train(toy, tmp_path, during)
    assert toy.given == [(0, 0), (4, 1)]
    assert tf.reduce_all(tf.math.is_finite(toy.weights))
    (finding,) = toy.health.findings
    assert (finding.guard, finding.step, finding.quantity) == ("non-finite", 7, "loss")
