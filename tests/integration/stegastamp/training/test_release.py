import json
import shutil

from stegastamp.__main__ import main
from stegastamp.network import stamp
from tests.fixtures.stegastamp import LAST


def test_a_release_is_measured_on_what_it_copied(trained, tmp_path, capsys):
    """With a strength of its own, which may be another than the training's."""
    folder = tmp_path / "released"
    assert main(["release", str(trained[0]), str(folder), "--strength", "0.1"]) == 0
    assert {path.name for path in folder.iterdir()} == {
        *("encoder.keras", "decoder.keras", "manifest.json", "EVALUATION.md", "curves.png", "stamps.jpg"),
    }
    assert capsys.readouterr().out.rstrip().endswith("MB")
    text = (folder / "EVALUATION.md").read_text()
    assert text.startswith(f"# stegastamp tiny, step {LAST}\n")
    assert "Trained by\n\n```\npython " in text and str(trained[0]) not in text
    assert f"`python test_inference.py {folder}` prints:\n\nstegastamp tiny, step {LAST}: 120 crops of 3 held-out photos" in text
    assert "cover, stamped at strength 0.1, residual x10 on grey" in text
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["config"]["images"] == ""
    assert manifest["result"] == json.loads((trained[0] / "result.json").read_text())
    released = stamp.load(folder)
    assert (released.step, released.strength) == (LAST, 0.1)


def test_what_is_not_released_is_one_line(trained, tmp_path, capsys):
    assert main(["release", str(trained[0]), str(tmp_path / "released"), "--strength", "2"]) == 2
    assert "strength is a number in 0..1" in capsys.readouterr().err
    run = shutil.copytree(trained[0], tmp_path / "run")
    (run / "result.json").unlink()
    assert main(["release", str(run), str(tmp_path / "released")]) == 2
    assert "is no finished run" in capsys.readouterr().err
    assert not (tmp_path / "released").exists()
