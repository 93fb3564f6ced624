"""AdamW: as PyTorch computes it for the original recipe, as Keras does for the others."""

import keras
from keras import ops

from collatz.config import Config


def adamw(config: Config) -> keras.optimizers.AdamW:
    """The optimizer of a recipe, not yet built, with PyTorch's epsilon. The others were released with Keras' own update and keep it."""
    kind = TorchAdamW if config.model.recipe == "original" else keras.optimizers.AdamW
    return kind(config.optimizer.lr, weight_decay=config.optimizer.weight_decay, epsilon=1e-8)


class TorchAdamW(keras.optimizers.AdamW):
    """AdamW of which every update is that of torch.optim.AdamW (Loshchilov and Hutter 2019), up to float32 rounding.

    Keras adds epsilon to the root of the second moment before its bias is corrected, which makes epsilon 1 / sqrt(1 - beta_2^t)
    times as large: 32 times in the first step. PyTorch adds it afterwards. The corrections are taken in float64, for in float32
    1 - 0.999 is off by 1e-5 of itself. The variables are those of Keras' AdamW.
    """

    def update_step(self, gradient, variable, learning_rate):
        """One update of `variable` (any shape) by `gradient` (same shape); the decay has gone before."""
        step = ops.cast(self.iterations + 1, "float64")
        correction_1 = 1 - ops.power(ops.cast(self.beta_1, "float64"), step)
        correction_2 = 1 - ops.power(ops.cast(self.beta_2, "float64"), step)
        size = ops.cast(ops.cast(learning_rate, "float64") / correction_1, variable.dtype)
        root = ops.cast(ops.sqrt(correction_2), variable.dtype)
        index = self._get_variable_index(variable)
        momentum, velocity = self._momentums[index], self._velocities[index]
        self.assign_add(momentum, (gradient - momentum) * (1 - self.beta_1))
        self.assign_add(velocity, (ops.square(gradient) - velocity) * (1 - self.beta_2))
        self.assign_sub(variable, size * momentum / (ops.sqrt(velocity) / root + self.epsilon))
