"""Online training: the policy's own answers, rewards whose truth is known, and records made of both."""
