"""What `make quick` chooses."""

import importlib.util
from pathlib import Path

import pytest

spec = importlib.util.spec_from_file_location("quick", Path(__file__).parents[1] / "bin" / "quick.py")
quick = importlib.util.module_from_spec(spec)
spec.loader.exec_module(quick)


@pytest.fixture
def house(tmp_path, monkeypatch):
    for test in (
        "models/planning/test_slot.py",
        "agent/requests/test_review.py",
        "parent/test_home.py",
        "test_db.py",
    ):
        (tmp_path / "tests" / test).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tests" / test).touch()
    monkeypatch.setattr(quick, "ROOT", tmp_path)


@pytest.mark.parametrize(
    ("changed", "tests"),
    [
        ("app/models/planning/slot.py", ["tests/models/planning/test_slot.py"]),
        ("app/models/planning/cell.py", ["tests/models/planning"]),
        ("app/blueprints/agent/requests/review.py", ["tests/agent/requests/test_review.py"]),
        ("app/templates/agent/requests/_line.html", ["tests/agent/requests"]),
        ("app/templates/parent/home/index.html", ["tests/parent/test_home.py"]),
        ("app/db.py", ["tests/test_db.py"]),
        ("tests/test_db.py", ["tests/test_db.py"]),
        ("tests/test_gone.py", []),
        ("tests/browser/test_home.py", []),
        ("app/models/event.py", []),
        ("app/blueprints/parent/__init__.py", []),
        ("app/static/css/base.css", []),
        ("README.md", []),
    ],
)
@pytest.mark.usefixtures("house")
def test_the_tests_of_a_file_are_those_of_its_noun(changed, tests):
    assert quick.tests_of(changed) == tests
