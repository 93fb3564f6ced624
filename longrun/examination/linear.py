"""The best linear predictor, in closed form."""

import numpy as np

MOST_FEATURES = 512
RIDGE = 1e-3
"""Of the mean square of the features: keeps the solution finite where there are more features than rows."""


def linear_answers(inputs: np.ndarray, wanted: np.ndarray, new_inputs: np.ndarray) -> np.ndarray:
    """Answers (M, labels) of ridge regression from `inputs` (N, features) to `wanted` (N, labels), on `new_inputs` (M, features).

    Of more than 512 features, 512 random mixtures stand in for them.
    """
    if inputs.shape[1] > MOST_FEATURES:
        mixing = np.random.default_rng(0).normal(size=(inputs.shape[1], MOST_FEATURES)) / np.sqrt(inputs.shape[1])
        inputs, new_inputs = inputs @ mixing, new_inputs @ mixing
    mean, spread = inputs.mean(axis=0), inputs.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    known, new = (inputs - mean) / spread, (new_inputs - mean) / spread
    middle = wanted.mean(axis=0)
    gram = known.T @ known + RIDGE * len(known) * np.eye(known.shape[1])
    return new @ np.linalg.solve(gram, known.T @ (wanted - middle)) + middle
