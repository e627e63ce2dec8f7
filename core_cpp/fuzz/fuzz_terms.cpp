// Any lists of terms, values and sizes for the matrix of terms: what is in range gives the numbers of plain loops, the
// rest is refused before anything is written.

#include "harness.hpp"
#include "phenojax/term_matrix.hpp"
#include "plain.hpp"
#include "values.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phenojax;
  using fuzz::require;
  fuzz::Bytes bytes(data, size);
  const fuzz::Ontology ontology(bytes);
  const auto measure = fuzz::any_measure(bytes);
  const auto values = fuzz::values_of(ontology, measure);
  if (!values) return 0;
  const auto a = fuzz::terms(bytes, 40, ontology.n_terms());
  const auto b = fuzz::terms(bytes, 40, ontology.n_terms());
  const auto threads = static_cast<int>(bytes.below(8)) - 1;
  const auto n_out = bytes.below(16) == 15 ? bytes.below(250) : a.size() * b.size();
  const auto is_good = fuzz::in_range(a, ontology.n_terms()) && fuzz::in_range(b, ontology.n_terms()) && threads >= 1 &&
                       n_out == a.size() * b.size();

  constexpr auto kUntouched = -7.0F;
  std::vector<float> out(n_out, kUntouched);
  try {
    term_matrix(ontology.graph, *values, a, b, {threads}, out);
  } catch (const std::invalid_argument&) {
    require(!is_good, "what is in range was refused");
    require(std::ranges::all_of(out, [&](auto v) { return v == kUntouched; }), "a refused call has written");
    return 0;
  } catch (const std::domain_error&) {
    require(!ontology.is_tame && measure == TermMeasure::custom, "a sound measure was blamed");
    return 0;
  }
  require(is_good, "what is out of range was taken");
  if (!ontology.is_tame) return 0;
  const fuzz::PlainTable table(ontology.graph, ontology.ic, measure);
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < b.size(); ++j) {
      require(fuzz::is_near(double{out[i * b.size() + j]}, table(a[i], b[j])), "a term scores not as its formula says");
    }
  }
  return 0;
}
