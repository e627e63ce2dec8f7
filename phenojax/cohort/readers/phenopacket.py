"""GA4GH Phenopacket v2 JSON: a Phenopacket, a Family or a Cohort to individuals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from phenojax.cohort.age import DAYS_PER_YEAR, FieldError, parse_age
from phenojax.cohort.model import Individual
from phenojax.cohort.readers.builder import CohortBuilder
from phenojax.cohort.readers.fields import parse_photo, parse_sex, parse_text
from phenojax.cohort.variants import variant_columns

Json = Mapping[str, Any]
# Of a document that is none of ours the error names so many members, and so much of each.
NAMED_AT_MOST, LONGEST_NAME = 5, 30
_IMAGE_NAME = re.compile(r"\.(jpe?g|png|tiff?|bmp|webp)$", re.IGNORECASE)


def add_phenopackets(builder: CohortBuilder, where: str, document: object, folder: Path) -> None:
    """Add every individual of one JSON document: a Phenopacket, a Family, a Cohort, or a list of these."""
    for packet, group in _packets(builder, where, document, None):
        try:
            individual, further = _individual(builder, where, packet, group, folder)
        except FieldError as error:
            raise builder.error(where, f"phenopacket {packet.get('id')!r}: {error}") from None
        except (AttributeError, TypeError, KeyError, IndexError) as error:
            raise builder.error(
                where, f"phenopacket {packet.get('id')!r} does not follow the Phenopacket v2 schema ({error})"
            ) from None
        builder.add(where, individual, further)


def _packets(
    builder: CohortBuilder, where: str, document: object, group: str | None
) -> Iterator[tuple[Json, str | None]]:
    """Each phenopacket with the id of the family it stands in."""
    if isinstance(document, list):
        for entry in document:
            yield from _packets(builder, where, entry, group)
    elif isinstance(document, dict) and "members" in document:
        yield from _packets(builder, where, document["members"], group)
    elif isinstance(document, dict) and "proband" in document:
        family = [document["proband"], *document.get("relatives", [])]
        yield from _packets(builder, where, family, parse_text(document.get("id")))
    elif isinstance(document, dict) and {"subject", "phenotypicFeatures", "phenotypic_features"} & document.keys():
        yield document, group
    else:
        keys = _named(document) if isinstance(document, dict) else type(document).__name__
        raise builder.error(
            where,
            f"neither a Phenopacket nor a Family nor a Cohort: it has {keys or 'nothing'}; expected GA4GH v2 JSON",
        )


def _named(document: Json) -> str:
    """Name the first members, which may be many and long."""
    names = [str(name)[:LONGEST_NAME] for name in document]
    return ", ".join(names[:NAMED_AT_MOST] + ["..."] * (len(names) > NAMED_AT_MOST))


def _get(node: Json, name: str) -> Any:
    """Find a member by its camelCase name, or by the snake_case one that some writers keep; None when absent."""
    value = node.get(name)
    return value if value is not None else node.get(re.sub(r"[A-Z]", lambda c: "_" + c[0].lower(), name))


def _individual(
    builder: CohortBuilder, where: str, packet: Json, family: str | None, folder: Path
) -> tuple[Individual, list[tuple[str, str | None]]]:
    subject = packet.get("subject") or {}
    meta = _get(packet, "metaData") or {}
    features = _get(packet, "phenotypicFeatures") or []
    if any("negated" in feature for feature in features):
        raise FieldError("a feature says 'negated', which is Phenopacket schema 1; expected schema 2 ('excluded')")
    observed = [feature["type"]["id"] for feature in features if not feature.get("excluded")]
    excluded = [feature["type"]["id"] for feature in features if feature.get("excluded")]
    diseases = _diseases(packet)
    individual = Individual(
        id=parse_text(packet.get("id")) or parse_text(subject.get("id")) or "",
        gene=_gene(packet),
        observed=builder.terms(where, "phenotypicFeatures", observed),
        excluded=builder.terms(where, "phenotypicFeatures", excluded),
        sex=parse_sex(subject.get("sex")),
        age=_age(subject),
        group=_publication(meta) or family,
        photo=_photo(packet, folder),
        disease=tuple(diseases),
    )
    return individual, [
        ("disease_label", next(iter(diseases.values()), None)),
        ("subject", parse_text(subject.get("id"))),
        ("file", where),
        *variant_columns(_variants(packet))._asdict().items(),
    ]


def _diagnoses(packet: Json) -> list[Json]:
    return [i["diagnosis"] for i in packet.get("interpretations") or [] if i.get("diagnosis")]


def _diseases(packet: Json) -> dict[str, str | None]:
    """Labels by id: of the diagnoses, else of the listed diseases that were not excluded."""
    terms = [diagnosis["disease"] for diagnosis in _diagnoses(packet) if diagnosis.get("disease")]
    if not terms:
        terms = [d["term"] for d in packet.get("diseases") or [] if not d.get("excluded")]
    return {term["id"]: term.get("label") for term in terms}


def _findings(packet: Json) -> Iterator[tuple[str | None, Json]]:
    """Gene symbol and variant of everything that was not rejected."""
    for diagnosis in _diagnoses(packet):
        for finding in _get(diagnosis, "genomicInterpretations") or []:
            if _get(finding, "interpretationStatus") == "REJECTED":
                continue
            descriptor = _get(_get(finding, "variantInterpretation") or {}, "variationDescriptor") or {}
            context = _get(descriptor, "geneContext") or _get(finding, "gene") or {}
            yield parse_text(context.get("symbol")), descriptor


def _gene(packet: Json) -> str | None:
    """Symbol of the first gene that was not rejected."""
    return next((symbol for symbol, _ in _findings(packet) if symbol), None)


def _variants(packet: Json) -> list[dict[str, str | None]]:
    """The variants of that gene, as `variant_columns` takes them."""
    gene, found = _gene(packet), []
    for symbol, descriptor in _findings(packet):
        names = {e.get("syntax"): parse_text(e.get("value")) for e in descriptor.get("expressions") or []}
        structural = parse_text((_get(descriptor, "structuralType") or {}).get("label"))
        if symbol in (gene, None) and (names or structural):
            kind = None if structural is None else f"SV:{structural}"
            found.append({"class": kind, "c": names.get("hgvs.c"), "p": names.get("hgvs.p")})
    return found


def _age(subject: Json) -> float | None:
    """Years at the last encounter; None when told only as a stage of life or a week of gestation."""
    encounter = _get(subject, "timeAtLastEncounter") or {}
    if "age" in encounter:
        return parse_age(encounter["age"]["iso8601duration"])
    between = _get(encounter, "ageRange")
    if between:
        ends = [parse_age(between[end]["iso8601duration"]) for end in ("start", "end")]
        return sum(e for e in ends if e is not None) / 2
    born, seen = _get(subject, "dateOfBirth"), encounter.get("timestamp")
    if not born or not seen:
        return None
    try:
        days = (_date(seen).date() - _date(born).date()).days
    except ValueError:
        raise FieldError(f"date of birth {born!r} or encounter {seen!r} is not an ISO 8601 timestamp") from None
    return parse_age(days / DAYS_PER_YEAR)


def _date(text: str) -> datetime:
    return datetime.fromisoformat(text[:10])


def _publication(meta: Json) -> str | None:
    references = _get(meta, "externalReferences") or []
    ids = (parse_text(reference.get("id")) or "" for reference in references)
    return next((i for i in ids if i.upper().startswith("PMID:")), None)


def _photo(packet: Json, folder: Path) -> str | None:
    for file in packet.get("files") or []:
        attributes = _get(file, "fileAttributes") or {}
        mime = str(_get(attributes, "mimeType") or attributes.get("fileFormat") or "").lower()
        if mime.startswith("image/") or (not mime and _IMAGE_NAME.search(file.get("uri", ""))):
            return parse_photo(file["uri"], folder)
    return None
