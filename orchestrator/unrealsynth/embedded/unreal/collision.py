"""What of a component meets traces, and how."""

from __future__ import annotations

from unrealsynth.embedded.unreal._enum import EnumBase, Member


class CollisionChannel(EnumBase):
    ECC_WORLD_STATIC = Member(0)
    ECC_WORLD_DYNAMIC = Member(1)
    ECC_PAWN = Member(2)
    ECC_VISIBILITY = Member(3)
    ECC_CAMERA = Member(4)


class CollisionResponseType(EnumBase):
    ECR_IGNORE = Member(0)
    ECR_OVERLAP = Member(1)
    ECR_BLOCK = Member(2)


class CollisionEnabled(EnumBase):
    NO_COLLISION = Member(0)
    QUERY_ONLY = Member(1)
    PHYSICS_ONLY = Member(2)
    QUERY_AND_PHYSICS = Member(3)
    PROBE_ONLY = Member(4)
    QUERY_AND_PROBE = Member(5)
