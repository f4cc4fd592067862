"""Links on the pages of tasks, to where the reader goes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseOperatorLink, BaseXCom

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey

REPORT = "report"
"""The XCom by which a task says under which key of the bucket its report lies."""


class ReportLink(BaseOperatorLink):
    """To the report of the run as a page, behind Airflow's login; to nothing where the task has written none."""

    name = "Report · التقرير"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:  # noqa: ARG002  # as Airflow calls it
        """The page's address; Airflow asks for it in the task's process, when the task is over, however it ended."""
        key: str | None = BaseXCom.get_value(ti_key=ti_key, key=REPORT)  # type: ignore[arg-type]  # only read there
        return f"/warraq/{key.rpartition('/')[0]}/" if key else ""
