"""All monitors there are."""

from harness.monitors.contents import (
    ContentChildren,
    DelayStamps,
    MessageTexts,
    MessageTypes,
    PresenceChildren,
    PresenceTypes,
    StanzaLanguages,
)
from harness.monitors.delivery import (
    ForeignDataNotRouted,
    RosterPushes,
    StampedFrom,
    StanzaNamespaces,
    ToUnmodified,
)
from harness.monitors.iqs import (
    IqReplies,
    IqReplyAddresses,
    IqShape,
)
from harness.monitors.monitor import Monitor
from harness.monitors.negotiation_rules import (
    BindOffer,
    BindResult,
    FeatureNamespaces,
    FeaturesAfterHeader,
    NothingAskedBeforeCompletion,
    NothingServedBeforeAuthentication,
    NoWhitespaceInNegotiation,
    ResourceUniqueness,
    SaslDataEncoding,
    StartTlsOffer,
)
from harness.monitors.queries import DiscoResults, RegistrationFields
from harness.monitors.stanza_errors import (
    ErrorCodes,
    ErrorIds,
    ErrorOnlyInErrors,
    ErrorShape,
    ErrorTextLanguage,
    ErrorTypes,
    NoErrorForError,
    OtherAddresses,
    UndefinedConditions,
)
from harness.monitors.stream_ends import (
    ClosingTagAnswered,
    StreamErrorIsLast,
    StreamErrorShape,
)
from harness.monitors.stream_headers import (
    HeaderLanguage,
    HeaderNamespaces,
    HeaderVersion,
    InitialHeader,
    InitialHeaderLanguage,
    ResponseHeaderAttributes,
    ResponseHeaderTo,
    StreamPrefix,
    UniqueStreamIds,
)
from harness.monitors.xml import (
    NothingAfterEnd,
    OnlyWhitespaceBetweenStanzas,
    RestrictedXml,
    Utf8Output,
    WellFormedOutput,
)


def all_monitors() -> tuple[type[Monitor], ...]:
    """Every monitor, in the order in which reports show them."""
    return (
        WellFormedOutput,
        Utf8Output,
        RestrictedXml,
        OnlyWhitespaceBetweenStanzas,
        NothingAfterEnd,
        ResponseHeaderAttributes,
        ResponseHeaderTo,
        HeaderVersion,
        HeaderNamespaces,
        StreamPrefix,
        HeaderLanguage,
        InitialHeader,
        InitialHeaderLanguage,
        UniqueStreamIds,
        FeaturesAfterHeader,
        FeatureNamespaces,
        StartTlsOffer,
        BindOffer,
        NothingServedBeforeAuthentication,
        NothingAskedBeforeCompletion,
        NoWhitespaceInNegotiation,
        SaslDataEncoding,
        BindResult,
        ResourceUniqueness,
        StreamErrorShape,
        StreamErrorIsLast,
        ClosingTagAnswered,
        IqShape,
        IqReplies,
        IqReplyAddresses,
        StampedFrom,
        ToUnmodified,
        RosterPushes,
        StanzaNamespaces,
        ForeignDataNotRouted,
        ErrorShape,
        ErrorTypes,
        ErrorCodes,
        ErrorTextLanguage,
        UndefinedConditions,
        OtherAddresses,
        NoErrorForError,
        ErrorOnlyInErrors,
        ErrorIds,
        PresenceTypes,
        MessageTypes,
        MessageTexts,
        PresenceChildren,
        ContentChildren,
        StanzaLanguages,
        DiscoResults,
        RegistrationFields,
        DelayStamps,
    )
