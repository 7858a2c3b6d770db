"""What the monitors say they rest on is there, and asks something of the target."""

import pytest

from harness.catalogue.requirements import level_of, load_requirements
from harness.monitors.roll import all_monitors
from harness.results.verdicts import Level

REQUIREMENTS = load_requirements()


@pytest.mark.parametrize("monitor", all_monitors(), ids=lambda one: one.name)
def test_requirements_exist(monitor):
    assert set(monitor.requirements) <= set(REQUIREMENTS)


@pytest.mark.parametrize("monitor", all_monitors(), ids=lambda one: one.name)
def test_some_requirement_binds_the_target(monitor):
    for perspective in monitor.perspectives:
        levels = {level_of(REQUIREMENTS[one], perspective) for one in monitor.requirements}
        assert levels & {Level.MUST, Level.SHOULD}
