"""A parquet file: finding it, opening it, and which of its columns holds the pictures.

Needs pyarrow, the extra `parquet`; nothing outside this folder and inkwise.scale imports it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from inkwise.data.formats.paths import list_entries, shards_by_part
from inkwise.errors import DataError

_IMAGE_COLUMNS = ("image", "img")
_READ_BYTES = 1 << 16


def find_parquet_files(folder: Path) -> dict[str, list[Path]]:
    """Return the parquet files of a folder by part, as of shards_by_part, each sorted by name."""
    entries = list_entries(folder)
    return shards_by_part(path for path in entries if path.suffix == ".parquet" and path.is_file())


def open_parquet(source: Path | IO[bytes], *, name: str, metadata: Any = None) -> Any:
    """Return the open parquet file; the caller closes it, or lets go of it.

    Args:
        source: a path, or a file that can be sought in.
        name: what error messages call it.
        metadata: its footer, where it has been read before.
    Raises:
        DataError: pyarrow is not installed, or this is no whole parquet file.
    """
    try:
        import pyarrow.parquet  # the extra may be absent, and it is slow to import
    except ImportError:
        raise DataError(
            f"{name}: reading parquet needs pyarrow, which is not installed; "
            "run: pip install 'inkwise[parquet]'"
        ) from None
    try:
        # Read in small pieces: else pyarrow holds a whole row group's column, packed.
        return pyarrow.parquet.ParquetFile(
            source, metadata=metadata, buffer_size=_READ_BYTES, pre_buffer=False
        )
    except (OSError, ValueError) as error:
        raise unreadable_parquet(name, error) from error


def unreadable_parquet(name: str, error: Exception) -> DataError:
    """Return the error that says a parquet file cannot be read, by pyarrow's own error."""
    return DataError(f"{name}: cannot be read as parquet ({error}); expected a whole file, get it again")


def image_column(names: Sequence[str], *, name: str) -> str:
    """Return which of a parquet file's columns holds the pictures.

    Args:
        names: of its columns.
        name: what error messages call the file.
    Raises:
        DataError: none is called so.
    """
    image = next((column for column in _IMAGE_COLUMNS if column in names), None)
    if image is None:
        raise DataError(
            f"{name}: columns {', '.join(names)}, expected image (bytes or path) and label; rename them"
        )
    return image
