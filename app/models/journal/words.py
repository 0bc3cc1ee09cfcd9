"""The journal's French: what each kind of event says, by group, and the names of what changed. Pure."""

import re
from datetime import date
from typing import Any

from app.formats import short_date
from app.models.families.sections.catalogue import LABELS as FIELDS
from app.models.requests.line_journal import LINE_WORDS

GROUPS: dict[str, tuple[str, dict[str, str]]] = {
    "connexions": (
        "Connexions et mots de passe",
        {
            "login": "Connexion",
            "password_changed": "Mot de passe changé",
            "password_reset_requested": "Lien « mot de passe oublié » demandé",
            "email_changed": "Adresse de courriel changée",
            "two_factor_enabled": "Double authentification activée",
            "two_factor_disabled": "Double authentification désactivée",
            "calendar_feed_opened": "Calendrier du téléphone ouvert",
            "calendar_feed_revoked": "Calendrier du téléphone supprimé",
        },
    ),
    "comptes": (
        "Comptes et lettres",
        {
            "admin_created": "Compte d’administration créé à l’installation",
            "agent_created": "Compte d’agent créé",
            "agent_changed": "Compte d’agent modifié",
            "account_created": "Compte de famille créé",
            "account_locked": "Compte verrouillé",
            "account_unlocked": "Compte déverrouillé",
            "one_time_given": "Nouveau mot de passe provisoire",
            "letter_printed": "Lettre d’identifiants imprimée",
        },
    ),
    "demandes": (
        "Demandes",
        {
            "request_taken": "Demande prise en charge",
            "request_taken_over": "Demande reprise à un collègue",
            "request_released": "Demande rendue à la file",
            "reminders_chosen": "Rappels par courriel choisis",
            "override_used": "Règle passée outre",
            "proof_read": "Justificatif lu",
            "queue_moved": "Ordre de la liste d’attente changé",
            "health_read": "Données de santé lues",
            "batch_opened": "Demandes acceptées en lot",
            "reason_added": "Motif de refus ajouté",
            "reason_removed": "Motif de refus retiré",
            **LINE_WORDS,
        },
    ),
    "pieces": (
        "Pièces",
        {
            "piece_given": "Pièce donnée par la famille",
            "piece_validated": "Pièce validée",
            "piece_refused": "Pièce refusée",
            "piece_read": "Pièce lue",
            "piece_kind_added": "Pièce demandée aux familles",
            "piece_kind_changed": "Pièce demandée modifiée",
            "piece_kind_withdrawn": "Pièce qui n’est plus demandée",
            "piece_kind_restored": "Pièce demandée de nouveau",
        },
    ),
    "familles": (
        "Dossiers des familles",
        {
            "family_created": "Dossier créé",
            "family_changed": "Dossier modifié",
            "family_split": "Dossier séparé en deux",
            "family_merged": "Dossiers réunis",
            "adult_added": "Responsable ajouté",
            "adult_changed": "Responsable modifié",
            "child_added": "Enfant ajouté",
            "child_changed": "Enfant modifié",
            "dui_confirmed": "Dossier d’inscription relu, sans rien à changer",
            "custody_added": "Enfant rattaché au foyer",
            "custody_removed": "Enfant retiré du foyer",
            "authority_given": "Autorité parentale notée",
            "authority_removed": "Autorité parentale retirée",
            "export_asked": "Copie des données demandée",
            "account_removed": "Compte supprimé, resté sans connexion",
            "purged": "Données effacées à leur terme",
            "acting_begun": "Début d’une action pour la famille",
            "acting_ended": "Fin d’une action pour la famille",
        },
    ),
    "inscriptions": (
        "Inscriptions",
        {
            "enrolment_created": "Inscription créée",
            "enrolment_changed": "Inscription modifiée",
            "enrolment_ended": "Inscription terminée",
            "leave_recorded": "Congé noté",
            "leave_removed": "Congé retiré",
        },
    ),
}
LABELS = {kind: label for _, kinds in GROUPS.values() for kind, label in kinds.items()}

_NAMES = FIELDS | {
    "name": "Nom",
    "role": "Rôle",
    "structures": "Structures",
    "identifiant": "Identifiant",
    "adult": "Responsable",
    "adults": "Responsables",
    "number": "Numéro",
    "new_number": "Nouveau numéro",
    "situation": "Situation",
    "staying": "Reste",
    "leaving": "Part",
    "homes": "Foyers",
    "children": "Enfants",
    "joined_children": "Fiches d’enfant réunies",
    "same_adults": "Adultes réunis",
    "newcomers": "Nouveaux adultes",
    "closed_logins": "Comptes fermés",
    "restricted": "Autorisations ramenées à non",
    "enrolments": "Inscriptions",
    "invoices": "Factures",
    "threads": "Messages",
    "child": "Enfant",
    "birth_date": "Date de naissance",
    "school": "École",
    "level": "Niveau",
    "class_name": "Classe",
    "activity": "Prestation",
    "first_day": "Premier jour",
    "last_day": "Dernier jour",
    "usual_week": "Semaine habituelle",
    "leaves": "Congés",
    "book": "Jours réservés",
    "release": "Jours libérés",
    "impossible": "Jours impossibles",
    "requests": "Demandes",
    "line": "Ligne",
    "fields": "Champs",
    "attached_to": "Organisme rattachement",
    "override": "Passé outre",
    "text": "Texte",
    "topic": "Sert à refuser",
    "reason": "Motif",
    "holder": "Traitée par",
    "rank": "Rang",
    "wants_reminders": "Rappels par courriel",
    "piece": "Pièce",
    "valid_until": "Valable jusqu’au",
    "months_valid": "Mois de validité",
    "mandatory": "Obligatoire",
    "with_pai": "Obligatoire avec un PAI",
    "blocking": "Nécessaire à l’inscription",
    "keeps_file": "Fichier gardé",
    "is_health": "De santé",
}
_VALUES = {"deadline": "délai", "capacity": "places"}
# Nobody writes these to the journal; should someone err, or have erred, they still show nowhere.
_NEVER = frozenset(
    (
        *("diet", "motif", "note", "alerts", "health", "instruction", "pai", "forbidden"),
        *("iban", "bic", "password", "password_hash"),
    )
)


def label(kind: str) -> str:
    """What an event says; its bare kind, for one that a newer or older version wrote."""
    return LABELS.get(kind, kind.replace("_", " "))


def changes(before: Any, after: Any) -> list[tuple[str, str, str]]:
    """What changed: its name, what it was, what it became, as texts; « » for nothing."""
    was, now = _as_dict(before), _as_dict(after)
    shown = [key for key in {**was, **now} if key not in _NEVER]
    told = [(_NAMES.get(key, key.replace("_", " ")), said(was.get(key)), said(now.get(key))) for key in shown]
    return [(name, before, after) for name, before, after in told if before != after]


def said(value: Any) -> str:
    """A value as French writes it: oui, 04/05/2015, « a, b », « Léa : chez elle »."""
    match value:
        case None:
            return ""
        case bool():
            return "oui" if value else "non"
        case list():
            return ", ".join(said(one) for one in value)
        case dict():
            return ", ".join(f"{key}\u00a0: {said(one)}" for key, one in value.items() if key not in _NEVER)
        case _:
            return _text(str(value))


def _text(text: str) -> str:
    """A day, or a period of two, as French writes them; any other text as it is."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d(/\d{4}-\d\d-\d\d)?", text):
        return _VALUES.get(text, text)
    try:
        return " – ".join(short_date(date.fromisoformat(day)) for day in text.split("/"))
    except ValueError:  # somebody wrote it so: it only looks like a day
        return text


def _as_dict(told: Any) -> dict[str, Any]:
    if told is None:
        return {}
    return told if isinstance(told, dict) else {"text": told}
