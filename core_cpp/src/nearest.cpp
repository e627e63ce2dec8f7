#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "lane_table.hpp"
#include "large_buffer.hpp"
#include "phenojax/similarity.hpp"
#include "set_problem.hpp"

namespace phenojax {
namespace {

// Each table of best matches serves this many sets before it is made again.
constexpr std::size_t kTile = 8 * PairEngine::kWindow;

struct Candidate {
  float score;
  std::int32_t id;
};

// Orders a heap with the worst candidate on top.
constexpr auto is_better = [](const Candidate& x, const Candidate& y) {
  return x.score > y.score || (x.score == y.score && x.id < y.id);
};

// The best k candidates of every set so far.
class Shortlists {
 public:
  Shortlists(const LaneKernels& kernels, std::size_t n, std::size_t k)
      : kernels_(kernels), k_(k), kept_(n * k, Candidate{-1.0F, -1}) {}

  // Scores of candidates first .. first + n for one set. Candidates come by rising id, so that a tie never gets in.
  void add(std::size_t set, const float* scores, std::size_t first, std::size_t n, std::size_t self) {
    auto* heap = kept_.data() + set * k_;
    for (std::size_t at = 0;;) {
      at = kernels_.first_above(scores, at, n, heap->score);  // few are: 16 are looked at together
      if (at == n) return;
      if (first + at != self) {
        std::pop_heap(heap, heap + k_, is_better);
        heap[k_ - 1] = {scores[at], static_cast<std::int32_t>(first + at)};
        std::push_heap(heap, heap + k_, is_better);
      }
      ++at;
    }
  }

  // Best first.
  void write(std::size_t set, std::int64_t* ids, float* scores) {
    auto* heap = kept_.data() + set * k_;
    std::sort_heap(heap, heap + k_, is_better);
    for (std::size_t i = 0; i < k_; ++i) {
      ids[i] = heap[i].id;
      scores[i] = heap[i].score;
    }
  }

 private:
  const LaneKernels& kernels_;
  std::size_t k_;
  std::vector<Candidate> kept_;
};

constexpr auto kNoSelf = std::numeric_limits<std::size_t>::max();

std::vector<Range> tiles_of(std::size_t n) {
  std::vector<Range> out;
  for (std::size_t first = 0; first < n; first += kTile) out.push_back({first, std::min(n, first + kTile)});
  return out;
}

}  // namespace

void nearest_sets(const SetProblem& problem, std::size_t k, const Parallel& parallel,
                  const std::function<void(std::size_t, std::size_t)>& progress, std::span<std::int64_t> ids,
                  std::span<float> scores) {
  check_problem(problem);
  SetEngine engine(problem, parallel);
  const auto n = engine.rows();
  const auto self = !problem.b;
  const auto candidates = engine.columns() - (self && n > 0 ? 1 : 0);
  if (k > candidates) {
    throw std::invalid_argument("k is " + std::to_string(k) + ", and there are " + std::to_string(candidates) +
                                " candidates");
  }
  if (ids.size() != n * k || scores.size() != n * k) {
    throw std::invalid_argument("ids and scores must have " + std::to_string(n) + " x " + std::to_string(k) +
                                " values");
  }
  if (n == 0 || k == 0) return;

  Shortlists shortlists(active_kernels(), n, k);
  const auto scan = [&](Range rows, Range columns, Tile scored) {
    parallel_for(blocks_of_lanes(rows.size()), parallel, [&](std::size_t block, std::size_t) {
      const auto begin = block * kLanes;
      for (auto r = begin; r < std::min(rows.size(), begin + kLanes); ++r) {
        const auto set = rows.begin + r;
        shortlists.add(set, scored.row(r), columns.begin, columns.size(), self ? set : kNoSelf);
      }
    });
  };
  // A symmetric score serves both of its sets. The rows of a later tile have then met all earlier columns before.
  const auto both = engine.can_mirror() && is_symmetric(problem.combine);
  const auto row_tiles = tiles_of(n);
  const auto column_tiles = tiles_of(engine.columns());
  const auto side = std::min(kTile, std::max(n, engine.columns()));
  const auto stride = side + kLanes;  // no power of two: strips of columns would meet in few sets of the cache
  const LargeBuffer tile(side * stride);
  const LargeBuffer mirror(both && row_tiles.size() > 1 ? side * stride : 0);
  const auto total = both ? row_tiles.size() * (row_tiles.size() + 1) / 2 : row_tiles.size() * column_tiles.size();
  std::size_t done = 0;
  for (std::size_t i = 0; i < row_tiles.size(); ++i) {
    for (auto j = both ? i : 0; j < column_tiles.size(); ++j) {
      const auto rows = row_tiles[i];
      const auto columns = column_tiles[j];
      const Tile out{tile.data(), stride};
      if (!both) {
        engine.fill(rows, columns, out);
      } else if (i == j) {
        engine.fill_mirrored(rows, columns, out, out);
      } else {
        const Tile across{mirror.data(), stride};
        engine.fill_mirrored(rows, columns, out, across);
        scan(columns, rows, across);
      }
      scan(rows, columns, out);
      if (progress) progress(++done, total);
    }
  }
  for (std::size_t set = 0; set < n; ++set) shortlists.write(set, ids.data() + set * k, scores.data() + set * k);
}

}  // namespace phenojax
