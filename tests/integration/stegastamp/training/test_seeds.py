import json
import shutil

from longrun.run import repeat
from stegastamp.__main__ import main


def test_the_table_over_seeds(trained, monkeypatch, tmp_path, capsys):
    """Three seeds, of which the second fails; the trainings are copies of a finished one."""
    asked = []

    def train(command, output):
        asked.append(command)
        if command[command.index("--seed") + 1] == "1":
            return 3
        shutil.copytree(trained[0], command[command.index("--run") + 1], dirs_exist_ok=True)
        return 0

    monkeypatch.setattr(repeat, "call", train)
    monkeypatch.chdir(tmp_path)
    assert main(["seeds", "tiny", "3", "--steps", "150"]) == 0
    header, _, first, failed, last, _, verdict = capsys.readouterr().out.splitlines()
    assert header.startswith("| seed | > .9 at step | PNG |")
    score = json.loads((trained[0] / "result.json").read_text())["metrics"]["bit_accuracy_png"]
    assert first.startswith("| 0 | ") and f"| {score:.4f} |" in first and last.startswith("| 2 | ")
    assert failed == "| 1 | failed with exit code 3 | | | | | |"
    reached = 0 if "never" in first else 2
    assert verdict == f"{reached} of 3 seeds of tiny above .9"
    assert all(words[3:5] == ["train", "tiny"] and words[-2:] == ["--steps", "150"] for words in asked)
