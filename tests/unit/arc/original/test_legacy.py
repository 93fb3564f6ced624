import pytest
import tensorflow as tf

from arc.original.legacy import PARAMETERS, build_legacy
from arc.original.steps import token_loss


@pytest.mark.parametrize("model", PARAMETERS)
def test_parameters_are_those_of_the_original(model):
    assert build_legacy(model, 6, 6).count_params() == {"decoder_only": 530_560, "encoder_decoder": 928_523, "champion": 1_724_619}[model]


def test_an_unknown_model_is_refused():
    with pytest.raises(ValueError, match="a legacy model is one of decoder_only, encoder_decoder, champion, not 'rope'"):
        build_legacy("rope")


def test_the_loss_is_float32_whatever_the_logits_are():
    """Under mixed_bfloat16 the original's models give bfloat16."""
    logits = tf.cast(tf.random.stateless_normal((2, 9, 11), (0, 0)), tf.bfloat16)
    answer = tf.constant([[1, 2, 3, 4, 5, 6, 7, 8, 10]] * 2)
    loss = token_loss(logits, answer)
    assert loss.dtype == tf.float32 and float(loss) == float(token_loss(tf.cast(logits, tf.float32), answer))
