"""How a snapshot is cited: ``CITATION.cff`` for people and reference managers, DataCite's metadata for who registers a DOI.

Both follow from the snapshot's manifest, and name its SHA-256: whoever is handed the name and that checksum can tell whether he has
what was cited. Citation File Format 1.2.0 (https://citation-file-format.github.io), DataCite Metadata Schema 4.5 as JSON
(https://schema.datacite.org/meta/kernel-4.5/).
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pipeline.yaml_text import to_yaml

TITLE = "Arabic conflict reporting"
"""What the corpus is called wherever it is cited."""

CITATION, DATACITE = "CITATION.cff", "datacite.json"

UNKNOWN = ":unav"
"""DataCite's own word for a value that is not known: https://datacite-metadata-schema.readthedocs.io/en/4.5/appendices/appendix-3/"""

_NOBODY = "unnamed depositor"
_RIGHTS = "The texts are their outlets' and authors'. What may be done with them is for the law of the place to say."


def citation_cff(manifest: bytes, publisher: str | None) -> bytes:
    """The ``CITATION.cff`` of a snapshot, by the bytes of its manifest; `publisher` is the person or body who deposits it."""
    told = json.loads(manifest)
    file = {
        "cff-version": "1.2.0",
        "message": "If you use this state of the corpus, please cite it as below, with the SHA-256 of its manifest.",
        "type": "dataset",
        "title": _title(told),
        "abstract": _abstract(told),
        "authors": [{"name": publisher or _NOBODY}],
        "version": told["name"],
        "date-released": told["made_at"][:10],
        "identifiers": [
            {
                "type": "other",
                "value": f"sha256:{hashlib.sha256(manifest).hexdigest()}",
                "description": "SHA-256 of manifest.json, which names that of every file",
            }
        ],
    }
    return to_yaml(file).encode()


def datacite_json(manifest: bytes, publisher: str | None) -> bytes:
    """DataCite's metadata of a snapshot as JSON, but for the DOI, which whoever registers it adds."""
    told = json.loads(manifest)
    name = publisher or UNKNOWN
    file = {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "News corpus"},
        "titles": [{"title": _title(told), "lang": "en"}],
        "creators": [{"name": name, "nameType": "Organizational"} if publisher else {"name": name}],
        "publisher": {"name": name},
        "publicationYear": told["made_at"][:4],
        "dates": [
            {"date": told["made_at"], "dateType": "Created"},
            {
                "date": "/".join(_days(told)),
                "dateType": "Other",
                "dateInformation": "days of publication of the articles",
            },
        ],
        "language": "ar",
        "version": told["name"],
        "sizes": [f"{told['articles']} articles", f"{sum(part['bytes'] for part in told['partitions'])} bytes"],
        "formats": ["application/vnd.apache.parquet"],
        "alternateIdentifiers": [
            {
                "alternateIdentifier": hashlib.sha256(manifest).hexdigest(),
                "alternateIdentifierType": "SHA-256 of manifest.json",
            }
        ],
        "descriptions": [{"description": _abstract(told), "descriptionType": "Abstract", "lang": "en"}],
        "rightsList": [{"rights": _RIGHTS, "lang": "en"}],
    }
    return (json.dumps(file, ensure_ascii=False, indent=1) + "\n").encode()


def _title(told: dict[str, Any]) -> str:
    return f"{TITLE}, snapshot {told['name']}: corpus gathered with warraq"


def _days(told: dict[str, Any]) -> tuple[str, str]:
    """The first and the last day of publication."""
    days = [part["published"] for part in told["partitions"]]
    return min(days), max(days)


def _abstract(told: dict[str, Any]) -> str:
    first, last = _days(told)
    return (
        f"{told['articles']} articles of Arabic news sites, published from {first} to {last}, one row for each distinct article, "
        f"as the corpus stood on {told['made_at'][:10]}. Each row names the captured page that it was read from."
    )
