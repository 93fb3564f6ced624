"""Asking another framework's benchmark."""

import pytest

from longrun.errors import UserError
from longrun.measure.peer import ask, medians


def test_lines_of_json_are_read_and_all_else_is_left_alone(tmp_path):
    script = tmp_path / "peer.sh"
    lines = ("warming up", '{"peak": 3}', '{"peer": "torch", "step": "arc", "median_ms": 12.5}', "[1]", "{", "done")
    script.write_text("".join(f"echo '{line}'\n" for line in lines))
    assert ask(f"sh {script}") == {"torch, arc": 12.5}


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("false", "--peer false ended with exit code 1: it said nothing"),
        ("ls /nowhere/peer", "No such file"),
        ("/nowhere/peer", "--peer /nowhere/peer cannot be run: "),
        ("'", "--peer ' cannot be run: "),
        ("echo hello", "--peer echo hello printed no line of JSON"),
        ('echo \'{"peer": "torch"}\'', 'printed no line of JSON with "peer", "step" and "median_ms"'),
    ],
)
def test_a_peer_without_an_answer_is_named(words, line):
    with pytest.raises(UserError, match="--peer") as failure:
        ask(words)
    assert line in str(failure.value) and "\n" not in str(failure.value)


def test_medians_are_over_the_turns_that_have_a_number():
    assert medians([{"a": 1.0, "b": 5.0}, {"a": 3.0}, {"a": 2.0, "c": 9.0}]) == {"a": 2.0, "b": 5.0}
