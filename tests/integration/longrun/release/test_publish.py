"""A finished run copied to where released weights live."""

import json

import numpy as np
import pytest
from matplotlib import pyplot

from longrun import UserError
from longrun.release import publish


@pytest.fixture
def run(tmp_path):
    """A finished run, as far as publishing looks at one."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "result.json").write_text(json.dumps({"metrics": {"accuracy": 0.9}}))
    (folder / "commands.txt").write_text("/usr/bin/python -m toy train --run /data/runs/a --steps 5\n")
    pyplot.figure()
    pyplot.plot(np.random.default_rng(0).random(500))
    pyplot.savefig(folder / "curves.png", dpi=150)
    pyplot.close()
    return folder


def test_a_release_holds_models_curves_commands_and_what_the_command_prints(run, tmp_path, capsys):
    def save(folder, outcome):
        (folder / "manifest.json").write_text(json.dumps(outcome))

    target = tmp_path / "released"
    publish.publish(run, target, title="toy plain, step 5", save=save, shows={"python test_inference.py X": lambda: print("accuracy 0.9")})
    text = (target / "EVALUATION.md").read_text()
    assert text.startswith("# toy plain, step 5\n\nTrained by\n\n```\npython -m toy train --steps 5\n```\n")
    assert "`python test_inference.py X` prints:\n\naccuracy 0.9\n" in text and "(curves.png)" in text
    assert json.loads((target / "manifest.json").read_text())["metrics"]["accuracy"] == 0.9
    assert capsys.readouterr().out.startswith(f"released to {target}, ")


def test_an_unfinished_run_is_refused(tmp_path):
    (tmp_path / "run").mkdir()
    with pytest.raises(UserError, match="run is no finished run: it has no result.json"):
        publish.publish(tmp_path / "run", tmp_path / "released", title="", save=lambda *_: None, shows={})
    assert not (tmp_path / "released").exists()


def test_commands_say_nothing_of_the_machine(tmp_path):
    (tmp_path / "commands.txt").write_text(
        "/home/me/.venv/bin/python -m toy train --run /data/runs/a --images '/data/my photos' --steps 5\npython -m toy train --run a\n"
    )
    assert publish.commands(tmp_path) == "python -m toy train --images FOLDER --steps 5\npython -m toy train"


def test_a_drawing_looks_the_same_in_less_room(run, tmp_path):
    publish.drawing(run / "curves.png", tmp_path / "small.png")
    before, after = (pyplot.imread(path)[..., :3] for path in (run / "curves.png", tmp_path / "small.png"))
    assert before.shape == after.shape and np.abs(before - after).mean() < 0.01
    assert (tmp_path / "small.png").stat().st_size < 0.6 * (run / "curves.png").stat().st_size
