import msgspec
import pytest
from lxml import etree

from harness.reporters.junit import junit
from harness.results.records import RunStarted
from harness.results.summary import summarize
from tests.reporters.sample import REQUIREMENTS, large, records

# The schema that Jenkins' xUnit plugin and most other readers accept, as RELAX NG.
_SCHEMA = """
<element name="testsuites" xmlns="http://relaxng.org/ns/structure/1.0"
         datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
  <attribute name="name"/><ref name="counts"/>
  <zeroOrMore><element name="testsuite">
    <attribute name="name"/><ref name="counts"/>
    <optional><attribute name="timestamp"><data type="dateTime"/></attribute></optional>
    <optional><ref name="properties"/></optional>
    <zeroOrMore><element name="testcase">
      <attribute name="name"/><attribute name="classname"/>
      <attribute name="time"><data type="decimal"/></attribute>
      <optional><ref name="properties"/></optional>
      <optional><choice>
        <element name="skipped"><attribute name="message"/></element>
        <element name="failure"><attribute name="message"/><attribute name="type"/><text/></element>
        <element name="error"><attribute name="message"/><attribute name="type"/><text/></element>
      </choice></optional>
      <optional><element name="system-out"><text/></element></optional>
    </element></zeroOrMore>
    <optional><element name="system-err"><text/></element></optional>
  </element></zeroOrMore>
</element>
"""
_DEFINITIONS = """
  <define name="counts">
    <attribute name="tests"><data type="nonNegativeInteger"/></attribute>
    <attribute name="failures"><data type="nonNegativeInteger"/></attribute>
    <attribute name="errors"><data type="nonNegativeInteger"/></attribute>
    <attribute name="skipped"><data type="nonNegativeInteger"/></attribute>
    <attribute name="time"><data type="decimal"/></attribute>
  </define>
  <define name="properties">
    <element name="properties"><oneOrMore>
      <element name="property"><attribute name="name"/><attribute name="value"/></element>
    </oneOrMore></element>
  </define>
"""


def _schema() -> etree.RelaxNG:
    start = _SCHEMA.replace(
        ' xmlns="http://relaxng.org/ns/structure/1.0"\n'
        '         datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes"',
        "",
    )
    grammar = (
        '<grammar xmlns="http://relaxng.org/ns/structure/1.0"'
        ' datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">'
        f"<start>{start}</start>{_DEFINITIONS}</grammar>"
    )
    return etree.RelaxNG(etree.fromstring(grammar))


ROOT = etree.fromstring(junit(summarize(records(), REQUIREMENTS)))


def _case(target: str, path: str) -> etree._Element:
    folder, name = path.split("/")
    (found,) = ROOT.xpath("//testcase[@classname=$place][@name=$name]", place=f"{target}.{folder}", name=name)
    return found


def test_report_obeys_the_common_schema() -> None:
    _schema().assertValid(ROOT)


def test_empty_run_obeys_the_common_schema() -> None:
    _schema().assertValid(etree.fromstring(junit(summarize([], {}))))


def test_suite_per_target_with_counts_that_add_up() -> None:
    assert [suite.get("name") for suite in ROOT] == ["reference", "verona", "mantua"]
    for element in [ROOT, *ROOT]:
        for tag, count in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(element.get(count)) == len(element.findall(f".//{tag}"))
        assert int(element.get("tests")) == len(element.findall(".//testcase"))


def test_failure_tells_cause_place_and_difference() -> None:
    failure = _case("mantua", "stanza/spoofed_from").find("failure")
    assert failure is not None
    assert failure.get("type") == "rfc6120-8.1.2.1-from-spoof-overridden: attribute from differs"
    assert "scenarios/stanza/spoofed_from.scs:22" in (failure.text or "")
    assert "+ <message from='mercutio@montague.example' type='chat'>" in (failure.text or "")


def test_error_is_an_error_and_unsupported_is_skipped() -> None:
    assert _case("mantua", "carbons/received").find("error") is not None
    assert _case("mantua", "registration/fields").find("skipped") is not None
    assert _case("reference", "client/answers_version").find("skipped") is not None


def test_what_is_known_does_not_break_a_build() -> None:
    known = _case("verona", "roster/update_replaces_name")
    assert known.find("failure") is None
    assert "issue 1182" in known.findtext("system-out", "")


@pytest.mark.parametrize(("fail_on", "breaks"), [("any", True), ("should", True), ("must", False)])
def test_a_broken_should_breaks_a_build_where_the_gate_stops_for_it(fail_on: str, breaks: bool) -> None:
    begun, *others = records()
    assert isinstance(begun, RunStarted)
    run = summarize([msgspec.structs.replace(begun, fail_on=fail_on), *others], REQUIREMENTS)
    tree = etree.fromstring(junit(run))
    (deviating,) = tree.xpath("//testcase[@name='offline'][contains(@classname, 'verona')]")
    assert (deviating.find("failure") is not None) is breaks
    assert deviating.xpath("string(properties/property[@name='verdict']/@value)") == "deviates"
    assert "neither delivered later nor refused" in deviating.findtext("system-out", "")


def test_unexpected_pass_breaks_a_build() -> None:
    failure = _case("verona", "muc/presence_order").find("failure")
    assert failure is not None
    assert failure.get("type") == "unexpected pass"


def test_monitor_is_a_case_and_its_hostile_text_is_harmless() -> None:
    failure = _case("mantua", "monitors/well_formed").find("failure")
    assert failure is not None
    assert "</script><script>" in (failure.text or "")
    assert "\\x1b[31m\\u202e" in (failure.text or "")


def test_death_of_a_target_is_told() -> None:
    assert ROOT[2].findtext("system-err") == "The target was given up: ended with signal 11"


def test_large_run_is_written_in_a_moment() -> None:
    assert len(junit(summarize(large(200, 2), REQUIREMENTS))) > 10_000
