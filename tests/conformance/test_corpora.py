"""Every corpus of the folder keeps its contract, shown on a small copy of its layout on disk."""

import pytest
from tests.corpora import layouts

from avere import catalogue, corpora
from avere.errors import AvereError
from avere.interfaces import CorpusModule

NAMES = catalogue.names("avere.corpora")


@pytest.fixture(params=NAMES)
def name(request):
    assert hasattr(layouts, request.param), f"write the layout of {request.param} in tests/corpora/layouts.py"
    return request.param


@pytest.fixture
def layout(name, tmp_path, donors):
    return getattr(layouts, name)(tmp_path / "Größe 1", donors)


@pytest.fixture
def clips(name, layout):
    return list(corpora.read(name, layout.root))


def test_every_clip_is_found_with_its_emotion(layout, clips):
    assert {clip.id: clip.emotion for clip in clips} == layout.emotions


def test_ids_are_unique_and_say_their_corpus(name, clips):
    assert len({clip.id for clip in clips}) == len(clips) > 0
    assert {clip.source for clip in clips} <= {name}


def test_emotions_are_of_the_label_set_or_have_a_reason(name, clips):
    labels = catalogue.find("avere.corpora", name, CorpusModule).LABELS
    for clip in clips:
        if clip.emotion is None:
            assert clip.attributes["unlabelled"]
        else:
            assert not labels or clip.emotion in labels
            assert "unlabelled" not in clip.attributes


def test_media_are_there_or_known_to_be_missing(layout, clips):
    for clip in clips:
        media = [path for path in (clip.video, clip.audio) if path is not None]
        assert media
        assert all(path.is_file() for path in media) == (clip.id not in layout.missing)


def test_options_only_narrow(name, layout, clips):
    splits = {clip.split for clip in clips if clip.split}
    if "split" in corpora.choices(catalogue.find("avere.corpora", name, CorpusModule)):
        for split in splits:
            own = [clip.id for clip in corpora.read(name, layout.root, {"split": split})]
            assert own == [clip.id for clip in clips if clip.split == split]


@pytest.mark.parametrize("here", [True, False], ids=["empty", "none"])
def test_a_folder_without_the_corpus_says_what_was_sought(name, tmp_path, here):
    root = tmp_path / "nothing"
    if here:
        root.mkdir()
    with pytest.raises(AvereError, match=r"nothing.*(looked for|does not exist)"):
        list(corpora.read(name, root))


def test_options_that_it_lacks_are_refused(name, tmp_path):
    with pytest.raises(AvereError, match=f"options of corpus '{name}'.*colour.*It has: "):
        corpora.read(name, tmp_path, {"colour": "red"})
