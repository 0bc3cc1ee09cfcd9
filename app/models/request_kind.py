"""What a request is about. Pure."""

import enum


class RequestKind(enum.StrEnum):
    BOOKING = "booking"
    ABSENCE = "absence"
    PROOF = "proof"
    """A justificatif for a past absence."""
    RESPONSABLE = "responsable"
    """A change of the first adult's details."""
    CONJOINT = "conjoint"
    FISCALES = "fiscales"
    CAF = "caf"
    BANQUE = "banque"
    CHILD = "child"
    """A change of what the town hall knows of a child: names, school…"""
    CONTACTS = "contacts"
    GLASSES = "glasses"
    HEALTH = "health"
    CONSENTS = "consents"
    INSURANCE = "insurance"
    NEW_CHILD = "new_child"
    ENROLMENT = "enrolment"
    DUI = "dui"
    """Several sections of a child's file at once, from the online dossier."""

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    RequestKind.BOOKING: "Demande de Réservation",
    RequestKind.ABSENCE: "Déclaration d’absence",
    RequestKind.PROOF: "Justificatif d’absence",
    RequestKind.RESPONSABLE: "Infos responsable",
    RequestKind.CONJOINT: "Informations conjoint",
    RequestKind.FISCALES: "Informations fiscales",
    RequestKind.CAF: "Informations CAF",
    RequestKind.BANQUE: "Coordonnées bancaires",
    RequestKind.CHILD: "Informations de l’enfant",
    RequestKind.CONTACTS: "Personnes autorisées",
    RequestKind.GLASSES: "Port de lunettes",
    RequestKind.HEALTH: "Données sanitaires",
    RequestKind.CONSENTS: "Autorisations",
    RequestKind.INSURANCE: "Assurance",
    RequestKind.NEW_CHILD: "Ajout d’un enfant",
    RequestKind.ENROLMENT: "Demande d’inscription",
    RequestKind.DUI: "Dossier unique d’inscription",
}
