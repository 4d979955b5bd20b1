"""Which files hold sound alone and which hold pictures, by their names: those that this package reads."""

SOUND_SUFFIXES = frozenset(
    {
        *(".wav", ".w64", ".flac", ".mp3", ".m4a", ".aac", ".ogg", ".oga", ".opus", ".aiff", ".aif"),
        *(".aifc", ".caf", ".amr", ".mka", ".wma"),
    }
)
VIDEO_SUFFIXES = frozenset(
    {
        *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".flv", ".asf", ".wmv", ".mpg", ".mpeg"),
        *(".ts", ".mts", ".m2ts", ".3gp", ".3g2", ".ogv", ".gif", ".apng"),
    }
)
