"""Throw random listings, statements and noise at the parsers of answers, and stop at the first broken law.

For example: python .ci/fuzz_answers.py --seconds 60 --seed 0

Laws: no exception; a choice or label is one of those given, or there is a reason; what strict parsing takes,
lenient parsing takes alike; a listing of all options and one statement is that statement for lenient parsing
and no other choice for strict; 10,000 words take less than ``LONGEST`` seconds.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence

from avere.answers import descriptions, emotions, lenient, strict, word_lists
from avere.answers.strict import LETTERS

LONGEST = 10.0
"""Seconds for one reply; ten times what an idle core takes, for a busy one is slower."""
TEXTS = (
    "a smile",
    "wet tears",
    "a sob",
    "Yes",
    "No",
    "happy",
    "sad",
    "no smile",
    "Yes, they agree",
    "calm",
    "B",
)
LABELS = ("happiness", "sadness", "neutral", "anger", "surprise", "disgust", "fear", "calm")
MARKS = ("{}. {}", "({}) {}", "{}) {}", "{}: {}", "**{}.** {}")
STATEMENTS = ("The answer is {}.", "Answer: {}", "**Answer:** ({})", "\\boxed{{{}}}", '{{"answer": "{}"}}')
WORDS = (
    "A B C (A) (b) B) Z. answer is: the The not no yes No, neither nor or and I option Option wait Wait, "
    "actually <think> </think> <answer> </answer> { } ( ) [ ] \" ' * ` . , ; : ? ! - – 。 （B） 是 nicht "
    "because if it happy not_happy afraid I'm sorry angry calm misleads e.g. 1. 2) 10% \\boxed{B} \\text a "
    "smile tears \n \n\n \t é ß İ"
)
NOISE = tuple(WORDS.split(" "))


def make_noise(random_: random.Random, longest: int) -> str:
    """Draw words at random, sometimes one of them very often."""
    count = random_.randrange(longest)
    if random_.random() < 0.1:
        return (random_.choice(NOISE) + random_.choice(["", " ", "\n"])) * count
    return random_.choice([" ", " ", "", "\n"]).join(random_.choices(NOISE, k=count))


def draw_choices(random_: random.Random) -> list[str]:
    """Draw options, rarely none, twice the same or more than there are letters."""
    if random_.random() < 0.05:
        return [f"option {number}" for number in range(random_.randrange(30))]
    return random_.choices(TEXTS, k=random_.randrange(1, 7))


def check_any(random_: random.Random) -> str:
    """Parse noise with every parser; say what is wrong, or nothing."""
    choices, reply = draw_choices(random_), make_noise(random_, 10_000 if random_.random() < 0.02 else 40)
    exact, free = strict.parse(reply, choices), lenient.parse(reply, choices)
    for found in (exact, free):
        if (found.choice is None) == (found.reason is None):
            return f"neither a choice nor a reason: {found} of {reply!r}"
        if found.choice is not None and found.choice not in range(len(choices)):
            return f"no such choice: {found} of {reply!r}"
    if exact.choice is not None and exact != free:
        return f"strict says {exact}, lenient {free} of {reply!r} with {choices}"
    for how in ("strict", "lenient"):
        label = emotions.parse(reply, LABELS, how).label
        if label is not None and label not in LABELS:
            return f"no such label: {label} of {reply!r}"
    if any(not word.strip() for word in word_lists.parse(reply)):
        return f"an empty word in the list of {reply!r}"
    descriptions.parse(reply)
    return ""


def check_listing(random_: random.Random) -> str:
    """Parse a listing of all options and one statement; say what is wrong, or nothing."""
    choices = random_.sample(TEXTS[:3] + TEXTS[5:8], k=random_.randrange(2, 7))
    index, mark = random_.randrange(len(choices)), random_.choice(MARKS)
    between = random_.choice(["\n", " ", ", ", "; "])
    listing = between.join(mark.format(letter, text) for letter, text in zip(LETTERS, choices, strict=False))
    reply = f"{listing}\n{random_.choice(STATEMENTS).format(LETTERS[index])}"
    if lenient.parse(reply, choices).choice != index:
        return f"lenient says {lenient.parse(reply, choices)} of {reply!r} with {choices}"
    if strict.parse(reply, choices).choice not in (None, index):
        return f"strict says {strict.parse(reply, choices)} of {reply!r} with {choices}"
    return ""


CHECKS: Sequence[Callable[[random.Random], str]] = (check_any, check_any, check_listing)


def main(seconds: float, seed: int) -> int:
    """Check random replies for so long; 1 where a law is broken."""
    random_ = random.Random(seed)
    end, count, slowest = time.monotonic() + seconds, 0, 0.0
    while time.monotonic() < end:
        begun = time.monotonic()
        fault = random_.choice(CHECKS)(random_)
        slowest = max(slowest, time.monotonic() - begun)
        if slowest > LONGEST:
            fault = f"one reply took {slowest:.1f} s"
        if fault:
            print(f"seed {seed}, reply {count}: {fault}", file=sys.stderr)
            return 1
        count += 1
    print(f"seed {seed}: {count} replies, the slowest took {slowest:.2f} s")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Throw random replies at the parsers of answers.")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    sys.exit(main(given.seconds, given.seed))
