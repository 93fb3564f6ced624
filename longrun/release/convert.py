"""Keras models written as ONNX files. Needs tf2onnx; what is written does not."""

import gzip
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from longrun.extras import required
from longrun.run.durable import write_atomically

OPSET = 18
SMALL = 16
"""Numbers up to which a constant is not worth a node of its own."""


def write(
    path: Path | str,
    function: Callable[..., dict[str, tf.Tensor]],
    signature: Sequence[tf.TensorSpec],
    facts: Mapping[str, str] | None = None,
    handlers: Mapping[str, tuple] | None = None,
    rework: Callable[[Any], None] = lambda model: None,
) -> None:
    """Write a function of tensors as an ONNX file, packed where its name ends in .gz.

    signature: named tensors, first axis free. facts: `Network.facts` of the file. handlers: tf2onnx's custom_op_handlers. rework:
    changes the ONNX model that was made. Weights that half precision holds exactly, those of released models, are stored in it; the
    network turns them back into float32 when it is opened. Raises MissingPackage.
    """
    tf2onnx = required("tf2onnx")
    compiled = tf.function(function, input_signature=signature, autograph=False)
    model, _ = tf2onnx.convert.from_function(compiled, input_signature=signature, opset=OPSET, custom_op_handlers=dict(handlers or {}))
    _fill_in(model, {spec.name for spec in signature}, compiled.get_concrete_function().graph)
    rework(model)
    _halve(model)
    for key, value in (facts or {}).items():
        model.metadata_props.add(key=key, value=value)
    content = model.SerializeToString(deterministic=True)
    # Without the time, so that the same weights are the same file.
    write_atomically(Path(path), gzip.compress(content, mtime=0) if Path(path).suffix == ".gz" else content)


def _fill_in(model, known, graph):
    """Make constants of what tf2onnx 1.17 takes for further inputs: what a BiasAdd of whole numbers adds."""
    from onnx import numpy_helper

    inputs = model.graph.input
    for extra in [one for one in inputs if one.name not in known]:
        value = tf.get_static_value(graph.get_tensor_by_name(extra.name))
        if value is None:
            raise RuntimeError(f"the converted network has an input of its own, {extra.name}")
        model.graph.initializer.append(numpy_helper.from_array(value, extra.name))
        inputs.remove(extra)


def _halve(model):
    """Replace float32 constants by float16 ones, each with a node that casts it, where no bit is lost."""
    from onnx import TensorProto, helper, numpy_helper

    graph, kept, casts = model.graph, [], []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        with np.errstate(over="ignore"):
            halves = values.astype(np.float16) if values.dtype == np.float32 and values.size > SMALL else values
        if halves is values or not np.array_equal(halves.astype(np.float32), values):
            kept.append(tensor)
            continue
        kept.append(numpy_helper.from_array(halves, f"{tensor.name}/half"))
        casts.append(helper.make_node("Cast", [kept[-1].name], [tensor.name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    for field, values in ((graph.initializer, kept), (graph.node, nodes)):
        copies = [type(value).FromString(value.SerializeToString()) for value in values]
        del field[:]
        field.extend(copies)
