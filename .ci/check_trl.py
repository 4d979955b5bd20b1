"""Check `dpo` and `grpo` against TRL: its trainers and ours agree on values and gradients of a tiny model."""

import sys
import tempfile
from pathlib import Path

from _environments import ROOT, lay_over, run_command

TRL = "trl==1.16.0"
INSIDE = "--inside"
BETA = 0.3
ROWS = [
    ("what shows it", "the broad smile shows it", "the red shirt"),
    ("what is heard", "laughter", "a sob and the rain are heard there"),
    ("how does she feel", "happy as the smile shows", "sad"),
]
"""Prompt, chosen and rejected answer, of unequal lengths, so that padding is in the batch."""
REWARDS = (0.9, 0.2, 0.4, 0.4, 0.1, 0.8)
"""Of six answers: two groups of three."""
GROUPED = {
    "as published": ({"use_bias_correction_kl": False}, {}),
    "unbiased divergence": ({}, {"kl": "unbiased"}),
    "no divergence, clipped higher": ({"beta": 0.0, "epsilon_high": 0.28}, {"beta": 0, "clip_higher": 0.28}),
    "whole answers": ({"beta": 0.0, "importance_sampling_level": "sequence"}, {"beta": 0, "ratio": "answer"}),
    "Dr. GRPO": (
        {"loss_type": "dr_grpo", "scale_rewards": "none", "max_completion_length": 8},
        {"length": "constant", "tokens": 8, "scale": "none", "kl": "unbiased"},
    ),
}
"""Settings of TRL and ours, by what they are called."""


def main() -> int:
    """Make an environment with TRL and compare in there; return the exit code."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = lay_over(folder / "env", ("-c", ROOT / "constraints.txt", TRL))
        run_command(python, "-E", Path(__file__), INSIDE, folder / "out")
    return 0


WORDS = ["<pad>", "<unk>", "</s>", *sorted({word for row in ROWS for text in row for word in text.split()})]


def make_model(seed: int):
    """Make a tiny model."""
    from transformers import LlamaConfig, LlamaForCausalLM, set_seed

    set_seed(seed)
    shape = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    # Wide weights, so that two models differ by more than rounding.
    return LlamaForCausalLM(LlamaConfig(vocab_size=len(WORDS), initializer_range=0.5, **shape))


def make_tokenizer():
    """Make a tokenizer that knows the words of the rows."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    vocabulary = models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="<unk>")
    tokenizer = Tokenizer(vocabulary)
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    names = {"pad_token": "<pad>", "unk_token": "<unk>", "eos_token": "</s>"}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, padding_side="left", **names)


def trainer(out: str):
    """Return TRL's trainer over a tiny policy and another tiny model as its reference."""
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    arguments = DPOConfig(
        out, beta=BETA, per_device_train_batch_size=len(ROWS), use_cpu=True, bf16=False, report_to="none"
    )
    return DPOTrainer(
        make_model(0),
        ref_model=make_model(1),
        args=arguments,
        train_dataset=Dataset.from_list(
            [{"prompt": prompt, "chosen": f" {good}", "rejected": f" {bad}"} for prompt, good, bad in ROWS]
        ),
        processing_class=make_tokenizer(),
    )


def summed(model, batch):
    """Return the log-probability of every answer with its end token, chosen ones first, from plain logits."""
    logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits[:, :-1]
    each = logits.log_softmax(-1).gather(2, batch["input_ids"][:, 1:, None]).squeeze(2)
    return (each * batch["completion_mask"][:, 1:]).sum(dim=1)


def compare(out: str) -> None:
    """Compute one batch both ways and refuse any difference beyond float32 rounding."""
    import torch
    from torch.testing import assert_close

    from avere.preference.losses import dpo
    from avere.preference.views import LogProbs, View

    theirs = trainer(out)
    batch = next(iter(theirs.get_train_dataloader()))
    heard = []

    def policy(**given):
        outputs = theirs.model(**given)
        outputs.log_probs.retain_grad()
        heard.append(outputs.log_probs)
        return outputs

    their_loss = theirs.compute_loss(policy, batch)
    their_loss.backward()
    their_gradients = {name: value.grad.clone() for name, value in theirs.model.named_parameters()}
    theirs.model.zero_grad()

    views = (View("real", "chosen"), View("real", "hallucinated"))
    values = summed(theirs.model, batch)
    values.retain_grad()
    with torch.no_grad():
        reference = summed(theirs.ref_model, batch)
    logps = LogProbs(
        policy=dict(zip(views, values.chunk(2), strict=True)),
        detached={},
        reference=dict(zip(views, reference.chunk(2), strict=True)),
    )
    our_loss = dpo.loss(logps, dpo.Config(beta=BETA)).each.mean()
    our_loss.backward()

    (tokens,) = heard
    pairs = {
        "log-probabilities": (values, tokens.sum(dim=1)),
        "loss": (our_loss, their_loss),
        # A token's share in a sum has the gradient of the whole.
        "gradient of log-probabilities": (values.grad, tokens.grad[:, 0]),
    }
    pairs |= {
        f"gradient of {name}": (value.grad, their_gradients[name])
        for name, value in theirs.model.named_parameters()
    }
    for name, (ours, others) in pairs.items():
        assert_close(ours, others, rtol=1e-4, atol=1e-5, msg=lambda text, name=name: f"{name}: {text}")
    print(f"dpo agrees with {TRL}: loss {our_loss:.6f}, {len(their_gradients)} parameter gradients")


def answers(tokenizer):
    """Encode six answers, each behind its prompt: prompts filled up on the left, answers on the right."""
    import torch

    end = tokenizer.eos_token_id
    asked = [tokenizer(prompt)["input_ids"] for prompt, *texts in ROWS for _ in texts]
    said = [[*tokenizer(text)["input_ids"], end] for _, *texts in ROWS for text in texts]

    def fill(rows, *, left: bool):
        longest = max(map(len, rows))
        padded = [
            [0] * (longest - len(row)) + row if left else row + [0] * (longest - len(row)) for row in rows
        ]
        marks = [[0] * (longest - len(row)) + [1] * len(row) for row in rows]
        return torch.tensor(padded), torch.tensor(marks if left else [mark[::-1] for mark in marks])

    prompts, answered = fill(asked, left=True), fill(said, left=False)
    names = ("prompt_ids", "prompt_mask", "completion_ids", "completion_mask")
    return dict(zip(names, (*prompts, *answered), strict=True))


def by_token(model, batch):
    """Compute the log-probability of every token of the answers from plain logits, and zero behind them."""
    import torch

    ids = torch.cat([batch["prompt_ids"], batch["completion_ids"]], dim=1)
    mask = torch.cat([batch["prompt_mask"], batch["completion_mask"]], dim=1)
    kept = batch["completion_ids"].shape[1]
    logits = model(input_ids=ids, attention_mask=mask).logits[:, -kept - 1 : -1]
    each = logits.log_softmax(-1).gather(2, batch["completion_ids"][:, :, None]).squeeze(2)
    return each * batch["completion_mask"]


def compare_groups(out: str, name: str) -> None:
    """Compute GRPO of one batch both ways under some settings and refuse any difference beyond rounding."""
    import torch
    from datasets import Dataset
    from torch.testing import assert_close
    from trl import GRPOConfig, GRPOTrainer

    from avere.preference.losses import grpo
    from avere.preference.views import LogProbs, TokenLogProbs, View

    given, settings = GROUPED[name]
    arguments = GRPOConfig(
        out, per_device_train_batch_size=6, num_generations=3, use_cpu=True, bf16=False, report_to="none",
        **{"loss_type": "grpo", "max_completion_length": 8, **given, "beta": 0.0},
    )  # fmt: skip
    theirs = GRPOTrainer(
        make_model(0),
        reward_funcs=lambda completions, **_: [0.0] * len(completions),
        args=arguments,
        train_dataset=Dataset.from_list([{"prompt": row[0]} for row in ROWS]),
        processing_class=make_tokenizer(),
    )
    theirs.beta = given.get("beta", 0.04)  # later, for it would load a reference by name
    theirs.current_gradient_accumulation_steps = 1
    batch, chosen = answers(theirs.processing_class), View("real", "chosen")
    # Near the policy, so that some ratios are inside the clip and others are not.
    nudge = torch.linspace(-0.5, 0.5, batch["completion_ids"].numel()).view_as(batch["completion_ids"])
    with torch.no_grad():
        before = (by_token(theirs.model, batch) + nudge) * batch["completion_mask"]
    rewards = torch.tensor(REWARDS)
    groups = rewards.view(-1, 3)
    mean, std = (each.repeat_interleave(3) for each in (groups.mean(1), groups.std(1)))
    advantages = rewards - mean if given.get("scale_rewards") == "none" else (rewards - mean) / (std + 1e-4)
    known = {"advantages": advantages, "old_per_token_logps": before, "ref_per_token_logps": before}
    their_loss = theirs._compute_loss(theirs.model, batch | known)
    their_loss.backward()
    their_gradients = {key: value.grad.clone() for key, value in theirs.model.named_parameters()}
    theirs.model.zero_grad()

    now = by_token(theirs.model, batch)
    logps = LogProbs(
        policy={chosen: now.sum(1)},
        detached={},
        reference={chosen: before.sum(1)},
        lengths={"chosen": batch["completion_mask"].sum(1).float()},
        tokens=TokenLogProbs({chosen: now}, {chosen: before}),
        group={"reward": rewards, "mean": mean, "std": std, "log_prob": before.sum(1)},
    )
    terms = grpo.loss(logps, grpo.Config(**settings))
    our_loss = terms.each.mean()
    our_loss.backward()
    assert terms.measures["clipped"].sum() > 0, "nothing is clipped, so that clipping is not compared"
    pairs = {"loss": (our_loss, their_loss)} | {
        f"gradient of {key}": (value.grad, their_gradients[key])
        for key, value in theirs.model.named_parameters()
    }
    for what, (ours, others) in pairs.items():
        assert_close(ours, others, rtol=1e-4, atol=1e-5, msg=lambda text, what=what: f"{what}: {text}")
    print(f"grpo ({name}) agrees with {TRL}: loss {our_loss:.6f}, {len(their_gradients)} parameter gradients")


if __name__ == "__main__":
    if INSIDE in sys.argv:
        compare(sys.argv[-1])
        for number, name in enumerate(GROUPED):
            compare_groups(f"{sys.argv[-1]}-{number}", name)
    else:
        sys.exit(main())
