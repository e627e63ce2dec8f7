#pragma once
// The OBO 1.2/1.4 flat file of the Human Phenotype Ontology (hp.obo). One pass, O(bytes).

#include <string>
#include <string_view>

#include "phenojax/ontology_document.hpp"

namespace phenojax {

// Reads [Term] stanzas whose id is an HP id. `text` must outlive the result. Throws FormatError with the line.
[[nodiscard]] OntologyDocument read_obo(std::string source, std::string_view text);

}  // namespace phenojax
