"""The words of the project are those of docs/glossary.md."""

from __future__ import annotations

import pytest

from . import glossary, language, sources


@pytest.fixture
def problems_of(tmp_path, monkeypatch):
    """Write a file and return what is wrong with its language."""
    monkeypatch.setattr(language, "ROOT", tmp_path)

    def check(name: str, text: str) -> list[str]:
        (tmp_path / name).write_text(text)
        return language.problems(tmp_path / name)

    return check


def test_no_file_has_a_banned_word_name_or_sentence():
    complaints = [complaint for path in sources.files() for complaint in language.problems(path)]

    assert complaints == [], "see docs/glossary.md for the words to use instead"


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("a.py", "# The message is sent anew.\n", "a.py:1: anew → again"),
        ("a.py", "x = 1\n# Kept for\n# ever.\n", "a.py:2: for ever → until stopped"),
        ("a.md", "It was\ntold.\n", "a.md:2: told → informed"),
        ("a.py", "found = 1\n", "a.py:1: name found →"),
        ("a.py", "def f(one): ...\n", "a.py:1: name one →"),
        ("a.py", "names = [_said for _said in ()]\n", "a.py:1: name _said →"),
        ("audience.py", "", "audience.py:1: name audience →"),
        ("a.ts", "const wanted = 1;\n", "a.ts:1: name wanted →"),
        ("a.ts", "rows.map((one) => one.id);\n", "a.ts:1: name one →"),
        ("a.py", '"""What is sent."""\n', "a.py:1: a sentence that begins with What"),
        ("a.py", "# Who? No.\n# Who waits.\n", "a.py:2: a sentence that begins with Who"),
        ("a.ts", "/** Whoever asks. */\n", "a.ts:1: a sentence that begins with Whoever"),
        ("a.md", "# What is missing\n", "a.md:1: a sentence that begins with What"),
        ("a.yml", "# What restarts\n", "a.yml:1: a sentence that begins with What"),
    ],
)
def test_a_banned_word_name_or_sentence_is_listed_with_its_line(problems_of, name, text, complaint):
    (problem,) = problems_of(name, text)

    assert problem.startswith(complaint)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", 'result = "refused"\n'),
        ("a.md", "The result is `refused`.\n"),
        ("a.md", "The code `import_refused` stays.\n"),
        ("a.py", "foundation = lone = 1\n"),
        ("a.py", "moment.replace(fold=1)\n"),
        ("a.py", "# What is a slot? A quarter of an hour.\n"),
        ("a.md", "```\n# What the command prints\n```\n"),
    ],
)
def test_values_of_interfaces_parts_of_words_and_questions_may_stay(problems_of, name, text):
    assert problems_of(name, text) == []


def test_every_banned_word_has_a_replacement():
    rows = [*glossary.banned("Banned words"), *glossary.banned("Banned names")]

    assert [row for row in rows if not row.words or not row.instead] == []


def test_the_glossary_says_what_each_word_means_and_where_it_is_used():
    rows = list(glossary.rows("Words"))

    assert len(rows) >= 40
    assert [row for row in rows if len(row) != 3 or not all(row)] == []


@pytest.mark.parametrize("row", list(glossary.rows("Words")), ids=lambda row: row[0])
def test_the_places_that_the_glossary_names_exist(row):
    sources_of_python = (
        *("auth_service", "device_service", "monitoring_service", "tools/ems"),
        *("packages/energy_contracts/src", "packages/service_kit/src", "device_simulator/src"),
    )
    for place in glossary.code(row[2]):
        folders = [glossary.ROOT / source / place.replace(".", "/") for source in sources_of_python]
        candidates = [*folders, *(folder.with_suffix(".py") for folder in folders)]
        assert any(path.exists() for path in [*candidates, glossary.ROOT / place]), place


def test_the_files_of_every_kind_are_read():
    suffixes = {path.suffix for path in sources.files()}

    assert {".py", ".ts", ".tsx", ".md", ".yml", ".yaml", ".css", ""} <= suffixes
