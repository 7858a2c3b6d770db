"""Rooms: on the way in, inside and out again (XEP-0045, 7), also those of groupchat 1.0."""

import unicodedata
from collections.abc import Mapping

from harness.reference_client.session import PRESENCE, Element, Room, Session, bare, same
from harness.reference_client.stanza_errors import read_error
from harness.xmpp.elements import build, first
from harness.xmpp.jid import Jid
from harness.xmpp.namespaces import MUC, MUC_USER, Name

_ENTER = Name(MUC, "x")
_PASSWORD = Name(MUC, "password")
_X = Name(MUC_USER, "x")
_STATUS = f"{{{MUC_USER}}}status"
_ITEM = f"{{{MUC_USER}}}item"
_DESTROY = Name(MUC_USER, "destroy")

#: Why we are out, by the status code that tells it (XEP-0045, 15.6).
_REASONS: Mapping[str, str] = {
    "301": "banned",
    "307": "kicked",
    "321": "affiliation-changed",
    "322": "members-only",
    "332": "system-shutdown",
    "333": "technical-reasons",
}


# --- what the user wants --------------------------------------------------------------------------


def join(session: Session, values: dict[str, str]) -> str:
    """Enter a room by presence to the occupant's address that we want."""
    room = Room(address=bare(values["room"]), nick=values["nick"])
    if session.has("addresses-of-2002") and any(map(_is_new, room.nick)):
        return "there is no such sign in Unicode 3.2"
    address = _address(room.address, room.nick)
    if not address:
        return "this is no address of an occupant"
    session.rooms[_key(room.address)] = room
    password = [build(_PASSWORD, {}, values["password"])] if values["password"] else []
    if session.has("room-password-left-out"):
        password = []
    content = [] if session.has("room-entered-as-of-old") else [build(_ENTER, {}, *password)]
    attributes = {"to": address}
    if session.has("room-entered-with-type"):
        attributes["type"] = "available"
    session.write(build(PRESENCE, attributes, *content))
    return ""


def leave(session: Session, values: dict[str, str]) -> str:
    """Leave a room by unavailable presence."""
    room = session.rooms.get(_key(values["room"]))
    nick = room.nick if room is not None else values["nick"]
    address = _address(bare(values["room"]), nick)
    if not address:
        return "this is no address of an occupant"
    type = "unsubscribe" if session.has("room-left-by-unsubscribing") else "unavailable"
    session.write(build(PRESENCE, {"to": address, "type": type}))
    return ""


def change_nickname(session: Session, values: dict[str, str]) -> str:
    """Ask for another name in a room that we are in."""
    room = session.rooms.get(_key(values["room"]))
    address = _address(bare(values["room"]), values["nick"])
    if room is None or not room.is_joined or not address:
        return "we are not in this room" if address else "this is no address of an occupant"
    room.new_nick = values["nick"]
    session.write(build(PRESENCE, {"to": address}))
    return ""


def _is_new(sign: str) -> bool:
    return unicodedata.ucd_3_2_0.category(sign) == "Cn"


def _address(room: str, nick: str) -> str:
    try:
        return Jid.parse(f"{room}/{nick}").full
    except ValueError:
        return ""


def _key(room: str) -> str:
    try:
        return Jid.parse(bare(room)).prepared().full
    except ValueError:
        return bare(room)


# --- what the room says ---------------------------------------------------------------------------


def take_presence(session: Session, stanza: Element) -> None:
    """Follow what presence from a room means for us."""
    sender = stanza.get("from", "")
    room = session.rooms.get(_key(sender)) if sender else None
    if room is None and session.has("rooms-confused"):
        room = next(reversed(session.rooms.values()), None)
    if room is None:
        return
    if session.has("odd-status-code-refused") and not all(map(str.isdigit, _codes(stanza))):
        return
    type = stanza.get("type", "")
    if type == "error" and session.has("room-error-taken-for-entrance"):
        _take_own_entrance(session, room, stanza)
    elif type == "error":
        _take_error(session, room, stanza)
    elif type == "unavailable" and _is_self(room, stanza):
        _take_own_exit(session, room, stanza)
    elif not type and _is_self(room, stanza):
        _take_own_entrance(session, room, stanza)


def _codes(stanza: Element) -> set[str]:
    x = first(stanza, _X)
    return set() if x is None else {one.get("code", "") for one in x.iterchildren(_STATUS)}


def _is_self(room: Room, stanza: Element) -> bool:
    """Status 110 tells it, and for rooms without it the name that we asked for (XEP-0045, 7.2.2)."""
    names = (room.nick, room.new_nick) if room.new_nick else (room.nick,)
    is_named = any(same(stanza.get("from", ""), f"{room.address}/{one}") for one in names)
    return is_named or "110" in _codes(stanza)


def _take_own_entrance(session: Session, room: Room, stanza: Element) -> None:
    """Our own presence: we are in, or have a name, maybe another than we wanted (XEP-0045, 7.2.2)."""
    nick = stanza.get("from", "").partition("/")[2]
    is_news = not room.is_joined or nick != room.nick
    if session.has("room-assigned-name-ignored"):
        nick = room.nick
    room.is_joined, room.nick = True, nick
    room.new_nick = "" if nick == room.new_nick else room.new_nick
    if is_news and not session.has("room-entrance-unnoticed"):
        session.report("joined", {"room": room.address, "nick": nick})


def _take_own_exit(session: Session, room: Room, stanza: Element) -> None:
    codes = _codes(stanza)
    if "303" in codes and not session.has("room-new-name-taken-for-exit"):
        item = stanza.find(f"{_X}/{_ITEM}")
        room.new_nick = (item.get("nick", "") if item is not None else "") or room.new_nick
        return
    if session.has("room-exit-unnoticed"):
        return
    del session.rooms[_key(room.address)]
    session.report("left", {"room": room.address, "condition": _reason(session, stanza, codes)})


def _reason(session: Session, stanza: Element, codes: set[str]) -> str:
    if session.has("room-exit-reason-lost"):
        return ""
    x = first(stanza, _X)
    if x is not None and first(x, _DESTROY) is not None:
        return "destroyed"
    return next((_REASONS[code] for code in sorted(codes) if code in _REASONS), "")


def _take_error(session: Session, room: Room, stanza: Element) -> None:
    """On the way in an error keeps us out; inside, a change of name was refused (XEP-0045, 7.6)."""
    condition, text = read_error(session, stanza)
    if room.is_joined and not session.has("room-error-taken-for-exit"):
        room.new_nick = ""
        values = {"condition": condition, "text": text, "command": "change-nickname"}
        session.report("error", values)
        return
    if session.has("room-error-unnoticed"):
        return
    del session.rooms[_key(room.address)]
    session.report("left", {"room": room.address, "condition": condition})
