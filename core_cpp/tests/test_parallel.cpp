#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include "check.hpp"
#include "phenojax/information_content.hpp"
#include "phenojax/parallel.hpp"
#include "term_sets.hpp"

namespace {

using namespace phenojax;
using namespace phenojax::test;

void each_task_runs_once_and_a_worker_alone() {
  for (const int threads : {1, 4, 7}) {
    std::vector<std::atomic<int>> runs(1000);
    std::vector<int> busy(worker_count(runs.size(), {threads}));  // a race here is one that the sanitizer tells
    parallel_for(runs.size(), {threads}, [&](std::size_t task, std::size_t worker) {
      ++busy.at(worker);
      ++runs[task];
      --busy.at(worker);
    });
    for (const auto& count : runs) check_equal(count.load(), 1);
  }
}

void no_more_workers_than_tasks() {
  check_equal(worker_count(3, {8}), std::size_t{3});
  check_equal(worker_count(0, {8}), std::size_t{1});
  parallel_for(0, {8}, [](std::size_t, std::size_t) { check(false, "there is no task"); });
}

void the_first_exception_ends_the_work_and_reaches_the_caller() {
  for (const int threads : {1, 4}) {
    std::atomic<int> runs{0};
    check_throws<std::runtime_error>(
        [&] {
          parallel_for(100'000, {threads}, [&](std::size_t task, std::size_t) {
            ++runs;
            if (task == 3) throw std::runtime_error("task 3");
          });
        },
        "task 3");
    check(runs < 100'000);
  }
}

void a_poll_that_throws_interrupts() {
  std::atomic<int> runs{0};
  const Parallel parallel{2, [] { throw std::runtime_error("Ctrl-C"); }};
  check_throws<std::runtime_error>(
      [&] {
        parallel_for(10'000, parallel, [&](std::size_t, std::size_t) {
          ++runs;
          std::this_thread::sleep_for(std::chrono::milliseconds(5));
        });
      },
      "Ctrl-C");
  check(runs < 1'000);
}

void counts_are_of_distinct_items() {
  const OntologyGraph graph(csr_of({{}, {0}, {0}, {1, 2}}).view());
  using Indices = std::vector<std::int32_t>;
  check(annotation_counts(graph, Indices{0, 0, 1, 2}, Indices{3, 3, 1, 0}, 4) == Indices{3, 2, 1, 1});
  check(annotation_counts(graph, Indices{}, Indices{}, 0) == Indices{0, 0, 0, 0});
  check_throws<std::invalid_argument>([&] { (void)annotation_counts(graph, Indices{0}, Indices{4}, 1); }, "terms");
  check_throws<std::invalid_argument>([&] { (void)annotation_counts(graph, Indices{1}, Indices{0}, 1); }, "items");
  check_throws<std::invalid_argument>([&] { (void)annotation_counts(graph, Indices{}, Indices{}, -1); }, "negative");
}

}  // namespace

int main() {
  return run({
      {"each task runs once, and a worker alone", each_task_runs_once_and_a_worker_alone},
      {"no more workers than tasks", no_more_workers_than_tasks},
      {"the first exception ends the work and reaches the caller",
       the_first_exception_ends_the_work_and_reaches_the_caller},
      {"a poll that throws interrupts", a_poll_that_throws_interrupts},
      {"counts are of distinct items", counts_are_of_distinct_items},
  });
}
