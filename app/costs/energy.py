"""The energy that this machine drew, by its own counters: RAPL of its processors, NVML of its GPUs.

Counters are read when a generation begins and when it ends, and by nothing in between. RAPL: Linux,
Documentation/power/powercap/powercap.rst. NVML: nvmlDeviceGetTotalEnergyConsumption of NVIDIA's NVML API
reference ("for Volta or newer"), where NVIDIA's package nvidia-ml-py is installed, whose module is called
pynvml; Assay does not bring it, since few machines can use it. (The package called pynvml is given up, and
says to take nvidia-ml-py.) Neither sees the rest of the machine: fans, disks and power supply are in no
figure of theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, cast

POWERCAP = Path("/sys/class/powercap")
NVML = "pynvml"
NO_PACKAGE = "NVIDIA GPUs are measured once the package nvidia-ml-py is installed (pip install nvidia-ml-py)."
NO_DRIVER = "The package nvidia-ml-py is installed, but NVIDIA's driver is missing or does not answer."
NO_GPU = "NVIDIA's driver is there, but no GPU of it counts its energy: those do since Volta (2017)."
SUREST_WATTS = 500.0
"""No processor draws more: so long a span cannot have hidden a whole turn of its counter."""
MICRO, MILLI = 1e-6, 1e-3


class Counter(Protocol):
    """A counter of energy that only goes on."""

    def since_last(self, now: float) -> float | None:
        """Joules since it was last read, None where that cannot be told. ``now``: monotonic seconds."""


class Nvml(Protocol):
    """What is used of NVML."""

    NVMLError: type[Exception]

    def nvmlInit(self) -> None:  # noqa: N802 - NVML's own names
        """Begin."""

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        """How many GPUs there are."""

    def nvmlDeviceGetHandleByIndex(self, index: int) -> object:  # noqa: N802
        """One of them."""

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: object) -> int:  # noqa: N802
        """Millijoules since its driver was loaded."""


@dataclass
class RaplDomain:
    """A processor's package, or its memory. The counter turns over at ``range_uj`` microjoules."""

    file: Path
    range_uj: int
    _last: int | None = None
    _at: float = 0.0

    def since_last(self, now: float) -> float | None:
        """Joules since it was last read. The first time it only begins."""
        before, began = self._last, self._at
        self._last, self._at = _number(self.file), now
        if before is None or self._last is None or now - began > self.range_uj * MICRO / SUREST_WATTS:
            return None
        spent = self._last - before
        return (spent if spent >= 0 else spent + self.range_uj) * MICRO


@dataclass
class Gpu:
    """A GPU of NVIDIA's."""

    nvml: Nvml
    handle: object
    _last: int | None = None

    def since_last(self, now: float) -> float | None:  # noqa: ARG002 - it does not turn over
        """Joules since it was last read. The first time it only begins; so after its driver began anew."""
        before, self._last = self._last, _total(self.nvml, self.handle)
        if before is None or self._last is None or self._last < before:
            return None
        return (self._last - before) * MILLI


@dataclass
class Energy:
    """This machine's counters together. ``words`` say what is measured, or why nothing is."""

    counters: Sequence[Counter] = field(default_factory=tuple)
    words: str = ""

    def since_last(self, now: float) -> float | None:
        """Joules of all of them since they were last read, None where one of them cannot tell."""
        spent = [one.since_last(now) for one in self.counters]
        known = [one for one in spent if one is not None]
        return sum(known) if known and len(known) == len(spent) else None


def energy(folder: Path = POWERCAP, nvml: str = NVML) -> Energy:
    """The counters of this machine that can be read. Raises nothing."""
    domains, locked = _rapl(folder)
    gpus, lacking = _gpus(nvml)
    told = [
        (bool(domains), "its processors by RAPL"),
        (bool(gpus), f"{len(gpus)} of its GPUs by NVML"),
    ]
    measured = " and ".join(words for there, words in told if there)
    words = (
        f"Measured on this machine: {measured}." if measured else "This machine's energy cannot be measured."
    )
    missing = [words, "RAPL's counters are there, but this program may not read them." if locked else ""]
    return Energy((*domains, *gpus), " ".join(one for one in (*missing, lacking) if one))


def _rapl(folder: Path) -> tuple[list[RaplDomain], bool]:
    """Its packages and memories, and whether some may not be read. What is inside a package counts once."""
    found, locked = [], False
    for place in sorted(folder.glob("intel-rapl:*")):
        name = _text(place / "name")
        if not (name.startswith("package") or name == "dram"):
            continue
        turn = _number(place / "max_energy_range_uj")
        if _number(place / "energy_uj") is None or not turn:
            locked = True
            continue
        found.append(RaplDomain(place / "energy_uj", turn))
    # Half of the processors would be a wrong figure, not half of one.
    return ([], True) if locked else (found, False)


def _gpus(module: str) -> tuple[list[Gpu], str]:
    """The GPUs that count their energy; where there are none, what is missing."""
    if find_spec(module) is None:
        return [], NO_PACKAGE
    nvml = cast("Nvml", import_module(module))
    try:
        nvml.nvmlInit()
        handles = [nvml.nvmlDeviceGetHandleByIndex(one) for one in range(nvml.nvmlDeviceGetCount())]
    except nvml.NVMLError:
        return [], NO_DRIVER
    found = [Gpu(nvml, one) for one in handles if _total(nvml, one) is not None]
    return found, "" if found else NO_GPU


def _total(nvml: Nvml, handle: object) -> int | None:
    try:
        return nvml.nvmlDeviceGetTotalEnergyConsumption(handle)
    except nvml.NVMLError:
        return None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _number(file: Path) -> int | None:
    told = _text(file)
    return int(told) if told.isdecimal() else None
