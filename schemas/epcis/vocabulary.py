"""The words of CBV 2.0 and their three spellings: bare word, URN, Web URI.

JSON writes `shipping`, XML of EPCIS 1.2 `urn:epcglobal:cbv:bizstep:shipping`, XML of EPCIS 2.0
`https://ref.gs1.org/cbv/BizStep-shipping` (or the CURIE `cbv:BizStep-shipping`). All three are one word here; a
private URI stays as it is, even if it ends like a CBV word (trace.md R3).
Source: CBV 2.0 sections 7 and 8; EPCIS JSON Schema 2.0.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

CBV: Final = "https://ref.gs1.org/cbv/"
GS1_VOC: Final = "https://gs1.org/voc/"
CBV_MDA: Final = "urn:epcglobal:cbv:mda:"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


EVENT_TYPES: Final = frozenset(
    ("ObjectEvent", "AggregationEvent", "AssociationEvent", "TransactionEvent", "TransformationEvent")
)
ACTIONS: Final = frozenset(("ADD", "OBSERVE", "DELETE"))

BIZ_STEPS: Final = _words(
    """accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting
    decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting
    installing killing loading other packing picking receiving removing repackaging repairing replacing reserving
    retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing transporting
    unloading unpacking void_shipping"""
)
DISPOSITIONS: Final = _words(
    """active available completeness_inferred completeness_verified conformant container_closed container_open
    damaged destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class
    mismatch_instance mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other
    partially_dispensed recalled reserved retail_sold returned sellable_accessible sellable_not_accessible stolen
    unavailable unknown"""
)
TRANSACTION_TYPES: Final = _words("bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt")
PARTY_TYPES: Final = frozenset(("owning_party", "possessing_party", "location"))
ERROR_REASONS: Final = frozenset(("did_not_occur", "incorrect_data"))
COMPONENTS: Final = _words(
    """altitude axial_distance azimuth easting elevation_angle height latitude longitude northing polar_angle
    spherical_radius x y z"""
)
ALERTS: Final = frozenset(("ALARM_CONDITION", "ERROR_CONDITION"))
MEASUREMENTS: Final = _words(
    """AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Radioactivity Altitude AmountOfSubstance
    AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area Capacitance
    Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate DynamicViscosity
    ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy Exposure Force Frequency
    Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum Luminance LuminousFlux
    LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration MassFlowRate
    MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume Power Pressure RadiantFlux
    RadiantIntensity RelativeHumidity Resistance Resistivity SolidAngle SpecificVolume Speed SurfaceDensity
    SurfaceTension Temperature Time Torque Voltage Volume VolumeFlowRate VolumeFraction VolumetricFlux
    Wavenumber"""
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One CBV word list. `web` and `urn` stand before a word in the two long spellings; `urn` may be empty, and
    `others` are further hosts that the Web URI has been served under."""

    name: str
    words: frozenset[str]
    web: str
    urn: str
    others: tuple[str, ...] = ()
    spelled: Mapping[str, str] = field(init=False, repr=False, compare=False)
    """Each long spelling of each word, with the bare word."""

    def __post_init__(self) -> None:
        starts = [start for start in (self.web, self.urn, *self.others) if start]
        object.__setattr__(self, "spelled", {start + word: word for start in starts for word in self.words})

    def word(self, text: str, namespaces: Mapping[str, str]) -> str:
        """The bare word of any spelling of a word of this list; anything else as given.

        A CURIE is read by `namespaces`, `cbv:` and `gs1:` also without.
        """
        if text in self.words:
            return text
        word = self.spelled.get(text)
        if word is not None:
            return word
        prefix, colon, local = text.partition(":")
        if colon and not local.startswith("//"):
            full = namespaces.get(prefix, _BUILT_IN.get(prefix, "")) + local
            if full.startswith(self.web):
                return self.spelled.get(full, text)
        return text

    def uri(self, text: str, namespaces: Mapping[str, str]) -> str:
        """The Web URI of any spelling of a word of this list; anything else as given, CURIEs expanded."""
        word = self.word(text, namespaces)
        return self.web + word if word in self.words else expand_curie(text, namespaces)


_BUILT_IN: Final = {"cbv": CBV, "gs1": GS1_VOC}

STEP: Final = Vocabulary("bizStep", BIZ_STEPS, CBV + "BizStep-", "urn:epcglobal:cbv:bizstep:")
DISPOSITION: Final = Vocabulary("disposition", DISPOSITIONS, CBV + "Disp-", "urn:epcglobal:cbv:disp:")
TRANSACTION: Final = Vocabulary("bizTransaction type", TRANSACTION_TYPES, CBV + "BTT-", "urn:epcglobal:cbv:btt:")
PARTY: Final = Vocabulary("source or destination type", PARTY_TYPES, CBV + "SDT-", "urn:epcglobal:cbv:sdt:")
REASON: Final = Vocabulary("error reason", ERROR_REASONS, CBV + "ER-", "urn:epcglobal:cbv:er:")
COMPONENT: Final = Vocabulary("component", COMPONENTS, CBV + "Comp-", "urn:epcglobal:cbv:comp:")
_GS1_HOSTS: Final = ("https://www.gs1.org/voc/",)
"""GS1 has served its web vocabulary under two hosts; both spellings name the same term."""
MEASUREMENT: Final = Vocabulary("measurement type", MEASUREMENTS, GS1_VOC, "", _GS1_HOSTS)
ALERT: Final = Vocabulary("sensor alert type", ALERTS, GS1_VOC, "", _GS1_HOSTS)

_NONE: Final[Mapping[str, str]] = {}


def step_word(text: str, namespaces: Mapping[str, str] = _NONE) -> str:
    """`bizStep` as a bare CBV word, or the private URI as given."""
    return STEP.word(text, namespaces)


def disposition_word(text: str, namespaces: Mapping[str, str] = _NONE) -> str:
    """`disposition` as a bare CBV word, or the private URI as given."""
    return DISPOSITION.word(text, namespaces)


def transaction_word(text: str, namespaces: Mapping[str, str] = _NONE) -> str:
    """Type of a business transaction as a bare CBV word, or the private URI as given."""
    return TRANSACTION.word(text, namespaces)


def party_word(text: str, namespaces: Mapping[str, str] = _NONE) -> str:
    """Type of a source or destination as a bare CBV word, or the private URI as given."""
    return PARTY.word(text, namespaces)


def type_word(text: str, namespaces: Mapping[str, str] = _NONE) -> str:
    """Type of a business transaction, source, destination or measurement as a bare word, or the URI as given."""
    for vocabulary in (TRANSACTION, PARTY, MEASUREMENT):
        word = vocabulary.word(text, namespaces)
        if word in vocabulary.words:
            return word
    return text


def expand_curie(text: str, namespaces: Mapping[str, str]) -> str:
    """`prefix:local` with the prefix's namespace in its place; anything else as given.

    A URI with an authority (`http://…`) and a prefix that is not bound are left alone.
    """
    prefix, colon, local = text.partition(":")
    if not colon or local.startswith("//"):
        return text
    namespace = namespaces.get(prefix)
    return text if namespace is None else namespace + local


def is_cbv_mda(name: str, namespaces: Mapping[str, str]) -> str | None:
    """The local name of a CBV master data attribute (`cbvmda:lotNumber` gives `lotNumber`), else None.

    The prefix `cbvmda` counts whatever it is bound to, as does any prefix bound to `urn:epcglobal:cbv:mda:` (with or
    without its last colon) and any term for one of its attributes (trace.md R2).
    """
    if name.startswith(CBV_MDA):
        return name[len(CBV_MDA) :] or None
    prefix, colon, local = name.partition(":")
    if not colon:
        term = namespaces.get(name, "")
        return term[len(CBV_MDA) :] or None if term.startswith(CBV_MDA) else None
    bound = CBV_MDA if prefix == "cbvmda" else namespaces.get(prefix, "")
    return local or None if bound.rstrip(":") == CBV_MDA.rstrip(":") else None
