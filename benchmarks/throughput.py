"""How fast frames become a data set, against the parts the work is made of.

    python benchmarks/throughput.py [--frames 60] [--rounds 3] [--long 1000]

Whole runs and the same jobs run alone into their spool, with nobody collecting, take turns; every time is counted from
the first finished frame to the last, so that start-up is left out. Absolute times depend on the machine, ratios hold.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from unrealsynth.dataset.frames import FrameSettings, process_frame, read_record
from unrealsynth.dataset.manifest import Header, OutputSettings
from unrealsynth.dataset.writer import DataSet
from unrealsynth.editors.process import PROGRAM, EmbeddedEditor
from unrealsynth.jobs import deal, make_job
from unrealsynth.progress import RunProgress
from unrealsynth.recipe import ResolvedRecipe, load_recipe, resolve
from unrealsynth.run import RunOptions, generate_data_set
from unrealsynth.selfcheck import FrameChecker
from unrealsynth.spool import JobFolder, Spool
from unrealsynth_plugin.core.contract import Job

RECIPE = Path(__file__).with_name("throughput.yaml")
WAITING = (sys.executable, "-X", "utf8", str(Path(__file__).with_name("waiting_editor.py")))
MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Measurement:
    """One run, from its first finished frame to its last."""

    frames: int
    seconds: float
    editor_cpu_s: float
    own_cpu_s: float
    editor_peak_mib: float
    own_peak_mib: float
    editor_mib_by_frame: tuple[tuple[int, float], ...]

    @property
    def frames_per_s(self) -> float:
        return self.frames / self.seconds


class Meter(RunProgress):
    """A progress that measures: it starts at the first finished frame."""

    def __init__(self) -> None:
        super().__init__()
        self.editor: EmbeddedEditor | None = None
        self._end: Measurement | None = None
        self._start: tuple[float, int, float, float] | None = None
        self._done = 0
        self._peaks = [0.0, 0.0]
        self._by_frame: dict[int, float] = {}
        self._stop = threading.Event()

    def step(self, note: str) -> None:
        """Says nothing."""

    def say(self, text: str) -> None:
        """Says nothing."""

    def frames(self, done: int, total: int) -> None:
        if done and self._start is None:
            self._start = (time.perf_counter(), done, self._editor_cpu(), _cpu(psutil.Process()))
        self._done = done
        if done >= total and self._end is None and self._start is not None:
            self._end = self._measure(*self._start)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Samples memory while the body runs."""
        thread = threading.Thread(target=self._sample, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def result(self) -> Measurement:
        """What was measured, with the memory seen until now."""
        if self._end is None:
            raise RuntimeError("The run was not finished.")
        return replace(
            self._end,
            editor_peak_mib=self._peaks[0],
            own_peak_mib=self._peaks[1],
            editor_mib_by_frame=tuple(sorted(self._by_frame.items())),
        )

    def _measure(self, begun: float, first: int, editor_cpu_s: float, own_cpu_s: float) -> Measurement:
        return Measurement(
            frames=self._done - first,
            seconds=time.perf_counter() - begun,
            editor_cpu_s=self._editor_cpu() - editor_cpu_s,
            own_cpu_s=_cpu(psutil.Process()) - own_cpu_s,
            editor_peak_mib=0.0,
            own_peak_mib=0.0,
            editor_mib_by_frame=(),
        )

    def _editor_cpu(self) -> float:
        return _cpu(psutil.Process(self.editor.pid)) if self.editor and self.editor.alive else 0.0

    def _sample(self) -> None:
        own = psutil.Process()
        while not self._stop.wait(0.1):
            with_editor = self.editor is not None and self.editor.alive
            sizes = [psutil.Process(self.editor.pid).memory_info().rss if with_editor and self.editor else 0]
            sizes.append(own.memory_info().rss)
            self._peaks = [max(peak, size / MEBIBYTE) for peak, size in zip(self._peaks, sizes, strict=True)]
            self._by_frame[self._done] = sizes[0] / MEBIBYTE


def whole_run(frames: int, program: Sequence[str], folder: Path) -> Measurement:
    """The command's own way: editor, labels, data set."""
    meter = Meter()

    def launch(*_: object) -> list[EmbeddedEditor]:
        meter.editor = EmbeddedEditor(folder / ".unrealsynth" / "editor", program=program)
        meter.editor.launch()
        return [meter.editor]

    with meter.watching():
        generate_data_set(str(RECIPE), RunOptions(out=folder, images=frames), meter, launch)
    return meter.result()


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def job_alone(
    recipe: ResolvedRecipe, frames: int, program: Sequence[str], folder: Path
) -> tuple[Measurement, JobFolder]:
    """The same frames made into the spool, with nobody collecting."""
    meter = Meter()
    job = make_job(recipe, "alone", deal(recipe, [(k, 0) for k in range(frames)], 1)[0], ())
    with EmbeddedEditor(folder, program=program) as editor, meter.watching():
        meter.editor = editor
        spool = Spool(editor.saved_dir)
        spool.ship(recipe.files)
        job_folder = spool.open_job(replace(job, keeps_frames=True))
        editor.client.start(job.id)
        while True:
            beat = job_folder.heartbeat()
            if beat is not None:
                if beat.state == "failed":
                    raise RuntimeError(beat.error)
                # The heartbeat is written a few times a second; the folder is what counts.
                meter.frames(sum(1 for _ in job_folder.complete_frames()), frames)
                if beat.state == "done":
                    return meter.result(), job_folder
            time.sleep(0.02)


def parts(recipe: ResolvedRecipe, job_folder: JobFolder, folder: Path) -> dict[str, float]:
    """Milliseconds a frame of each step, from the records and from doing the orchestrator's part alone."""
    frames = list(job_folder.complete_frames())[1:]
    seconds: dict[str, list[float]] = {}
    for frame in frames:
        record, _ = read_record(frame)
        for step, value in record.seconds.items():
            seconds.setdefault(f"editor: {step}", []).append(value)
    job: Job = make_job(recipe, "alone", (), ())
    settings = FrameSettings("alone", recipe.resolution, OutputSettings(), FrameChecker(job, recipe.loose_models))
    header = Header({}, settings.output, tuple(c.name for c in recipe.classes), {}, (), "", "benchmark")
    with DataSet.open(folder, header) as data_set:
        for frame in frames:
            before = time.perf_counter()
            encoded = process_frame(frame, settings)
            between = time.perf_counter()
            data_set.add(encoded)
            seconds.setdefault("decode, label, encode", []).append(between - before)
            seconds.setdefault("write", []).append(time.perf_counter() - between)
    return {step: 1000 * statistics.median(values) for step, values in seconds.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--long", type=int, default=0, help="frames of one more run that watches memory")
    options = parser.parse_args()
    recipe = resolve(load_recipe(str(RECIPE)))
    print(f"{psutil.cpu_count()} cores, {recipe.resolution[0]}x{recipe.resolution[1]}, {options.frames} frames a run")
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for title, program, limit in (("render", PROGRAM, 1.25), ("render replaced by 100 ms wait", WAITING, 1.05)):
            wholes, alones = [], []
            for turn in range(options.rounds):
                wholes.append(whole_run(options.frames, program, root / f"{limit}-whole-{turn}"))
                alone, job_folder = job_alone(recipe, options.frames, program, root / f"{limit}-alone-{turn}")
                alones.append(alone)
            ratio = statistics.median(
                whole.seconds / alone.seconds * alone.frames / whole.frames
                for whole, alone in zip(wholes, alones, strict=True)
            )
            middle = sorted(wholes, key=lambda item: item.frames_per_s)[len(wholes) // 2]
            print(f"\n{title}")
            for step, value in parts(recipe, job_folder, root / f"{limit}-parts").items():
                print(f"  {step:<34}{value:8.1f} ms")
            alone_rate = statistics.median(item.frames_per_s for item in alones)
            core_ms = 1000 * (middle.editor_cpu_s + middle.own_cpu_s) / middle.frames
            print(f"  {'job alone':<34}{alone_rate:8.2f} frames/s")
            print(f"  {'whole run':<34}{middle.frames_per_s:8.2f} frames/s")
            print(f"  {'whole run / job alone':<34}{ratio:8.3f}  (at most {limit})")
            print(f"  {'core-milliseconds a frame':<34}{core_ms:8.0f}")
            print(f"  {'peak memory, editor':<34}{middle.editor_peak_mib:8.0f} MiB")
            print(f"  {'peak memory, orchestrator':<34}{middle.own_peak_mib:8.0f} MiB")
        if options.long:
            long = whole_run(options.long, PROGRAM, root / "long")
            sizes = dict(long.editor_mib_by_frame)
            early = max(size for frame, size in sizes.items() if frame <= options.long // 10)
            late = max(size for frame, size in sizes.items() if frame > options.long // 10)
            print(
                f"\n{options.long} frames: editor {early:.0f} MiB to frame {options.long // 10}, {late:.0f} MiB after"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
