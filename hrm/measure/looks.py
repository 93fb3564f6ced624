"""Sudokus looked at several times: as they are, then under random symmetries, from random starts where a reasoner knows such, and with a
digit assumed, as people try one where they see no other way.

The rules are known to anybody, so an answer that keeps them and the givens is the answer of a Sudoku with one solution, and the looking
ends with it; no label is used. Beside it stands what a reasoner is worth that knows no rule: the answer that it holds likeliest.
"""

from typing import NamedTuple

import numpy as np

from hrm.network.reasoner import Reasoner, Thoughts
from hrm.puzzles.examples import IGNORED, Examples, generator
from hrm.puzzles.sudoku import BLANK, Symmetries, random_symmetries
from hrm.puzzles.sudoku_solver import is_valid_answer, solve
from longrun.errors import UserError

LEAST = 1e-12
"""Weight of a digit that is certain or impossible, which is assumed when no other is left."""
MOST = 32
"""Looks at each Sudoku, where nothing is said; they stop at the first answer that keeps the rules."""
GUESSES = ((0, 0, "0"), (1, 2, "1_2"), (3, 5, "3_5"), (6, 99, "6"))
"""Classes of difficulty: fewest and most guesses, and their name."""


class Looks(NamedTuple):
    """What K looks at B Sudokus said."""

    answers: np.ndarray
    """(K, B, N) int32: tokens, of the first segment whose answer keeps the rules; of a look that was not needed, those of the last."""
    keeps: np.ndarray
    """(K, B) bool: whether they keep the rules and the givens."""
    own: np.ndarray
    """(K, B, N) int32: the answers at the segment where the reasoner holds them to be right, which knows no rule."""
    confidence: np.ndarray
    """(K, B) float: its logit of being right there."""
    segments: np.ndarray
    """(K, B) int: segments until the answer; 0 where a look was not needed."""

    @property
    def first(self) -> np.ndarray:
        """(B,) int: the first look whose answer keeps the rules, or the one that the reasoner is most sure of."""
        return np.where(self.keeps.any(axis=0), self.keeps.argmax(axis=0), self.confidence.argmax(axis=0))

    @property
    def answer(self) -> np.ndarray:
        """(B, N) int32: the answer of that look."""
        return self.answers[self.first, np.arange(self.answers.shape[1])]


def look(
    reasoner: Reasoner,
    examples: Examples,
    count: int,
    segments: int = 0,
    *,
    stop: bool = True,
    assume: bool = False,
    seed: int = 0,
    first: Thoughts | None = None,
) -> Looks:
    """Look `count` times at Sudokus; the first time as they are.

    segments: of each look, 0: as many as in training; stop: at the first answer that keeps the rules, else all look at everything;
    assume: each further look is given one more digit, another one each time, of those that the first look held neither for certain nor
    for impossible; first: what the reasoner thought of them as they are, where that is known.
    Raises UserError where the puzzles are no Sudokus.
    """
    data = reasoner.config.data
    if data.puzzle not in ("sudoku", "files") or data.side not in (4, 6, 9):
        raise UserError(f"looking several times is for Sudokus, whose symmetries are known, not for {data.puzzle} of side {data.side}")
    rows = np.arange(len(examples.tokens))
    thoughts = first or reasoner.consider(examples, segments)
    boards = examples.tokens - BLANK
    # What each look is shown.
    shown = [boards, *(assumed(boards, thoughts.logits, count - 1, seed) if assume else [boards] * (count - 1))]
    found = [_glance(thoughts.answers, thoughts, slice(len(boards)), boards, data.side)]
    while len(found) < count:
        if stop:
            rows = np.flatnonzero(~np.any([one.keeps for one in found], axis=0))
        if len(rows):
            numbers = range(len(found), min(2 * len(found), count))
            found += _glances(reasoner, examples, rows, {number: shown[number][rows] for number in numbers}, segments, seed, found)
        else:
            # Nothing is left to look at.
            found += [found[-1]._replace(segments=np.zeros_like(found[-1].segments))] * (count - len(found))
    return Looks(*(np.stack(arrays) for arrays in zip(*found, strict=True)))


def assumed(boards: np.ndarray, logits: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Boards (B, N) with one more digit each, another one each time: (count, B, N).

    logits: (B, N, V), of the tokens. A digit of probability p is drawn in proportion to p (1 - p), and no digit of a cell twice.
    """
    side = round(boards.shape[1] ** 0.5)
    digits = logits[:, :, BLANK + 1 : BLANK + 1 + side].astype(np.float64)
    likely = np.exp(digits - digits.max(axis=2, keepdims=True))
    likely /= likely.sum(axis=2, keepdims=True)
    weights = np.where(boards[:, :, None] > 0, 0.0, likely * (1 - likely)).reshape(len(boards), -1)
    # The largest of numbers with Gumbel's noise are a draw without replacement.
    noise = generator(seed, 0, "digits that are assumed").gumbel(size=weights.shape)
    order = np.argsort(-(np.log(weights + LEAST) + noise), axis=1)
    drawn = order[:, np.arange(count) % order.shape[1]].T
    told, here = np.repeat(boards[None], count, axis=0), np.arange(len(boards))
    for one, choice in zip(told, drawn, strict=True):
        one[here, choice // side] = 1 + choice % side
    return told


def _glances(reasoner, examples, rows, shown, segments, seed, before):
    """Looks at some rows of the examples, in one batch. shown: by the number of each look, the boards that it is shown."""
    side, total, numbers = reasoner.config.data.side, len(examples.tokens), list(shown)
    boards = examples.tokens[rows] - BLANK
    turned = [_symmetries(seed, number, total, side, rows) for number in numbers]
    turned_boards = [one.applied(shown[number]) for number, one in zip(numbers, turned, strict=True)]
    start = None
    if reasoner.config.model.start_noise:
        # Drawn for all the examples, so that a look is the same whichever of them are looked at.
        shape = (total, reasoner.config.length)
        start = np.concatenate([generator(seed, number, "start").standard_normal(shape, np.float32)[rows] for number in numbers])
    tokens = np.concatenate(turned_boards).astype(np.int32) + BLANK
    thoughts = reasoner.think(tokens, np.tile(examples.identifier[rows], len(turned)), segments, start=start)
    glances = []
    for place, one in enumerate(turned):
        part = slice(place * len(rows), (place + 1) * len(rows))
        answers = np.stack([one.undone(np.maximum(answer[part] - BLANK, 0)) for answer in thoughts.answers]) + np.int32(BLANK)
        glances.append(_glance(answers, thoughts, part, boards, side))
    return [_whole(glance, rows, total, before) for glance in glances]


def _symmetries(seed, number, count, side, rows):
    drawn = random_symmetries(generator(seed, number, "symmetries of a look"), count, side)
    return Symmetries(*(array[rows] for array in drawn))


def _glance(answers, thoughts, part, boards, side):
    """The first answer of all segments that keeps the rules, or where none does the one that counts."""
    segments, count = answers.shape[:2]
    keeps = keeps_rules(np.tile(boards, (segments, 1)) + BLANK, answers.reshape(segments * count, -1), side).reshape(segments, count)
    kept = keeps.any(axis=0)
    own, here = thoughts.used[part], np.arange(count)
    used = np.where(kept, keeps.argmax(axis=0), own)
    return Looks(answers[used, here], kept, answers[own, here], thoughts.halting[:, part][own, here, 0], used + 1)


def _whole(glance, rows, total, before):
    """Rows of a look among all examples; the others have what they had."""
    whole = Looks(*(array.copy() for array in before[-1][:-1]), np.zeros(total, int))
    for array, part in zip(whole, glance, strict=True):
        array[rows] = part
    return whole


def keeps_rules(tokens: np.ndarray, answers: np.ndarray, side: int) -> np.ndarray:
    """Whether answers (B, N) keep the rules and the givens of questions (B, N), all tokens, (B,) bool."""
    given = tokens > BLANK
    return ((tokens == answers) | ~given).all(axis=1) & is_valid_answer(answers - BLANK, side)


def exact_by_rules(found: Looks, labels: np.ndarray, name: str = "looks") -> dict[str, float]:
    """Exact match after 1, 2, 4, ... looks by the first answer that keeps the rules, with labels (B, N); name: of the looks."""
    return {f"exact_{name}_{count}": _exact(part.answer, labels) for count, part in _first(found)}


def exact_by_itself(found: Looks, labels: np.ndarray) -> dict[str, float]:
    """The same of looks that did not stop, by the answer that the reasoner is most sure of, which knows no rule."""
    here = np.arange(len(labels))
    return {f"exact_confident_{count}": _exact(part.own[part.confidence.argmax(axis=0), here], labels) for count, part in _first(found)}


def _first(found):
    return [(count, Looks(*(array[:count] for array in found))) for count in powers(len(found.keeps))]


def _exact(answers, labels):
    return float(((answers == labels) | (labels == IGNORED)).all(axis=1).mean())


def powers(count: int) -> list[int]:
    """1, 2, 4, ... and `count`."""
    return sorted({*(2**power for power in range(count.bit_length()) if 2**power <= count), count})


def of_difficulty(examples: Examples, right: np.ndarray, side: int) -> dict[str, float]:
    """What a solver needs for Sudokus, and exact match, `right` (B,) bool, by the guesses that it needs."""
    solved = solve(examples.tokens - BLANK, side, limit=1)
    scores = {
        "givens_mean": float((examples.tokens > BLANK).sum(axis=1).mean()),
        "rounds_mean": float(solved.rounds.mean()),
        "guesses_mean": float(solved.guesses.mean()),
        "guesses_median": float(np.median(solved.guesses)),
        "guesses_most": float(solved.guesses.max()),
    }
    for low, high, name in GUESSES:
        rows = (solved.guesses >= low) & (solved.guesses <= high)
        scores[f"share_guesses_{name}"] = float(rows.mean())
        if rows.any():
            scores[f"exact_guesses_{name}"] = float(right[rows].mean())
    return scores
