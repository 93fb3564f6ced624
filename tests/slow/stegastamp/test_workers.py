"""Folders of pictures shared by two processes: byte for byte what one process gives."""

import json
import re

import cv2

from stegastamp.__main__ import main
from stegastamp.pictures.codec import RELEASED
from tests.fixtures.stegastamp import blobs


def test_two_workers_give_what_one_process_gives(tmp_path, capsys):
    """Encoded, decoded, and measured for a report."""
    photos = tmp_path / "photos"
    photos.mkdir()
    for index in range(4):
        assert cv2.imwrite(str(photos / f"{index}.png"), blobs(160, 192, index))
    (photos / "bad.png").write_bytes(b"no image")
    found = {}
    for workers in ("1", "2"):
        folder = tmp_path / workers
        assert main(["encode", str(photos), str(folder), "--message", "Hello", "--workers", workers]) == 2
        written = sorted(line.replace(str(folder), "") for line in capsys.readouterr().out.splitlines())
        assert main(["decode", str(folder), "--json", "--workers", workers]) == 0
        read = capsys.readouterr().out.replace(str(folder), "")
        (photos / "bad.png").unlink(missing_ok=True)
        page = tmp_path / f"{workers}.html"
        words = ["--images", str(photos), "--report", str(page), "--messages", "1", "--json", "--workers", workers]
        assert main(["evaluate", str(RELEASED / "quick"), *words]) == 0
        printed = json.loads(capsys.readouterr().out)
        report = json.loads((tmp_path / f"{workers}.json").read_text())
        assert report["details"].pop("seconds") > 0 and report["metrics"] == printed["metrics"]
        pictures = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
        (photos / "bad.png").write_bytes(b"no image")
        found[workers] = written, json.loads(read), report, pictures, re.sub(r"measured in \d+ s", "", page.read_text())
    assert len(found["1"][3]) == 4 and found["1"][1]["found"] == 4
    for one, two in zip(*found.values(), strict=True):
        assert one == two
