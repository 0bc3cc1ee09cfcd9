"""What helps to fill a field in, by its name, in plain words."""

HINTS = {
    "email": "Les accusés de réception et les réponses y arrivent.",
    "csp": "Catégorie socioprofessionnelle : employé, cadre, artisan, sans activité…",
    "allows_sms": "La commune peut vous écrire par SMS.",
    "allows_email": (
        "La commune peut vous écrire par courriel. Avec «\u00a0Non\u00a0», seuls partent les accusés de réception, "
        "que la loi demande, et ce qui protège votre compte\u202f; réponses et places proposées se lisent sur le "
        "portail."
    ),
    "tax_income": "En euros, sur la première page de votre avis d’imposition.",
    "tax_parts": "Comme sur l’avis : 2,5 par exemple.",
    "tax_year": "L’année des revenus, écrite sur l’avis.",
    "fund_number": "7 chiffres à la CAF ; à la MSA, votre numéro de sécurité sociale.",
    "quotient": "En euros, sans centimes, sur l’attestation de votre caisse.",
    "iban": "27 caractères pour un compte français, sur votre RIB.",
    "bic": "8 ou 11 caractères, sur votre RIB.",
    "direct_debit": "Vos factures seraient prélevées sur ce compte : le service vous enverra le mandat à signer.",
}
