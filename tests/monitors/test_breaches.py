"""Every monitor is seen to complain."""

from functools import partial

import pytest

from harness.catalogue.requirements import level_of, load_requirements
from harness.monitors.monitor import Breach, Memory
from harness.monitors.roll import all_monitors
from harness.results.verdicts import Level
from tests.monitors.talks import (
    BIND,
    ERROR,
    ERRORS,
    HOST,
    JULIET,
    ROMEO,
    ROSTER,
    SASL,
    STREAM,
    STREAM_ERRORS,
    answered,
    bind_forgotten,
    bound,
    declared,
    dtd,
    error_then,
    features,
    foreign,
    headers,
    no_features,
    no_version_back,
    only,
    other_namespace,
    other_root,
    passed_on,
    refused,
    same_id_twice,
    starting_sasl,
    starting_tls,
    tls_within_tls,
    we_close,
)

REQUIREMENTS = load_requirements()

IDENTITY = "<identity category='server' type='im' name='{}'/>"
DELAY = f"<delay xmlns='urn:xmpp:delay' from='{HOST}' stamp='2002-09-10T23:08:25Z'/>"


def result(namespace, *content):
    """An answer to a query."""
    question = f"<iq type='get' id='1'><query xmlns='{namespace}'/></iq>"
    filled = f"<query xmlns='{namespace}'>{''.join(content)}</query>"
    return answered(question, f"<iq type='result' id='1'>{filled}</iq>")


info = partial(result, "http://jabber.org/protocol/disco#info")
items = partial(result, "http://jabber.org/protocol/disco#items")
registration = partial(result, "jabber:iq:register")

SERVER_BREACHES = [
    ("well-formed-output", "rfc6120-xml-wellformed-xml", only("<message></presence>")),
    ("well-formed-output", "rfc6120-xml-wellformed-ns", only("<message><a:b/></message>")),
    ("utf-8-output", "rfc6120-11.6-utf8-only", only("<message><body>\udcff</body></message>")),
    ("no-restricted-xml", "rfc6120-xml-restriction-comment", only("<message><!-- x --></message>")),
    ("no-restricted-xml", "rfc6120-xml-restriction-pi", only("<message><?x y?></message>")),
    ("no-restricted-xml", "rfc6120-xml-restriction-dtd", dtd),
    ("no-restricted-xml", "rfc6120-xml-restriction-ref", only("<message><body>&nbsp;</body></message>")),
    ("no-text-between-stanzas", "rfc6120-11.7-only-whitespace-between-stanzas", only("hello<message/>")),
    ("nothing-after-stream-end", "rfc6120-4.4-no-data-after-close", only("</stream:stream><message/>")),
    (
        "response-header-attributes",
        "rfc6120-stream-attribute-response-id",
        headers(f" from='{HOST}' xml:lang='en'"),
    ),
    (
        "response-header-attributes",
        "rfc6120-stream-attribute-response-from",
        headers(" id='1' xml:lang='en'"),
    ),
    ("response-header-attributes", "rfc6120-4.7.4-response-lang-present", headers(f" id='1' from='{HOST}'")),
    (
        "response-header-to",
        "rfc6120-4.7.2-response-to-absent",
        headers(f" id='1' from='{HOST}' xml:lang='en' to='x'"),
    ),
    (
        "response-header-to",
        "rfc6120-4.7.2-response-to-bare-jid",
        headers(f" id='1' from='{HOST}' xml:lang='en'", " from='romeo@im.example.com'"),
    ),
    (
        "header-version",
        "rfc6120-4.7.5-version-leading-zeros-ignored",
        no_version_back(" version='01.0'", " version='1.0'"),
    ),
    (
        "header-version",
        "rfc6120-4.7.5-version-lower-of-two",
        no_version_back(" version='1.1'", " version='1.0'"),
    ),
    ("header-version", "rfc6120-4.7.5-version-lower-of-two", no_version_back("", " version='1.0'")),
    ("header-version", "rfc6120-4.7.5-version-absent-no-version-back", no_version_back(" version='1.0'", "")),
    ("header-namespaces", "rfc6120-xml-namespace-streams-declaration", other_root),
    ("header-namespaces", "rfc6120-4.8.2-content-ns-same-both-ways", other_namespace),
    ("header-language", "rfc6120-4.7.4-lang-syntax", headers(f" id='1' from='{HOST}' xml:lang='en_GB'")),
    ("unique-stream-ids", "rfc6120-stream-attribute-response-id-unique", same_id_twice),
    ("features-after-header", "rfc6120-stream-negotiation-features", no_features),
    ("feature-namespaces", "rfc6120-4.3.2-feature-child-namespace", features("<register/>")),
    ("no-starttls-within-tls", "rfc6120-5.4.3.3-no-starttls-after-tls", tls_within_tls),
    ("bind-offer", "rfc6120-7.4-bind-feature-not-before", features(f"<bind {BIND}/>")),
    ("bind-offer", "rfc6120-7.4-bind-feature-after-sasl", bind_forgotten),
    (
        "no-stanza-before-authentication",
        "rfc6120-4.9.3.12-not-authorized-not-processed",
        lambda talk: (
            talk.opened("Romeo")
            .sent("Romeo", "<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>")
            .received("Romeo", "<iq type='result' id='1'/>")
        ),
    ),
    ("no-whitespace-in-negotiation", "rfc6120-5.3.3-no-whitespace-starttls", starting_tls),
    ("no-whitespace-in-negotiation", "rfc6120-6.3.5-no-whitespace-sasl", starting_sasl),
    (
        "sasl-data-encoding",
        "rfc6120-6.3.5-base64-payload",
        lambda talk: talk.opened("Romeo").received("Romeo", f"<challenge {SASL}>realm=x</challenge>"),
    ),
    (
        "sasl-data-encoding",
        "rfc6120-6.3.5-base64-payload",
        lambda talk: talk.opened("Romeo").received(
            "Romeo", f"<challenge {SASL}>QQE=</challenge>".replace("QQE=", "QR==")
        ),
    ),
    ("bind-result", "rfc6120-7.6.1-bind-result-jid", bound("<jid>romeo@im.example.com</jid>")),
    ("bind-result", "rfc6120-7.6.1-bind-result-jid", bound("")),
    ("stream-error-shape", "rfc6120-4.9.2-one-defined-condition", only("<stream:error/>")),
    (
        "stream-error-shape",
        "rfc6120-4.9.2-one-defined-condition",
        only(f"<stream:error><reset {STREAM_ERRORS}/><conflict {STREAM_ERRORS}/></stream:error>"),
    ),
    (
        "stream-error-shape",
        "rfc6120-4.9.2-text-namespace",
        only(f"<stream:error><reset {STREAM_ERRORS}/><text xmlns='urn:example:x'/></stream:error>"),
    ),
    (
        "stream-error-shape",
        "rfc6120-4.9.2-app-condition-namespace",
        only(f"<stream:error><reset {STREAM_ERRORS}/><tired/></stream:error>"),
    ),
    (
        "stream-prefix",
        "rfc6120-xml-namespace-streams-prefix",
        only(f"<error xmlns='http://etherx.jabber.org/streams'><reset {STREAM_ERRORS}/></error>"),
    ),
    (
        "header-namespaces",
        "rfc6120-4.8.5-no-extension-ns-in-header",
        headers(f" id='1' from='{HOST}' xml:lang='en' xmlns:x='jabber:x:data'"),
    ),
    ("no-restricted-xml", "rfc6120-11.5-no-standalone", declared(" standalone='yes'")),
    ("utf-8-output", "rfc6120-11.6-no-bom", declared(mark="\ufeff")),
    ("stream-error-is-last", "rfc6120-stream-error-generate", error_then("<message/>")),
    ("stream-error-is-last", "rfc6120-stream-error-generate", error_then(ERROR.format(STREAM_ERRORS))),
    ("stream-error-is-last", "rfc6120-stream-error-generate", error_then()),
    ("closing-tag-answered", "rfc6120-4.4-close-tag-answered", we_close("</stream:stream>")),
    (
        "closing-tag-answered",
        "rfc6120-4.9.1.1-peer-closes-after-error",
        we_close(ERROR.format(STREAM_ERRORS), "</stream:stream>"),
    ),
    ("iq-shape", "rfc6120-stanza-iq-type", only(f"<iq id='1' from='{HOST}'><x xmlns='urn:example:x'/></iq>")),
    ("iq-shape", "rfc6120-stanza-iq-id", only("<iq type='get'><x xmlns='urn:example:x'/></iq>")),
    ("iq-shape", "rfc6120-stanza-iq-child", only("<iq type='get' id='1'/>")),
    (
        "iq-shape",
        "rfc6120-stanza-iq-child",
        answered(
            "<iq type='get' id='1'><x xmlns='a'/></iq>",
            "<iq type='result' id='1'><x xmlns='a'/><y xmlns='a'/></iq>",
        ),
    ),
    (
        "iq-shape",
        "rfc6120-stanza-iq-child",
        answered(
            "<iq type='get' id='1'><x xmlns='a'/></iq>",
            "<iq type='error' id='1'><x xmlns='a'/><y xmlns='a'/><error type='wait'/></iq>",
        ),
    ),
    (
        "iq-replies",
        "rfc6120-stanza-iq-reply",
        answered(
            "<iq type='get' id='1'><x xmlns='a'/></iq>",
            "<iq type='result' id='1'/>",
            "<iq type='result' id='1'/>",
        ),
    ),
    (
        "iq-replies",
        "rfc6120-8.1.3-id-echoed",
        answered("<iq type='get' id='1'><x xmlns='a'/></iq>", "<iq type='result' id='2'/>"),
    ),
    (
        "iq-replies",
        "rfc6120-8.2.3-iq-no-reply-to-response",
        answered(
            f"<iq type='result' id='1' to='{HOST}'/>",
            f"<iq type='error' id='1' from='{HOST}'><error type='wait'/></iq>",
        ),
    ),
    (
        "iq-reply-addresses",
        "rfc6120-8.1.2.1-account-from",
        answered(
            f"<iq type='get' id='1'><query {ROSTER}/></iq>", f"<iq type='result' id='1' from='{HOST}'/>"
        ),
    ),
    (
        "iq-reply-addresses",
        "rfc6120-8.1.2.1-account-from",
        answered("<iq type='get' id='1'><x xmlns='a'/></iq>", f"<iq type='result' id='1' from='{ROMEO}'/>"),
    ),
    (
        "iq-reply-addresses",
        "rfc6120-8.1.2.1-server-own-from",
        answered(f"<iq type='get' id='1' to='{HOST}'><x xmlns='a'/></iq>", "<iq type='result' id='1'/>"),
    ),
    (
        "iq-reply-addresses",
        "rfc6120-8.3.1-error-swaps-addresses",
        answered(
            f"<iq type='get' id='1' to='{HOST}'><x xmlns='a'/></iq>",
            "<iq type='error' id='1'><error type='wait'/></iq>",
        ),
    ),
    (
        "iq-reply-addresses",
        "rfc6120-8.1.1.1-server-generated-to",
        answered(
            "<iq type='get' id='1'><x xmlns='a'/></iq>",
            "<iq type='result' id='1' to='romeo@im.example.com'/>",
        ),
    ),
    (
        "from-stamped",
        "rfc6120-8.1.2.1-from-stamped-full-jid",
        passed_on(
            f"<message id='1' to='{ROMEO}'><body>x</body></message>",
            "<message id='1' from='juliet@im.example.com'><body>x</body></message>",
        ),
    ),
    (
        "from-stamped",
        "rfc6120-8.1.2.1-from-bare-for-subscription",
        passed_on(
            "<presence type='subscribe' to='romeo@im.example.com'/>",
            f"<presence type='subscribe' from='{JULIET}'/>",
        ),
    ),
    (
        "from-stamped",
        "rfc6120-8.1.2.1-from-spoof-overridden",
        passed_on(
            f"<message from='x@y/z' to='{ROMEO}'><body>x</body></message>",
            f"<message from='x@y/z' to='{ROMEO}'><body>x</body></message>",
        ),
    ),
    (
        "from-stamped",
        "rfc6120-8.1.2.1-delivered-has-from",
        passed_on(
            f"<iq type='get' id='1' to='{ROMEO}'><x xmlns='a'/></iq>",
            f"<iq type='get' id='1' to='{ROMEO}'><x xmlns='a'/></iq>",
        ),
    ),
    (
        "to-unmodified",
        "rfc6120-8.1.1.1-to-unmodified",
        passed_on(
            "<message id='1' to='romeo@im.example.com'/>",
            f"<message id='1' from='{JULIET}' to='{ROMEO}'/>",
        ),
    ),
    (
        "roster-pushes",
        "rfc6120-8.1.2.1-account-from",
        only(f"<iq type='set' id='1' from='{HOST}'><query {ROSTER}><item jid='a@b'/></query></iq>"),
    ),
    (
        "roster-pushes",
        "rfc6120-8.1.1.1-server-generated-to",
        only(
            f"<iq type='set' id='1' to='romeo@im.example.com'><query {ROSTER}><item jid='a@b'/></query></iq>"
        ),
    ),
    (
        "roster-pushes",
        "rfc6121-2.1.6-push-one-item",
        only(f"<iq type='set' id='1'><query {ROSTER}><item jid='a@b'/><item jid='b@b'/></query></iq>"),
    ),
    (
        "roster-pushes",
        "rfc6121-2.1.2.3-jid-required",
        only(f"<iq type='set' id='1'><query {ROSTER}><item/></query></iq>"),
    ),
    ("stanza-namespaces", "rfc6120-4.8.3-server-ns-per-link", only("<message xmlns='jabber:server'/>")),
    ("stanza-namespaces", "rfc6120-4.8.3-server-ns-per-link", only("<message xmlns='urn:example:x'/>")),
    ("stanza-namespaces", "rfc6120-4.8.5-no-content-prefix", only("<c:message xmlns:c='jabber:client'/>")),
    ("foreign-data-not-routed", "rfc6120-4.8.4-foreign-data-not-routed", foreign),
    ("stanza-error-shape", "rfc6120-stanza-error-child", refused("")),
    (
        "stanza-error-shape",
        "rfc6120-8.3.2-error-type-value",
        refused(f"<error type='fatal'><gone {ERRORS}/></error>"),
    ),
    ("stanza-error-shape", "rfc6120-8.3.2-error-has-condition", refused("<error type='wait'/>")),
    (
        "stanza-error-shape",
        "rfc6120-8.3.2-error-has-condition",
        refused(f"<error type='cancel'><gone {ERRORS}/><conflict {ERRORS}/></error>"),
    ),
    (
        "stanza-error-shape",
        "rfc6120-8.3.2-text-namespace",
        refused(f"<error type='cancel'><gone {ERRORS}/><text>x</text></error>"),
    ),
    (
        "stanza-error-types",
        "stanza-error-jid-malformed",
        refused(f"<error type='auth'><jid-malformed {ERRORS}/></error>"),
    ),
    (
        "stanza-error-codes",
        "legacy-code-404",
        refused(f"<error type='auth' code='404'><forbidden {ERRORS}/></error>"),
    ),
    (
        "stanza-error-text-language",
        "rfc6120-8.3.2-text-lang",
        refused(f"<error type='cancel'><gone {ERRORS}/><text {ERRORS}>x</text></error>"),
    ),
    (
        "undefined-condition-explained",
        "rfc6120-8.3.3.21-undefined-needs-app-condition",
        refused(f"<error type='wait'><undefined-condition {ERRORS}/></error>"),
    ),
    (
        "stanza-error-other-address",
        "rfc6120-8.3.3.5-gone-address",
        refused(f"<error type='cancel'><gone {ERRORS}>romeo@example.org</gone></error>"),
    ),
    (
        "stanza-error-other-address",
        "rfc6120-8.3.3.14-redirect-address",
        refused(f"<error type='modify'><redirect {ERRORS}>romeo@example.org</redirect></error>"),
    ),
    (
        "no-error-for-error",
        "rfc6120-stanza-error-reply",
        answered(
            f"<message type='error' id='1' to='x@{HOST}'><error type='wait'/></message>",
            f"<message type='error' id='1' from='x@{HOST}'><error type='cancel'><gone {ERRORS}/></error></message>",
        ),
    ),
    (
        "error-only-in-errors",
        "rfc6120-8.3.1-error-child-only-on-error",
        only(f"<message from='{HOST}'><error type='cancel'><gone {ERRORS}/></error></message>"),
    ),
    (
        "error-ids",
        "rfc6120-stanza-error-id",
        answered(
            f"<message id='1' to='x@{HOST}'/>",
            f"<message type='error' from='x@{HOST}'><error type='cancel'><gone {ERRORS}/></error></message>",
        ),
    ),
    (
        "presence-types",
        "rfc6121-4.7.1-presence-type-values",
        only(f"<presence type='available' from='{HOST}'/>"),
    ),
    (
        "content-children",
        "rfc6120-8.4-extension-namespace",
        only(f"<message from='{HOST}'><query/></message>"),
    ),
    ("stanza-languages", "rfc6120-4.7.4-lang-syntax", only(f"<message from='{HOST}' xml:lang='en_GB'/>")),
    ("disco-results", "xep0030-3.1-identity-unique", info(2 * IDENTITY.format("a"), IDENTITY.format("b"))),
    ("disco-results", "xep0030-3.1-feature-var", info("<feature/>")),
    ("disco-results", "xep0030-3.1-feature-var", info("<feature var='a'><b/></feature>")),
    ("disco-results", "xep0030-4.1-item-no-text", items("<item jid='a.example'>A</item>")),
    ("disco-results", "xep0030-4.2-node-not-null", items("<item jid='a.example' node=''/>")),
    ("registration-fields", "xep0077-4-no-new-fields", registration("<username/><shoe-size/>")),
    ("delay-stamps", "xep0203-2-one-delay", only(f"<message>{2 * DELAY}</message>")),
    ("delay-stamps", "xep0203-2-stamp", only("<message><delay xmlns='urn:xmpp:delay'/></message>")),
    (
        "delay-stamps",
        "xep0203-2-stamp-format",
        only("<message><delay xmlns='urn:xmpp:delay' stamp='20020910T23:08:25'/></message>"),
    ),
    (
        "delay-stamps",
        "xep0203-2-stamp-utc",
        only("<message><delay xmlns='urn:xmpp:delay' stamp='2002-09-10T23:08:25+02:00'/></message>"),
    ),
]

CLIENT_BREACHES = [
    ("initial-header", "rfc6120-stream-attribute-initial-to", f"{STREAM} version='1.0'>"),
    ("initial-header", "rfc6120-4.7.3-client-header-no-id", f"{STREAM} id='1' to='{HOST}' version='1.0'>"),
    (
        "initial-header",
        "rfc6120-4.7.1-client-from-bare-jid",
        f"{STREAM} to='{HOST}' from='{ROMEO}' version='1.0'>",
    ),
    (
        "initial-header",
        "rfc6120-4.7.1-client-from-bare-jid",
        f"{STREAM} to='{HOST}' from='{HOST}' version='1.0'>",
    ),
    (
        "initial-header-language",
        "rfc6120-stream-attribute-initial-lang",
        f"{STREAM} to='{HOST}' version='1.0'>",
    ),
    (
        "no-stanza-before-completion",
        "rfc6120-4.3.5-no-stanza-before-completion",
        f"{STREAM} to='{HOST}'><message to='{JULIET}'/>",
    ),
    ("message-types", "rfc6121-5.2.2-message-type-values", f"{STREAM} to='{HOST}'><message type='x'/>"),
    (
        "message-texts",
        "rfc6121-5.2.3-body-langs",
        f"{STREAM} to='{HOST}'><message xml:lang='en'><body>a</body><body xml:lang='EN'>b</body></message>",
    ),
    (
        "message-texts",
        "rfc6121-5.2.4-subject-langs",
        f"{STREAM} to='{HOST}'><message><subject>a</subject><subject>b</subject></message>",
    ),
    (
        "message-texts",
        "rfc6121-5.2.5-thread-once",
        f"{STREAM} to='{HOST}'><message><thread>a</thread><thread>a</thread></message>",
    ),
    (
        "presence-children",
        "rfc6121-4.7.2.1-show-values",
        f"{STREAM} to='{HOST}'><presence><show>online</show></presence>",
    ),
    (
        "presence-children",
        "rfc6121-4.7.2.1-show-once",
        f"{STREAM} to='{HOST}'><presence><show>xa</show><show>dnd</show></presence>",
    ),
    (
        "presence-children",
        "rfc6121-4.7.2.3-priority-range",
        f"{STREAM} to='{HOST}'><presence><priority>128</priority></presence>",
    ),
    (
        "presence-children",
        "rfc6121-4.7.2.3-priority-once",
        f"{STREAM} to='{HOST}'><presence><priority>1</priority><priority>2</priority></presence>",
    ),
    (
        "stanza-namespaces",
        "rfc6120-4.8.3-client-no-jabber-server",
        f"{STREAM} to='{HOST}'><iq xmlns='jabber:server'/>",
    ),
]


@pytest.mark.parametrize(("monitor", "requirement", "build"), SERVER_BREACHES)
def test_server_breach_is_seen(conversation, monitor, requirement, build):
    build(conversation)
    assert (monitor, requirement) in conversation.blamed()
    assert_answerable(conversation)


@pytest.mark.parametrize(("monitor", "requirement", "text"), CLIENT_BREACHES)
def test_client_breach_is_seen(with_client, monitor, requirement, text):
    assert (monitor, requirement) in with_client.received("Romeo", text).blamed()
    assert_answerable(with_client)


def assert_answerable(talk):
    """Each breach names a requirement of its monitor that binds the target."""
    for report in talk.reports():
        for one in report.breaches:
            assert one.requirement in report.monitor.requirements
            assert level_of(REQUIREMENTS[one.requirement], talk.perspective) in (Level.MUST, Level.SHOULD)


def test_every_monitor_is_proven():
    proven = {row[0] for row in (*SERVER_BREACHES, *CLIENT_BREACHES)} | {"resource-uniqueness"}
    assert proven == {one.name for one in all_monitors()}


def test_unanswered_request_when_fenced(conversation):
    answered(
        "<iq type='get' id='1'><x xmlns='a'/></iq><iq type='get' id='2'><x xmlns='a'/></iq>",
        "<iq type='result' id='2'/>",
    )(conversation)
    assert conversation.breaches() == []
    assert conversation.blamed(fenced=frozenset({"Romeo"})) == {("iq-replies", "rfc6120-stanza-iq-reply")}


def test_unanswered_request_when_stream_has_ended(conversation):
    answered(
        "<iq type='get' id='1'><x xmlns='a'/></iq><iq type='get' id='2'><x xmlns='a'/></iq>",
        "<iq type='result' id='2'/>",
    )(conversation)
    conversation.received("Romeo", "</stream:stream>")
    assert conversation.breaches(fenced=frozenset({"Romeo"})) == []


def test_two_resources_of_one_name_when_both_are_fenced(conversation):
    conversation.logged_in("Romeo").logged_in("Romeo again")
    assert conversation.breaches() == []
    assert conversation.breaches(fenced=frozenset({"Romeo"})) == []
    both = frozenset({"Romeo", "Romeo again"})
    assert conversation.blamed(fenced=both) == {("resource-uniqueness", "rfc6120-7.5-resource-unique")}
    conversation.received("Romeo", ERROR.format(STREAM_ERRORS), "</stream:stream>")
    assert conversation.breaches(fenced=both) == []


def test_actor_that_dropped_its_connection_and_came_back(conversation):
    conversation.logged_in("Romeo").sent("Romeo", "<iq type='get' id='1'><x xmlns='a'/></iq>").dropped(
        "Romeo"
    )
    answered("<iq type='get' id='2'><x xmlns='a'/></iq>", "<iq type='result' id='2'/>")(conversation)
    assert conversation.breaches(fenced=frozenset({"Romeo"})) == []


def test_stream_id_that_another_case_had(conversation):
    memory = Memory()
    conversation.logged_in("Romeo")
    assert conversation.breaches(memory=memory) == []
    assert {one for one, _ in conversation.blamed(memory=memory)} == {"unique-stream-ids"}


def test_error_types_only_deviate(conversation):
    refused(f"<error type='auth'><service-unavailable {ERRORS}/></error>")(conversation)
    assert [one.level for one in conversation.breaches()] == [Level.SHOULD]


def test_breach_has_its_evidence(conversation):
    only("<presence type='available'/>")(conversation)
    (breach,) = conversation.breaches()
    assert breach.evidence is conversation.observed[-1]


def test_resumed_session_keeps_its_address(conversation):
    resumption = "xmlns='urn:xmpp:sm:3'"
    conversation.logged_in("Romeo").logged_in("Juliet").received(
        "Romeo", f"<enabled {resumption} id='s'/>"
    ).gone("Romeo")
    conversation.opened("Romeo").sent("Romeo", f"<auth {SASL} mechanism='X'/>").received(
        "Romeo", f"<success {SASL}/>"
    )
    conversation.opened("Romeo", features=f"<bind {BIND}/>").received(
        "Romeo", f"<resumed {resumption} previd='s'/>"
    )
    conversation.sent("Romeo", f"<message id='1' to='{JULIET}'><body>x</body></message>")
    conversation.received("Juliet", f"<message id='1' to='{JULIET}' from='{JULIET}'><body>x</body></message>")
    assert {one for one, _ in conversation.blamed()} == {"from-stamped"}


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ("the request 'a7' is answered again", "the request … is answered again"),
        ("a message from a@b/c arrives with from='x@y'", "a message from … arrives with from=…"),
        ("<gone/> comes after a stream error", "<gone/> comes after a stream error"),
    ],
)
def test_cause_is_the_same_for_other_ids_and_addresses(message, cause):
    assert Breach(message=message, requirement="x").cause == cause
