"""Where the points of a face belong on a chip, for either kind of points."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from face.alignment.placed_faces import turned

from phenojax.errors import ConfigError
from phenojax.face.alignment.schemes import eyes, target_points, to_scheme
from phenojax.face.alignment.templates import Template, find_template, template_names
from phenojax.face.landmarks import LandmarkScheme
from phenojax.face.weights.catalogue import BUNDLED

EVERY = [find_template(name) for name in template_names()]
every = pytest.mark.parametrize("template", EVERY, ids=template_names())
FIVE_POINT, DLIB5 = LandmarkScheme.FIVE_POINT, LandmarkScheme.DLIB5


def test_an_unknown_template_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(
        ConfigError, match=r"'dlib-151' is not known; there is dlib-150, arcface-112, arcface-112-smooth"
    ):
        find_template("dlib-151")


def test_every_bundled_encoder_names_a_template_of_its_size() -> None:
    wanted = [entry.card.preprocessing for entry in BUNDLED.values() if entry.card.preprocessing is not None]
    assert wanted
    for preprocessing in wanted:
        assert find_template(preprocessing.template).side == preprocessing.input_size


@every
def test_both_kinds_of_points_have_the_eyes_at_the_same_places(template: Template) -> None:
    five, dlib = (np.array(eyes(target_points(template, scheme), scheme)) for scheme in (FIVE_POINT, DLIB5))
    np.testing.assert_allclose(five, dlib, atol=1e-3)
    assert five[0, 0] < template.side / 2 < five[1, 0]


@every
def test_the_base_of_the_nose_lies_between_its_tip_and_the_mouth(template: Template) -> None:
    five, dlib = (np.asarray(target_points(template, scheme)) for scheme in (FIVE_POINT, DLIB5))
    tip, base, mouth = five[2], dlib[4], five[3:].mean(axis=0)
    assert tip[1] + 3 < base[1] < mouth[1] - 3 < template.side
    assert abs(base[0] - (tip[0] + mouth[0]) / 2) < 0.02 * template.side


def test_the_templates_have_the_points_of_each_other_but_for_a_similarity() -> None:
    dlib, arcface = find_template("dlib-150"), find_template("arcface-112")
    for scheme in LandmarkScheme:
        first, second = (np.asarray(target_points(t, scheme)).astype(float) @ (1, 1j) for t in (dlib, arcface))
        a, b = np.polyfit(first, second, 1)
        # The mean faces are not quite symmetric, what is derived is.
        assert np.abs(a * first + b - second).max() < 0.6


@pytest.mark.parametrize("scheme", LandmarkScheme)
def test_points_go_to_the_other_scheme_wherever_the_face_is_and_however_it_is_turned(scheme: LandmarkScheme) -> None:
    other = DLIB5 if scheme is FIVE_POINT else FIVE_POINT
    face = np.asarray(target_points(EVERY[0], scheme)) + np.random.default_rng(0).normal(size=(5, 2)) * 4
    there = to_scheme(jnp.asarray(face, jnp.float32), scheme, other)
    moved = to_scheme(jnp.asarray(turned(face, 70) * 1.5 + (100, 30), jnp.float32), scheme, other)
    np.testing.assert_allclose(moved, turned(np.asarray(there), 70) * 1.5 + (100, 30), atol=1e-3)


def test_a_nose_that_points_aside_does_not_take_the_mouth_with_it() -> None:
    front = np.asarray(target_points(EVERY[0], DLIB5))
    aside = front + np.array([(0, 0)] * 4 + [(9, 0)])
    first, second = (np.asarray(to_scheme(jnp.asarray(p, jnp.float32), DLIB5, FIVE_POINT)) for p in (front, aside))
    np.testing.assert_allclose(second - first, [(0, 0), (0, 0), (9, 0), (0, 0), (0, 0)], atol=0.02)


def test_eyes_on_one_spot_have_other_points_and_slopes_too() -> None:
    spot = jnp.full((5, 2), 7.0)
    for scheme, other in [(DLIB5, FIVE_POINT), (FIVE_POINT, DLIB5)]:
        np.testing.assert_allclose(to_scheme(spot, scheme, other), spot)
        slope = jax.jacobian(lambda points, pair=(scheme, other): to_scheme(points, *pair))(spot)
        assert np.isfinite(slope).all()
