import pytest

from arc.original.legacy import PARAMETERS, build_legacy


@pytest.mark.parametrize("model", PARAMETERS)
def test_parameters_are_those_of_the_original(model):
    assert build_legacy(model, 6, 6).count_params() == {"decoder_only": 530_560, "encoder_decoder": 928_523, "champion": 1_724_619}[model]


def test_an_unknown_model_is_refused():
    with pytest.raises(ValueError, match="a legacy model is one of decoder_only, encoder_decoder, champion, not 'rope'"):
        build_legacy("rope")
