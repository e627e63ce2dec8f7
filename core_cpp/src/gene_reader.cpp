#include "phenojax/gene_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <system_error>

#include "phenojax/strings.hpp"
#include "phenojax/term_number.hpp"
#include "phenojax/text_lines.hpp"

namespace phenojax {
namespace {

constexpr std::array<std::string_view, 6> kColumns{"ncbigeneid", "genesymbol", "hpoid",
                                                   "hponame",    "frequency",  "diseaseid"};
constexpr const char* kExpected =
    "expected the tab-separated columns ncbi_gene_id gene_symbol hpo_id hpo_name frequency disease_id";

std::int64_t read_ncbi_id(const TextLines& lines, std::string_view cell) {
  std::int64_t id = 0;
  const auto* const begin = std::to_address(cell.begin());
  const auto* const end = std::to_address(cell.end());
  const auto result = std::from_chars(begin, end, id);
  if (result.ec != std::errc{} || result.ptr != end || id <= 0) {
    throw lines.error("ncbi_gene_id " + quoted(cell) + "; expected a positive whole number");
  }
  return id;
}

}  // namespace

GeneRows read_genes(const std::string& source, std::string_view text) {
  TextLines lines(source, text);
  std::vector<std::string_view> cells;
  if (lines.next()) split_columns(lines.line(), cells);
  if (!std::equal(cells.begin(), cells.end(), kColumns.begin(), kColumns.end(),
                  [](std::string_view cell, std::string_view name) { return plain_name(cell) == name; })) {
    throw lines.error(std::string("no line of column names; ") + kExpected);
  }

  GeneRows rows;
  Interner genes;
  Interner diseases;
  while (lines.next()) {
    if (lines.line().empty()) continue;
    split_columns(lines.line(), cells);
    if (cells.size() != kColumns.size()) {
      throw lines.error("found " + std::to_string(cells.size()) + " columns; " + kExpected);
    }
    const auto ncbi_id = read_ncbi_id(lines, trim(cells[0]));
    const auto symbol = trim(cells[1]);
    if (symbol.empty()) throw lines.error("the gene_symbol is empty");
    const auto number = parse_term_id(trim(cells[2]));
    if (!number) {
      throw lines.error("malformed hpo_id " + quoted(cells[2]) + "; expected HP: and seven digits, such as HP:0001250");
    }
    const auto disease = trim(cells[5]);
    const auto gene = genes.index(symbol);
    if (genes.seen().size() > rows.ncbi_ids.size()) rows.ncbi_ids.push_back(ncbi_id);
    if (auto& known = rows.ncbi_ids[static_cast<std::size_t>(gene)]; known != ncbi_id) known = -1;
    rows.gene.push_back(gene);
    rows.ncbi_id.push_back(ncbi_id);
    rows.term_number.push_back(*number);
    rows.disease.push_back(disease.empty() || disease == "-" ? -1 : diseases.index(disease));
  }
  rows.symbols = genes.seen();
  rows.disease_ids = diseases.seen();
  return rows;
}

}  // namespace phenojax
