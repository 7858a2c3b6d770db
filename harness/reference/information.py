"""Small questions: ping, version, time, last activity (XEP-0199, 0092, 0202, 0012, 0090)."""

from harness.reference.host import Host
from harness.reference.moments import legacy_timestamp, timestamp
from harness.reference.presence import may_see
from harness.reference.requests import Handler, Handlers, Request, Scope, in_scopes
from harness.reference.settings import Feature
from harness.reference.stanzas import Answer, Deferred, Refused, Result
from harness.xmpp.elements import build
from harness.xmpp.namespaces import LAST, LEGACY_TIME, PING, TIME, VERSION, Name

VERSION_TEXT = "1"
_LAST = Name(LAST, "query")
VERSION_NAME = Name(VERSION, "query")
PING_NAME = Name(PING, "ping")
_LEGACY_TIME = Name(LEGACY_TIME, "query")


def while_on(feature: Feature, handler: Handler) -> Handler:
    """A handler that is there only while a feature is on."""

    def handled(host: Host, request: Request) -> Answer:
        return (
            handler(host, request) if host.settings.has(feature) else Refused(condition="service-unavailable")
        )

    return handled


def ping(host: Host, _request: Request) -> Answer:
    """An empty result."""
    if host.faults.has("ping-unanswered"):
        return Deferred()
    if host.faults.has("ping-refused"):
        return Refused(condition="feature-not-implemented")
    return Result()


def version(host: Host, _request: Request) -> Answer:
    """The server's software."""
    return version_fields(host)


def version_fields(host: Host) -> Answer:
    """Name and version, without the operating system (XEP-0092, 5)."""
    fields = {"name": "xmpp-harness reference server", "version": VERSION_TEXT}
    if host.faults.has("version-without-version"):
        del fields["version"]
    if host.faults.has("version-without-name"):
        del fields["name"]
    return Result(
        payload=build(
            VERSION_NAME, {}, *(build(Name(VERSION, key), {}, text) for key, text in fields.items())
        )
    )


def time(host: Host, _request: Request) -> Answer:
    """The time in UTC, and an offset of zero."""
    now = timestamp(host.clock())
    utc = now.replace("T", " ") if host.faults.has("time-malformed") else now
    zone = "UTC" if host.faults.has("time-zone-malformed") else "+00:00"
    content = (build(Name(TIME, "tzo"), {}, zone), build(Name(TIME, "utc"), {}, utc))
    return Result(payload=build(Name(TIME, "time"), {}, *content))


def legacy_time(host: Host, _request: Request) -> Answer:
    """The time as before XEP-0202."""
    now = host.clock()
    utc = timestamp(now) if host.faults.has("legacy-time-modern") else legacy_timestamp(now)
    content = [build(Name(LEGACY_TIME, "utc"), {}, utc), build(Name(LEGACY_TIME, "tz"), {}, "UTC")]
    if host.faults.has("legacy-time-without-utc"):
        del content[0]
    return Result(payload=build(_LEGACY_TIME, {}, *content))


def uptime(host: Host, _request: Request) -> Answer:
    """Seconds since the server started (XEP-0012, 5)."""
    if host.faults.has("last-without-seconds"):
        return Result(payload=build(_LAST))
    words = ["Since the storm"] if host.faults.has("uptime-with-words") else []
    return Result(payload=build(_LAST, {"seconds": str(int(host.clock() - host.started))}, *words))


def last_activity(host: Host, request: Request) -> Answer:
    """Seconds since an account's last logout, for those who may see its presence (XEP-0012, 3)."""
    account = request.account
    if account is None:
        return Refused(condition="service-unavailable")
    if not may_see(host, account, request.sender.bare) and not host.faults.has("last-shown-to-strangers"):
        return Refused(condition="forbidden")
    if host.sessions.of(host.bare_jid(account)):
        seconds = "1" if host.faults.has("last-of-who-is-there") else "0"
        return Result(payload=build(_LAST, {"seconds": seconds}))
    since = account.last_logout if account.last_logout is not None else host.started
    if host.faults.has("last-since-1970"):
        since = 0
    text = [account.last_status] if account.last_status else []
    return Result(payload=build(_LAST, {"seconds": str(int(host.clock() - since))}, *text))


HANDLERS: Handlers = {
    **in_scopes((Scope.SERVER, Scope.OWN), "get", PING_NAME, while_on(Feature.PING, ping)),
    **in_scopes((Scope.SERVER,), "get", VERSION_NAME, while_on(Feature.VERSION, version)),
    **in_scopes((Scope.SERVER,), "get", Name(TIME, "time"), while_on(Feature.TIME, time)),
    **in_scopes((Scope.SERVER,), "get", _LEGACY_TIME, while_on(Feature.LEGACY, legacy_time)),
    **in_scopes((Scope.SERVER,), "get", _LAST, while_on(Feature.LAST, uptime)),
    **in_scopes((Scope.OWN, Scope.OTHER), "get", _LAST, while_on(Feature.LAST, last_activity)),
}
