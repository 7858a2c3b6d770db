"""What each step of a transcript is against a client under test: sends are checked, receives are sent."""

from harness.play import hosted_entry, hosted_stanzas, hosted_streams, served_steps
from harness.play.hosted import HostedStep
from harness.transcript import script
from harness.transcript.script import Step

#: `Any` because a script takes the one class of step that it stands beside.
HOSTED_STEPS: dict[type[Step], HostedStep] = {
    script.Connects: hosted_entry.connects,
    script.Disconnects: hosted_entry.disconnects,
    script.Sends: hosted_stanzas.sends,
    script.Receives: served_steps.says,
    script.ReceivesInAnyOrder: served_steps.says,
    script.ReceivesOneOf: served_steps.says_one_of,
    script.MayReceive: hosted_streams.has_nothing_to_say,
    script.ReceivesNothing: hosted_streams.has_nothing_to_say,
    script.OpensConnection: hosted_streams.accepts_connection,
    script.OpensStream: hosted_streams.accepts_stream,
    script.ReceivesHeader: served_steps.says_header,
    script.ReceivesStreamError: hosted_streams.says_stream_error,
    script.ReceivesStreamEnd: hosted_entry.says_stream_end,
    script.StartsTls: hosted_streams.starts_tls,
    script.Authenticates: hosted_streams.authenticates,
    script.Binds: hosted_streams.binds,
    script.ClosesStream: hosted_entry.closes_stream,
    script.ClosesConnection: hosted_entry.sees_connection_end,
    script.IsAsked: hosted_stanzas.is_asked,
    script.Reports: hosted_stanzas.reports,
    script.SendsOneOf: hosted_stanzas.sends_one_of,
    script.SendsNothing: hosted_stanzas.sends_nothing,
    script.SendsStreamError: hosted_stanzas.sends_stream_error,
    script.EndsStream: hosted_entry.ends_stream,
    script.RefusesTls: hosted_streams.refuses_tls,
    script.DoesNotLogIn: hosted_entry.does_not_log_in,
    script.ReceivesRaw: hosted_streams.says_raw,
    script.LosesConnection: hosted_entry.loses_connection,
}
