"""Where the cues of EmoWorld are, as its plans draw and sound them, by the cells of occlusion maps."""

from collections.abc import Mapping, Sequence

import numpy as np

from avere.analyse.why.occlusion import CuePlace, Pointing, point_at, share_cells, share_times
from avere.records import Clip, OcclusionMap, Question, jsonl
from avere.world.picture import face
from avere.world.plan import ClipPlan
from avere.world.sound import voice

PLANS = "plans.jsonl"


def find_plans(clips: Mapping[str, Clip]) -> dict[str, ClipPlan]:
    """Find the plans of clips of EmoWorld, beside the folder of their media; none of other clips."""
    media = [clip.video or clip.audio for clip in clips.values() if clip.source == "emoworld"]
    folders = dict.fromkeys(path.parent.parent for path in media if path is not None)
    files = (folder / PLANS for folder in folders)
    return {plan.id: plan for file in files if file.exists() for plan in jsonl.read(file, ClipPlan)}


def point_all(
    maps: Sequence[OcclusionMap], questions: Mapping[str, Question], plans: Mapping[str, ClipPlan]
) -> list[Pointing]:
    """Check the maps of right answers that name a cue which the person shows."""
    found = []
    for one in maps:
        cue, plan = questions[one.question].cue, plans.get(one.clip)
        if plan is None or cue is None or not one.right or not cue.present or cue.bearer != "person":
            continue
        if cue.name in (*plan.face_cues, *plan.voice_cues):
            pointed = point_at(one, cue.name, cue.modality, locate_cue(plan, cue.name, one))
            found += [] if pointed is None else [pointed]
    return found


def locate_cue(plan: ClipPlan, name: str, one: OcclusionMap) -> CuePlace:
    """Locate a cue of the person by the cells of a map."""
    if name in plan.face_cues and one.picture:
        marked = face.mark_cue(plan, name).astype(np.float64)
        return CuePlace(picture=share_cells(marked, len(one.picture)))
    if name in plan.voice_cues and one.sound_seconds:
        spans = [(float(begin), float(end)) for begin, end in voice.time_cue(plan, name)]
        return CuePlace(sound=share_times(spans, one.sound_seconds, len(one.sound_times)))
    return CuePlace()
