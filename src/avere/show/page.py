"""The page itself: parts of gradio, served to this machine alone, and nothing kept when it ends."""

import os
import signal
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import markupsafe

from avere.errors import AvereError
from avere.interfaces import Responder
from avere.show.answers import PRESENCE, PageAnswer, answer_question, check_clip
from avere.show.examples import QUESTIONS, Examples, make_examples

TEMPLATES = Path(__file__).with_name("templates")
HOST = "127.0.0.1"
LONGEST_QUESTION = 2000
"""Characters."""
KEPT_SECONDS = 600
"""How long an upload lies on the disk while the page runs; players read it from there."""
CLASSES = dict(zip(PRESENCE.values(), ("there", "elsewhere", "absent"), strict=True))
GROUP_NAMES = {
    "audio": "sound",
    "video": "picture",
    "text": "words of the prompt",
    "response": "its own words",
}
ABOUT = (
    "<h1>avere show</h1><p>Ask about a clip. It goes to models on this machine, or to the service that a "
    "model's name says, and is deleted here when the page ends.</p>"
)


class Limits(NamedTuple):
    """What the page takes."""

    seconds: float
    megabytes: int
    tokens: int
    """Of an answer."""


def serve_page(
    models: Sequence[Responder], limits: Limits, *, port: int, examples: int, opened: Callable[[str], None]
) -> None:
    """Serve the page until it is interrupted; ``opened`` gets its address.

    Raises:
        AvereError: the port is taken.
        ModuleNotFoundError: gradio is not installed.
    """
    with tempfile.TemporaryDirectory(prefix="avere-show-") as name:
        # gradio reads both when it is used first.
        os.environ["GRADIO_TEMP_DIR"] = str(Path(name) / "uploads")
        os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
        import gradio

        made = make_examples(Path(name) / "examples", examples)
        page = build_page(models, made, limits)
        try:
            _, address, _ = page.launch(
                server_name=HOST,
                server_port=port,
                share=False,
                quiet=True,
                prevent_thread_lock=True,
                max_file_size=f"{limits.megabytes}mb",
                allowed_paths=[str(made.folder)],
                footer_links=[],
                mcp_server=False,
                ssr_mode=False,
                css=(TEMPLATES / "page.css").read_text("utf-8"),
                theme=gradio.themes.Default(font=["system-ui", "sans-serif"], font_mono=["monospace"]),
            )
        except OSError as error:
            raise AvereError(f"port {port} is taken; give another --port") from error
        # So that a page that is told to end deletes what was uploaded, as after Ctrl-C.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        opened(address)
        page.block_thread()


def build_page(models: Sequence[Responder], examples: Examples, limits: Limits) -> Any:
    """Build the page: a clip, a question, and beside them what each model says."""
    import gradio

    def ask(clip: str | None, question: str) -> str:
        return render_answers(models, examples, limits, clip, question)

    with gradio.Blocks(analytics_enabled=False, title="avere show", delete_cache=(60, KEPT_SECONDS)) as page:
        gradio.HTML(ABOUT)
        with gradio.Row():
            with gradio.Column(scale=1):
                sources = ["upload", "webcam"]
                clip = gradio.Video(label="Clip", sources=sources, include_audio=True, elem_id="clip")
                question = gradio.Textbox(label="Question", value=QUESTIONS[0], max_length=LONGEST_QUESTION)
                button = gradio.Button("Ask", variant="primary")
                if examples.rows:
                    rows = [[str(path), text] for path, text in examples.rows]
                    title = "Clips of EmoWorld, whose cues are known"
                    gradio.Examples(rows, [clip, question], label=title, cache_examples=False)
            with gradio.Column(scale=2):
                answers = gradio.HTML()
        button.click(ask, [clip, question], answers, api_visibility="private", concurrency_limit=1)
    return page


def render_answers(
    models: Sequence[Responder], examples: Examples, limits: Limits, clip: str | None, question: str
) -> str:
    """Ask all models and render what they say; whatever is wrong with the input becomes a line of its own."""
    if clip is None:
        return _refuse("there is no clip yet; upload one, record one, or take one of the examples")
    if not question.strip():
        return _refuse("there is no question yet; write one")
    try:
        check_clip(Path(clip), limits.seconds)
    except AvereError as error:
        return _refuse(str(error))
    cues = examples.known(Path(clip))
    return render([answer_question(model, Path(clip), question, cues, limits.tokens) for model in models])


def render(answers: Sequence[PageAnswer]) -> str:
    """Render answers side by side; what a model or a file's name says stays text."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template("answers.html.j2").render(
        answers=answers, classes=CLASSES, groups=GROUP_NAMES
    )


def _refuse(why: str) -> str:
    return f'<p class="reason">{markupsafe.escape(why)}</p>'
