"""With keys that are not the town's, nothing is served and nothing is done."""

import pytest
from sqlalchemy import select, text

from app import db, keys
from app.models.jobs import Job, JobState
from app.models.town import Town
from app.worker import Worker
from tests.conftest import SECRETS, text_of

OTHER = "another key that did not write these data, long enough"
OURS = SECRETS["PREAU_ENCRYPTION_KEYS"]


@pytest.fixture
def wrong(make_app):
    return make_app(PREAU_ENCRYPTION_KEYS=OTHER)


def test_no_page_is_served_and_nothing_is_written(wrong, caplog):
    client = wrong.test_client()
    for page in ("/", "/connexion", "/agent/", "/calendrier/x.ics"):
        answer = client.get(page)
        assert answer.status_code == 503
        assert "Le portail est fermé" in text_of(answer)
    assert client.post("/connexion", data={"identifiant": "jean.dupont"}).status_code == 503
    assert "PREAU_ENCRYPTION_KEYS n’ouvre pas" in caplog.text


def test_the_supervisor_is_told(wrong, make_app):
    answer = wrong.test_client().get("/sante")
    assert (answer.status_code, answer.json["keys"], answer.json["database"]) == (503, "wrong", "ok")
    assert make_app().test_client().get("/sante").json["keys"] == "ok"


def test_the_worker_does_nothing(make_app):
    with make_app().app_context(), db.transaction():
        Job.enqueue("note", {})
    other = make_app(PREAU_ENCRYPTION_KEYS=OTHER)
    with other.app_context():
        with pytest.raises(keys.WrongKeysError):
            Worker(other).turn()
        assert set(db.session.scalars(select(Job.state).where(Job.kind == "note"))) == {JobState.QUEUED}


def test_a_new_key_before_the_old_one_opens(make_app):
    assert make_app(PREAU_ENCRYPTION_KEYS=f"{OTHER},{OURS}").test_client().get("/connexion").status_code == 200


def test_a_town_of_before_seals_its_word_with_the_keys_that_open_the_rest(make_app):
    app = make_app()
    with app.app_context():
        with db.transaction() as writing:
            writing.execute(text("UPDATE town SET key_witness = NULL"))
            Job.enqueue("note", {"n": 1})
        assert app.test_client().get("/connexion").status_code == 200
    other = make_app(PREAU_ENCRYPTION_KEYS=OTHER)
    with other.app_context(), pytest.raises(keys.WrongKeysError):
        keys.seal()
    app = make_app()
    with app.app_context():
        keys.seal()
        assert db.session.scalar(select(Town.key_witness)) == "Préau"
        assert db.session.scalar(text("SELECT key_witness FROM town")) != "Préau"
