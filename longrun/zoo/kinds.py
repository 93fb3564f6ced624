"""The kinds of the zoo: what is wrong, on which small training, and which verdict names it. Imports nothing heavy."""

from dataclasses import dataclass

STEPS = 160
"""Of every small training."""
HALF = STEPS // 2
WARM = 16
"""Steps of a process that are not timed: in them functions are compiled."""
LATER = 64
"""Step from which a fault acts that is not there from the start."""


@dataclass(frozen=True)
class Kind:
    """One way of being sick.

    name: of the row. task: which small training. verdict: the `Finding.guard` that names the cause. fault: the switch; its own name
    where empty. setup: what the sick training and its healthy twin share. onset: first step that is sick. original: the original run
    that it fooled. steps: of the training.
    """

    name: str
    task: str
    verdict: str
    says: str
    setup: tuple[str, ...] = ()
    onset: int = 0
    original: str = ""
    steps: int = STEPS

    @property
    def last(self) -> int:
        """Step at which half of the steps are over since the onset: what is found later counts as missed."""
        return self.onset + self.steps // 2


KINDS = (
    # What the data say.
    Kind("entropy labels", "stamp", "labels without information", "soft labels, the same in every row", original="stegastamp"),
    Kind("constant labels", "tabular", "constant labels", "one label for all rows"),
    Kind("shuffled labels", "tabular", "labels unrelated", "labels permuted within the batch"),
    Kind("leaked label", "tabular", "label in the input", "a feature that is the label"),
    Kind("answer as context", "translation", "answer in its context", "the target is fed unshifted and scored", original="arc"),
    Kind("future visible", "language", "future visible", "convolutions that look ahead"),
    Kind("shared cases", "tabular", "held-out cases trained on", "half of the held-out rows are trained on", ("pool",), 0, "collatz"),
    Kind("augmented apart", "grid", "augmented apart", "input and label turned by different draws", original="hrm"),
    Kind("background left out", "grid", "class left out", "no loss on the background's cells", original="hrm"),
    # What the model does with it.
    Kind("output constant", "tabular", "output constant", "the last layer's input is scaled away"),
    Kind("input not read", "reasoner", "x not used", "every token is read as token 0", original="hrm"),
    Kind("input washed out", "reasoner", "input washed out", "the input is given once, before eight cycles", original="hrm"),
    Kind("one class", "tabular", "one class", "the evaluation adds the prior of one class in the wrong units"),
    Kind("residual pressed", "stamp", "residual collapse", "the image loss outweighs the message", original="stegastamp"),
    Kind("dead units", "tabular", "dead units", "29 of 32 units begin far below zero"),
    Kind("head without gradient", "reasoner", "no gradient", "the halting head's loss is a constant", original="hrm"),
    Kind("variable left out", "tabular", "left out of the optimizer", "the optimizer is not given one layer"),
    Kind("average not updated", "tabular", "average not updated", "weights are averaged for the evaluation, once", ("average",)),
    Kind("critic's sign", "stamp", "critic's sign", "the critic ascends its loss", ("critic",)),
    # What the numbers and the machine do.
    Kind("not finite", "tabular", "non-finite", "a damaged row every twenty steps", onset=LATER),
    Kind("spikes", "tabular", "loss spike", "rows in other units every fifteen steps", onset=LATER),
    Kind("updates too large", "tabular", "updates too large", "a learning rate that grows by a third each step"),
    Kind("half precision", "tabular", "gradients under the precision", "half precision without a scaled loss", ("half",)),
    Kind("rate cut by noise", "regression", "rate cut by noise", "a plateau rule on single batches", ("plateau",), 0, "collatz"),
    Kind("schedule frozen", "stamp", "schedule frozen", "the image loss's weight is read while tracing", original="stegastamp"),
    Kind("noisy evaluation", "tabular", "evaluation is noisy", "Dropout is on in the evaluation", ("dropout",)),
    Kind("stale evaluation", "tabular", "evaluation of stale weights", "a copy of the first weights is evaluated"),
    Kind("epochs repeat", "grid", "data repeated", "each epoch begins with the same seed"),
    Kind("resume repeats data", "tabular", "data begun again", "the data begin again when the run goes on", ("resume",), HALF // 2),
    Kind("no optimizer saved", "tabular", "optimizer not restored", "the optimizer is not in the checkpoint", ("resume",), HALF // 2),
    Kind(
        "no random state saved", "tabular", "random state not restored", "Dropout's seeds are not saved", ("resume", "dropout"), HALF // 2
    ),
)
"""Every kind of the zoo's own, in the order of the table."""
PRESETS = (
    Kind(
        *("hrm: augmented apart", "hrm", "input unused", "the original run's network, small, with that one fault"),
        original="hrm",
        steps=600,
    ),
    Kind(
        *("stegastamp: residual pressed", "stegastamp", "residual collapse", "the paper's network, small, image loss from step 0"),
        original="stegastamp",
        steps=160,
    ),
    Kind(
        *("arc: answer as context", "arc", "answer in its context", "Exp 0, small: the decoder is fed the cells that it is scored on"),
        original="arc",
        steps=24,
    ),
    Kind(
        *("collatz: rate cut by noise", "collatz", "rate cut by noise", "the original program, small: a plateau rule on single batches"),
        original="collatz",
        steps=24_000,
    ),
)
"""The projects' own presets, small, where an original run's fault is a switch."""
BY_NAME = {kind.name: kind for kind in (*KINDS, *PRESETS)}
