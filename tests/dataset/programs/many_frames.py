"""Adds frames to a data set as fast as it can: python many_frames.py FOLDER SPOOL COUNT. Prints `begun` first."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from synthetic_spool import frame_settings, make_header, write_frame

from unrealsynth.dataset.frames import EncodedFrame, process_frame
from unrealsynth.dataset.splits import share, split_of
from unrealsynth.dataset.writer import DataSet

_DRAWN = 4


def numbered(frame: EncodedFrame, k: int) -> EncodedFrame:
    """The frame under another number."""
    split = split_of(k, share(0.5))
    image, label = f"images/{split}/{k}.png", f"labels/{split}/{k}.txt"
    return replace(frame, entry=replace(frame.entry, k=k, split=split, image=image, label=label))


def main() -> None:
    folder, spool, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    header = make_header()
    settings = frame_settings(header)
    frames = []
    for k in range(_DRAWN):
        if not (spool / f"{k:06d}").exists():
            write_frame(spool, k, fingerprint=header.fingerprint)
        frames.append(process_frame(spool / f"{k:06d}", settings))
    with DataSet.open(folder, header) as data_set:
        print("begun", flush=True)
        for k in range(count):
            if k not in data_set.finished:
                data_set.add(numbered(frames[k % _DRAWN], k))
        data_set.close(complete=True)


if __name__ == "__main__":
    main()
