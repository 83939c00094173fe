"""How all tests of what is shared are run."""

from hypothesis import settings

settings.register_profile("toktra", deadline=None)  # no test asserts a time
settings.load_profile("toktra")
