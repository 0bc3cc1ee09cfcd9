"""What the journal says of the documents that families give."""

from app.models.event import EventGroup, EventWords

WORDS = EventWords(
    kinds={
        EventGroup.DOCUMENTS: {
            "piece_given": "Pièce donnée par la famille",
            "piece_validated": "Pièce validée",
            "piece_refused": "Pièce refusée",
            "piece_read": "Pièce lue",
            "piece_kind_added": "Pièce demandée aux familles",
            "piece_kind_changed": "Pièce demandée modifiée",
            "piece_kind_withdrawn": "Pièce qui n’est plus demandée",
            "piece_kind_restored": "Pièce demandée de nouveau",
        },
    },
    details={
        "piece": "Pièce",
        "valid_until": "Valable jusqu’au",
        "months_valid": "Mois de validité",
        "mandatory": "Obligatoire",
        "with_pai": "Obligatoire avec un PAI",
        "blocking": "Nécessaire à l’inscription",
        "keeps_file": "Fichier gardé",
        "is_health": "De santé",
    },
)
