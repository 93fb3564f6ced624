"""Files of tasks as people publish them: ARC's own, Kaggle's challenges and solutions, re-arc's lists of pairs, JSON lines.

From each come entries: a file, an id, and the decoded JSON of a task in ARC's own layout, which is not checked here.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from longrun.errors import UserError
from longrun.text_file import NoText, read_text

SUFFIXES = (".json", ".jsonl")
_CHALLENGES, _SOLUTIONS = "challenges", "solutions"
_IDS = ("id", "task_id", "name")


class Bad(NamedTuple):
    """What stands in the place of a task that cannot be read."""

    line: str


class Entry(NamedTuple):
    """A task of a file."""

    place: str
    task_id: str
    data: object
    """Decoded JSON, or Bad."""
    is_challenge: bool = False
    """Whether the file is one of Kaggle's, whose sets overlap."""


def entries(path: Path, solutions: Path | None = None) -> Iterator[Entry]:
    """Every task at `path`, a file or a folder; answers that a file of challenges withholds are joined from its file of solutions.

    solutions: that file; None: told by its name, X_challenges.json and X_solutions.json or X.json and X_solutions.json. Submissions in a
    folder are passed over. Raises UserError where a folder holds no file, or `solutions` no solutions.
    """
    files = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file()) if path.is_dir() else [path]
    if not files:
        raise UserError(f"{path}: no JSON file in this folder")
    known = {}
    if solutions is not None:
        known = _decoded(solutions)
        if not (isinstance(known, dict) and _are_solutions(known)):
            raise UserError(known.line if isinstance(known, Bad) else f"{solutions}: these are no solutions, {{task id: [grid, ...]}}")
    for file in files:
        data = _decoded(file)
        if isinstance(data, dict) and path.is_dir() and _is_submission(data):
            continue
        if isinstance(data, dict) and _are_solutions(data):
            challenges = [other for other in _partners(file, _SOLUTIONS, ("_" + _CHALLENGES, _CHALLENGES, "")) if other.is_file()]
            if not challenges:
                what = "solutions without their challenges; give the challenges, and these by --solutions"
                yield Entry(str(file), file.stem, Bad(f"{file}: {what}"))
            elif not path.is_dir():
                yield from entries(challenges[0], file)
            continue
        beside = None if solutions is not None else _beside(file)
        yield from _with_answers(_of_file(file, data), known if beside is None else beside)


def _beside(file):
    """The solutions that lie beside a file of challenges."""
    for other in (*_partners(file, _CHALLENGES, (_SOLUTIONS,)), file.with_name(f"{file.stem}_{_SOLUTIONS}{file.suffix}")):
        if other.is_file() and other != file:
            data = _decoded(other)
            if isinstance(data, dict) and _are_solutions(data):
                return data
    return None


def _partners(file, part, others) -> list[Path]:
    """Names of the file with its last `part` replaced."""
    before, found, after = file.stem.rpartition(part)
    stems = [before.removesuffix("_") + other + after if other.startswith("_") or not other else before + other + after for other in others]
    return [file.with_name(stem + file.suffix) for stem in stems if found and stem]


def _with_answers(found: Iterable[Entry], solutions: Mapping) -> Iterator[Entry]:
    for entry in found:
        answers, data = solutions.get(entry.task_id), entry.data
        tests = data.get("test") if isinstance(data, dict) else None
        if answers is None or not isinstance(tests, list):
            yield entry
        elif len(answers) != len(tests):
            line = f"{entry.place}: task {entry.task_id}: {len(answers)} solutions for {len(tests)} test inputs"
            yield entry._replace(data=Bad(line))
        else:
            joined = [{**one, "output": answer} if _is_withheld(one) else one for one, answer in zip(tests, answers, strict=True)]
            yield entry._replace(data={**data, "test": joined})


def _is_withheld(pair):
    return isinstance(pair, dict) and pair.get("output") is None


def _of_file(file, data) -> Iterator[Entry]:
    place = str(file)
    if isinstance(data, Bad):
        yield Entry(place, file.stem, data)
    elif isinstance(data, list) and data and all(isinstance(one, dict) and {"input", "output"} <= set(one) for one in data):
        yield Entry(place, file.stem, _task_of_pairs(place, file.stem, data))
    elif isinstance(data, list) and data and all(isinstance(one, dict) and {"train", "test"} & set(one) for one in data):
        for number, one in enumerate(data):
            named = next((one[name] for name in _IDS if isinstance(one.get(name), str)), f"{file.stem}-{number}")
            yield Entry(place, named, one)
    elif isinstance(data, list) and data and all(isinstance(one, dict) and len(one) == 1 for one in data):
        yield from (Entry(place, task_id, task) for one in data for task_id, task in one.items())
    elif not isinstance(data, dict) or not data:
        yield Entry(place, file.stem, Bad(f"{file}: no ARC task, expected an object with 'train' and 'test'"))
    elif "train" in data or "test" in data:
        yield Entry(place, file.stem, data)
    else:
        for task_id, task in data.items():
            are_pairs = isinstance(task, list) and task and all(isinstance(one, dict) and "input" in one for one in task)
            yield Entry(place, task_id, _task_of_pairs(place, task_id, task) if are_pairs else task, _CHALLENGES in file.stem)


def _task_of_pairs(place, task_id, pairs):
    """A list of pairs of one rule, as re-arc has them: the last is asked, the others are shown."""
    if len(pairs) < 2:
        return Bad(f"{place}: task {task_id}: a list of one pair shows nothing of its rule")
    return {"train": pairs[:-1], "test": pairs[-1:]}


def _are_solutions(data) -> bool:
    return bool(data) and all(isinstance(one, list) and one and all(map(_is_grid, one)) for one in data.values())


def _is_grid(value):
    return isinstance(value, list) and bool(value) and isinstance(value[0], list)


def _is_submission(data) -> bool:
    attempts = [one for answers in data.values() if isinstance(answers, list) for one in answers]
    return bool(attempts) and all(isinstance(one, dict) and "attempt_1" in one for one in attempts)


def _decoded(file: Path) -> object:
    """The JSON of a file, that of JSON lines as a list; or Bad."""
    try:
        text = read_text(file)
    except NoText as error:
        return Bad(str(error))
    lines = [line for line in text.splitlines() if line.strip()]
    if file.suffix.lower() == ".jsonl" or _are_lines(lines):
        found = [(number, _json(line)) for number, line in enumerate(lines, 1)]
        bad = next(((number, value) for number, value in found if isinstance(value, Bad)), None)
        return [value for _, value in found] if bad is None else Bad(f"{file} line {bad[0]}: not JSON: {bad[1].line}")
    value = _json(text)
    return Bad(f"{file}: not JSON: {value.line}") if isinstance(value, Bad) else value


def _are_lines(lines):
    return len(lines) > 1 and all(line[:1] == "{" and line.rstrip()[-1:] == "}" for line in lines)


def _json(text):
    try:
        return json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        return Bad(str(error)[:100])


def _object(pairs):
    """An object of JSON. Raises ValueError where it says two things under one name, of which one would be forgotten."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)[:60]!r} is there twice")
    return found
