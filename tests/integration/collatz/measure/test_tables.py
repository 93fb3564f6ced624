import json

import pytest

from collatz import __main__ as commands
from collatz.measure import tables
from collatz.measure.floors import HEADINGS
from collatz.presets import PRESETS
from longrun import flatten
from longrun.cli.training import Training
from longrun.run import repeat


@pytest.fixture
def trained(monkeypatch):
    """Stands in for the trainings, of which those with seed 1 fail."""
    asked = []

    def run_all(project, trainings, workers, cluster):
        for training in trainings:
            asked.append(training)
            seed = training.flags[training.flags.index("--seed") + 1]
            metrics = {name: 3 if name.startswith("violations") else 0.99 for name in HEADINGS}
            if seed == "1":
                yield repeat.Finished(training, 3)
                continue
            training.folder.mkdir(parents=True)
            (training.folder / "metrics.jsonl").write_text(json.dumps({"step": 1, "learning_rate": 5e-4}) + "\n")
            yield repeat.Finished(training, 0, {"metrics": metrics, "floors": metrics}, 90.0)

    monkeypatch.setattr(repeat, "run_all", run_all)
    return asked


def test_seeds(trained, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    assert commands.main(["seeds", "quick", "3", "--epochs", "50"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == "| quick | 0 | 1.5 | 3 | 3 | 99.00% | 99.00% | 99.00% | 99.00% |"
    assert lines[3].startswith("| quick | 1 | failed with exit code 3") and lines[4].startswith("| quick | 2 |")
    assert lines[5].startswith("| without training: the clock |")
    assert trained[0].flags == ("--seed", "0", "--steps", "50")


def test_the_table_of_the_original_runs(trained, tmp_path, capsys):
    assert commands.main(["table", "--steps", "8000", "--seeds", "2", "--folder", str(tmp_path)]) == 0
    assert capsys.readouterr().out.endswith((tmp_path / "TABLE.md").read_text() + "\n")
    text = (tmp_path / "TABLE.md").read_text()
    assert "| run6 --fix-lr | 0, 1 | 1.5 | 5.0e-04 | 3 | 3 | 99.00% |" in text
    assert "| run6, seed 1 | failed with exit code 3 |" in text
    assert len({training.folder for training in trained}) == 2 * len(tables.ROWS)


@pytest.mark.parametrize("row", tables.ROWS)
def test_rows_are_the_presets_in_small(row):
    preset = row.split()[0]
    config = flatten(Training("collatz.presets").read([preset, *tables.row_flags(row, 8000)], "test")[1])
    assert config["steps"] == 8000 and config["layers"] == (tables.SMALLER_LAYERS if preset == "smaller-model" else tables.LAYERS)
    full = flatten(PRESETS[preset]())
    assert all(config[name] == 0.08 * full[name] for name in ("ramp_len", "decay_len"))
    assert all(config[name] == full[name] for name in ("mine_negatives", "lookahead", "use_t4"))
    assert (config["fix_lr"], config["clean_split"]) == ("fix-lr" in row, "clean-split" in row)
    assert config["growth_weight"] == (1 if "growth-weight 1" in row else 10)
    assert config["precision"] == ("bfloat16" if "bfloat16" in row else "float32")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["seeds", "quik", "3"], "unknown preset 'quik' (did you mean quick?)"),
        (["seeds", "quick", "1", "--lookahed", "3"], "unknown flag --lookahed (did you mean --lookahead?)"),
        (["seeds", "quick", "1", "--lookahead", "99"], "lookahead is 99"),
        (["seeds", "quick"], "usage: seeds PRESET COUNT"),
        (["seeds", "quick", "0"], "usage: seeds PRESET COUNT"),
        (["seeds", "quick", "2", "--seed", "4"], "--seed is chosen by the table over seeds"),
        (["table", "--steps", "100"], "steps is 100"),
        (["table", "--seeds", "0"], "seeds is 0"),
    ],
)
def test_bad_input_is_refused_before_the_first_training(words, message, trained, capsys):
    assert commands.main(words) == 2
    printed = capsys.readouterr()
    assert message in printed.err and printed.out == "" and not trained


@pytest.mark.parametrize("words", [["seeds", "quick", "2"], ["table", "--seeds", "1"]])
def test_where_every_training_fails_so_does_the_table(words, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(repeat, "run_all", lambda _, trainings, **__: (repeat.Finished(each, 3) for each in trainings))
    assert commands.main(words) == 3
