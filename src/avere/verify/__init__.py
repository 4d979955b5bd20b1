"""People in the loop: projects for annotation programs, verdicts read back, agreement and acceptance.

Nothing here serves a page. ``avere verify export`` writes a folder that a program of its own serves, and
``avere verify import`` reads back what that program stored.
"""
