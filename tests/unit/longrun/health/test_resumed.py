"""Whether a restored run has all that it had."""

import json

import tensorflow as tf

from longrun.health.resumed import Resumed


def parts(model=1.0, optimizer=2.0):
    return {"model": [tf.Variable(model)], "optimizer": [tf.Variable([optimizer, 0.0])]}


def after(saved, **values):
    guard = Resumed(parts(**values))
    guard.memory.load(json.loads(json.dumps(saved)))
    return guard.check(5, {})


def test_what_comes_back_whole_is_no_finding():
    saved = Resumed(parts()).memory.state()
    assert after(saved) is None
    assert Resumed(parts()).check(5, {}) is None


def test_what_is_lost_is_named():
    saved = Resumed(parts()).memory.state()
    assert after(saved, optimizer=0.0).guard == "optimizer not restored"
    assert after(saved, model=3.0, optimizer=0.0).cause.startswith("the run went on without what it had: model, optimizer is not")


def test_a_group_that_an_older_checkpoint_did_not_know_is_passed_over():
    assert after({"model": Resumed(parts()).memory.state()["model"]}, optimizer=7.0) is None
