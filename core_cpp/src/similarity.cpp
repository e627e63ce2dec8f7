#include "phenojax/similarity.hpp"

#include "lane_table.hpp"
#include "set_problem.hpp"

namespace phenojax {

void set_similarity(const SetProblem& problem, const Parallel& parallel, std::span<float> out) {
  check_problem(problem);
  SetEngine engine(problem, parallel);
  check_output(out, engine.rows(), engine.columns());
  const Range rows{0, engine.rows()};
  const Range columns{0, engine.columns()};
  const Tile all{out.data(), engine.columns()};
  if (engine.can_mirror()) {
    engine.fill_mirrored(rows, columns, all, all);
  } else {
    engine.fill(rows, columns, all);
  }
}

}  // namespace phenojax
