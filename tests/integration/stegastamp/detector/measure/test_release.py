import json

from stegastamp.__main__ import main
from stegastamp.detector.measure import release


def test_a_release_is_measured_on_what_the_run_held_out(trained, photos, tmp_path, monkeypatch, capsys):
    asked = []

    def judge_on(photos, detector, stamps, count, plain):
        asked.append((len(photos), detector.config.scene.images, stamps, count, plain))
        print("as measured")

    monkeypatch.setattr(release, "judge_on", judge_on)
    folder = tmp_path / "released"
    assert main(["release-detector", str(trained), str(folder), "--count", "12", "--plain", "11"]) == 0
    assert {path.name for path in folder.iterdir()} == {"detector.keras", "manifest.json", "EVALUATION.md", "curves.png", "found.jpg"}
    # One of the four photos was held out; the copied detector does not say where they lie.
    assert asked == [(1, "", "", 12, 11)]
    config = json.loads((folder / "manifest.json").read_text())["config"]
    assert (config["images"], config["held_out"], config["stamps"]) == ("", "", "")
    text = (folder / "EVALUATION.md").read_text()
    assert "evaluate-detector" in text and "--images HELD_OUT` prints:\n\nas measured" in text and str(photos) not in text
    assert capsys.readouterr().out.rstrip().endswith("MB")


def test_an_unfinished_run_is_not_released(trained, tmp_path, capsys):
    (trained / "result.json").rename(tmp_path / "result.json")
    try:
        assert main(["release-detector", str(trained), str(tmp_path / "other")]) == 2
    finally:
        (tmp_path / "result.json").rename(trained / "result.json")
    assert "is no finished run" in capsys.readouterr().err and not (tmp_path / "other").exists()
