"""The Syracuse map on Python integers: exact, slow, and the reference for everything that is vectorised.

T(n) = (3n + 1) / 2^k for odd n > 1, with k the valuation: the number of factors two in 3n + 1.
"""

from collections.abc import Iterator

LOG2_3 = 1.5849625007211563
NUMBER_LIMIT = 1 << 128
"""Numbers handled by the vectorised path are odd, positive and smaller than this."""


def valuation(number: int) -> int:
    """Number of factors two in `number`; 0 for 0."""
    return (number & -number).bit_length() - 1 if number else 0


def syracuse_step(number: int) -> tuple[int, int]:
    """(T(n), k). One stays one with k = 0; an even number loses its factors two, k = 0, and is not multiplied."""
    if number <= 1:
        return 1, 0
    if number % 2 == 0:
        return number >> valuation(number), 0
    tripled = 3 * number + 1
    k = valuation(tripled)
    return tripled >> k, k


def iterate(number: int, steps: int) -> int:
    """T applied `steps` times; one as soon as one is reached."""
    for _ in range(steps):
        if number <= 1:
            return 1
        number, _ = syracuse_step(number)
    return number


def trajectory(number: int) -> list[int]:
    """[n, T(n), ..., 1] for a positive n. The number of steps is one less than the length."""
    check_positive(number)
    values = [number]
    while values[-1] != 1:
        values.append(syracuse_step(values[-1])[0])
    return values


def valuation_window(number: int, length: int) -> list[int]:
    """k_1 ... k_length of an odd number under the unguarded map, where one is a fixed point with k = 2."""
    return [k for _, k in _unguarded(number, length)]


def collatz_orbit_statistics(number: int, limit: int = 200_000) -> tuple[int, int]:
    """(steps to one, largest value) of the ordinary Collatz orbit, 3n + 1 and n / 2 counted separately, at most `limit`
    steps.
    """
    check_positive(number)
    steps, largest, limit_left = 0, number, limit
    while number != 1 and limit_left > 0:
        if number % 2:
            number = 3 * number + 1
            largest = max(largest, number)
            steps, limit_left = steps + 1, limit_left - 1
        halvings = min(valuation(number), limit_left)
        number >>= halvings
        steps, limit_left = steps + halvings, limit_left - halvings
    return steps, largest


def check_positive(number: int) -> None:
    """ValueError unless the number is a positive integer."""
    if number < 1:
        raise ValueError(f"n = {number} is not positive")


def check_number(number: int, where: str = "") -> None:
    """ValueError unless `number` is odd, positive and below 2^128; `where` begins the message."""
    if fault := fault_of(number):
        raise ValueError(f"{where}: {fault}" if where else fault)


def fault_of(number: int) -> str:
    """Why a number is not odd, positive and below 2^128, in words; empty where it is."""
    if number < 1:
        return f"n = {number} is not positive"
    if number % 2 == 0:
        return f"n = {number} is even, an odd number is needed"
    return f"n = {number} is not below 2^128" if number >= NUMBER_LIMIT else ""


def _unguarded(number: int, length: int) -> Iterator[tuple[int, int]]:
    for _ in range(length):
        tripled = 3 * number + 1
        k = valuation(tripled)
        number = tripled >> k
        yield number, k
