"""inkwise serve"""

import ipaddress
import os
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from inkwise.cli.output import note
from inkwise.errors import ServingError

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_OPEN_TO_ALL = (
    "inkwise: everybody who reaches {host} may use this server; "
    "give it --api-key-file or $INKWISE_API_KEY to ask for a key"
)
_LEAST_KEY = 16  # characters


def serve(
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN]",
            help="A run folder or a classifier.safetensors; the reader of inkwise if left out.",
        ),
    ] = None,
    beside: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RUN", help="Another one to compare it with; `reader` is the reader of inkwise."
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address to listen at; 0.0.0.0 lets other machines in.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8000,
    api_key_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A file with the key that requests must show; or set $INKWISE_API_KEY."
        ),
    ] = None,
    corrections: Annotated[
        bool | None,
        typer.Option(
            help="Keep corrections that people send; if left out, only where a key or 127.0.0.1 keeps "
            "strangers away."
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A further host name by which browsers may call, for a proxy."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 1,
    open_page: Annotated[bool, typer.Option("--open", help="Show the page in a browser.")] = False,
) -> None:
    """Put a classifier behind HTTP: a page to draw on, and an API described at /openapi.json.

    Ctrl-C stops it: requests at work end first.
    """
    from inkwise.serving.listening.server import serve as run_server
    from inkwise.serving.settings import Settings

    key = _api_key(api_key_file)
    is_private = _is_loopback(host)
    if key is None and not is_private:
        note(_OPEN_TO_ALL.format(host=host))
    settings = Settings(
        runs=(run or "reader", *(beside or ())),
        api_key=key,
        takes_corrections=corrections if corrections is not None else is_private or key is not None,
        hosts=_hosts(host, allow_host or []) if is_private or allow_host else None,
    )

    def ready(address: str) -> None:
        note(f"listening at {address} (Ctrl-C stops)")
        if open_page:
            webbrowser.open(address)

    run_server(settings, host=host, port=port, workers=workers, on_ready=ready)


def _hosts(host: str, allowed: list[str]) -> frozenset[str]:
    return _LOOPBACK_NAMES | {name.lower() for name in (host, *allowed)}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _api_key(file: Path | None) -> str | None:
    """Return the key of a file, of the environment, or None.

    Raises:
        ServingError: the file cannot be read, or the key is too short or not of plain characters.
    """
    if file is None:
        key, source = os.environ.get("INKWISE_API_KEY"), "$INKWISE_API_KEY"
    else:
        source = f"--api-key-file {file}"
        try:
            key = file.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise ServingError(f"{source}: cannot be read ({error}); check the path") from None
    if key is None:
        return None
    if len(key) < _LEAST_KEY or not key.isascii() or not key.isprintable() or " " in key:
        raise ServingError(
            f"{source}: a key of {len(key)} characters, expected one line of at least {_LEAST_KEY} "
            "letters, digits and signs; make one with: openssl rand -hex 24"
        )
    return key
