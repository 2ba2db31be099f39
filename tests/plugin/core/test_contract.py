"""Job, records and settings as JSON and back, and what is said about JSON that is not one."""

import dataclasses
import json
import types
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from unrealsynth_plugin.core import contract, distributions, geometry
from unrealsynth_plugin.core import settings as core_settings
from unrealsynth_plugin.core.codec import DecodeError, decode, encode
from unrealsynth_plugin.core.contract import Environment, FrameRecord, Heartbeat, Job, Model, Prepared
from unrealsynth_plugin.core.distributions import Choice, LogUniform, Normal, Uniform
from unrealsynth_plugin.core.selftest import SelfTestReport, TakenPicture
from unrealsynth_plugin.core.settings import Camera, Light, Objects, Randomization, Spawn

MESSAGES = [Job, FrameRecord, Heartbeat, Prepared, SelfTestReport]
CLASSES = [
    kind
    for module in (contract, distributions, geometry, core_settings)
    for kind in vars(module).values()
    if dataclasses.is_dataclass(kind) and isinstance(kind, type) and kind.__module__ == module.__name__
]
SETTINGS = [kind for kind in CLASSES if hasattr(kind, "__pydantic_config__")]


def instances(kind: Any) -> st.SearchStrategy[Any]:
    """Every value that the annotation `kind` allows, small ones first."""
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        return st.builds(kind, **{field.name: instances(hints[field.name]) for field in dataclasses.fields(kind)})
    if get_origin(kind) is Union:
        return st.one_of(*map(instances, get_args(kind)))
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    if get_origin(kind) is tuple:
        kinds = get_args(kind)
        if kinds[-1] is Ellipsis:
            return st.lists(instances(kinds[0]), max_size=2).map(tuple)
        return st.tuples(*map(instances, kinds))
    if get_origin(kind) is dict:
        key, value = get_args(kind)
        return st.dictionaries(instances(key), instances(value), max_size=2)
    plain: dict[Any, st.SearchStrategy[Any]] = {
        float: st.floats(allow_nan=False, allow_infinity=False),
        int: st.integers(-(2**70), 2**70),
        str: st.text(st.characters(codec="utf-8"), max_size=5),
        bool: st.booleans(),
        type(None): st.none(),
    }
    return plain[kind]


@pytest.mark.parametrize("kind", MESSAGES)
@settings(max_examples=25)
@given(data=st.data())
def test_a_message_survives_json(kind: type, data: st.DataObject) -> None:
    message = data.draw(instances(kind))
    assert decode(kind, json.loads(json.dumps(encode(message)))) == message


@pytest.mark.parametrize("kind", SETTINGS)
@settings(max_examples=15)
@given(data=st.data())
def test_pydantic_reads_the_same_settings(kind: type, data: st.DataObject) -> None:
    value = data.draw(instances(kind))
    text = json.dumps(encode(value))
    assert TypeAdapter(kind).validate_json(text) == decode(kind, json.loads(text)) == value


def test_lists_become_tuples_and_whole_numbers_decimals() -> None:
    spawn = decode(Spawn, {"center": [1, 2], "radius": 3})
    assert spawn == Spawn((1.0, 2.0), 3.0)
    assert type(spawn.radius) is float and type(spawn.center) is tuple
    assert hash(spawn) == hash(Spawn((1.0, 2.0), 3.0))


def test_what_is_not_said_has_its_default() -> None:
    assert decode(Randomization, {}) == Randomization()
    assert decode(Randomization, {"objects": {"count": 3}}).objects == Objects(count=3.0)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (5, 5.0),
        ({"uniform": [1, 5]}, Uniform((1.0, 5.0))),
        ({"log_uniform": [1, 5]}, LogUniform((1.0, 5.0))),
        ({"normal": [0, 2], "high": 3}, Normal((0.0, 2.0), None, 3.0)),
        ({"choice": [1, 2], "weights": [3, 4]}, Choice((1.0, 2.0), (3.0, 4.0))),
        (None, None),
    ],
)
def test_a_number_or_a_distribution_or_nothing(data: object, expected: object) -> None:
    assert decode(Camera, {"size": data}).size == expected
    assert TypeAdapter(Camera).validate_python({"size": data}).size == expected


# The JSON, and the words that must be in the message: first of all the path of the key.
@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        (Spawn, {"radios": 1}, ["Spawn.radios", "radius", "center"]),
        (Spawn, [1, 2], ["Spawn", "an object", "[1, 2]"]),
        (Spawn, {"radius": "wide"}, ["Spawn.radius", "a number", "'wide'"]),
        (Spawn, {"radius": True}, ["Spawn.radius", "a number", "True"]),
        (Spawn, {"radius": None}, ["Spawn.radius", "a number", "None"]),
        (Spawn, {"center": [1, 2, 3]}, ["Spawn.center", "a list of 2"]),
        (Spawn, {"center": 1}, ["Spawn.center", "a list"]),
        (Spawn, {"center": "ab"}, ["Spawn.center", "a list"]),
        (Spawn, {"center": [1, "2"]}, ["Spawn.center[1]", "a number"]),
        (Randomization, {"objects": {"rotation": {"yaw": "any"}}}, ["Randomization.objects.rotation.yaw", "a number"]),
        (Randomization, {"objects": {"rotation": {"yew": 1}}}, ["Randomization.objects.rotation.yew", "yaw"]),
        (Randomization, {"objects": {"scale": {"uniform": [1]}}}, ["objects.scale.uniform", "a list of 2"]),
        (Randomization, {"objects": {"scale": {"unifrom": [1, 2]}}}, ["objects.scale", "unifrom"]),
        (Randomization, {"objects": {"scale": {"uniform": [1, 2], "low": 0}}}, ["objects.scale.low", "uniform"]),
        (Light, {"sun_azimuth": [1]}, ["Light.sun_azimuth", "a number"]),
        (Environment, {"name": "x", "lamps": [{"location": [0, 0, 0]}, {}]}, ["Environment.lamps[1]", "location"]),
        (Environment, {"name": "x", "fog": {"density": []}}, ["Environment.fog.density", "a number"]),
        (Environment, {"name": 7}, ["Environment.name", "a string", "7"]),
        (Environment, {}, ["Environment", "name"]),
        (Model, {"id": "a", "rests": 1}, ["Model.rests", "true or false", "1"]),
        (Prepared, {"environment": "a", "exposure_ev": 0, "settle_ticks": 1.5}, ["Prepared.settle_ticks", "whole"]),
        (Prepared, {"environment": "a", "exposure_ev": 0, "settle_ticks": True}, ["Prepared.settle_ticks", "whole"]),
        (TakenPicture, {"file": "a", "section": "idz"}, ["TakenPicture.section", "one of ids, level ids", "'idz'"]),
        (TakenPicture, {"file": "a", "section": ["ids"]}, ["TakenPicture.section", "one of ids, level ids"]),
        (Prepared, {"environment": "a", "exposure_ev": 10**400, "settle_ticks": 1}, ["Prepared.exposure_ev"]),
    ],
)
def test_a_wrong_form_is_named_by_its_key(kind: type, data: object, words: list[str]) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(kind, data)
    message = str(caught.value)
    assert message.startswith(kind.__name__)
    assert [word for word in words if word not in message] == []


@pytest.mark.parametrize(
    "data",
    [
        {"radius": "wide"},
        {"radius": True},
        {"radius": None},
        {"center": [1, 2, 3]},
        {"center": 1},
        {"center": [1, "2"]},
        {"radios": 1},
    ],
)
def test_pydantic_refuses_what_decode_refuses(data: object) -> None:
    with pytest.raises(DecodeError):
        decode(Spawn, data)
    with pytest.raises(ValidationError):
        TypeAdapter(Spawn).validate_json(json.dumps(data), strict=True)


def test_the_path_begins_where_the_caller_says() -> None:
    with pytest.raises(DecodeError, match=r"^job\.json\.radius: "):
        decode(Spawn, {"radius": "wide"}, "job.json")


def test_a_message_stays_short_whatever_was_found() -> None:
    with pytest.raises(DecodeError) as caught:
        decode(Spawn, {"radius": "x" * 10_000})
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("kind", SETTINGS)
def test_pydantic_refuses_unknown_keys_of_settings(kind: type) -> None:
    with pytest.raises(ValidationError, match="no_such_setting"):
        TypeAdapter(kind).validate_python({"no_such_setting": 1})


@pytest.mark.parametrize("kind", CLASSES)
def test_classes_are_frozen_and_hold_nothing_newer_than_python_3_9(kind: type) -> None:
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    # Python 3.9 reads these at run time: no `X | Y`.
    pending = list(get_type_hints(kind).values())
    for hint in pending:
        assert not isinstance(hint, types.UnionType)
        pending += [part for part in get_args(hint) if part is not Ellipsis]


@pytest.mark.parametrize("kind", SETTINGS)
def test_every_default_is_a_valid_setting(kind: type) -> None:
    """Defaults are not validated when they are used, so they are here."""
    for field in dataclasses.fields(kind):
        number = field.default
        if isinstance(number, (float, Uniform, LogUniform, Normal, Choice)):
            assert distributions.mistake(number) is None
        if field.default is not dataclasses.MISSING and not dataclasses.is_dataclass(field.default):
            hint = get_type_hints(kind)[field.name]
            assert TypeAdapter(hint).validate_python(field.default, strict=True) == field.default
