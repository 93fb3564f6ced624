import numpy as np

from arc.solving.voting import Vote, ranked

ONE, TWO, THREE = (np.array([[colour]], np.int8) for colour in (1, 2, 3))
WIDE = np.array([[1, 1]], np.int8)


def test_the_most_votes_win_and_confidence_breaks_a_tie():
    votes = [Vote(ONE, 0.9), Vote(TWO, 0.2), Vote(TWO, 0.2), Vote(THREE, 0.5), Vote(WIDE, 0.4)]
    assert [grid.tolist() for grid in ranked(votes)] == [[[2]], [[1]], [[3]], [[1, 1]]]


def test_a_vote_counts_by_its_weight():
    votes = [Vote(ONE, 0.1, 1.0), Vote(TWO, 0.9, 0.4), Vote(TWO, 0.9, 0.4)]
    assert ranked(votes)[0] is ONE
