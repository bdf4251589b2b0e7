"""The machine's own counters of energy: a folder in the place of sysfs, a module in the place of NVML."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from app.costs.energy import NO_DRIVER, NO_GPU, Energy, energy

NOWHERE = "no_such_nvml"
NVML = """
class NVMLError(Exception):
    pass

energies = [5_000, 9_000, None]

def nvmlInit():
    if broken:
        raise NVMLError("no driver")

def nvmlDeviceGetCount():
    return len(energies)

def nvmlDeviceGetHandleByIndex(index):
    return index

def nvmlDeviceGetTotalEnergyConsumption(handle):
    if energies[handle] is None:
        raise NVMLError("not supported")
    return energies[handle]

broken = False
"""


def domain(folder: Path, zone: str, name: str, micro: int | None, most: int = 262_143_000_000) -> Path:
    """A zone as the kernel shows it; one without a number may not be read."""
    place = folder / zone
    place.mkdir(parents=True)
    (place / "name").write_text(f"{name}\n")
    (place / "max_energy_range_uj").write_text(f"{most}\n")
    counter = place / "energy_uj"
    if micro is None:
        counter.mkdir()  # Whoever is root could read a forbidden file, and nobody a folder.
    else:
        counter.write_text(f"{micro}\n")
    return counter


def counting(folder: Path) -> Energy:
    made = energy(folder, NOWHERE)
    assert made.since_last(100.0) is None, "the first reading only begins"
    return made


def test_a_machine_without_counters(tmp_path: Path) -> None:
    made = energy(tmp_path / "nothing", NOWHERE)

    assert not made.counters
    assert made.since_last(0.0) is None
    assert made.words.startswith("This machine's energy cannot be measured.")


def test_packages_and_memory_are_added_and_nothing_twice(tmp_path: Path) -> None:
    """What is inside a package, its second interface and the whole platform hold the same joules again."""
    counters = [
        domain(tmp_path, "intel-rapl:0", "package-0", 1_000_000),
        domain(tmp_path, "intel-rapl:1", "package-1", 2_000_000),
        domain(tmp_path, "intel-rapl:0:2", "dram", 3_000_000),
        domain(tmp_path, "intel-rapl:0:0", "core", 0),
        domain(tmp_path, "intel-rapl:2", "psys", 0),
        domain(tmp_path, "intel-rapl-mmio:0", "package-0", 0),
    ]
    made = counting(tmp_path)
    for one in counters:
        one.write_text(str(int(one.read_text()) + 4_000_000))

    assert made.since_last(101.0) == pytest.approx(12.0)
    assert made.since_last(102.0) == 0.0
    assert made.words.startswith("Measured on this machine: its processors by RAPL.")


def test_a_counter_that_turned_over(tmp_path: Path) -> None:
    counter = domain(tmp_path, "intel-rapl:0", "package-0", 90_000_000, most=100_000_000)
    made = counting(tmp_path)
    counter.write_text("5000000")

    assert made.since_last(100.1) == pytest.approx(15.0)


def test_after_so_long_that_it_may_have_turned_over_twice_nothing_is_told(tmp_path: Path) -> None:
    """100 J at 500 W is a fifth of a second."""
    counter = domain(tmp_path, "intel-rapl:0", "package-0", 10_000_000, most=100_000_000)
    made = counting(tmp_path)
    counter.write_text("20000000")
    assert made.since_last(100.3) is None
    counter.write_text("21000000")

    assert made.since_last(100.4) == pytest.approx(1.0)


def test_one_that_may_not_be_read_is_said_and_half_is_no_measure(tmp_path: Path) -> None:
    domain(tmp_path, "intel-rapl:0", "package-0", 1)
    domain(tmp_path, "intel-rapl:1", "package-1", None)
    made = energy(tmp_path, NOWHERE)

    assert not made.counters
    assert "may not read them" in made.words


def test_one_that_cannot_be_read_any_more_makes_the_span_unknown(tmp_path: Path) -> None:
    counter = domain(tmp_path, "intel-rapl:0", "package-0", 1_000_000)
    made = counting(tmp_path)
    counter.unlink()
    assert made.since_last(101.0) is None
    counter.write_text("7000000")
    assert made.since_last(102.0) is None, "what it was before is not known"
    counter.write_text("8000000")

    assert made.since_last(103.0) == pytest.approx(1.0)


@pytest.fixture
def nvml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "scripted_nvml.py").write_text(NVML)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "scripted_nvml", raising=False)
    return "scripted_nvml"


def test_gpus_that_tell_are_counted(tmp_path: Path, nvml: str) -> None:
    made = energy(tmp_path / "none", nvml)
    scripted = sys.modules[nvml]
    assert len(made.counters) == 2, "the third does not support it"
    assert made.words == "Measured on this machine: 2 of its GPUs by NVML."
    made.since_last(1.0)
    scripted.energies[:2] = [6_500, 9_250]
    assert made.since_last(2.0) == pytest.approx(1.75)
    scripted.energies[0] = 10
    assert made.since_last(3.0) is None, "its driver began anew"
    scripted.energies[0] = None
    assert made.since_last(4.0) is None


def test_a_driver_that_is_not_there(tmp_path: Path, nvml: str) -> None:
    source = tmp_path / "scripted_nvml.py"
    source.write_text(NVML.replace("broken = False", "broken = True"))

    made = energy(tmp_path / "none", nvml)
    assert not made.counters
    assert made.words.endswith(NO_DRIVER)


def test_without_nvidia_s_package_the_words_say_which_it_is(tmp_path: Path) -> None:
    domain(tmp_path, "intel-rapl:0", "package-0", 1)
    for folder, begin in ((tmp_path, "Measured on this machine"), (tmp_path / "none", "This machine's")):
        words = energy(folder, NOWHERE).words
        assert words.startswith(begin)
        assert words.endswith("installed (pip install nvidia-ml-py).")


def test_a_gpu_that_is_too_old_to_count_is_said(tmp_path: Path, nvml: str) -> None:
    (tmp_path / "scripted_nvml.py").write_text(NVML.replace("[5_000, 9_000, None]", "[None]"))
    made = energy(tmp_path / "none", nvml)
    assert not made.counters
    assert made.words.endswith(NO_GPU)


def test_processors_and_gpus_together(tmp_path: Path, nvml: str) -> None:
    counter = domain(tmp_path, "intel-rapl:0", "package-0", 0)
    made = energy(tmp_path, nvml)
    made.since_last(1.0)
    counter.write_text("2000000")
    sys.modules[nvml].energies[0] += 500

    assert made.since_last(2.0) == pytest.approx(2.5)
    assert made.words == "Measured on this machine: its processors by RAPL and 2 of its GPUs by NVML."
