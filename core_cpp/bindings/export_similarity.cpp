#include <pybind11/stl.h>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>

#include "arrays.hpp"
#include "phenojax/dispatch.hpp"
#include "phenojax/information_content.hpp"
#include "phenojax/similarity.hpp"
#include "phenojax/term_matrix.hpp"
#include "register.hpp"
#include "threads.hpp"

namespace phenojax::bindings {
namespace {

using Indices = Array<std::int32_t>;
using Values = Array<double>;
using Weights = Array<float>;
using CsrArg = std::pair<Array<std::int64_t>, Indices>;
using SetsArg = std::tuple<Array<std::int64_t>, Indices, std::optional<Weights>>;
// information content, name, address of a custom measure (then the name is "custom")
using MeasureArg = std::tuple<Values, std::string, std::uintptr_t>;
using ScoresArg = std::variant<MeasureArg, Array<float>>;
// observed and excluded terms of a, of b, strength
using ExclusionsArg = std::tuple<CsrArg, CsrArg, std::optional<CsrArg>, std::optional<CsrArg>, float>;

CsrView view(const CsrArg& csr) { return as_csr(csr.first, csr.second); }

TermSets view(const SetsArg& sets) {
  const auto& [offsets, indices, weights] = sets;
  return {as_csr(offsets, indices), weights ? as_span(*weights) : std::span<const float>{}};
}

TermValues term_values_of(const OntologyGraph& graph, const MeasureArg& arg) {
  const auto& [ic, name, address] = arg;
  const auto measure = name == "custom" ? TermMeasure::custom : term_measure_from_name(name);
  return term_values(graph, as_span(ic), measure, reinterpret_cast<BatchScore>(address));
}

// A SetProblem and what it looks at.
struct Problem {
  std::optional<TermValues> values;
  std::optional<SetProblem> problem;

  Problem(const OntologyGraph& graph, const ScoresArg& scores, const SetsArg& a, const std::optional<SetsArg>& b,
          const std::string& combine, const std::optional<ExclusionsArg>& exclusions) {
    if (const auto* measure = std::get_if<MeasureArg>(&scores)) values = term_values_of(graph, *measure);
    problem.emplace(SetProblem{term_scores(graph, scores), view(a), std::nullopt, combine_from_name(combine), {}});
    if (b) problem->b = view(*b);
    if (!exclusions) return;
    const auto& [observed, excluded, other_observed, other_excluded, strength] = *exclusions;
    const auto optional_view = [](const std::optional<CsrArg>& csr) {
      return csr ? std::optional(view(*csr)) : std::nullopt;
    };
    problem->exclusions.emplace(Exclusions{graph, view(observed), view(excluded), optional_view(other_observed),
                                           optional_view(other_excluded), strength});
  }

 private:
  TermScores term_scores(const OntologyGraph& graph, const ScoresArg& scores) const {
    if (values) return ByCommonAncestor{graph, *values};
    const auto& matrix = std::get<Array<float>>(scores);
    if (matrix.ndim() != 2) throw std::invalid_argument("the term matrix must have two axes");
    return ByTermMatrix{as_span(matrix, 2), static_cast<std::size_t>(matrix.shape(0)),
                        static_cast<std::size_t>(matrix.shape(1))};
  }
};

template <class T>
Array<T> empty(std::size_t rows, std::size_t columns) {
  return Array<T>({static_cast<py::ssize_t>(rows), static_cast<py::ssize_t>(columns)});
}

template <class T>
std::span<T> as_mutable_span(Array<T>& array) {
  return {array.mutable_data(), static_cast<std::size_t>(array.size())};
}

Array<float> similarity_matrix(const OntologyGraph& graph, const ScoresArg& scores, const SetsArg& a,
                               const std::optional<SetsArg>& b, const std::string& combine,
                               const std::optional<ExclusionsArg>& exclusions, int threads) {
  const Problem given(graph, scores, a, b, combine, exclusions);
  const auto& problem = *given.problem;
  const auto rows = problem.a.terms.rows();
  auto out = empty<float>(rows, problem.b ? problem.b->terms.rows() : rows);
  const auto span = as_mutable_span(out);
  const py::gil_scoped_release release;
  set_similarity(problem, on_threads(threads), span);
  return out;
}

py::tuple nearest(const OntologyGraph& graph, const ScoresArg& scores, const SetsArg& a,
                  const std::optional<SetsArg>& b, std::size_t k, const std::string& combine,
                  const std::optional<ExclusionsArg>& exclusions, int threads,
                  const std::optional<py::function>& progress) {
  const Problem given(graph, scores, a, b, combine, exclusions);
  const auto rows = given.problem->a.terms.rows();
  auto ids = empty<std::int64_t>(rows, k);
  auto found = empty<float>(rows, k);
  const auto id_span = as_mutable_span(ids);
  const auto score_span = as_mutable_span(found);
  std::function<void(std::size_t, std::size_t)> tell;
  if (progress) {
    tell = [&progress](std::size_t done, std::size_t total) {
      const py::gil_scoped_acquire acquire;
      (*progress)(done, total);
    };
  }
  {
    const py::gil_scoped_release release;
    nearest_sets(*given.problem, k, on_threads(threads), tell, id_span, score_span);
  }
  return py::make_tuple(ids, found);
}

Array<float> terms_by_terms(const OntologyGraph& graph, const MeasureArg& measure, const Indices& a, const Indices& b,
                            int threads) {
  const auto values = term_values_of(graph, measure);
  const auto span_a = as_span(a);
  const auto span_b = as_span(b);
  auto out = empty<float>(span_a.size(), span_b.size());
  const auto span = as_mutable_span(out);
  const py::gil_scoped_release release;
  term_matrix(graph, values, span_a, span_b, on_threads(threads), span);
  return out;
}

Array<std::int32_t> counts(const OntologyGraph& graph, const Indices& items, const Indices& terms,
                           std::int32_t n_items) {
  std::vector<std::int32_t> found;
  {
    const auto item_span = as_span(items);
    const auto term_span = as_span(terms);
    const py::gil_scoped_release release;
    found = annotation_counts(graph, item_span, term_span, n_items);
  }
  return to_array(std::move(found));
}

bool falls_nowhere(const OntologyGraph& graph, const Values& ic) {
  const auto span = as_span(ic);
  const py::gil_scoped_release release;
  return never_falls(graph, span);
}

}  // namespace

void register_similarity(py::module_& m) {
  m.def("available_isas", &available_isas);
  m.def("active_isa", &active_isa);
  m.def("annotation_counts", &counts, py::arg("graph"), py::arg("items").noconvert(), py::arg("terms").noconvert(),
        py::arg("n_items"));
  m.def("never_falls", &falls_nowhere, py::arg("graph"), py::arg("ic").noconvert());
  m.def("set_similarity", &similarity_matrix, py::arg("graph"), py::arg("scores").noconvert(), py::arg("a").noconvert(),
        py::arg("b").noconvert(), py::arg("combine"), py::arg("exclusions").noconvert(), py::arg("threads"));
  m.def("nearest_sets", &nearest, py::arg("graph"), py::arg("scores").noconvert(), py::arg("a").noconvert(),
        py::arg("b").noconvert(), py::arg("k"), py::arg("combine"), py::arg("exclusions").noconvert(),
        py::arg("threads"), py::arg("progress"));
  m.def("term_matrix", &terms_by_terms, py::arg("graph"), py::arg("measure").noconvert(), py::arg("a").noconvert(),
        py::arg("b").noconvert(), py::arg("threads"));
}

}  // namespace phenojax::bindings
