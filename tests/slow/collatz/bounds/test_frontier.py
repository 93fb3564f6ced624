from collatz.bounds import frontier


def test_there_are_bounds_at_the_largest_lookahead():
    assert all(share > 0 for share in frontier.bounds(64).values())
