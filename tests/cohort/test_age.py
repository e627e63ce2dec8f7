import pytest

from phenojax.cohort.age import FieldError, parse_age


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("P3Y9M", 3.75),
        ("P18M", 1.5),
        ("P10D", 10 / 365.25),
        ("P6W", 42 / 365.25),
        ("P1Y2M3D", 1 + 2 / 12 + 3 / 365.25),
        ("P0D", 0.0),
        ("PT36H", 1.5 / 365.25),
        ("P1DT12H", 1.5 / 365.25),
        ("P2.5Y", 2.5),
        ("P2,5Y", 2.5),
        ("4.5", 4.5),
        (7, 7.0),
        (0.25, 0.25),
        (" P3Y ", 3.0),
    ],
)
def test_durations_and_numbers_are_read_as_years(text: object, years: float) -> None:
    assert parse_age(text) == pytest.approx(years, abs=1e-12)


@pytest.mark.parametrize("text", [None, "", "NA", "nan", "unknown", float("nan"), "Congenital onset", "HP:0003577"])
def test_an_age_that_is_not_told_in_years_is_unknown(text: object) -> None:
    assert parse_age(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("-3", "negative"),
        ("P-3Y", "negative"),
        ("-P3Y", "negative"),
        (151, "above 150 years"),
        ("P1000Y", "above 150 years"),
        ("inf", "above 150 years"),
        ("P", "not an ISO 8601 duration"),
        ("PT", "not an ISO 8601 duration"),
        ("P3", "not an ISO 8601 duration"),
        ("P3M2Y", "not an ISO 8601 duration"),
        ("three", "cannot be read"),
        ("3 years", "cannot be read"),
        (True, "cannot be read"),
    ],
)
def test_an_absurd_age_is_refused_with_its_value(text: object, reason: str) -> None:
    with pytest.raises(FieldError, match=reason) as caught:
        parse_age(text)
    assert str(text) in str(caught.value)
