"""What the bucket holds of a source, counted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pipeline.bucket import Bucket
from pipeline.captures import list_page_files
from pipeline.coverage import count_records


@dataclass(frozen=True, slots=True)
class Holdings:
    """How many capture files with pages, rows of ``documents/``, articles of these, and records of ``coverage/``."""

    captures: int
    documents: int
    articles: int
    coverage: int

    def __str__(self) -> str:
        """The counts as a sentence names them."""
        return (
            f"{self.captures} capture files, {self.documents} documents ({self.articles} of them articles) and "
            f"{self.coverage} crawls' records of coverage"
        )


def holdings_of(bucket: Bucket, ids: Collection[str]) -> Holdings:
    """Count what the bucket holds under a source's ids.

    Raises:
        BucketError: the store cannot be reached.
    """
    # Turning a source on and off does without Arrow.
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    from pipeline.documents import Documents  # noqa: PLC0415
    from pipeline.duplicates import ARTICLE  # noqa: PLC0415

    decisions = Documents(bucket).read(["decision"], pc.field("source").isin(pa.array(sorted(ids), pa.string())))
    return Holdings(
        captures=len(list_page_files(bucket, *ids)),
        documents=len(decisions),
        articles=decisions["decision"].to_pylist().count(ARTICLE),
        coverage=count_records(bucket, ids),
    )
