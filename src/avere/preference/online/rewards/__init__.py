"""The rewards, one module each: ``Config`` and ``reward(answer, truth, config)``.

A reward is between 0 and 1, or None where the truth of a prompt says that it does not apply there: whether it
applies never depends on the answer. Alone, each can be gamed as its module says; a recipe sums several.
"""
