"""Where the points of a face belong on a chip, for either kind of points."""

from __future__ import annotations

import numpy as np
import pytest

from phenojax.errors import ConfigError
from phenojax.face.alignment.templates import eye_centres, find_template, template_names
from phenojax.face.landmarks import LandmarkScheme
from phenojax.face.weights.catalogue import BUNDLED

EVERY = [find_template(name) for name in template_names()]


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


@pytest.mark.parametrize("template", EVERY, ids=template_names())
def test_both_kinds_of_points_have_the_eyes_at_the_same_places(template) -> None:  # type: ignore[no-untyped-def]
    five, dlib = (eye_centres(template.points(scheme), scheme) for scheme in LandmarkScheme)
    np.testing.assert_allclose(five, dlib, atol=1e-9)
    assert five[0].real < template.side / 2 < five[1].real


@pytest.mark.parametrize("template", EVERY, ids=template_names())
def test_the_base_of_the_nose_lies_between_its_tip_and_the_mouth(template) -> None:  # type: ignore[no-untyped-def]
    tip, base = template.five_point[2], template.dlib5[4]
    mouth = np.mean(template.five_point[3:], axis=0)
    assert tip[1] < base[1] < mouth[1] < template.side
    assert abs(base[0] - (tip[0] + mouth[0]) / 2) < 0.02 * template.side


def test_derived_points_are_the_native_ones_of_the_other_template_by_one_similarity() -> None:
    dlib, arcface = find_template("dlib-150"), find_template("arcface-112")
    for scheme in LandmarkScheme:
        first, second = (np.array([complex(*p) for p in t.points(scheme)]) for t in (dlib, arcface))
        steps = np.diff(second) / np.diff(first)
        np.testing.assert_allclose(steps, steps[0], rtol=1e-12)
