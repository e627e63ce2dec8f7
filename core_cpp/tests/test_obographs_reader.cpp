#include <string>

#include "check.hpp"
#include "phenojax/obographs_reader.hpp"
#include "phenojax/release.hpp"

namespace {

using namespace phenojax;
using namespace phenojax::test;

const std::string kJson = R"({"graphs": [{
 "id": "http://purl.obolibrary.org/obo/hp.json",
 "meta": {"version": "http://purl.obolibrary.org/obo/hp/releases/2024-03-06/hp.json", "xrefs": []},
 "nodes": [
  {"id": "http://purl.obolibrary.org/obo/HP_0000001", "lbl": "All", "type": "CLASS"},
  {"meta": {"definition": {"val": "x"}, "synonyms": [{"pred": "hasExactSynonym", "val": "B\u00e9", "xrefs": []}],
            "basicPropertyValues": [{"pred": "http://www.geneontology.org/formats/oboInOwl#hasAlternativeId",
                                     "val": "HP:0000020"}]},
   "id": "http://purl.obolibrary.org/obo/HP_0000002", "lbl": "Two", "type": "CLASS"},
  {"id": "http://purl.obolibrary.org/obo/HP_0000021", "type": "CLASS", "meta": {"deprecated": true,
   "basicPropertyValues": [{"pred": "http://purl.obolibrary.org/obo/IAO_0100001",
                            "val": "http://purl.obolibrary.org/obo/HP_0000002"}]}},
  {"id": "http://purl.obolibrary.org/obo/HP_0000031", "lbl": "obsolete Old", "type": "CLASS",
   "meta": {"deprecated": true, "basicPropertyValues": [
     {"pred": "http://purl.obolibrary.org/obo/IAO_0100001", "val": "HP:0000002"}, {"pred": "other", "val": 3}]}},
  {"id": "http://purl.obolibrary.org/obo/BFO_0000050", "lbl": "part of", "type": "PROPERTY"},
  {"id": "http://purl.obolibrary.org/obo/hp#part_of", "type": "PROPERTY"}],
 "edges": [
  {"sub": "http://purl.obolibrary.org/obo/HP_0000002", "pred": "is_a", "obj": "http://purl.obolibrary.org/obo/HP_0000001"},
  {"sub": "http://purl.obolibrary.org/obo/HP_0000002", "pred": "part_of", "obj": "http://purl.obolibrary.org/obo/BFO_1"}],
 "equivalentNodesSets": []}]}
)";

void reads_nodes_and_edges() {
  const auto release = make_release(read_obographs("hp.json", kJson));
  check_equal(release.version, "2024-03-06");
  check_equal(release.terms.numbers.size(), std::size_t{2});
  check_equal(release.terms.labels[1], "Two");
  check_equal(release.terms.synonyms[0], "B\xC3\xA9");
  check_equal(release.terms.parents.indices.at(0), 0);
  check(release.lookup(20).status == TermStatus::kAlternate, "an alternate id");
  check(release.lookup(21).status == TermStatus::kAlternate, "the mark of a merged id");
  check(release.lookup(31).status == TermStatus::kReplaced, "a replaced id");
  check_equal(release.lookup(31).term, 1);
}

void rejects(const std::string& text, std::string_view part,
             const std::source_location& where = std::source_location::current()) {
  check_throws<FormatError>([&] { (void)read_obographs("hp.json", text); }, part, where);
}

void errors_name_the_line() {
  rejects("{}", "no graph");
  rejects("[]", "expected an object");
  rejects(R"({"graphs": [{"nodes": []}]})", "no graph");
  rejects("{\"graphs\": [{\"nodes\": [\n{\"lbl\": \"x\", \"type\": \"CLASS\"}]}]}", "line 2: this node has no id");
  rejects("{\"graphs\": [{\"nodes\": [\n{\"id\": \"obo/HP_12\"}]}]}", "line 2: malformed id 'obo/HP_12'");
  rejects("{\"graphs\": [{\"nodes\": [\n{\"id\": \"obo/HP_0000001\"}]}]}", "line 2: HP:0000001 has no label");
  for (std::size_t cut = 0; cut + 1 < kJson.size(); ++cut) {
    check_throws<FormatError>([&] { (void)read_obographs("hp.json", std::string_view(kJson).substr(0, cut)); },
                              "hp.json");
    if (cut + 2 == kJson.size()) break;
  }
}

}  // namespace

int main() {
  return run({{"nodes and edges are read", reads_nodes_and_edges}, {"errors name the line", errors_name_the_line}});
}
