"""Model cards on the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import phenojax
from phenojax._extras import MODULES
from phenojax.cli import main
from phenojax.face.weights.catalogue import BUNDLED, IMPORTABLE
from phenojax.face.weights.locate import find_folder

needs_extra = pytest.mark.skipif(
    any(find_folder(entry) is None for entry in BUNDLED.values()), reason="the extra faces is not installed"
)
# As on a machine without the packages that carry weights.
WITHOUT_EXTRA = (
    "import sys\n"
    "for name in ('face_recognition_models', 'mtcnn', 'flax'): sys.modules[name] = None\n"
    "from phenojax.cli import main\n"
    "sys.exit(main(sys.argv[1:]))"
)


def without_extra(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT_EXTRA, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PHENOJAX_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setenv("COLUMNS", "80")


@needs_extra
def test_the_list_has_a_line_for_each_model_and_the_card_of_each_that_is_here(capfd: pytest.CaptureFixture[str]):
    assert main(["weights", "list"]) == 0
    told = capfd.readouterr().out
    assert max(map(len, told.splitlines())) <= 80
    for name in (*BUNDLED, *IMPORTABLE):
        assert f"{name:<18}" in told
    for words in (
        "150 x 150 pixels, RGB, template dlib-150",
        "(122.782, 117.001, 104.298), (256, 256, 256)",
        "euclidean",
        "0.6, nearer is the same person",
        "99.38% as the makers state it",
        "CC0 1.0",
        "FaceScrub and VGG-Face",
        "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
        "weights should not be used commercially",
    ):
        assert words in told
    assert "arXiv:2103.06627" not in told


def test_the_full_list_has_the_cards_of_models_to_import(capfd: pytest.CaptureFixture[str]):
    assert main(["weights", "list", "--full"]) == 0
    told = capfd.readouterr().out
    assert "arXiv:2103.06627" in told
    assert "phenojax weights import" in told


def test_json_has_every_field_of_every_card(capfd: pytest.CaptureFixture[str]):
    assert main(["weights", "list", "--json"]) == 0
    cards = {card["name"]: card for card in json.loads(capfd.readouterr().out)}
    assert set(cards) == {*BUNDLED, *IMPORTABLE}
    assert cards["magface"]["where"] == "to import"
    assert cards["magface"]["preprocessing"]["channels"] == "BGR"
    wanted = json.loads(json.dumps(BUNDLED["mtcnn"].card.to_dict()))
    assert {key: cards["mtcnn"][key] for key in wanted} == wanted


def test_one_card_is_shown_by_name(capfd: pytest.CaptureFixture[str]):
    assert main(["weights", "show", "arcface"]) == 0
    told = capfd.readouterr().out
    assert "w600k_r50" in told
    assert "magface" not in told


def test_a_name_that_is_no_model_is_answered_with_those_that_are(capfd: pytest.CaptureFixture[str]):
    assert main(["weights", "show", "facenet"]) == 2
    assert "model 'facenet' is not known; there is dlib-resnet, " in capfd.readouterr().err


def test_without_the_extra_the_list_says_what_is_missing_and_how_to_have_it():
    done = without_extra("weights", "list", "--json")
    assert done.returncode == 0, done.stderr
    cards = {card["name"]: card for card in json.loads(done.stdout)}
    assert {cards[name]["where"] for name in BUNDLED} == {"missing"}
    assert cards["dlib-resnet"]["obtain"] == "pip install 'phenojax[faces]'"


def test_without_the_extra_the_doctor_finds_no_fault():
    done = without_extra("doctor", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    facts = json.loads(done.stdout)
    assert facts["faces"]["models"]["dlib-resnet"] == "missing"
    assert facts["faults"] == []


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cohort") / "cohort.tsv"
    drawn = phenojax.SimulationConfig(n_genes=2, min_size=8, max_size=9)
    phenojax.write_cohort(phenojax.simulate(phenojax.load_ontology(), drawn, seed=1), path)
    return path


def test_without_the_extra_faces_are_refused_with_the_one_command_that_installs_it(cohort: Path, tmp_path: Path):
    done = without_extra("screen", str(cohort), "--out", str(tmp_path / "out"), "--modality", "face")
    assert done.returncode == 2
    assert done.stderr == (
        "phenojax: error: --modality face needs packages that are not installed; run: pip install 'phenojax[faces]'\n"
    )
    assert not (tmp_path / "out").exists()


def test_without_the_extra_terms_are_screened(cohort: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for module in MODULES["faces"]:
        monkeypatch.setitem(sys.modules, module, None)
    gene = phenojax.read_cohort(cohort).individuals[0].gene
    out = str(tmp_path / "out")
    assert main(["screen", str(cohort), "--out", out, "--gene", gene, "--permutations", "9", "--quiet"]) == 0
    assert (tmp_path / "out" / "report.html").is_file()


def test_fetch_refuses_what_is_not_https_in_one_sentence(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    code = main(
        ["weights", "fetch", "http://example.org/w.pth", "--sha256", "0" * 64, "--out", str(tmp_path / "w.pth")]
    )
    assert code == 2
    assert capfd.readouterr().err == "phenojax: error: http://example.org/w.pth: is not an https address\n"


def test_fetch_needs_a_sha256(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    assert main(["weights", "fetch", "https://example.org/w.pth", "--out", str(tmp_path / "w.pth")]) == 2
    assert "--sha256" in capfd.readouterr().err
