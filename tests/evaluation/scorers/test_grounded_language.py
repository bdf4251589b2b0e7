from __future__ import annotations

import pytest

from app.evaluation.scorers.grounded_language import other_language

OTHERS = {
    "German": "Die Mühle hat sieben Steine und ein Rad aus Eiche, das von dem Bach gedreht wird.",
    "French": "Le moulin a sept pierres et une roue de chêne qui est tournée par la rivière.",
    "Spanish": "El molino tiene siete piedras y una rueda de roble que mueve el agua del río.",
    "Finnish": (
        "Myllyssä on seitsemän kiveä ja vanha puinen ratas, joka pyörii joen voimalla. "
        "Kylän asukkaat tuovat viljansa sinne joka syksy, kun sato on korjattu."
    ),
    "Czech": (
        "Mlýn má sedm kamenů a staré dřevěné kolo, které pohání řeka. Obyvatelé vesnice "
        "tam každý podzim vozí obilí, když skončí sklizeň."
    ),
    "Russian": "На мельнице семь камней и старое колесо.",
    "Chinese": "水车有七块石头。",
    "Arabic": "للطاحونة سبعة أحجار وعجلة من خشب.",
}
ENGLISH = {
    "prose": "The mill has seven stones and a wheel of oak that is turned by the water of the brook.",
    "names": "El Paso, Las Vegas, Los Angeles and San Diego are in the west of the country.",
    "a list": "- Hanger bolt\n- Grip jaw bolt\n- Door rail screw\n- Roof hatch hinge",
    "figures": "Net sales 117,154 123,945; Products 96,388; Services 20,766",
    "a short word": "Marmot",
    "nothing": "… 12 — !",
    "empty": "",
}


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS.keys())
def test_another_language(text: str) -> None:
    assert other_language(text)


@pytest.mark.parametrize("text", ENGLISH.values(), ids=ENGLISH.keys())
def test_not_plainly_another_language(text: str) -> None:
    assert not other_language(text)
