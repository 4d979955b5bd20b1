"""The kept reference: keys tell apart what gives other numbers, values are like fresh ones."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import WhisperFeatureExtractor

from avere.errors import AvereError
from avere.interfaces import Candidate, Prompt, Turn
from avere.models import qwen_omni
from avere.preference import _run_folder
from avere.preference._reference import Store, key
from avere.preference.arguments import trainer_arguments
from avere.preference.batches import to_rows
from avere.preference.data import read_records
from avere.preference.recipe import parse_loss
from avere.preference.train import add_adapter, build, keep_reference, train_policy
from avere.records import Corruption, Medium

Make = Callable[..., Any]


@pytest.fixture
def candidate(files: dict[str, Path], tmp_path: Path) -> Candidate:
    noise = Corruption(kind="noise", level=0.5, seed=1)
    prompt = Prompt(
        text="What shows it?",
        video=Medium(path=tmp_path / "c0.mp4", corruption=noise),
        audio=Medium(path=tmp_path / "c0.wav"),
    )
    return Candidate(prompt=prompt, response="a smile")


def test_every_ingredient_alone_changes_the_key(candidate: Candidate, tmp_path: Path) -> None:
    folder = tmp_path / "base"
    qwen_omni.example(folder)

    def digest(
        read: Candidate = candidate, change: Callable[[Any], Any] = lambda _: None, **options: Any
    ) -> str:
        model = qwen_omni.load(folder, **{"device": "cpu", **options})
        change(model)
        return model.candidate_digest(read)

    def with_prompt(**changes: Any) -> Candidate:
        return candidate.model_copy(update={"prompt": candidate.prompt.model_copy(update=changes)})

    def noisy(**changes: Any) -> Candidate:
        other = {"kind": "noise", "level": 0.5, "seed": 1, **changes}
        return with_prompt(video=Medium(path=tmp_path / "c0.mp4", corruption=Corruption(**other)))

    def other_template(model: Any) -> None:
        model.tokenizer.chat_template = "Please. " + model.tokenizer.chat_template

    def other_sound(model: Any) -> None:
        published: Any = WhisperFeatureExtractor
        model.packer.processor.reader.extractor = published(feature_size=128, hop_length=80)

    assert digest() == digest()
    found = [
        digest(),
        digest(with_prompt(text="What shows this?")),
        digest(with_prompt(history=(Turn(text="Who?", response="She."),))),
        digest(candidate.model_copy(update={"response": "a frown"})),
        digest(with_prompt(audio=Medium(path=tmp_path / "c1.wav"))),
        digest(with_prompt(audio=None)),
        digest(noisy(seed=2)),
        digest(noisy(level=0.6)),
        digest(noisy(kind="diffusion")),
        digest(change=other_template),
        digest(change=other_sound),
        digest(frames=1),
        digest(size=(84, 84)),
        digest(audio_seconds=0.5),
        digest(dtype="bfloat16"),
        digest(attention="eager"),
    ]
    (tmp_path / "c0.mp4").write_bytes((tmp_path / "c1.mp4").read_bytes())
    found.append(digest())
    assert len(set(found)) == len(found)
    names = [
        key("weights", "reading", "no"),
        key("others", "reading", "no"),
        key("weights", "reading", "bf16"),
    ]
    assert len(set(names)) == 3


def test_damaged_lines_of_the_store_are_computed_again(tmp_path: Path) -> None:
    """Two whole lines count; what was cut off, overwritten or is no table of numbers does not."""
    good = '{"a": -1.5}\n', '{"b": -2.0, "c\u2028": 3}\n'
    bad = "\0" * 9 + "}\n", '{"d": "x"}\n', "[1, {}]\n", '{"e": 1}}\n', '{"f": 1}'
    (tmp_path / "one.jsonl").write_text("".join([good[0], *bad[:4], good[1], bad[4]]), encoding="utf-8")
    assert Store(tmp_path).values == {"a": -1.5, "b": -2.0, "c\u2028": 3.0}


def test_copied_media_keep_their_key(candidate: Candidate, tmp_path: Path) -> None:
    model = qwen_omni.example(tmp_path / "base")
    (tmp_path / "copy.wav").write_bytes((tmp_path / "c0.wav").read_bytes())
    moved = candidate.prompt.model_copy(update={"audio": Medium(path=tmp_path / "copy.wav")})
    assert model.candidate_digest(candidate.model_copy(update={"ask": moved})) == model.candidate_digest(
        candidate
    )


@pytest.mark.parametrize("adapter", [{"kind": "lora", "rank": 2, "alpha": 2}, {"kind": "full"}])
def test_kept_values_are_the_fresh_ones(
    recipe: Make, files: dict[str, Path], tmp_path: Path, adapter: Any
) -> None:
    qwen_omni.example(tmp_path / "base")
    source = {"source": str(tmp_path / "base"), "dtype": "float32"}
    fresh = recipe(model=source, data=files, adapter=adapter)
    kept = recipe(model=source, data=files, adapter=adapter, cache_reference=True)
    found = []
    for chosen in (fresh, kept):
        model = qwen_omni.load(tmp_path / "base", device="cpu")
        base, records = model.fingerprint, read_records(chosen.data)
        trainer = build(
            model, chosen, parse_loss(chosen.loss), records, trainer_arguments(chosen, tmp_path / "run")
        )
        add_adapter(model, chosen, trainer.objective.source.views)
        if chosen.cache_reference:
            keep_reference(trainer, base, tmp_path / "cache", records)
        collate: Any = trainer.data_collator
        batch = collate(to_rows(records.pairs))
        assert (batch["reference"] is None) == chosen.cache_reference
        found.append(trainer.log_probs(model.module, batch).reference)
    for view, values in found[0].items():
        torch.testing.assert_close(values, found[1][view], atol=1e-6 * float(values.abs().max()), rtol=0)


def test_a_second_run_reads_no_reference(recipe: Make, tiny: Make, tmp_path: Path) -> None:
    forwards = []
    for name in ("first", "second"):
        model = tiny()
        chosen = recipe(cache_reference=True, run={"cache": tmp_path / "cache"})
        train_policy(chosen, tmp_path / name, model=model)
        forwards.append(len(model.forwards))
    # Eight records, two at once, two epochs: eight forwards of the policy, and four of the reference once.
    assert forwards == [12, 8]
    assert not (tmp_path / "first" / _run_folder.REFERENCE).exists()
    train_policy(recipe(cache_reference=True), tmp_path / "third", model=tiny())
    assert (tmp_path / "third" / _run_folder.REFERENCE).is_dir()


def test_a_torn_line_counts_for_nothing(tmp_path: Path) -> None:
    first, second = Store(tmp_path), Store(tmp_path)
    first.add({"a": -1.5})
    second.add({"b": -0.1})
    torn = tmp_path / "torn.jsonl"
    torn.write_text(json.dumps({"c": -2.0}) + "\n" + json.dumps({"d": -3.0})[:-2])
    assert Store(tmp_path).values == {"a": -1.5, "b": -0.1, "c": -2.0}


def test_a_model_that_names_no_candidates_says_so(recipe: Make, tiny: Make, tmp_path: Path) -> None:
    members = {name: value for name, value in vars(tiny).items() if name != "candidate_digest"}
    silent = type("Silent", (), members)()
    with pytest.raises(AvereError, match=r"Silent cannot name what it reads.*set cache_reference=false"):
        train_policy(recipe(cache_reference=True), tmp_path / "out", model=silent)


def test_the_start_is_told_and_warned_of(
    recipe: Make, tiny: Make, files: dict[str, Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    qwen_omni.example(tmp_path / "base")
    chosen = recipe(
        model={"source": str(tmp_path / "base"), "dtype": "float32"},
        data=files,
        cache_reference=True,
        optimiser={"epochs": 1},
    )
    out = train_policy(chosen, tmp_path / "true")
    first = json.loads((out / "log.jsonl").read_text().splitlines()[0])
    assert 0 <= first["start/difference_mean"] <= first["start/difference_max"] < 1e-4
    assert "differs from the reference" not in caplog.text
    cache = tmp_path / "cache"
    chosen = recipe(cache_reference=True, run={"cache": cache})
    train_policy(chosen, tmp_path / "one", model=tiny())
    for file in cache.iterdir():
        values = json.loads(file.read_text().splitlines()[0])
        file.write_text(json.dumps({name: value + 1 for name, value in values.items()}) + "\n")
    train_policy(chosen, tmp_path / "two", model=tiny())
    assert "the policy differs from the reference by up to 1" in caplog.text
