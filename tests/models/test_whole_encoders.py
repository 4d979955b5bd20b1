"""Encoders that no engine may deal out: they leave the parameters, go on working, and are saved."""

import pytest
from safetensors.torch import load_file

from avere.errors import AvereError
from avere.models import qwen_omni

from .test_qwen_omni import candidates


@pytest.mark.parametrize("adapted", [False, True])
def test_encoders_apart_work_and_are_saved(base, clips, tmp_path, adapted):
    model, given = qwen_omni.load(base), candidates(clips)
    if adapted:
        model.add_lora(rank=2)
    else:
        model.freeze_reference()
    expected, encoders = model.score(given), model.log_probs.sizes()["encoders"]
    model.save(tmp_path / "together")
    count = sum(weight.numel() for weight in model.module.parameters())
    model.keep_encoders_whole()
    assert sum(weight.numel() for weight in model.module.parameters()) == count - encoders
    assert model.score(given) == pytest.approx(expected, abs=1e-6)
    with model.as_reference():
        assert model.score(given) == pytest.approx(expected, abs=1e-6)
    model.save(tmp_path / "apart", model.module.state_dict())
    one, other = (load_file(next((tmp_path / name).glob("*.safetensors"))) for name in ("together", "apart"))
    assert one.keys() == other.keys()
    assert all(one[name].equal(other[name]) for name in one)
    assert qwen_omni.load(tmp_path / "apart").score(given) == pytest.approx(expected, abs=1e-6)


def test_trained_encoders_cannot_stand_apart(base):
    model = qwen_omni.load(base, train_encoders=True)
    with pytest.raises(AvereError, match="freeze them"):
        model.keep_encoders_whole()
