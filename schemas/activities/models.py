"""The activities of the shop floor as they are sent: one model each, fields as api.md names them.

Identifiers stand in any spelling of trace.md section 1, or as `{"product", "lot" | "serial"}`; times are RFC 3339 with
an offset; quantities are decimal text with a UN/CEFACT Rec. 20 unit. Shapes and lengths only are checked here, the
rest where an activity is compiled.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, get_args

from pydantic import AliasChoices, ConfigDict, Discriminator, Field, Tag, TypeAdapter, model_validator

from schemas.requests import Amount, Figure, Name, Strict, Text

MOST_OBJECTS: Final = 10_000
"""Entries of one list of objects."""


class Parts(Strict):
    """An object by its parts: a product with a lot or a serial, or the product class alone."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"product": "09506000000022", "lot": "F-0312"}]})

    product: Text = Field(description="GTIN of 8, 12, 13 or 14 digits, or the in-house name where a base is set")
    lot: Name | None = Field(None, description="lot number, plain text")
    serial: Name | None = Field(None, description="serial number, plain text")


class Stated(Strict):
    """An object with its quantity; named by `id`, or by `product` and `lot` or `serial` beside it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"id": "https://id.gs1.org/01/09506000000022/10/F-0312", "quantity": "12.5", "unit": "KGM"},
                {"product": "09506000000022", "lot": "F-0312", "quantity": "12.5", "unit": "KGM"},
            ]
        }
    )

    id: Identity | None = Field(None, description="the object in any spelling, or by its parts")
    product: Text | None = Field(None, description="GTIN or in-house name, in place of `id`")
    lot: Name | None = Field(None, description="lot number, with `product`")
    serial: Name | None = Field(None, description="serial number, with `product`")
    quantity: Amount | None = Field(None, description="how much, in `unit`; decimal text")
    unit: str | None = Field(None, max_length=3, description="UN/CEFACT Rec. 20 code; without it a count")

    @model_validator(mode="after")
    def _named_once(self) -> Stated:
        if (self.id is None) == (self.product is None):
            raise ValueError("name the object by `id`, or by `product` with `lot` or `serial`")
        if self.product is None and (self.lot or self.serial):
            raise ValueError("`lot` and `serial` stand beside `product`, not beside `id`")
        if self.unit is not None and self.quantity is None:
            raise ValueError("a unit needs a quantity")
        return self


def _text_or_parts(value: Any) -> str:
    return "=text" if isinstance(value, str) else "=parts"


def _text_or_stated(value: Any) -> str:
    return "=text" if isinstance(value, str) else "=stated"


Identity = Annotated[
    Annotated[Text, Tag("=text")] | Annotated[Parts, Tag("=parts")],
    Discriminator(_text_or_parts),
]
"""One object: its identifier in any spelling, or its parts."""
Object = Annotated[
    Annotated[Text, Tag("=text")] | Annotated[Stated, Tag("=stated")],
    Discriminator(_text_or_stated),
]
"""One entry of a list of objects."""
Objects = Annotated[list[Object], Field(min_length=1, max_length=MOST_OBJECTS)]
Some = Annotated[list[Object], Field(max_length=MOST_OBJECTS)]

_OBJECT: Final = "https://id.gs1.org/01/09506000000022/10/F-0312"
_ITEM: Final = "https://id.gs1.org/01/09506000000039/21/S-1001"
_PLACE: Final = "https://id.gs1.org/414/9506000000015"
_PARTY: Final = "https://id.gs1.org/417/9506000000060"
_TIME: Final = "2026-03-02T08:00:00+08:00"


class Document(Strict):
    """A business document that belongs to an activity."""

    type: Name = Field(description="CBV word such as `po`, `desadv`, `inv`, `prodorder`, or a URI", examples=["po"])
    id: Text = Field(description="its URI, or its number as plain text", examples=["PO-4711"])


class _Entry(Strict):
    id: Name | None = Field(None, description="your own id of this call: sent again, it changes nothing")
    time: str | None = Field(None, max_length=100, description="when it happened, default now", examples=[_TIME])


class Activity(_Entry):
    """What every activity has."""

    place: Text = Field(description="where it was recorded (read point), in any spelling", examples=[_PLACE])
    location: Text | None = Field(None, description="where the objects then are, in any spelling", examples=[_PLACE])
    resource: Name | None = Field(None, description="machine, tool or vessel: a URI or its name", examples=["OVEN-3"])
    operator: Name | None = Field(None, description="who did it, as claimed", examples=["zhang.wei"])
    documents: list[Document] | None = Field(None, max_length=100, description="business documents of it")


class Receive(Activity):
    """Objects arrive from someone."""

    activity: Literal["receive"]
    objects: Objects = Field(description="what arrived")
    from_: Text = Field(alias="from", description="party or location they came from", examples=[_PARTY])


class Commission(Activity):
    """Objects begin to exist for the record."""

    activity: Literal["commission"]
    objects: Objects = Field(description="what begins")
    lot: Name | None = Field(None, description="lot that the items belong to, plain text")
    expiry: str | None = Field(None, max_length=100, description="best before or use by: a day or a time")


class Make(Activity):
    """Inputs become outputs. Calls of one order are one process, so each may tell inputs or outputs alone."""

    activity: Literal["make"]
    order: Text | None = Field(None, description="order; activities of one order are one process", examples=["MO-17"])
    inputs: Some = Field([], description="what was used")
    outputs: Some = Field([], description="what was made")
    lot: Name | None = Field(None, description="lot that the items made belong to, plain text")
    expiry: str | None = Field(None, max_length=100, description="best before or use by: a day or a time")

    @model_validator(mode="after")
    def _is_a_process(self) -> Make:
        if not (self.inputs or self.outputs) or (self.order is None and not (self.inputs and self.outputs)):
            raise ValueError("name `inputs` and `outputs`; one alone needs the `order` that joins it to the other")
        return self


class Characteristic(Strict):
    """One inspected characteristic, measured or judged."""

    name: Name = Field(description="its name, or a GS1 measurement type such as `Length`", examples=["diameter"])
    value: Figure | bool | Annotated[str, Field(min_length=1, max_length=1000)] = Field(
        description="decimal text, else plain text or true/false", examples=["12.03"], union_mode="left_to_right"
    )
    unit: str | None = Field(None, max_length=3, description="UN/CEFACT Rec. 20 code", examples=["MMT"])
    low: Figure | None = Field(None, description="lower limit, in `unit`", examples=["11.9"])
    high: Figure | None = Field(None, description="upper limit, in `unit`", examples=["12.1"])
    instrument: Name | None = Field(None, description="gauge it was measured with", examples=["G7"])


class Inspect(Activity):
    """Objects are inspected."""

    activity: Literal["inspect"]
    objects: Objects = Field(description="what was inspected")
    result: Literal["pass", "fail", "conditional"] = Field(description="the verdict")
    characteristics: list[Characteristic] | None = Field(None, max_length=1000, description="what was measured")


class Move(Activity):
    """Objects are put somewhere else within the house; `place` is where they are now."""

    activity: Literal["move"]
    objects: Objects = Field(description="what was moved")
    from_: Text | None = Field(None, alias="from", description="where they were", examples=[_PLACE])


class Pack(Activity):
    """Objects are put into a container."""

    activity: Literal["pack"]
    container: Identity = Field(description="logistic unit, asset or other container")
    objects: Objects = Field(description="what is put in")


class Unpack(Activity):
    """Objects are taken out of a container; without `objects`, all."""

    activity: Literal["unpack"]
    container: Identity = Field(description="logistic unit, asset or other container")
    objects: list[Object] | None = Field(None, max_length=MOST_OBJECTS, description="what is taken out; none is all")


class Install(Activity):
    """Parts are built into an assembly."""

    activity: Literal["install"]
    assembly: Identity = Field(description="what they are built into")
    objects: Objects = Field(description="the parts")


class Remove(Activity):
    """Parts are taken out of an assembly."""

    activity: Literal["remove"]
    assembly: Identity = Field(description="what they were built into")
    objects: Objects = Field(description="the parts")


class Ship(Activity):
    """Objects leave for someone."""

    activity: Literal["ship"]
    objects: Objects = Field(description="what leaves")
    to: Text = Field(description="consignee or location they go to", examples=[_PARTY])


class Sell(Activity):
    """Objects are sold to whoever uses them."""

    activity: Literal["sell"]
    objects: Objects = Field(description="what is sold")
    party: Text | None = Field(
        None, validation_alias=AliasChoices("party", "to"), description="buyer, where known", examples=[_PARTY]
    )


class Return(Activity):
    """Objects come back from a customer."""

    activity: Literal["return"]
    objects: Objects = Field(description="what came back")
    party: Text | None = Field(
        None, validation_alias=AliasChoices("party", "from"), description="who returned it", examples=[_PARTY]
    )
    reason: Name | None = Field(None, description="why", examples=["seal broken"])


class Destroy(Activity):
    """Objects cease to exist."""

    activity: Literal["destroy"]
    objects: Objects = Field(description="what is destroyed")
    reason: Name | None = Field(None, description="why", examples=["expired"])


class Sensor(Strict):
    """One sensor report."""

    type: Name = Field(description="GS1 measurement type, a URI or a name", examples=["Temperature"])
    value: Figure | None = Field(None, description="the value, in `unit`", examples=["4.2"])
    min: Figure | None = Field(None, description="least value over the time, in `unit`")
    max: Figure | None = Field(None, description="greatest value over the time, in `unit`")
    mean: Figure | None = Field(None, description="mean value over the time, in `unit`")
    unit: str | None = Field(None, max_length=3, description="UN/CEFACT Rec. 20 code", examples=["CEL"])
    time: str | None = Field(None, max_length=100, description="when it was measured; default the activity's time")
    device: Text | None = Field(None, description="URI of the sensor", examples=["urn:example:sensor:t4"])

    @model_validator(mode="after")
    def _says_something(self) -> Sensor:
        if all(one is None for one in (self.value, self.min, self.max, self.mean)):
            raise ValueError("give `value`, `min`, `max` or `mean`")
        return self


class Observe(Activity):
    """Objects are seen somewhere, with sensor values where there are any."""

    activity: Literal["observe"]
    objects: Objects = Field(description="what was seen")
    sensor: Sensor | Annotated[list[Sensor], Field(min_length=1, max_length=1000)] | None = Field(
        None, description="what a sensor reported, one report or several"
    )


class Correct(_Entry):
    """A known event was wrong: it is declared an error, and others stand instead."""

    activity: Literal["correct"]
    event: Text = Field(
        description="eventID of the wrong event", examples=["urn:uuid:0d1b2c3e-5f60-5a7b-8c9d-0e1f2a3b4c5d"]
    )
    reason: Name = Field(
        description="`did_not_occur`, `incorrect_data`, a URI, or plain text", examples=["wrong lot scanned"]
    )
    instead: list[Instead] = Field(default_factory=list, max_length=100, description="activities that stand instead")


_Plain = (
    Receive | Commission | Make | Inspect | Move | Pack | Unpack | Install | Remove | Ship | Sell | Return | Destroy
    | Observe
)  # fmt: skip
Instead = Annotated[_Plain, Field(discriminator="activity")]
"""Any activity but `correct`."""
AnyActivity = Annotated[_Plain | Correct, Field(discriminator="activity")]
"""Any activity."""
ACTIVITIES: Final = tuple(
    get_args(model.model_fields["activity"].annotation)[0] for model in get_args(_Plain | Correct)
)
"""Names of the activities."""

Stated.model_rebuild()
Correct.model_rebuild()
READER: Final[TypeAdapter[Any]] = TypeAdapter(AnyActivity)
