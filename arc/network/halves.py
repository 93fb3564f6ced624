"""A functional model in two: what does not depend on one of its inputs and is computed once, and what has to be computed again."""

from typing import NamedTuple

import keras


class Halves(NamedTuple):
    """Two functions on dictionaries of tensors, which share the model's layers and follow their weights.

    before: the model's inputs without the changing one -> what can be computed of them.
    after: the model's inputs and what `before` returned -> the model's output, but for rounding.
    """

    before: keras.Function
    after: keras.Function


def halves(model: keras.Model, changing: str) -> Halves:
    """Split a functional model with named inputs, whose every layer is called once, at the input named `changing`.

    An encoder-decoder falls into encoder and decoder at "answer", cross-attention's keys and values with the encoder. What `before` returns
    has the batch first, under Keras' own names. What has no batch, such as angles of positions, both compute.
    """
    depending, boundary = {id(model.input[changing])}, {}
    for operation in model.operations:
        tensors = keras.tree.flatten(operation.input)
        if any(id(tensor) in depending for tensor in tensors):
            depending |= {id(tensor) for tensor in keras.tree.flatten(operation.output)}
            boundary |= {id(tensor): tensor for tensor in tensors if id(tensor) not in depending and tensor.shape[0] is None}
    given = {id(tensor) for tensor in keras.tree.flatten(model.input)}
    computed = {tensor.name: tensor for key, tensor in boundary.items() if key not in given}
    constant = {name: tensor for name, tensor in model.input.items() if name != changing}
    # Functions and not models: making a keras.Model of tensors within another one leaves that one unfit to be saved.
    return Halves(keras.Function(constant, computed), keras.Function({**model.input, **computed}, model.output))
