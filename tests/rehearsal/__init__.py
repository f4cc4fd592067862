"""The production set-up of ``docker/compose.yaml``, run without Docker and broken on purpose; `make rehearse` runs it."""
