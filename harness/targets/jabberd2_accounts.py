"""Accounts of a launched jabberd2: rows of a SQLite database."""

import sqlite3
import time
import tomllib
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import trio

from harness.errors import TargetError
from harness.targets.configuration import template

_ACCOUNTS = "authreg"  # the one table that belongs to the client process
_BUSY_SECONDS = 5.0

_Statement = tuple[str, tuple[object, ...]]


class Jabberd2Accounts:
    """Accounts as rows of the database that client process and session manager share."""

    def __init__(self, database: Path, domain: str) -> None:
        self._database = database
        self._domain = domain

    def make_tables(self) -> None:
        """Make the empty tables; see `fixtures/servers/jabberd2/tables.toml`."""
        with closing(sqlite3.connect(self._database)) as database:
            database.execute("PRAGMA journal_mode = WAL")
            for name, columns in _tables().items():
                database.executescript(_definition(name, columns))

    async def create(self, username: str, password: str) -> None:
        """Make the account known to the client process and to the session manager.

        Without the second an account exists for others only after its first login.
        """
        now = int(time.time())
        rows: list[_Statement] = [
            ("INSERT INTO authreg VALUES (?, ?, ?)", (username, self._domain, password)),
            ('INSERT INTO active ("collection-owner", time) VALUES (?, ?)', (self._jid(username), now)),
        ]
        await trio.to_thread.run_sync(partial(self._execute, rows))

    async def remove(self, username: str) -> None:
        """Remove the rows of an account from every table."""
        jid = self._jid(username)
        rows: list[_Statement] = [
            ("DELETE FROM authreg WHERE username = ? AND realm = ?", (username, self._domain)),
            *(
                (f'DELETE FROM "{name}" WHERE "collection-owner" = ?', (jid,))
                for name in _tables()
                if name != _ACCOUNTS
            ),
        ]
        await trio.to_thread.run_sync(partial(self._execute, rows))

    def _jid(self, username: str) -> str:
        return f"{username}@{self._domain}"

    def _execute(self, statements: Sequence[_Statement]) -> None:
        try:
            with closing(sqlite3.connect(self._database, timeout=_BUSY_SECONDS)) as database:
                database.execute("PRAGMA synchronous = OFF")
                for statement, values in statements:
                    database.execute(statement, values)
                database.commit()
        except sqlite3.Error as error:
            raise TargetError(f"jabberd2's database refuses: {error}") from error


def _tables() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(template("jabberd2", "tables.toml").read_text(encoding="utf-8"))


def _definition(name: str, columns: dict[str, list[str]]) -> str:
    own = [f'"{column}" {kind}' for kind, named in columns.items() for column in named]
    shared = [] if name == _ACCOUNTS else ['"collection-owner" TEXT', '"object-sequence" INTEGER PRIMARY KEY']
    sought = "username" if name == _ACCOUNTS else "collection-owner"
    return (
        f'CREATE TABLE "{name}" ({", ".join(shared + own)});'
        f'CREATE INDEX "{name} by {sought}" ON "{name}" ("{sought}");'
    )
