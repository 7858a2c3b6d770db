"""Archives of accounts (XEP-0313), paged by result sets (XEP-0059)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from harness.reference.accounts import Account, Archived
from harness.reference.addresses import parse
from harness.reference.forms import Field, form, form_in, submitted
from harness.reference.host import Host
from harness.reference.information import while_on
from harness.reference.moments import seconds_of, timestamp
from harness.reference.requests import Handlers, Request, Scope
from harness.reference.settings import Feature
from harness.reference.stanzas import (
    BODY,
    MESSAGE,
    Answer,
    Element,
    Refused,
    Result,
    child_elements,
    copied,
    kind_of,
    type_of,
)
from harness.xmpp.elements import build, children, first
from harness.xmpp.namespaces import FORWARD, MAM, STANZA_IDS, Name

_QUERY = Name(MAM, "query")
_RSM = "http://jabber.org/protocol/rsm"
_SET = Name(_RSM, "set")
_STANZA_ID = Name(STANZA_IDS, "stanza-id")
_FIELDS = ("FORM_TYPE", "with", "start", "end", "before-id", "after-id", "ids", "include-groupchat")


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A page of results: its items, the place of the first, and how many there are in all."""

    items: Sequence[Archived]
    index: int
    count: int
    is_complete: bool


def keep(host: Host, account: Account, stanza: Element, other: str) -> Element:
    """Archive a message of an account's; gives what its own resources shall see, marked by the archive id.

    A mark of ours that somebody else put on is taken off (XEP-0313, 3.5).
    """
    owner = host.bare_jid(account)
    copy = stanza
    if not host.faults.has("forged-stanza-id-kept"):
        copy = without_ids(stanza, owner, only_one=host.faults.has("second-forged-stanza-id-kept"))
    if not host.settings.has(Feature.ARCHIVE) or not _is_kept(host, stanza):
        return copy
    id = "archived" if host.faults.has("archive-ids-repeated") else host.fresh()
    entry = Archived(id=id, moment=host.clock(), other=other, stanza=copied(copy))
    if not host.faults.has("archive-forgets"):
        account.archive.append(entry)
    if host.faults.has("archive-keeps-twice"):
        account.archive.append(replace(entry, id=host.fresh()))
    if host.faults.has("stanza-id-missing"):
        return copy
    marked = copied(copy)
    marked.append(_mark(host, owner, entry))
    if host.faults.has("origin-id-lost"):
        for child in children(marked, Name(STANZA_IDS, "origin-id")):
            marked.remove(child)
    return marked


def _mark(host: Host, owner: str, entry: Archived) -> Element:
    attributes = {"by": owner, "id": entry.id}
    if host.faults.has("stanza-id-of-full-jid"):
        attributes["by"] = entry.stanza.get("to", "")
    if host.faults.has("stanza-id-changes"):
        attributes["id"] = host.fresh()
    return build(_STANZA_ID, attributes, *(["text"] if host.faults.has("stanza-id-with-text") else []))


def without_ids(stanza: Element, owner: str, *, only_one: bool = False) -> Element:
    """The stanza without stanza-ids that claim to be of an archive, or without the first of them."""
    found = [child for child in child_elements(stanza) if kind_of(child) == _STANZA_ID]
    if not any(child.get("by") == owner for child in found):
        return stanza
    copy = copied(stanza)
    for child in child_elements(copy):
        if kind_of(child) == _STANZA_ID and child.get("by") == owner:
            copy.remove(child)
            if only_one:
                break
    return copy


def query(host: Host, request: Request) -> Answer:
    """Results as messages, then the end as the result of the request (XEP-0313, 4)."""
    asked = form_in(request.payload)
    values = submitted(asked) if asked is not None else {}
    if any(name not in _FIELDS for name in values) and not host.faults.has("archive-field-ignored"):
        return Refused(condition="feature-not-implemented")
    if _is_asked_in_vain(host, request.own, values):
        return Refused(condition="bad-request")
    found = _matching(host, request.own, values)
    page = _page(host, found, first(request.payload, _SET)) if found is not None else None
    if page is None:
        return Refused(condition="item-not-found")
    if not page.count and host.faults.has("archive-nothing-refused"):
        return Refused(condition="item-not-found")
    items = list(page.items)
    if host.faults.has("archive-goes-forward-only"):
        items = [one for one in items if one.id not in request.own.told]
        request.own.told.update(one.id for one in items)
    is_flipped = first(request.payload, Name(MAM, "flip-page")) is not None
    if (is_flipped and not host.faults.has("archive-never-flips")) or host.faults.has("archive-reversed"):
        items.reverse()
    results = [_result(host, request, item) for item in items]

    def send() -> None:
        for one in results:
            host.send(request.session, one)

    if host.faults.has("archive-end-first"):
        return Result(payload=_fin(host, page), afterwards=send)
    send()
    return Result(payload=_fin(host, page))


def _is_asked_in_vain(host: Host, account: Account, values: Mapping[str, Sequence[str]]) -> bool:
    """Whether a fault wants more of a query than there has to be (XEP-0313, 4.1 and 4.1.5)."""
    lacks_form = not account.has_seen_form and host.faults.has("archive-form-first")
    return lacks_form or ("with" not in values and host.faults.has("archive-with-required"))


def get_form(host: Host, request: Request) -> Answer:
    """The form of a query (XEP-0313, 4.1.5)."""
    request.own.has_seen_form = True
    fields = (
        Field(var="with", type="jid-single"),
        Field(var="start", type="text-single"),
        Field(var="end", type="text-single"),
        Field(var="before-id", type="text-single"),
        Field(var="after-id", type="text-single"),
        Field(var="include-groupchat", type="boolean"),
    )
    shown = form(MAM, fields[:2] if host.faults.has("archive-form-incomplete") else fields)
    openly = build(
        Name("http://jabber.org/protocol/xdata-validate", "validate"),
        {"datatype": "xs:string"},
        build(Name("http://jabber.org/protocol/xdata-validate", "open")),
    )
    content = [] if host.faults.has("archive-form-closed") else [openly]
    shown.append(build(Name("jabber:x:data", "field"), {"type": "list-multi", "var": "ids"}, *content))
    return Result(payload=build(_QUERY, {}, shown))


def metadata(host: Host, request: Request) -> Answer:
    """First and last message (XEP-0313, 5)."""
    stored = request.own.archive
    ends = [("start", stored[0]), ("end", stored[-1])] if stored else []
    if host.faults.has("archive-metadata-of-one"):
        ends = [("start", stored[0]), ("end", stored[0])] if stored else []
    if not stored and host.faults.has("archive-metadata-of-nothing"):
        return Refused(condition="item-not-found")
    shown = [
        build(Name(MAM, name), {"id": each.id, "timestamp": timestamp(each.moment)}) for name, each in ends
    ]
    return Result(payload=build(Name(MAM, "metadata"), {}, *shown))


HANDLERS: Handlers = {
    (Scope.OWN, "set", _QUERY): while_on(Feature.ARCHIVE, query),
    (Scope.OWN, "get", _QUERY): while_on(Feature.ARCHIVE, get_form),
    (Scope.OWN, "get", Name(MAM, "metadata")): while_on(Feature.ARCHIVE, metadata),
}


def _is_kept(host: Host, stanza: Element) -> bool:
    if host.faults.has("archive-keeps-refused"):
        return first(stanza, BODY) is not None
    return type_of(stanza, "normal") in ("chat", "normal") and first(stanza, BODY) is not None


def _matching(host: Host, account: Account, values: Mapping[str, Sequence[str]]) -> list[Archived] | None:
    """What a filter lets through; None for an id that there is not (XEP-0313, 4.1)."""
    found = list(account.archive)
    by_id = {each.id: place for place, each in enumerate(found)}
    named = [*values.get("before-id", ()), *values.get("after-id", ()), *values.get("ids", ())]
    if any(id not in by_id for id in named):
        return [] if host.faults.has("archive-unknown-id-matches-nothing") else None
    before, after = (_one(values, name) for name in ("before-id", "after-id"))
    if host.faults.has("archive-id-range-ignored"):
        before = after = ""
    low = by_id[after] + 1 if after else 0
    high = by_id[before] if before else len(found)
    found = found[low:high]
    if values.get("ids") and not host.faults.has("archive-ids-ignored"):
        found = [each for each in found if each.id in values["ids"]]
    start, end = (seconds_of(_one(values, name)) for name in ("start", "end"))
    if host.faults.has("archive-start-ignored"):
        start = None
    if host.faults.has("archive-end-ignored"):
        end = None
    found = [each for each in found if (start or 0) <= each.moment <= (end or float("inf"))]
    wanted = _one(values, "with")
    if not wanted and host.faults.has("archive-of-received-only"):
        found = [each for each in found if each.stanza.get("from") == each.other]
    if wanted == host.bare_jid(account) and host.faults.has("archive-with-oneself-is-everything"):
        return found
    if wanted and not host.faults.has("archive-with-ignored"):
        found = [each for each in found if _is_with(each, wanted)]
    return found


def _one(values: Mapping[str, Sequence[str]], name: str) -> str:
    return values.get(name, ("",))[0] if values.get(name) else ""


def _is_with(item: Archived, wanted: str) -> bool:
    address = parse(wanted)
    if address is None:
        return False
    other = item.other if address.resource else item.other.partition("/")[0]
    return other == str(address)


def _page(host: Host, found: list[Archived], asked: Element | None) -> Page | None:
    """The part of the results that is asked for; None for an item that there is not (XEP-0059, 2)."""
    texts = (
        {kind_of(child).local: child.text or "" for child in child_elements(asked)}
        if asked is not None
        else {}
    )
    ids = [each.id for each in found]
    limit = host.settings.limits.page
    wanted = texts.get("max", "")
    size = min(int(wanted), limit) if wanted.isdecimal() and len(wanted) < 9 else limit
    if host.faults.has("archive-max-ignored"):
        size = limit
    after, before = texts.get("after", ""), texts.get("before", "")
    if host.faults.has("archive-after-ignored"):
        after = ""
    if host.faults.has("archive-before-ignored"):
        texts.pop("before", None)
        before = ""
    if any(id and id not in ids for id in (after, before)):
        if not host.faults.has("archive-page-of-nowhere"):
            return None
        after = before = ""
    low, high = ids.index(after) + 1 if after else 0, ids.index(before) if before else len(ids)
    start = max(low, high - size) if "before" in texts else low
    if texts.get("index", "").isdecimal() and len(texts["index"]) < 9:
        start = int(texts["index"])
    items = found[start : min(high, start + size)]
    reaches_end = start <= low if "before" in texts else start + len(items) >= len(found)
    return Page(items=items, index=start, count=len(found), is_complete=reaches_end)


def _result(host: Host, request: Request, item: Archived) -> Element:
    forwarded = build(Name(FORWARD, "forwarded"))
    if not host.faults.has("archive-without-delay"):
        stamp = build(Name("urn:xmpp:delay", "delay"), {"stamp": timestamp(item.moment)})
        forwarded.append(stamp)
    shown = copied(item.stanza)
    for body in children(shown, BODY) if host.faults.has("archive-without-body") else ():
        shown.remove(body)
    forwarded.append(shown)
    attributes = {} if host.faults.has("archive-without-id") else {"id": item.id}
    queryid = request.payload.get("queryid")
    if queryid and not host.faults.has("archive-queryid-missing"):
        attributes["queryid"] = queryid
    result = build(Name(MAM, "result"), attributes, forwarded)
    return build(MESSAGE, {"from": request.sender.bare, "to": request.session.jid}, result)


def _fin(host: Host, page: Page) -> Element:
    shown = build(_SET)
    if host.faults.has("archive-end-without-page"):
        return build(Name(MAM, "fin"), {"complete": "true"} if page.is_complete else {})
    if not page.items and host.faults.has("empty-page-marked"):
        shown.append(build(Name(_RSM, "first"), {"index": "0"}, "nothing"))
        shown.append(build(Name(_RSM, "last"), {}, "nothing"))
    if page.items:
        shown.append(build(Name(_RSM, "first"), {"index": str(page.index)}, page.items[0].id))
        shown.append(build(Name(_RSM, "last"), {}, page.items[-1].id))
    if not host.faults.has("page-without-count"):
        shown.append(build(Name(_RSM, "count"), {}, str(page.count)))
    complete = {"complete": "true"} if page.is_complete or host.faults.has("archive-always-complete") else {}
    return build(Name(MAM, "fin"), complete, shown)
