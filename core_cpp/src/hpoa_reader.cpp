#include "phenojax/hpoa_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "phenojax/strings.hpp"
#include "phenojax/term_number.hpp"
#include "phenojax/text_lines.hpp"

namespace phenojax {
namespace {

constexpr std::array<std::string_view, 12> kColumns{"databaseid", "diseasename", "qualifier", "hpoid",
                                                    "reference",  "evidence",    "onset",     "frequency",
                                                    "sex",        "modifier",    "aspect",    "biocuration"};
constexpr const char* kExpected =
    "expected the tab-separated columns database_id disease_name qualifier hpo_id reference evidence onset frequency "
    "sex modifier aspect biocuration";

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto* const begin = std::to_address(text.begin());
  const auto* const end = std::to_address(text.end());
  const auto result = std::from_chars(begin, end, value);
  if (result.ec != std::errc{} || result.ptr != end || text.empty() || text.front() == '-') return std::nullopt;
  return value;
}

struct Frequency {
  float fraction = std::numeric_limits<float>::quiet_NaN();
  std::int32_t numerator = -1;
  std::int32_t denominator = -1;
};

class HpoaReader {
 public:
  HpoaReader(const std::string& source, std::string_view text) : source_(source), lines_(source, text) {}

  HpoaRows read() {
    read_head();
    while (lines_.next()) {
      if (lines_.line().empty() || lines_.line().front() == '#') continue;
      split_columns(lines_.line(), cells_);
      if (cells_.size() != kColumns.size()) {
        throw lines_.error("found " + std::to_string(cells_.size()) + " columns; " + kExpected);
      }
      read_row();
    }
    rows_.disease_ids = diseases_.seen();
    rows_.references = references_.seen();
    rows_.evidence_codes = evidence_.seen();
    return std::move(rows_);
  }

 private:
  // Up to and with the line of column names, which older releases begin with '#'.
  void read_head() {
    while (lines_.next()) {
      const auto line = lines_.line();
      split_columns(line, cells_);
      if (is_header()) return;
      if (!line.starts_with('#')) throw lines_.error(std::string("no line of column names; ") + kExpected);
      const auto colon = line.find(':');
      const auto key = plain_name(line.substr(0, colon));
      if (colon != std::string_view::npos && (key == "version" || key == "date")) {
        rows_.version = release_date(line.substr(colon + 1));
      }
    }
    throw FormatError(source_, 0, std::string("no line of column names; ") + kExpected);
  }

  [[nodiscard]] bool is_header() const {
    return std::equal(cells_.begin(), cells_.end(), kColumns.begin(), kColumns.end(),
                      [](std::string_view cell, std::string_view name) { return plain_name(cell) == name; });
  }

  void read_row() {
    read_disease(cells_[0], cells_[1]);
    const auto qualifier = trim(cells_[2]);
    if (!qualifier.empty() && qualifier != "NOT") {
      throw lines_.error("qualifier " + quoted(qualifier) + "; expected NOT or nothing");
    }
    rows_.negated.push_back(qualifier.empty() ? 0 : 1);
    rows_.term_number.push_back(read_term(cells_[3], "hpo_id"));
    read_references(cells_[4]);
    read_evidence(trim(cells_[5]));
    const auto onset = trim(cells_[6]);
    rows_.onset_number.push_back(onset.empty() ? -1 : read_term(onset, "onset"));
    const auto frequency = read_frequency(trim(cells_[7]));
    rows_.frequency.push_back(frequency.fraction);
    rows_.numerator.push_back(frequency.numerator);
    rows_.denominator.push_back(frequency.denominator);
    rows_.sex.push_back(static_cast<std::uint8_t>(read_sex(trim(cells_[8]))));
    const auto aspect = trim(cells_[10]);
    if (aspect.size() != 1 || std::string_view("PICMH").find(aspect.front()) == std::string_view::npos) {
      throw lines_.error("aspect " + quoted(aspect) + "; expected one of P, I, C, M, H");
    }
    rows_.aspect.push_back(static_cast<std::uint8_t>(aspect.front()));
  }

  // Rows of one disease stand together, so the last one is tried first.
  void read_disease(std::string_view cell, std::string_view name) {
    const auto id = trim(cell);
    if (rows_.disease.empty() || diseases_.seen()[static_cast<std::size_t>(rows_.disease.back())] != id) {
      const auto colon = id.find(':');
      if (colon == std::string_view::npos || colon == 0 || colon + 1 == id.size() ||
          id.find_first_of(" \t") != std::string_view::npos) {
        throw lines_.error("malformed disease id " + quoted(cell) + "; expected one such as OMIM:619340");
      }
      rows_.disease.push_back(diseases_.index(id));
      if (diseases_.seen().size() > rows_.disease_names.size()) rows_.disease_names.push_back(trim(name));
    } else {
      rows_.disease.push_back(rows_.disease.back());
    }
  }

  [[nodiscard]] std::int32_t read_term(std::string_view cell, const char* column) const {
    const auto number = parse_term_id(trim(cell));
    if (!number) {
      throw lines_.error("malformed " + std::string(column) + " " + quoted(cell) +
                         "; expected HP: and seven digits, such as HP:0001250");
    }
    return *number;
  }

  void read_references(std::string_view cell) {
    const auto begin = static_cast<std::ptrdiff_t>(rows_.cited.indices.size());
    while (!cell.empty()) {
      const auto semicolon = cell.find(';');
      const auto reference = trim(cell.substr(0, semicolon));
      cell = semicolon == std::string_view::npos ? std::string_view{} : cell.substr(semicolon + 1);
      if (reference.empty()) continue;
      const auto index = references_.index(reference);
      auto& indices = rows_.cited.indices;
      if (std::find(indices.begin() + begin, indices.end(), index) == indices.end()) indices.push_back(index);
    }
    rows_.cited.end_row();
  }

  void read_evidence(std::string_view code) {
    const auto index = evidence_.index(code);
    if (std::cmp_greater(index, std::numeric_limits<std::uint8_t>::max())) {
      throw lines_.error("more than 256 different evidence codes, the last " + quoted(code) +
                         "; the columns seem to be shifted");
    }
    rows_.evidence.push_back(static_cast<std::uint8_t>(index));
  }

  [[nodiscard]] Sex read_sex(std::string_view cell) const {
    if (cell.empty()) return Sex::kNone;
    const auto name = plain_name(cell);
    if (name == "male") return Sex::kMale;
    if (name == "female") return Sex::kFemale;
    throw lines_.error("sex " + quoted(cell) + "; expected MALE, FEMALE or nothing");
  }

  Frequency read_frequency(std::string_view cell) {
    if (cell.empty()) return {};
    if (const auto slash = cell.find('/'); slash != std::string_view::npos) return read_ratio(cell, slash);
    if (cell.ends_with('%')) {
      const auto percent = parse_number<double>(cell.substr(0, cell.size() - 1));
      if (!percent || !std::isfinite(*percent)) throw bad_frequency(cell);
      if (*percent <= 100) return {static_cast<float>(*percent / 100), -1, -1};
      ++rows_.unusable_frequencies;
      return {};
    }
    if (const auto number = parse_term_id(cell)) {
      for (const auto& known : kFrequencyClasses) {
        if (known.number == *number) return {known.fraction, -1, -1};
      }
    }
    throw bad_frequency(cell);
  }

  Frequency read_ratio(std::string_view cell, std::size_t slash) {
    const auto numerator = parse_number<std::int32_t>(cell.substr(0, slash));
    const auto denominator = parse_number<std::int32_t>(cell.substr(slash + 1));
    if (!numerator || !denominator) throw bad_frequency(cell);
    Frequency out{std::numeric_limits<float>::quiet_NaN(), *numerator, *denominator};
    if (*denominator > 0 && *numerator <= *denominator) {
      out.fraction = static_cast<float>(static_cast<double>(*numerator) / static_cast<double>(*denominator));
    } else {
      ++rows_.unusable_frequencies;
    }
    return out;
  }

  [[nodiscard]] FormatError bad_frequency(std::string_view cell) const {
    return lines_.error("frequency " + quoted(cell) +
                        "; expected 3/7, 45%, a class from HP:0040280 to HP:0040285, or nothing");
  }

  std::string source_;
  TextLines lines_;
  HpoaRows rows_;
  Interner diseases_;
  Interner references_;
  Interner evidence_;
  std::vector<std::string_view> cells_;
};

}  // namespace

HpoaRows read_hpoa(const std::string& source, std::string_view text) { return HpoaReader(source, text).read(); }

}  // namespace phenojax
