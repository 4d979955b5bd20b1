"""A folder belongs to the family that saved it, or to that of its base; packing knows no family."""

import json
import re
from pathlib import Path

import huggingface_hub
import pytest
from tests.oracles import llama

import avere
from avere.errors import AvereError
from avere.interfaces import Candidate, Prompt
from avere.models import packing, qwen_omni
from avere.models.packing import ownership
from avere.records import Medium

QUESTION = Candidate(prompt=Prompt(text="what do you hear"), response="the rain")


def write(folder, **files):
    """Write JSON files into a folder, by the stems of their names."""
    folder.mkdir(exist_ok=True)
    for stem, content in files.items():
        (folder / f"{stem}.json").write_text(json.dumps(content))
    return folder


def adapter_of(base):
    return {"peft_type": "LORA", "base_model_name_or_path": str(base)}


@pytest.fixture
def adapter(model, tmp_path):
    """Return the folder of an adapter that this package saved."""
    model.add_lora(rank=2)
    model.save(tmp_path / "adapter")
    return tmp_path / "adapter"


def forget_family(folder):
    """Make a folder as versions did that knew one family."""
    stored = json.loads((folder / "avere.json").read_text())
    del stored["family"]
    (folder / "avere.json").write_text(json.dumps(stored))


def test_saved_weights_and_adapters_name_their_family(base, adapter):
    for folder in (base, adapter):
        assert json.loads((folder / "avere.json").read_text())["family"] == "qwen2_5_omni"


def test_the_familys_name_does_not_enter_the_fingerprint(adapter):
    expected = qwen_omni.load(adapter)
    forget_family(adapter)
    again = qwen_omni.load(adapter)
    assert again.fingerprint == expected.fingerprint
    assert again.score([QUESTION]) == expected.score([QUESTION])


def test_folders_that_name_no_family_are_claimed_by_what_they_hold(base, adapter, tmp_path):
    (adapter / "avere.json").unlink()
    assert qwen_omni.handles(str(adapter))
    assert avere.load(adapter).name == base.name
    config = json.loads((base / "config.json").read_text())
    assert qwen_omni.handles(str(write(tmp_path / "weights", config=config)))


@pytest.mark.parametrize("stored", [{}, {"avere": {"frames": 2}}])
def test_an_adapter_of_another_base_is_claimed_by_nobody(stored, tmp_path):
    base = write(tmp_path / "vicuna", config={"model_type": "llama"})
    folder = write(tmp_path / "adapter", adapter_config=adapter_of(base), **stored)
    assert not qwen_omni.handles(str(folder))
    with pytest.raises(AvereError, match=rf"adapter of '{re.escape(str(base))}', which is of type 'llama'"):
        avere.load(folder)


def test_an_adapter_of_a_base_that_is_not_here_is_claimed_by_nobody(tmp_path):
    folder = write(tmp_path / "adapter", adapter_config=adapter_of("nobody/vicuna-7b"))
    with pytest.raises(AvereError, match=r"adapter of 'nobody/vicuna-7b', which cannot be found") as error:
        avere.load(folder)
    assert "\n" not in str(error.value)


def test_an_adapter_without_a_base_is_named(tmp_path):
    folder = write(tmp_path / "adapter", adapter_config={"base_model_name_or_path": None})
    with pytest.raises(AvereError, match="names no base model"):
        avere.load(folder)


def test_a_folder_of_an_unknown_family_is_claimed_by_nobody(base, tmp_path):
    config = json.loads((base / "config.json").read_text())
    folder = write(tmp_path / "other", config=config, avere={"family": "of_tomorrow", "frames": 2})
    with pytest.raises(AvereError, match="saved by the family 'of_tomorrow'"):
        avere.load(folder)
    with pytest.raises(AvereError, match="'of_tomorrow', not 'qwen2_5_omni'"):
        qwen_omni.load(folder)


def test_torn_settings_are_named(tmp_path):
    with pytest.raises(AvereError, match=r"avere\.json' holds no JSON object"):
        avere.load(write(tmp_path / "torn", avere=[]))


def test_an_adapter_upon_an_adapter_is_refused(base, adapter):
    with pytest.raises(AvereError, match="is an adapter itself"):
        avere.load(adapter, adapter=adapter)


def test_a_second_family_answers_saves_and_loads(clips, tmp_path):
    model = llama.example(tmp_path / "base")
    model.add_lora(rank=2)
    for weight in model.module.parameters():
        weight.data += 0.1 if weight.requires_grad else 0.0
    later = QUESTION.model_copy(update={"response": "no rain"})
    alone = [llama.alone(model, candidate).item() for candidate in (QUESTION, later)]
    assert model.score([QUESTION, later]) == pytest.approx(alone, abs=1e-5)
    replies = [reply.text for reply in model.respond([QUESTION.prompt] * 2, max_tokens=4, seed=0)]
    assert replies[0] == replies[1]
    model.save(tmp_path / "adapter")
    assert not qwen_omni.handles(str(tmp_path / "adapter"))
    again = llama.load(tmp_path / "adapter")
    assert again.fingerprint == model.fingerprint
    assert again.score([QUESTION]) == pytest.approx(alone[:1], abs=1e-5)
    (reply,) = model.respond([Prompt(text="why", video=Medium(path=clips[0]))], max_tokens=1, seed=0)
    assert reply.status == "media error"
    assert "leave video out" in str(reply.reason)


def test_packing_names_no_family():
    words = re.compile(r"qwen|llama|vicuna|thinker|visual|audio_tower|<\||q_proj|models\.tiny", re.IGNORECASE)
    for file in Path(packing.__path__[0]).glob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert words.findall(text) == [], file.name
        assert "transformers.models" not in text, file.name


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json", "preprocessor_config.json"])
def test_a_folder_that_brings_code_is_refused_and_nothing_runs(tmp_path, name):
    qwen_omni.example(tmp_path)
    (tmp_path / "theirs.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nclass Mine: ...\n")
    file = tmp_path / name
    content = json.loads(file.read_text()) if file.exists() else {}
    file.write_text(json.dumps(content | {"auto_map": {"AutoTokenizer": ["theirs.Mine", None]}}))
    with pytest.raises(AvereError, match=f"{name}.*auto_map.*never run"):
        qwen_omni.load(tmp_path)
    assert not (tmp_path / "ran").exists()


def test_a_revision_of_a_repository_is_asked_for(monkeypatch, tmp_path):
    asked = []

    def download(name, *, revision, allow_patterns):
        asked.append((name, revision))
        return tmp_path

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert ownership.locate_folder("owner/name@abc123", ["*.json"]) == tmp_path
    assert ownership.locate_folder("owner/name", ["*.json"]) == tmp_path
    assert asked == [("owner/name", "abc123"), ("owner/name", None)]
