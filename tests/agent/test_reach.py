"""What each role reads, and until when: no further than its work goes, and each reading of health leaves a trace."""

from datetime import date, timedelta

import pytest

from app import db
from app.models.accounts import Account
from app.models.event import Event
from app.models.families import Child
from app.models.families.author import Author
from app.models.planning.slot import Slot
from app.models.requests import LineState, Request, RequestLine
from app.models.reviews.review import Review
from app.models.town import Structure
from tests.agent.families.test_search import works_at
from tests.builders import DAY, activity, clerk, dupont, enrolment
from tests.conftest import GUIDE_DAY, text_of


@pytest.fixture
def child(app):
    """A child of the Dupont, enrolled in the animation's structure alone."""

    def enrolled(**dates) -> tuple[int, int, int]:
        with app.app_context(), db.transaction() as writing:
            apart = Structure(name="La nôtre")
            writing.add(apart)
            writing.flush()
            works_at(apart)
            row = enrolment(activity("Chez nous", structure=apart), dupont().family, **dates)
            return row.child_id, row.family_id, row.id

    return enrolled


def at(days: int) -> date:
    return GUIDE_DAY + timedelta(days=days)


@pytest.mark.parametrize(
    ("dates", "status"),
    [
        ({"last_day": at(-31)}, 200),
        ({"last_day": at(-32)}, 404),
        ({"last_day": date(2014, 12, 1)}, 404),
        ({"first_day": at(31)}, 200),
        ({"first_day": at(32)}, 404),
    ],
    ids=["left a month ago", "a day more", "months ago", "comes in a month", "a day later"],
)
def test_the_animation_opens_a_file_from_a_month_before_to_a_month_after(client, child, dates, status):
    number, family, row = child(**dates)
    client.log_in("animation")
    for page in (f"/agent/enfants/{number}", f"/agent/enfants/{number}/sante", f"/agent/familles/{family}"):
        assert client.get(page).status_code == status, page
    assert ("DUPONT" in text_of(client.get("/agent/familles?q=dupont"))) is (status == 200)
    for page in (f"/agent/inscriptions/{row}", "/agent/inscriptions?periode=toutes"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert (f"/agent/familles/{family}" in answer.text) is (status == 200), page


def test_the_guichet_reads_them_whenever(client, child):
    number, family, _ = child(last_day=date(2014, 12, 1))
    client.log_in("guichet")
    assert client.get(f"/agent/enfants/{number}").status_code == 200
    assert client.get(f"/agent/familles/{family}").status_code == 200


def ask(kind: str, *rows: int, **how) -> int:
    with db.transaction():
        asking = Slot.of_family(dupont().family_id, rows[0], DAY)
        made = getattr(asking, f"ask_{kind}" if kind == "booking" else "report_absence")(
            by=Author(dupont()), submission=f"{kind}{rows}", **how
        )
        return made.id


@pytest.mark.parametrize(("role", "reads"), [("regie", False), ("guichet", True)])
def test_who_answers_no_request_reads_nowhere_what_a_family_asked(app, client, role, reads):
    with app.app_context():
        with db.transaction():
            row = enrolment(activity("À la main", approval="manual"), dupont().family)
            family, number = row.family_id, row.child_id
        code = db.session.get(Request, ask("booking", row.id)).code
        with db.transaction():
            db.session.query(Request).filter_by(code=code).update({"child_id": number})
    client.log_in(role)
    for page in (f"/agent/familles/{family}", f"/agent/enfants/{number}"):
        shown = client.get(page)
        assert shown.status_code == 200
        assert (code in shown.text) is reads, page
    assert ("demande en attente" in text_of(client.get(f"/agent/familles/{family}"))) is reads


@pytest.fixture
def two_structures(inside) -> tuple[int, int, int]:
    """A request with a line of the animation's structure, and one of another: its number and both lines'."""
    with db.transaction() as writing:
        apart = Structure(name="La nôtre")
        writing.add(apart)
        writing.flush()
        works_at(apart)
        ours = enrolment(activity("Chez nous", structure=apart, approval="manual"), dupont().family)
        child = writing.get_one(Child, ours.child_id)
        theirs = enrolment(activity("Ailleurs", approval="manual"), dupont().family, child)
        ids = ours.id, theirs.id
    number = ask("booking", ids[0])
    with db.transaction() as writing:
        writing.add(RequestLine(request_id=number, enrolment_id=ids[1], day=DAY, kind="booking", state="submitted"))
    lines = {line.enrolment_id: line.id for line in db.session.get_one(Request, number).lines}
    return number, lines[ids[0]], lines[ids[1]]


def test_an_agent_takes_the_lines_of_their_structures_and_leaves_a_colleague_the_others(two_structures):
    number, mine, theirs = two_structures
    with db.transaction():
        Review.locked(clerk("animation"), number).take()
    states = {line.id: line.state for line in db.session.get_one(Request, number).lines}
    assert states == {mine: LineState.IN_REVIEW, theirs: LineState.SUBMITTED}
    with db.transaction() as writing:
        colleague = Account.named("guichet").agent
        colleague.role, colleague.structures = "animation", [writing.query(Structure).order_by(Structure.id).first()]
    with db.transaction():
        review = Review.locked(clerk("guichet"), number)
        assert [line.id for line in review.lines] == [theirs]
        assert not review.taken_by_another
        review.accept(theirs, version=1)
    with db.transaction():
        Review.locked(clerk("animation"), number).accept(mine, version=1)
    assert {line.state for line in db.session.get_one(Request, number).lines} == {LineState.ACCEPTED}


@pytest.mark.parametrize("motif", ["Varicelle", ""])
def test_the_reason_of_an_absence_is_read_as_health_is(app, client, motif):
    with app.app_context():
        with db.transaction():
            row = enrolment(activity("À la main", approval="manual"), dupont().family)
            child = row.child_id
        with db.transaction() as writing:
            request = Request.of("absence", dupont().family_id, by=Author(dupont()), submission="away")
            writing.add(request)
            request.lines.append(RequestLine(enrolment_id=row.id, day=DAY, kind="absence", motif=motif or None))
            writing.flush()
            number = request.id
    client.log_in("guichet")
    page = client.get(f"/agent/demandes/{number}")
    assert ("le journal note que vous les avez lues" in text_of(page)) is bool(motif)
    with app.app_context():
        assert db.session.query(Event).filter_by(kind="health_read", subject_id=child).count() == bool(motif)
