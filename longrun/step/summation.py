"""Sums of gradients in a fixed order, without which no two processes agree to the last bit.

Where a tensor is used three times or more, TensorFlow adds its gradients with AddN. AddN writes into whichever of its inputs happens
to be free at that moment, and starts the sum with that one; so the order of the sum, and its last bit, depend on which thread was
faster. A training that goes on in a fresh process then leaves the path of the one that was never killed. Pairwise additions have no
such choice, and a sum of two does not depend on the order.
"""

import functools

import tensorflow as tf
from tensorflow.python import pywrap_tfe
from tensorflow.python.eager import backprop


def fix_summation_order() -> None:
    """Make tf.GradientTape add gradients pairwise, in the order of use, and keep the graph optimizer from joining additions to AddN.

    TensorFlow has no public switch for either; tests/longrun/test_summation.py notices if the private one moves.
    """
    pywrap_tfe.TFE_Py_RegisterVSpace(backprop._default_vspace._replace(aggregate_fn=_pairwise))
    tf.config.optimizer.set_experimental_options({"arithmetic_optimization": False})


def _pairwise(gradients):
    if len(gradients) > 2 and all(isinstance(gradient, tf.Tensor) for gradient in gradients):
        return functools.reduce(tf.add, gradients)
    return backprop._aggregate_grads(gradients)
