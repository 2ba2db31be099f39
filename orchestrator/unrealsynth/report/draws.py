"""Each randomized quantity of a recipe: what its header declares, and what the plans of the frames show was drawn."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from unrealsynth.dataset.manifest import Header
from unrealsynth.report.agreement import Agreement, describe, judge_counts, judge_values, whole_shares
from unrealsynth.report.samples import Sample
from unrealsynth_plugin.core.codec import DecodeError, decode
from unrealsynth_plugin.core.contract import Environment, Prepared
from unrealsynth_plugin.core.distributions import LogUniform, Number, draw
from unrealsynth_plugin.core.settings import Randomization
from unrealsynth_plugin.core.streams import stream

_SAMPLE = 10_000
_CONTENT = "/Game/"
"""Where the assets of an Unreal project lie."""
_AIM_TRIES = 64
"""More than a camera ever has."""
_LIGHT = {
    "sun_azimuth": ("sun_azimuth_deg", "°"),
    "sun_elevation": ("sun_elevation_deg", "°"),
    "sun_intensity": ("sun_intensity_lux", "lux"),
    "sun_temperature": ("sun_temperature_k", "K"),
    "sky_brightness": ("sky_brightness", ""),
}


@dataclass(frozen=True)
class Declared:
    """What a header declares."""

    randomization: Randomization
    weights: Mapping[str, float]
    """Of the classes, by name."""
    models: Mapping[str, Sequence[str]]
    """Ids of the models of each class."""
    environments: Sequence[str]
    maps: Mapping[str, Environment]
    """Empty where the header does not have them."""
    exposures: Mapping[str, float]
    """Calibrated exposure by environment, EV."""
    grounds: Mapping[str, Prepared]
    """What knows the height of the ground, by environment."""
    own_assets: frozenset[str]
    """Ids of the models that are assets of a project: their origin may be anywhere."""
    seed: int
    shorter_side_px: int
    images: int


def declared_by(header: Header) -> Declared | None:
    """What the header of a data set declares; None when this version cannot read it."""
    settings: Mapping[str, Any] = header.settings
    parts: Mapping[str, Any] = header.parts
    try:
        wanted = {key: settings[key] for key in ("objects", "distractors", "camera", "light")}
        return Declared(
            decode(Randomization, wanted),
            {name: weight for name, weight, _ in parts["classes"]},
            {name: models for name, _, models in parts["classes"]},
            tuple(settings["environments"]),
            {name: decode(Environment, data) for name, data in settings.get("maps", {}).items()},
            {item.environment: item.exposure_ev for item in header.prepared},
            {item.environment: item for item in header.prepared},
            frozenset(str(item["id"]) for item in header.models if str(item["source"]).startswith(_CONTENT)),
            int(settings["seed"]),
            min(settings["resolution"]),
            int(settings["images"]),
        )
    except (DecodeError, KeyError, TypeError, ValueError):
        return None


class Draws:
    """What was drawn, in bounded memory."""

    def __init__(self, declared: Declared) -> None:
        self._declared = declared
        self._values: defaultdict[str, Sample[float]] = defaultdict(lambda: Sample(_SAMPLE))
        self._light: defaultdict[tuple[str, str], Sample[float]] = defaultdict(lambda: Sample(_SAMPLE))
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._frames = 0
        self._wanted = 0
        self._placed = 0
        self._lost = 0
        self._tries: Counter[str] = Counter()

    def add(self, plan: Mapping[str, Any]) -> None:
        """Takes the plan of one frame in."""
        environment = plan["environment"]
        camera = plan["camera"]
        roll, pitch, yaw = camera["rotation_deg"]
        self._frames += 1
        self._wanted += plan["wanted_objects"]
        self._lost += plan["rejections"].get("no place found", 0)
        self._counts["environments"][environment] += 1
        self._counts["objects.count"][str(plan["wanted_objects"])] += 1
        for name, value in (
            ("camera.size", plan["wanted_size_px"]),
            ("camera.azimuth", yaw),
            ("camera.elevation", -pitch),
            ("camera.field_of_view", camera["fov_deg"]),
            ("camera.roll", roll),
        ):
            self._values[name].add(value)
        if environment in self._declared.exposures:
            self._values["camera.exposure"].add(plan["exposure_ev"] - self._declared.exposures[environment])
        for name, number, value in (
            ("camera.azimuth", self._declared.randomization.camera.azimuth, yaw),
            ("camera.elevation", self._declared.randomization.camera.elevation, -pitch),
        ):
            self._tries[name] += self._tries_until(number, value, plan["k"], plan["attempt"], name.replace(".", "/"))
        for key, (field, _) in _LIGHT.items():
            if plan["light"][field] is not None:
                self._light[key, environment].add(plan["light"][field])
        distractors = 0
        for item in plan["objects"]:
            labelled = item["class_index"] is not None
            distractors += not labelled
            self._add_object("objects" if labelled else "distractors", item, environment)
        self._counts["distractors.count"][str(distractors)] += 1

    def agreements(self) -> list[Agreement]:
        """The verdict on every quantity that was declared to vary, then on what was declared to be one value."""
        found = [*self._of_frames(), *self._of_things("objects"), *self._of_camera(), *self._of_light()]
        if self._declared.randomization.distractors.models:
            found += self._of_things("distractors")
        return found

    def _add_object(self, kind: str, item: Mapping[str, Any], environment: str) -> None:
        roll, pitch, yaw = item["rotation_deg"]
        for key, value in (("yaw", yaw), ("pitch", pitch), ("roll", roll)):
            self._values[f"{kind}.rotation.{key}"].add(value)
        self._values[f"{kind}.scale"].add(item["scale"])
        if item["model"] in self._declared.own_assets:
            self._counts["own"][kind] += 1
        elif roll == 0.0 and pitch == 0.0:
            x, y, z = item["location_cm"]
            self._values[f"{kind}.height"].add(z - self._ground_cm(environment, x, y))
        else:
            self._counts["tilted"][kind] += 1
        self._counts[f"{kind}.models"][item["model"]] += 1
        if kind == "objects":
            self._placed += 1
            names = tuple(self._declared.weights)
            self._counts["classes"][names[item["class_index"]]] += 1

    def _ground_cm(self, environment: str, x: float, y: float) -> float:
        found = self._declared.grounds.get(environment)
        if found is None:
            return 0.0
        height_cm = None if found.ground is None else found.ground.height_cm(x, y)
        return found.ground_z_cm if height_cm is None else height_cm

    def _tries_until(self, number: Number, value: float, k: int, attempt: int, name: str) -> int:
        """How many draws of its stream it took to come to `value`; 1 when it is not among them."""
        random = stream(self._declared.seed, k, attempt, name)
        for tries in range(1, _AIM_TRIES + 1):
            if draw(number, random) == value:
                return tries
        return 1

    @property
    def _left_out(self) -> float:
        """Share of the labelled objects that found no place."""
        return max(0.0, 1.0 - self._placed / max(self._wanted, 1))

    def _of_frames(self) -> Iterator[Agreement]:
        declared = self._declared
        objects = declared.randomization.objects
        if self._frames < declared.images and len(declared.environments) > 1:
            # Frames are made map by map, so an unfinished run has more of the first ones.
            total = self._frames
            reason = f"{total} of {declared.images} images are made; maps come one after the other"
            yield Agreement("environments", "each equally likely", total, "", "too few to say", reason)
        else:
            shares = dict.fromkeys(declared.environments, 1.0)
            yield judge_counts("environments", self._counts["environments"], shares, declared="each equally likely")
        counts = self._counts["objects.count"]
        whole = whole_shares(objects.count)
        none = objects.empty + (1.0 - objects.empty) * whole.get(0, 0.0)
        empty = {"empty": counts["0"], "with objects": counts.total() - counts["0"]}
        shares = {"empty": none, "with objects": 1.0 - none}
        yield judge_counts("objects.empty", empty, shares, declared=f"{none:.1%} of the images")
        some = {str(value): share for value, share in whole.items() if value > 0}
        if some:
            filled = {value: number for value, number in counts.items() if value != "0"}
            yield judge_counts("objects.count", filled, some, declared=describe(objects.count))
        if len(declared.weights) > 1:
            words = "by weight" if len(set(declared.weights.values())) > 1 else "each equally likely"
            yield judge_counts(
                "classes", self._counts["classes"], declared.weights, declared=words, repeated=self._left_out
            )
        models: dict[str, float] = defaultdict(float)
        for name, ids in declared.models.items():
            for model in ids:
                models[model] += declared.weights[name] / len(ids)
        if len(models) > len(declared.weights):
            words = "each of its class equally likely"
            yield judge_counts(
                "models", self._counts["objects.models"], models, declared=words, repeated=self._left_out
            )

    def _of_things(self, kind: str) -> Iterator[Agreement]:
        randomization = self._declared.randomization
        things = randomization.objects if kind == "objects" else randomization.distractors
        if kind == "distractors":
            shares = {str(value): share for value, share in whole_shares(things.count).items()}
            # What found no place and was no labelled object.
            repeated = min(1.0, max(0, self._lost - self._wanted + self._placed) / max(self._frames, 1))
            yield judge_counts(
                "distractors.count",
                self._counts["distractors.count"],
                shares,
                declared=describe(things.count),
                repeated=repeated,
            )
        placed = self._counts[f"{kind}.models"].total()
        without = self._lost - self._wanted + self._placed
        lost = self._left_out if kind == "objects" else max(0.0, without / max(placed + without, 1))
        numbers = {
            f"{kind}.rotation.yaw": (things.rotation.yaw, "°"),
            f"{kind}.rotation.pitch": (things.rotation.pitch, "°"),
            f"{kind}.rotation.roll": (things.rotation.roll, "°"),
            f"{kind}.scale": (things.scale, ""),
        }
        for name, (number, unit) in numbers.items():
            yield self._judge(name, number, unit, lost)
        name = f"{kind}.height"
        if self._counts["own"][kind] or self._counts["tilted"][kind]:
            what = "an asset of the project" if self._counts["own"][kind] else "a tilted object"
            reason = f"how high {what} stands above the ground is not recorded"
            yield Agreement(name, describe(things.height, "cm"), 0, "", "not recorded", reason)
        else:
            yield self._judge(name, things.height, "cm", lost)

    def _of_camera(self) -> Iterator[Agreement]:
        camera = self._declared.randomization.camera
        side = self._declared.shorter_side_px
        size = camera.size if camera.size is not None else LogUniform((0.06 * side, 0.6 * side))
        yield self._judge("camera.size", size, "px")
        for key in ("azimuth", "elevation"):
            name = f"camera.{key}"
            yield self._judge(name, getattr(camera, key), "°", 1.0 - self._frames / max(self._tries[name], 1))
        yield self._judge("camera.field_of_view", camera.field_of_view, "°")
        yield self._judge("camera.roll", camera.roll, "°")
        if self._values["camera.exposure"].items:
            yield self._judge("camera.exposure", camera.exposure, "EV")

    def _of_light(self) -> Iterator[Agreement]:
        for key, (_, unit) in _LIGHT.items():
            drawn = {name: sample.items for (kind, name), sample in self._light.items() if kind == key}
            number = getattr(self._declared.randomization.light, key)
            numbers = {name: number if number is not None else self._of_map(name, key) for name in drawn}
            groups = [(wanted, drawn[name]) for name, wanted in numbers.items() if wanted is not None]
            if drawn and not groups:
                reason = "this data set does not record what its maps declare"
                yield Agreement(f"light.{key}", "by map", 0, "", "not recorded", reason)
            elif groups:
                different = {repr(wanted) for wanted, _ in groups}
                words = describe(groups[0][0], unit) if len(different) == 1 else f"by map ({len(different)} ranges)"
                yield judge_values(f"light.{key}", groups, unit=unit, declared=words)

    def _of_map(self, environment: str, key: str) -> Number | None:
        found = self._declared.maps.get(environment)
        if found is None:
            return None
        if key == "sky_brightness":
            return found.sky.brightness
        return getattr(found.sun, key.removeprefix("sun_"), None)

    def _judge(self, name: str, number: Number, unit: str, repeated: float = 0.0) -> Agreement:
        return judge_values(name, [(number, self._values[name].items)], unit=unit, repeated=repeated)
