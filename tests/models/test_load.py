"""Loading goes to the module that handles a source; a broken module beside it costs no other model."""

import shutil
import sys

import pytest
from safetensors.torch import load_file, save_file

import avere
from avere import models
from avere.errors import AvereError
from avere.interfaces import Model, PricedResponder, Scorer, Trainable
from avere.models import qwen_omni


@pytest.fixture
def plant(tmp_path, monkeypatch):
    """Put modules beside those of the folder, under names that come first there."""
    monkeypatch.setattr(models, "__path__", [*models.__path__, str(tmp_path)])
    planted = []

    def put(name, text):
        (tmp_path / f"{name}.py").write_text(text)
        planted.append(name)

    yield put
    for name in planted:
        sys.modules.pop(f"{models.PACKAGE}.{name}", None)
        vars(models).pop(name, None)


HANDLES = "def handles(source):\n    return {}\n\ndef load(source, **options):\n    return source\n"
BROKEN = {
    "without_handles": "def load(source):\n    return source\n",
    "that_does_not_import": "import no_such_library\n",
    "that_is_no_python": "def load(source:\n",
    "that_fails_when_it_is_asked": HANDLES.format("source.no_such_attribute"),
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_broken_module_costs_no_other_model(plant, text):
    plant("aaa_broken", text)
    plant("zzz_whole", HANDLES.format("source == 'whole:one'"))
    assert str(avere.load("whole:one")) == "whole:one"
    assert isinstance(avere.load("scripted:echo"), Model)


def test_a_broken_module_that_is_named_says_what_it_lacks(plant):
    plant("aaa_broken", "VERSION = 1\n")
    with pytest.raises(AvereError, match=r"aaa_broken\.py' is no ModelModule, for it lacks handles, load; "):
        avere.load("aaa_broken:one")


def test_where_nobody_handles_a_source_all_that_failed_is_told(plant, tmp_path):
    plant("aaa_broken", BROKEN["without_handles"])
    with pytest.raises(AvereError, match="aaa_broken") as caught:
        avere.load(tmp_path / "nothing")
    assert "cannot find" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_folder_that_no_family_claims_is_told_beside_a_broken_module(plant, tmp_path, text):
    """The fault of one module does not hide what the folder itself says, nor the other way round."""
    plant("aaa_broken", text)
    folder = tmp_path / "llama"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "llama"}')
    with pytest.raises(AvereError) as caught:
        avere.load(folder)
    said = str(caught.value)
    assert "holds a model of type 'llama', which no family here handles; a module that may have" in said
    fault = {
        **{"without_handles": "lacks handles", "that_does_not_import": "no_such_library"},
        **{"that_is_no_python": "was never closed", "that_fails_when_it_is_asked": "no_such_attribute"},
    }[next(name for name, each in BROKEN.items() if each == text)]
    assert fault in said
    assert "\n" not in said


def test_a_library_that_is_missing_is_told_where_its_module_is_wanted(plant, tmp_path):
    plant("aaa_broken", BROKEN["that_does_not_import"])
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        avere.load(tmp_path)


def test_what_a_model_can_do_is_asked_by_its_type(tmp_path):
    found = avere.load("scripted:echo")
    assert isinstance(found, Scorer)
    assert not isinstance(found, Trainable | PricedResponder)


def test_weights_that_are_missing_are_not_drawn_at_random(base, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(base, folder)
    weights = load_file(folder / "model.safetensors")
    lost = next(name for name in weights if "audio_tower" in name)
    save_file({name: each for name, each in weights.items() if name != lost}, folder / "model.safetensors")
    with pytest.raises(
        AvereError, match=f"lacks 1 weights, .*{lost.rpartition('audio_tower')[2]} among them"
    ):
        qwen_omni.load(folder, device="cpu")
