"""What a model's answers depend on, measured on held-out rows, and the guards over it: input used, output alive, nothing leaks."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import tensorflow as tf

from longrun.health.guards import Guard
from longrun.health.watch import Watch

Rows = Mapping[str, np.ndarray]

NOISE = 1e-3
"""Of the answers' own size, by which two answers to the same rows may differ."""
SPREAD = 1e-3
"""Of the answers' own size, by which answers have to differ from row to row."""
LEAST_COST = 0.02
"""Nats of loss that exchanging an input between rows has to cost."""
ONE_CLASS, COMMON = 0.995, 0.9
"""Share of one class among the answers that is one class everywhere, where its share among the labels is below COMMON."""
WASHED = 1e-4
"""What is left in the last cycle of a difference between inputs, of what it was in the first."""


class Answers:
    """Numbers for a line of metrics that say what answers depend on.

    answer(rows) -> (n, ..., classes) logits, as the evaluation computes them. cost(answers, rows) -> mean loss.
    rows: held-out, name -> array. inputs: names that may not be all the same to the model. labels: name of the labels, where they
    are classes. moved(): how far the weights have come, any number that changes when they do.
    context: name of an input whose later positions an answer must not see, and `label` what is scored at the same position.
    cycles(rows) -> the states of a recurrent model, one a cycle.

    Cost of a look: two answers to the held-out rows, one more for each input, two for a context, and two runs for cycles.
    """

    def __init__(
        self,
        answer: Callable[[Rows], tf.Tensor],
        cost: Callable[[tf.Tensor, Rows], float],
        rows: Rows,
        inputs: Sequence[str],
        *,
        labels: str = "",
        moved: Callable[[], float] | None = None,
        context: str = "",
        cycles: Callable[[Rows], Sequence[tf.Tensor]] | None = None,
    ):
        self._answer, self._cost, self._rows, self._inputs = answer, cost, dict(rows), tuple(inputs)
        self._labels, self._moved, self._context, self._cycles = labels, moved, context, cycles
        self._last: tuple[np.ndarray, float] | None = None

    def look(self) -> dict[str, float]:
        """All numbers of now."""
        answers = np.asarray(self._answer(self._rows))
        again = np.asarray(self._answer(self._rows))
        size = float(np.sqrt((answers**2).mean())) + 1e-12
        cost = float(self._cost(answers, self._rows))
        found = {
            "held_out_loss": cost,
            "answer_noise": float(np.abs(answers - again).max()) / size,
            "answer_spread": float(np.sqrt(answers.var(axis=0).mean())) / size,
        }
        for name in self._inputs:
            exchanged = {**self._rows, name: np.roll(self._rows[name], 1, axis=0)}
            found[f"exchange_{name}"] = float(self._cost(np.asarray(self._answer(exchanged)), self._rows)) - cost
        found["exchange_most"] = max(found[f"exchange_{name}"] for name in self._inputs)
        if self._labels:
            found |= self._classes(answers)
        if self._moved is not None:
            found |= self._stale(answers)
        if self._context:
            found |= self._seen(answers, size)
        if self._cycles is not None:
            found["left_of_input"] = self._left()
        return found

    def guards(self, after: int, patience: int = 2) -> list[Guard]:
        """The guards over these numbers. after: steps in which something must have been learnt."""
        found: list[Guard] = [
            _above("evaluation is noisy", "answer_noise", NOISE, "two answers to the same rows differ: dropout is on in the evaluation"),
            _above("future visible", "sees_later", NOISE, "an answer changes with what comes after its position: the future is visible"),
            _above("answer in its context", "sees_own", NOISE, "the cell that is scored is fed as context at its own position"),
            Watch(
                "evaluation of stale weights",
                "answer_change",
                "the weights move and the held-out answers are the same to the last bit: other weights are evaluated",
                lambda values: values["answer_change"] == 0 and values["weights_change"] > 0,
                limit=0.0,
                needs=("weights_change",),
                patience=patience,
            ),
            _below(
                "output constant", "answer_spread", SPREAD, "the answers are the same for every row, of whatever input", after, patience
            ),
            _below("input washed out", "left_of_input", WASHED, "what tells inputs apart is gone in the last cycle", after, patience),
        ]
        for name in self._inputs:
            cause = f"answers fit the labels of other rows as well: the model does not use {name}"
            found.append(_below(f"{name} not used", f"exchange_{name}", LEAST_COST, cause, after, patience))
        common = Watch(
            "one class",
            "commonest_answer",
            "one class is answered everywhere, and the labels have others",
            lambda values: values["commonest_answer"] >= ONE_CLASS and values["commonest_label"] < COMMON,
            limit=ONE_CLASS,
            needs=("commonest_label",),
            after=after,
            patience=patience,
        )
        return [*found, common]

    def _classes(self, answers):
        chosen, labels = answers.argmax(axis=-1).reshape(-1), np.asarray(self._rows[self._labels]).reshape(-1)
        return {
            "accuracy": float((chosen == labels).mean()),
            "commonest_answer": float(np.bincount(chosen).max() / chosen.size),
            "commonest_label": float(np.bincount(labels).max() / labels.size),
        }

    def _stale(self, answers):
        last, self._last = self._last, (answers, self._moved())
        if last is None:
            return {}
        return {"answer_change": float(np.abs(answers - last[0]).max()), "weights_change": abs(self._last[1] - last[1])}

    def _seen(self, answers, size):
        """By how much answers change when the context does: at its own position, and at those before."""
        context = self._rows[self._context]
        middle = context.shape[1] // 2
        other = context.copy()
        other[:, middle:] = np.roll(context, 1, axis=0)[:, middle:]
        change = np.abs(np.asarray(self._answer({**self._rows, self._context: other})) - answers)
        found = {"sees_later": float(change[:, :middle].max()) / size}
        if self._labels and np.array_equal(context, self._rows[self._labels]):
            found["sees_own"] = float(change[:, middle].max()) / size
        return found

    def _left(self):
        states = self._cycles(self._rows)
        rolled = {**self._rows, self._inputs[0]: np.roll(self._rows[self._inputs[0]], 1, axis=0)}
        others = self._cycles(rolled)
        apart = [float(np.sqrt(np.square(np.asarray(a) - np.asarray(b)).mean())) for a, b in zip(states, others, strict=True)]
        # What never arrived is not washed out.
        return apart[-1] / apart[0] if apart[0] > 1e-9 else 1.0


def left_out(cost: Callable[[np.ndarray], float], answers: np.ndarray, labels: np.ndarray, classes: int) -> dict[str, float]:
    """ "left_out": the share of the labels that are of a class whose answers may be anything. cost(answers) -> the loss of the training."""
    before, share = cost(answers), 0.0
    for one in range(classes):
        mine = labels == one
        if mine.any() and cost(np.where(mine[..., None], np.roll(answers, 1, axis=-1), answers)) == before:
            share += float(mine.mean())
    return {"left_out": share}


def left_out_guard(least: float = 0.05) -> Guard:
    """The guard over `left_out`."""
    return _above(
        "class left out", "left_out", least, "the loss stays the same whatever is answered where a class is right: it is left out"
    )


def critic_guard(after: int, patience: int = 3) -> Guard:
    """ "critic_gap", what a critic gives to what it is to find less what it gives to the rest: below zero it is trained the wrong way."""
    cause = "the critic gives more to what it is to reject: its loss has the wrong sign"
    return _below("critic's sign", "critic_gap", -0.1, cause, after, patience)


def _above(name, quantity, limit, cause):
    return Watch(name, quantity, cause, lambda values: values[quantity] > limit, limit=limit, patience=2)


def _below(name, quantity, limit, cause, after, patience):
    return Watch(name, quantity, cause, lambda values: values[quantity] < limit, limit=limit, after=after, patience=patience)
