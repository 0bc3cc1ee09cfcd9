"""What decides that a page test runs on PostgreSQL too."""

from types import SimpleNamespace

import pytest

from tests import both


def item_on(engine: str, marked: bool = False, file: str = "tests/agent/test_x.py") -> SimpleNamespace:
    return SimpleNamespace(
        nodeid=f"{file}::test_y[{engine}-1]",
        callspec=SimpleNamespace(params={"engine_name": engine}),
        get_closest_marker=lambda name: marked and name == "both_engines",
    )


@pytest.fixture
def answers(tmp_path) -> both.Answers:
    return both.Answers(tmp_path)


def run(answers: both.Answers, item: SimpleNamespace, *statuses: int) -> bool:
    """Whether the test was run; it asks one page and gets these answers."""
    try:
        answers.begin(item)
    except pytest.skip.Exception:
        return False
    for status in statuses:
        answers.note(both.engine_of(item), "agent.x", "POST", status)
    return True


def test_the_first_to_get_an_answer_runs_on_both_and_the_next_does_not(answers):
    assert [run(answers, item_on(engine), 303) for engine in ("sqlite", "postgresql")] == [True, True]
    assert [run(answers, item_on(engine), 303) for engine in ("sqlite", "postgresql")] == [True, False]
    assert [run(answers, item_on(engine), 303, 422) for engine in ("sqlite", "postgresql")] == [True, True]
    assert answers.missing() == []


def test_what_another_process_answered_counts(answers, tmp_path):
    for engine in ("sqlite", "postgresql"):
        run(both.Answers(tmp_path), item_on(engine), 303)
    run(answers, item_on("sqlite"), 303)
    assert not run(answers, item_on("postgresql"), 303)


@pytest.mark.parametrize(
    "more",
    [
        {"marked": True},
        {"file": "tests/models/test_x.py"},
        {"file": "tests/cli/"},
        {"file": "tests/test_x.py"},
    ],
)
def test_marked_or_no_page_test_it_always_does(answers, more):
    for _ in range(2):
        assert run(answers, item_on("sqlite", **more), 303)
        assert run(answers, item_on("postgresql", **more), 303)


def test_one_that_asks_no_page_or_was_not_run_on_sqlite_always_does(answers):
    for _ in range(2):
        run(answers, item_on("sqlite"))
        assert run(answers, item_on("postgresql"))
    run(answers, item_on("postgresql"), 303)
    assert run(answers, item_on("postgresql"), 303)


def test_what_postgresql_never_answered_is_told(answers):
    run(answers, item_on("sqlite"), 303)
    assert answers.missing() == ["POST agent.x 303"]
    run(answers, item_on("sqlite", file="tests/test_x.py"), 404)
    assert answers.missing() == ["POST agent.x 303"]
