"""Where the pictures of a tar lie and what their labels say: found once, kept in the cache."""

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkwise.data.formats.paths import file_key, printable
from inkwise.data.streaming.tar_members import IMAGE, LABEL, Members, find_members
from inkwise.errors import DataError, OutputError
from inkwise.files import write_atomically

_LAYOUT = "1"  # a change of what is written means a new number, so that old files are not taken


@dataclass(frozen=True)
class TarIndex:
    """The pictures of a tar, N of them.

    Attributes:
        offsets: (N,) int64, where the bytes of each picture begin.
        sizes: (N,) int32, their number.
        codes: (N,) int32, the place of each label in texts; empty where there are no labels.
        texts: what the labels say, each once; None where there are no labels.
    """

    offsets: NDArray[np.int64]
    sizes: NDArray[np.int32]
    codes: NDArray[np.int32]
    texts: tuple[str, ...] | None

    def __len__(self) -> int:
        return len(self.offsets)


def load_index(path: Path, *, folder: Path) -> TarIndex:
    """Return the index of a tar, from the cache folder, or made anew where it is not there.

    The file's path, size and time say whether the one in the cache is still of this file. A cache that
    cannot be written to costs time at the next start, and nothing else.

    Raises:
        DataError: the tar is damaged, compressed or empty, or pictures and labels do not pair up.
    """
    key = hashlib.sha256(_LAYOUT.encode() + file_key(path)).hexdigest()[:32]
    stored = folder / f"{key}.npz"
    try:
        return _read(stored)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        index = make_index(find_members(path), name=printable(path))
    try:
        stored.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(stored, _to_bytes(index))
    except (OSError, OutputError):
        pass
    return index


def make_index(members: Members, *, name: str) -> TarIndex:
    """Return the index of what find_members found; name is what error messages call the tar.

    Raises:
        DataError: there are no pictures, or pictures and labels do not pair up.
    """
    pictures, labels = (np.flatnonzero(members.kinds == kind) for kind in (IMAGE, LABEL))
    if not len(pictures):
        raise DataError(
            f"{name}: {len(members.kinds)} files but no pictures; "
            "expected NAME.png and NAME.cls side by side, leave the file out or write it again"
        )
    groups = np.cumsum(members.is_new)
    if len(np.unique(groups[pictures])) < len(pictures):
        twice = int(pictures[1:][np.diff(groups[pictures]) == 0][0])
        raise DataError(
            f"{name}: two pictures of one name at byte {members.offsets[twice]:,}; "
            "expected one picture and one label a name, rename them"
        )
    offsets, sizes = members.offsets[pictures], members.sizes[pictures].astype(np.int32)
    if not len(labels):
        return TarIndex(offsets, sizes, np.empty(0, np.int32), None)
    if not np.array_equal(groups[pictures], groups[labels]):
        alone = np.setxor1d(groups[pictures], groups[labels])
        first = int(np.flatnonzero(groups == alone[0])[0]) if len(alone) else 0
        raise DataError(
            f"{name}: {len(pictures)} pictures but {len(labels)} labels, the first without a partner at byte "
            f"{members.offsets[first]:,}; expected NAME.cls right beside each NAME.png, write the shard again"
        )
    texts, codes = np.unique(members.texts, return_inverse=True)
    return TarIndex(offsets, sizes, codes.astype(np.int32), tuple(texts.tolist()))


def _to_bytes(index: TarIndex) -> bytes:
    file = io.BytesIO()
    texts = np.array(index.texts if index.texts is not None else [], np.str_)
    has_labels = np.array(index.texts is not None)
    np.savez(
        file, offsets=index.offsets, sizes=index.sizes, codes=index.codes, texts=texts, has_labels=has_labels
    )
    return file.getvalue()


def _read(path: Path) -> TarIndex:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        texts = tuple(stored["texts"].tolist()) if stored["has_labels"] else None
        return TarIndex(stored["offsets"], stored["sizes"], stored["codes"], texts)
