"""`inkwise data`: the data sets known by name, and where their files are."""

from pathlib import Path
from typing import Annotated

import typer

from inkwise.cli.output import note, print_json

data = typer.Typer(help="The data sets known by name: list, fetch, import, check.", no_args_is_help=True)

JSON_HELP = (
    "Print one JSON list of {name, summary, classes, num_train, num_test, licence, homepage, found, path, "
    "size_bytes}; found is INKWISE_DATA, cache, built in or null; size_bytes is what is here, or to download."
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="A data set of `inkwise data list`.")]


@data.command("list")
def list_command(json: Annotated[bool, typer.Option("--json", help=JSON_HELP)] = False) -> None:
    """List the data sets, their sizes and licences, and where each was found."""
    from inkwise.cli.terminal.listing import listing_table, listing_to_json
    from inkwise.data.cache import list_datasets

    listings = list_datasets()
    if json:
        print_json([listing_to_json(listing) for listing in listings])
    else:
        typer.echo(listing_table(listings))


@data.command("fetch")
def fetch_command(name: Name) -> None:
    """Download what is missing of a data set into the cache; a broken download goes on where it stopped."""
    from inkwise.cli.terminal.transfer import show_progress
    from inkwise.data.fetch import fetch_dataset

    with show_progress(name) as on_progress:
        written = fetch_dataset(name, on_progress=on_progress)
    for path in written:
        typer.echo(path)
    if not written:
        note(f"{name}: nothing to fetch, every file is here and whole")


@data.command("import")
def import_command(
    name: Name,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Files of the set, packed or not, a folder or a zip.")
    ],
) -> None:
    """Take files you already have into the cache: in any order, known by their content."""
    from inkwise.data.importing import import_dataset

    for path in import_dataset(name, files):
        typer.echo(path)


@data.command("check")
def check_command(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="A data set; all that are here if left out.")
    ] = None,
) -> None:
    """Verify the files in $INKWISE_DATA and in the cache; fail where one is damaged or missing."""
    from inkwise.cli.terminal.listing import check_line, raise_first_fault
    from inkwise.data.cache import check_dataset

    checks = check_dataset(name)
    for check in checks:
        typer.echo(check_line(check))
    if not checks:
        note("nothing to check: no file is needed, or none is here")
    raise_first_fault(checks)
