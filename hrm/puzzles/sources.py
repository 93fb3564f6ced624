"""The source of puzzles that a configuration asks for."""

from hrm.config import Config
from hrm.puzzles.examples import Source
from hrm.puzzles.mini_arc import MiniArc
from hrm.puzzles.sudoku import Sudoku


def make_source(config: Config, draws: str = "puzzles") -> Source:
    """draws: what of a published folder, see Published. Raises UserError or OSError with one line where the puzzles cannot be had."""
    data, seed, shown = config.data, config.run.seed, config.model.shown
    if data.puzzle == "mini-arc":
        return MiniArc(data.variants, data.pairing, seed, data.rules, data.unseen, shown)
    if data.puzzle == "sudoku" and data.grade == "hard":
        from hrm.puzzles.hard import HardSudoku

        return HardSudoku(data.side, data.pool, data.hard_pools, data.hard_every, data.hard_share, data.curriculum, seed)
    if data.puzzle == "sudoku":
        return Sudoku(data.side, data.givens, data.grade, data.pool, seed)
    if data.puzzle == "maze":
        from hrm.puzzles.maze import Maze

        return Maze(data.side, data.pool, seed)
    if data.puzzle == "arc":
        from hrm.puzzles.arc_grids import ArcGrids

        return ArcGrids(data.path, data.side, data.variants, data.pairing, seed, data.unseen, shown)
    from hrm.puzzles.published import Published

    return Published(data.path, data.side, data.vocabulary, draws)
