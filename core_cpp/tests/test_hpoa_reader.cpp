#include <cmath>
#include <string>

#include "check.hpp"
#include "phenojax/hpoa_reader.hpp"
#include "small_release.hpp"

namespace {

using namespace phenojax;
using namespace phenojax::test;

const std::string kHead =
    "database_id\tdisease_name\tqualifier\thpo_id\treference\tevidence\tonset\tfrequency\tsex\tmodifier\taspect\t"
    "biocuration\n";

std::string row(const std::string& frequency, const std::string& id = "HP:0000001",
                const std::string& disease = "OMIM:1", const std::string& qualifier = "", const std::string& sex = "",
                const std::string& aspect = "P") {
  return disease + "\tName\t" + qualifier + "\t" + id + "\tPMID:1\tPCS\t\t" + frequency + "\t" + sex + "\t\t" + aspect +
         "\tx\n";
}

void rejects(const std::string& text, std::string_view part,
             const std::source_location& where = std::source_location::current()) {
  check_throws<FormatError>([&] { (void)read_hpoa("x.hpoa", text); }, part, where);
}

void reads_every_column() {
  const auto rows = read_hpoa("small.hpoa", kHpoa);
  check_equal(rows.version, "2024-03-06");
  check_equal(rows.disease_ids.size(), std::size_t{2});
  check_equal(rows.disease_names.at(1), "One");
  check_equal(rows.references.size(), std::size_t{3});
  check_equal(rows.cited.view().row(0).size(), std::size_t{2});
  check_equal(rows.cited.view().row(3).size(), std::size_t{0});
  check_equal(int{rows.negated.at(1)}, 1);
  check_equal(rows.numerator.at(0), 3);
  check_equal(rows.denominator.at(0), 7);
  check_equal(rows.frequency.at(0), static_cast<float>(3.0 / 7.0));
  check_equal(rows.frequency.at(2), 0.895F);
  check_equal(rows.frequency.at(3), 0.125F);
  check(std::isnan(rows.frequency.at(4)));
  check(std::isnan(rows.frequency.at(6)) && rows.unusable_frequencies == 1);
  check_equal(rows.onset_number.at(0), 3577);
  check(rows.sex.at(0) == 1 && rows.sex.at(1) == 0 && rows.sex.at(2) == 2);
  check_equal(rows.aspect.at(6), static_cast<std::uint8_t>('I'));
}

void reads_the_header_of_older_releases() {
  const auto rows =
      read_hpoa("x.hpoa",
                "#description: old\n#date: 2022-04-14\n#DatabaseID\tDiseaseName\tQualifier\tHPO_ID\tReference\t"
                "Evidence\tOnset\tFrequency\tSex\tModifier\tAspect\tBiocuration\n" +
                    row(""));
  check_equal(rows.version, "2022-04-14");
  check_equal(rows.disease.size(), std::size_t{1});
}

void errors_name_the_line() {
  rejects("", "empty");
  rejects("#only a comment\n", "no line of column names");
  rejects(row(""), "line 1: no line of column names");
  rejects("#x\ndatabase_id\tname\n", "line 2: no line of column names");
  rejects(kHead + "OMIM:1\tx\n", "line 2: found 2 columns");
  rejects(kHead + row("") + row("", "HP:12"), "line 3: malformed hpo_id 'HP:12'");
  rejects(kHead + row("", "HP:0000001", "OMIM"), "line 2: malformed disease id 'OMIM'");
  rejects(kHead + row("", "HP:0000001", "OMIM:1", "MAYBE"), "line 2: qualifier 'MAYBE'");
  rejects(kHead + row("", "HP:0000001", "OMIM:1", "", "both"), "line 2: sex 'both'");
  rejects(kHead + row("", "HP:0000001", "OMIM:1", "", "", "X"), "line 2: aspect 'X'");
  rejects(kHead + row("").substr(0, 30), "line 2: the file ends in the middle of a line");
  for (const auto* frequency :
       {"often", "a/7", "3/b", "3/", "-1/7", "1/99999999999", "%", "x%", "nan%", "HP:0040286", "HP:1", "0.5", "inf%"}) {
    rejects(kHead + row(frequency), std::string("line 2: frequency '") + frequency + "'");
  }
}

void impossible_fractions_are_counted() {
  const auto text = kHead + row("0/0") + row("112/16") + row("120%") + row("1/2");
  const auto rows = read_hpoa("x.hpoa", text);
  check_equal(rows.unusable_frequencies, std::int64_t{3});
  check_equal(rows.denominator.at(1), 16);
  check_equal(rows.frequency.at(3), 0.5F);
}

}  // namespace

int main() {
  return run({{"every column is read", reads_every_column},
              {"older headers are read", reads_the_header_of_older_releases},
              {"errors name the line", errors_name_the_line},
              {"impossible fractions are kept as written and counted", impossible_fractions_are_counted}});
}
