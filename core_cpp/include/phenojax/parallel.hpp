#pragma once
// Independent tasks on a few threads. Which task a thread runs is left to chance, what a task computes is not: each
// task writes its own part of the output, so that results do not depend on the number of threads.

#include <cstddef>
#include <functional>

namespace phenojax {

struct Parallel {
  // At least 1; the calling thread is one of them.
  int threads = 1;
  // Called now and then on the calling thread, between its tasks; what it throws ends the work (Ctrl-C).
  std::function<void()> poll = {};
};

// How many threads `parallel_for` uses for this many tasks: workers are numbered below it.
[[nodiscard]] std::size_t worker_count(std::size_t tasks, const Parallel& parallel);

// Calls body(task, worker) once for every task; no two calls with one `worker` overlap, so that a worker can own
// scratch memory. The first exception ends the work (tasks that have begun are finished) and is thrown to the caller.
void parallel_for(std::size_t tasks, const Parallel& parallel,
                  const std::function<void(std::size_t task, std::size_t worker)>& body);

}  // namespace phenojax
