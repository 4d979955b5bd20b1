"""From labelled clips to known cues, by annotator models: describe, infer, confirm, weigh."""
