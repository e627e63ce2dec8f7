#include "phenojax/match_shapley.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <string>

namespace phenojax {
namespace {

// What best matches are divided by: of k terms against m.
struct Scale {
  Combine combine;

  [[nodiscard]] double of_rows(std::size_t k, std::size_t m) const { return scale(k, m, k, Combine::a_to_b); }
  [[nodiscard]] double of_columns(std::size_t k, std::size_t m) const { return scale(k, m, m, Combine::b_to_a); }

 private:
  [[nodiscard]] double scale(std::size_t k, std::size_t m, std::size_t own, Combine directed) const {
    if (k == 0) return 0.0;
    if (combine == Combine::bma) return 1.0 / static_cast<double>(k + m);
    if (combine == Combine::funsim_avg) return 0.5 / static_cast<double>(own);
    return combine == directed ? 1.0 / static_cast<double>(own) : 0.0;
  }
};

// The sets of b by how many terms they have, and by the columns that they hold.
struct Others {
  std::vector<std::size_t> sizes;  // distinct, not 0
  std::vector<std::size_t> size;   // of each set of b: its place in `sizes`
  Csr held_by;                     // of each column: the sets, as often as they hold it

  Others(CsrView b, std::size_t columns) : size(b.rows()) {
    for (std::size_t j = 0; j < b.rows(); ++j) {
      if (!b.row(j).empty()) sizes.push_back(b.row(j).size());
    }
    std::sort(sizes.begin(), sizes.end());
    sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
    for (std::size_t j = 0; j < b.rows(); ++j) {
      const auto found = std::lower_bound(sizes.begin(), sizes.end(), b.row(j).size());
      size[j] = static_cast<std::size_t>(found - sizes.begin());
    }
    std::vector<std::vector<std::int32_t>> sets(columns);
    for (std::size_t j = 0; j < b.rows(); ++j) {
      for (const auto column : b.row(j)) sets[static_cast<std::size_t>(column)].push_back(static_cast<std::int32_t>(j));
    }
    for (const auto& some : sets) {
      held_by.indices.insert(held_by.indices.end(), some.begin(), some.end());
      held_by.end_row();
    }
  }
};

// For sets of k terms: what a level worth 1, scaled by h(number of terms), gives to one who is not among the q that
// reach it. Of the s who came before among the k - 1 others, each s as likely as another, one of the q is there with
// chance 1 - C(k - 1 - q, s) / C(k - 1, s); then the level changes from h(s) to h(s + 1).
class Outside {
 public:
  Outside(std::size_t k, const Others& others, const Scale& scale) : k_(k), n_(others.sizes.size()) {
    std::vector<double> chance((k + 1) * k, 0.0);  // [q][s]
    for (std::size_t q = 1; q <= k; ++q) {
      double none = 1.0;
      for (std::size_t s = 1; s < k; ++s) {
        const auto left = k - s;  // of the k - 1, when s - 1 have come
        none *= left > q ? static_cast<double>(left - q) / static_cast<double>(left) : 0.0;
        chance[q * k + s] = 1.0 - none;
      }
    }
    column_.resize(n_ * (k + 1));
    for (std::size_t c = 0; c < n_; ++c) {
      const auto m = others.sizes[c];
      for (std::size_t q = 1; q < k; ++q) {
        double row = 0.0, column = 0.0;
        for (std::size_t s = 1; s < k; ++s) {
          row += chance[q * k + s] * (scale.of_rows(s + 1, m) - scale.of_rows(s, m));
          column += chance[q * k + s] * (scale.of_columns(s + 1, m) - scale.of_columns(s, m));
        }
        if (q == 1) row_.push_back(row / static_cast<double>(k));
        column_[c * (k + 1) + q] = column / static_cast<double>(k);
      }
      if (k == 1) row_.push_back(0.0);
    }
  }

  [[nodiscard]] std::size_t k() const { return k_; }
  // q = 1, the only case of rows
  [[nodiscard]] double of_rows(std::size_t size) const { return row_[size]; }
  // at [q]
  [[nodiscard]] const double* of_columns(std::size_t size) const { return column_.data() + size * (k_ + 1); }

 private:
  std::size_t k_, n_;
  std::vector<double> row_, column_;
};

class Worker {
 public:
  Worker(const ByTermMatrix& matrix, CsrView b, const Others& others, Scale scale)
      : matrix_(&matrix), b_(b), others_(&others), scale_(scale), outside_(0, others, scale) {}

  // value and without have one place per term: Shapley value, and what all others are worth; gives what all are worth
  double operator()(std::span<const std::int32_t> terms, const double* coefficients, std::span<double> value,
                    std::span<double> without) {
    if (terms.empty()) return 0.0;
    if (outside_.k() != terms.size()) outside_ = Outside(terms.size(), *others_, scale_);
    std::fill(value.begin(), value.end(), 0.0);
    std::fill(without.begin(), without.end(), 0.0);
    return rows(terms, coefficients, value, without) + columns(terms, coefficients, value, without);
  }

 private:
  [[nodiscard]] float score(std::int32_t row, std::size_t column) const {
    return matrix_->values[static_cast<std::size_t>(row) * matrix_->columns + column];
  }

  // Each term's best match in each set: it alone reaches it.
  double rows(std::span<const std::int32_t> terms, const double* coefficients, std::span<double> value,
              std::span<double> without) {
    const auto k = terms.size();
    best_.resize(k);
    double total = 0.0;
    for (std::size_t j = 0; j < b_.rows(); ++j) {
      const auto columns = b_.row(j);
      if (columns.empty() || coefficients[j] == 0.0) continue;
      double sum = 0.0;
      for (std::size_t i = 0; i < k; ++i) {
        auto best = 0.0F;
        for (const auto column : columns) best = std::max(best, score(terms[i], static_cast<std::size_t>(column)));
        best_[i] = best;
        sum += best_[i];
      }
      const auto m = columns.size();
      const auto whole = scale_.of_rows(k, m), fewer = scale_.of_rows(k - 1, m);
      const auto outside = outside_.of_rows(others_->size[j]);
      const auto inside = whole - static_cast<double>(k - 1) * outside;
      for (std::size_t i = 0; i < k; ++i) {
        value[i] += coefficients[j] * (best_[i] * inside + (sum - best_[i]) * outside);
        without[i] += coefficients[j] * fewer * (sum - best_[i]);
      }
      total += coefficients[j] * whole * sum;
    }
    return total;
  }

  double columns(std::span<const std::int32_t> terms, const double* coefficients, std::span<double> value,
                 std::span<double> without) {
    const auto k = terms.size();
    double total = 0.0, fewer_total = 0.0;
    for (std::size_t column = 0; column < matrix_->columns; ++column) {
      const auto holders = others_->held_by.view().row(column);
      if (holders.empty()) continue;
      double whole = 0.0, fewer = 0.0;  // what a level is worth with k and k - 1 terms, over all who hold the column
      outside_q_.assign(k + 1, 0.0);
      for (const auto holder : holders) {
        const auto j = static_cast<std::size_t>(holder);
        const auto m = b_.row(j).size();
        whole += coefficients[j] * scale_.of_columns(k, m);
        fewer += coefficients[j] * scale_.of_columns(k - 1, m);
        const auto* outside = outside_.of_columns(others_->size[j]);
        for (std::size_t q = 1; q < k; ++q) outside_q_[q] += coefficients[j] * outside[q];
      }
      sort_terms(terms, column);
      share_levels(whole, value);
      total += whole * sorted_[0].score;
      fewer_total += fewer * sorted_[0].score;
      without[sorted_[0].term] -= fewer * (sorted_[0].score - (k > 1 ? sorted_[1].score : 0.0));
    }
    for (auto& one : without) one += fewer_total;
    return total;
  }

  struct Scored {
    double score;
    std::size_t term;
  };

  // Insertion: a set has a few dozen terms.
  void sort_terms(std::span<const std::int32_t> terms, std::size_t column) {
    sorted_.resize(terms.size());
    for (std::size_t i = 0; i < terms.size(); ++i) {
      const Scored one{std::max(0.0, static_cast<double>(score(terms[i], column))), i};
      auto at = i;
      for (; at > 0 && sorted_[at - 1].score < one.score; --at) sorted_[at] = sorted_[at - 1];
      sorted_[at] = one;
    }
  }

  // Level q, from the score of the q-th to that of the next, is reached by the q best. All that it is worth is shared
  // by these and by the others.
  void share_levels(double whole, std::span<double> value) {
    const auto k = sorted_.size();
    inside_.resize(k);
    double outside = 0.0;
    for (std::size_t r = 0; r < k; ++r) {
      const auto q = r + 1;
      const auto level = sorted_[r].score - (q < k ? sorted_[q].score : 0.0);
      inside_[r] = level * (whole - static_cast<double>(k - q) * outside_q_[q]) / static_cast<double>(q);
      value[sorted_[r].term] += outside;  // of the levels above
      outside += level * outside_q_[q];
    }
    double inside = 0.0;
    for (auto r = k; r-- > 0;) {
      inside += inside_[r];
      value[sorted_[r].term] += inside;
    }
  }

  const ByTermMatrix* matrix_;
  CsrView b_;
  const Others* others_;
  Scale scale_;
  Outside outside_;
  std::vector<double> best_, outside_q_, inside_;
  std::vector<Scored> sorted_;
};

void check(const ByTermMatrix& matrix, CsrView a, CsrView b, std::span<const double> coefficients, Combine combine) {
  if (matrix.values.size() != matrix.rows * matrix.columns) {
    throw std::invalid_argument("the term matrix must have " + std::to_string(matrix.rows) + " x " +
                                std::to_string(matrix.columns) + " values, not " +
                                std::to_string(matrix.values.size()));
  }
  check_csr(a, static_cast<std::int64_t>(matrix.rows), "a");
  check_csr(b, static_cast<std::int64_t>(matrix.columns), "b");
  if (coefficients.size() != b.rows() && coefficients.size() != a.rows() * b.rows()) {
    throw std::invalid_argument("coefficients must be one per set of b, " + std::to_string(b.rows()) +
                                ", or one per pair, not " + std::to_string(coefficients.size()));
  }
  if (!std::all_of(coefficients.begin(), coefficients.end(), [](double value) { return std::isfinite(value); })) {
    throw std::invalid_argument("coefficients must be finite");
  }
  switch (combine) {
    case Combine::bma:
    case Combine::funsim_avg:
    case Combine::a_to_b:
    case Combine::b_to_a:
      return;
    default:
      throw std::invalid_argument(
          "combine must be one of bma, funsim_avg, a_to_b, b_to_a: the others are no averages of best matches");
  }
}

}  // namespace

MatchShapley match_shapley(const ByTermMatrix& matrix, CsrView a, CsrView b, std::span<const double> coefficients,
                           Combine combine, const Parallel& parallel) {
  check(matrix, a, b, coefficients, combine);
  MatchShapley out;
  out.value.resize(a.indices.size());
  out.leave_one_out.resize(a.indices.size());
  out.total.resize(a.rows());
  const Others others(b, matrix.columns);
  const auto each = coefficients.size() != b.rows();
  std::vector<Worker> workers(worker_count(a.rows(), parallel), Worker(matrix, b, others, {combine}));
  parallel_for(a.rows(), parallel, [&](std::size_t row, std::size_t worker) {
    const auto first = static_cast<std::size_t>(a.offsets[row]);
    const auto terms = a.row(row);
    const std::span value(out.value.data() + first, terms.size());
    const std::span without(out.leave_one_out.data() + first, terms.size());
    out.total[row] = workers[worker](terms, coefficients.data() + (each ? row * b.rows() : 0), value, without);
    for (auto& one : without) one = out.total[row] - one;
  });
  return out;
}

}  // namespace phenojax
