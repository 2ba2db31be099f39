"""The record of a frame, from what was read back from the editor rather than from what was planned."""

from __future__ import annotations

from typing import Dict, List, Optional, Sequence, Tuple

from unrealsynth_plugin.core.contract import CaptureFiles, Environment, FramePlan, FrameRecord, Job, Model, ObjectRecord
from unrealsynth_plugin.core.geometry import Box, CameraPose, Pose, full_box

Placed = Tuple[Pose, float]
"""Pose and scale of an object, as read back."""


def object_boxes(
    job: Job, models: Dict[str, Model], plan: FramePlan, camera: CameraPose, placed: Sequence[Placed]
) -> List[Optional[Box]]:
    """The full boxes of the labelled objects, by index."""
    return [
        full_box(models[planned.model].hull_cm, pose.location_cm, pose.rotation_deg, scale, camera, job.resolution)
        for planned, (pose, scale) in zip(plan.objects, placed)
    ]


def unlabelled_boxes(
    job: Job, models: Dict[str, Model], environment: Environment, plan: FramePlan, camera: CameraPose
) -> List[Optional[Box]]:
    """The full boxes of distractors and props."""
    things = [
        (item.model, item.location_cm, item.rotation_deg, item.scale)
        for item in plan.objects
        if item.class_index is None
    ]
    things += [(prop.model, prop.location, (0.0, 0.0, prop.yaw), prop.scale) for prop in environment.props]
    return [
        full_box(models[model].hull_cm, location, rotation, scale, camera, job.resolution)
        for model, location, rotation, scale in things
    ]


def frame_record(
    job: Job,
    plan: FramePlan,
    camera: CameraPose,
    placed: Sequence[Placed],
    boxes: Sequence[Optional[Box]],
    captures: CaptureFiles,
    seconds: Dict[str, float],
    lifts_cm: Optional[Tuple[float, ...]] = None,
) -> FrameRecord:
    """`placed` and `boxes` are those of the labelled objects, by index; `lifts_cm` what a level's ground added."""
    objects: List[ObjectRecord] = []
    for index, (planned, (pose, scale), box) in enumerate(zip(plan.objects, placed, boxes)):
        class_index = planned.class_index
        if class_index is None:
            raise ValueError("A distractor stands before a labelled object in the plan.")
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
        lifts_cm=lifts_cm,
    )
