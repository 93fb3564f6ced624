"""Every kind of the zoo from one seed of development, sick and healthy."""

import json

from longrun.__main__ import main
from longrun.zoo.kinds import KINDS


def test_every_kind_is_found_and_every_twin_is_left_alone(tmp_path, capsys):
    assert main(["zoo", "--run", str(tmp_path), "--seeds", "1", "--first", "102", "--workers", "2"]) == 0
    found = json.loads((tmp_path / "zoo.json").read_text())
    assert (found["sick"], found["healthy"]) == (len(KINDS), len(KINDS))
    assert (found["missed"], found["alarms"]) == ([], [])
    page = capsys.readouterr().out
    assert "False alarms: 0 of" in page and "All guards together cost" in page
