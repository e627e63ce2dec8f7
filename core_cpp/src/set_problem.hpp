#pragma once
// From a SetProblem to the engines that answer it.

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "pair_engine.hpp"
#include "phenojax/parallel.hpp"
#include "phenojax/similarity.hpp"

namespace phenojax {

// Throws std::invalid_argument on whatever is malformed in the problem.
void check_problem(const SetProblem& problem);

class SetEngine {
 public:
  // `problem` must outlive it and have been checked.
  SetEngine(const SetProblem& problem, const Parallel& parallel);

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  // Whether `fill_mirrored` may be used.
  [[nodiscard]] bool can_mirror() const { return mirrored_; }

  // See PairEngine.
  void fill(Range rows, Range columns, Tile out);
  void fill_mirrored(Range rows, Range columns, Tile out, Tile mirror);

 private:
  const Parallel& parallel_;
  std::size_t rows_, columns_;
  bool mirrored_;
  float strength_ = 0.0F;
  std::vector<float> transposed_;  // of a term matrix
  std::unique_ptr<PairEngine> similarity_, contradicted_;
  std::vector<float> share_;  // of one band of rows
};

}  // namespace phenojax
