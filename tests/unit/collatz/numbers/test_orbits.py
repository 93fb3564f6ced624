import numpy as np

from collatz.numbers.limbs import from_integers, to_integers
from collatz.numbers.orbits import orbits
from collatz.numbers.syracuse import trajectory


def test_orbits_leave_out_what_features_cannot_hold():
    number = (1 << 127) - 1  # climbs above 2^128 at its second step
    values = to_integers(orbits([number]).values)
    assert number in values
    assert max(values) < 1 << 128
    assert max(trajectory(number)) >= 1 << 128


def test_orbits_stand_end_to_end():
    pool = orbits([27, 31])
    assert len(pool) == 2
    assert pool.lengths.tolist() == [len(trajectory(27)) - 1, len(trajectory(31)) - 1]
    assert np.array_equal(pool.numbers, from_integers([27, 31]))
