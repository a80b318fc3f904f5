"""The catalogue and the state of its files in words, for `inkwise data`."""

from collections.abc import Sequence
from typing import Any

from inkwise.data.cache import CatalogueListing, FileCheck
from inkwise.data.formats.paths import printable
from inkwise.errors import DataError

_PROOFS = {
    "sha256": "whole (SHA-256)",
    "md5": "whole (MD5; no SHA-256 of this form is published)",
    "structure": "shape and length right (no sum of this form is published)",
}


def listing_to_json(listing: CatalogueListing) -> dict[str, Any]:
    """Return a line of the catalogue as `inkwise data list --json` prints it."""
    entry = listing.entry
    return {
        "name": entry.name,
        "summary": entry.summary,
        "classes": list(entry.classes),
        "num_train": entry.num_train,
        "num_test": entry.num_test,
        "licence": entry.licence,
        "homepage": entry.homepage,
        "found": listing.found,
        "path": None if listing.path is None else printable(listing.path),
        "size_bytes": listing.size_bytes,
    }


def listing_table(listings: Sequence[CatalogueListing]) -> str:
    """Return the catalogue as a table of plain text, a set a row and its summary below."""
    width = max(len(listing.entry.name) for listing in listings)
    lines = [f"{'name':{width}}  classes    train     test      size  where"]
    for listing in listings:
        entry = listing.entry
        lines.append(
            f"{entry.name:{width}}  {len(entry.classes):7}  {entry.num_train:7,}  {entry.num_test:7,}  "
            f"{megabytes(listing.size_bytes):>8}  {_where(listing)}"
        )
        lines.append(f"{'':{width}}  {entry.summary}. Licence: {entry.licence}")
    return "\n".join(lines)


def megabytes(size_bytes: int) -> str:
    """Return a size for people.

    >>> megabytes(11_594_722)
    '11.6 MB'
    """
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes else "-"


def check_line(check: FileCheck) -> str:
    """Return what was found of one file."""
    where = printable(check.path) if check.path else check.file
    if check.state == "whole":
        return f"{check.dataset}: {where}: {_PROOFS[check.detail]}"
    return f"{check.dataset}: {where}: {check.state.upper()}"


def raise_first_fault(checks: Sequence[FileCheck]) -> None:
    """Raise the first fault of a check, the damaged before the missing; nothing when all are whole.

    Raises:
        DataError: a file is damaged or missing.
    """
    for state in ("damaged", "missing"):
        faults = [check for check in checks if check.state == state]
        if faults:
            first = faults[0]
            more = f" ({len(faults)} files are {state})" if len(faults) > 1 else ""
            raise DataError((first.detail if state == "damaged" else _missing(first)) + more)


def _missing(check: FileCheck) -> str:
    return f"{check.dataset}: {check.file} is {check.detail}"


def _where(listing: CatalogueListing) -> str:
    if listing.found is None:
        return f"not here: inkwise data fetch {listing.entry.name}"
    return listing.found if listing.path is None else f"{listing.found}: {printable(listing.path)}"
