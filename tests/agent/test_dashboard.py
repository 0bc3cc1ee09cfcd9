"""Tableau de bord: what waits, with a link to each."""

from datetime import date, timedelta

import pytest

from app import clock, db
from app.models.enrolments import Attendance
from app.models.families.author import Author
from app.models.jobs import Job, JobState
from app.models.places import PoolDay
from app.models.planning.slot import Slot
from app.models.town import Approval
from tests.builders import DAY, activity, dupont, enrolment
from tests.conftest import GUIDE_DAY, text_of


@pytest.mark.parametrize("identifiant", ["guichet", "animation", "regie", "admin"])
def test_every_agent_has_a_dashboard(client, identifiant):
    client.log_in(identifiant)
    page = text_of(client.get("/agent/"))
    assert "Tableau de bord" in page
    assert "Familles 2" in page


def test_it_tells_of_mails_that_need_a_look(client, app):
    with app.app_context(), db.transaction() as writing:
        writing.add(Job(kind="mail", payload={}, state=JobState.UNCERTAIN))
    client.log_in("admin")
    assert "Courriels à vérifier 1" in text_of(client.get("/agent/"))


@pytest.mark.both_engines
def test_requests_wait_by_kind_and_those_that_wait_too_long_are_overdue(app, client):
    with app.app_context(), db.transaction():
        row = enrolment(activity(approval=Approval.MANUAL), dupont().family)
        slot = Slot.of_family(dupont().family_id, row.id, DAY)
        request = slot.ask_booking(by=Author(dupont()), submission="one")
        request.submitted_at = clock.local_now() - timedelta(days=4)
    client.log_in("guichet")
    page = client.get("/agent/")
    assert "Demande de Réservation 1 la plus ancienne : il y a 4\u00a0jours, en retard".replace(
        "\u00a0", " "
    ) in text_of(page).replace("\u00a0", " ")
    assert "/agent/demandes?type=booking" in page.text
    client.log_out("/agent/profil")
    client.log_in("animation")  # of no structure
    assert "Aucune demande n’attend" in text_of(client.get("/agent/"))


@pytest.mark.both_engines
def test_nearly_full_days_are_listed(app, client):
    with app.app_context(), db.transaction() as writing:
        one = activity(places=10)
        for day, taken in ((DAY, 9), (DAY + timedelta(days=1), 8), (GUIDE_DAY - timedelta(days=1), 10)):
            writing.add(PoolDay(pool_id=one.pool_id, day=day, half_day="am", capacity=10, taken=taken))
    client.log_in("guichet")
    page = text_of(client.get("/agent/"))
    assert "Mercredi 6 mai 2015, matin Essai : 9 places prises sur 10" in page
    assert "jeudi 7 mai" not in page.lower()
    assert "dimanche 3 mai" not in page.lower()


def test_a_child_pointed_on_a_day_without_opening_is_an_error_to_settle(app, client):
    sunday = date(2015, 5, 3)
    with app.app_context(), db.transaction() as writing:
        row = enrolment(activity(), dupont().family)
        ended = enrolment(activity("Fini"), dupont().family, last_day=date(2015, 4, 1))
        writing.add(Attendance(enrolment_id=row.id, day=sunday, present=True))
        writing.add(Attendance(enrolment_id=ended.id, day=date(2015, 4, 28), present=True))
        writing.add(Attendance(enrolment_id=row.id, day=date(2015, 4, 28), present=True))
    client.log_in("guichet")
    page = text_of(client.get("/agent/"))
    assert "Essai, dimanche 3 mai 2015 : pointé présent un jour sans accueil" in page
    assert "Fini, mardi 28 avril 2015 : pointé présent hors de son inscription" in page
    assert "Essai, mardi 28 avril" not in page
