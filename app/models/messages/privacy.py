"""Messages: some years after the last one. One that nobody ever answered goes too."""

from datetime import date

from sqlalchemy import exists, func, select

from app.models.durations import REQUESTS
from app.models.families.privacy import file_number
from app.models.jobs import erase
from app.models.messages import Message, Sender, Thread
from app.models.personal_data import Chapter, Part, PersonalData, number, of_family
from app.models.retention_rule import Rows, Rule, Turn, before_end_of


def _old(cutoff: date) -> Rows:
    alive = exists().where(Message.thread_id == Thread.id, Message.sent_at >= before_end_of(cutoff))
    last = select(func.max(Message.sent_at)).where(Message.thread_id == Thread.id).scalar_subquery()
    written = exists().where(Message.thread_id == Thread.id)
    return select(Thread.id, file_number(Thread.family_id), last).where(~alive, written)


DATA = PersonalData(
    parts=(
        of_family(Chapter.MESSAGES, "Échanges", Thread, "id"),
        Part(
            Chapter.MESSAGES,
            "Messages",
            Message,
            lambda whose: Message.thread_id.in_(select(Thread.id).where(Thread.family_id.in_(whose.families))),
            frozenset(("id",)),
        ),
    ),
    columns={"body": "Texte", "read_at": "Lu le", "sender": "De", "sent_at": "Envoyé le", "subject": "Objet"},
    numbers={"thread_id": number("Échange", Thread.id, Thread.subject, family_id=Thread.family_id)},
    codes={Sender: {Sender.FAMILY: "La famille", Sender.STRUCTURE: "La structure"}},
    rules=(Rule("Messages", REQUESTS, Turn.REQUESTS, _old, erase.by(Thread.id), locks=Thread.id),),
)
