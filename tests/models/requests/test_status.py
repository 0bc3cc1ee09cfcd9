"""What the page of a request says comes next, and its badge: lines that stand differently are told one by one."""

import pytest

from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request, RequestLine
from app.models.requests import status as request_status

DONE, ASKED, IN_LINE, OFFERED = (
    LineState.ACCEPTED,
    LineState.SUBMITTED,
    LineState.WAITING_LIST,
    LineState.OFFERED,
)


def following(*states: LineState, kind=RequestKind.BOOKING) -> str:
    asked = Request(kind=kind, lines=[RequestLine(state=state) for state in states])
    return request_status.following(asked).replace("\u00a0", " ")


ANSWER = "attend la réponse du service, que vous lirez sur le portail."
TURN = "en liste d’attente : si une place se libère, un courriel vous la proposera."


@pytest.mark.parametrize(("states", "told"), [
    ([DONE, DONE, DONE, DONE, ASKED], f"4 réservations sont acceptées. 1 réservation {ANSWER}"),
    ([IN_LINE, DONE], f"1 réservation est acceptée. 1 réservation est {TURN}"),
    ([IN_LINE, IN_LINE, ASKED], f"1 réservation {ANSWER} 2 réservations sont {TURN}"),
    ([OFFERED, IN_LINE], "1 réservation attend votre réponse, ci-dessus, avant la fin du délai. "
                         f"1 réservation est {TURN}"),
    ([LineState.REFUSED, ASKED], f"1 réservation {ANSWER} 1 réservation est refusée."),
])  # fmt: skip
def test_each_result_of_a_mixed_request_is_told(states, told):
    assert following(*states) == told


@pytest.mark.parametrize(("states", "badge"), [
    ([IN_LINE, ASKED], "en attente"),
    ([LineState.IN_REVIEW, IN_LINE], "en attente"),
    ([IN_LINE, OFFERED], "place proposée"),
    ([DONE, IN_LINE], "répondue en partie"),
    ([DONE, LineState.REFUSED], "acceptée en partie"),
    ([IN_LINE, IN_LINE], "en liste d’attente"),
])  # fmt: skip
def test_the_badge_of_a_mixed_request_is_true_of_all_its_lines_or_the_most_urgent(states, badge):
    asked = Request(kind=RequestKind.BOOKING, lines=[RequestLine(state=state) for state in states])
    assert request_status.verdict(asked).text == badge


def test_absences_and_changes_of_the_file_have_their_own_word():
    assert following(DONE, ASKED, kind=RequestKind.ABSENCE).startswith("1 absence est acceptée. 1 absence attend")
    assert following(DONE, ASKED, kind=RequestKind.RESPONSABLE).startswith("1 ligne est acceptée. 1 ligne attend")


def test_lines_that_stand_alike_are_told_at_once():
    assert following(ASKED, ASKED).startswith("Le service va l’examiner")
    assert following(IN_LINE).startswith("C’est complet")
    assert following(DONE, LineState.WITHDRAWN) == "Elle est acceptée : il ne vous reste rien à faire."
    assert following(DONE, LineState.REFUSED).startswith("Le service a répondu ligne par ligne")
