#pragma once
// The obographs JSON of the Human Phenotype Ontology (hp.json). One pass, O(bytes).

#include <string>
#include <string_view>

#include "phenojax/ontology_document.hpp"

namespace phenojax {

// Reads the HP classes and the is_a edges between them. A deprecated class without a label is the mark that a merged
// id leaves behind; it counts as an alternate id of what replaced it, as in the OBO file.
// `text` must outlive the result. Throws FormatError with the line.
[[nodiscard]] OntologyDocument read_obographs(std::string source, std::string_view text);

}  // namespace phenojax
