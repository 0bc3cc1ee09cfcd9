"""The pages of the list of families: their order, and what reading one costs."""

import pytest
from sqlalchemy import text

from app import db
from app.models.families import Adult, Civility, Family
from app.models.overviews import directory
from app.models.overviews.directory import Directory
from tests.builders import clerk

LISTED = ("D’ANGELO", "D'ARC", "DA SILVA", "DEBRÉ", "ÉLOI", "EMERY", "NOËL", "ŒUF", "OFFRET", "SAINT-JEAN", "SAINTIN")


pytestmark = pytest.mark.usefixtures("inside")


@pytest.fixture(params=["few", "many"])
def however_many(request, monkeypatch):
    """Read as a long list is, or a short one."""
    monkeypatch.setattr(directory, "_MANY", 0 if request.param == "many" else 10**6)


def family(last_name, number, first_name="Anne") -> None:
    made = Family(number=f"{2 * 10**12 + number}")
    names = {"last_name": last_name, "first_name": first_name}
    db.session.add_all([made, Adult(family=made, rank=1, civility=Civility.MADAME, **names)])
    db.session.flush()


def listed(typed="", page=1) -> list[str]:
    return [one.family.adults[0].last_name for one in Directory(clerk().agent, typed).page(page)]


@pytest.mark.usefixtures("however_many")
def test_families_are_listed_in_french_order():
    with db.transaction():
        for number, name in enumerate(reversed(LISTED)):
            family(name, number)
    assert listed("anne") == list(LISTED)
    assert [name for name in listed() if name in LISTED] == list(LISTED)


@pytest.mark.usefixtures("however_many")
def test_every_family_stands_on_one_page():
    with db.transaction():
        for number in range(45):
            family("DUPONT", number, "Éva" if number % 2 else "Eva")
    asked = Directory(clerk().agent, "eva")
    assert asked.count == 45
    assert [one.family.number[-2:] for page in (1, 2, 3) for one in asked.page(page)] == [
        f"{n:02}" for n in range(45)
    ]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("typed", ["", "d", "jean dup"])
def test_of_many_families_are_read_in_their_order_and_nothing_is_sorted(typed, count_queries, monkeypatch):
    """The plan does not depend on the size: SQLite keeps no figures on a town."""
    monkeypatch.setattr(directory, "_MANY", 0)
    asked = Directory(clerk().agent, typed)
    with count_queries() as sent:
        assert asked.page(1)
    (page,) = (one for one in sent if "ORDER BY family.sort_key" in one)
    plan = [row.detail for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {page.replace('?', '9')}"))]
    assert plan == ["SCAN family USING INDEX ix_family_sort_key"]
