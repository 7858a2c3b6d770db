"""Accounts of a launched ejabberd: its commands over HTTP."""

import contextlib
import http
import http.client
import json

import trio

from harness.errors import TargetError
from harness.targets.ports import HOST

_REQUEST_SECONDS = 30.0


class EjabberdAccounts:
    """Accounts by the HTTP interface to ejabberd's commands, which asks this machine for no password.

    One connection serves all, one request after the other: a request takes two milliseconds.
    """

    def __init__(self, port: int, domain: str) -> None:
        self._domain = domain
        self._lock = trio.Lock()
        self._connection = http.client.HTTPConnection(HOST, port, timeout=_REQUEST_SECONDS)

    async def create(self, username: str, password: str) -> None:
        """Command `register`."""
        await self._ask("register", {"user": username, "host": self._domain, "password": password})

    async def remove(self, username: str) -> None:
        """Command `unregister`."""
        await self._ask("unregister", {"user": username, "host": self._domain})

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    async def _ask(self, command: str, arguments: dict[str, str]) -> None:
        async with self._lock:
            status, answer = await trio.to_thread.run_sync(self._post, command, json.dumps(arguments))
        if status != http.HTTPStatus.OK:
            raise TargetError(
                f"ejabberd's command {command} is answered with {status or 'nothing'}: {answer}"
            )

    def _post(self, command: str, body: str) -> tuple[int, str]:
        """Ask, and once more if the server has closed a connection that was idle for long."""
        try:
            with contextlib.suppress(ConnectionError):
                return self._attempt(command, body)
            return self._attempt(command, body)
        except (OSError, http.client.HTTPException) as error:
            return 0, str(error)

    def _attempt(self, command: str, body: str) -> tuple[int, str]:
        try:
            self._connection.request("POST", f"/api/{command}", body, {"Content-Type": "application/json"})
            response = self._connection.getresponse()
            return response.status, response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise
