"""The warps of simulated faces are smooth, do what their terms say, and leave the rest of the face alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phenojax import load_ontology
from phenojax.errors import ConfigError
from phenojax.face.landmarks import LandmarkScheme
from phenojax.face.simulation.deformations import displacement
from phenojax.face.simulation.features import FEATURES, FacialFeature, warped_region
from phenojax.face.simulation.frame import MOUTH, NOSE_BASE, FaceFrame, face_frame
from phenojax.face.simulation.nuisance import Nuisance
from phenojax.face.simulation.render import render

BY_NAME = {feature.name: feature for feature in FEATURES}
GRID = np.stack(np.meshgrid(np.linspace(-1.5, 1.5, 151), np.linspace(-1, 2.5, 176)), axis=-1)


def moved(feature: FacialFeature, point: tuple[float, float], severity: float = 1.0) -> np.ndarray:
    """Where the content of `point` ends up: the fixed point of p = point + displacement(p)."""
    place = np.array(point, float)
    for _ in range(200):
        place = np.array(point) + displacement(place, feature.deformations, severity)
    return place


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_a_feature_is_a_term_of_the_ontology(feature: FacialFeature) -> None:
    assert load_ontology().label(feature.term_id) == feature.name


@pytest.mark.parametrize("severity", [0.3, 1.0, 1.3 * 1.5])
@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_no_warp_folds_the_picture(feature: FacialFeature, severity: float) -> None:
    source = GRID - displacement(GRID, feature.deformations, severity)
    down, across = np.gradient(source, GRID[1, 0, 1] - GRID[0, 0, 1], GRID[0, 1, 0] - GRID[0, 0, 0], axis=(0, 1))
    determinant = across[..., 0] * down[..., 1] - across[..., 1] * down[..., 0]
    assert determinant.min() > 0.05


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_severity_0_changes_nothing_and_both_halves_change_alike(feature: FacialFeature) -> None:
    assert np.abs(displacement(GRID, feature.deformations, 0.0)).max() == 0
    mirrored = GRID * [-1, 1]
    there = displacement(mirrored, feature.deformations, 1.0) * [-1, 1]
    np.testing.assert_allclose(displacement(GRID, feature.deformations, 1.0), there, atol=1e-12)


def test_the_features_do_what_their_names_say() -> None:
    def eye_distance(name: str) -> float:
        return float(moved(BY_NAME[name], (0.5, 0))[0] - moved(BY_NAME[name], (-0.5, 0))[0])

    def slant(name: str) -> float:
        """How much lower the outer corner is than the inner one."""
        return float(moved(BY_NAME[name], (0.68, 0))[1] - moved(BY_NAME[name], (0.32, 0))[1])

    def philtrum(name: str) -> float:
        return float(moved(BY_NAME[name], (0, MOUTH))[1] - moved(BY_NAME[name], (0, NOSE_BASE))[1])

    def width(name: str, half: float, level: float) -> float:
        return float(moved(BY_NAME[name], (half, level))[0] / half)

    assert eye_distance("Hypertelorism") > 1.1
    assert eye_distance("Hypotelorism") < 0.9
    assert slant("Upslanted palpebral fissure") < -0.05
    assert slant("Downslanted palpebral fissures") > 0.05
    assert philtrum("Long philtrum") > 1.2 * (MOUTH - NOSE_BASE)
    assert philtrum("Short philtrum") < 0.8 * (MOUTH - NOSE_BASE)
    assert width("Wide mouth", 0.35, MOUTH) > 1.15
    assert width("Narrow mouth", 0.35, MOUTH) < 0.9
    assert width("Wide nasal bridge", 0.1, 0.15) > 1.3
    assert width("Wide nose", 0.2, 0.66) > 1.2
    assert moved(BY_NAME["Short nose"], (0, 0.68))[1] < 0.6
    assert moved(BY_NAME["Micrognathia"], (0, 1.75))[1] < 1.66


@given(
    angle=st.floats(-3, 3),
    scale=st.floats(5, 300),
    x=st.floats(-500, 500),
    y=st.floats(-500, 500),
    scheme=st.sampled_from(list(LandmarkScheme)),
)
@settings(deadline=None)
def test_the_frame_finds_the_face_wherever_it_is(
    angle: float, scale: float, x: float, y: float, scheme: LandmarkScheme
) -> None:
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    truth = FaceFrame(np.array([x, y]), turn)
    if scheme is LandmarkScheme.DLIB5:
        points = [(0.75, 0), (0.25, 0), (-0.75, 0), (-0.25, 0), (0, NOSE_BASE)]
    else:
        points = [(-0.5, 0), (0.5, 0), (0, 0.57), (-0.4, MOUTH), (0.4, MOUTH)]
    found = face_frame(truth.to_pixels(points), scheme)
    np.testing.assert_allclose(found.origin, truth.origin, atol=1e-8)
    np.testing.assert_allclose(found.axes, truth.axes, atol=1e-8)
    np.testing.assert_allclose(found.to_face(found.to_pixels(GRID)), GRID, atol=1e-9)


def test_five_points_on_a_line_are_no_face() -> None:
    with pytest.raises(ConfigError, match="no face"):
        face_frame([(0, 0), (10, 0), (20, 0), (30, 0), (40, 0)], LandmarkScheme.FIVE_POINT)
    with pytest.raises(ConfigError, match="five finite points"):
        face_frame([(0, 0), (np.nan, 0), (20, 0), (30, 0), (40, 0)], LandmarkScheme.FIVE_POINT)


def test_pixels_change_inside_the_region_and_nowhere_else() -> None:
    rng = np.random.default_rng(0)
    photograph = np.kron(rng.integers(0, 256, (32, 32, 3)), np.ones((8, 8, 1))).astype(np.uint8)
    frame = FaceFrame(np.array([128.0, 100.0]), np.diag([70.0, 70.0]))
    plain = render(photograph, frame, (), 1.0, Nuisance(), np.random.default_rng(1), 256)
    for feature in FEATURES:
        warped = render(photograph, frame, (feature,), 1.0, Nuisance(), np.random.default_rng(1), 256)
        change = np.abs(warped.pixels.astype(int) - plain.pixels).sum(axis=2)
        region = warped_region((feature,), warped.frame, (256, 256))
        assert change[region].mean() > 8 * change[~region].mean()
        outside = ~warped_region((feature,), warped.frame, (256, 256), height=0.002)
        assert change[outside].max(initial=0) <= 40


def test_the_frame_follows_the_camera() -> None:
    photograph = np.zeros((200, 200, 3), np.uint8)
    frame = FaceFrame(np.array([90.0, 80.0]), np.diag([40.0, 44.0]))
    for x, y in ((-0.5, 0.0), (0.5, 0.0), (0.0, MOUTH)):
        column, row = (round(float(value)) for value in frame.to_pixels((x, y)))
        photograph[row - 2 : row + 3, column - 2 : column + 3] = 255
    nuisance = Nuisance(turn=0.4, zoom=1.2, shift=(0.05, -0.04))
    taken = render(photograph, frame, (), 0.0, nuisance, np.random.default_rng(0), 300)
    for x, y in ((-0.5, 0.0), (0.5, 0.0), (0.0, MOUTH)):
        column, row = (round(float(value)) for value in taken.frame.to_pixels((x, y)))
        assert taken.pixels[row, column].min() > 200
