"""What clients say in visits."""

ROOM = "hall@conference.example.org"
MUC = "http://jabber.org/protocol/muc"
JOIN = f"<x xmlns='{MUC}'/>"


def iq(type, payload, to="", id="q"):
    address = f" to='{to}'" if to else ""
    return f"<iq type='{type}' id='{id}'{address}>{payload}</iq>"


def roster(item=""):
    return f"<query xmlns='jabber:iq:roster'>{item}</query>"


def item(jid, *groups, **attributes):
    extra = "".join(f" {name}='{value}'" for name, value in attributes.items())
    return f"<item jid='{jid}'{extra}>{''.join(f'<group>{group}</group>' for group in groups)}</item>"


def message(to="", body="x", type="chat", content=""):
    return f"<message id='m' to='{to}' type='{type}'><body>{body}</body>{content}</message>"


def presence(to="", type="", content=""):
    attributes = (f" to='{to}'" if to else "") + (f" type='{type}'" if type else "")
    return f"<presence{attributes}>{content}</presence>"


def disco(what, node=""):
    which = f" node='{node}'" if node else ""
    return f"<query xmlns='http://jabber.org/protocol/disco#{what}'{which}/>"


def form(**values):
    fields = "".join(f"<field var='{name}'><value>{value}</value></field>" for name, value in values.items())
    return f"<x xmlns='jabber:x:data' type='submit'>{fields}</x>"


def owner(content):
    return f"<query xmlns='{MUC}#owner'>{content}</query>"


def configure(**values):
    return owner(form(**{f"muc#roomconfig_{name}": value for name, value in values.items()}))


def admin(content):
    return f"<query xmlns='{MUC}#admin'>{content}</query>"


def register(content=""):
    return f"<query xmlns='jabber:iq:register'>{content}</query>"
