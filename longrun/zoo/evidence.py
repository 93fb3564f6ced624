"""The guards of a small training, put together."""

from collections.abc import Callable, Iterable, Mapping

import tensorflow as tf

from longrun.health.answers import Answers, left_out, left_out_guard
from longrun.health.data import Labels, Repeats, Shared
from longrun.health.guards import Health, NonFinite, Spike
from longrun.health.movement import Movement, dead_units
from longrun.health.resumed import Resumed
from longrun.health.watch import CutByNoise, Watch
from longrun.zoo.specimen import Batch, Specimen

LEARNT = 48
"""Steps in which a small training has learnt something."""
DEAD = 0.8
"""Share of a layer's units that are dead from which the layer is."""


class Evidence:
    """Every guard on one small training: `health` for the loop, and what is to be called beside a step.

    depends: name -> variables of all that the next step depends on. movement: the guard that the step notes its gradients in.
    answer(rows) -> logits as the evaluation gives them.
    """

    def __init__(
        self,
        specimen: Specimen,
        depends: Mapping[str, Iterable],
        movement: Movement,
        answer: Callable[[Batch], tf.Tensor],
    ):
        self.specimen, self._answer, self._case = specimen, answer, specimen.case or specimen.inputs[0]
        self.repeats = Repeats()
        self.shared = Shared(specimen.held_out[self._case])
        self.labels = Labels(raw=specimen.raw, single=specimen.single)
        self.movement = movement
        self.resumed = Resumed(depends)
        self.cuts = CutByNoise()
        self.answers = Answers(
            answer,
            specimen.cost,
            specimen.held_out,
            specimen.inputs,
            labels=specimen.labels,
            moved=lambda: float(sum(tf.reduce_sum(tf.abs(variable)) for variable in specimen.variables)),
            context=specimen.context,
            cycles=specimen.cycles,
        )
        dead = "units of a layer are zero for every row: they are dead, and no gradient revives them"
        # The first verdict is the cause: what can be seen exactly comes before what follows from it.
        guards = [
            NonFinite(),
            self.resumed,
            self.repeats,
            self.shared,
            self.labels,
            left_out_guard(),
            self.movement,
            Watch("dead units", "dead_units", dead, lambda values: values["dead_units"] > DEAD, limit=DEAD, patience=2),
            *specimen.guards,
            self.cuts,
            *self.answers.guards(LEARNT),
            Spike("loss", factor=10.0, window=6),
        ]
        self.health = Health(guards, "warn")

    def see(self, step: int, batch: Batch) -> None:
        """Before each step: its batch."""
        self.repeats.see(step, batch)
        if self.labels.wants(step):
            self.labels.see(step, *self.specimen.reading(batch))

    def begin_line(self, batch: Batch) -> None:
        """Before a step whose line is due."""
        self.shared.see(batch[self._case])
        self.movement.copy()

    def look(self, batch: Batch) -> dict[str, float]:
        """At an evaluation: numbers for the line."""
        found, specimen = self.answers.look(), self.specimen
        if specimen.units is not None:
            found["dead_units"] = dead_units(specimen.units(batch))
        if specimen.loss is not None:
            labels, logits = batch[specimen.labels], self._answer(batch).numpy()
            found |= left_out(lambda answers: float(specimen.loss(answers, labels)), logits, labels, specimen.classes)
        return found
