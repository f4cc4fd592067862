"""What the DAGs need Airflow itself to know; the setting ``[core] plugins_folder`` names this folder."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from dags.priority import ScheduledFirst


class WarraqPlugin(AirflowPlugin):
    """Registers which waiting crawl goes first."""

    name = "warraq"
    priority_weight_strategies = [ScheduledFirst]  # noqa: RUF012  # as Airflow's class has it
