"""Trainings that start from the weights of another one, through the command line."""

import shutil

import keras
import pytest
import tensorflow as tf

from longrun import read_metrics, restore_variables
from longrun.config import changed
from stegastamp.__main__ import main
from stegastamp.network import stamp
from stegastamp.network.model import build_decoder, build_encoder
from stegastamp.pictures.photos import training_and_held_out
from stegastamp.training import regimes, train
from stegastamp.training.data import batches
from stegastamp.training.steps import build


@pytest.fixture(autouse=True)
def inconclusive(monkeypatch):
    """How a training is judged at its end is not looked at here."""
    monkeypatch.setattr(train, "conclude", lambda *_: {})


@pytest.fixture
def source(trained, tmp_path):
    """A finished run that may be moved."""
    return shutil.copytree(trained[0], tmp_path / "source")


@pytest.fixture
def config(small, source):
    """The configuration of `trained` without distortions, from its weights, for a few steps."""
    short = {"steps": 2, "log_every": 1, "save_every": 1, "evaluate_every": 4, "mode": "eager"}
    return changed(small, average_decay=0.9, start_from=str(source), **short)


def trained_from(config, flags, folder):
    """The lines of a training's metrics."""
    assert main(["train", "tiny", "--run", str(folder), *flags(config)]) == 0
    return read_metrics(folder / "metrics.jsonl")


def first_report(config, photos_folder, groups=None):
    """What the first step says, with the averaged weights of a run's checkpoints or, without any, with new ones."""
    keras.utils.set_random_seed(config.run.seed)
    parts = build(changed(config, start_from=""), tf.distribute.get_strategy())
    if groups is not None:
        restore_variables(groups, {name: parts.groups[name] for name in ("encoder", "decoder", "average")})
        parts.average.swap()
    photos, _ = training_and_held_out(str(photos_folder), "", config.model.size)
    batch = next(batches(photos, config.model.size, config.data.batch_size, config.run.seed, 0, config.run.steps))
    report = parts.full_step(batch, regimes.scalars(config, 0, regimes.ClosedLoop.closed(config)))
    return {name: float(value) for name, value in report.items()}


def test_with_all_weights_taken_over_it_begins_where_the_other_ended(config, source, flags, photos_folder, tmp_path, capsys):
    """And goes on without them: they are long in its checkpoint."""
    run = tmp_path / "run"
    first = trained_from(config, flags, run)[0]
    assert f"weights of {source}; new: none\n" in capsys.readouterr().out
    assert first["strength"] == pytest.approx(config.mark.strength)
    expected = first_report(config, photos_folder, source / "checkpoints")
    for name in ("loss", "residual_rms", "gradient_norm"):
        assert first[name] == pytest.approx(expected[name], rel=1e-4)
    assert first["loss"] != pytest.approx(first_report(config, photos_folder)["loss"], rel=1e-3)
    source.rename(tmp_path / "moved")
    assert len(trained_from(changed(config, steps=3), flags, run)) == 3
    output = capsys.readouterr().out
    assert "going on at step 2 of 3" in output and "weights of" not in output
    # A run that begins does need them.
    assert main(["train", "tiny", "--run", str(tmp_path / "other"), *flags(config)]) == 2
    assert f"checkpoint {source} does not exist" in capsys.readouterr().err


def test_weights_that_do_not_fit_are_new_and_named(config, flags, tmp_path, capsys):
    more = changed(config, bits=16, steps=1)
    lines = trained_from(more, flags, tmp_path / "run")
    said = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("weights of "))
    shapes = [
        {weight.path: weight.shape for model in (build_encoder(each), build_decoder(each)) for weight in model.trainable_weights}
        for each in (config, more)
    ]
    different = {path for path, shape in shapes[1].items() if shapes[0].get(path) != shape}
    assert 0 < len(different) < len(shapes[1])
    assert set(said.split("; new: ")[1].split(", ")) == different
    assert lines[0]["strength"] == 1.0  # What is new is learnt as ever, from a mark as strong as the picture.


def test_the_decoder_alone_is_trained_and_reads_what_was_stamped_before(config, source, flags, tmp_path):
    alone = changed(config, trained="decoder", crops=0.5, weakest=0.5)
    run = tmp_path / "run"
    trained_from(alone, flags, run)
    before, after = stamp.load(source, "keras"), stamp.load(run, "keras")
    for one, other in zip(before.encoder.get_weights(), after.encoder.get_weights(), strict=True):
        assert (one == other).all()
    changed_weights = [(one != other).any() for one, other in zip(before.decoder.get_weights(), after.decoder.get_weights(), strict=True)]
    assert all(changed_weights)


def test_an_encoder_that_stays_comes_whole_from_another_training(config, flags, tmp_path, capsys):
    alone = changed(config, trained="decoder")
    assert main(["train", "tiny", "--run", str(tmp_path / "one"), *flags(changed(alone, start_from=""))]) == 2
    assert "give --start-from" in capsys.readouterr().err
    assert main(["train", "tiny", "--run", str(tmp_path / "two"), *flags(changed(alone, bits=16))]) == 2
    assert "does not give the whole encoder" in capsys.readouterr().err
