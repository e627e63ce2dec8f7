#include "phenojax/closure_shapley.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>

#include "all_subsets.hpp"
#include "coverage_game.hpp"
#include "lane_table.hpp"
#include "random_orders.hpp"

namespace phenojax {
namespace {

// The orders of a set are drawn in at least so many streams, whatever the number of threads, and in more where one
// would take long: between them Ctrl-C is heard.
constexpr std::int64_t kFewestShards = 8;
constexpr std::int64_t kPairsPerShard = 16384;
constexpr std::int64_t kMostOrders = std::int64_t{1} << 24;
constexpr double kLargestValue = 1e30;

struct Task {
  std::size_t row, shard;
  bool exact;
};

void check(const OntologyGraph& graph, std::span<const double> weights, std::span<const double> values, CsrView sets,
           const ShapleySettings& settings) {
  check_values(weights, graph.n_terms(), "weights");
  if (values.size() != weights.size()) {
    throw std::invalid_argument("values must have " + std::to_string(weights.size()) + " values, not " +
                                std::to_string(values.size()));
  }
  const auto is_number = [](double value) { return value >= -kLargestValue && value <= kLargestValue; };
  if (!std::all_of(values.begin(), values.end(), is_number) || !is_number(settings.empty)) {
    throw std::invalid_argument("values and empty must be from -1e30 to 1e30");
  }
  check_csr(sets, graph.n_terms(), "sets");
  if (settings.exact_up_to < 0 || settings.exact_up_to > kMostExactTerms) {
    throw std::invalid_argument("exact_up_to must be from 0 to " + std::to_string(kMostExactTerms) + ", not " +
                                std::to_string(settings.exact_up_to));
  }
  if (settings.orders < 4 || settings.orders > kMostOrders) {
    throw std::invalid_argument("orders must be from 4 to 2^24, not " + std::to_string(settings.orders));
  }
}

std::int64_t pairs_of(const ShapleySettings& settings) { return (settings.orders + 1) / 2; }

std::size_t shards_of(const ShapleySettings& settings) {
  const auto enough = (pairs_of(settings) + kPairsPerShard - 1) / kPairsPerShard;
  return static_cast<std::size_t>(std::max(enough, kFewestShards));
}

std::vector<Task> tasks_of(CsrView sets, const ShapleySettings& settings) {
  std::vector<Task> tasks;
  for (std::size_t row = 0; row < sets.rows(); ++row) {
    if (sets.row(row).size() <= static_cast<std::size_t>(settings.exact_up_to)) {
      tasks.push_back({row, 0, true});
    } else {
      for (std::size_t shard = 0; shard < shards_of(settings); ++shard) tasks.push_back({row, shard, false});
    }
  }
  return tasks;
}

// Sums over pairs of orders of what a player adds, less its leave-one-out: [entry][shard].
struct Sums {
  std::size_t shards;
  std::vector<double> first, square;

  Sums(std::size_t entries, std::size_t n) : shards(n), first(entries * n), square(entries * n) {}
};

// What one thread has of its own: the game of the set that it is at.
class Worker {
 public:
  Worker(const OntologyGraph& graph, std::span<const double> weights, std::span<const double> values, CsrView sets,
         const ShapleySettings& settings)
      : game_(graph, weights, values, settings.empty), sets_(sets), seed_(settings.seed), pairs_(pairs_of(settings)) {}

  void run(const Task& task, ShapleyValues& out, Sums& sums) {
    if (row_ != task.row) {
      row_ = task.row;
      game_.assign(sets_.row(task.row));
    }
    const auto first = static_cast<std::size_t>(sets_.offsets[task.row]);
    if (task.shard == 0) {
      out.total[task.row] = game_.total();
      for (std::size_t p = 0; p < game_.players(); ++p) {
        out.leave_one_out[first + game_.entries()[p]] = game_.leave_one_out()[p];
      }
    }
    if (!task.exact) return sample(task.shard, first, sums);
    shapley_.resize(game_.players());
    if (shapley_.empty()) return;
    all_subsets_(game_, shapley_);
    for (std::size_t p = 0; p < game_.players(); ++p) out.value[first + game_.entries()[p]] = shapley_[p];
  }

 private:
  void sample(std::size_t shard, std::size_t first_entry, Sums& sums) {
    const auto k = game_.players();
    auto stream = mixed(seed_, k);
    for (const auto term : game_.terms()) stream = mixed(stream, static_cast<std::uint64_t>(term));
    SplitMix random(mixed(stream, shard));
    order_.resize(k);
    std::iota(order_.begin(), order_.end(), std::uint32_t{0});
    there_.resize(k);
    back_.resize(k);
    sum_.assign(k, 0.0);
    square_.assign(k, 0.0);
    const auto shards = static_cast<std::int64_t>(sums.shards);
    const auto begin = pairs_ * static_cast<std::int64_t>(shard) / shards;
    const auto end = pairs_ * static_cast<std::int64_t>(shard + 1) / shards;
    for (auto pair = begin; pair < end; ++pair) {
      shuffle(order_, random);
      game_.along(order_, there_);
      std::reverse(order_.begin(), order_.end());
      game_.along(order_, back_);
      for (std::size_t p = 0; p < k; ++p) {
        const auto added = 0.5 * (there_[p] + back_[p]) - game_.leave_one_out()[p];
        sum_[p] += added;
        square_[p] += added * added;
      }
    }
    for (std::size_t p = 0; p < k; ++p) {
      const auto at = (first_entry + game_.entries()[p]) * sums.shards + shard;
      sums.first[at] = sum_[p];
      sums.square[at] = square_[p];
    }
  }

  CoverageGame game_;
  AllSubsets all_subsets_;
  CsrView sets_;
  std::uint64_t seed_;
  std::int64_t pairs_;
  std::optional<std::size_t> row_;
  std::vector<std::uint32_t> order_;
  std::vector<double> there_, back_, sum_, square_, shapley_;
};

// Shards are added up in their order.
void join(const Sums& sums, std::size_t entry, double pairs, ShapleyValues& out) {
  const auto* first = sums.first.data() + entry * sums.shards;
  const auto* square = sums.square.data() + entry * sums.shards;
  const auto total = std::accumulate(first, first + sums.shards, 0.0);
  const auto squares = std::accumulate(square, square + sums.shards, 0.0);
  const auto variance = std::max(squares - total * total / pairs, 0.0) / (pairs - 1.0);
  out.value[entry] = out.leave_one_out[entry] + total / pairs;
  out.standard_error[entry] = std::sqrt(variance / pairs);
}

}  // namespace

ShapleyValues closure_shapley(const OntologyGraph& graph, std::span<const double> weights,
                              std::span<const double> values, CsrView sets, const ShapleySettings& settings,
                              const Parallel& parallel) {
  check(graph, weights, values, sets, settings);
  const auto entries = sets.indices.size();
  ShapleyValues out;
  for (auto* one : {&out.value, &out.standard_error, &out.leave_one_out}) one->resize(entries);
  out.total.resize(sets.rows());
  const auto tasks = tasks_of(sets, settings);
  const auto sampled = std::any_of(tasks.begin(), tasks.end(), [](const auto& task) { return !task.exact; });
  Sums sums(sampled ? entries : 0, shards_of(settings));
  std::vector<Worker> workers(worker_count(tasks.size(), parallel), Worker(graph, weights, values, sets, settings));
  parallel_for(tasks.size(), parallel,
               [&](std::size_t task, std::size_t worker) { workers[worker].run(tasks[task], out, sums); });
  const auto pairs = static_cast<double>(pairs_of(settings));
  for (const auto& task : tasks) {
    if (task.exact || task.shard != 0) continue;
    for (auto entry = sets.offsets[task.row]; entry < sets.offsets[task.row + 1]; ++entry) {
      join(sums, static_cast<std::size_t>(entry), pairs, out);
    }
  }
  return out;
}

}  // namespace phenojax
