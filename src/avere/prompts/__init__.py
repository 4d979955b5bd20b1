"""Every word sent to a model: one Markdown file a prompt, with front matter that says what goes in."""

from avere.prompts._prompt_files import digest, names, purpose, render

__all__ = ["digest", "names", "purpose", "render"]
