"""AdamAtan2 in plain operations, nothing to compile."""

import keras
from keras import ops


class AdamAtan2(keras.optimizers.Optimizer):
    """Adam whose update is atan2(m, sqrt(v)) of the corrected moments instead of m / (sqrt(v) + epsilon) (Everett et al. 2024).

    Bounded by pi / 2 times the learning rate, without an epsilon, and blind to the scale of the gradient. Weight decay is decoupled.
    """

    def __init__(self, learning_rate=1e-4, beta_1=0.9, beta_2=0.95, weight_decay=None, name="adam_atan2", **options):
        super().__init__(learning_rate=learning_rate, weight_decay=weight_decay, name=name, **options)
        self.beta_1, self.beta_2 = beta_1, beta_2

    def build(self, variables):
        """Make both moments of each variable."""
        if self.built:
            return
        super().build(variables)
        self._first = [self.add_variable_from_reference(v, name="first_moment") for v in variables]
        self._second = [self.add_variable_from_reference(v, name="second_moment") for v in variables]

    def update_step(self, gradient, variable, learning_rate):
        """One update of one variable."""
        index = self._get_variable_index(variable)
        first, second = self._first[index], self._second[index]
        count = ops.cast(self.iterations + 1, variable.dtype)
        rate, gradient = ops.cast(learning_rate, variable.dtype), ops.cast(gradient, variable.dtype)
        self.assign_add(first, (gradient - first) * (1 - self.beta_1))
        self.assign_add(second, (ops.square(gradient) - second) * (1 - self.beta_2))
        mean = first / (1 - ops.power(ops.cast(self.beta_1, variable.dtype), count))
        square = second / (1 - ops.power(ops.cast(self.beta_2, variable.dtype), count))
        self.assign_sub(variable, rate * ops.arctan2(mean, ops.sqrt(square)))

    def get_config(self):
        """Its arguments."""
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2}
