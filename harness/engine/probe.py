"""What a target offers: its stream features, and what it tells by service discovery.

A scenario's `## needs:` holds words of the table below, SASL mechanism names, or namespaces as they
stand in disco#info.
"""

from collections.abc import Iterator

import trio
from lxml import etree

from harness.engine.session import ADMIN, CLEAR_LOGIN, TLS_REQUIRED, Offer, Session
from harness.errors import TargetError, ThrottledError
from harness.negotiation.client import (
    ClientState,
    Credentials,
    Refusal,
    TlsPolicy,
    await_features,
    connect,
    open_stream,
    start_tls,
)
from harness.play.cast import Account
from harness.transport.connection import Connection, drive
from harness.wire.effects import OpenConnection, Receive, Send
from harness.wire.events import ConnectFailed, ElementReceived
from harness.wire.writer import serialize, stream_footer
from harness.xmpp import namespaces as ns
from harness.xmpp.elements import build
from harness.xmpp.namespaces import CLIENT, DISCO_INFO, DISCO_ITEMS, Name

_IQ = Name(CLIENT, "iq")
_PATIENCES = 5  # times the usual one; a server that has just started may take its time for the first login
_PATIENCES_FOR_ANSWERS = 1.5
_MOST_UNANSWERED = 3  # one after the other; then hardly anything is expected any more

_CONNECT_ADVICE = "is the server running, is the port right?"
_CERTIFICATE_ADVICE = "trust its issuer with --ca, or the certificate with --pin; --insecure accepts any"
_NO_XMPP = "does an XMPP server for clients listen there, and with TLS as expected?"
_WRONG_PASSWORD = "check name and password in accounts.list, or --account"

#: What to do about a login that is refused, by its condition.
_ADVICE = {
    "host-unknown": "it does not serve {domain}; give --domain, the part of a JID behind the @",
    "silence": _NO_XMPP,
    "disconnected": _NO_XMPP,
    "not-well-formed": _NO_XMPP,
    "bad-encoding": _NO_XMPP,
    "not-authorized": _WRONG_PASSWORD,
    "tls-failed": "try --tls none, or repair the server's TLS",
    "tls-refused": "try --tls none, or repair the server's TLS",
    "tls-not-offered": "switch TLS on at the server, or give --tls if-offered",
}

#: Words for features, and the signs by which each is known: a stream feature, a disco#info variable, or
#: an iq request that is answered otherwise than by service-unavailable.
WORDS: dict[str, tuple[str, ...]] = {
    "starttls": (f"stream:{ns.TLS}",),
    "registration": (f"stream:{ns.REGISTER_FEATURE}", f"answers:{ns.REGISTER}"),
    "legacy-auth": (f"stream:{ns.AUTH_FEATURE}",),
    "registration-key": (f"asks:{{{ns.REGISTER}}}key",),
    "legacy-plain": (f"asks:{{{ns.AUTH}}}password",),
    "legacy-digest": (f"asks:{{{ns.AUTH}}}digest",),
    "channel-binding": (f"stream:{ns.CHANNEL_BINDING}",),  # the server tells which types it has
    "session": (f"stream:{ns.SESSION}",),
    "roster-versioning": (f"stream:{ns.ROSTER_VERSIONING}",),
    "pre-approval": (f"stream:{ns.PRE_APPROVAL}",),
    "stream-management": (f"stream:{ns.STREAM_MANAGEMENT}",),
    "client-state": (f"stream:{ns.CSI}",),
    "carbons": (ns.CARBONS,),
    "blocking": (ns.BLOCKING,),
    "archive": (ns.MAM,),
    "pep": ("identity:pubsub/pep",),
    "ping": (ns.PING, f"answers:{ns.PING}"),
    "version": (ns.VERSION, f"answers:{ns.VERSION}"),
    "vcard": (ns.VCARD, f"answers:{ns.VCARD}"),
    "private-storage": (ns.PRIVATE, f"answers:{ns.PRIVATE}"),
    "time": (ns.TIME, f"answers:{ns.TIME}"),
    "last-activity": (ns.LAST, f"answers:{ns.LAST}"),
    "offline-storage": ("msgoffline",),
    "commands": (ns.COMMANDS,),
    "browse": (f"answers:{ns.BROWSE}",),
    "agents": (f"answers:{ns.AGENTS}",),
}

_DIRECT_TLS = "direct-tls"  # known from the target file

#: Services, and the disco identity that shows each.
_SERVICES = {
    ("conference", "text"): "muc",
    ("pubsub", "service"): "pubsub",
    ("store", "file"): "upload",
    ("directory", "user"): "directory",
}
_GATEWAY = "gateway"  # a service of this category, whatever the type (XEP-0100, 4.1.1)

#: Requests to the server that show a feature which need not be announced.
_QUESTIONS = (
    Name(ns.PING, "ping"),
    Name(ns.TIME, "time"),
    Name(ns.VERSION, "query"),
    Name(ns.LAST, "query"),
    Name(ns.BROWSE, "query"),
    Name(ns.AGENTS, "query"),
)

#: Requests to the own account, which have no `to`.
_OWN_QUESTIONS = (Name(ns.VCARD, "vCard"), Name(ns.REGISTER, "query"), Name(ns.PRIVATE, "query"))

_REFUSED = ("service-unavailable", "feature-not-implemented")


async def probe(session: Session) -> Offer:
    """Look at the stream before and after login, and ask the server, the account and the services.

    Raises TargetError when there is no way in.
    """
    with trio.move_on_after(session.case_seconds):
        signs = await _before_login(session)
        async with session.pool.lent(1):
            return await _after_login(session, signs)
    raise TargetError(
        f"the target has not told what it offers within {session.case_seconds:g} s",
        where=session.name,
        advice="it may be overloaded; raise patience in its target file",
    )


async def _after_login(session: Session, signs: set[str]) -> Offer:
    account = await session.account()
    connection = _connection(session)
    try:
        if not signs.isdisjoint(WORDS["legacy-auth"]):
            signs |= await _before_login(session, account.username)
        asker = _Asker(session, connection, account)
        signs |= await asker.log_in()
        connection.patience = _PATIENCES_FOR_ANSWERS * session.patience
        services = dict(session.services)
        product = await asker.look_around(signs, services)
        await connection.perform(Send(data=stream_footer()))
    finally:
        await connection.aclose()
        await session.done_with(account)
    return Offer(
        features=_words(signs, services, session.endpoint.direct_tls_port is not None),
        services=services,
        product=product[0],
        version=product[1],
    )


def _connection(session: Session) -> Connection:
    patience = _PATIENCES * session.patience
    return Connection(session.endpoint, session.access.context, patience=patience)


def known_words() -> frozenset[str]:
    """The words for features that a target can turn out to have; mechanisms and namespaces come on top."""
    return frozenset({*WORDS, *_SERVICES.values(), _GATEWAY, _DIRECT_TLS, ADMIN, TLS_REQUIRED, CLEAR_LOGIN})


def _words(signs: set[str], services: dict[str, str], has_direct_tls: bool) -> frozenset[str]:
    words = {word for word, shown_by in WORDS.items() if not signs.isdisjoint(shown_by)}
    ways = ({_DIRECT_TLS} if has_direct_tls else set()) | (set() if TLS_REQUIRED in signs else {CLEAR_LOGIN})
    return frozenset(signs | words | set(services) | ways)


async def _before_login(session: Session, username: str | None = None) -> set[str]:
    """Return the signs of the features; with a username also those of the login before SASL."""
    connection = _connection(session)
    state = ClientState(domain=session.endpoint.domain)
    policy = session.access.policy
    try:
        event = await connection.perform(OpenConnection(direct_tls=policy is TlsPolicy.DIRECT))
        if isinstance(event, ConnectFailed):
            raise TargetError(
                f"cannot connect: {event.reason}",
                where=session.name,
                advice=_CERTIFICATE_ADVICE if "certificate" in event.reason else _CONNECT_ADVICE,
            )
        await _look_at_features(session, state, connection)
        signs = _stream_signs(state)
        if policy in (TlsPolicy.REQUIRED, TlsPolicy.IF_OFFERED) and f"stream:{ns.TLS}" in signs:
            signs |= await _after_tls(session, state, connection)
        if username is not None:
            signs |= await _legacy_fields(connection, username)
        await connection.perform(Send(data=stream_footer()))
    finally:
        await connection.aclose()
    return signs


async def _legacy_fields(connection: Connection, username: str) -> set[str]:
    """Ask for the fields of the login before SASL (XEP-0078, 3.1) and of registration (XEP-0077, 3.1)."""
    login = build(Name(ns.AUTH, "query"), None, build(Name(ns.AUTH, "username"), None, username))
    signs: set[str] = set()
    for query in (build(Name(ns.REGISTER, "query")), login):
        question = build(_IQ, {"type": "get", "id": "fields"}, query)
        await connection.perform(Send(data=serialize(question)))
        event = await connection.perform(Receive())
        if not isinstance(event, ElementReceived):
            break
        asked = event.tree if event.attributes.get("type") == "result" else ()
        signs |= {f"asks:{one.tag}" for query in asked for one in query}
    return signs


async def _look_at_features(session: Session, state: ClientState, connection: Connection) -> None:
    header = await drive(open_stream(state), connection)
    if isinstance(header, Refusal):
        raise _refused(session, header)
    if header.name != Name(ns.STREAM, "stream"):
        raise TargetError(
            f"<{header.name.local}> came in place of a stream", where=session.name, advice=_NO_XMPP
        )
    if header.attributes.get("version"):  # servers older than XMPP have no features
        features = await drive(await_features(state), connection)
        if isinstance(features, Refusal):
            raise _refused(session, features)


async def _after_tls(session: Session, state: ClientState, connection: Connection) -> set[str]:
    """What is offered under TLS only, such as PLAIN."""
    started = await drive(start_tls(state), connection)
    if isinstance(started, Refusal):
        raise _refused(session, started)
    await _look_at_features(session, state, connection)
    return _stream_signs(state)


def _stream_signs(state: ClientState) -> set[str]:
    signs: set[str] = set()
    for feature in state.features if state.features is not None else ():
        name = Name.of(str(feature.tag))
        signs.add(f"stream:{name.namespace}")
        if name == Name(ns.SASL, "mechanisms"):
            signs |= {(mechanism.text or "").strip() for mechanism in feature}
        if name == Name(ns.TLS, "starttls") and len(feature):
            signs.add(TLS_REQUIRED)
    if f"stream:{ns.TLS}" in signs and f"stream:{ns.SASL}" not in signs:
        signs.add(TLS_REQUIRED)  # whether it says so or not (RFC 6120, 5.3.1)
    return signs


def _refused(session: Session, refusal: Refusal, who: str = "") -> TargetError:
    if refusal.condition in ("policy-violation", "resource-constraint"):
        return ThrottledError(
            f"the target refuses: {refusal.message}",
            where=session.name,
            advice="it may limit connections; try --gentle",
        )
    advice = _ADVICE.get(refusal.condition, "check the target's accounts and TLS settings")
    if "certificate" in refusal.message:
        advice = _CERTIFICATE_ADVICE
    named = f"{refusal.stage.value} as {who}" if who else refusal.stage.value
    return TargetError(
        f"{named}: {refusal.message}",
        where=session.name,
        advice=advice.format(domain=session.endpoint.domain),
    )


class _Asker:
    """A logged-in session that sends one request after the other."""

    def __init__(self, session: Session, connection: Connection, account: Account) -> None:
        self._session = session
        self._connection = connection
        self._account = account
        self._own_jid = account.jid
        self._unanswered = 0

    async def log_in(self) -> set[str]:
        """Log in and return the signs in the stream features."""
        account = self._account
        state = ClientState(domain=account.domain)
        credentials = Credentials(
            username=account.username,
            domain=account.domain,
            password=account.password,
            resource=None,
            mechanisms=self._session.access.mechanisms,
        )
        protocol = connect(
            state,
            credentials,
            self._session.access.policy,
            nonce=lambda: self._session.fresh("nonce"),
            salted=self._session.access.salted,
        )
        result = await drive(protocol, self._connection)
        if isinstance(result, Refusal):
            raise _refused(self._session, result, account.username)
        return _stream_signs(state)

    async def look_around(self, signs: set[str], services: dict[str, str]) -> tuple[str, str]:
        """Add what disco tells to signs and services; return product and version."""
        domain = self._session.endpoint.domain
        for address in (domain, self._own_jid):
            answer = await self._ask(address, Name(DISCO_INFO, "query"))
            signs |= set(_values(answer, "feature", "var"))
            signs |= {f"identity:{category}/{type}" for category, type in _identities(answer)}
        for address in list(_values(await self._ask(domain, Name(DISCO_ITEMS, "query")), "item", "jid")):
            answer = await self._ask(address, Name(DISCO_INFO, "query"))
            for service in _services_of(answer):
                services.setdefault(service, address)
                signs |= {f"{service}:{var}" for var in _values(answer, "feature", "var")}
        for question in _QUESTIONS:
            signs |= self._sign(question, await self._ask(domain, question))
        for question in _OWN_QUESTIONS:
            signs |= self._sign(question, await self._ask("", question))
        version = await self._ask(domain, Name(ns.VERSION, "query"))
        return _text(version, "name"), _text(version, "version")

    @staticmethod
    def _sign(question: Name, answer: "etree._Element | None") -> set[str]:
        if answer is None or any(etree.QName(one).localname in _REFUSED for one in answer.iter("{*}*")):
            return set()
        return {f"answers:{question.namespace}"}

    async def _ask(self, address: str, question: Name) -> "etree._Element | None":
        """Send an iq get; return the answer, None when none comes."""
        identifier = self._session.fresh("probe")
        attributes = {"type": "get", "id": identifier} | ({"to": address} if address else {})
        await self._connection.perform(Send(data=serialize(build(_IQ, attributes, build(question)))))
        while True:
            event = await self._connection.perform(Receive())
            if not isinstance(event, ElementReceived):
                self._unanswered += 1
                if self._unanswered == _MOST_UNANSWERED:
                    self._connection.patience = self._session.patience / 10
                return None
            if event.name == _IQ and event.attributes.get("id") == identifier:
                self._unanswered = 0
                return event.tree


def _values(answer: "etree._Element | None", child: str, attribute: str) -> Iterator[str]:
    if answer is not None:
        for element in answer.iter(f"{{*}}{child}"):
            if element.get(attribute):
                yield str(element.get(attribute))


def _services_of(answer: "etree._Element | None") -> set[str]:
    shown = set(_identities(answer))
    gateways = {_GATEWAY for category, _ in shown if category == _GATEWAY}
    return {_SERVICES[one] for one in shown if one in _SERVICES} | gateways


def _identities(answer: "etree._Element | None") -> Iterator[tuple[str, str]]:
    if answer is not None:
        for element in answer.iter("{*}identity"):
            yield str(element.get("category")), str(element.get("type"))


def _text(answer: "etree._Element | None", child: str) -> str:
    if answer is None:
        return ""
    return next((str(element.text or "").strip() for element in answer.iter(f"{{*}}{child}")), "")
