"""Settings: what is missing or wrong is told in French sentences, all at once, and production refuses the rest."""

import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from app import config
from app.config import ConfigurationError, Settings
from app.security import TrustedProxies
from tests.servers import ROOT

LONG = "une-valeur-assez-longue-tiree-au-hasard-pour-servir-de-secret"


@pytest.fixture
def good(tmp_path):
    """A production installation in which nothing is wrong."""
    return {
        "PREAU_DATA_DIR": str(tmp_path / "data"),
        "PREAU_SECRET_KEY": LONG,
        "PREAU_ENCRYPTION_KEYS": LONG,
        "PREAU_BASE_URL": "https://famille.saint-jean.fr",
        "PREAU_SMTP_URL": "smtp://portail:secret@mail.saint-jean.fr:587",
    }


@pytest.fixture
def demo(tmp_path):
    return {"PREAU_ENV": "demo", "PREAU_DATA_DIR": str(tmp_path / "data")}


def test_a_good_installation_has_no_problem(good, tmp_path):
    settings = Settings.load(good)
    settings.require_valid()
    assert settings.problems == ()
    assert not settings.demo
    assert settings.https
    assert settings.database_url == f"sqlite:///{tmp_path}/data/preau.db"
    assert settings.encryption_keys == (LONG,)
    assert settings.today is None


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("PREAU_ENV", "prod", "PREAU_ENV vaut « prod » : écrivez production ou demo."),
        ("PREAU_SECRET_KEY", "", "PREAU_SECRET_KEY manque : écrivez-y une valeur donnée par « flask secrets »."),
        ("PREAU_SECRET_KEY", "court", "PREAU_SECRET_KEY est trop court : il faut au moins 32 caractères"),
        ("PREAU_ENCRYPTION_KEYS", "", "PREAU_ENCRYPTION_KEYS manque"),
        ("PREAU_ENCRYPTION_KEYS", f"{LONG},court", "PREAU_ENCRYPTION_KEYS est trop court"),
        ("PREAU_BASE_URL", "", "PREAU_BASE_URL manque : écrivez l’adresse du portail"),
        ("PREAU_BASE_URL", "famille.saint-jean.fr", "PREAU_BASE_URL n’est pas une adresse http:// ou https://"),
        ("PREAU_BASE_URL", "https://[famille", "PREAU_BASE_URL n’est pas une adresse"),
        ("PREAU_BASE_URL", "https://famille:port", "PREAU_BASE_URL n’est pas une adresse"),
        ("PREAU_TODAY", "2015-05-04", "PREAU_TODAY ne sert qu’aux démonstrations : retirez-le."),
        ("PREAU_SMTP_URL", "", "PREAU_SMTP_URL manque : sans serveur de courriel, aucun message ne partira."),
        ("PREAU_SMTP_URL", "mail.saint-jean.fr", "PREAU_SMTP_URL n’a pas la forme smtp://"),
        ("PREAU_SMTP_URL", "smtp://mail:abc", "PREAU_SMTP_URL n’a pas la forme smtp://"),
        ("PREAU_SMTP_URL", "smtp://portail:mot#depasse@mail", "« @ » s’écrit %40, « # » %23"),
        ("PREAU_SMTP_URL", "smtp://[mail", "PREAU_SMTP_URL n’a pas la forme smtp://"),
        ("PREAU_DATABASE_URL", "n’importe quoi", "PREAU_DATABASE_URL n’a pas la forme"),
        ("PREAU_DATABASE_URL", "mysql://base/preau", "PREAU_DATABASE_URL n’a pas la forme"),
        ("PREAU_DATABASE_URL", "postgresql://base:port/preau", "PREAU_DATABASE_URL n’a pas la forme"),
        ("PREAU_TRUSTED_PROXIES", "10.0.0.0/8, partout", "PREAU_TRUSTED_PROXIES : « partout » n’est pas une adresse"),
        ("PREAU_AGENT_TOTP", "oui", "PREAU_AGENT_TOTP vaut « oui » : écrivez optional ou required."),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(good, setting, value, sentence):
    settings = Settings.load({**good, setting: value})
    (problem,) = settings.problems
    assert sentence in problem
    assert problem.endswith(".")
    with pytest.raises(ConfigurationError, match=re.escape(sentence)):
        settings.require_valid()


def test_everything_wrong_is_told_at_once(tmp_path):
    with pytest.raises(ConfigurationError) as told:
        Settings.load({"PREAU_DATA_DIR": str(tmp_path), "PREAU_TODAY": "hier"}).require_valid()
    lines = str(told.value).splitlines()
    assert [line.split()[1] for line in lines] == [
        "PREAU_SECRET_KEY",
        "PREAU_ENCRYPTION_KEYS",
        "PREAU_BASE_URL",
        "PREAU_TODAY",
        "PREAU_SMTP_URL",
    ]


def test_production_is_what_one_gets_without_asking(good):
    assert not Settings.load(good).demo


def test_production_never_pretends_another_day(good):
    assert Settings.load({**good, "PREAU_TODAY": "2015-05-04"}).today is None


def test_production_makes_no_secrets_for_itself(tmp_path):
    Settings.load({"PREAU_DATA_DIR": str(tmp_path / "data")})
    assert not (tmp_path / "data").exists()


def test_a_password_in_a_setting_is_never_shown(good):
    settings = Settings.load({**good, "PREAU_SMTP_URL": "smtp://portail:sesame@["})
    assert "sesame" not in repr(settings)
    settings = Settings.load({**good, "PREAU_DATABASE_URL": "postgresql://preau:sesame@base:port/preau"})
    assert "sesame" not in repr(settings.problems)
    assert LONG not in repr(settings)


def test_a_demonstration_needs_nothing(demo):
    settings = Settings.load(demo)
    settings.require_valid()
    assert settings.demo
    assert settings.base_url == "http://127.0.0.1:8000"
    assert Settings.load({**demo, "PORT": "8123"}).base_url == "http://127.0.0.1:8123"


def test_a_demonstration_may_pretend_another_day(demo):
    assert Settings.load({**demo, "PREAU_TODAY": "2015-05-04"}).today == date(2015, 5, 4)
    (problem,) = Settings.load({**demo, "PREAU_TODAY": "04/05/2015"}).problems
    assert problem == "PREAU_TODAY n’est pas une date AAAA-MM-JJ : « 04/05/2015 »."


def test_a_demonstration_makes_its_secrets_once_and_keeps_them_to_itself(demo, tmp_path):
    first = Settings.load(demo)
    kept = tmp_path / "data" / "demo-secrets.env"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert list(kept.parent.iterdir()) == [kept]
    again = Settings.load(demo)
    assert (again.secret_key, again.encryption_keys) == (first.secret_key, first.encryption_keys)
    assert len(first.secret_key) >= 32
    assert first.secret_key not in first.encryption_keys


def test_secrets_given_to_a_demonstration_are_the_ones_it_uses(demo):
    settings = Settings.load({**demo, "PREAU_SECRET_KEY": "court", "PREAU_ENCRYPTION_KEYS": "nouvelle, ancienne"})
    assert (settings.secret_key, settings.encryption_keys) == ("court", ("nouvelle", "ancienne"))
    assert settings.problems == ()
    assert not settings.data_dir.exists()


def test_processes_that_start_at_the_same_instant_have_the_same_secrets(tmp_path):
    ready = threading.Barrier(8)

    def start(folder):
        ready.wait(60)
        return Settings.load({"PREAU_ENV": "demo", "PREAU_DATA_DIR": str(folder)}).secret_key

    with ThreadPoolExecutor(8) as starting:
        for round_ in range(20):
            keys = set(starting.map(start, [tmp_path / str(round_)] * 8))
            assert len(keys) == 1
            assert "" not in keys


def test_a_demonstration_in_an_unwritable_folder_can_still_say_so(tmp_path):
    (tmp_path / "file").write_text("")
    settings = Settings.load({"PREAU_ENV": "demo", "PREAU_DATA_DIR": str(tmp_path / "file" / "data")})
    assert settings.problems == ()
    assert settings.secret_key


def test_the_environment_wins_over_the_env_file(good, tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("PREAU_BASE_URL=https://du-fichier.fr\nPREAU_MAIL_FROM=du-fichier@exemple.fr\n")
    monkeypatch.setattr(config, "ROOT", tmp_path)
    monkeypatch.setattr("os.environ", {**good})
    settings = Settings.load()
    assert settings.base_url == "https://famille.saint-jean.fr"
    assert settings.mail_from == "du-fichier@exemple.fr"


def test_flask_secrets_gives_lines_that_settings_accept(good):
    lines = dict(line.split("=", 1) for line in config.new_secrets())
    Settings.load({**good, **lines}).require_valid()
    assert lines != dict(line.split("=", 1) for line in config.new_secrets())


def test_the_server_refuses_to_start_with_wrong_settings(good):
    environment = {"PATH": "/usr/bin:/bin", **good, "PREAU_SECRET_KEY": "", "PREAU_TODAY": "2015-05-04"}
    started = subprocess.run(
        [sys.executable, "-c", "import wsgi"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert started.returncode == 1
    assert "PREAU_TODAY ne sert qu’aux démonstrations : retirez-le." in started.stderr
    assert "PREAU_SECRET_KEY manque" in started.stderr


# Behind a proxy.


@pytest.fixture
def seen(good):
    """seen(peer, **forwarded): the address, scheme and host that the portal believes."""

    def asking(peer, trusted="10.0.0.0/8, 192.168.1.7, fd00::/8", chain="203.0.113.9"):
        found = {}
        networks = Settings.load({**good, "PREAU_TRUSTED_PROXIES": trusted}).trusted_proxies
        TrustedProxies(lambda environ, start: found.update(environ) or [], networks)(
            {
                "REMOTE_ADDR": peer,
                "wsgi.url_scheme": "http",
                "HTTP_HOST": "interne:8000",
                "HTTP_X_FORWARDED_FOR": chain,
                "HTTP_X_FORWARDED_PROTO": "https",
                "HTTP_X_FORWARDED_HOST": "famille.saint-jean.fr",
            },
            None,
        )
        return found["REMOTE_ADDR"], found["wsgi.url_scheme"], found["HTTP_HOST"]

    return asking


@pytest.mark.parametrize("peer", ["10.1.2.3", "192.168.1.7", "fd00::12"])
def test_a_trusted_proxy_is_believed(seen, peer):
    assert seen(peer) == ("203.0.113.9", "https", "famille.saint-jean.fr")


@pytest.mark.parametrize("peer", ["11.1.2.3", "192.168.1.8", "2001:db8::1", "", "unix:"])
def test_anyone_else_is_not(seen, peer):
    assert seen(peer) == (peer, "http", "interne:8000")


def test_a_proxy_is_believed_for_one_step_only(seen):
    """What came before the last address was written by whoever asks."""
    assert seen("10.1.2.3", chain="1.1.1.1, 203.0.113.9")[0] == "203.0.113.9"


def test_without_the_setting_no_proxy_is_believed(seen):
    assert seen("10.1.2.3", trusted="") == ("10.1.2.3", "http", "interne:8000")
