"""How a training ends before its last step: signals, a retrace, a fall, a guard; what it leaves, and what goes on from it."""

import contextlib
import os
import signal
import time

import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from longrun import Checkpointer, Health, Interrupted, OutOfRange, RetraceError, Unhealthy, changed
from longrun.cli.main import main
from longrun.run import signals
from tests.fixtures.toy_training import Toy, ToyConfig, kept, lines


class Fall(BaseException):
    """As good as a kill: nobody catches it, and nothing is written on the way out."""


def at(step, event):
    """`event()` at the beginning of a step."""

    def during(tick):
        if tick.step == step:
            event()

    return during


def send(number=signal.SIGTERM):
    return lambda: os.kill(os.getpid(), number)


def retrace():
    raise RetraceError("batch['x'] has grown", traces=2, limit=1)


def fall():
    raise Fall


def report(folder):
    return (folder / "REPORT.md").read_text()


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    folder = tmp_path_factory.mktemp("straight")
    toy = Toy()
    toy.train(folder)
    return toy.digest(), lines(folder)


def ends_as(straight, folder):
    toy = Toy()
    toy.train(folder)
    assert (toy.digest(), lines(folder)) == straight
    return toy.steps


# Signals.


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_saves_after_its_step_and_the_run_goes_on_from_there(tmp_path, number, code, straight, capsys):
    """Between two lines and two checkpoints, so that what has been added since must travel too."""
    handler, toy = signal.getsignal(number), Toy()
    with pytest.raises(Interrupted) as caught:
        toy.train(tmp_path, at(6, send(number)))
    sentence = f"stopped by {number.name} at step 7; the same command goes on from there"
    assert (str(caught.value), caught.value.exit_code) == (sentence, code)
    assert signal.getsignal(number) is handler
    said = capsys.readouterr().err
    assert said == f"{number.name}: saving at step 6; a second {number.name} ends at once\nsaved at step 7\n"
    assert toy.steps == [1, 2, 3, 4, 5, 6, 7]
    assert kept(tmp_path) == {"best": [4], "last": [4], "provisional": [7]}
    text = report(tmp_path)
    assert f"# toy only\n\nEnded before its last step: {sentence}.\n" in text and "## Progress" in text
    assert not (tmp_path / "curves.png").exists()
    assert ends_as(straight, tmp_path) == [8, 9, 10, 11, 12]
    assert kept(tmp_path) == {"best": [4], "every": [8], "last": [8, 12]}


@pytest.mark.parametrize("step", [0, 3, 11])
def test_a_signal_at_the_first_step_at_a_save_and_at_the_last_step(tmp_path, step, straight):
    with pytest.raises(Interrupted, match=f" at step {step + 1};"):
        Toy().train(tmp_path, at(step, send()))
    assert kept(tmp_path).get("provisional", []) == ([1] if step == 0 else [])
    assert ends_as(straight, tmp_path) == list(range(step + 2, 13))


def test_signals_again_and_again_are_as_good_as_none(tmp_path, straight):
    for step in (1, 2, 6, 10):
        with pytest.raises(Interrupted):
            Toy().train(tmp_path, at(step, send()))
    assert ends_as(straight, tmp_path) == [12]


def test_a_signal_before_the_first_step_ends_at_once(tmp_path):
    with pytest.raises(Interrupted, match="^stopped by SIGTERM at its start; "):
        Toy().train(tmp_path, introduce=lambda: os.kill(os.getpid(), signal.SIGTERM) or "never said")
    assert kept(tmp_path) == {}


def test_a_long_step_is_given_up_and_says_so(tmp_path, monkeypatch, straight):
    monkeypatch.setattr(signals, "GRACE", 0.2)

    def evaluate():
        os.kill(os.getpid(), signal.SIGTERM)
        began = time.monotonic()
        while time.monotonic() < began + 60:
            time.sleep(0.01)

    with pytest.raises(Interrupted) as caught:
        Toy().train(tmp_path, at(6, evaluate))
    assert str(caught.value).startswith("stopped by SIGTERM at step 6, given up after 0 s; the last save is older; ")
    assert str(caught.value) in report(tmp_path)
    assert ends_as(straight, tmp_path) == [5, 6, 7, 8, 9, 10, 11, 12]


def test_a_save_is_not_given_up(tmp_path, monkeypatch, straight):
    monkeypatch.setattr(signals, "GRACE", 0.1)
    monkeypatch.setattr(signals, "LEEWAY", 0.1)
    save = Checkpointer.save

    def slowly(self, step, *arguments, **options):
        if step == 4:
            os.kill(os.getpid(), signal.SIGTERM)
            began = time.monotonic()
            while time.monotonic() < began + 0.5:
                time.sleep(0.01)
        save(self, step, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Checkpointer, "save", slowly)
        with pytest.raises(Interrupted, match="at step 4;"):
            Toy().train(tmp_path)
    assert kept(tmp_path)["last"] == [4]
    assert ends_as(straight, tmp_path) == [5, 6, 7, 8, 9, 10, 11, 12]


# Whatever else ends it.


@pytest.mark.parametrize(
    ("event", "code", "line", "goes_on_at"),
    [
        (send(), 143, "Ended before its last step: stopped by SIGTERM at step 7; the same command goes on from there.", 8),
        (retrace, 3, "| retrace | - | traces | 2 | 1 | batch['x'] has grown |", 5),
    ],
)
def test_a_command_has_its_exit_code_and_its_report(tmp_path, event, code, line, goes_on_at, straight, capsys):
    """A retrace is a finding of no guard."""

    def command(arguments, program):
        Toy().train(tmp_path, at(6, event))

    assert main("toy", {"train": command}, ["train"]) == code
    assert line in report(tmp_path)
    assert line.strip("| ").split(":")[-1].strip(" .") in capsys.readouterr().err
    assert ends_as(straight, tmp_path)[0] == goes_on_at


def test_a_fall_leaves_the_report_of_the_last_evaluation(tmp_path, straight):
    with pytest.raises(Fall):
        Toy().train(tmp_path, at(6, fall))
    text = report(tmp_path)
    assert "## Progress" in text and "| 4 |" in text and "| 6 |" not in text and "Ended before" not in text
    assert ends_as(straight, tmp_path) == [5, 6, 7, 8, 9, 10, 11, 12]


@pytest.mark.parametrize("event", [retrace, fall])
def test_what_ends_it_lets_go_of_the_folder(tmp_path, event, straight):
    with pytest.raises((Fall, Unhealthy)):
        Toy().train(tmp_path, at(0, event))
    assert kept(tmp_path) == {}
    assert ends_as(straight, tmp_path)[0] == 1


# Guards.


def sick_from(step, until=99, patience=2):
    """A guard that counts the lines of some steps, and finds the run sick at the second."""

    class Watch(OutOfRange):
        def check(self, now, values):
            return super().check(now, {"step": float(step <= now <= until)})

    return Watch("step", "it was to be so", high=0.5, patience=patience)


def test_a_sick_run_drops_what_was_saved_while_a_guard_counted(tmp_path, straight):
    toy = Toy(guards=[sick_from(8)])
    with pytest.raises(Unhealthy, match="^step 10: step = 1 .limit 0.5.: it was to be so$"):
        toy.train(tmp_path)
    assert toy.steps[-1] == 10
    assert kept(tmp_path)["last"] == [4] and "provisional" not in kept(tmp_path)
    assert "| step out of range | 10 | step | 1 | 0.5 | it was to be so |" in report(tmp_path)
    assert ends_as(straight, tmp_path) == [5, 6, 7, 8, 9, 10, 11, 12]


def test_a_run_goes_on_from_what_was_saved_while_a_guard_counted(tmp_path, straight):
    """Killed before the guard made up its mind: a strike is remembered."""
    with pytest.raises(Fall):
        Toy(guards=[sick_from(8)]).train(tmp_path, at(9, fall))
    assert (kept(tmp_path)["last"], kept(tmp_path)["provisional"]) == ([4], [8])
    toy = Toy(guards=[sick_from(8)])
    with pytest.raises(Unhealthy, match="^step 10: "):
        toy.train(tmp_path)
    assert toy.steps == [9, 10]
    assert ends_as(straight, tmp_path) == [5, 6, 7, 8, 9, 10, 11, 12]


def test_a_guard_that_changes_its_mind_leaves_nothing_provisional(tmp_path, straight):
    toy = Toy(guards=[sick_from(8, until=8)])
    toy.train(tmp_path)
    assert lines(tmp_path) == straight[1]
    assert kept(tmp_path)["last"] == [4, 12] and "provisional" not in kept(tmp_path)


def test_a_warning_is_given_once_and_changes_nothing(tmp_path, straight, capsys):
    toy = Toy(changed(ToyConfig(), on_unhealthy="warn"), [sick_from(6, patience=1)])
    toy.train(tmp_path)
    assert capsys.readouterr().out.count("unhealthy: step 6") == 1
    assert kept(tmp_path)["last"] == [8, 12]
    assert lines(tmp_path) == straight[1]
    assert report(tmp_path).count("| step out of range | 6 |") == 1


def test_a_run_without_guards_needs_no_health(tmp_path):
    toy = Toy()
    toy.health = None
    toy.train(tmp_path)
    assert toy.steps[-1] == 12


def test_health_of_another_action_is_refused():
    with pytest.raises(ValueError, match="on-unhealthy is one of"):
        Health([], "pray")


@pytest.mark.parametrize("action", ["warn", "stop"])
def test_a_verdict_is_a_text_in_tensorboard(tmp_path, action):
    toy = Toy(changed(ToyConfig(), on_unhealthy=action), [sick_from(6, patience=1)])
    with contextlib.suppress(Unhealthy):
        toy.train(tmp_path)
    events = EventAccumulator(str(tmp_path / "events" / "pictures"), size_guidance={"tensors": 0}).Reload()
    (event,) = events.Tensors("verdict: step out of range")
    (said,) = tf.make_ndarray(event.tensor_proto).reshape(-1)
    assert (event.step, said.decode()) == (6, str(toy.health.findings[0]))
