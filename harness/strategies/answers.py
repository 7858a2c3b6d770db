"""The stream errors that may answer what is wrong, by what it is.

Which one it is is mostly a SHOULD of RFC 6120, and none of these sets holds more than what its text names.
"""

#: RFC 6120, 4.9.3.13 and 11.3; 4.9.3.1 permits the general one instead.
NOT_WELL_FORMED = frozenset({"not-well-formed", "bad-format"})
#: RFC 6120, 11.6 and 4.9.3.22; what is no UTF-8 is no well-formed XML either.
BAD_ENCODING = NOT_WELL_FORMED | {"unsupported-encoding"}
#: RFC 6120, 11.1 and 4.9.3.18; for a parser that is made for streams it is no XML (11.3).
RESTRICTED = frozenset({"restricted-xml", "bad-format", "not-well-formed"})
#: What is restricted, and ill-formed besides in the place where it stands.
RESTRICTED_AND_ILL = RESTRICTED | NOT_WELL_FORMED
#: RFC 6120, 4.9.3.2 and 11.3, by whose rule 4 a stanza error not-acceptable may answer as well.
BAD_NAMESPACE = NOT_WELL_FORMED | {"bad-namespace-prefix"}
#: RFC 6120, 4.8.3 to 4.8.5: what is no stanza is ignored or ends the stream; 4.9.3.11 is for servers that
#: validate.
NO_STANZA = frozenset(
    {"unsupported-stanza-type", "invalid-namespace", "bad-namespace-prefix", "invalid-xml", "bad-format"}
)
#: RFC 6120, 11.7 and 4.9.3.11: between stanzas there is nothing but white space.
NO_ELEMENT = frozenset({"bad-format", "invalid-xml", "not-well-formed", "unsupported-stanza-type"})
#: RFC 6120, 13.12 and 4.9.3.17.
TOO_LARGE = frozenset({"policy-violation", "resource-constraint"})
#: RFC 6120, 4.9.3.12; a policy against it (4.9.3.14) or no notion of it there (4.9.3.24) are as good.
NOT_YET = frozenset(
    {"not-authorized", "policy-violation", "unsupported-stanza-type", "invalid-xml", "bad-format"}
)
NOTHING: frozenset[str] = frozenset()
