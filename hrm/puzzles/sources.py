"""The source of puzzles that a configuration asks for."""

from hrm.config import Config
from hrm.puzzles.examples import Source
from hrm.puzzles.mini_arc import MiniArc
from hrm.puzzles.sudoku import Sudoku


def make_source(config: Config) -> Source:
    """Raises ValueError or OSError with one line where the puzzles cannot be had."""
    if config.puzzle == "mini-arc":
        return MiniArc(config.variants, config.pairing, config.seed, config.rules, config.unseen, config.shown)
    if config.puzzle == "sudoku":
        return Sudoku(config.side, config.givens, config.grade, config.pool, config.seed)
    if config.puzzle == "maze":
        from hrm.puzzles.maze import Maze

        return Maze(config.side, config.pool, config.seed)
    if config.puzzle == "arc":
        from hrm.puzzles.arc_grids import ArcGrids

        return ArcGrids(config.path, config.side, config.variants, config.pairing, config.seed, config.unseen, config.shown)
    from hrm.puzzles.published import Published

    return Published(config.path, config.side, config.vocabulary)
