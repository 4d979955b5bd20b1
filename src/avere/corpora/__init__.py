"""Reading corpora as they are on disk: folders and codes become clips; one file a corpus.

A module of this folder has ``LABELS``, the corpus's own labels as words (empty: any word), and
``clips(root, **options)``. Without options it yields every clip; options only narrow, so that no published
choice of clips is made in silence. A clip whose media are missing is yielded all the same; a label that is
not in the label set leaves ``emotion`` empty and its reason in ``attributes["unlabelled"]``.
"""

from avere.corpora._check import ClipFault, Entry, Overlap, Report, examine_clips, find_copies, write_report
from avere.corpora._cues import find_cue_table, read_cues
from avere.corpora._reading import choices, read
from avere.corpora._tracks import fit_tracks

__all__ = [
    "ClipFault",
    "Entry",
    "Overlap",
    "Report",
    "choices",
    "examine_clips",
    "find_copies",
    "find_cue_table",
    "fit_tracks",
    "read",
    "read_cues",
    "write_report",
]
