import re

import msgspec
import pytest
from lxml import etree
from lxml import html as lxml_html

from harness.reporters.html import html
from harness.reporters.packing import Packer
from harness.results.records import CaseFinished, Exchange, Record, RunFinished
from harness.results.summary import summarize
from harness.results.verdicts import Perspective, Verdict
from tests.reporters.sample import HOSTILE, REQUIREMENTS, TARGETS, case_finished, large, records

PAGE = html(summarize(records(), REQUIREMENTS)).decode()
TREE = lxml_html.document_fromstring(PAGE)


def _of_class(css: str, within: etree._Element = TREE) -> list[etree._Element]:
    return within.xpath(f".//*[contains(concat(' ', @class, ' '), ' {css} ')]")


def _text(elements: list[etree._Element]) -> str:
    return " ".join(" ".join(one.text_content().split()) for one in elements)


def test_page_asks_for_nothing_outside_itself() -> None:
    assert not TREE.xpath("//link | //img | //iframe | //script[@src] | //object | //base")
    assert not re.findall(r"@import|url\(", PAGE)
    assert {link.get("href")[0] for link in TREE.xpath("//a")} == {"#"}
    policy = TREE.xpath("string(//meta[@http-equiv='Content-Security-Policy']/@content)")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_every_link_has_its_place_and_ids_are_unique() -> None:
    ids = TREE.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {link.get("href")[1:] for link in TREE.xpath("//a")} <= set(ids)


def test_monitors_come_after_the_scenarios() -> None:
    families = TREE.xpath("//div[@class='family']/@data-family")
    assert families == [*sorted(set(families) - {"monitors"}), "monitors"]


def test_hostile_text_stays_text() -> None:
    scripts = TREE.xpath("//script[not(@type)]")
    assert len(scripts) == 1
    assert "document.title" not in scripts[0].text
    assert HOSTILE not in PAGE
    assert "\x1b" not in PAGE
    assert "\u202e" not in PAGE
    shown = TREE.xpath("string(//ol/li[contains(., 'Mallory sent')]/code)")
    assert shown == HOSTILE.replace("\x1b", "\\x1b").replace("\u202e", "\\u202e")


@pytest.mark.parametrize(
    "field", ["target", "case", "title", "known", "expired", "reproduce", "shown_by", "family"]
)
def test_hostile_text_stays_text_in_every_field(field: str) -> None:
    evil = "\"'></script><script>evil()</script><b onclick=evil()>"
    case = case_finished("t", "a/b", "A", [], (Verdict.FAIL, ()))
    fields = {name: getattr(case, name) for name in case.__struct_fields__} | {field: evil}
    tree = lxml_html.document_fromstring(html(summarize([CaseFinished(**fields)], {})))
    assert len(tree.xpath("//script[not(@type)]")) == 1
    assert not tree.xpath("//@onclick")


def test_cause_is_told_with_all_that_a_reader_needs() -> None:
    told = _text(_of_class("cause"))
    for part in [
        "RFC 6121, 2.1.6 MUST Every interested resource gets the roster push",
        "RFC 6120, 8.1.2.1 MUST NOT",
        "Also allowed 4.9.3.9 also lets the server close",
        "scenarios/roster/set_is_pushed_to_all.scs:31",
        "Romeo's phone receives:",
        "Reproduce xmpp-harness run roster/set_is_pushed_to_all --target verona",
        "known: Verona keeps no interest per resource; issue 1182",
    ]:
        assert part in told
    assert len(_of_class("cause")) == 6


def test_difference_says_its_sides_in_words_and_marks_the_place() -> None:
    assert "expected: <message from='romeo-11c0@capulet.example/balcony'" in _text(_of_class("difference"))
    assert "mercutio" in [mark.text for mark in TREE.xpath("//mark")]


def test_matrix_has_a_cell_for_each_target_with_a_word_besides_its_colour() -> None:
    rows = TREE.xpath("//details[@class='case']/summary")
    assert len(rows) == 17
    for row in rows:
        cells = _of_class("cell", row)
        assert len(cells) == len(TARGETS)
        assert all(_of_class("word", cell)[0].text for cell in cells)


def test_conversation_of_a_failure_is_in_the_page_and_that_of_a_pass_is_packed() -> None:
    (failing,) = TREE.xpath("//details[@class='case'][.//span[@class='path']='stanza/spoofed_from']")
    outcomes = _of_class("outcome", failing)
    assert [bool(_of_class("sequence", outcome)) for outcome in outcomes] == [False, False, True]
    assert [bool(_of_class("packed", outcome)) for outcome in outcomes] == [True, True, False]
    assert [outcome.get("open") is not None for outcome in outcomes] == [False, False, True]
    labels = [label.text for label in _of_class("label", outcomes[2])]
    assert "message chat “A plague o’ both you…" in labels
    assert "iq get ping" in labels


def test_nothing_that_matters_is_hidden_from_readers_without_script() -> None:
    hidden = TREE.xpath("//*[@hidden]")
    assert {element.tag for element in hidden} <= {"button", "form", "p"}
    assert not TREE.xpath("//details[@class='log'][@hidden]")


def test_coverage_names_broken_and_untouched_requirements() -> None:
    told = _text(TREE.xpath("//*[@id='coverage']"))
    assert "2.1.6Every interested resource gets the roster push" in told
    assert "1 more document" in told


def test_coverage_tells_the_share_of_what_can_be_tested() -> None:
    (section,) = TREE.xpath("//*[@id='coverage']")
    told = _text([section])
    assert "20 requirements are asked of servers. 19 can be tested at all, and 17 were tested (89 %)" in told
    (summary,) = section.xpath(".//details[contains(summary, 'RFC 6121')]/summary")
    assert _text([summary]) == ("RFC 6121 4 of 4 that can be were tested: 2 held 2 broken · · · 1 untestable")
    assert "shown to the user" not in told, "what is asked of clients only has no place in a run on servers"


def _cells(within: etree._Element, summary: str) -> list[str]:
    (row,) = within.xpath(".//tr[td[2][starts-with(., $summary)]]", summary=summary)
    return [_text([cell]) for cell in row[2:]]


def test_each_requirement_has_a_cell_for_each_target() -> None:
    (section,) = TREE.xpath("//*[@id='coverage']")
    assert {len(row) for row in section.xpath(".//tr")} == {2 + len(TARGETS)}
    assert _cells(section, "Every interested resource gets the roster push") == ["held", "broken", "broken"]
    assert _cells(section, "A registration get") == ["held", "held", "not measured"]
    assert _cells(section, "The address of a subscription request") == ["untestable"] * 3
    assert "The look itself leaves no trace" in _text([section])


def test_requirement_that_one_side_is_not_asked_leaves_its_cell_empty() -> None:
    client = msgspec.structs.replace(
        case_finished("client", "a/b", "A", [], (Verdict.PASS, ())), perspective=Perspective.SERVER
    )
    tree = lxml_html.document_fromstring(html(summarize([*records(), client], REQUIREMENTS)))
    (section,) = tree.xpath("//*[@id='coverage']")
    assert _cells(section, "Every interested resource")[3] == "not asked of it"
    assert _cells(section, "A subscription request is shown to the user")[:1] == ["not asked of it"]


def _page_of(target: str) -> etree._Element:
    (anchor,) = TREE.xpath("//*[@id='targets']//th/a[contains(., $target)]/@href", target=target)
    (page,) = TREE.xpath("//details[@id=$id]", id=anchor[1:])
    return page


def test_each_target_has_a_page_that_stands_by_itself() -> None:
    assert [page.get("id") for page in _of_class("target")] == [
        "target-reference",
        "target-verona",
        "target-mantua",
    ]
    told = _text([_page_of("Verona")])
    for part in [
        "Verona 2.1.4 4 surprises (1 unexpected pass).",
        "15 scenarios with 2 monitors, in 2.4 s on 20 November 2025",
        "✓ 12 passed",
        "New 3 causes",
        "Romeo's phone was to receive a roster push and received nothing",
        "RFC 6121, 2.1.6 MUST · roster/set_is_pushed_to_all",
        "No longer shows 1 unexpected pass muc/presence_order",
        "Verona keeps no interest per resource; issue 1182",
        "Not measured 1 case",
        "By document",
        "Compliance suites",
        "at 127.0.0.1:5222, ready after 800 ms, CPU 820 ms (harness 900 ms), memory 46 MB",
        "50 % within",
    ]:
        assert part in told, part
    assert "Mantua" not in told
    assert "mantua" not in told


def test_page_of_a_target_that_was_given_up_says_so() -> None:
    told = _text([_page_of("Mantua")])
    assert "Given up: ended with signal 11" in told
    assert "unsupported no reason is given 2 cases: registration/fields, stream_management/resume" in told
    assert "error the target closed every connection 1 case: carbons/received" in told


def test_targets_whose_names_look_alike_have_anchors_of_their_own() -> None:
    cases = [case_finished(name, "a/b", "A", [], (Verdict.PASS, ())) for name in ("a b", "a/b", "<a>")]
    tree = lxml_html.document_fromstring(html(summarize(cases, {})))
    anchors = tree.xpath("//details[@class='target']/@id")
    assert anchors == ["target-a-b", "target-a-b-2", "target--a-"]
    assert tree.xpath("//*[@id='targets']//th/a/@href") == [f"#{anchor}" for anchor in anchors]


def test_unexpected_pass_is_named_at_the_front_and_leads_to_its_case() -> None:
    told = _text(TREE.xpath("//*[@id='absences']"))
    assert "1 case" in told
    assert "unexpected pass a known deviation did not show" in told
    assert "verona muc/presence_order" in told
    (anchor,) = TREE.xpath("//*[@id='absences']//a/@href")
    assert TREE.xpath("//details[@id=$id]", id=anchor.removeprefix("#"))
    assert "8 surprises (1 unexpected pass)." in _text(TREE.xpath("//*[@id='headline']"))


def test_masked_text_stays_masked() -> None:
    assert "[masked]" in PAGE
    secret = "c2VjcmV0LXBhc3N3b3Jk"
    exchange = Exchange(at=0.0, actor="Romeo", direction="sent", kind="bytes", text="<auth>[masked]</auth>")
    case = CaseFinished(
        target="t",
        case="a/b",
        title="A",
        perspective=Perspective.CLIENT,
        verdict=Verdict.FAIL,
        family="a",
        exchanges=[exchange],
    )
    page = html(summarize([case], {})).decode()
    assert "[masked]" in page
    assert secret not in page


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [RunFinished(finished=1.0, exit_code=130, interrupted=True)],
        [case_finished("t", "top", "Top", [], (Verdict.ERROR, ()))],
        records()[:4],
    ],
)
def test_record_of_any_shape_gives_a_page(lines: list[Record]) -> None:
    tree = lxml_html.document_fromstring(html(summarize(lines, REQUIREMENTS)))
    assert tree.xpath("//h1")[0].text == "The run was cut short."


def test_interrupted_run_says_so() -> None:
    page = html(summarize([RunFinished(finished=1.0, exit_code=130, interrupted=True)], {})).decode()
    assert "The run was interrupted." in page


def test_large_run_stays_small() -> None:
    lines = large(150, 4)
    page = html(summarize(lines, REQUIREMENTS))
    assert len(page) < 150 * 15_000, "1,000 cases against 4 targets have to stay below 15 MB"


def test_pieces_come_out_of_their_places() -> None:
    packer = Packer()
    places = [packer.pack(f"<p>{number}</p>") for number in range(95)]
    assert [place.block for place in (places[0], places[39], places[40], places[94])] == [0, 0, 1, 2]
    assert len(packer.blocks()) == 3
    assert len({(place.block, place.piece) for place in places}) == 95


def test_two_thousand_cases_make_a_page_that_can_be_mailed() -> None:
    cases = [one for one in records() if isinstance(one, CaseFinished)]
    others = [one for one in records() if not isinstance(one, CaseFinished)]
    many = [
        msgspec.structs.replace(
            one,
            case=f"{one.family}/case_{number}",
            exchanges=[
                msgspec.structs.replace(each, text=f"{each.text}<!-- {number} {at} -->")
                for at, each in enumerate(one.exchanges)
            ],
        )
        for number in range(2000)
        for one in [cases[number % len(cases)]]
    ]
    page = html(summarize([*others, *many], REQUIREMENTS))
    assert page.count(b"case_1999") > 0
    assert len(page) < 5_000_000


def test_page_of_a_large_run_keeps_what_went_wrong_and_packs_the_rest() -> None:
    tree = lxml_html.document_fromstring(html(summarize(large(300, 4), REQUIREMENTS)))
    packed = tree.xpath("//details[@class='case'][div[contains(@class, 'packed')]]")
    assert len(packed) > 200
    assert not any(_of_class("requirement", case) for case in packed)
    assert "rfc6120-6.5.10-no-user-enumeration RFC 6120, 6.5.10" in packed[0].get("data-words")
    whole = tree.xpath("//details[@class='case'][div[@class='body']]")
    assert whole
    for case in whole:
        assert _of_class("difference", case)
    ids = tree.xpath("//@id")
    assert {link.get("href")[1:] for link in tree.xpath("//a")} <= set(ids)
