#pragma once
// What an ontology file says, before anything is checked across terms: the common product of the OBO and the
// obographs reader. Terms of other ontologies are left out by the readers.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "phenojax/errors.hpp"
#include "phenojax/text_lines.hpp"

namespace phenojax {

struct TermRecord {
  std::int32_t number = -1;
  std::size_t at = 0;  // the byte where the term begins in the file
  bool is_obsolete = false;
  std::string name;
  std::vector<std::string> synonyms;
};

struct TermLink {
  std::int32_t from = -1;
  std::int32_t to = -1;
  std::size_t at = 0;
};

struct OntologyDocument {
  std::string source;     // for messages
  std::string_view text;  // the whole file; must outlive the document
  std::string version;    // a date where the file gives one; "" when it says nothing
  std::vector<TermRecord> terms;
  std::vector<TermLink> is_a;         // child, parent
  std::vector<TermLink> alternates;   // alternate id, the term that holds it
  std::vector<TermLink> replaced_by;  // obsolete id, what to use instead
  std::vector<TermLink> consider;     // obsolete id, what may be meant

  [[nodiscard]] FormatError error(std::size_t at, const std::string& message) const {
    return {source, line_at(text, at), message};
  }
};

}  // namespace phenojax
