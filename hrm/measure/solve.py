"""Solving puzzles that a person brings: `python -m hrm solve`."""

from json import dumps
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from arc.grids.tasks import Pair, Task
from hrm.measure import filling, pictures
from hrm.measure import looks as several
from hrm.measure.evaluate import exact
from hrm.network.reasoner import Reasoner, Thoughts, load
from hrm.puzzles import arc_grids, asked, maze
from hrm.puzzles.arc_names import are_published, rows_by_task
from hrm.puzzles.asked import Asked
from hrm.puzzles.examples import IGNORED, PAD, Examples
from hrm.puzzles.sources import make_source
from longrun.errors import UserError
from longrun.release import shipped
from longrun.run.output import check_output

RELEASED = shipped.released("hrm")
DEFAULTS = {("sudoku", 9): "sudoku9-hard", ("sudoku", 6): "sudoku6", ("files", 9): "sudoku9-hard", ("files", 6): "sudoku6"}
"""Kind and side of puzzles -> released reasoner."""
SHOWN = 20
"""Puzzles in a picture at most."""


class Question(NamedTuple):
    """Puzzles as a reasoner takes them."""

    names: list[str]
    examples: Examples


def solve(
    puzzles: str,
    /,
    *,
    checkpoint: str = "",
    count: int = 0,
    segments: int = 0,
    looks: int = 0,
    json: bool = False,
    picture: str = "",
    show: bool = False,
    runtime: Literal["", "keras", "onnx"] = "",
) -> int:
    """Solve puzzles of your own, and print the boards.

    Exit code 1 where an answer breaks the rules of its puzzle, or is not the one that is known.

    puzzles: A Sudoku in a line (16, 36 or 81 characters, blanks are dots or zeros), or a file or folder: Sudokus one a line, a CSV of
        Sudokus, mazes of "# SG" with an empty line between them, a published folder of NPY files, or ARC tasks.
    checkpoint: A run folder, a checkpoint in it, or a folder of released weights; empty: the released one that fits.
    count: Puzzles, from the first; 0: all.
    segments: Segments each puzzle is given; 0: as many as in training.
    looks: Looks at each Sudoku until an answer keeps the rules, each further one from a random start and with a digit assumed; 0: up to 32.
    json: Print one JSON object on stdout and nothing else there.
    picture: A PNG file for the question, the answer after every segment and of every look as long as it changes, and the right
        answer, where known, of the first 20; or a GIF file in which their boards fill, or an HTML page in which a slider fills them.
    show: Print the board after every segment and every look; what has changed stands in brackets.
    runtime: What computes the network; empty: onnxruntime where the weights have an ONNX file, as released ones have, else Keras.

    Example:
        python -m hrm solve 530070000600195000098000060800060003400803001700020006060000280000419005000080079
    """
    if min(count, segments, looks) < 0:
        raise UserError(f"count, segments and looks must not be negative, not {count}, {segments} and {looks}")
    if picture and not picture.endswith((".png", ".gif", ".html")):
        raise UserError(f"{picture} must end in .png, .gif or .html")
    if picture:
        check_output(picture)
    found = asked.read(puzzles)
    if show and (json or found.kind not in ("sudoku", "maze")):
        raise UserError("--show prints Sudokus and mazes, and no JSON: --picture FILE.html shows boards of any kind")
    reasoner = load(checkpoint or _released(found), runtime)
    question = _question(reasoner, found, count)
    thoughts = reasoner.consider(question.examples, segments)
    most = len(thoughts.answers)
    looks = looks or (several.MOST if found.kind == "sudoku" else 1)
    if looks > 1:
        thoughts = after_looks(thoughts, several.look(reasoner, question.examples, looks, segments, assume=True, first=thoughts))
    if picture.endswith(".html"):
        boards = [filling.stages(question.examples, thoughts, row, most) for row in range(min(SHOWN, len(question.names)))]
        filling.write_page(Path(picture), reasoner.config.data, question.names[:SHOWN], boards)
    elif picture.endswith(".gif"):
        pictures.animate(Path(picture), reasoner.config.data, question.examples, thoughts, SHOWN)
    elif picture:
        pictures.save(Path(picture), pictures.solved(reasoner.config.data, question.examples, thoughts, SHOWN))
    verdicts = _verdicts(found, question.examples, thoughts)
    solved = sum(verdict in ("right", "valid", "answered") for verdict in verdicts)
    if json:
        print(dumps({"checkpoint": reasoner.preset, "solved": solved, "puzzles": list(_listed(found, question, thoughts, verdicts))}))
        return int(solved < len(verdicts))
    for row, one in enumerate(_listed(found, question, thoughts, verdicts)):
        if show:
            print(_filled(found, filling.stages(question.examples, thoughts, row, most)), end="\n\n")
        rows = one["answer"] if isinstance(one["answer"], list) else _rows(one["answer"], found)
        print("\n".join([f"{one['name']}: {one['verdict']}, {_effort(one['segments'], most)}", *map(_row, rows), ""]))
    print(f"{solved} of {len(verdicts)} solved by {reasoner.preset}")
    return int(solved < len(verdicts))


def after_looks(thoughts: Thoughts, found: several.Looks) -> Thoughts:
    """The segments of the first look, and then the answer of each other one that was needed; what counts is the answer of all looks."""
    needed = int((found.segments > 0).any(axis=1).sum())
    answers = np.concatenate([thoughts.answers, found.answers[1:needed]])
    # The first look's answer is that of the segment which keeps the rules.
    used = np.where(found.first == 0, found.segments[0] - 1, len(thoughts.answers) + found.first - 1)
    return thoughts._replace(answers=answers, used=used)


def _released(found: Asked) -> Path:
    name = DEFAULTS.get((found.kind, found.side))
    if name is None:
        what = "ARC tasks" if found.kind == "arc" else f"{found.kind} of side {found.side}"
        raise UserError(f"no released reasoner answers {what}: name one by --checkpoint")
    return RELEASED / name


def _question(reasoner: Reasoner, found: Asked, count: int) -> Question:
    """The puzzles, where the reasoner was trained on such. UserError where it was not."""
    data = reasoner.config.data
    if found.examples is None:
        return _of_tasks(reasoner, found.tasks, count)
    fits = data.side == found.side and (found.kind in (data.puzzle, "files") or data.puzzle == "files")
    examples = found.examples.rows(slice(count or None))
    largest = int(examples.tokens.max())
    if not fits or largest >= data.vocabulary:
        has = f"{found.kind} of side {found.side} with tokens up to {largest}"
        raise UserError(f"{reasoner.preset} answers {data.puzzle} of side {data.side} with tokens up to {data.vocabulary - 1}, not {has}")
    if reasoner.rows and examples.identifier.max():
        known = reasoner.identifiers or make_source(reasoner.config).identifiers
        if known != found.names:
            raise UserError(f"{reasoner.preset} has learnt vectors of other puzzles than these: their identifiers are not its own")
    return Question([f"puzzle {number}" for number in range(1, len(examples.tokens) + 1)], examples)


def _of_tasks(reasoner: Reasoner, tasks: tuple[Task, ...], count: int) -> Question:
    """Test inputs of ARC tasks; a reasoner that is not shown demonstrations knows the tasks that it was trained on alone."""
    config, side = reasoner.config, reasoner.config.data.side
    if config.data.puzzle not in ("arc", "mini-arc") or (config.data.puzzle == "mini-arc" and not config.model.shown[1]):
        raise UserError(f"{reasoner.preset} answers {config.data.puzzle}, not ARC tasks")
    known = {} if config.model.shown[1] else _rows_of_tasks(reasoner)
    names, rows = [], []
    for task in tasks:
        if not config.model.shown[1] and task.id not in known:
            raise UserError(f"{reasoner.preset} was shown nothing of task {task.id[:60]}: it has no vector of it")
        largest = max(max(grid.shape) for pair in task.pairs for grid in (pair.input, pair.output) if grid is not None)
        if largest > side:
            raise UserError(f"task {task.id[:60]} has a grid of side {largest}; {reasoner.preset} takes {side}")
        for number, pair in enumerate(task.test, 1):
            names.append(f"task {task.id} test {number}")
            rows.append((*_sequences(pair, side), known.get(task.id, 0), _demonstrations(task, config.model.shown[1], side)))
    tokens, labels, identifier, shown = zip(*rows[: count or None], strict=True)
    numbers = np.array(identifier, np.int32)
    demonstrations = np.stack(shown) if config.model.shown[1] else None
    zeros = np.zeros(len(tokens), np.float32)
    return Question(names, Examples(np.stack(tokens), np.stack(labels), numbers, numbers, zeros, demonstrations))


def _rows_of_tasks(reasoner: Reasoner) -> dict[str, int]:
    if are_published(reasoner.identifiers):
        return {name: rows[0][0] for name, rows in rows_by_task(reasoner.identifiers).items()}
    source = make_source(reasoner.config)
    reasoner.require_identifiers(source.identifiers)
    return {name: source.variants_of(task)[0][0] for task, name in enumerate(source.tasks)}


def _sequences(pair: Pair, side: int) -> tuple[np.ndarray, np.ndarray]:
    unknown = np.full(side * side, IGNORED, np.int32)
    answer = unknown if pair.output is None else arc_grids.sequence(pair.output, side)
    return arc_grids.sequence(pair.input, side), np.where(answer == PAD, IGNORED, answer)


def _demonstrations(task: Task, most: int, side: int) -> np.ndarray:
    shown = np.full((most, 2, side * side), PAD, np.int32)
    for place, pair in enumerate(task.train[:most]):
        shown[place] = [arc_grids.sequence(grid, side) for grid in (pair.input, pair.output)]
    return shown


def _verdicts(found: Asked, examples: Examples, thoughts: Thoughts) -> list[str]:
    """ "right" or "wrong" where the answer is known, "valid" or "NOT valid" where rules tell, else "answered"."""
    known = (examples.labels != IGNORED).any(axis=1)
    right = exact(thoughts.answer, examples.labels)
    valid = _keeps_rules(found, examples.tokens, thoughts.answer)
    told = ["answered"] * len(known) if valid is None else ["valid" if one else "NOT valid" for one in valid]
    return [("right" if right[row] else "wrong") if known[row] else told[row] for row in range(len(known))]


def _keeps_rules(found, tokens, answers):
    if found.kind == "sudoku":
        return several.keeps_rules(tokens, answers, found.side)
    if found.kind == "maze":
        wanted = [maze.shortest_path(one.reshape(found.side, found.side)) for one in tokens]
        return [one is not None and bool((one.ravel() == answer).all()) for one, answer in zip(wanted, answers, strict=True)]
    return None


def _listed(found, question, thoughts, verdicts):
    for row, answer in enumerate(thoughts.answer):
        texts = {"question": asked.text_of(found.kind, question.examples.tokens[row]), "answer": asked.text_of(found.kind, answer)}
        if found.kind == "arc":
            side = int(len(answer) ** 0.5)
            both = {"question": question.examples.tokens[row], "answer": answer}
            texts = {name: arc_grids.grid_of(tokens, side).tolist() for name, tokens in both.items()}
        yield {"name": question.names[row], **texts, "verdict": verdicts[row], "segments": int(thoughts.used[row]) + 1}


def _filled(found, stages):
    text = "".join(asked.text_of(found.kind, stage.tokens) for stage in stages)
    return filling.as_text(stages, text, found.side)


def _effort(answers, segments):
    return f"{answers} segments" if answers <= segments else f"look {answers - segments + 1}"


def _rows(text, found):
    cells = text.split() if found.kind == "files" else text
    return [cells[first : first + found.side] for first in range(0, len(cells), found.side)]


def _row(cells):
    return cells if isinstance(cells, str) and not cells.isdigit() else " ".join(map(str, cells))
