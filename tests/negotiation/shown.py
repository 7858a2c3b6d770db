"""How each fault of the negotiation shows: what a client says, and what it is answered with and without."""

import hashlib
from pathlib import Path

from harness.negotiation.policy import TlsOffer
from tests.negotiation.script import (
    ABORT,
    FOOTER,
    HANG_UP,
    HEADER,
    NAMED_HEADER,
    OLD_HEADER,
    STARTTLS,
    TLS,
    auth,
    bind,
    legacy,
    plain,
    raw_auth,
    response,
)

ROOT = Path(__file__).parents[2]
IN = (HEADER, plain(), HEADER)
WRONG = plain(password="wrong")
OTHER_HOST = HEADER.replace(b"example.org", b"elsewhere.example")
BARE_HEADER = b"<stream xmlns='http://etherx.jabber.org/streams' to='example.org' version='1.0'>"


def digest_of(password):
    return hashlib.sha1(f"fresh1{password}".encode()).hexdigest()


DIGEST = digest_of("secret")
COMMENT = b"<!-- -->"
RESUME = b"<resume xmlns='urn:xmpp:sm:3' previd='p' h='0'/>"
MESSAGE = b"<message/>"
TO_OTHER = b"<iq type='get' id='q' to='juliet@example.org'><x xmlns='y'/></iq>"
VERSIONS = b"<ver xmlns='urn:xmpp:features:rosterver'/>"
APPROVALS = b"<sub xmlns='urn:xmpp:features:pre-approval'/>"
UPGRADED = (HEADER, STARTTLS, TLS, HEADER)
FIRST = auth("SCRAM-SHA-1", b"n,,n=romeo,r=nonce")
SEVEN_BINDS = (*IN, *[bind("taken")] * 8)

REQUIRED = {"tls": TlsOffer.REQUIRED}
OFFERED = {"tls": TlsOffer.OFFERED}
NO_PLAIN = {"clear_mechanisms": ("SCRAM-SHA-1",), "tls": TlsOffer.OFFERED}
ANONYMOUS = {"clear_mechanisms": ("ANONYMOUS",)}

#: fault -> (steps, policy, a pattern that is there with the fault, one that is there without it).
#: `$` at the end of a pattern is the end of all that the server sends.
SHOWN = {
    "header-id-missing": ((HEADER, HANG_UP), {}, rb"stream:stream(?![^>]* id=)", rb" id='fresh1'"),
    "header-id-reused": (IN, {}, rb"id='fresh1'.*id='fresh1'", rb"id='fresh1'.*id='fresh2'"),
    "header-id-constant": (IN, {}, rb"id='always.*id='always", rb"id='fresh1'.*id='fresh2'"),
    "header-id-echoed": (
        (HEADER.replace(b" to=", b" id='mine' to="), HANG_UP),
        {},
        rb" id='mine'",
        rb" id='fresh1'",
    ),
    "header-without-to-dropped": (
        (HEADER.replace(b" to='example.org'", b""), HANG_UP),
        {},
        rb"^$",
        rb"</stream:features>$",
    ),
    "header-without-prefix-dropped": ((BARE_HEADER, HANG_UP), {}, rb"^$", rb"</stream:features>$"),
    "header-from-missing": ((HEADER, HANG_UP), {}, rb"stream:stream(?![^>]* from=)", rb" from='example.org'"),
    "header-from-wrong": ((HEADER, HANG_UP), {}, rb"from='elsewhere.example'", rb" from='example.org'"),
    "header-to-missing": (
        (NAMED_HEADER, HANG_UP),
        {},
        rb"stream:stream(?![^>]* to=)",
        rb" to='romeo@example.org'",
    ),
    "header-to-unasked": ((HEADER, HANG_UP), {}, rb" to='", rb"stream:stream(?![^>]* to=)"),
    "header-lang-missing": ((HEADER, HANG_UP), {}, rb"stream:stream(?![^>]* xml:lang=)", rb" xml:lang='en'"),
    "header-version-missing": (
        (HEADER, HANG_UP),
        {},
        rb"stream:stream(?![^>]* version=)",
        rb"stream:stream[^>]* version='1.0'",
    ),
    "header-version-echoed": (
        (HEADER.replace(b"version='1.0' x", b"version='2.3' x"), HANG_UP),
        {},
        rb"version='2.3'",
        rb"stream:stream[^>]* version='1.0'",
    ),
    "header-version-unasked": (
        (OLD_HEADER, HANG_UP),
        {},
        rb"stream:stream[^>]* version=",
        rb"stream:stream(?![^>]* version=)",
    ),
    "header-wrong-stream-namespace": ((HEADER, HANG_UP), {}, rb"jabber.org/stream'", rb"jabber.org/streams'"),
    "header-content-namespace-server": ((HEADER, HANG_UP), {}, rb"'jabber:server'", rb"'jabber:client'"),
    "header-namespaces-tolerated": (
        (HEADER.replace(b"jabber.org/streams", b"jabber.org/stream"), HANG_UP),
        {},
        rb"<stream:features>",
        rb"<invalid-namespace",
    ),
    "host-unknown-accepted": ((OTHER_HOST, HANG_UP), {}, rb"<stream:features>", rb"<host-unknown"),
    "features-missing": ((HEADER, HANG_UP), {}, rb"xml:lang='en'>$", rb"</stream:features>$"),
    "features-missing-after-restart": (
        (*IN, HANG_UP),
        {},
        rb"<success.*xml:lang='en'>$",
        rb"<success.*</stream:features>$",
    ),
    "roster-versions-not-announced": (
        (*IN, HANG_UP),
        {"features": (VERSIONS, APPROVALS)},
        rb"<success(?!.*:rosterver')",
        rb"<success.*:rosterver'",
    ),
    "pre-approval-not-announced": (
        (*IN, HANG_UP),
        {"features": (VERSIONS, APPROVALS)},
        rb"<success(?!.*:pre-approval')",
        rb"<success.*:pre-approval'",
    ),
    "features-after-bind": ((*IN, bind()), {}, rb"</iq><stream:features>", rb"</iq>$"),
    "stream-error-without-header": (
        (OTHER_HOST,),
        {},
        rb"^<stream:error>",
        rb"<stream:stream.*<stream:error>",
    ),
    "stream-error-without-condition": ((HEADER, MESSAGE), {}, rb"<stream:error/>", rb"<not-authorized"),
    "stream-error-wrong-namespace": (
        (HEADER, MESSAGE),
        {},
        rb"<not-authorized xmlns='jabber:client'",
        rb"<not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'",
    ),
    "stream-error-wrong-condition": ((HEADER, MESSAGE), {}, rb"<undefined-condition", rb"<not-authorized"),
    "two-stream-errors": ((HEADER, MESSAGE), {}, rb"</stream:stream><stream:error>", rb"</stream:stream>$"),
    "close-tag-unanswered": ((HEADER, FOOTER), {}, rb"</stream:features>$", rb"</stream:stream>$"),
    "bad-xml-tolerated": ((HEADER, COMMENT, HANG_UP), {}, rb"</stream:features>$", rb"<restricted-xml"),
    "stanza-before-auth-ignored": (
        (HEADER, MESSAGE, HANG_UP),
        {},
        rb"</stream:features>$",
        rb"<not-authorized",
    ),
    "starttls-not-advertised": ((HEADER, HANG_UP), OFFERED, rb"features><mechanisms", rb"<starttls"),
    "starttls-not-marked-required": ((HEADER, HANG_UP), REQUIRED, rb"'></starttls>", rb"<required/>"),
    "starttls-beside-other-features": (
        (HEADER, plain(), HANG_UP),
        REQUIRED,
        rb"</starttls><mechanisms.*<success",
        rb"<encryption-required/>",
    ),
    "starttls-after-tls": (
        (*UPGRADED, HANG_UP),
        OFFERED,
        rb"<proceed.*<starttls",
        rb"<proceed.*features><mech",
    ),
    "starttls-ignored": ((HEADER, STARTTLS, HANG_UP), OFFERED, rb"</stream:features>$", rb"<proceed"),
    "starttls-refused": (
        (HEADER, STARTTLS),
        OFFERED,
        rb"<failure xmlns='[^']*-tls'/></stream:stream>$",
        rb"<proceed",
    ),
    "starttls-failure-keeps-stream": (
        (HEADER, STARTTLS, HANG_UP),
        {},
        rb"<failure xmlns='[^']*-tls'/>$",
        rb"<failure xmlns='[^']*-tls'/></stream:stream>$",
    ),
    "proceed-wrong-namespace": (
        (HEADER, STARTTLS),
        OFFERED,
        rb"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-sasl'",
        rb"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'",
    ),
    "mechanisms-empty": ((HEADER, HANG_UP), {}, rb"'></mechanisms>", rb"<mechanism>"),
    "plain-offered-in-clear": (
        (HEADER, HANG_UP),
        NO_PLAIN,
        rb">PLAIN<",
        rb"'><mechanism>SCRAM-SHA-1</mechanism></m",
    ),
    "any-password-accepted": ((HEADER, WRONG), {}, rb"<success", rb"<not-authorized"),
    "authzid-unchecked": (
        (HEADER, plain(authzid="juliet@example.org")),
        {},
        rb"<success",
        rb"<invalid-authzid",
    ),
    "unknown-user-told-apart": (
        (HEADER, plain(username="nobody")),
        {},
        rb"<account-disabled",
        rb"<not-authorized",
    ),
    "failure-without-condition": (
        (HEADER, WRONG),
        {},
        rb"<failure xmlns='[^']*'/>",
        rb"<not-authorized/></failure>",
    ),
    "failure-undefined-condition": (
        (HEADER, WRONG),
        {},
        rb"<bad-auth/></failure>",
        rb"<not-authorized/></failure>",
    ),
    "invalid-mechanism-not-named": ((HEADER, auth("X")), {}, rb"<not-authorized/>", rb"<invalid-mechanism/>"),
    "abort-unanswered": ((HEADER, ABORT, HANG_UP), {}, rb"</stream:features>$", rb"<aborted/>"),
    "second-auth-refused": ((HEADER, FIRST, plain()), {}, rb"<malformed-request", rb"<success"),
    "equals-sign-not-understood": (
        (HEADER, auth("ANONYMOUS", b"")),
        ANONYMOUS,
        rb"<incorrect-encoding",
        rb"<success",
    ),
    "bad-base64-tolerated": (
        (HEADER, raw_auth("PLAIN", b"AHJvbWVvAHNlY3J!ldA")),
        {},
        rb"<success",
        rb"<incorrect-encoding",
    ),
    "stream-closed-after-sasl-failure": (
        (HEADER, WRONG, HANG_UP),
        {},
        rb"</failure></stream:stream>$",
        rb"</failure>$",
    ),
    "sasl-retries-unlimited": (
        (HEADER, *[WRONG] * 9, HANG_UP),
        {},
        rb"(<failure[^/]*/></failure>){9}$",
        rb"(<failure[^/]*/></failure>){4}<stream:error><policy-violation",
    ),
    "bind-not-offered": ((*IN, HANG_UP), {}, rb"features><session", rb"features><bind"),
    "bind-offered-early": (
        (HEADER, HANG_UP),
        {},
        rb"<bind [^>]*/></stream:features>$",
        rb"<register [^>]*/></stream:f",
    ),
    "bind-ignores-resource": ((*IN, bind("balcony")), {}, rb"/made</jid>", rb"/balcony</jid>"),
    "bind-result-without-jid": ((*IN, bind("balcony")), {}, rb"'></bind>", rb"/balcony</jid>"),
    "bind-result-bare-jid": (
        (*IN, bind("balcony")),
        {},
        rb"<jid>romeo@example.org</jid>",
        rb"/balcony</jid>",
    ),
    "bind-result-other-user": ((*IN, bind("balcony")), {}, rb"<jid>other-romeo@", rb"<jid>romeo@"),
    "bind-result-other-resource": ((*IN, bind("balcony")), {}, rb"/balcony-other</jid>", rb"/balcony</jid>"),
    "bind-result-wrong-id": ((*IN, bind("balcony")), {}, rb"id='unknown'", rb'id="b1"'),
    "bind-error-wrong-condition": ((*IN, bind("taken")), {}, rb"<undefined-condition", rb"<conflict"),
    "stanza-before-bind-ignored": (
        (*IN, TO_OTHER, HANG_UP),
        {},
        rb"</stream:features>$",
        rb"<stream:error><not-authorized",
    ),
    "sm-not-offered": (
        (*IN, HANG_UP),
        {"features": (b"<sm xmlns='urn:xmpp:sm:3'/>",)},
        rb"<bind [^>]*/><session [^>]*><optional/></session></stream:features>",
        rb"<sm xmlns",
    ),
    "failed-resumption-ends-stream": (
        (*IN, RESUME, bind(), HANG_UP),
        {},
        rb"<failed/><stream:error>",
        rb"<failed/><iq type='result'",
    ),
    "second-success": ((*IN, plain(), HANG_UP), {}, rb"(<success.*){2}", rb"<stream:error>"),
    "initial-response-demanded": (
        (HEADER, auth("PLAIN"), HANG_UP),
        {},
        rb"<malformed-request",
        rb"<challenge",
    ),
    "unknown-tls-command-taken": (
        (HEADER, STARTTLS.replace(b"start", b"halt"), HANG_UP),
        OFFERED,
        rb"<proceed",
        rb"<stream:error>",
    ),
    "legacy-unanswered": ((HEADER, legacy("get"), HANG_UP), {}, rb"</stream:features>$", rb"<iq"),
    "legacy-plain-refused": (
        (HEADER, legacy("set", username="romeo", password="secret", resource="r")),
        {},
        rb"code='401'",
        rb"<iq type='result'",
    ),
    "digest-in-capitals": (
        (HEADER, legacy("set", username="romeo", digest=DIGEST, resource="r")),
        {},
        rb"code='401'",
        rb"<iq type='result'",
    ),
    "digest-not-in-utf-8": (
        (HEADER, legacy("set", username="zoe", digest=digest_of("Größe"), resource="r")),
        {},
        rb"code='401'",
        rb"<iq type='result'",
    ),
    "digest-of-escaped-password": (
        (HEADER, legacy("set", username="ampersand", digest=digest_of("a&b"), resource="r")),
        {},
        rb"code='401'",
        rb"<iq type='result'",
    ),
    "legacy-not-announced": ((HEADER, HANG_UP), {}, rb"</mechanisms>(?!<auth)", rb"</mechanisms><auth"),
    "bind-retries-unlimited": (SEVEN_BINDS, {}, rb"(<iq.*<conflict.*){8}$", rb"<policy-violation"),
    "stanza-before-bind-answered": (
        (*IN, TO_OTHER, HANG_UP),
        {},
        rb"<iq type='error' id=\"q\"",
        rb"<stream:error><not-authorized",
    ),
    "legacy-error-without-code": (
        (HEADER, legacy("set", username="romeo")),
        {},
        rb"<error type='modify'>",
        rb"<error type='modify' code='406'>",
    ),
    "legacy-error-echoes-credentials": (
        (HEADER, legacy("set", username="romeo", password="secret")),
        {},
        rb">secret<",
        rb"<iq type='error' id=\"a1\"><error",
    ),
    "legacy-unknown-user-told": ((HEADER, legacy("get", username="no")), {}, rb"code='401'", rb"<username/>"),
    "legacy-resource-not-asked": (
        (HEADER, legacy("get")),
        {},
        rb"<digest/></query>",
        rb"<resource/></query>",
    ),
    "legacy-resource-not-needed": (
        (HEADER, legacy("set", username="romeo", password="secret")),
        {},
        rb"<iq type='result'",
        rb"code='406'",
    ),
    "legacy-after-sasl-failure": ((HEADER, WRONG, legacy("get")), {}, rb"<username/>", rb"<policy-violation"),
    "digest-unchecked": (
        (HEADER, legacy("set", username="romeo", digest="0" * 40, resource="r")),
        {},
        rb"<iq type='result'",
        rb"code='401'",
    ),
    "restart-changes-host": (
        (HEADER, plain(), OTHER_HOST, HANG_UP),
        {},
        rb"<success.*<bind",
        rb"<success.*<host-unknown",
    ),
    "unoffered-mechanism-accepted": (
        (HEADER, plain()),
        NO_PLAIN,
        rb"<success",
        rb"<encryption-required",
    ),
    "tls-required-in-name-only": ((HEADER,), OFFERED, rb"<required/>", rb"<starttls [^>]*></starttls>"),
    "empty-authzid-refused": ((HEADER, plain()), {}, rb"<invalid-authzid", rb"<success"),
    "empty-password-accepted": ((HEADER, plain(password="")), {}, rb"<success", rb"<malformed-request"),
    "plain-parts-passed-over": (
        (HEADER, plain(password="secret\0more")),
        {},
        rb"<success",
        rb"<malformed-request",
    ),
    "plain-fields-cut-short": (
        (HEADER, plain(password="s" * 255)),
        {},
        rb"<malformed-request",
        rb"<not-authorized",
    ),
    "external-without-certificate": (
        (HEADER, auth("EXTERNAL", b"")),
        {},
        rb"<success",
        rb"<mechanism-too-weak",
    ),
    "response-alone-accepted": (
        (HEADER, response(b"\0romeo\0secret")),
        {},
        rb"<success",
        rb"<malformed-request",
    ),
    "bind-before-login": ((HEADER, bind()), {}, rb"<iq type='result'", rb"<stream:error><not-authorized"),
    "failure-with-data": ((HEADER, WRONG), {}, rb">ZT1v<not-authorized/>", rb"'><not-authorized/>"),
    "equals-sign-taken-for-none": (
        (HEADER, auth("PLAIN", b"")),
        {},
        rb"<challenge",
        rb"<malformed-request",
    ),
    "header-unanswered": ((HEADER, HANG_UP), {}, rb"^$", rb"</stream:features>$"),
    "content-namespace-refused": ((HEADER, HANG_UP), {}, rb"<invalid-namespace", rb"</stream:features>$"),
    "features-without-prefix": (
        (HEADER, HANG_UP),
        {},
        rb"<features xmlns='http://etherx.jabber.org/streams'>.*</features>$",
        rb"</stream:features>$",
    ),
    "header-declares-payloads": (
        (HEADER, HANG_UP),
        {},
        rb"xmlns:x='jabber:x:data'",
        rb"xmlns='jabber:client'",
    ),
    "app-condition-without-namespace": (
        (HEADER, MESSAGE),
        {},
        rb"<not-authorized [^>]*/><tired/></stream:error>",
        rb"<not-authorized [^>]*/></stream:error>",
    ),
    "declaration-standalone": ((HEADER, HANG_UP), {}, rb"standalone='yes'\?>", rb"^<\?xml version='1.0'\?>"),
    "byte-order-mark-sent": ((HEADER, HANG_UP), {}, rb"^\xef\xbb\xbf<\?xml", rb"^<\?xml"),
    "restart-unanswered": ((*IN, HANG_UP), {}, rb"<success[^>]*/>$", rb"<success.*</stream:features>$"),
    "header-lang-misspelt": ((HEADER, HANG_UP), {}, rb"xml:lang='en_GB'", rb"xml:lang='en'"),
    "minor-version-refused": (
        (HEADER.replace(b"version='1.0' x", b"version='1.1' x"), HANG_UP),
        {},
        rb"<unsupported-version",
        rb"</stream:features>$",
    ),
    "stream-error-text-misplaced": (
        (HEADER, MESSAGE),
        {},
        rb"<text xmlns='urn:example:text'/></stream:error>",
        rb"<not-authorized [^>]*/></stream:error>",
    ),
    "feature-without-namespace": (
        (HEADER, HANG_UP),
        {},
        rb"<rose/></stream:features>$",
        rb"</register></stream:features>$|<register [^>]*/></stream:features>$",
    ),
    "whitespace-before-proceed": (
        (HEADER, STARTTLS, HANG_UP),
        OFFERED,
        rb">\n<proceed",
        rb"features><proceed",
    ),
    "bind-always-the-same": ((*IN, bind(), HANG_UP), {}, rb"/always-the-same</jid>", rb"/made</jid>"),
    "ssl-2-spoken": (
        (HEADER, STARTTLS, b"\x80\x22", HANG_UP),
        OFFERED,
        rb"<proceed[^>]*>\x80\x0b\x04",
        rb"<proceed[^>]*>$",
    ),
    "header-id-short": ((HEADER, HANG_UP), {}, rb" id='sh1'", rb" id='fresh1'"),
    "header-lang-echoed": (
        (HEADER.replace(b" to=", b" xml:lang='tlh' to="), HANG_UP),
        {},
        rb"xml:lang='tlh'",
        rb"xml:lang='en'",
    ),
    "header-lang-never-theirs": (
        (HEADER.replace(b" to=", b" xml:lang='en' to="), HANG_UP),
        {},
        rb"xml:lang='la'",
        rb"xml:lang='en'",
    ),
    "unknown-host-played": ((OTHER_HOST,), {}, rb" from='elsewhere.example'", rb" from='example.org'"),
    "version-zeros-refused": (
        (HEADER.replace(b"version='1.0' x", b"version='01.0' x"), HANG_UP),
        {},
        rb"<unsupported-version",
        rb"</stream:features>$",
    ),
    "standalone-unexplained": (
        (HEADER.replace(b"?>", b" standalone='no'?>"),),
        {},
        rb"^$",
        rb"<restricted-xml",
    ),
    "early-whitespace-refused": (
        (HEADER, b" ", HANG_UP),
        {},
        rb"<policy-violation",
        rb"</stream:features>$",
    ),
    "close-tag-at-restart": (
        (HEADER, plain(), HANG_UP),
        {},
        rb"<success[^>]*/></stream:stream>$",
        rb"<success[^>]*/>$",
    ),
    "tls-needed-unannounced": ((HEADER, plain(), HANG_UP), {}, rb"<encryption-required", rb"<success"),
    "xml-behind-proceed": (
        (HEADER, STARTTLS, HANG_UP),
        OFFERED,
        rb"<proceed.*<stream:f",
        rb"<proceed[^>]*>$",
    ),
    "login-behind-proceed": (
        (HEADER, STARTTLS, plain(), HANG_UP),
        OFFERED,
        rb"<success",
        rb"<proceed[^>]*>$",
    ),
    "close-tag-after-failed-tls": (
        (HEADER, STARTTLS, MESSAGE, HANG_UP),
        OFFERED,
        rb"<proceed[^>]*></stream:stream>$",
        rb"<proceed[^>]*>$",
    ),
    "clear-from-remembered": (
        (NAMED_HEADER, STARTTLS, TLS, HEADER, HANG_UP),
        OFFERED,
        rb"<proceed.* to='romeo@example.org'",
        rb"<proceed.*<stream:stream(?![^>]* to=)",
    ),
    "restart-after-bind": (
        (*IN, bind("balcony"), HEADER, HANG_UP),
        {},
        rb"/balcony</jid>.*<stream:stream",
        rb"/balcony</jid></bind></iq>$",
    ),
    "bind-conflict-ends-stream": (
        (*IN, bind("taken"), HANG_UP),
        {},
        rb"</iq></stream:stream>$",
        rb"<conflict [^>]*/></error></iq>$",
    ),
    "starttls-by-local-name": (
        (HEADER, b"<starttls xmlns='urn:example:tls'/>"),
        OFFERED,
        rb"<proceed",
        rb"<unsupported-stanza-type",
    ),
}

#: fault -> (what a SCRAM client says first, what it changes at the end); they turn the outcome over.
SCRAM_SHOWN = {
    "scram-refused": (b"n,,n=romeo,r=nonce", ("", "")),
    "scram-nonce-unchecked": (b"n,,n=romeo,r=nonce", ("r", "nonce")),
    "scram-flag-unchecked": (b"q,,n=romeo,r=nonce", ("", "")),
    "scram-downgrade-accepted": (b"y,,n=romeo,r=nonce", ("", "")),
    "scram-reserved-attribute-ignored": (b"n,,m=x,n=romeo,r=nonce", ("", "")),
    "scram-extensions-refused": (b"n,,n=romeo,r=nonce,x=y", ("", "")),
    "scram-escapes-kept": (b"n,,n=ro=3Dmeo,r=nonce", ("", "")),
    "scram-bad-escapes-dropped": (b"n,,n=romeo=,r=nonce", ("", "")),
    "scram-binds-to-something-else": (b"p=tls-unique,,n=romeo,r=nonce", ("", "")),
    "scram-unknown-binding-accepted": (b"p=tls-other,,n=romeo,r=nonce", ("", "")),
}

#: fault -> what the first message of the server has with the fault, and the last answer.
SCRAM_SAYS = {
    "scram-nonce-unprintable": rb"\x7f,s=",
    "scram-attributes-reversed": rb"^i=4096,s=.*,r=nonce",
    "scram-salt-with-blank": rb",s=[^,]* ",
}
