"""The record of a frame, from what was read back from the editor rather than from what was planned."""

from __future__ import annotations

from typing import Dict, List, Sequence, Tuple

from unrealsynth_plugin.core.contract import (
    CameraPose,
    CaptureFiles,
    FramePlan,
    FrameRecord,
    Job,
    Model,
    ObjectRecord,
    Pose,
)
from unrealsynth_plugin.core.geometry import full_box


def frame_record(
    job: Job,
    models: Dict[str, Model],
    plan: FramePlan,
    camera: CameraPose,
    placed: Sequence[Tuple[Pose, float]],
    captures: CaptureFiles,
    seconds: Dict[str, float],
) -> FrameRecord:
    """`placed` are pose and scale of the labelled objects, by index."""
    objects: List[ObjectRecord] = []
    for index, (planned, (pose, scale)) in enumerate(zip(plan.objects, placed)):
        class_index = planned.class_index
        if class_index is None:
            raise ValueError("A distractor stands before a labelled object in the plan.")
        box = full_box(
            models[planned.model].hull_cm, pose.location_cm, pose.rotation_deg, scale, camera, job.resolution
        )
        objects.append(
            ObjectRecord(
                index,
                class_index,
                job.classes[class_index].name,
                planned.model,
                pose.location_cm,
                pose.rotation_deg,
                scale,
                box,
            )
        )
    return FrameRecord(
        job.fingerprint,
        plan.k,
        plan.attempt,
        job.resolution,
        plan,
        camera,
        tuple(objects),
        captures,
        seconds,
    )
