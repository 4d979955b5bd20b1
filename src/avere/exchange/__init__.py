"""Other people's forms in and out: preference rows, data sets, tasks and records of harnesses."""
