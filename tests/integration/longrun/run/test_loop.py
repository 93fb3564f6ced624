"""The loop: what is due when, where data begin, what a second process goes on with, and what it refuses."""

import json

import numpy as np
import pytest
import tensorflow as tf

from longrun import CheckpointMismatch, Report, Run, changed, every
from tests.fixtures.toy_training import Toy, ToyConfig, kept, lines

TWELVE = list(range(1, 13))


def toy_with(**fields):
    return Toy(changed(ToyConfig(), **fields))


def stop_at(step):
    """Ends a training at the beginning of a step, as a kill would: nothing is saved."""

    def during(tick):
        if tick.step == step:
            raise KeyError("killed")

    return during


def test_every_by_hand():
    assert [step for step in range(1, 11) if every(step, 4, 10)] == [4, 8, 10]
    assert [step for step in range(1, 11) if every(step, 4)] == [4, 8]
    assert [step for step in range(1, 11) if every(step, 0, 10)] == []


# What is due.


def due(folder, options, **fields):
    seen = []
    toy_with(**fields).train(
        folder, lambda tick: seen.append((tick.done, tick.logging, tick.evaluating, tick.saving, tick.last)), **options
    )
    return [[row[0] for row in seen if row[column]] for column in (1, 2, 3, 4)]


def test_a_step_knows_what_is_due_after_it(tmp_path):
    fields = {"steps": 11, "log_every": 2, "save_every": 4, "evaluate_every": 6, "keep_every": 0}
    assert due(tmp_path, {}, **fields) == [[2, 4, 6, 8, 10, 11], [6, 11], [4, 8, 11], [11]]
    assert [line["step"] for line in lines(tmp_path)] == [2, 4, 6, 8, 10, 11]
    assert [line["step"] for line in lines(tmp_path) if "score" in line] == [6, 11]
    assert kept(tmp_path)["last"] == [8, 11]


def test_without_a_rhythm_of_its_own_an_evaluation_goes_with_every_line(tmp_path):
    fields = {"steps": 7, "log_every": 3, "save_every": 6, "evaluate_every": 0, "keep_every": 0}
    assert due(tmp_path, {}, **fields) == [[3, 6, 7], [3, 6, 7], [6, 7], [7]]


def test_a_loop_may_have_a_rhythm_of_its_own(tmp_path):
    """What is evaluated or saved has a line, though it be between two others."""
    rhythm = {"log_every": 5, "save_every": 4, "evaluate_every": 3}
    assert due(tmp_path, rhythm, keep_every=0) == [[3, 4, 5, 6, 8, 9, 10, 12], [3, 6, 9, 12], [4, 8, 12], [12]]


def test_a_line_has_means_values_evaluations_and_what_is_derived(tmp_path):
    Toy().train(tmp_path, derive=lambda line: {"above": line["loss"] - 1.0})
    first, second, *_ = lines(tmp_path)
    assert set(first) == {"step", "loss", "rate", "above"}
    assert set(second) == {*first, "score"}
    assert first["above"] == first["loss"] - 1.0
    assert first["rate"] == 0.1 > second["rate"]


def test_the_folder_says_what_was_run(tmp_path):
    for _ in range(2):
        Toy().train(tmp_path)
    identity = json.loads((tmp_path / "config.json").read_text())
    assert identity.items() >= {"project": "toy", "preset": "only", "seed": 3, "scale": 1.0, "keep_every": 8}.items()
    assert json.loads((tmp_path / "versions.json").read_text())["tensorflow"] == tf.__version__
    assert json.loads((tmp_path / "result.json").read_text())["step"] == 12
    commands = (tmp_path / "commands.txt").read_text().splitlines()
    assert len(commands) == 2 and commands[0].startswith("python")


def test_pictures_and_histograms_find_their_way_and_one_number_can_be_read_at_once(tmp_path):
    read = []

    def during(tick):
        tick.images("stamped", np.zeros((1, 4, 4, 1)))
        tick.histogram("weights", tf.zeros(3))
        tick.did({"brightness": tf.constant(float(tick.step))})
        read.append(tick.latest("brightness"))

    Toy().train(tmp_path, during)
    assert read == list(range(12))
    assert sum(path.stat().st_size for path in (tmp_path / "events" / "pictures").iterdir()) > 1000


# Data.


def test_data_are_made_when_they_are_first_asked_for(tmp_path):
    toy = Toy()
    with Run(tmp_path, toy.config, preset="only", report=Report(columns=())) as run:
        for tick in toy.ticks(run):
            if tick.step >= 5:
                assert tick.batch is tick.batch
            assert toy.given == ([] if tick.step < 5 else [(5, 0)])
    assert toy.given == [(5, 0)]


def test_a_step_without_a_batch_does_not_shift_the_others(tmp_path):
    def batches(folder, asks):
        toy, found = Toy(), {}
        with Run(folder, toy.config, preset="only", report=Report(columns=())) as run:
            for tick in toy.ticks(run):
                if asks(tick.step):
                    found[tick.step] = tick.batch["x"].numpy().tolist()
        return found

    whole = batches(tmp_path / "whole", lambda step: True)
    odd = batches(tmp_path / "odd", lambda step: step % 2)
    assert odd == {step: batch for step, batch in whole.items() if step % 2}


def test_data_can_be_made_anew_from_this_step_on(tmp_path):
    toy, found = Toy(), []
    with Run(tmp_path, toy.config, preset="only", report=Report(columns=())) as run:
        for tick in toy.ticks(run):
            before = tick.batch["x"].numpy().tolist()
            if tick.step == 6:
                tick.renew()
            found.append(before == tick.batch["x"].numpy().tolist())
    assert toy.given == [(0, 0), (6, 0)]
    assert all(found) and len(found) == 12


def test_data_that_end_too_early_are_a_bug_with_a_name(tmp_path):
    toy = Toy()
    toy.data = lambda start, attempt: iter([{"x": tf.zeros(3)}] * 5)
    with pytest.raises(RuntimeError, match="^the data end before step 5$"):
        toy.train(tmp_path)


# Going on.


def test_a_run_goes_on_from_its_last_save_and_ends_with_the_same_bits(tmp_path, capsys):
    straight = Toy()
    straight.train(tmp_path / "straight", introduce=lambda: "a toy")
    assert capsys.readouterr().out.startswith("a toy\nstep 2/12")
    for step in (3, 9):
        with pytest.raises(KeyError):
            Toy().train(tmp_path / "killed", stop_at(step))
    capsys.readouterr()
    toy = Toy()
    toy.train(tmp_path / "killed", introduce=lambda: "a toy")
    assert capsys.readouterr().out.startswith(f"going on at step 8 of 12 in {tmp_path}/killed\nstep 10/12")
    assert (toy.steps, toy.given) == ([9, 10, 11, 12], [(8, 0)])
    assert toy.digest() == straight.digest()
    assert lines(tmp_path / "killed") == lines(tmp_path / "straight")
    assert kept(tmp_path / "killed") == kept(tmp_path / "straight") == {"best": [4], "every": [8], "last": [8, 12]}


def test_a_finished_run_is_not_trained_again(tmp_path):
    first, second = Toy(), Toy()
    outcome = first.train(tmp_path)
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "checkpoints").rglob("*")}
    assert second.train(tmp_path) == outcome
    assert (second.steps, second.given, second.digest()) == ([], [], first.digest())
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "checkpoints").rglob("*")} == files
    assert [line["step"] for line in lines(tmp_path)] == [2, 4, 6, 8, 10, 12]


def test_a_loop_that_is_left_early_leaves_everything_in_order(tmp_path):
    def part(folder):
        toy = Toy()
        with Run(folder, toy.config, preset="only", report=Report(columns=())) as run:
            for tick in toy.ticks(run):
                tick.did(toy.step(tick.batch), {"rate": toy.controller.rate})
                toy.steps.append(tick.done)
                if tick.done == 6:
                    break
            run.finish({"metrics": {}, "floors": {}, "n": 0})
        return toy

    assert part(tmp_path).steps == [1, 2, 3, 4, 5, 6]
    assert "# toy only" in (tmp_path / "REPORT.md").read_text()
    # Step 4 was saved, and its line stands; that of step 6 was never due.
    assert part(tmp_path).steps == [5, 6]
    assert [line["step"] for line in lines(tmp_path)] == [2, 4]


def test_the_total_may_be_another_one(tmp_path):
    toy = Toy()
    with Run(tmp_path, toy.config, preset="only", report=Report(columns=()), total=3) as run:
        assert [(tick.done, tick.last) for tick in toy.ticks(run)] == [(1, False), (2, False), (3, True)]
    assert kept(tmp_path)["last"] == [3]


# What does not fit.


def test_another_configuration_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(KeyError):
        Toy().train(tmp_path, stop_at(6))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(
        CheckpointMismatch, match=r"does not fit: scale was 1.0, is 2.0 \(another --run keeps it, --fresh moves it aside\)$"
    ):
        toy_with(scale=2.0).train(tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    with pytest.raises(CheckpointMismatch, match="steps was 12, is 20"):
        toy_with(steps=20).train(tmp_path)


def test_what_changes_no_number_may_change(tmp_path):
    with pytest.raises(KeyError):
        Toy().train(tmp_path, stop_at(6))
    toy = toy_with(save_every=2, log_every=1, evaluate_every=1, keep_every=0, mode="eager", lock=False, on_unhealthy="warn")
    toy.train(tmp_path)
    assert toy.steps == [5, 6, 7, 8, 9, 10, 11, 12]


def test_what_a_project_adds_to_the_identity_is_compared_too(tmp_path):
    Toy().train(tmp_path, identity={"pictures": "abc"})
    assert Toy().train(tmp_path, identity={"pictures": "abc"})["step"] == 12
    with pytest.raises(CheckpointMismatch, match="pictures was 'abc', is 'abd'"):
        Toy().train(tmp_path, identity={"pictures": "abd"})


def test_a_run_from_before_a_field_counts_as_its_default(tmp_path):
    Toy().train(tmp_path)
    path = tmp_path / "checkpoints" / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["config"]["scale"], manifest["config"]["lock"]
    path.write_text(json.dumps(manifest))
    assert Toy().train(tmp_path)["step"] == 12
    path.write_text(json.dumps(manifest))
    with pytest.raises(CheckpointMismatch, match="scale was 1.0, is 2.0"):
        toy_with(scale=2.0).train(tmp_path)


def test_an_emptied_manifest_is_named(tmp_path):
    Toy().train(tmp_path)
    (tmp_path / "checkpoints" / "manifest.json").write_text("")
    with pytest.raises(CheckpointMismatch, match=f"^{tmp_path}/checkpoints/manifest.json is no manifest: ") as caught:
        Toy().train(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["config.json", "versions.json", "result.json", "metrics.jsonl", "checkpoints/best.json", "REPORT.md"])
def test_a_file_that_was_emptied_is_written_anew(tmp_path, name):
    with pytest.raises(KeyError):
        Toy().train(tmp_path, stop_at(6))
    (tmp_path / name).write_text("")
    toy = Toy()
    toy.train(tmp_path)
    assert toy.steps == TWELVE[4:]
    assert (tmp_path / name).read_text()


def test_a_run_writes_no_result_of_its_own_accord(tmp_path):
    with Run(tmp_path, ToyConfig(), preset="only", report=Report(columns=())):
        pass
    assert not (tmp_path / "result.json").exists() and not (tmp_path / "REPORT.md").exists()
