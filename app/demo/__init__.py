"""The demonstration town: Saint-Jean, invented. Never in production."""

PASSWORD = "Bonjour2026"
# Identifiant → who that is. Shown on the login page and by `make run`.
LOGINS = (
    ("jean.dupont", "parent, la famille du guide"),
    ("martin", "parents de deux enfants, beaucoup d’activités"),
    ("durand", "une autre famille, pour vérifier le cloisonnement"),
    ("petit", "premier foyer d’un enfant de parents séparés"),
    ("moreau", "second foyer du même enfant"),
    ("nouveau", "parent qui doit changer son mot de passe"),
    ("guichet", "agent d’accueil"),
    ("animation", "agent d’animation"),
    ("regie", "agent de la régie"),
    ("admin", "administration du portail"),
)
