"""Settings of the property tests here: an example may take as long as the machine takes."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("dates", deadline=None)
settings.load_profile("dates")
