"""Where a model looks while it answers: its last attention to the query, and to the demonstrations where it has any."""

from collections.abc import Sequence
from typing import NamedTuple

import keras
import numpy as np

from arc.grids.tasks import Pair, Task
from arc.measure.evaluate import Evaluation
from arc.network.answerer import Answerer
from arc.network.inputs import arrays


class Attention(NamedTuple):
    """Weights on canvases of N cells, mean over heads, of the last layer that looks there. A row of `query` sums to at most 1.

    The decoder-only model attends to its demonstrations while it answers. The champion reads them beforehand, into one vector that is a
    mean over cells: there the weight of a cell is the mean of what all cells of its pair give it.
    """

    query: np.ndarray
    """(N, N) float32: of each cell of the answer on each cell of the query."""
    demonstrations: np.ndarray
    """(2 * context_pairs, N) float32: on each cell of the demonstrations' inputs and outputs in turn, mean over the answer's cells."""


def attention(answerer: Answerer, tasks: Sequence[Task], answers: Sequence[np.ndarray]) -> list[Attention]:
    """Where the model looks for each task while its answer (a grid, its own first attempt) comes about."""
    settings, model = answerer.config.network, answerer.model
    names = _layers(settings)
    weights = keras.Model(model.input, {part: model.get_layer(name).output for part, name in names.items()})
    found = []
    # One at a time: on large canvases the weights of a single task are a matrix of some size.
    for task, answer in zip(tasks, answers, strict=True):
        inputs = arrays(settings, [Task(task.id, task.train, (Pair(task.test[0].input, answer),))])
        tensors = {name: keras.ops.convert_to_tensor(value) for name, value in inputs.items()}
        mean = {part: np.asarray(value).mean(axis=1) for part, value in weights(tensors).items()}
        found.append(_decoder_only(settings, mean["all"][0]) if "all" in mean else _encoder_decoder(settings, mean))
    return found


def of_evaluation(answerer: Answerer, tasks: dict[str, list[Task]], found: Evaluation) -> dict[str, list[Attention]]:
    """The same for the answers of an evaluation of these tasks: task id -> one for each instance."""
    return {
        task_id: attention(answerer, instances, [answer.attempts[0] for answer in found.answers[task_id]])
        for task_id, instances in tasks.items()
    }


def _layers(settings):
    last = settings.decoder_layers - 1
    if settings.model == "decoder_only":
        return {"all": f"decoder_{last}_self_weights"}
    names = {"query": f"decoder_{last}_cross_weights"}
    return names | {"demonstrations": "context_1_self_weights"} if settings.context_pairs else names


def _decoder_only(settings, weights):
    """weights (T, T) of the sequence: demonstrations, query, answer."""
    canvases = weights[-settings.cells :].reshape(settings.cells, -1, settings.cells)
    return Attention(canvases[:, -2], canvases[:, :-2].mean(axis=0))


def _encoder_decoder(settings, mean):
    """mean: "query" (1, N, N), and "demonstrations" (pairs, 2 N, 2 N) where there are any."""
    read = mean["demonstrations"].mean(axis=1) if "demonstrations" in mean else np.zeros((0, settings.cells), np.float32)
    return Attention(mean["query"][0], read.reshape(-1, settings.cells))
