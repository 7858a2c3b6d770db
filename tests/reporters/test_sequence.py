from harness.reporters.sequence import Mark, diagram
from harness.results.records import CaseFinished, Exchange, Finding, StepPlace
from harness.results.verdicts import Perspective, Verdict
from tests.reporters.sample import records

CASES = {(one.target, one.case): one for one in records() if isinstance(one, CaseFinished)}


def _case(exchanges: list[Exchange], **more: object) -> CaseFinished:
    fields = {"perspective": Perspective.CLIENT, "verdict": Verdict.FAIL} | more
    return CaseFinished(target="t", case="a/b", title="A", family="a", exchanges=exchanges, **fields)  # type: ignore[arg-type]


def _exchange(
    at: float, direction: str = "sent", text: str = "<presence/>", actor: str = "Romeo"
) -> Exchange:
    return Exchange(at=at, actor=actor, direction=direction, kind="bytes", text=text)


def test_target_stands_between_its_actors() -> None:
    picture = diagram(CASES["mantua", "roster/set_is_pushed_to_all"], "Mantua 0.9")
    assert [lane.name for lane in picture.lanes] == ["Romeo", "Mantua 0.9", "Romeo's phone"]
    assert [lane.is_centre for lane in picture.lanes] == [False, True, False]
    assert all(lane.x < picture.width for lane in picture.lanes)


def test_arrows_point_the_way_the_stanza_went() -> None:
    picture = diagram(_case([_exchange(0.0), _exchange(0.1, "received")]), "T")
    romeo, target = (lane.x for lane in picture.lanes)
    assert [(row.start, row.end) for row in picture.rows] == [(romeo, target), (target, romeo)]


def test_arrows_turn_round_when_we_play_the_server() -> None:
    picture = diagram(_case([_exchange(0.0)], perspective=Perspective.SERVER), "T")
    romeo, harness = picture.lanes
    assert harness.name == "xmpp-harness"
    assert (picture.rows[0].start, picture.rows[0].end) == (harness.x, romeo.x)


def test_uneventful_login_is_one_row() -> None:
    rows = diagram(CASES["reference", "roster/set_is_pushed_to_all"], "R").rows
    logins = [row for row in rows if row.mark is Mark.LOGIN]
    assert [row.number for row in logins] == ["1–9", "10–18"]
    assert logins[0].label == "logs in, TLSv1.3, SCRAM-SHA-256"


def test_login_that_is_all_of_the_case_is_drawn_in_full() -> None:
    case = CASES["reference", "login/scram_and_bind"]
    assert len(diagram(case, "R").rows) == len(case.exchanges)


def test_login_with_a_finding_in_it_is_drawn_in_full() -> None:
    case = CASES["mantua", "roster/set_is_pushed_to_all"]
    inside = Finding(cause="c", message="m", at=0.005)
    marks = [row.mark for row in diagram(_case(case.exchanges, findings=[inside]), "R").rows]
    assert marks.count(Mark.LOGIN) == 1
    assert marks.index(Mark.FINDING) < marks.index(Mark.LOGIN)


def test_finding_stands_where_it_showed_or_at_the_end() -> None:
    exchanges = [_exchange(0.0), _exchange(0.1), _exchange(0.2)]
    step = StepPlace(file="a.scs", line=7)
    timed = Finding(cause="c", message="m", step=step, at=0.1)
    untimed = Finding(cause="c", message="n")
    rows = diagram(_case(exchanges, findings=[timed, untimed]), "T").rows
    assert [row.mark for row in rows] == [Mark.SENT, Mark.SENT, Mark.FINDING, Mark.SENT, Mark.FINDING]
    assert rows[2].label == "✗ line 7: m"


def test_long_conversation_keeps_its_ends() -> None:
    picture = diagram(_case([_exchange(number / 10) for number in range(1000)]), "T")
    assert picture.left_out == 840
    assert len(picture.rows) == 161
    assert (picture.rows[0].number, picture.rows[-1].number) == ("1", "1000")


def test_long_conversation_keeps_what_was_found_in_its_middle() -> None:
    found = Finding(cause="c", message="m", at=50.05)
    exchanges = [_exchange(number / 10) for number in range(1000)]
    picture = diagram(_case(exchanges, findings=[found], verdict=Verdict.FAIL), "T")
    place = next(place for place, row in enumerate(picture.rows) if row.mark is Mark.FINDING)
    assert (picture.rows[place - 1].number, picture.rows[place + 1].number) == ("501", "502")
    assert (picture.rows[0].number, picture.rows[-1].number) == ("1", "1000")
    drawn = sum(bool(row.number) for row in picture.rows)
    assert drawn + picture.left_out == 1000


def test_many_actors_and_none() -> None:
    many = diagram(_case([_exchange(0.0, actor=f"Actor {number}") for number in range(7)]), "T")
    assert len(many.lanes) == 8
    assert len({lane.x for lane in many.lanes}) == 8
    nobody = diagram(_case([Exchange(at=0.0, actor="", direction="", kind="note", text="n")]), "T")
    assert len(nobody.lanes) == 1
    assert nobody.rows[0].is_band


def test_actor_with_the_name_of_the_target_keeps_a_lane() -> None:
    picture = diagram(_case([_exchange(0.0, actor="T")]), "T")
    assert [lane.is_centre for lane in picture.lanes] == [False, True]
    assert picture.rows[0].start != picture.rows[0].end
