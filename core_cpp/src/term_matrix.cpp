#include "phenojax/term_matrix.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "best_matches.hpp"
#include "lane_table.hpp"
#include "term_list.hpp"
#include "tile.hpp"

namespace phenojax {
namespace {

constexpr std::size_t kWindow = 1024;

bool has_one_root(const OntologyGraph& graph) {
  const auto parents = graph.parents();
  std::size_t roots = 0;
  for (std::size_t term = 0; term < parents.rows(); ++term) roots += parents.row(term).empty() ? 1U : 0U;
  return roots < 2;
}

// to[l][j] = table[rows[j]][l]
void spread(const LaneKernels& kernels, const float* table, const std::int32_t* rows, std::size_t n, std::size_t lanes,
            Tile to) {
  alignas(64) float block[kLanes * kLanes];
  for (std::size_t first = 0; first < n; first += kLanes) {
    const auto width = std::min(kLanes, n - first);
    for (std::size_t j = 0; j < width; ++j) {
      std::copy_n(table + static_cast<std::size_t>(rows[first + j]) * kLanes, kLanes, block + j * kLanes);
    }
    if (width == kLanes && lanes == kLanes) {
      kernels.transpose(block, kLanes, to.at + first, to.stride);
      continue;
    }
    for (std::size_t l = 0; l < lanes; ++l) {
      for (std::size_t j = 0; j < width; ++j) to.row(l)[first + j] = block[j * kLanes + l];
    }
  }
}

float per(float numerator, float denominator) { return denominator > 0.0F ? numerator / denominator : 0.0F; }

// From the value of the MICA to the similarity, for one row of the matrix.
class RowFormula {
 public:
  RowFormula(const TermValues& values, std::span<const std::int32_t> columns) : values_(values) {
    for (const auto term : columns) {
      terms_.push_back(static_cast<std::size_t>(term));
      ic_.push_back(values.ic[static_cast<std::size_t>(term)]);
      if (!values.leaf.empty()) leaf_.push_back(values.leaf[static_cast<std::size_t>(term)]);
    }
  }

  void operator()(std::size_t term, std::size_t first, std::size_t n, float* row) const {
    const auto* ic = ic_.data() + first;
    const auto a = values_.ic[term];
    switch (values_.measure) {
      case TermMeasure::resnik:
        return;
      case TermMeasure::lin:
      case TermMeasure::relevance:
      case TermMeasure::information_coefficient:
        for (std::size_t j = 0; j < n; ++j) row[j] = per(row[j], a + ic[j]);
        return;
      case TermMeasure::jiang_conrath:
        for (std::size_t j = 0; j < n; ++j) row[j] = 1.0F / (1.0F + std::max((a + ic[j]) - row[j], 0.0F));
        return;
      case TermMeasure::hpo3_jiang_conrath:
        for (std::size_t j = 0; j < n; ++j) {
          const auto distance = std::max((a + ic[j]) - row[j], 0.0F);
          row[j] = terms_[first + j] == term ? 1.0F : a > 0.0F && ic[j] > 0.0F ? 1.0F / (1.0F + distance) : 0.0F;
        }
        return;
      case TermMeasure::hrss:
        return specific(term, first, n, row);
      case TermMeasure::custom:
        return call_back(a, ic, n, row);
    }
  }

 private:
  void specific(std::size_t term, std::size_t first, std::size_t n, float* row) const {
    const auto a = values_.ic[term];
    const auto below_a = values_.leaf[term] - a;
    for (std::size_t j = 0; j < n; ++j) {
      const auto b = ic_[first + j];
      const auto alpha = row[j];
      // neither is negative, but where information content falls from parent to child
      const auto beta = std::max((below_a + (leaf_[first + j] - b)) * 0.5F, 0.0F);
      const auto gamma = std::max((a + b) - 2.0F * alpha, 0.0F);
      row[j] = per(alpha, alpha + beta) / (1.0F + gamma);
    }
  }

  void call_back(float a, const float* ic, std::size_t n, float* row) const {
    float out[kWindow];
    values_.score(static_cast<std::int64_t>(n), row, a, ic, out);
    for (std::size_t j = 0; j < n; ++j) {
      if (!(out[j] >= 0.0F && std::isfinite(out[j]))) {
        throw std::domain_error("the measure gives " + std::to_string(out[j]) + " for ic_mica " +
                                std::to_string(row[j]) + ", ic_a " + std::to_string(a) + ", ic_b " +
                                std::to_string(ic[j]));
      }
    }
    std::copy_n(out, n, row);
  }

  const TermValues& values_;
  std::vector<std::size_t> terms_;  // of the columns
  std::vector<float> ic_, leaf_;
};

}  // namespace

void term_matrix(const OntologyGraph& graph, const TermValues& values, std::span<const std::int32_t> a,
                 std::span<const std::int32_t> b, const Parallel& parallel, std::span<float> out) {
  if (values.ic.size() != static_cast<std::size_t>(graph.n_terms())) {
    throw std::invalid_argument("the values are of another graph");
  }
  check_terms(a, graph.n_terms(), "a");
  check_terms(b, graph.n_terms(), "b");
  check_output(out, a.size(), b.size());
  const auto& kernels = active_kernels();
  const auto rows = singletons(a);
  const auto columns = singletons(b);
  const auto blocks = blocks_of_lanes(a.size());
  const auto workers = worker_count(blocks, parallel);
  const auto mica = largest_common_value(kernels, graph, values.common, columns.view(), rows.view(), workers);
  // Two terms without a common ancestor share nothing, not even a root that says nothing: it makes a difference to
  // measures that are not 0 there.
  const std::vector<float> one(values.ic.size(), 1.0F);
  const auto related =
      has_one_root(graph) ? nullptr : largest_common_value(kernels, graph, one, columns.view(), rows.view(), workers);
  const RowFormula formula(values, b);
  parallel_for(blocks, parallel, [&](std::size_t block, std::size_t worker) {
    const auto begin = block * kLanes;
    const auto lanes = std::min(kLanes, a.size() - begin);
    const auto* table = mica->table(begin, lanes, worker);
    const auto* share = related ? related->table(begin, lanes, worker) : nullptr;
    for (std::size_t first = 0; first < b.size(); first += kWindow) {
      const auto n = std::min(kWindow, b.size() - first);
      const Tile to{out.data() + begin * b.size() + first, b.size()};
      spread(kernels, table, mica->query_rows().data() + first, n, lanes, to);
      for (std::size_t l = 0; l < lanes; ++l) {
        formula(static_cast<std::size_t>(a[begin + l]), first, n, to.row(l));
        if (share == nullptr) continue;
        for (std::size_t j = 0; j < n; ++j) {
          to.row(l)[j] *= share[static_cast<std::size_t>(related->query_rows()[first + j]) * kLanes + l];
        }
      }
    }
  });
}

}  // namespace phenojax
