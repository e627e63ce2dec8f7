#include <string>

#include "check.hpp"
#include "phenojax/obo_reader.hpp"
#include "small_release.hpp"

namespace {

using namespace phenojax;
using namespace phenojax::test;

const std::string kHead = "format-version: 1.2\n\n";

void rejects(const std::string& text, std::string_view part,
             const std::source_location& where = std::source_location::current()) {
  check_throws<FormatError>([&] { (void)read_obo("x.obo", text); }, part, where);
}

void reads_every_tag() {
  const auto document = read_obo("small.obo", kObo);
  check_equal(document.version, "2024-03-06");
  check_equal(document.terms.size(), std::size_t{8});
  check_equal(document.terms[2].name, "Tall \"so to say\"");
  check_equal(document.terms[2].synonyms.at(0), "High \"stature\"");
  check_equal(document.is_a.size(), std::size_t{5});
  check_equal(document.alternates.at(0).from, 20);
  check(document.terms[4].is_obsolete);
  check_equal(document.replaced_by.at(0).to, 32);
  check_equal(document.consider.at(0).to, 3);
}

void windows_line_ends_and_byte_order_mark() {
  const auto document = read_obo("x.obo",
                                 "\xEF\xBB\xBF"
                                 "format-version: 1.2\r\n[Term]\r\nid: HP:0000001\r\nname: All\r\n");
  check_equal(document.terms.at(0).name, "All");
}

void leaves_other_ontologies_out() {
  const auto document = read_obo("x.obo", kHead +
                                              "[Term]\nid: UBERON:0000955\nname: brain\nis_a: UBERON:1\n\n"
                                              "[Term]\nid: HP:0000001\nname: All\nis_a: UPHENO:0001001\n");
  check_equal(document.terms.size(), std::size_t{1});
  check(document.is_a.empty());
}

void errors_name_the_line() {
  rejects("", "the file is empty");
  rejects(kHead, "no [Term]");
  rejects("just words\n", "line 1: expected 'tag: value'");
  rejects(kHead + "[Term]\nid: HP:12\nname: x\n", "line 4: malformed id 'HP:12'");
  rejects(kHead + "[Term]\nid: HP0000001\nname: x\n", "line 4: malformed id");
  rejects(kHead + "[Term]\nname: x\n", "line 4: the id must come first");
  rejects(kHead + "[Term]\n\n[Term]\nid: HP:0000001\nname: x\n", "line 3: this [Term] has no id");
  rejects(kHead + "[Term]\nid: HP:0000001\n", "line 3: HP:0000001 has no name");
  rejects(kHead + "[Term]\nid: HP:0000001\nname: x\nname: y\n", "line 6: HP:0000001 has a second name");
  rejects(kHead + "[Term]\nid: HP:0000001\nid: HP:0000002\n", "line 5: a second id");
  rejects(kHead + "[Term]\nid: HP:0000001\nname: x\nsynonym: \"open EXACT []\n", "line 6: the quotes");
  rejects(kHead + "[Term]\nid: HP:0000001\nname: x\nsynonym: bare EXACT []\n", "line 6: a synonym must be in quotes");
  rejects(kHead + "[Term]\nid: HP:0000001\nname: x\nis_a: HP:00001\n", "line 6: malformed id");
  rejects(kHead + "[Term]\nid: HP:0000001\nname: x\nis_obsolete: maybe\n", "line 6: is_obsolete");
  rejects(kHead + "[Term\nid: HP:0000001\n", "line 3: a stanza");
  rejects(kHead + "[Term]\nid: HP:0000001\nname: x\nis_a HP\n", "line 6: expected 'tag: value'");
  rejects(kHead + "[Term]\nid: HP:0000001\nname: unfin", "line 5: the file ends in the middle of a line");
}

}  // namespace

int main() {
  return run({{"every tag is read", reads_every_tag},
              {"\\r\\n and a byte order mark are taken", windows_line_ends_and_byte_order_mark},
              {"terms of other ontologies are left out", leaves_other_ontologies_out},
              {"errors name the line", errors_name_the_line}});
}
