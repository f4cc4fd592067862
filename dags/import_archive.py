"""The DAG ``import_archive``: pages out of archives that others made, by a form."""

from __future__ import annotations

import logging
from contextlib import redirect_stderr
from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING, Unpack

from airflow.sdk import DAG, Param, task
from airflow.sdk.exceptions import AirflowFailException

from dags.bucket import imports_asset, open_bucket
from dags.forms import FormError, check_import, configured, names, refuse
from dags.priority import BY_HAND, CRAWLS, FORM
from pipeline.sources import find_source
from pipeline.urls import SECRETS, without_secrets

if TYPE_CHECKING:
    from airflow.sdk import Context

_LOG = logging.getLogger(__name__)

_DOC = """\
### Pages out of archives that others made

Takes the pages of one source out of [WARC](https://iipc.github.io/warc-specifications/), ARC and
[WACZ](https://specs.webrecorder.net/wacz/1.1.1/) files into `captures/`: what the sites sent byte for byte, and with the archives'
own capture times.
The DAG `corpus` follows by itself.

| Task | Does |
| --- | --- |
| `check` | refuses at once a form that cannot be done |
| `take_in` (one for each location, in turn) | takes in one file; its log counts what was kept, known before, and left out |

**Locations**, one a line: `s3://` addresses, in the store of the bucket; `http://` and `https://` addresses on the internet, at the
ports 80 and 443 or one that the source's file names; paths on the workers. An address with a password or a signature in it is
refused, since all who may read this DAG would see it: put the file where the workers read it, into the store of the bucket or on
their disks, or take it in on the command line, by `warraq import`.

**What the bucket has already is not taken twice**: clear a task, or start the import again, as often as you like. A file that
cannot be had or read *fails* at once, in one sentence; the others go on. What is damaged within a file costs the records concerned
and no others. A file from the web or a store is fetched into a temporary file first: the worker's disk must have room for it.
"""


@task(priority_weight=FORM, weight_rule="absolute")
def check(**context: Unpack[Context]) -> list[str]:
    """The locations, each once."""
    try:
        return check_import(context["params"]["source"], context["params"]["locations"])
    except FormError as error:
        raise refuse(error) from None


@task(
    priority_weight=BY_HAND,
    weight_rule="absolute",
    queue=CRAWLS,
    max_active_tis_per_dag=1,  # each asks what is stored already, so that two with the same pages must not meet
    outlets=[imports_asset()],
    retries=3,
    retry_delay=timedelta(seconds=20),
    retry_exponential_backoff=4,
    map_index_template="{{ task.op_kwargs['location'].partition('?')[0] }}",
    doc_md="Takes in one archive; returns the numbers of pages kept, and known before.",  # a mapped task's docstring is not shown
)
def take_in(location: str, **context: Unpack[Context]) -> dict[str, int]:
    """Take in one archive, and tell the corpus where anything was kept; return the pages kept, and known before."""
    from pipeline.import_archives import ArchiveFileError, import_archive

    source = find_source(context["params"]["source"])
    try:
        with redirect_stderr(StringIO()):  # warcio's own words on what it cannot read
            done = import_archive(open_bucket(), source, location)
    except ArchiveFileError as error:
        raise AirflowFailException(str(error)) from None
    _LOG.info("%s: %d pages taken in, %d known before", without_secrets(location), done.kept, done.known)
    for told in done.left_out_told():
        _LOG.info("%s", told)
    if done.hosts:
        most = ", ".join(f"{host} {count}" for host, count in done.hosts.most_common(5))
        _LOG.info(
            "the other hosts, the most frequent first: %s; allowed_hosts of %s says which are its own", most, source.id
        )
    for loss in done.losses():
        _LOG.warning("%s", loss)
    if done.kept:
        context["outlet_events"][imports_asset()].extra.update(source=source.id, captured=done.kept, known=done.known)
    else:
        context["task"].outlets = []  # there is nothing to build
    return {"kept": done.kept, "known": done.known}


_sources = configured()

with DAG(
    "import_archive",
    dag_display_name="import archive · استيراد أرشيف",
    description="Take the pages of a source out of WARC, ARC and WACZ files",
    doc_md=_DOC,
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
    tags=["import"],
    params={
        "source": Param(
            type="string",
            enum=list(_sources),
            values_display=names(_sources),
            title="المصدر · Source",
            description="Whose pages are taken; those of other hosts are left out.",
        ),
        "locations": Param(
            [],
            type="array",
            items={"type": "string", "not": {"pattern": SECRETS}},  # refused here, nothing of it is kept
            minItems=1,
            title="الملفات · Locations",
            description="WARC, ARC or WACZ files, one a line: s3://, http:// or https:// addresses, or paths on the workers. "
            "No address with a password or a signature: all who may read the DAG see what is filled in.",
        ),
    },
    default_args={"owner": "warraq"},
) as dag:
    take_in.expand(location=check())
