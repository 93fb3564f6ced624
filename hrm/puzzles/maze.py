"""Mazes with exactly one shortest path from S to G; the answer is the maze with that path marked.

Passages of a random spanning tree on the odd cells, with some further openings, so that finding the way is more than following walls.
"""

from functools import cache, cached_property

import numpy as np

from arc.grids.symmetries import SYMMETRIES, dihedral
from hrm.puzzles.examples import Examples, generator

WALL, FREE, START, GOAL, PATH = 1, 2, 3, 4, 5
"""Tokens, in the order of the published alphabet "# SGo"; 0 is PAD."""
OPENINGS = 0.05
"""Share of the inner walls between two cells that are opened beyond the spanning tree."""
_STEPS = ((-1, 0), (1, 0), (0, -1), (0, 1))


def random_maze(numbers: np.random.Generator, side: int) -> np.ndarray:
    """A maze without S and G, (side, side) int32 of WALL and FREE; an even side has two walls at the end. Grown by a depth-first walk."""
    maze = np.full((side, side), WALL, np.int32)
    cells = (side - 1) // 2
    order = numbers.random((cells, cells, 4)).argsort(axis=2)
    maze[1, 1] = FREE
    trail, tried = [(0, 0)], np.zeros((cells, cells), int)
    while trail:
        row, column = trail[-1]
        if tried[row, column] == 4:
            trail.pop()
            continue
        down, right = _STEPS[order[row, column, tried[row, column]]]
        tried[row, column] += 1
        next_row, next_column = row + down, column + right
        if 0 <= next_row < cells and 0 <= next_column < cells and maze[2 * next_row + 1, 2 * next_column + 1] == WALL:
            maze[2 * row + 1 + down, 2 * column + 1 + right] = FREE
            maze[2 * next_row + 1, 2 * next_column + 1] = FREE
            trail.append((next_row, next_column))
    inner = maze[1 : 2 * cells, 1 : 2 * cells]
    row, column = np.indices(inner.shape)
    between = (row + column) % 2 == 1  # Walls between two cells, and passages.
    inner[between & (inner == WALL) & (numbers.random(inner.shape) < OPENINGS)] = FREE
    return maze


def distances(free: np.ndarray, start: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Steps from `start` to every free cell (-1: no way), and how many shortest paths there are, up to 2; free (H, W) bool."""
    steps, paths = np.full(free.shape, -1), np.zeros(free.shape, int)
    steps[start], paths[start] = 0, 1
    front = [start]
    while front:
        following = []
        for row, column in front:
            for down, right in _STEPS:
                place = row + down, column + right
                if not (0 <= place[0] < free.shape[0] and 0 <= place[1] < free.shape[1]) or not free[place]:
                    continue
                if steps[place] < 0:
                    steps[place] = steps[row, column] + 1
                    following.append(place)
                if steps[place] == steps[row, column] + 1:
                    paths[place] = min(paths[place] + paths[row, column], 2)
        front = following
    return steps, paths


def shortest_path(maze: np.ndarray) -> np.ndarray | None:
    """The maze with its shortest path from S to G marked, or None where there is none or more than one. ValueError without S or G."""
    ends = [np.argwhere(maze == token) for token in (START, GOAL)]
    if any(len(places) != 1 for places in ends):
        raise ValueError(f"a maze has one S and one G, not {len(ends[0])} and {len(ends[1])}")
    start, goal = (tuple(int(i) for i in places[0]) for places in ends)
    steps, paths = distances(maze != WALL, start)
    if paths[goal] != 1:
        return None
    solved, place = maze.copy(), goal
    while steps[place] > 1:
        neighbours = [(place[0] + down, place[1] + right) for down, right in _STEPS]
        place = next(n for n in neighbours if min(n) >= 0 and max(n) < len(maze) and steps[n] == steps[place] - 1 and paths[n])
        solved[place] = PATH
    return solved


def puzzle(numbers: np.random.Generator, side: int) -> tuple[np.ndarray, np.ndarray, int]:
    """A maze, its answer, and the length of the path, which is at least the side."""
    while True:
        maze = random_maze(numbers, side)
        free = np.argwhere(maze == FREE)
        start = tuple(free[numbers.integers(len(free))])
        steps, paths = distances(maze == FREE, start)
        goals = np.argwhere((paths == 1) & (steps >= side))
        if len(goals):
            goal = tuple(goals[numbers.integers(len(goals))])
            maze[start], maze[goal] = START, GOAL
            return maze, shortest_path(maze), int(steps[goal])


@cache
def _symmetries(side):
    """(8, N) int: which cell comes to each place under each symmetry of the square."""
    return np.stack([dihedral(np.arange(side * side).reshape(side, side), symmetry).ravel() for symmetry in range(SYMMETRIES)])


class Maze:
    """A pool of mazes; a step shows them under the eight symmetries of the square."""

    tasks = ("maze",)
    identifiers = ("maze",)
    content = ""

    def __init__(self, side: int, pool: int, seed: int):
        self._side, self._size, self._seed = side, pool, seed

    @cached_property
    def _pool(self):
        # Not before the first step: a judge needs the held-out mazes alone.
        return self._make(generator(self._seed, 0, "maze pool"), self._size)

    def batch(self, seed: int, step: int, count: int) -> Examples:
        """Mazes of a training step."""
        numbers = generator(seed, step, "maze")
        chosen = numbers.integers(0, len(self._pool[0]), count)
        index = _symmetries(self._side)[numbers.integers(0, SYMMETRIES, count)]
        mazes, answers, length = (array[chosen] for array in self._pool)
        mazes, answers = (np.take_along_axis(grids.reshape(count, -1), index, axis=1) for grids in (mazes, answers))
        return self._examples(mazes, answers, length)

    def held_out(self, count: int) -> Examples:
        """Mazes of another generator, none of which is in the pool in any symmetry but by a chance of practically nought."""
        return self._examples(*self._make(generator(0, 0, "maze held out"), count))

    def probes(self, held_out: Examples) -> Examples:
        """The held-out mazes: there is one task."""
        return held_out

    def _make(self, numbers, count):
        found = [puzzle(numbers, self._side) for _ in range(count)]
        return np.stack([f[0] for f in found]), np.stack([f[1] for f in found]), np.array([f[2] for f in found], np.float32)

    def _examples(self, mazes, answers, length):
        zeros, cells = np.zeros(len(mazes), np.int32), self._side**2
        return Examples(mazes.reshape(-1, cells).astype(np.int32), answers.reshape(-1, cells).astype(np.int32), zeros, zeros, length)
