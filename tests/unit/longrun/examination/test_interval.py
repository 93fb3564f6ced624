"""Means of an interval from means of an epoch."""

from longrun.examination.interval import Interval


def test_the_mean_since_the_last_look():
    losses, found, interval = [3.0, 1.0, 2.0, 4.0], [], Interval()
    for count in (1, 3, 4):
        found.append(interval.mean(sum(losses[:count]) / count, count))
    assert found == [3.0, 1.5, 4.0]
