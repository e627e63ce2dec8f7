#pragma once
// A release small enough to read, with every kind of id and row in it.

#include <string>

#include "phenojax/gene_reader.hpp"
#include "phenojax/hpoa_reader.hpp"
#include "phenojax/obo_reader.hpp"
#include "phenojax/release.hpp"

namespace phenojax::test {

inline const std::string kObo =
    "format-version: 1.2\n"
    "data-version: hp/releases/2024-03-06\n"
    "\n"
    "[Term]\nid: HP:0000001\nname: All\n\n"
    "[Term]\nid: HP:0000118\nname: Phenotypic abnormality\nis_a: HP:0000001 ! All\n\n"
    "[Term]\nid: HP:0000002\nname: Tall \\\"so to say\\\"\nalt_id: HP:0000020\n"
    "synonym: \"High \\\"stature\\\"\" EXACT layperson []\nsynonym: \"Big\" RELATED []\nsynonym: \"Big\" EXACT []\n"
    "is_a: HP:0000118 ! Phenotypic abnormality\n\n"
    "[Term]\nid: HP:0000003\nname: Very tall\nis_a: HP:0000002 {source=\"x\"} ! Tall\nis_a: HP:0000118\n\n"
    "[Term]\nid: HP:0000031\nname: obsolete Huge\nis_obsolete: true\nreplaced_by: HP:0000032\n\n"
    "[Term]\nid: HP:0000032\nname: obsolete Giant\nis_obsolete: true\nreplaced_by: HP:0000020\n\n"
    "[Term]\nid: HP:0000033\nname: obsolete Odd\nis_obsolete: true\nconsider: HP:0000003\n\n"
    "[Term]\nid: HP:0003577\nname: Congenital onset\nis_a: HP:0000001 ! All\n\n"
    "[Typedef]\nid: part_of\nname: part of\n\n";

inline const std::string kHpoa =
    "#description: \"small\"\n"
    "#version: 2024-03-06\n"
    "database_id\tdisease_name\tqualifier\thpo_id\treference\tevidence\tonset\tfrequency\tsex\tmodifier\taspect\t"
    "biocuration\n"
    "OMIM:2\tTwo\t\tHP:0000002\tPMID:1;PMID:2\tPCS\tHP:0003577\t3/7\tMALE\t\tP\tHPO:x[2020-01-01]\n"
    "OMIM:2\tTwo\tNOT\tHP:0000003\tPMID:1\tPCS\t\t\t\t\tP\tx\n"
    "OMIM:1\tOne\t\tHP:0000020\tPMID:2\tTAS\t\tHP:0040281\tfemale\t\tP\tx\n"
    "OMIM:1\tOne\t\tHP:0000031\t\tIEA\t\t12.5%\t\t\tP\tx\n"
    "OMIM:1\tOne\t\tHP:0000033\tPMID:3\tIEA\t\t\t\t\tP\tx\n"
    "OMIM:1\tOne\t\tHP:0000999\tPMID:3\tIEA\t\t\t\t\tP\tx\n"
    "OMIM:1\tOne\t\tHP:0000003\tPMID:3\tIEA\t\t0/0\t\t\tI\tx\n";

inline const std::string kGenes =
    "ncbi_gene_id\tgene_symbol\thpo_id\thpo_name\tfrequency\tdisease_id\n"
    "10\tNAT2\tHP:0000002\tTall\t-\tOMIM:2\n"
    "9\tBBB\tHP:0000003\tVery tall\t-\tOMIM:1\n"
    "11\t-\tHP:0000020\tTall\t-\tOMIM:3\n"
    "12\t-\tHP:0000999\tWhat\t-\tOMIM:3\n"
    "13\t-\tHP:0000002\tTall\t-\t-\n";

inline const std::string kJson =
    R"({"graphs":[{"meta":{"version":"2024-03-06"},"nodes":[{"id":"o/HP_0000001","lbl":"All","type":"CLASS"},)"
    "\n"
    R"({"id":"o/HP_0000002","lbl":"T\u00e9\n","type":"CLASS","meta":{"deprecated":false,"synonyms":[{"pred":"x","val":"y"}],)"
    R"("basicPropertyValues":[{"pred":"http://www.geneontology.org/formats/oboInOwl#hasAlternativeId","val":"HP:0000020"}]}}],)"
    R"("edges":[{"sub":"o/HP_0000002","pred":"is_a","obj":"o/HP_0000001"}],"n":[1,-2.5e3,null,true]}]})";

inline Release small_release() {
  auto release = make_release(read_obo("small.obo", kObo));
  const auto annotations = read_hpoa("small.hpoa", kHpoa);
  const auto genes = read_genes("small.txt", kGenes);
  set_annotations(release, &annotations, &genes);
  return release;
}

}  // namespace phenojax::test
