"""Memory that grows, and memory that does not."""

import pytest

from harness.fuzz.servers.growth import Growth


def looks(count: int, for_each: int, jump: int = 0) -> Growth:
    growth = Growth()
    for number in range(1, count + 1):
        memory = 50_000_000 + number * 100 * for_each + (jump if number > count // 2 else 0)
        growth.look(number * 100, memory)
    return growth


def test_what_goes_on_and_on_is_noticed() -> None:
    trouble = looks(20, for_each=65_536).trouble()
    assert trouble is not None
    assert trouble.cause == "memory grows with each sample"


@pytest.mark.parametrize(
    "growth",
    [
        pytest.param(looks(20, for_each=4_096), id="what-is-kept-rightly"),
        pytest.param(looks(20, for_each=0, jump=100_000_000), id="once"),
        pytest.param(looks(5, for_each=65_536), id="too-few-looks"),
    ],
)
def test_what_does_not_is_not(growth: Growth) -> None:
    assert growth.trouble() is None


def test_where_memory_is_not_known_nothing_is_said() -> None:
    growth = Growth()
    for number in range(50):
        growth.look(number, 0)
    assert growth.for_each() is None
