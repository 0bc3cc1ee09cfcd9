"""What the journal says of enrolments, and of what a parent sets for the planning."""

from app.models.event import EventGroup, EventWords

WORDS = EventWords(
    kinds={
        EventGroup.LOGINS: {
            "calendar_feed_opened": "Calendrier du téléphone ouvert",
            "calendar_feed_revoked": "Calendrier du téléphone supprimé",
        },
        EventGroup.REQUESTS: {
            "reminders_chosen": "Rappels par courriel choisis",
        },
        EventGroup.ENROLMENTS: {
            "enrolment_created": "Inscription créée",
            "enrolment_changed": "Inscription modifiée",
            "enrolment_ended": "Inscription terminée",
            "leave_recorded": "Congé noté",
            "leave_removed": "Congé retiré",
        },
    },
    details={
        "activity": "Prestation",
        "first_day": "Premier jour",
        "last_day": "Dernier jour",
        "usual_week": "Semaine habituelle",
        "leaves": "Congés",
        "book": "Jours réservés",
        "release": "Jours libérés",
        "impossible": "Jours impossibles",
        "wants_reminders": "Rappels par courriel",
    },
)
