"""Mes données: every table and column is told, and the page says so."""

import re
from datetime import date
from pathlib import Path

import pytest

from app import db
from app.models.documents import Document
from app.models.durations import PUBLISHED
from app.models.families import (
    Authority,
    Child,
    Custody,
)
from app.models.privacy import my_data
from app.models.privacy.packages import PACKAGES
from app.models.privacy.words import label_of
from app.models.requests import RequestLine
from tests.builders import clerk
from tests.conftest import FRAGMENT, text_of
from tests.parent.my_data.copies import PAGE, ask, lea

pytestmark = pytest.mark.both_engines


MODELS = Path(my_data.__file__).parents[1]


def test_every_table_is_told_or_left_out_for_a_reason():
    told = {part.of.__tablename__ for _, part in my_data.PARTS} | set(my_data.IN_WORDS)
    left_out = {table: why for package in PACKAGES.values() for table, why in package.not_told.items()}
    assert not told & set(left_out)
    assert told | set(left_out) == set(db.Base.metadata.tables)
    assert all(left_out.values())


def test_every_column_of_what_is_told_has_a_french_name_or_is_hidden():
    for package, part in my_data.PARTS:
        if part.instead is not None:  # told in words
            assert part.of is RequestLine
            continue
        shown = [
            label_of(package, column.key) for column in part.of.__table__.columns if column.key not in part.hidden
        ]
        assert all(shown), part.title
        assert len(set(shown)) == len(shown), part.title


def test_each_package_speaks_of_its_own_tables_and_says_nothing_twice():
    """A word has one place; a column that holds numbers is named by the package whose rows these are."""
    assert set(PACKAGES) == {path.parent.name for path in MODELS.glob("*/privacy.py")}
    owners = {mapper.local_table.name: mapper.class_.__module__.split(".")[2] for mapper in db.Base.registry.mappers}
    owners |= {"agent_structure": "accounts", "event": "journal"}
    for name, package in PACKAGES.items():
        tables = {part.of.__tablename__ for part in package.parts} | set(package.not_told) | set(package.not_purged)
        assert {owners[table] for table in tables} <= {name}
    for said in ("numbers", "codes", "not_told", "not_purged"):
        every = [key for package in PACKAGES.values() for key in getattr(package, said)]
        assert len(set(every)) == len(every), said


def test_the_page_says_what_is_known_and_what_will_be_erased(jean, known):
    page = text_of(jean.get(PAGE))
    assert "De LEA : l’identité" in page
    assert "Ce qui touche à la santé de LEA gardé tant que l’inscription dure" in page
    assert "effacé à partir du jeudi 1er octobre 2015" in page
    assert "d’abord « AL-36 », à partir du mercredi 9 avril 2025" in page
    assert "Attestation d’essai (LEA) le fichier, dès sa vérification" in page
    assert "Le dossier d’inscription commencé pour LEA" in page
    assert "après la dernière modification, à partir du jeudi 5 mai 2016" in page


def test_the_dossier_s_page_says_until_when_the_draft_is_kept(jean, known):
    page = text_of(jean.get(f"/enfants/{lea().id}/dossier"))
    assert "si vous n’y touchez plus, il est effacé à partir du jeudi 5 mai 2016" in page


def test_a_document_that_was_refused_is_told_too(app, jean, known):
    with app.app_context(), db.transaction():
        given = db.session.query(Document).filter_by(submission="a-submission").one()
        Document.locked(given.id).refuse(by=clerk(), reason="Illisible")
    told = text_of(jean.get(PAGE))
    assert "Attestation d’essai (LEA) refusé, son fichier est effacé ; le motif du refus, à partir du" in told


def test_what_the_poll_gets_is_the_part_of_the_page(jean):
    ask(jean)
    headers = {**FRAGMENT, "HX-Poll": "1"}
    part = jean.get(PAGE, headers=headers).text.strip()
    assert part.startswith('<div id="export"')
    assert re.sub(r"\s+", " ", part) in re.sub(r"\s+", " ", jean.get(PAGE).text)


def test_a_poll_after_the_session_says_so_and_goes_nowhere(app, client):
    headers = {**FRAGMENT, "HX-Poll": "1"}
    assert "session a pris fin" in text_of(client.get(PAGE, headers=headers))


def test_the_page_is_found_from_my_account_and_from_the_public_page(jean, client):
    assert f'href="{PAGE}"' in jean.get("/mon-compte").text
    assert f'href="{PAGE}"' in jean.get("/donnees-personnelles").text
    assert '<p class="back"><a href="/mon-compte">' in jean.get(PAGE).text


def test_the_public_page_shows_it_to_parents_alone_and_its_durations_are_the_rules(app):
    anyone = app.test_client()
    page = anyone.get("/donnees-personnelles")
    assert f'href="{PAGE}"' not in page.text
    for one in PUBLISHED:
        assert " ".join(f"{one.what} {one.how_long}".split()) in text_of(page)


def test_a_page_of_ten_children_asks_as_much_as_one(jean, app, known, count_queries):
    with count_queries() as one:
        jean.get(PAGE)
    with app.app_context(), db.transaction() as writing:
        for number in range(3):
            child = Child(last_name="DUPONT", first_name=f"Enfant {number}", birth_date=date(2010, 1, 1))
            writing.add(child)
            writing.flush()
            writing.add(Custody(child_id=child.id, family_id=1))
            writing.add(Authority(adult_id=1, child_id=child.id))
    with count_queries() as four:
        jean.get(PAGE)
    assert len(four) == len(one)
