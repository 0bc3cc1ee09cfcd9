"""The page of a request: its lines, its steps, taking back."""

import re
from datetime import timedelta

import pytest

from app import clock, db
from app.demo import people
from app.integrations import mail
from app.models.changes import change
from app.models.families import Adult, Child
from app.models.families.author import Author
from app.models.families.sections.account import BANQUE, FISCALES, RESPONSABLE
from app.models.families.sections.child import NEW_CHILD
from app.models.jobs import Job
from app.models.planning.slot import Slot
from app.models.requests import LineState, Request, RequestLine
from app.models.town import Approval
from tests.builders import DAY, activity, dupont, enrolment
from tests.conftest import text_of
from tests.parent.requests.following import accept, asked, by_agent, lea, lines, paper_of, refuse, token

pytestmark = pytest.mark.usefixtures("app")


def test_the_page_of_a_request_is_its_receipt_with_each_line_and_each_step(jean):
    number = asked(city="TOULOUSE", phone_mobile="06 12 34 56 78")
    refuse(number, line=0, reason="Hors de la commune")
    page = jean.get(f"/demandes/{number}")
    said = text_of(page).replace("\u00a0", " ")
    assert "Accusé de réception" in said
    assert db.session.get(Request, number).code in said
    assert "SAINT - JEAN → devient TOULOUSE" in said
    assert "Motif du refus : Hors de la commune" in said
    assert "répondue en partie" in said
    steps = [said.index(word) for word in ("Demande envoyée", "Prise en charge par le service", "Demande refusée")]
    assert steps == sorted(steps)
    assert "par JEAN DUPONT (Père)" in said
    assert "lundi 4 mai 2015" in said[steps[1] :]
    assert "Claire Vidal" not in page.text
    assert f"/demandes/{number}.pdf" in page.text
    assert "/mon-compte/responsable/modification" in page.text


def test_amended_it_says_so(jean):
    number = asked(city="TOULOUSE")
    asked(city="ALBI", submission="again")
    assert "Demande modifiée" in text_of(jean.get(f"/demandes/{number}"))


def test_each_step_and_each_line_says_who_did_it(jean):
    with db.transaction() as writing:
        jeanne = writing.query(Adult).filter_by(first_name="JEANNE").one()
        jeanne.account = people.account("jeanne.dupont")
    hers = lambda: Author(db.session.query(Adult).filter_by(first_name="JEANNE").one())  # noqa: E731
    number = asked(by=by_agent, city="TOULOUSE", csp="Artisan")
    asked(by=hers, submission="hers", city="ALBI", profession="Sellier")
    asked(submission="his", employer="Moi")
    said = text_of(jean.get(f"/demandes/{number}"))
    steps = said[said.index("Suivi") :]
    day = r"lundi 4 mai 2015 à \d+ h \d+"
    for step in (
        rf"Demande envoyée : Ville ; CSP {day}, par Claire Vidal, du service, pour la famille",
        rf"Demande modifiée par la famille : Ville {day}, par JEANNE DUPONT",
        rf"Demande envoyée : Profession {day}, par JEANNE DUPONT",
        rf"Demande envoyée : Employeur {day}, par JEAN DUPONT",
    ):
        assert re.search(step, steps), step
    lines_told = said[: said.index("Suivi")]
    assert re.search(rf"devient ALBI Modifié par JEANNE DUPONT, {day}", lines_told)
    assert re.search(rf"devient Moi Ajouté par JEAN DUPONT \(Père\), {day}", lines_told)
    assert "devient Artisan Retirer cette ligne" in lines_told
    _, printed = paper_of(jean, number)
    assert printed.count("Modifié par JEANNE DUPONT") == 1
    assert printed.count("Ajouté par") == 2


def test_without_the_journal_the_page_still_tells_when_it_was_sent_and_decided(jean):
    number = asked(city="TOULOUSE")
    accept(number)
    with db.transaction() as writing:  # the journal cannot be changed: as if it were of another line
        line = writing.get(Request, number).lines[0]
        copy = RequestLine(**{c.name: getattr(line, c.name) for c in RequestLine.__table__.columns if c.name != "id"})
        writing.delete(line)
        writing.flush()
        writing.add(copy)
    said = text_of(jean.get(f"/demandes/{number}"))
    assert "Demande envoyée" in said
    assert "Demande acceptée" in said


def test_without_the_journal_a_line_that_was_added_later_does_not_hide_when_it_was_sent(jean):
    with db.transaction() as writing:  # sent before what the journal still holds
        request = Request.of(RESPONSABLE.kind, dupont().family_id, by=Author(dupont()), submission="old")
        request.submitted_at = clock.local_now() - timedelta(days=10)
        request.lines.append(RequestLine(kind=RESPONSABLE.kind, field="city", before="SAINT - JEAN", after="ALBI"))
        writing.add(request)
        writing.flush()
        number = request.id
    assert asked(csp="Artisan", submission="added") == number
    steps = text_of(jean.get(f"/demandes/{number}"))
    steps = steps[steps.index("Suivi") :]
    assert re.search(r"Demande envoyée vendredi 24 avril 2015 à .* Demande envoyée : CSP lundi 4 mai 2015", steps)


def test_a_day_s_page_leads_to_its_planning_and_shows_the_parent_s_reason(jean):
    with db.transaction():
        child = db.session.get(Child, lea())
        row = enrolment(activity(approval=Approval.AUTOMATIC), dupont().family, child)
        slot = Slot.of_family(row.family_id, row.id, DAY)
        slot.ask_booking(by=Author(dupont()), submission="b")
        number = slot.report_absence(by=Author(dupont()), reason="Chez le dentiste", submission="a").id
    page = jean.get(f"/demandes/{number}")
    assert "/planning/2015-05?semaine=19" in page.text
    assert "Chez le dentiste" in page.text
    assert ", selon la règle de la prestation" in text_of(page)
    assert "Retirer ma demande" not in text_of(page)


def test_an_accepted_child_leads_to_its_dossier(jean):
    with db.transaction():
        record = {"first_name": "Tom", "last_name": "DUPONT", "birth_date": "2013-03-02"}
        number = change.ask_for(NEW_CHILD, record, by=Author(dupont()), submission="child").id
    assert "Dossier unique d’inscription de Tom" not in text_of(jean.get(f"/demandes/{number}"))
    accept(number)
    page = jean.get(f"/demandes/{number}")
    assert "Dossier unique d’inscription de Tom" in text_of(page)
    child = db.session.query(Child).filter_by(first_name="Tom").one().id
    assert f"/enfants/{child}/dossier" in page.text


def test_one_line_then_the_rest_is_withdrawn_from_the_page(jean):
    number = asked(city="TOULOUSE", phone_mobile="06 12 34 56 78")
    first, _ = lines(number)
    address = f"/demandes/{number}/retrait"
    answer = jean.post(address, data={**token(jean), "ligne": first.id})
    assert "Cette ligne est retirée." in text_of(jean.get(answer.location))
    assert [line.state for line in lines(number)] == [LineState.WITHDRAWN, LineState.SUBMITTED]
    answer = jean.send_form(address, {}, page=f"/demandes/{number}")
    said = text_of(jean.get(answer.location))
    assert "Votre demande est retirée." in said
    assert "le service ne la traitera pas" in said
    assert lines(number)[1].state is LineState.WITHDRAWN


def test_withdrawn_twice_or_too_late_it_is_said_and_nothing_changes(jean):
    number, decided = asked(city="TOULOUSE"), asked(BANQUE, bic="AGRIFRPP")
    accept(decided)
    jean.post(f"/demandes/{number}/retrait", data=token(jean))
    again = jean.post(f"/demandes/{number}/retrait", data=token(jean))
    assert again.status_code == 422
    assert "déjà retirée" in text_of(again)
    late = jean.post(f"/demandes/{decided}/retrait", data=token(jean))
    assert late.status_code == 422
    assert "a déjà reçu sa réponse" in text_of(late)
    assert lines(decided)[0].state is LineState.ACCEPTED


@pytest.mark.parametrize("which", ["abc", "", "-1", "999999"])
@pytest.mark.both_engines
def test_a_line_that_is_none_withdraws_nothing(jean, which):
    number = asked(city="TOULOUSE")
    answer = jean.post(f"/demandes/{number}/retrait", data={**token(jean), "ligne": which})
    assert answer.status_code == 404
    assert lines(number)[0].state is LineState.SUBMITTED


def test_a_line_of_another_request_is_not_withdrawn_through_this_one(jean):
    mine, other = asked(city="TOULOUSE"), asked(FISCALES, tax_parts="2")
    answer = jean.post(f"/demandes/{mine}/retrait", data={**token(jean), "ligne": lines(other)[0].id})
    assert answer.status_code == 404
    assert lines(other)[0].state is LineState.SUBMITTED


def test_the_mails_lead_to_the_page_of_the_request(app, jean):
    number = asked(city="TOULOUSE")
    refuse(number)
    sent = [job.payload for job in db.session.query(Job).filter_by(kind="mail").order_by(Job.id)]
    assert [one["template"] for one in sent] == ["request_received", "request_decided"]
    for payload in sent:
        with app.test_request_context():
            message = mail.compose(payload)
        for part in message.iter_parts():
            link = re.search(r"http://localhost(/demandes/\d+)", part.get_content())[1]
            assert link == f"/demandes/{number}"
            assert "TOULOUSE" not in part.get_content()
            assert "Justificatif manquant" not in part.get_content()
    assert jean.get(link).status_code == 200
