"""The DAGs: schedules, parameters, wiring and documentation. What they run lives in `crawlers` and `pipeline`."""
