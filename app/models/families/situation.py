"""The situation of a family, as files of families say it. Pure."""

SITUATIONS = {
    "Célibataire": "Célibataire",
    "Marié": "Marié(e)",
    "Pacsé": "Pacsé(e)",
    "Vie maritale": "Vie maritale",
    "Séparé": "Séparé(e)",
    "Divorcé": "Divorcé(e)",
    "Veuf": "Veuf ou veuve",
}


def situation_of(situation: str, civility: str) -> str:
    """As it agrees with a person: « Séparée »; as the guide writes it for a man."""
    either = SITUATIONS.get(situation, situation)
    feminine = "Veuve" if situation == "Veuf" else either.replace("(e)", "e")
    return {"Madame": feminine, "Monsieur": situation}.get(civility, either)
