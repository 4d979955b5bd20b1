"""From an official AVERE-7B checkpoint to a model folder: plan all, then write one tensor at a time."""
