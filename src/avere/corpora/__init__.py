"""Reading corpora as they are on disk: folders and codes become clips; one file a corpus."""
