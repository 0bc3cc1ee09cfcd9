"""Who may do what at the town hall: the one table of permissions. Pure; docs/permissions.md is its photograph."""

import enum


class Role(enum.StrEnum):
    """What an agent does at the town hall."""

    GUICHET = "guichet"
    ANIMATION = "animation"
    REGIE = "regie"
    ADMINISTRATION = "administration"

    @property
    def label(self) -> str:
        return "régie" if self is Role.REGIE else self.value


class Permission(enum.StrEnum):
    REQUESTS = "requests"
    OVERRIDE = "override"
    EXCUSE = "excuse"
    REASONS = "reasons"
    FAMILIES = "families"
    FAMILY_FILES = "family_files"
    FAMILY_ACCOUNTS = "family_accounts"
    ON_BEHALF = "on_behalf"
    FINANCES = "finances"
    HEALTH = "health"
    PIECES = "pieces"
    PIECE_KINDS = "piece_kinds"
    ENROLMENTS = "enrolments"
    ENROL = "enrol"
    JOURNAL = "journal"
    AGENTS = "agents"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Permission.REQUESTS: "Voir les demandes et y répondre",
    Permission.OVERRIDE: "Accepter hors délai, au-delà des places, changer l’ordre d’une liste d’attente",
    Permission.EXCUSE: "Excuser ou facturer une absence tardive, accepter un justificatif d’absence",
    Permission.REASONS: "Modifier les motifs de refus proposés",
    Permission.FAMILIES: "Consulter les dossiers des familles",
    Permission.FAMILY_FILES: "Créer, modifier, séparer et réunir les dossiers",
    Permission.FAMILY_ACCOUNTS: "Créer les comptes des familles, imprimer les lettres, verrouiller",
    Permission.ON_BEHALF: "Agir pour une famille",
    Permission.FINANCES: "Lire revenus, quotient familial et coordonnées bancaires",
    Permission.HEALTH: "Lire les données de santé (chaque lecture est notée)",
    Permission.PIECES: "Vérifier les pièces reçues",
    Permission.PIECE_KINDS: "Dire quelles pièces sont demandées",
    Permission.ENROLMENTS: "Consulter les inscriptions",
    Permission.ENROL: "Inscrire, changer, terminer, noter un congé",
    Permission.JOURNAL: "Lire le journal",
    Permission.AGENTS: "Gérer les comptes des agents",
}

_CONSULT = frozenset({Permission.FAMILIES, Permission.ENROLMENTS})
TABLE: dict[Role, frozenset[Permission]] = {
    Role.GUICHET: frozenset(Permission) - {Permission.JOURNAL, Permission.AGENTS},
    Role.ANIMATION: _CONSULT | {Permission.REQUESTS, Permission.HEALTH},
    Role.REGIE: _CONSULT | {Permission.FINANCES, Permission.EXCUSE},
    Role.ADMINISTRATION: frozenset(Permission),
}

LIMITED_TO_STRUCTURES = frozenset({Role.ANIMATION})
"""Roles that see only what concerns their structures."""
