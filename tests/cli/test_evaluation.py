"""The verbs ``evaluate``, ``score`` and ``report``, one after the other as a person types them."""

from avere.analyse import read_summary
from avere.cli.main import run


def test_the_road(data, tmp_path, capsys):
    for rule in ("always-yes", "always-no"):
        given = [
            "evaluate",
            "--model",
            f"scripted:{rule}",
            "--data",
            str(data),
            "--out",
            str(tmp_path / rule),
        ]
        assert run(given) == 0
    assert "50.0" in capsys.readouterr().out
    (tmp_path / "always-no" / "summary.json").unlink()
    assert run(["score", str(tmp_path / "always-no"), "--draws", "50"]) == 0
    page = tmp_path / "page.html"
    folders = [str(tmp_path / rule) for rule in ("always-yes", "always-no")]
    assert run(["report", *folders, "--out", str(page)]) == 0
    assert "always-no" in page.read_text(encoding="utf-8")


def test_mistakes_are_one_line(data, tmp_path, capsys):
    assert run(["score", str(tmp_path)]) == 2
    assert run(["report", str(tmp_path)]) == 2
    given = ["evaluate", "--model", "scripted:always-yes", "--data", str(data), "--out", str(tmp_path / "x")]
    assert run([*given, "--conditions", "av,deaf"]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 3
    assert all(line.startswith("avere: ") for line in lines)


def test_an_old_journal_under_another_parser(data, tmp_path, capsys):
    out = tmp_path / "words"
    given = ["evaluate", "--model", "scripted:always-yes", "--data", str(data), "--out", str(out)]
    assert run([*given, "--set", "closed=reply"]) == 0
    strict = {name: (out / name).read_bytes() for name in ("scores.jsonl", "summary.json")}
    for parser in ("lenient", "compat-avere"):
        capsys.readouterr()
        assert run(["score", str(out), "--parser", parser, "--draws", "50"]) == 0
        said = capsys.readouterr().out
        assert f"parsed as {parser}" in said
        assert "the same words under each parser" in said
        assert "compat-avere: stops with a division by zero in modality_agreement" in " ".join(said.split())
        assert (out / f"scores.{parser}.jsonl").exists()
        assert read_summary(out, parser).draws == 50
    assert strict == {name: (out / name).read_bytes() for name in strict}
    # The bare "Yes" is right of one question in two for us, and of none for the published script.
    measures = {
        name: read_summary(out, name).conditions["av"].measures for name in ("lenient", "compat-avere")
    }
    found = {name: numbers["accuracy/modality_agreement"].value for name, numbers in measures.items()}
    assert found == {"lenient": 50.0, "compat-avere": 0.0}


def test_parsers_do_not_differ_without_words(data, tmp_path, capsys):
    out = tmp_path / "silent"
    assert run(["evaluate", "--model", "scripted:always-a", "--data", str(data), "--out", str(out)]) == 0
    assert "under each parser" not in capsys.readouterr().out
    assert run(["score", str(out), "--parser", "lenient", "--draws", "50"]) == 0
    said = capsys.readouterr().out
    assert "the parsers do not differ" in said
    assert run(["score", str(out), "--read", "lenient", "--draws", "50"]) == 0
    assert capsys.readouterr().out == said


def test_an_unknown_parser_is_one_line(data, tmp_path, capsys):
    assert run(["score", str(tmp_path), "--parser", "strikt"]) == 2
    assert "no parser is called 'strikt'; did you mean 'strict'?" in capsys.readouterr().err
