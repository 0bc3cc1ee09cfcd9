"""Mes données: the copy, asked, made, fetched, erased."""

import io
from datetime import timedelta

import pytest
import time_machine

from app import clock, crypto, db
from app.integrations import sealed, storage
from app.models.exports import DataExport
from app.models.families import (
    Authority,
    Custody,
    Family,
)
from app.models.households.merge_children import move_custody
from app.models.households.split import Split
from app.models.jobs import Job
from tests.builders import clerk, dupont
from tests.conftest import text_of
from tests.files import add_child
from tests.parent.my_data.copies import PAGE, ask, exports, lea

pytestmark = pytest.mark.both_engines


def test_asked_twice_while_it_is_made_it_is_one(jean, known):
    ask(jean)
    ask(jean)
    assert len(exports()) == 1
    assert db.session.query(Job).filter_by(kind="data_export").count() == 1


def test_a_few_a_day_and_no_more(jean, worker):
    for _ in range(3):
        assert ask(jean).status_code == 303
        worker.run_all()
    answer = ask(jean)
    assert answer.status_code == 422
    assert "recommencez demain" in text_of(answer)
    assert len(exports()) == 3


def test_it_is_for_the_one_who_asked(jean, app, worker, other_household):
    ask(jean)
    worker.run_all()
    (made,) = exports()
    for identifiant in ("durand", "jeanne"):
        stranger = app.test_client()
        stranger.log_in(identifiant)
        assert stranger.get(f"{PAGE}/{made.id}.zip").status_code == 404
    agent = app.test_client()
    agent.log_in("guichet")
    assert agent.get(f"{PAGE}/{made.id}.zip").status_code == 403
    agent.send_form("/agent/familles/1/agir", {"adulte": "1"}, page="/agent/familles/1")
    assert agent.get(PAGE).status_code == 403  # not even one who acts for the family
    assert app.test_client().get(PAGE).location.startswith("/connexion")


def test_before_it_is_ready_there_is_nothing_to_fetch(jean):
    ask(jean)
    (made,) = exports()
    assert jean.get(f"{PAGE}/{made.id}.zip").status_code == 404


def no_authority() -> None:
    db.session.delete(db.session.get_one(Authority, (dupont().id, lea().id)))


def another_home() -> None:
    """The child goes to live elsewhere, with what was enrolled for it."""
    with db.session.no_autoflush:
        there = Family(number="2000000000009")
        db.session.add(there)
        db.session.flush()
        move_custody(
            db.session.get_one(Custody, (lea().id, dupont().family_id)), child_id=lea().id, family_id=there.id
        )


def separated() -> None:
    """She leaves; the child lives with both, and she has seen his address until now."""
    jean, jeanne = dupont().family.adults
    Split(jean.family, jeanne.id, {lea().id: None}).carry_out(by=clerk())


@pytest.mark.parametrize("loses", [no_authority, another_home, separated])
def test_once_one_may_know_less_a_copy_made_before_opens_no_more_and_its_file_goes(jean, app, worker, loses):
    ask(jean)
    worker.run_all()
    (made,) = exports()
    assert jean.get(f"{PAGE}/{made.id}.zip").status_code == 200
    with app.app_context(), db.transaction():
        loses()
    assert jean.get(f"{PAGE}/{made.id}.zip").status_code == 404
    assert "Votre copie est prête" not in text_of(jean.get(PAGE))
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=True):
        worker.run_all()
        worker.run_all()
    assert exports() == []
    with app.app_context(), pytest.raises(FileNotFoundError):
        storage.open_file(made.storage_key)
    assert ask(jean).status_code == 303  # another one, of what they may know now
    worker.run_all()
    assert jean.get(f"{PAGE}/{exports()[0].id}.zip").status_code == 200


def test_authority_that_goes_while_the_copy_is_made_closes_it_too(jean, app, worker, known, monkeypatch):
    ask(jean)

    def goes(*args, **kwargs):
        with db.transaction():
            no_authority()
        return "page"

    monkeypatch.setattr("app.integrations.export_zip.render_template", goes)
    worker.run_all()
    (made,) = exports()
    assert jean.get(f"{PAGE}/{made.id}.zip").status_code == 404


def test_one_who_may_know_more_keeps_the_copy_made_before(jean, app, worker):
    ask(jean)
    worker.run_all()
    add_child("Zoé")
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=True):
        worker.run_all()
    assert jean.get(f"{PAGE}/{exports()[0].id}.zip").status_code == 200


def test_after_a_week_row_and_file_are_gone(jean, app, worker, known):
    ask(jean)
    worker.run_all()
    (made,) = exports()
    with app.app_context():
        storage.open_file(made.storage_key).close()
    with time_machine.travel(clock.now() + timedelta(days=7, hours=2), tick=True):
        worker.run_all()
        worker.run_all()
        assert exports() == []
        with app.app_context(), pytest.raises(FileNotFoundError):
            storage.open_file(made.storage_key)


def test_killed_on_the_way_it_is_made_again_and_leaves_no_other_file(jean, app, worker, known, monkeypatch):
    ask(jean)
    before = files(app)

    def dies(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(sealed.SealedWriter, "close", dies)  # all of the file is written but its end
        with pytest.raises(KeyboardInterrupt):
            worker.run_all()
    (made,) = exports()
    assert made.ready_at is None
    assert files(app) == before
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=True):
        worker.run_all()
        assert exports()[0].ready_at is not None
    assert files(app) == before | {made.storage_key}
    assert jean.get(f"{PAGE}/{made.id}.zip").data.startswith(b"PK")


def test_asked_by_one_who_left_meanwhile_it_leaves_no_file(jean, app, worker, monkeypatch):
    ask(jean)
    before = files(app)

    def goes(*args, **kwargs):
        with db.transaction():
            writing = db.session
            writing.delete(writing.query(DataExport).one())
        return "page"

    monkeypatch.setattr("app.integrations.export_zip.render_template", goes)
    worker.run_all()
    assert exports() == []
    assert files(app) == before


def files(app) -> set[str]:
    return {path.name for path in app.config["PREAU"].uploads_dir.rglob("*") if path.is_file()}


def test_the_file_is_sealed_and_cannot_be_cut_or_shuffled(jean, app, worker, known):
    ask(jean)
    worker.run_all()
    (made,) = exports()
    with app.app_context():
        kept = storage.open_file(made.storage_key).read()
    assert b"PK\x03\x04" not in kept
    assert b"arachide" not in kept
    assert b"".join(sealed.pieces(io.BytesIO(kept))).startswith(b"PK")


def test_a_long_file_goes_through_in_pieces():
    crypto.configure(["a key of this test alone, 32 characters"])
    kept = io.BytesIO()
    writer = sealed.SealedWriter(kept)
    content = bytes(range(256)) * 10_000
    for start in range(0, len(content), 70_000):
        writer.write(content[start : start + 70_000])
    writer.close()
    assert writer.size == len(content)
    found = list(sealed.pieces(io.BytesIO(kept.getvalue())))
    assert b"".join(found) == content
    assert max(map(len, found)) <= sealed.PIECE
    for spoilt in (kept.getvalue()[:1_500_000], b"", _swapped(kept.getvalue())):
        with pytest.raises(crypto.UnreadableSecretError):
            list(sealed.pieces(io.BytesIO(spoilt)))
    crypto.configure(())


def _swapped(kept: bytes) -> bytes:
    length = 4 + int.from_bytes(kept[:4], "big")
    return kept[length : 2 * length] + kept[:length] + kept[2 * length :]
