"""The source of puzzles that a configuration asks for."""

from collections.abc import Sequence

from hrm.config import Config
from hrm.puzzles.examples import Source
from hrm.puzzles.mini_arc import MiniArc
from hrm.puzzles.sudoku import Sudoku


def make_source(config: Config, draws: str = "puzzles", identifiers: Sequence[str] = ()) -> Source:
    """The source of a training, or of a judge. Raises UserError or OSError with one line where the puzzles cannot be had.

    draws: what of a published folder is drawn equally often, see Published. identifiers: the names of a table's rows, where they are known;
    those of a published table for ARC say which row a task has.
    """
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
        from hrm.puzzles.arc_names import are_published

        names = identifiers if are_published(identifiers) else ()
        return ArcGrids(data.path, data.side, data.variants, data.pairing, seed, data.unseen, shown, names)
    from hrm.puzzles.published import Published

    return Published(data.path, data.side, data.vocabulary, draws)
