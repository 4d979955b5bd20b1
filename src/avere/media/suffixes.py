"""Which files hold sound alone, which a film and which moving pictures, by their names."""

SOUND_SUFFIXES = frozenset(
    {
        *(".wav", ".w64", ".flac", ".mp3", ".m4a", ".aac", ".ogg", ".oga", ".opus", ".aiff", ".aif"),
        *(".aifc", ".caf", ".amr", ".mka", ".wma"),
    }
)
VIDEO_SUFFIXES = frozenset(
    {
        *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".flv", ".asf", ".wmv", ".mpg", ".mpeg"),
        *(".ts", ".mts", ".m2ts", ".3gp", ".3g2", ".ogv"),
    }
)
PICTURE_SUFFIXES = frozenset({".gif", ".apng"})
"""Beside a film of the same name such a file is its preview, so that corpora pass it over."""
