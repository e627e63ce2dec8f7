#include "phenojax/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace phenojax {
namespace {

constexpr auto kPollInterval = std::chrono::milliseconds(50);

}  // namespace

std::size_t worker_count(std::size_t tasks, const Parallel& parallel) {
  if (parallel.threads < 1) {
    throw std::invalid_argument("threads must be at least 1, not " + std::to_string(parallel.threads));
  }
  return std::max<std::size_t>(1, std::min(tasks, static_cast<std::size_t>(parallel.threads)));
}

void parallel_for(std::size_t tasks, const Parallel& parallel,
                  const std::function<void(std::size_t, std::size_t)>& body) {
  const auto workers = worker_count(tasks, parallel);
  std::atomic<std::size_t> next{0};
  std::atomic<bool> stop{false};
  std::exception_ptr first_error;
  std::mutex guard;

  const auto work = [&](std::size_t worker, const std::function<void()>& between) {
    try {
      for (;;) {
        if (stop.load(std::memory_order_relaxed)) return;
        const auto task = next.fetch_add(1, std::memory_order_relaxed);
        if (task >= tasks) return;
        body(task, worker);
        if (between) between();
      }
    } catch (...) {
      const std::scoped_lock lock(guard);
      if (!first_error) first_error = std::current_exception();
      stop.store(true, std::memory_order_relaxed);
    }
  };

  std::function<void()> between;
  if (parallel.poll) {
    between = [&, last = std::chrono::steady_clock::now()]() mutable {
      const auto now = std::chrono::steady_clock::now();
      if (now - last < kPollInterval) return;
      last = now;
      parallel.poll();
    };
  }
  {
    std::vector<std::jthread> helpers;
    helpers.reserve(workers - 1);
    try {
      for (std::size_t worker = 1; worker < workers; ++worker) {
        helpers.emplace_back([&work, worker] { work(worker, {}); });
      }
    } catch (...) {  // the system is out of threads: those that started end early, and the caller hears of it
      stop.store(true, std::memory_order_relaxed);
      throw;
    }
    work(0, between);
  }
  if (first_error) std::rethrow_exception(first_error);
}

}  // namespace phenojax
