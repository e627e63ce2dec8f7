#include <cstdint>
#include <string>
#include <vector>

#include "check.hpp"
#include "phenojax/gene_reader.hpp"
#include "small_release.hpp"

namespace {

using namespace phenojax;
using namespace phenojax::test;

const std::string kHead = "ncbi_gene_id\tgene_symbol\thpo_id\thpo_name\tfrequency\tdisease_id\n";

void rejects(const std::string& text, std::string_view part,
             const std::source_location& where = std::source_location::current()) {
  check_throws<FormatError>([&] { (void)read_genes("g.txt", text); }, part, where);
}

void reads_every_row() {
  const auto rows = read_genes("g.txt", kGenes);
  check_equal(rows.symbols.size(), std::size_t{3});
  check_equal(rows.ncbi_ids.at(0), std::int64_t{10});
  check_equal(rows.ncbi_ids.at(2), std::int64_t{-1});  // "-" stands for several genes
  check(rows.ncbi_id == std::vector<std::int64_t>{10, 9, 11, 12, 13});
  check_equal(rows.term_number.at(3), 999);
  check_equal(rows.disease.at(4), -1);
}

void errors_name_the_line() {
  rejects("", "empty");
  rejects("gene\tterm\n", "line 1: no line of column names");
  rejects(kHead + "10\tNAT2\n", "line 2: found 2 columns");
  rejects(kHead + "x\tNAT2\tHP:0000002\tTall\t-\tOMIM:2\n", "line 2: ncbi_gene_id 'x'");
  rejects(kHead + "0\tNAT2\tHP:0000002\tTall\t-\tOMIM:2\n", "line 2: ncbi_gene_id '0'");
  rejects(kHead + "10\t\tHP:0000002\tTall\t-\tOMIM:2\n", "line 2: the gene_symbol is empty");
  rejects(kHead + "10\tNAT2\tHP:2\tTall\t-\tOMIM:2\n", "line 2: malformed hpo_id");
  rejects(kHead + "10\tNAT2\tHP:0000002\tTall\t-\tOMI", "line 2: the file ends in the middle of a line");
}

}  // namespace

int main() { return run({{"every row is read", reads_every_row}, {"errors name the line", errors_name_the_line}}); }
