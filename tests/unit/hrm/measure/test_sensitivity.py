"""Measures of input sensitivity by hand, on networks that use the input, ignore it, or have one answer for everything."""

from dataclasses import replace

import numpy as np
import pytest

from hrm.measure.sensitivity import majority_answers, measure, original_check
from hrm.puzzles.examples import IGNORED, Examples


def examples(labels, task=None, tokens=None) -> Examples:
    labels = np.array(labels, np.int32)
    task = np.zeros(len(labels), np.int32) if task is None else np.array(task, np.int32)
    return Examples(labels if tokens is None else tokens, labels, task, task, np.zeros(len(labels), np.float32))


def logits_of(answers, classes=4, height=5.0):
    return height * np.eye(classes)[np.array(answers)]


def test_a_network_that_knows_the_answers():
    found = measure(examples([[0, 1], [1, 2], [2, 0]]), np.array([[0, 1], [1, 2], [2, 0]]), logits_of([[0, 1], [1, 2], [2, 0]]))
    assert found.input_sensitivity == 1.0 and found.answer_variation == found.target_variation == found.variation_ratio == 1.0
    assert found.above_majority == pytest.approx(1 - 1 / 3) and found.classes == 3
    weight = np.exp(5) / (np.exp(5) + 3)
    assert found.total_variation == pytest.approx(weight - (1 - weight) / 3)


def test_the_commonest_answer_has_no_sensitivity_and_nothing_above_itself():
    puzzles = examples([[0, 1], [0, 1], [0, 2], [3, 1]])
    answers = majority_answers(puzzles)
    assert answers.tolist() == [[0, 1]] * 4
    found = measure(puzzles, answers, logits_of(answers))
    assert (found.input_sensitivity, found.answer_variation, found.variation_ratio, found.above_majority) == (0, 0, 0, 0)


def test_the_majority_of_others_does_not_know_the_example_s_own_label():
    puzzles = examples([[1, 1], [1, 2], [2, 2], [3, 3]], task=[0, 0, 0, 1])
    assert majority_answers(puzzles, of_others=True).tolist() == [[1, 2], [1, 1], [1, 1], [0, 0]]


def test_answers_that_vary_without_regard_to_the_input_have_no_sensitivity():
    numbers = np.random.default_rng(0)
    labels, answers = (numbers.integers(0, 4, (500, 30)) for _ in range(2))
    found = measure(examples(labels), answers, logits_of(answers))
    assert abs(found.input_sensitivity) < 0.02 and found.variation_ratio > 0.9 and found.above_majority < 0


def test_ignored_cells_count_for_nothing_and_tasks_are_weighed_by_the_median():
    labels = [[0, IGNORED], [1, IGNORED], [2, 2], [3, 3], [0, 1], [1, 0]]
    answers = np.array([[0, 3], [1, 3], [2, 2], [3, 3], [0, 0], [0, 0]])
    found = measure(examples(labels, task=[0, 0, 1, 1, 2, 2]), answers, logits_of(answers))
    assert found.input_sensitivity == 1.0  # The third task's 0 is not the median of 1, 1, 0.


def test_the_only_example_of_a_task_has_nothing_to_be_held_against():
    labels, alone = np.array([[0, 1], [1, 2], [2, 0]]), np.array([[3, 3]] * 4)
    several = measure(examples(labels), labels, logits_of(labels))
    labels = np.concatenate([labels, alone])
    assert measure(examples(labels, task=[0, 0, 0, 1, 2, 3, 4]), labels, logits_of(labels)) == replace(several, classes=4.0)


def test_where_no_task_has_two_examples_nothing_shows_that_the_input_is_used():
    labels = np.array([[0, 1], [1, 2], [2, 0]])
    found = measure(examples(labels, task=[0, 1, 2]), labels, logits_of(labels)).numbers()
    assert found.pop("classes") == 3 and set(found.values()) == {0.0}


def test_the_old_check_passes_at_the_smallest_difference_in_one_logit():
    still = lambda tokens: np.ones((5, 4, 12))  # noqa: E731
    assert not original_check(still, 4)

    def nearly_still(tokens):
        logits = np.ones((5, 4, 12))
        logits[4, 3, 11] += 0.0011
        return logits

    assert original_check(nearly_still, 4)
    assert (nearly_still(None).argmax(axis=2) == nearly_still(None).argmax(axis=2)[0]).sum() >= 19
