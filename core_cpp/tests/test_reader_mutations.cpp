// Random damage to every file format: a reader may accept or refuse it with a FormatError, and nothing else.
// Meant for the sanitizers. PHENOJAX_MUTATIONS sets the number of rounds.

#include <cstdlib>
#include <functional>
#include <random>
#include <string>

#include "check.hpp"
#include "phenojax/errors.hpp"
#include "phenojax/obographs_reader.hpp"
#include "small_release.hpp"

namespace {

using namespace phenojax;
using namespace phenojax::test;

std::string mutated(std::string text, std::mt19937_64& random) {
  const auto times = 1 + random() % 4;
  for (std::uint64_t i = 0; i < times && !text.empty(); ++i) {
    const auto at = random() % text.size();
    const auto length = 1 + random() % 12;
    switch (random() % 6) {
      case 0:
        text[at] = static_cast<char>(random());
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(at, text.substr(random() % text.size(), length));
        break;
      case 3:
        text.resize(at);
        break;
      case 4:
        text[at] = "\n\t:;/%\"\\{}[]!\r "[random() % 15];
        break;
      default:
        text.insert(at, length, static_cast<char>(0x80 + random() % 0x80));
        break;
    }
  }
  return text;
}

void try_all(const std::string& text, const std::function<void(const std::string&)>& read, std::uint64_t seed) {
  const char* const rounds = std::getenv("PHENOJAX_MUTATIONS");
  std::mt19937_64 random(seed);
  for (int round = 0, n = rounds == nullptr ? 5'000 : std::atoi(rounds); round < n; ++round) {
    const auto damaged = mutated(text, random);
    try {
      read(damaged);
    } catch (const FormatError&) {
      continue;
    }
  }
}

void obo() {
  try_all(kObo, [](const std::string& text) { check_release(make_release(read_obo("x", text))); }, 1);
}

void json() {
  try_all(kJson, [](const std::string& text) { check_release(make_release(read_obographs("x", text))); }, 2);
}

void hpoa() {
  const auto ontology = make_release(read_obo("small.obo", kObo));
  try_all(
      kHpoa,
      [&](const std::string& text) {
        auto release = ontology;
        const auto rows = read_hpoa("x", text);
        set_annotations(release, &rows, nullptr);
        check_release(release);
      },
      3);
}

void genes() {
  const auto ontology = make_release(read_obo("small.obo", kObo));
  try_all(
      kGenes,
      [&](const std::string& text) {
        auto release = ontology;
        const auto rows = read_genes("x", text);
        set_annotations(release, nullptr, &rows);
        check_release(release);
      },
      4);
}

}  // namespace

int main() { return run({{"obo", obo}, {"obographs", json}, {"hpoa", hpoa}, {"genes", genes}}); }
