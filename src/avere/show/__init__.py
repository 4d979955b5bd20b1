"""A page of this machine in which people ask models about a clip of theirs and look at what stands behind."""
