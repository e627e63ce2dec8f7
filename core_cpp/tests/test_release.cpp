#include <string>
#include <vector>

#include "check.hpp"
#include "phenojax/release.hpp"
#include "small_release.hpp"

namespace {

using namespace phenojax;
using namespace phenojax::test;

using Terms = std::vector<std::int32_t>;
using NcbiIds = std::vector<std::int64_t>;

Release from_obo(const std::string& stanzas) {
  return make_release(read_obo("x.obo", "format-version: 1.2\n" + stanzas));
}

std::string stanza(const std::string& id, const std::string& tags = "") {
  return "[Term]\nid: " + id + "\nname: n\n" + tags;
}

void rejects(const std::string& stanzas, std::string_view part,
             const std::source_location& where = std::source_location::current()) {
  check_throws<FormatError>([&] { (void)from_obo(stanzas); }, part, where);
}

void terms_are_dense_and_sorted() {
  const auto release = small_release();
  check(release.terms.numbers == Terms{1, 2, 3, 118, 3577});
  check(release.terms.parents.offsets == std::vector<std::int64_t>{0, 0, 1, 3, 4, 5});
  check(release.terms.parents.indices == Terms{3, 1, 3, 0, 0});
  check_equal(release.terms.synonyms.size(), std::size_t{2});  // the second "Big" is dropped
  check_release(release);
}

void every_id_is_known_for_what_it_is() {
  const auto release = small_release();
  check(release.lookup(2).status == TermStatus::kCurrent && release.lookup(2).term == 1);
  check(release.lookup(20).status == TermStatus::kAlternate && release.lookup(20).term == 1);
  check(release.lookup(32).status == TermStatus::kReplaced && release.lookup(32).term == 1);
  check(release.lookup(31).status == TermStatus::kReplaced && release.lookup(31).term == 1, "two steps");
  check(release.lookup(33).status == TermStatus::kObsolete && release.lookup(33).term == -1);
  check(release.lookup(999).status == TermStatus::kUnknown && release.lookup(999).term == -1);
  check(release.other_ids.consider.indices == Terms{2});
}

void replacements_in_a_circle_lead_nowhere() {
  const auto release =
      from_obo(stanza("HP:0000001") + stanza("HP:0000002", "is_obsolete: true\nreplaced_by: HP:0000003\n") +
               stanza("HP:0000003", "is_obsolete: true\nreplaced_by: HP:0000002\n"));
  check(release.lookup(2).status == TermStatus::kObsolete);
}

void a_split_term_follows_the_one_that_took_its_id() {
  const auto release =
      from_obo(stanza("HP:0000001") + stanza("HP:0000004", "alt_id: HP:0000002\n") +
               stanza("HP:0000002", "is_obsolete: true\nreplaced_by: HP:0000001\nreplaced_by: HP:0000004\n"));
  check(release.lookup(2).status == TermStatus::kReplaced);
  check_equal(release.lookup(2).term, 1);
}

void a_replacement_says_more_than_an_alternate_id() {
  const auto other = stanza("HP:0000001") + stanza("HP:0000004", "alt_id: HP:0000002\n");
  const auto replaced = from_obo(other + stanza("HP:0000002", "is_obsolete: true\nreplaced_by: HP:0000001\n"));
  check(replaced.lookup(2).status == TermStatus::kReplaced && replaced.lookup(2).term == 0);
  const auto dangling = from_obo(other + stanza("HP:0000002", "is_obsolete: true\nreplaced_by: HP:0000009\n"));
  check_equal(dangling.lookup(2).term, 1);
  const auto bare = from_obo(other + stanza("HP:0000002", "is_obsolete: true\n"));
  check(bare.lookup(2).status == TermStatus::kAlternate && bare.lookup(2).term == 1);
}

void bad_documents_name_the_line() {
  rejects(stanza("HP:0000001") + stanza("HP:0000001"), "line 5: HP:0000001 is defined a second time; first on line 2");
  rejects(stanza("HP:0000001", "is_a: HP:0000009\n"), "line 5: the parent HP:0000009 of HP:0000001 is not a term");
  rejects(stanza("HP:0000001", "is_obsolete: true\n") + stanza("HP:0000002", "is_a: HP:0000001\n"),
          "line 9: the parent HP:0000001 of HP:0000002 is obsolete");
  rejects(stanza("HP:0000001", "is_a: HP:0000002\n") + stanza("HP:0000002", "is_a: HP:0000001\n"),
          "cycle through HP:000000");
  rejects(stanza("HP:0000007", "is_a: HP:0000007\n"), "line 2: the is_a edges form a cycle through HP:0000007");
  rejects(stanza("HP:0000001", "alt_id: HP:0000002\n") + stanza("HP:0000002"),
          "line 5: HP:0000002 is an alternate id of");
  rejects(stanza("HP:0000001", "alt_id: HP:0000003\n") + stanza("HP:0000002", "alt_id: HP:0000003\n"),
          "line 9: HP:0000003 is an alternate id of two terms");
  rejects(stanza("HP:0000001", "is_obsolete: true\n"), "every term is obsolete");
}

void rows_are_placed_on_current_terms() {
  const auto release = small_release();
  const auto& table = release.annotations;
  check(table.term == Terms{1, 2, 1, 1, 2});
  check(table.disease == Terms{1, 1, 0, 0, 0});  // OMIM:1, OMIM:2, OMIM:3 in order
  check_equal(release.disease_names[1], "Two");
  check_equal(release.disease_names[2], "");  // only the gene file knows OMIM:3
  check_equal(table.onset.at(0), 4);
  check_equal(release.counts.annotation_rows, std::int64_t{7});
  check_equal(release.counts.annotation_remapped, std::int64_t{2});
  check_equal(release.counts.annotation_unknown, std::int64_t{2});
  check_equal(release.counts.gene_remapped, std::int64_t{1});
  check_equal(release.counts.gene_unknown, std::int64_t{1});
  check(release.unknown_numbers == Terms{33, 999});
  check_equal(release.gene_symbols[0], "-");
  check(release.genes.gene == Terms{2, 1, 0, 0});
  check(release.genes.ncbi_id == NcbiIds{10, 9, 11, 13}, "two genes of one symbol stay apart");
  check(release.genes.disease == Terms{1, 0, 2, -1});
}

void references_are_left_out() {
  const auto release = small_release();
  const auto without = [&](std::vector<std::string> references) { return without_references(release, references); };
  const auto one = without({"PMID:1"});
  check(one.annotations.term == Terms{1, 1, 1, 2}, "the NOT row cited PMID:1 alone");
  check_equal(one.annotations.references.view().row(0).size(), std::size_t{1});
  check_equal(one.genes.term.size(), release.genes.term.size());
  const auto both = without({"PMID:2", "PMID:1"});
  check(both.annotations.term == Terms{1, 2}, "a row that cites nothing stays");
  check(both.genes.gene == Terms{1, 0, 0}, "NAT2 had the term from these publications alone");
  check(both.genes.ncbi_id == NcbiIds{9, 11, 13});
  const auto none = without({"PMID:77"});
  check_equal(none.annotations.term.size(), release.annotations.term.size());
  check_release(both);
}

}  // namespace

int main() {
  return run({{"terms are dense and sorted by id", terms_are_dense_and_sorted},
              {"every id is known for what it is", every_id_is_known_for_what_it_is},
              {"replacements in a circle lead nowhere", replacements_in_a_circle_lead_nowhere},
              {"a split term follows the one that took its id", a_split_term_follows_the_one_that_took_its_id},
              {"a replacement says more than an alternate id", a_replacement_says_more_than_an_alternate_id},
              {"bad documents name the line", bad_documents_name_the_line},
              {"rows are placed on current terms and counted", rows_are_placed_on_current_terms},
              {"references are left out", references_are_left_out}});
}
