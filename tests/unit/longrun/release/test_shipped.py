"""Released weights are found beside the packages, and inside one where it brings them."""

from longrun.release import shipped
from tests.places import ROOT


def test_a_checkout_has_them_beside_its_packages():
    assert shipped.released("stegastamp") == ROOT / "checkpoints" / "released" / "stegastamp"


def test_an_installed_package_brings_its_own(tmp_path, monkeypatch):
    (tmp_path / "longrun" / "released" / "hrm").mkdir(parents=True)
    (tmp_path / "checkpoints" / "released" / "hrm").mkdir(parents=True)
    monkeypatch.setattr(shipped, "_PACKAGE", tmp_path / "longrun")
    assert shipped.released("hrm") == tmp_path / "longrun" / "released" / "hrm"
