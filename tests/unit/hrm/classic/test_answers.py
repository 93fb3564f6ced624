"""What the answers of the original run's network are worth, by a made-up one that has memorised its pairs."""

import numpy as np
import pytest

from hrm.classic import answers
from hrm.classic.data import Pairs
from longrun.config import changed
from tests.fixtures.hrm import MENDED


def test_the_outcome_tells_memorising_from_understanding(monkeypatch):
    config = changed(MENDED, tasks="arc", side=10, held_out=40)
    source = Pairs(config)
    examples = source.held_out(40)

    def by_question(examples):
        keys = zip(examples.identifier.tolist(), map(bytes, examples.tokens), strict=True)
        return dict(zip(keys, examples.labels, strict=True))

    known, asked = by_question(source.training(10_000)), by_question(examples)
    doubted = set(list(asked)[::2])

    def memory(config, model, tokens, identifier):
        """Knows all pairs, but for one cell of every second held-out one; answers others with their question."""
        keys = list(zip(identifier.tolist(), map(bytes, tokens), strict=True))
        known_answers = np.stack([(known | asked).get(key, question) for key, question in zip(keys, tokens, strict=True)])
        logits = 9 * np.eye(12)[known_answers]
        for row in (row for row, key in enumerate(keys) if key in doubted):
            logits[row, 5, (known_answers[row, 5] + 1) % 12] = 10
        return logits, np.full(len(tokens), 4.0)

    monkeypatch.setattr(answers, "answer", memory)
    found = answers.outcome_of(config, None, source, "mended", 7)
    values = found["metrics"]
    assert (values["pass_1"], values["pass_2"], values["exact_training"]) == (0.5, 1.0, 1.0)
    assert values["exact_wrong_identifier"] == values["exact_copy"] == found["floors"]["pass_1"] == found["floors"]["pass_2"]
    low, high = found["intervals"]["cell_accuracy"]
    assert values["cell_accuracy"] == pytest.approx(1 - 0.5 / 100) and low < values["cell_accuracy"] < high
    assert found["floors"]["cell_accuracy"] == max(values["copy_accuracy"], values["majority_accuracy"])
