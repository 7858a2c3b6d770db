import pytest

from harness.errors import TargetError
from harness.targets.hook import Hook


async def test_last_words_of_an_account_hook_hold_no_password() -> None:
    hook = Hook("echo cannot make {username} with {password} >&2; false", "", "a.example")
    for password in ("thorn", "a thorn's"):
        with pytest.raises(TargetError, match=r"cannot make romeo with \[masked\]") as failed:
            await hook.create("romeo", password)
        assert "thorn" not in str(failed.value)
