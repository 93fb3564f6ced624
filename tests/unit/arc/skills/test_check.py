"""The verifiers on ARC's own pairs, and that the check can fail."""

from dataclasses import replace

import numpy as np
import pytest

from arc.grids.tasks import grid_key
from arc.skills import CATEGORIES, SKILLS, VALIDATION, check_generated, check_real_pairs, draw_pair, real_inputs, real_pairs, show


def test_the_verifiers_solve_74_of_74_real_pairs():
    check = check_real_pairs()
    assert check.passed and check.solved == check.total and sum(check.total.values()) == 74
    assert "real pairs: 74 of 74 solved" in check.text() and len(check.total) == 18


def test_43_real_pairs_of_12_tasks_fit_ten_by_ten():
    pairs = real_pairs(10)
    assert len(pairs) == 12 and sum(map(len, pairs.values())) == 43


def test_real_inputs_can_be_kept_unseen():
    def drawn(exclude):
        return {grid_key(draw_pair("a9f96cdd", 0, index, cap=10, exclude=exclude).input) for index in range(1500)}

    assert len(real_inputs()) == 74
    assert not drawn(()).isdisjoint(real_inputs()) and drawn(real_inputs()).isdisjoint(real_inputs())


@pytest.mark.parametrize("cap", [10, 30])
def test_generated_pairs_pass_the_same_check(cap):
    check = check_generated(15, cap=cap)
    assert check.passed and sum(check.total.values()) == 18 * 15


def test_a_wrong_verifier_is_found_and_named(monkeypatch):
    monkeypatch.setitem(SKILLS, "6d0aefbc", replace(SKILLS["6d0aefbc"], solve=lambda grid: np.hstack([grid, grid])))
    monkeypatch.setitem(SKILLS, "9172f3a0", replace(SKILLS["9172f3a0"], solve=SKILLS["85c4e7cd"].solve))
    check = check_real_pairs()
    assert not check.passed and check.solved["9172f3a0"] == 0 and check.solved["8be77c9e"] == 4
    assert "6d0aefbc: pair 0: the verifier's answer is not the output" in check.failures
    assert "9172f3a0: pair 0: expected concentric rings of one colour each" in check.failures
    assert check.failures[-1] in check.text()


def test_a_generator_that_exceeds_its_cap_or_colours_is_found(monkeypatch):
    def too_wide(generator, cap, difficulty):
        return np.ones((2, cap), np.int8), np.ones((2, 2 * cap), np.int8)

    def eleven(generator, cap, difficulty):
        return np.full((2, 2), 11, np.int8), np.full((4, 2), 11, np.int8)

    monkeypatch.setitem(SKILLS, "6d0aefbc", replace(SKILLS["6d0aefbc"], generate=too_wide))
    monkeypatch.setitem(SKILLS, "8be77c9e", replace(SKILLS["8be77c9e"], generate=eleven))
    check = check_generated(1, cap=10)
    assert [failure for failure in check.failures if failure.startswith("6d0aefbc")] == ["6d0aefbc: pair 0: output is larger than 10"]
    assert any("8be77c9e" in failure and "colour 11" in failure for failure in check.failures)


def test_the_skills_are_those_of_the_original_study():
    assert VALIDATION == ("a9f96cdd", "b27ca6d3", "c1d99e64", "dbc1a6ce")
    counts = {category: sum(entry.category == category for entry in SKILLS.values()) for category in CATEGORIES}
    assert counts == {"S1": 2, "S2": 2, "S3": 4, "C1": 3, "C2": 2, "K1": 1, "L1": 1, "A1": 1, "A2": 2}


def test_a_skill_is_shown_as_text_and_picture(tmp_path):
    text = show("85c4e7cd", count=2, seed=4, path=tmp_path / "rings.png")
    assert text.startswith("85c4e7cd  S3 topology: reverse rings\nConcentric rings") and text.count("->") == 2
    assert text == show("85c4e7cd", count=2, seed=4) != show("85c4e7cd", count=2, seed=5)
    assert (tmp_path / "rings.png").read_bytes().startswith(b"\x89PNG")
