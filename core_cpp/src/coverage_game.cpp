#include "coverage_game.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace phenojax {
namespace {

constexpr std::size_t kBits = 64;
constexpr std::uint64_t kOne = 1;

std::size_t words_for(std::size_t bits) { return (bits + kBits - 1) / kBits; }

// Players of the closure's term c: words[c * n .. c * n + n)
struct Masks {
  const std::vector<std::uint64_t>& words;
  std::size_t n;

  [[nodiscard]] auto begin(std::size_t c) const { return words.begin() + static_cast<std::ptrdiff_t>(c * n); }
  [[nodiscard]] bool same(std::size_t c, std::size_t d) const {
    return std::equal(begin(c), begin(c) + static_cast<std::ptrdiff_t>(n), begin(d));
  }
  [[nodiscard]] auto compare(std::size_t c, std::size_t d) const {
    const auto length = static_cast<std::ptrdiff_t>(n);
    return std::lexicographical_compare_three_way(begin(c), begin(c) + length, begin(d), begin(d) + length);
  }
};

}  // namespace

double CoverageGame::worth(double value, double weight) const {
  return weight > 0.0 ? value / std::sqrt(weight) : empty_;
}

void CoverageGame::assign(std::span<const std::int32_t> terms) {
  sort_players(terms);
  group_ancestors();
  list_groups_by_player();
  leave_each_out();
}

void CoverageGame::sort_players(std::span<const std::int32_t> terms) {
  entries_.resize(terms.size());
  std::iota(entries_.begin(), entries_.end(), std::size_t{0});
  std::stable_sort(entries_.begin(), entries_.end(), [&](auto x, auto y) { return terms[x] < terms[y]; });
  terms_.clear();
  for (const auto entry : entries_) terms_.push_back(terms[entry]);
}

void CoverageGame::group_ancestors() {
  words_ = words_for(players());
  std::vector<std::int32_t> closure;
  std::vector<std::uint64_t> brought;
  const auto above = graph_.ancestor_lists();
  for (std::size_t p = 0; p < players(); ++p) {
    for (const auto term : above.row(static_cast<std::size_t>(terms_[p]))) {
      const auto t = static_cast<std::size_t>(term);
      if (weights_[t] == 0.0 && values_[t] == 0.0) continue;
      if (place_[t] < 0) {
        place_[t] = static_cast<std::int32_t>(closure.size());
        closure.push_back(term);
        brought.resize(brought.size() + words_, 0);
      }
      brought[static_cast<std::size_t>(place_[t]) * words_ + p / kBits] |= kOne << (p % kBits);
    }
  }
  for (const auto term : closure) place_[static_cast<std::size_t>(term)] = -1;

  const Masks masks{brought, words_};
  std::vector<std::size_t> order(closure.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](auto x, auto y) {
    const auto compared = masks.compare(x, y);
    return compared != 0 ? compared < 0 : closure[x] < closure[y];
  });
  masks_.clear();
  sums_.clear();
  for (std::size_t k = 0; k < order.size(); ++k) {
    if (k == 0 || !masks.same(order[k - 1], order[k])) {
      masks_.insert(masks_.end(), masks.begin(order[k]), masks.begin(order[k]) + static_cast<std::ptrdiff_t>(words_));
      sums_.emplace_back();
    }
    const auto term = static_cast<std::size_t>(closure[order[k]]);
    sums_.back().value += values_[term];
    sums_.back().weight += weights_[term];
  }
}

void CoverageGame::list_groups_by_player() {
  group_words_ = words_for(groups());
  seen_.resize(group_words_);
  groups_of_.assign(players() * group_words_, 0);
  for (std::size_t g = 0; g < groups(); ++g) {
    for (std::size_t w = 0; w < words_; ++w) {
      for (auto left = masks_[g * words_ + w]; left != 0; left &= left - 1) {
        const auto p = w * kBits + static_cast<std::size_t>(std::countr_zero(left));
        groups_of_[p * group_words_ + g / kBits] |= kOne << (g % kBits);
      }
    }
  }
}

void CoverageGame::leave_each_out() {
  Sum all;
  std::vector<std::size_t> sole(groups(), players());  // who alone brings it
  for (std::size_t g = 0; g < groups(); ++g) {
    all.value += sums_[g].value;
    all.weight += sums_[g].weight;
    int count = 0;
    for (std::size_t w = 0; w < words_; ++w) {
      const auto word = masks_[g * words_ + w];
      count += std::popcount(word);
      if (word != 0) sole[g] = w * kBits + static_cast<std::size_t>(std::countr_zero(word));
    }
    if (count > 1) sole[g] = players();
  }
  total_ = worth(all.value, all.weight);
  leave_one_out_.clear();
  for (std::size_t p = 0; p < players(); ++p) {
    Sum others;  // summed anew: a difference would leave rounding where nothing is left
    for (std::size_t g = 0; g < groups(); ++g) {
      if (sole[g] == p) continue;
      others.value += sums_[g].value;
      others.weight += sums_[g].weight;
    }
    leave_one_out_.push_back(total_ - worth(others.value, others.weight));
  }
}

void CoverageGame::along(std::span<const std::uint32_t> order, std::span<double> marginal) {
  std::fill(seen_.begin(), seen_.end(), 0);
  Sum sum;
  auto before = empty_;
  for (const auto player : order) {
    const auto* brings = groups_of_.data() + player * group_words_;
    for (std::size_t w = 0; w < group_words_; ++w) {
      auto fresh = brings[w] & ~seen_[w];
      seen_[w] |= fresh;
      for (; fresh != 0; fresh &= fresh - 1) {
        const auto& added = sums_[w * kBits + static_cast<std::size_t>(std::countr_zero(fresh))];
        sum.value += added.value;
        sum.weight += added.weight;
      }
    }
    const auto now = worth(sum.value, sum.weight);
    marginal[player] = now - before;
    before = now;
  }
}

}  // namespace phenojax
