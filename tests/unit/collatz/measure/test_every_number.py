import csv
import json

import numpy as np
import pytest

from collatz.functions.closed_forms import logarithm, window_maximum
from collatz.measure import every_number as verification
from collatz.numbers.features import reference_features
from collatz.numbers.syracuse import syracuse_step
from longrun import UserError


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(verification, "CHUNK", 64)
    monkeypatch.setattr(verification, "_SAVE_EVERY", 3)


def verify(value, function, lookahead, up_to, folder, on_chunk=None):
    return verification.verify(verification.in_this_process(value, lookahead), function, lookahead, up_to, folder, on_chunk)


def rows_of(folder):
    with open(folder / "violations.csv", newline="") as file:
        return [(int(row["n"]), int(row["t1"])) for row in csv.DictReader(file)]


def test_every_violating_number_is_written(tmp_path):
    progress = verify(logarithm, "ln n", 5, 3000, tmp_path)
    expected = [(n, syracuse_step(n)[0]) for n in range(3, 3001, 2) if syracuse_step(n)[0] > n]
    assert rows_of(tmp_path) == expected
    assert sum(progress.numbers) == 1499
    assert sum(progress.violations) == len(expected)
    assert progress.largest_violating == expected[-1][0]
    assert progress.worst_margin == pytest.approx(np.log(3 / 5), abs=1e-5)
    assert progress.numbers[:6] == [0, 0, 1, 2, 4, 8]


def test_numbers_agree_with_one_by_one_checks(tmp_path):
    verify(window_maximum, "window maximum", 4, 999, tmp_path)

    def value(n):
        return window_maximum(reference_features(n, 4)[None])[0]

    assert [n for n, _ in rows_of(tmp_path)] == [n for n in range(3, 1000, 2) if value(n) <= value(syracuse_step(n)[0])]


def test_whoever_is_done_first_the_files_are_the_same(tmp_path):
    whole = verify(logarithm, "ln n", 5, 3000, tmp_path / "whole")

    def backwards(parts):
        return reversed(list(verification.in_this_process(logarithm, 5)(parts)))

    assert verification.verify(backwards, "ln n", 5, 3000, tmp_path / "backwards") == whole
    for name in ("violations.csv", "verification.json"):
        assert (tmp_path / "backwards" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_more_than_is_given_out_at_once(tmp_path, monkeypatch):
    whole = verify(logarithm, "ln n", 5, 3000, tmp_path / "whole")
    monkeypatch.setattr(verification, "ROUND", 2)
    assert verify(logarithm, "ln n", 5, 3000, tmp_path / "rounds") == whole


class Killed(Exception):
    pass


@pytest.mark.parametrize("chunks", [1, 3, 5, 7])
def test_a_killed_verification_continues_to_the_same_result(tmp_path, chunks):
    whole = verify(logarithm, "ln n", 5, 2001, tmp_path / "whole")
    seen = []

    def kill(progress, checked):
        seen.append(progress.following)
        if len(seen) == chunks:
            raise Killed

    with pytest.raises(Killed):
        verify(logarithm, "ln n", 5, 2001, tmp_path / "killed", kill)
    resumed = verify(logarithm, "ln n", 5, 2001, tmp_path / "killed")
    assert resumed == whole
    assert (tmp_path / "killed/violations.csv").read_bytes() == (tmp_path / "whole/violations.csv").read_bytes()


def test_stopping_saves_what_was_checked(tmp_path):
    stopped = verify(logarithm, "ln n", 5, 2001, tmp_path / "stopped", lambda progress, checked: checked >= 128)
    assert stopped.following == 3 + 256
    assert json.loads((tmp_path / "stopped/verification.json").read_text())["following"] == stopped.following
    whole = verify(logarithm, "ln n", 5, 2001, tmp_path / "whole")
    assert verify(logarithm, "ln n", 5, 2001, tmp_path / "stopped") == whole


def test_a_larger_limit_goes_on(tmp_path):
    verify(logarithm, "ln n", 5, 500, tmp_path / "steps")
    seen = []
    longer = verify(logarithm, "ln n", 5, 1000, tmp_path / "steps", lambda progress, checked: seen.append((progress.following, checked)))
    assert seen[0] == (501 + 128, 64) and seen[-1] == (1001, 250)
    assert longer == verify(logarithm, "ln n", 5, 1000, tmp_path / "once")


def test_another_function_is_refused(tmp_path):
    verify(logarithm, "ln n", 5, 100, tmp_path)
    with pytest.raises(UserError, match="verifies ln n at lookahead 5, not other at lookahead 5"):
        verify(logarithm, "other", 5, 100, tmp_path)


def test_a_damaged_folder_is_named(tmp_path):
    verify(logarithm, "ln n", 5, 100, tmp_path)
    (tmp_path / "violations.csv").write_text("n,t1\n")
    with pytest.raises(UserError, match="violations.csv is shorter than"):
        verify(logarithm, "ln n", 5, 200, tmp_path)
    state = json.loads((tmp_path / "verification.json").read_text())
    for damaged in ({"nothing": 1}, [], state | {"following": "5"}, state | {"numbers": [1]}, state | {"violations": ["x"] * 54}):
        (tmp_path / "verification.json").write_text(json.dumps(damaged))
        with pytest.raises(UserError, match="verification.json is not the state of a verification"):
            verify(logarithm, "ln n", 5, 200, tmp_path)
    (tmp_path / "verification.json").write_text("")
    with pytest.raises(UserError, match="verification.json is not the state of a verification"):
        verify(logarithm, "ln n", 5, 200, tmp_path)


@pytest.mark.parametrize("up_to", [2, 0, 1 << 53])
def test_limits(tmp_path, up_to):
    with pytest.raises(UserError, match=f"up_to is {up_to}"):
        verify(logarithm, "ln n", 5, up_to, tmp_path)


def test_not_a_number_is_a_violation(tmp_path):
    progress = verify(lambda features: np.full(len(features), np.nan), "nothing", 5, 21, tmp_path)
    assert sum(progress.violations) == 10
