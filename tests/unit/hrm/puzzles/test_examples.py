"""What examples of one task have to do with each other, and fingerprints."""

import numpy as np

from hrm.puzzles.examples import digest, fingerprint, has_partner, partners


def test_partners_stay_within_a_task():
    task = np.array([0, 1, 0, 1, 1, 2])
    partner = partners(task)
    assert (task[partner] == task).all() and (partner != np.arange(6)).tolist() == [True] * 5 + [False]
    assert has_partner(task).tolist() == [True] * 5 + [False]


def test_a_fingerprint_is_of_the_names_in_their_order():
    assert fingerprint(["a", "b"]) == "3554d2b8a1e34099"  # It stands in the checkpoints of runs.
    assert len({fingerprint(names) for names in (["a", "b"], ["b", "a"], ["ab"])}) == 3
    assert digest([b"ab", b"c"]) == digest([b"a", b"bc"]) != digest([b"ab"])
