"""Check the loss `dpo` against TRL: its trainer and ours agree on values and gradients of a tiny model."""

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TORCH, TRL = "torch==2.13.0", "trl==1.16.0"
"""torch goes first and pinned, so that pip takes its CPU build where one is offered."""
OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
INSIDE = "--inside"
BETA = 0.3
ROWS = [
    ("what shows it", "the broad smile shows it", "the red shirt"),
    ("what is heard", "laughter", "a sob and the rain are heard there"),
    ("how does she feel", "happy as the smile shows", "sad"),
]
"""Prompt, chosen and rejected answer, of unequal lengths, so that padding is in the batch."""


def run(*command: str | Path) -> None:
    """Run a command and stop everything where it fails."""
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT, env={**os.environ, **OFFLINE})


def main() -> int:
    """Make an environment with TRL and compare in there; return the exit code."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        venv.create(folder / "env", with_pip=True)
        install = (folder / "env" / "bin" / "pip", "install", "--quiet", "-c", ROOT / "constraints.txt")
        run(*install, TORCH)
        run(*install, TRL, ".[train]")
        run(folder / "env" / "bin" / "python", "-I", Path(__file__), INSIDE, folder / "out")
    return 0


def trainer(out: str):
    """Return TRL's trainer over a tiny policy and another tiny model as its reference."""
    from datasets import Dataset
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, set_seed
    from trl import DPOConfig, DPOTrainer

    def model(seed: int) -> LlamaForCausalLM:
        set_seed(seed)
        shape = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
        # Wide weights, so that the two models differ by more than rounding.
        return LlamaForCausalLM(LlamaConfig(vocab_size=len(words), initializer_range=0.5, **shape))

    words = [
        "<pad>",
        "<unk>",
        "</s>",
        *sorted({word for row in ROWS for text in row for word in text.split()}),
    ]
    vocabulary = models.WordLevel({word: place for place, word in enumerate(words)}, unk_token="<unk>")
    tokenizer = Tokenizer(vocabulary)
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    names = {"pad_token": "<pad>", "unk_token": "<unk>", "eos_token": "</s>"}
    arguments = DPOConfig(
        out, beta=BETA, per_device_train_batch_size=len(ROWS), use_cpu=True, bf16=False, report_to="none"
    )
    return DPOTrainer(
        model(0),
        ref_model=model(1),
        args=arguments,
        train_dataset=Dataset.from_list(
            [{"prompt": prompt, "chosen": f" {good}", "rejected": f" {bad}"} for prompt, good, bad in ROWS]
        ),
        processing_class=PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names),
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


if __name__ == "__main__":
    if INSIDE in sys.argv:
        compare(sys.argv[-1])
    else:
        sys.exit(main())
