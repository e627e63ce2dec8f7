#pragma once
// The disease annotations of the Human Phenotype Ontology (phenotype.hpoa). One pass, O(bytes).

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "phenojax/csr.hpp"

namespace phenojax {

enum class Sex : std::uint8_t { kNone = 0, kMale = 1, kFemale = 2 };

// One row per line of the file, in its order; strings are views into the file, each given once.
struct HpoaRows {
  std::string version;  // the date in the comments at the top; "" when there is none
  std::vector<std::string_view> disease_ids;
  std::vector<std::string_view> disease_names;  // the first name that the file gives a disease
  std::vector<std::string_view> references;
  std::vector<std::string_view> evidence_codes;

  std::vector<std::int32_t> disease;       // in disease_ids
  std::vector<std::int32_t> term_number;   // of the HP id
  std::vector<std::uint8_t> negated;       // 1 where the qualifier is NOT
  Csr cited;                               // one row per line, in references, in the line's order, each once
  std::vector<std::uint8_t> evidence;      // in evidence_codes
  std::vector<std::int32_t> onset_number;  // of the HP id; -1 when not given
  std::vector<float> frequency;            // in [0, 1]; NaN when not given or not usable
  std::vector<std::int32_t> numerator;     // of "3/7"; -1 when not given so
  std::vector<std::int32_t> denominator;
  std::vector<std::uint8_t> sex;          // Sex
  std::vector<std::uint8_t> aspect;       // one of 'P' 'I' 'C' 'M' 'H'
  std::int64_t unusable_frequencies = 0;  // such as 0/0 or 112/16
};

// The fraction that each frequency class of the HPO stands for: the middle of the range in its definition.
struct FrequencyClass {
  std::int32_t number;
  float fraction;
};
inline constexpr std::array<FrequencyClass, 6> kFrequencyClasses{{
    {40280, 1.0F},    // Obligate, 100 %
    {40281, 0.895F},  // Very frequent, 80 to 99 %
    {40282, 0.545F},  // Frequent, 30 to 79 %
    {40283, 0.17F},   // Occasional, 5 to 29 %
    {40284, 0.025F},  // Very rare, 1 to 4 %
    {40285, 0.0F},    // Excluded, 0 %
}};

// `text` must outlive the result. Throws FormatError with the line.
[[nodiscard]] HpoaRows read_hpoa(const std::string& source, std::string_view text);

}  // namespace phenojax
