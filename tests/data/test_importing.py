"""Files the user has, in every form they come in, taken into the cache."""

import gzip
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from tests.data.tiny_sets import NUM_TRAIN, tiny_set

from inkwise.data.cache import load_catalogue_dataset
from inkwise.data.catalogue import Bundle, CatalogueEntry
from inkwise.data.importing import import_dataset
from inkwise.errors import DataError


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INKWISE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "data" / "tiny"


def without_unpacked_sums(entry: CatalogueEntry) -> CatalogueEntry:
    return replace(entry, files=tuple(replace(file, unpacked_sha256=None) for file in entry.files))


def put(folder: Path, files: dict[str, bytes]) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


def test_files_in_any_order_and_under_any_name_are_known(tmp_path: Path, cache: Path) -> None:
    entry, files = tiny_set()
    renamed = {f"{number}.bin": content for number, content in enumerate(files.values())}
    written = import_dataset(entry, put(tmp_path / "mine", renamed)[::-1])
    assert [path.name for path in written] == list(files)
    assert all(path.read_bytes() == files[path.name] for path in written)
    assert len(load_catalogue_dataset(entry, fetch=False).train) == NUM_TRAIN


def test_unpacked_files_stay_unpacked(tmp_path: Path) -> None:
    entry, files = tiny_set()
    unpacked = {name.removesuffix(".gz"): gzip.decompress(content) for name, content in files.items()}
    written = import_dataset(entry, put(tmp_path / "mine", unpacked))
    assert [path.name for path in written] == list(unpacked)


def test_unpacked_file_replaces_a_damaged_packed_one(tmp_path: Path, cache: Path) -> None:
    entry, files = tiny_set()
    put(cache, {name: content[:-9] for name, content in files.items()})
    unpacked = {name.removesuffix(".gz"): gzip.decompress(content) for name, content in files.items()}
    import_dataset(entry, put(tmp_path / "mine", unpacked))
    assert len(load_catalogue_dataset(entry, fetch=False).train) == NUM_TRAIN


def test_folder_is_searched_and_strangers_in_it_passed_over(tmp_path: Path) -> None:
    entry, files = tiny_set()
    put(tmp_path / "mine" / "raw", files)
    put(
        tmp_path / "mine",
        {"notes.txt": b"hello", "other.gz": gzip.compress(b"hello"), "cut.gz": b"\x1f\x8b\x08"},
    )
    assert len(import_dataset(entry, [tmp_path / "mine"])) == 4


def test_zip_is_searched(tmp_path: Path) -> None:
    entry, files = tiny_set()
    path = tmp_path / "gzip.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("gzip/readme.txt", "hello")
        for name, content in files.items():
            archive.writestr(f"gzip/{name}", content)
    assert len(import_dataset(without_unpacked_sums(entry), [path])) == 4


def test_zip_with_a_damaged_member_is_refused(tmp_path: Path) -> None:
    """The zip's directory is whole; what was packed is no deflate stream."""
    entry, files = tiny_set()
    path = tmp_path / "gzip.zip"
    name = entry.files[0].packed_name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, files[name])
    raw = bytearray(path.read_bytes())
    raw[30 + len(name)] = 0xFF
    path.write_bytes(raw)
    with pytest.raises(
        DataError, match=r"gzip.zip: no whole zip archive \(.*block type\); give another copy"
    ):
        import_dataset(entry, [path])


def test_file_without_a_known_sum_needs_its_name(tmp_path: Path) -> None:
    entry, files = tiny_set()
    entry = without_unpacked_sums(entry)
    unpacked = {name.removesuffix(".gz"): gzip.decompress(content) for name, content in files.items()}
    assert len(import_dataset(entry, put(tmp_path / "named", unpacked))) == 4
    renamed = put(tmp_path / "renamed", {"a": next(iter(unpacked.values()))})
    with pytest.raises(DataError, match=r"renamed/a is or holds no file of tiny; expected train-images-idx3"):
        import_dataset(entry, renamed)


def test_stranger_is_refused_before_anything_is_copied(tmp_path: Path, cache: Path) -> None:
    entry, files = tiny_set()
    paths = put(tmp_path / "mine", files | {"notes.txt": b"hello"})
    with pytest.raises(DataError, match=r"notes.txt is or holds no file of tiny; expected train-images"):
        import_dataset(entry, paths)
    assert not cache.exists()


def test_named_file_with_other_content_is_refused(tmp_path: Path) -> None:
    entry, files = tiny_set()
    name = entry.files[0].packed_name
    paths = put(tmp_path / "mine", {name: gzip.compress(bytes(entry.files[0].unpacked_bytes))})
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte.gz: sha256 begins .*; give another copy"):
        import_dataset(entry, paths)
    paths = put(tmp_path / "mine", {name: files[name][:-5]})
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte.gz: the gzip data is cut short"):
        import_dataset(entry, paths)


def test_files_may_come_in_several_steps(tmp_path: Path) -> None:
    entry, files = tiny_set()
    paths = put(tmp_path / "mine", files)
    with pytest.raises(
        DataError, match=r"tiny: took 3 of its 4 files, still missing: t10k-labels-idx1-ubyte.gz"
    ):
        import_dataset(entry, paths[:3])
    assert len(import_dataset(entry, paths[3:])) == 1


def test_missing_path_is_named(tmp_path: Path) -> None:
    entry, _ = tiny_set()
    with pytest.raises(DataError, match=r"absent.gz: cannot be read \(No such file or directory\)"):
        import_dataset(entry, [tmp_path / "absent.gz"])


def test_built_in_set_takes_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="digits comes with inkwise, no file is expected"):
        import_dataset("digits", [tmp_path])


def test_text_table_gives_images_and_labels(tmp_path: Path) -> None:
    import numpy as np

    lines = {
        part: f"1 {' '.join(['-1'] * 256)}\n2 {' '.join(['1'] * 256)}\n".encode()
        for part in ("train", "test")
    }
    images = np.stack([np.zeros((16, 16), np.uint8), np.full((16, 16), 255, np.uint8)])
    labels = np.array([1, 2], np.uint8)
    arrays = {"train_images": images, "train_labels": labels, "test_images": images, "test_labels": labels}
    bundles = tuple(
        Bundle("text", f"zip.{part}.gz", "tiny", 1, "", (), (f"{part}_images", f"{part}_labels"))
        for part in lines
    )
    entry, _ = tiny_set(arrays, bundles=bundles, num_train=2, num_test=2)
    paths = put(tmp_path / "mine", {"zip.train": lines["train"], "zip.test.gz": gzip.compress(lines["test"])})
    assert len(import_dataset(entry, paths)) == 4
    assert load_catalogue_dataset(entry, fetch=False).train.labels.tolist() == [1, 2]
