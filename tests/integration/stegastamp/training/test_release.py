import json
import shutil
import subprocess

from stegastamp.__main__ import main
from stegastamp.network import stamp
from stegastamp.training import release


def test_a_release_is_measured_on_what_it_copied(trained, tmp_path, capsys):
    folder = tmp_path / "released"
    release.release(str(trained[0]), str(folder))
    assert {path.name for path in folder.iterdir()} == {
        *("encoder.keras", "decoder.keras", "manifest.json", "EVALUATION.md", "curves.png", "stamps.jpg"),
    }
    assert capsys.readouterr().out.rstrip().endswith("MB")
    text = (folder / "EVALUATION.md").read_text()
    assert text.startswith("# stegastamp tiny, step 150\n")
    assert "trained by\n\n```\npython -m stegastamp train tiny " in text and str(trained[0]) not in text
    assert f"`python test_inference.py {folder}`" in text
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["config"]["images"] == ""
    assert manifest["result"] == json.loads((trained[0] / "result.json").read_text())
    assert stamp.load(folder).step == 150


def test_an_unfinished_run_is_not_released(trained, tmp_path, capsys):
    run = tmp_path / "run"
    shutil.copytree(trained[0], run)
    (run / "result.json").unlink()
    assert main(["release", str(run), str(tmp_path / "released")]) == 2
    assert "is no finished run" in capsys.readouterr().err
    assert not (tmp_path / "released").exists()


def test_a_release_may_have_a_strength_of_its_own(trained, tmp_path, capsys):
    folder = tmp_path / "released"
    assert main(["release", str(trained[0]), str(folder), "--strength", "0.1"]) == 0
    assert stamp.load(folder).strength == 0.1
    assert "stamped at strength 0.1," in (folder / "EVALUATION.md").read_text()
    assert main(["release", str(trained[0]), str(tmp_path / "other"), "--strength", "2"]) == 2
    assert "strength is a number in 0..1" in capsys.readouterr().err and not (tmp_path / "other").exists()


def test_the_table_over_seeds(trained, monkeypatch, tmp_path, capsys):
    """Three seeds, of which the second fails; the trainings are copies of a finished one."""
    asked = []

    def train(arguments, **_):
        asked.append(arguments)
        if arguments[arguments.index("--seed") + 1] == "1":
            return subprocess.CompletedProcess(arguments, 3)
        shutil.copytree(trained[0], arguments[arguments.index("--run") + 1], dirs_exist_ok=True)
        return subprocess.CompletedProcess(arguments, 0)

    monkeypatch.setattr(subprocess, "run", train)
    monkeypatch.chdir(tmp_path)
    assert main(["seeds", "tiny", "3", "--steps", "150"]) == 0
    header, _, first, failed, last, _, verdict = capsys.readouterr().out.splitlines()
    assert header.startswith("| seed | > .9 at step | PNG |")
    score = json.loads((trained[0] / "result.json").read_text())["metrics"]["bit_accuracy_png"]
    assert first.startswith("| 0 | ") and f"| {score:.4f} |" in first and last.startswith("| 2 | ")
    assert failed == "| 1 | failed with exit code 3 | | | | | |"
    reached = 0 if "never" in first else 2
    assert verdict == f"{reached} of 3 seeds above .9"
    assert all(words[3:5] == ["train", "tiny"] and words[-2:] == ["--steps", "150"] for words in asked)


def test_the_table_needs_a_count(capsys):
    for words in (["seeds", "tiny"], ["seeds", "tiny", "many"]):
        assert main(words) == 2
        assert "usage: seeds PRESET COUNT" in capsys.readouterr().err
