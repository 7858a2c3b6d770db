"""Presence subscriptions: outbound and inbound stanzas (RFC 6121, 3 and appendix A)."""

from harness.reference import presence
from harness.reference.accounts import Account, RosterItem
from harness.reference.blocklists import is_blocked
from harness.reference.host import Host
from harness.reference.pushes import push
from harness.reference.sessions import Session
from harness.reference.settings import Feature
from harness.reference.stanzas import Element, Refused, copied, type_of
from harness.reference.stanzas import presence as presence_stanza
from harness.reference.subscription_states import INBOUND, OUTBOUND, SHOWN, STATES, State
from harness.xmpp.jid import Jid

TYPES = frozenset(OUTBOUND)
_SUBSCRIBED_TO_OWNER = (State.FROM, State.FROM_OUT, State.BOTH)


def state_of(account: Account, contact: str) -> State:
    """The subscription state between an account and a contact's bare JID."""
    item = account.roster.get(contact)
    shown = (item.subscription, item.ask) if item is not None else ("none", False)
    return STATES[(*shown, contact in account.pending)]


def outbound(host: Host, session: Session, stanza: Element, to: Jid) -> None:
    """A subscription stanza from a client: it acts between bare JIDs (RFC 6121, 3)."""
    account, type = session.account, type_of(stanza)
    if to.bare == session.address.bare:
        host.refuse(stanza, Refused(condition="bad-request", text="Nobody subscribes to himself."))
        return
    if to.resource and host.faults.has("subscription-to-resource-refused"):
        host.refuse(stanza, Refused(condition="jid-malformed"))
        return
    sender = session.jid if host.faults.has("subscription-from-full-jid") else session.address.bare
    stamped = copied(stanza, sender=sender, to=to.bare)
    before = state_of(account, to.bare)
    step = OUTBOUND[type][before]
    passes = step.passes or host.faults.has("subscription-always-delivered")
    if host.faults.has(f"outbound-{type}-wrong-state"):
        _enter_wrongly(host, account, to.bare, step.state or before)
        return
    if type == "subscribed" and not passes and host.faults.has("unasked-approval-taken"):
        _enter(host, account, to.bare, before, State.BOTH)
        _tell_roster(host, account, to.bare, before)
        return
    if type == "subscribed" and not passes and before not in _SUBSCRIBED_TO_OWNER:
        _pre_approve(host, account, to.bare)
        return
    if type == "unsubscribed":
        _withdraw_pre_approval(host, account, to.bare)
        _say_goodbye(host, account, to.bare, before)
    _enter(host, account, to.bare, before, step.state)
    _tell_roster(host, account, to.bare, before)
    if passes:
        _route(host, session, stamped)
    if type == "subscribed" and step.passes and not host.faults.has("approval-without-presence"):
        presence.send_current(host, account, to.bare)


def inbound(host: Host, stanza: Element, to: Jid) -> None:
    """A subscription stanza for a local account; where there is none it is dropped (RFC 6121, 8.5.1)."""
    account = host.account_at(to)
    sender, type = stanza.get("from", "").partition("/")[0], type_of(stanza)
    if account is None and type == "subscribe" and host.faults.has("request-to-nobody-approved"):
        host.route(presence_stanza(to.bare, sender, "subscribed"))
    if account is None or is_blocked(host, account, sender):
        return
    before = state_of(account, sender)
    if host.faults.has(f"inbound-{type}-wrong-state"):
        _enter_wrongly(host, account, sender, INBOUND[type][before].state or before)
        return
    if type == "subscribe" and _answer_request(host, account, sender, before):
        return
    step = INBOUND[type][before]
    if type == "subscribe" and step.passes:
        account.pending[sender] = stanza
    is_forgotten = type == "unsubscribe" and host.faults.has("unsubscriber-kept")
    _enter(host, account, sender, before, None if is_forgotten else step.state)
    if type == "subscribed" and host.faults.has("approval-after-push"):
        _tell_roster(host, account, sender, before)
        before = state_of(account, sender)
    if step.passes or host.faults.has("subscription-always-delivered"):
        _deliver(host, account, stanza)
    _tell_roster(host, account, sender, before)
    if type == "unsubscribe" and step.passes:
        _farewell(host, account, sender, before)


def end_all(host: Host, account: Account, contact: str) -> None:
    """What the removal of a roster item does to subscriptions (RFC 6121, 2.5.2)."""
    bare, before = host.bare_jid(account), state_of(account, contact)
    subscription, ask, _ = SHOWN[before]
    account.roster.pop(contact, None)
    if host.faults.has("removal-keeps-subscription"):
        return
    if subscription in ("from", "both") and not host.faults.has("removal-without-unavailable"):
        presence.send_unavailable(host, account, contact)
    if subscription in ("to", "both") or ask:
        host.route(presence_stanza(bare, contact, "unsubscribe"))
    if subscription in ("from", "both"):
        host.route(presence_stanza(bare, contact, "unsubscribed"))


def _say_goodbye(host: Host, account: Account, contact: str, before: State) -> None:
    """A former subscriber sees the user go, and nobody else does (RFC 6121, 3.2.2)."""
    is_subscriber = before in _SUBSCRIBED_TO_OWNER and not host.faults.has("cancel-without-unavailable")
    if is_subscriber or host.faults.has("cancel-shows-strangers"):
        presence.send_unavailable(host, account, contact)


def _route(host: Host, session: Session, stanza: Element) -> None:
    """Route; an error for the account's bare JID goes to the resource that asked."""
    if stanza.get("to", "").rpartition("@")[2] == host.domain:
        host.route(stanza)
    else:
        host.route(copied(stanza, sender=session.jid))


def _enter(host: Host, account: Account, contact: str, before: State, after: State | None) -> None:
    if after is None:
        return
    subscription, ask, pending = SHOWN[after]
    if not pending:
        account.pending.pop(contact, None)
    item = account.roster.get(contact)
    if item is None and (subscription, ask) == ("none", False):
        return
    if item is None:
        item = account.roster[contact] = RosterItem(jid=contact)
    item.subscription, item.ask = subscription, ask
    is_approved = subscription in ("from", "both") and before in (State.NONE_IN, State.TO_IN)
    if is_approved and host.faults.has("approval-wrong-state"):
        item.subscription = "both"


def _enter_wrongly(host: Host, account: Account, contact: str, right: State) -> None:
    """A state that a roster shows to be another one than the right one."""
    is_none = SHOWN[right][0] == "none"
    _enter(host, account, contact, right, State.BOTH if is_none else State.NONE)


def _tell_roster(host: Host, account: Account, contact: str, before: State) -> None:
    """A push follows each change that an item shows; a pending request alone shows nowhere."""
    changed = SHOWN[before][:2] != SHOWN[state_of(account, contact)][:2]
    if contact in account.roster and changed and not host.faults.has("subscription-push-missing"):
        push(host, account, contact)


def _pre_approve(host: Host, account: Account, contact: str) -> None:
    """Approval in advance is noted, never routed (RFC 6121, 3.4.2)."""
    if not host.settings.has(Feature.PRE_APPROVAL) or host.faults.has("pre-approval-ignored"):
        return
    item = account.roster.setdefault(contact, RosterItem(jid=contact))
    if not item.approved:
        item.approved = True
        push(host, account, contact)


def _withdraw_pre_approval(host: Host, account: Account, contact: str) -> None:
    item = account.roster.get(contact)
    if item is not None and item.approved and not host.faults.has("pre-approval-not-withdrawn"):
        item.approved = False
        push(host, account, contact)


def _answer_request(host: Host, account: Account, sender: str, before: State) -> bool:
    """Answer what needs no asking: a subscriber, or one approved in advance (RFC 6121, 3.1.3)."""
    bare = host.bare_jid(account)
    item = account.roster.get(sender)
    approved = (item is not None and item.approved) or host.faults.has("subscription-auto-approved")
    if before in _SUBSCRIBED_TO_OWNER:
        host.route(presence_stanza(bare, sender, "subscribed"))
        return True
    if not approved:
        return False
    account.pending.pop(sender, None)
    after = {"none": State.FROM, "to": State.BOTH}[SHOWN[before][0]]
    _enter(host, account, sender, before, State.FROM_OUT if SHOWN[before][1] else after)
    host.route(presence_stanza(bare, sender, "subscribed"))
    _tell_roster(host, account, sender, before)
    presence.send_current(host, account, sender)
    return True


def _deliver(host: Host, account: Account, stanza: Element) -> None:
    """Requests go to available resources, the rest to interested ones (RFC 6121, 3.1.3, 3.1.6)."""
    bare = host.bare_jid(account)
    is_request = type_of(stanza) == "subscribe"
    if is_request and host.faults.has("subscription-request-lost"):
        account.pending.pop(stanza.get("from", ""), None)
        return
    for session in host.sessions.available(bare) if is_request else host.sessions.interested(bare):
        host.send(session, stanza)


def _farewell(host: Host, account: Account, sender: str, before: State) -> None:
    """What a former subscriber gets (RFC 6121, 3.3.3 and A.3.2)."""
    if before in _SUBSCRIBED_TO_OWNER and not host.faults.has("unsubscribe-without-unavailable"):
        presence.send_unavailable(host, account, sender)
    host.route(presence_stanza(host.bare_jid(account), sender, "unsubscribed"))
