"""What holds for all tests."""

import hypothesis

# How long an example takes is the machine's matter, which others may use too.
hypothesis.settings.register_profile("whatever the machine", deadline=None)
hypothesis.settings.load_profile("whatever the machine")
