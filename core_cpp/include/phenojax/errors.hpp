#pragma once
// What the core throws besides std::invalid_argument; the bindings turn each into a Python exception.

#include <cstdint>
#include <stdexcept>
#include <string>

namespace phenojax {

// The is_a edges contain a cycle; `term` is one term on it.
class CycleError : public std::runtime_error {
 public:
  explicit CycleError(std::int32_t term)
      : std::runtime_error("the is_a edges form a cycle through term index " + std::to_string(term)), term_(term) {}
  [[nodiscard]] std::int32_t term() const noexcept { return term_; }

 private:
  std::int32_t term_;
};

// A file does not follow its format. `line` counts from 1; 0 when no single line is to blame.
class FormatError : public std::runtime_error {
 public:
  FormatError(const std::string& source, std::int64_t line, const std::string& message)
      : std::runtime_error(line > 0 ? source + ", line " + std::to_string(line) + ": " + message
                                    : source + ": " + message) {}
};

}  // namespace phenojax
