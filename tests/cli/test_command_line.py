"""`inkwise` as a person uses it, in a process of its own: exit codes, one line, one document, one table."""

import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from tests.data.formats.drawn import numbered, write_class_folders
from tests.golden_classifier import golden_classifier, square_images

from inkwise import __version__
from inkwise.classifier import Classifier
from inkwise.cli import main

DIGITS = ("--data", "digits", "--epochs", "1")


def inkwise(*arguments: str | Path, **more: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "inkwise", *map(str, arguments)]
    options = {"capture_output": True, "text": True, "timeout": 120, "check": False, **more}
    return subprocess.run(command, **options)  # type: ignore[call-overload,no-any-return]


def assert_fails(done: "subprocess.CompletedProcess[str]", match: str) -> None:
    """Exit 1, nothing on standard output, and one line that says it, without a traceback."""
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("inkwise: ")
    assert re.search(match, lines[0]), lines[0]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> "tuple[Path, subprocess.CompletedProcess[str]]":
    folder = tmp_path_factory.mktemp("here")
    return folder, inkwise("train", "mlp-sequential", *DIGITS, "--set", "batch_size=128", cwd=folder)


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> "Callable[..., subprocess.CompletedProcess[str]]":
    """Return what runs the same `main` in this process and in tmp_path: seconds less a message."""

    def run(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("GOMP_SPINCOUNT", os.environ.get("GOMP_SPINCOUNT", "10000"))
        monkeypatch.setattr(sys, "argv", ["inkwise", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            main()
        said = capsys.readouterr()
        return subprocess.CompletedProcess(sys.argv, int(caught.value.code or 0), said.out, said.err)

    return run


def test_version_is_told(here: "Callable[..., subprocess.CompletedProcess[str]]") -> None:
    done = here("--version")
    assert (done.returncode, done.stdout) == (0, f"inkwise {__version__}\n")


@pytest.fixture
def golden(tmp_path: Path) -> Path:
    golden_classifier().save(tmp_path / "golden.safetensors")
    return tmp_path / "golden.safetensors"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    Image.fromarray(square_images()[1]).save(tmp_path / "square.png")
    return tmp_path / "square.png"


# --- train -------------------------------------------------------------------------------------------------


def test_train_ends_with_accuracy_report_and_what_to_try_next(
    trained: "tuple[Path, subprocess.CompletedProcess[str]]",
) -> None:
    """P2."""
    folder, done = trained
    assert done.returncode == 0, done.stderr
    report, evaluate, inspect, predict, serve = done.stdout.splitlines()[-5:]
    assert re.match(
        r"\d+\.\d\d % on digits in \d+\.\d s\. \d+ of 359 test images were recognised", done.stdout.strip()
    )
    assert report == "report  runs/mlp-sequential-001/report.html"
    assert evaluate == "next    inkwise evaluate runs/mlp-sequential-001"
    assert inspect == "        inkwise inspect runs/mlp-sequential-001"
    assert predict == "        inkwise predict runs/mlp-sequential-001 PICTURE"
    assert serve == "        inkwise serve runs/mlp-sequential-001"
    assert (folder / "runs" / "mlp-sequential-001" / "report.html").is_file()


def test_train_without_a_terminal_writes_plain_lines(
    trained: "tuple[Path, subprocess.CompletedProcess[str]]",
) -> None:
    """T4, T6: a title and a line an epoch with both losses, both accuracies, speed and remaining time."""
    title, epoch = trained[1].stderr.splitlines()[-2:]
    assert title.split()[:3] == ["epoch", "train", "loss"]
    assert title.split()[-2:] == ["images/s", "ETA"]
    assert re.fullmatch(r"\s+1/1\s+\d\.\d{4}\s+\d+\.\d\d %\s+\d\.\d{4}\s+\d+\.\d\d %\s+[\d,]+\s+0:00", epoch)
    assert "\x1b" not in trained[1].stderr


def test_data_of_the_recipe_and_of_a_resumed_run_are_called_by_their_name(
    here: "Callable[..., subprocess.CompletedProcess[str]]", tmp_path: Path
) -> None:
    write_class_folders(tmp_path / "pictures", numbered(40), classes=("0", "1"))
    done = here("train", "mlp-sequential", "--set", "dataset=pictures", "--epochs", "1", "--out", "run")
    assert done.stderr.startswith("pictures: "), done.stderr
    assert re.search(r"^pictures: 40 of 40 images$", done.stderr, re.MULTILINE), done.stderr
    (tmp_path / "run" / "report.html").unlink()
    done = here("train", "--resume", "--out", "run")
    assert re.search(r"/pictures: 40 of 40 images$", done.stderr, re.MULTILINE), done.stderr


def test_train_at_a_terminal_shows_a_live_table(tmp_path: Path) -> None:
    """T4: on a pseudo-terminal as standard error; standard output stays for the result."""
    ours, theirs = pty.openpty()
    out = tmp_path / ("long" * 30)
    command = [sys.executable, "-m", "inkwise", "train", "mlp-class", *DIGITS, "--out", str(out)]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env=environment) as process:
        os.close(theirs)
        said = b""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            if not select.select([ours], [], [], 1)[0]:
                continue
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux: the other side has closed
                break
            if not piece:
                break
            said += piece
        result = process.stdout.read().decode() if process.stdout else ""
    os.close(ours)
    assert process.returncode == 0, said.decode()
    assert f"report  {out}/report.html\n" in result, "a path is never broken"
    assert b"\x1b[" in said, "a live table moves the cursor"
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.decode())
    for word in ("epoch", "train loss", "valid. acc.", "images/s", "ETA", "1/1"):
        assert word in text


@pytest.mark.parametrize(
    ("reason", "line"),
    [((), "stopped by Ctrl-C"), (("Ctrl-C; 3 of 7 are done",), "stopped by Ctrl-C; 3 of 7 are done")],
)
def test_interrupted_command_says_so_in_a_line(
    reason: tuple[str, ...], line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt(*reason)

    monkeypatch.setattr("inkwise.recipes.load.list_recipes", interrupted)
    monkeypatch.setattr(sys, "argv", ["inkwise", "recipes"])
    with pytest.raises(SystemExit) as stopped:
        main()
    said = capsys.readouterr()
    assert (stopped.value.code, said.out, said.err) == (1, "", f"inkwise: {line}\n")


@pytest.mark.slow
def test_interrupted_train_says_how_to_go_on_and_goes_on(tmp_path: Path) -> None:
    """Ctrl-C: exit 1 and one line; --resume then ends it."""
    command = ["train", "cnn-keras", "--data", "digits", "--epochs", "2", "--out", str(tmp_path / "run")]
    command += ["--set", "batch_size=256"]
    process = subprocess.Popen(
        [sys.executable, "-m", "inkwise", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 100
    while not (tmp_path / "run" / "environment.json").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.5)  # it trains: an epoch takes far longer
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (1, "")
    assert re.search(rf"inkwise: .*--resume --out {tmp_path}/run$", stderr.strip().splitlines()[-1]), stderr
    assert "Traceback" not in stderr
    if (tmp_path / "run" / "checkpoint.safetensors").exists():
        again = inkwise("train", "--resume", "--out", tmp_path / "run")
        assert again.returncode == 0, again.stderr


def test_learning_rate_too_high_ends_in_one_line_of_advice(
    tmp_path: Path, here: "Callable[..., subprocess.CompletedProcess[str]]"
) -> None:
    done = here("train", "mlp-class", *DIGITS, "--set", "learning_rate=1e9", "--out", tmp_path / "run")
    assert_fails(done, r"the training loss became (nan|inf) in epoch 1; .*try --set learning_rate=1e\+08")


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (("train", "quik"), "unknown recipe 'quik'; did you mean 'quick'"),
        (("train", *DIGITS, "--set", "lerning_rate=1"), "'lerning_rate'; did you mean 'learning_rate'"),
        (("train", *DIGITS, "--set", "epochs"), "--set epochs: expected KEY=VALUE"),
        (("train", *DIGITS, "--set", "dropout=7", "cnn-keras"), "dropout = 7"),
        (("train", "--data", "mnits"), "unknown dataset 'mnits'; did you mean 'mnist'"),
        (("train", "--data", "mnist"), "mnist.*inkwise data"),
        (("train", *DIGITS, "--device", "tpu"), "unknown device 'tpu'; expected auto, cpu, cuda or mps"),
        (("train", "--resume"), "resume needs to know which run: add --out RUN"),
        (("train", "--resume", "--out", "none"), "none: no such folder; expected a run"),
        (("train", *DIGITS, "--out", "file.txt"), r"file\.txt"),
        (("train", *DIGITS, "--out", "file.txt/run"), r"cannot write file\.txt/run/\.lock: .*--out"),
        (("train", *DIGITS, "--out", "full"), "full: the folder is not empty"),
        (("train", "broken.toml", *DIGITS), r"broken\.toml: not TOML"),
        (("evaluate", "file.txt"), r"file\.txt: not a whole safetensors file .*; expected a run or"),
        (("evaluate", "full"), r"full: holds no recipe\.toml"),
        (("compare", "full"), "at least 2 runs"),
        (("predict", "file.txt", "file.txt"), r"file\.txt: not a whole safetensors file"),
        (("predict", "none", "x.png"), "none: no such file; expected a run folder"),
        (("recipes", "quik"), "unknown recipe 'quik'; did you mean 'quick'"),
        (("reproduce", "S5"), "unknown study 'S5'"),
        (("explore", "empty"), "empty: the folder is empty"),
        (("explore", "none"), "none"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_failure_is_one_line_and_exit_1(
    arguments: tuple[str, ...],
    match: str,
    tmp_path: Path,
    here: "Callable[..., subprocess.CompletedProcess[str]]",
) -> None:
    (tmp_path / "file.txt").write_text("hello")
    (tmp_path / "broken.toml").write_text("epochs: 3")
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("years of work")
    assert_fails(here(*arguments), match)


@pytest.mark.parametrize(
    "arguments",
    [
        ("trian",),
        ("train", "--epochs", "0"),
        ("train", "--epochs", "many"),
        ("train", "--seed", "-1"),
        ("train", "--nothing"),
        ("evaluate",),
        ("predict", "run"),
        ("predict", "run", "x.png", "--json", "--csv", "x.csv"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_2_with_a_hint(
    arguments: tuple[str, ...], here: "Callable[..., subprocess.CompletedProcess[str]]"
) -> None:
    done = here(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Usage: inkwise" in done.stderr
    assert "Traceback" not in done.stderr


def test_failure_in_a_process_of_its_own_is_one_line() -> None:
    assert_fails(inkwise("recipes", "quik"), "unknown recipe 'quik'; did you mean 'quick'")


def test_debug_shows_the_traceback() -> None:
    done = inkwise("recipes", "quik", "--debug")
    assert done.returncode == 1
    assert "Traceback (most recent call last)" in done.stderr
    assert "inkwise.errors.RecipeError: unknown recipe 'quik'" in done.stderr


# --- predict -----------------------------------------------------------------------------------------------


def test_predict_for_a_person_is_a_line_an_image(golden: Path, picture: Path) -> None:
    done = inkwise("predict", golden, picture)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{picture}[0]  nought  38.0 %\n", "")


def test_predict_shows_no_control_character_of_a_name(golden: Path, picture: Path) -> None:
    strange = picture.rename(picture.with_name("a\x1b[2J\nb.png"))
    done = inkwise("predict", golden, strange)
    assert done.stdout == f"{picture.parent}/a\\x1b[2J\\nb.png[0]  nought  38.0 %\n"


@pytest.mark.parametrize("how", ["lines", "json", "csv"])
def test_picture_that_cannot_be_read_costs_no_other(
    how: str, golden: Path, picture: Path, tmp_path: Path
) -> None:
    (picture.parent / "b.png").write_bytes(b"")
    picture.with_name("c.png").write_bytes(picture.read_bytes())
    more = {"lines": [], "json": ["--json"], "csv": ["--csv", tmp_path / "answers.csv"]}[how]
    done = inkwise("predict", golden, picture.parent, *more)
    assert done.returncode == 1
    said = (tmp_path / "answers.csv").read_text() if how == "csv" else done.stdout
    assert [name for name in (picture.name, "b.png", "c.png") if name in said] == [picture.name, "c.png"]
    first, last = done.stderr.splitlines()[-2:]
    assert "b.png" in first
    assert last == "inkwise: 1 of 3 pictures could not be read, as said above; the others were"


def test_answers_are_written_where_no_picture_could_be_read(
    golden: Path, tmp_path: Path, here: "Callable[..., subprocess.CompletedProcess[str]]"
) -> None:
    """An empty list, a table of its header: no answers of an earlier call stay in their place."""
    (tmp_path / "answers.csv").write_text("old")
    done = here("predict", golden, "a.png", "b.png", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (1, [])
    assert done.stderr.splitlines()[-1] == "inkwise: 2 of 2 pictures could not be read, as said above"
    done = here("predict", golden, "a.png", "--csv", "answers.csv")
    assert (done.returncode, done.stdout) == (1, "")
    header = "path,index,label,class_name,probability,nought,one,två\n"
    assert (tmp_path / "answers.csv").read_text(encoding="utf-8") == header


@pytest.mark.parametrize("more", [(), ("--json",), ("--csv", "answers.csv")], ids=" ".join)
def test_predict_of_no_image_fails(
    more: tuple[str, ...], golden: Path, tmp_path: Path,
    here: "Callable[..., subprocess.CompletedProcess[str]]",
) -> None:  # fmt: skip
    np.savez(tmp_path / "empty.npz", images=np.zeros((0, 28, 28), np.uint8))
    assert_fails(
        here("predict", golden, "empty.npz", *more), "no image to predict; expected pictures, folders"
    )
    assert not (tmp_path / "answers.csv").exists()


def test_predict_rounds_no_probability_to_certainty(
    here: "Callable[..., subprocess.CompletedProcess[str]]", golden: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = SimpleNamespace(path="a.png", index=0, class_name="nought", probability=0.9996)
    monkeypatch.setattr("inkwise.experiments.predict.predict", lambda *given, **more: iter([answer]))
    assert here("predict", golden, "a.png").stdout == "a.png[0]  nought  over 99.9 %\n"


def test_predict_as_json_is_one_document(golden: Path, picture: Path) -> None:
    done = inkwise("predict", golden, picture, picture, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    rows = json.loads(done.stdout)
    assert [set(row) for row in rows] == [
        {"path", "index", "label", "class_name", "probability", "probabilities"}
    ] * 2
    assert (rows[0]["path"], rows[0]["label"], rows[0]["class_name"]) == (str(picture), 0, "nought")


def test_predict_writes_csv_and_nothing_on_standard_output(
    golden: Path, picture: Path, tmp_path: Path
) -> None:
    done = inkwise("predict", golden, picture, "--csv", tmp_path / "answers.csv")
    assert (done.returncode, done.stdout) == (0, "")
    lines = (tmp_path / "answers.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "path,index,label,class_name,probability,nought,one,två"
    assert lines[1].startswith(f"{picture},0,0,nought,0.38")


def test_predict_writes_csv_into_a_pipe_that_need_not_be_read_to_its_end(
    golden: Path, tmp_path: Path
) -> None:
    np.savez(tmp_path / "many.npz", x_test=np.zeros((20_000, 28, 28), np.uint8), y_test=np.zeros(20_000, int))
    command = (
        f'"{sys.executable}" -m inkwise predict "{golden}" "{tmp_path}/many.npz" --csv /dev/stdout | head -1'
    )
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "path,index,label,class_name,probability,nought,one,två\n"
    assert done.stderr == ""


def test_csv_that_cannot_be_written_names_its_option(
    golden: Path, picture: Path, here: "Callable[..., subprocess.CompletedProcess[str]]"
) -> None:
    done = here("predict", golden, picture, "--csv", picture / "below.csv")
    assert_fails(done, r"cannot write .*below\.csv: .*; expected .*, choose another with --csv$")


def test_predict_reads_standard_input(golden: Path, picture: Path) -> None:
    command = [sys.executable, "-m", "inkwise", "predict", str(golden), "-"]
    done = subprocess.run(command, input=picture.read_bytes(), capture_output=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, b"-[0]  nought  38.0 %\n")


@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
def test_predict_of_a_name_that_is_not_utf8(locale: str, golden: Path, picture: Path) -> None:
    """A Latin-1 name and a class with a letter outside ASCII, also where the terminal takes ASCII only."""
    name = os.fsencode(picture.parent) + b"/caf\xe9.png"
    Image.fromarray(square_images()[0]).save(os.fsdecode(name))
    command = [os.fsencode(sys.executable), b"-m", b"inkwise", b"predict", os.fsencode(golden), name]
    environment = {**os.environ, "LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    plain = subprocess.run(command, capture_output=True, timeout=120, env=environment, check=False)
    assert plain.returncode == 0, plain.stderr
    assert b"35.5 %" in plain.stdout
    document = subprocess.run(
        [*command, b"--json"], capture_output=True, timeout=120, env=environment, check=False
    )
    assert document.returncode == 0, document.stderr
    assert json.loads(document.stdout.decode(errors="surrogateescape"))[0]["label"] == 2


def gif(num_frames: int) -> bytes:
    frames = [Image.fromarray(np.full((28, 28), 60 * k, np.uint8)) for k in range(num_frames)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "gif", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("1", (width, height)).save(buffer, "png")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("a.gif", lambda: gif(3), r"a\.gif: 3 frames, expected one still picture; save one frame as PNG"),
        ("dot.png", lambda: png(1, 1), r"dot\.png: 1x1 pixels, expected at least 2x2"),
        ("big.png", lambda: png(30_000, 30_000), r"big\.png: .*expected at most 50,000,000 in all"),
        ("text.png", lambda: b"hello", r"text\.png: no picture that Pillow can read"),
        ("x-idx3-ubyte", lambda: b"\1\2\3\4" + bytes(100), "x-idx3-ubyte: .*magic|x-idx3-ubyte: .*expected"),
    ],
)
def test_predict_of_a_bad_file_is_one_line(
    name: str, content: object, match: str, golden: Path, tmp_path: Path,
    here: "Callable[..., subprocess.CompletedProcess[str]]",
) -> None:  # fmt: skip
    (tmp_path / name).write_bytes(content())  # type: ignore[operator]
    assert_fails(here("predict", golden, tmp_path / name), match)


def test_pipe_closed_by_the_reader_is_no_failure(golden: Path, tmp_path: Path) -> None:
    """inkwise predict ... | head -1: the rest is not wanted, and nobody is told of an error."""
    np.savez(tmp_path / "many.npz", x_test=np.zeros((20_000, 28, 28), np.uint8), y_test=np.zeros(20_000, int))
    command = f'"{sys.executable}" -m inkwise predict "{golden}" "{tmp_path / "many.npz"}" | head -1'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


# --- one document of JSON ----------------------------------------------------------------------------------


def test_recipes_as_json_is_one_document() -> None:
    done = inkwise("recipes", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert {"quick", "cnn-keras", "mlp-wide-relu-output"} <= {
        recipe["name"] for recipe in json.loads(done.stdout)
    }


def test_recipes_for_a_person_are_toml_that_trains(
    tmp_path: Path, here: "Callable[..., subprocess.CompletedProcess[str]]"
) -> None:
    done = here("recipes", "mlp-class")
    assert done.returncode == 0
    (tmp_path / "mine.toml").write_text(done.stdout)
    again = here("recipes", tmp_path / "mine.toml", "--json")
    assert json.loads(again.stdout) == json.loads(here("recipes", "mlp-class", "--json").stdout)


def test_evaluate_and_explore_as_json_are_one_document(
    trained: "tuple[Path, subprocess.CompletedProcess[str]]",
) -> None:
    run = trained[0] / "runs" / "mlp-sequential-001"
    for arguments in (("evaluate", run, "--json"), ("explore", "digits", "--json")):
        done = inkwise(*arguments, cwd=trained[0])
        assert (done.returncode, done.stderr) == (0, "")
        assert isinstance(json.loads(done.stdout), dict)


@pytest.mark.slow
def test_reproduce_as_json_is_one_document(tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ("reproduce", "S1", "--seeds", "1", "--set", "epochs=1", "--data", "digits", "--out", out)
    done = inkwise(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert [study["study"] for study in document["studies"]] == ["S1"]
    assert "S1: seed 0, 1 of 1" in done.stderr
    again = inkwise(*arguments)
    assert again.stdout == (out / "reproduce.md").read_text()
    assert "seed 0" not in again.stderr, "it is not trained a second time"


def test_run_of_the_command_line_is_a_classifier_in_python(
    trained: "tuple[Path, subprocess.CompletedProcess[str]]",
) -> None:
    classifier = Classifier.load(trained[0] / "runs" / "mlp-sequential-001")
    assert classifier.provenance["dataset"] == "digits"
