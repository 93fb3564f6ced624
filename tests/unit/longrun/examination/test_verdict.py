"""Verdicts, their table and their numbers."""

import json
import math

from longrun.examination.verdict import fine, judged, not_applicable, table


def test_the_table_has_a_line_for_each_and_what_to_do_for_the_sick():
    found = [
        fine("all is well", 1).named("one", 0.5),
        judged(False, "a fault", 2.0, floor=0, limit=1, advice="mend it").named("two", 1.0),
        not_applicable("nothing was told").named("three", 0),
    ]
    lines = table(found).splitlines()
    assert lines[2] == "| one | ok | 1 | - | - | 0.5 | all is well |"
    assert lines[3] == "| two | SICK | 2 | 0 | 1 | 1.0 | a fault |"
    assert lines[4] == "| three | not applicable | - | - | - | 0.0 | because nothing was told |"
    assert lines[-1] == "- two: mend it"
    assert "What to do" not in table(found[:1])


def test_numbers_are_json_whatever_they_are():
    found = judged(False, "a fault", math.nan, limit=math.inf, advice="mend it").numbers()
    assert json.loads(json.dumps(found, allow_nan=False))["value"] == "nan"
