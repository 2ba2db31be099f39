"""The data set on disk: what is written, going on, starting anew, and what is never touched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from synthetic_spool import CLASSES, make_header

from sharing import violations
from unrealsynth.dataset.frames import EncodedFrame
from unrealsynth.dataset.manifest import HEADER_NAME, MANIFEST_NAME, Header, read_header, read_manifest
from unrealsynth.dataset.writer import DataSet, yolo_yaml
from unrealsynth.errors import DataSetError
from unrealsynth.labels import LabelSettings
from unrealsynth_plugin.core.contract import Prepared

Frames = Callable[[int], EncodedFrame]


def files_below(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != "lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def write(folder: Path, header: Header, frames: list[EncodedFrame], complete: bool = False) -> None:
    with DataSet.open(folder, header) as data_set:
        for item in frames:
            data_set.add(item)
        data_set.close(complete=complete)


def test_a_complete_data_set_has_exactly_its_files(data_set: Path, frame: Frames) -> None:
    stems = {"train": range(0, 12, 2), "val": range(1, 12, 2)}
    pictures = {f"images/{split}/{k}.png": frame(k).image for split in stems for k in stems[split]}
    labels = {f"labels/{split}/{k}.txt": frame(k).label for split in stems for k in stems[split]}
    found = files_below(data_set)
    assert found.keys() == {*pictures, *labels, "synth.yaml", MANIFEST_NAME, HEADER_NAME}
    assert {name: found[name] for name in (*pictures, *labels)} == {**pictures, **labels}
    assert {path.name for path in data_set.iterdir() if path.is_dir()} == {"images", "labels"}


def test_the_yaml_comes_first_and_says_what_ultralytics_wants(tmp_path: Path, header: Header) -> None:
    with DataSet.open(tmp_path / "out", header):
        data = yaml.safe_load((tmp_path / "out" / "synth.yaml").read_text(encoding="utf-8"))
        assert data == {"train": "images/train", "val": "images/val", "names": dict(enumerate(CLASSES))}
        assert (tmp_path / "out" / "images" / "val").is_dir()


@pytest.mark.parametrize("name", ["yes", "7", "null", "a: b", "- x", "# no", "Gerüst", "'q'", "0x1F", "1e3", "~"])
def test_class_names_stay_texts(name: str) -> None:
    assert yaml.safe_load(yolo_yaml((name,)))["names"] == {0: name}


def test_the_manifest_has_one_line_a_frame_in_order_of_completion(
    tmp_path: Path, header: Header, frame: Frames
) -> None:
    write(tmp_path / "out", header, [frame(k) for k in (3, 0, 2)])
    read = list(read_manifest(tmp_path / "out" / MANIFEST_NAME))
    assert [entry.k for entry in read] == [3, 0, 2]
    wanted = json.loads(frame(0).entry.to_line())
    assert {key: getattr(read[1], key) for key in wanted} | {"objects": list(read[1].objects)} == wanted


def test_the_header_comes_back(tmp_path: Path, header: Header) -> None:
    write(tmp_path / "out", header, [])
    stored = read_header(tmp_path / "out")
    assert stored is not None
    assert stored.fingerprint == header.fingerprint
    assert (stored.classes, stored.output, stored.engine) == (header.classes, header.output, "5.6")
    assert json.loads((tmp_path / "out" / HEADER_NAME).read_text(encoding="utf-8"))["fingerprint"] == header.fingerprint


def test_going_on_adds_what_is_missing(tmp_path: Path, header: Header, frame: Frames, data_set: Path) -> None:
    folder = tmp_path / "out"
    write(folder, header, [frame(k) for k in (0, 1, 5)])
    with DataSet.open(folder, header) as again:
        assert again.finished == {0, 1, 5}
        for k in (11, 10, 9, 8, 7, 6, 4, 3, 2):
            again.add(frame(k))
        assert again.finished == set(range(12))
        again.close(complete=True)
    expected = files_below(data_set)
    got = files_below(folder)
    assert sorted(got.pop(MANIFEST_NAME).splitlines()) == sorted(expected.pop(MANIFEST_NAME).splitlines())
    assert got == expected


def test_somebody_who_looks_at_the_files_is_in_nobodys_way(
    tmp_path: Path, header: Header, frame: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    write(folder, header, [frame(k) for k in (0, 1, 5)])
    (folder / ".unrealsynth" / "writing-7").touch()
    (folder / "images/val/7.png").touch()
    (folder / "labels/val/5.txt").unlink()
    violations(monkeypatch)
    with DataSet.open(folder, header) as again:
        assert again.finished == {0, 1}
        again.add(frame(4))
        again.close(complete=True)
    assert {path.name for path in (folder / "images").rglob("*.png")} == {"0.png", "1.png", "4.png"}
    assert not (folder / ".unrealsynth").exists()


def test_a_finished_frame_is_not_written_twice(tmp_path: Path, header: Header, frame: Frames) -> None:
    with DataSet.open(tmp_path / "out", header) as data_set:
        data_set.add(frame(4))
        with pytest.raises(DataSetError, match="Frame 4 is finished already"):
            data_set.add(frame(4))
    assert len(list(read_manifest(tmp_path / "out" / MANIFEST_NAME))) == 1


def test_what_the_classes_consist_of_counts_as_their_names_do(tmp_path: Path, header: Header, frame: Frames) -> None:
    def made_of(weight: float, model: str) -> Header:
        rows = [["traffic cone", weight, ["cone", "cone_lying"]], ["hard hat", 1.0, [model]]]
        return replace(header, parts={**header.parts, "classes": rows})

    write(tmp_path / "out", made_of(8.0, "hat"), [frame(0)])
    stored = read_header(tmp_path / "out")
    assert stored is not None
    assert stored.differences(made_of(8.0, "hat")) == ()
    # Of a list too long to show, the entries that differ.
    cones = '["traffic cone", {}, ["cone", "cone_lying"]]'.format
    assert stored.differences(made_of(7.0, "hat")) == (f"classes[0]: {cones(8.0)} -> {cones(7.0)}",)
    assert stored.differences(made_of(8.0, "cap")) == (
        'classes[1]: ["hard hat", 1.0, ["hat"]] -> ["hard hat", 1.0, ["cap"]]',
    )


@pytest.mark.parametrize(
    ("other", "lines"),
    [
        (make_header(val=0.2), ["output.val: 0.5 -> 0.2"]),
        (
            make_header(image_format="jpg", labels=LabelSettings(min_pixels=20, redraw=True)),
            ['output.image_format: "png" -> "jpg"', "labels.min_pixels: 16 -> 20", "labels.redraw: false -> true"],
        ),
        (replace(make_header(), parts={"seed": 8, "extra": [1]}), ["seed: 7 -> 8", "extra: nothing -> [1]"]),
        (replace(make_header(), classes=("a", "b")), ['classes: ["traffic cone"']),
    ],
    ids=["val", "format and labels", "parts", "classes"],
)
def test_another_way_of_making_frames_is_refused_by_key(
    tmp_path: Path, header: Header, frame: Frames, other: Header, lines: list[str]
) -> None:
    folder = tmp_path / "out"
    write(folder, header, [frame(0)])
    before = files_below(folder)
    with pytest.raises(DataSetError) as caught:
        DataSet.open(folder, other)
    for line in [*lines, "--overwrite", str(folder)]:
        assert line in str(caught.value)
    assert files_below(folder) == before


def test_more_images_are_no_other_way(tmp_path: Path, header: Header, frame: Frames) -> None:
    write(tmp_path / "out", header, [frame(0)])
    more = replace(header, settings={"images": 500})
    with DataSet.open(tmp_path / "out", more) as data_set:
        assert data_set.finished == {0}
    stored = read_header(tmp_path / "out")
    assert stored is not None
    assert stored.settings == {"images": 500}


def test_prepare_records_are_kept_and_the_first_one_holds(tmp_path: Path, header: Header) -> None:
    first, second = Prepared("yard", 1.5, 3), Prepared("road", -0.5, 2, 12.0)
    with DataSet.open(tmp_path / "out", header) as data_set:
        data_set.remember(first)
        data_set.remember(second)
        data_set.remember(Prepared("yard", 9.0, 9))
    with DataSet.open(tmp_path / "out", header) as data_set:
        assert data_set.header.prepared == (first, second)


def test_overwriting_removes_ours_and_leaves_the_rest(tmp_path: Path, header: Header, frame: Frames) -> None:
    folder = tmp_path / "out"
    write(folder, header, [frame(k) for k in range(4)])
    foreign = {
        "notes.md": b"mine",
        "images/train/holiday.jpg": b"x",
        "images/train/77.png": b"y",
        "labels/val/9.txt": b"",
    }
    for name, data in foreign.items():
        (folder / name).write_bytes(data)
    other = make_header(val=0)
    with DataSet.open(folder, other, overwrite=True) as data_set:
        assert data_set.finished == set()
        data_set.close(complete=True)
    found = files_below(folder)
    assert found.keys() == {*foreign, "synth.yaml", HEADER_NAME, MANIFEST_NAME}
    assert {name: found[name] for name in foreign} == foreign


def test_overwriting_does_not_follow_a_forged_manifest(tmp_path: Path, header: Header, frame: Frames) -> None:
    victim = tmp_path / "victim.png"
    victim.write_bytes(b"precious")
    write(tmp_path / "out", header, [frame(0)])
    forged = replace(frame(1).entry, image="images/train/../../../victim.png")
    with (tmp_path / "out" / MANIFEST_NAME).open("ab") as file:
        file.write(forged.to_line() + frame(2).entry.to_line())
    with pytest.raises(DataSetError, match="line 2, is damaged"):
        DataSet.open(tmp_path / "out", header, overwrite=True)
    assert victim.read_bytes() == b"precious"


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_of_somebody_elses_is_refused(tmp_path: Path, header: Header, overwrite: bool) -> None:
    (tmp_path / "thesis.tex").write_text("x", encoding="utf-8")
    (tmp_path / "images").mkdir()
    with pytest.raises(DataSetError, match="is not empty and was not made by UnrealSynth"):
        DataSet.open(tmp_path, header, overwrite=overwrite)
    assert {path.name for path in tmp_path.iterdir()} == {"thesis.tex", "images"}


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path, header: Header) -> None:
    (tmp_path / "out").write_text("x", encoding="utf-8")
    with pytest.raises(DataSetError, match="out cannot be used for a data set"):
        DataSet.open(tmp_path / "out", header)


def test_an_existing_file_in_the_way_is_not_overwritten(tmp_path: Path, header: Header, frame: Frames) -> None:
    with DataSet.open(tmp_path / "out", header) as data_set:
        in_the_way = tmp_path / "out" / "images" / "train" / "2.png"
        in_the_way.write_bytes(b"mine")
        with pytest.raises(DataSetError, match=r"2\.png is there, but was not made by UnrealSynth"):
            data_set.add(frame(2))
        assert in_the_way.read_bytes() == b"mine"
        assert not (tmp_path / "out" / "labels" / "train" / "2.txt").exists()


def test_a_claim_that_came_to_nothing_leaves_nothing(tmp_path: Path) -> None:
    with DataSet(tmp_path / "deep" / "out") as data_set:
        (data_set.working_folder / "editor-0").mkdir()
    assert not (tmp_path / "deep" / "out").exists()
    (tmp_path / "mine").mkdir()
    with DataSet(tmp_path / "mine"):
        pass
    assert list((tmp_path / "mine").iterdir()) == []


def test_a_damaged_header_is_named(tmp_path: Path, header: Header) -> None:
    write(tmp_path / "out", header, [])
    (tmp_path / "out" / HEADER_NAME).write_text('{"format": 1', encoding="utf-8")
    with pytest.raises(DataSetError, match=r"manifest\.header\.json is damaged"):
        DataSet.open(tmp_path / "out", header)


def test_who_made_a_header_that_cannot_be_read(tmp_path: Path, header: Header) -> None:
    write(tmp_path / "out", replace(header, created_by="unrealsynth 0.0.7"), [])
    path = tmp_path / "out" / HEADER_NAME
    path.write_text(path.read_text(encoding="utf-8").replace('"split_by"', '"gone"'), encoding="utf-8")
    with pytest.raises(DataSetError, match=r"made by unrealsynth 0\.0\.7 and cannot be read by unrealsynth [1-9.0]+ "):
        DataSet.open(tmp_path / "out", header)


def test_a_header_of_a_later_format_is_named(tmp_path: Path, header: Header) -> None:
    write(tmp_path / "out", replace(header, format=2), [])
    with pytest.raises(DataSetError, match="has format 2, this version reads 1"):
        read_header(tmp_path / "out")


@pytest.mark.parametrize("tail", [b'{"k":9,"spl', b'{"k":9,"spl\n', b"\x00" * 300, b"{}\n"])
def test_a_torn_last_line_is_cut_off(tmp_path: Path, header: Header, frame: Frames, tail: bytes) -> None:
    write(tmp_path / "out", header, [frame(0), frame(1)])
    manifest = tmp_path / "out" / MANIFEST_NAME
    whole = manifest.read_bytes()
    manifest.write_bytes(whole + tail)
    assert [entry.k for entry in read_manifest(manifest)] == [0, 1]
    with DataSet.open(tmp_path / "out", header) as data_set:
        assert data_set.finished == {0, 1}
        assert manifest.read_bytes() == whole


@pytest.mark.parametrize("name", ["images/val/1.png", "labels/val/1.txt"])
@pytest.mark.parametrize("kept", [None, 0])
def test_a_frame_whose_files_are_lost_is_made_again(
    tmp_path: Path, header: Header, frame: Frames, name: str, kept: int | None
) -> None:
    """After a power cut a line may be there whose image is not, or is empty."""
    folder = tmp_path / "out"
    write(folder, header, [frame(k) for k in range(3)])
    if kept is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(b"")
    with DataSet.open(folder, header) as data_set:
        assert data_set.finished == {0, 2}
        data_set.add(frame(1))
    assert sorted(entry.k for entry in read_manifest(folder / MANIFEST_NAME)) == [0, 1, 2]
    assert (folder / "images/val/1.png").read_bytes() == frame(1).image


HOLDER = """
import sys
from pathlib import Path
from unrealsynth.dataset.writer import DataSet
with DataSet(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process_holds(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", HOLDER, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == b"held"
            yield process
        finally:
            process.kill()


def test_two_processes_do_not_write_one_data_set(tmp_path: Path, header: Header) -> None:
    folder = tmp_path / "out"
    with another_process_holds(folder) as process:
        with pytest.raises(DataSetError, match=f"is being written by process {process.pid} on "):
            DataSet(folder)
        assert (folder / ".unrealsynth").is_dir()
        process.kill()
        process.wait()
        # The lock of a dead process is nobody's.
        with DataSet.open(folder, header) as data_set:
            assert data_set.finished == set()


def test_one_process_does_not_write_it_twice_either(tmp_path: Path, header: Header, frame: Frames) -> None:
    with DataSet.open(tmp_path / "out", header) as data_set:
        with pytest.raises(DataSetError, match=f"process {os.getpid()}"):
            DataSet(tmp_path / "out")
        data_set.add(frame(0))
        data_set.close(complete=True)
    with DataSet.open(tmp_path / "out", header) as data_set:
        assert data_set.finished == {0}


def test_memory_does_not_grow_with_the_frames(tmp_path: Path, header: Header, frame: Frames) -> None:
    """Reading a manifest of 8 MB takes a small part of that."""
    import tracemalloc

    path = tmp_path / MANIFEST_NAME
    line = frame(1).entry.to_line()
    with path.open("wb") as file:
        for _ in range(8_000_000 // len(line)):
            file.write(line)
    tracemalloc.start()
    count = sum(1 for _ in read_manifest(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 8_000_000 // len(line)
    assert peak < 1_000_000
