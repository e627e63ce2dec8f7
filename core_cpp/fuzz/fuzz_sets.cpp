// Any sets, weights, excluded terms, term matrices and sizes for the matrix of sets and the nearest of each: what is
// well formed gives the numbers of plain loops, the rest is refused before anything is written.

#include <functional>

#include "harness.hpp"
#include "phenojax/similarity.hpp"
#include "plain.hpp"
#include "values.hpp"

namespace {

using namespace phenojax;
using fuzz::Bytes;
using fuzz::require;

struct Sets {
  Csr terms;
  std::vector<float> weights;

  Sets(Bytes& bytes, std::size_t most, std::size_t limit) : terms(fuzz::sets(bytes, most, limit)) {
    const auto kind = bytes.below(8);
    if (kind > 2) return;
    weights.resize(kind == 0 ? bytes.below(20) : terms.indices.size());
    for (auto& weight : weights) {
      weight = kind < 2 && bytes.below(8) == 0 ? bytes.take<float>()
                                               : static_cast<float>(bytes.take<std::uint8_t>()) / 16.0F;
    }
  }

  [[nodiscard]] TermSets view() const { return {terms.view(), weights}; }
  [[nodiscard]] fuzz::PlainSet plain(std::size_t r) const {
    const auto begin = static_cast<std::size_t>(terms.offsets[r]);
    const auto row = terms.view().row(r);
    return {row, weights.empty() ? std::span<const float>{} : std::span(weights).subspan(begin, row.size())};
  }
  [[nodiscard]] bool is_tame() const {
    // below the smallest normal float a weight has few digits, and so has what it is multiplied with
    return std::ranges::all_of(weights, [](auto w) { return w == 0.0F || (w >= 1e-20F && w <= 16.0F); });
  }
  [[nodiscard]] bool is_good(std::size_t limit) const {
    if (!fuzz::is_well_formed(terms.view(), limit)) return false;
    if (weights.empty()) return true;
    return weights.size() == terms.indices.size() &&
           std::ranges::all_of(weights, [](auto w) { return w >= 0.0F && w <= 1e30F; });
  }
};

// One set of excluded terms for each row, mostly.
Csr excluded_terms(Bytes& bytes, std::size_t rows, std::size_t n_terms) {
  return bytes.below(8) == 0 ? fuzz::sets(bytes, 20, n_terms) : fuzz::well_formed(bytes, rows, 3, n_terms);
}

class Input {
 public:
  explicit Input(Bytes& bytes)
      : ontology_(bytes),
        measure_(fuzz::any_measure(bytes)),
        values_(fuzz::values_of(ontology_, measure_)),
        by_matrix_(bytes.below(4) == 0),
        rows_(by_matrix_ ? bytes.below(9) : ontology_.n_terms()),
        columns_(by_matrix_ ? bytes.below(9) : rows_),
        a_(bytes, 20, rows_),
        combine_(static_cast<Combine>(bytes.below(8))) {
    if (bytes.below(2) == 1) b_.emplace(bytes, 36, columns_);
    if (by_matrix_) fill_matrix(bytes);
    if (bytes.below(3) == 0) exclude(bytes);
    threads = static_cast<int>(bytes.below(8)) - 1;
  }

  int threads = 1;

  [[nodiscard]] bool has_values() const { return values_.has_value(); }
  [[nodiscard]] bool has_b() const { return b_.has_value(); }
  [[nodiscard]] std::size_t n_rows() const { return a_.terms.view().rows(); }
  [[nodiscard]] std::size_t n_columns() const { return other().terms.view().rows(); }

  [[nodiscard]] SetProblem problem() const {
    SetProblem out{scores(), a_.view(), std::nullopt, combine_, std::nullopt};
    if (b_) out.b = b_->view();
    if (!observed_a_) return out;
    out.exclusions.emplace(
        Exclusions{ontology_.graph, observed_a_->view(), excluded_a_->view(), std::nullopt, std::nullopt, strength_});
    if (observed_b_) out.exclusions->other_observed = observed_b_->view();
    if (excluded_b_) out.exclusions->other_excluded = excluded_b_->view();
    return out;
  }

  // What the header says is taken.
  [[nodiscard]] bool is_good() const {
    if (!a_.is_good(rows_) || !other().is_good(columns_) || threads < 1) return false;
    if (by_matrix_ && (matrix_.size() != rows_ * columns_ || (!b_ && rows_ != columns_))) return false;
    if (!by_matrix_ && !finds_by_ancestor()) return false;
    return !observed_a_ || exclusions_are_good();
  }

  [[nodiscard]] bool is_tame() const { return ontology_.is_tame && a_.is_tame() && other().is_tame(); }

  // is_good() and is_tame() hold.
  void check(const std::vector<float>& found) const {
    std::optional<fuzz::PlainTable> table;
    if (!by_matrix_) table.emplace(ontology_.graph, ontology_.ic, measure_);
    const auto score = [&](std::int32_t s, std::int32_t t) {
      if (table) return (*table)(s, t);
      return double{matrix_[static_cast<std::size_t>(s) * columns_ + static_cast<std::size_t>(t)]};
    };
    for (std::size_t i = 0; i < n_rows(); ++i) {
      for (std::size_t j = 0; j < n_columns(); ++j) {
        const auto expected = fuzz::plain_similarity(a_.plain(i), other().plain(j), combine_, score) * kept(i, j);
        require(fuzz::is_near(double{found[i * n_columns() + j]}, expected), "a pair scores not as plain loops say");
      }
    }
  }

 private:
  [[nodiscard]] const Sets& other() const { return b_ ? *b_ : a_; }

  [[nodiscard]] TermScores scores() const {
    if (by_matrix_) return ByTermMatrix{matrix_, rows_, columns_};
    return ByCommonAncestor{ontology_.graph, *values_};
  }

  void fill_matrix(Bytes& bytes) {
    matrix_.resize(bytes.below(16) == 15 ? bytes.below(90) : rows_ * columns_);
    for (auto& value : matrix_) value = static_cast<float>(bytes.take<std::uint8_t>()) / 16.0F;
    if (b_ || rows_ != columns_ || matrix_.size() != rows_ * columns_) return;
    for (std::size_t r = 0; r < rows_; ++r) {  // whoever gives no b promises a symmetric matrix
      for (std::size_t c = 0; c < r; ++c) matrix_[r * columns_ + c] = matrix_[c * columns_ + r];
    }
  }

  void exclude(Bytes& bytes) {
    const auto n = ontology_.n_terms();
    const auto observed = [&](const Sets& sets) {
      return by_matrix_ ? excluded_terms(bytes, sets.terms.view().rows(), n) : sets.terms;
    };
    observed_a_ = observed(a_);
    excluded_a_ = excluded_terms(bytes, n_rows(), n);
    if (b_.has_value() != (bytes.below(16) == 15)) {
      observed_b_ = observed(other());
      excluded_b_ = excluded_terms(bytes, n_columns(), n);
    }
    strength_ = bytes.below(16) == 15 ? bytes.take<float>() : static_cast<float>(bytes.below(17)) / 16.0F;
  }

  [[nodiscard]] bool finds_by_ancestor() const {
    return measure_ != TermMeasure::hrss && measure_ != TermMeasure::hpo3_jiang_conrath && combine_ != Combine::mean &&
           (measure_ == TermMeasure::resnik || never_falls(ontology_.graph, ontology_.ic));
  }

  [[nodiscard]] bool exclusions_are_good() const {
    const auto fits = [&](const std::optional<Csr>& sets, std::size_t rows) {
      return fuzz::is_well_formed(sets->view(), ontology_.n_terms()) && sets->view().rows() == rows;
    };
    if (observed_b_.has_value() != b_.has_value()) return false;
    if (b_ && !(fits(observed_b_, n_columns()) && fits(excluded_b_, n_columns()))) return false;
    return fits(observed_a_, n_rows()) && fits(excluded_a_, n_rows()) && strength_ >= 0.0F && strength_ <= 1.0F;
  }

  // What excluded terms leave of the similarity of a pair.
  [[nodiscard]] double kept(std::size_t i, std::size_t j) const {
    if (!observed_a_) return 1.0;
    const auto& observed_b = b_ ? *observed_b_ : *observed_a_;
    const auto& excluded_b = b_ ? *excluded_b_ : *excluded_a_;
    const auto of_a = observed_a_->view().row(i);
    const auto of_b = observed_b.view().row(j);
    const auto n = fuzz::contradicted(ontology_.graph, of_a, excluded_b.view().row(j)) +
                   fuzz::contradicted(ontology_.graph, of_b, excluded_a_->view().row(i));
    return 1.0 -
           double{strength_} * fuzz::ratio(static_cast<double>(n), static_cast<double>(of_a.size() + of_b.size()));
  }

  fuzz::Ontology ontology_;
  TermMeasure measure_;
  std::optional<TermValues> values_;
  bool by_matrix_;
  std::size_t rows_, columns_;  // of the term matrix, or the terms there are
  Sets a_;
  Combine combine_;
  std::optional<Sets> b_;
  std::vector<float> matrix_;
  std::optional<Csr> observed_a_, excluded_a_, observed_b_, excluded_b_;
  float strength_ = 0.0F;
};

constexpr auto kUntouched = -7.0F;

// Whether the call went through. It must, exactly when `is_good`; when not, it has written nothing.
bool accepted(bool is_good, const std::vector<float>& out, const std::function<void()>& call) {
  try {
    call();
  } catch (const std::invalid_argument&) {
    require(!is_good, "what is well formed was refused");
    require(std::ranges::all_of(out, [](auto v) { return v == kUntouched; }), "a refused call has written");
    return false;
  }
  require(is_good, "what is malformed was taken");
  return true;
}

// The k nearest are the first k of the row of the matrix, sorted.
void check_nearest(const Input& in, const std::vector<float>& matrix, std::size_t k,
                   const std::vector<std::int64_t>& ids, const std::vector<float>& scores) {
  for (std::size_t i = 0; i < in.n_rows(); ++i) {
    const auto* row = matrix.data() + i * in.n_columns();
    std::vector<std::size_t> order;
    for (std::size_t j = 0; j < in.n_columns(); ++j) {
      if (in.has_b() || j != i) order.push_back(j);
    }
    std::ranges::stable_sort(order, [&](auto x, auto y) { return row[x] > row[y]; });
    for (std::size_t at = 0; at < k; ++at) {
      require(ids[i * k + at] == static_cast<std::int64_t>(order[at]), "a nearest set is not the nearest");
      require(scores[i * k + at] == row[order[at]], "a nearest set scores otherwise than in the matrix");
    }
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, size);
  const Input in(bytes);
  if (!in.has_values()) return 0;
  const auto problem = in.problem();
  const auto n = in.n_rows() * in.n_columns();
  std::vector<float> matrix(bytes.below(16) == 15 ? bytes.below(250) : n, kUntouched);
  const auto is_good = in.is_good();
  const auto has_matrix =
      accepted(is_good && matrix.size() == n, matrix, [&] { set_similarity(problem, {in.threads}, matrix); });
  if (has_matrix && in.is_tame()) in.check(matrix);

  const auto k = bytes.below(24);
  const auto n_found = bytes.below(16) == 15 ? bytes.below(250) : in.n_rows() * k;
  std::vector<std::int64_t> ids(n_found);
  std::vector<float> scores(n_found, kUntouched);
  const auto candidates = in.n_columns() - (in.has_b() || in.n_rows() == 0 ? 0 : 1);
  const auto has_nearest = accepted(is_good && k <= candidates && n_found == in.n_rows() * k, scores,
                                    [&] { nearest_sets(problem, k, {in.threads}, {}, ids, scores); });
  if (has_nearest && has_matrix && in.is_tame()) check_nearest(in, matrix, k, ids, scores);
  return 0;
}
