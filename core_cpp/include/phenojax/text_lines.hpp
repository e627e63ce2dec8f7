#pragma once
// The lines of a text file held in memory, for readers that must name a line in their errors.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "phenojax/errors.hpp"

namespace phenojax {

[[nodiscard]] std::string_view trim(std::string_view text) noexcept;

// The text in quotes for a message: cut to a readable length, control bytes replaced.
[[nodiscard]] std::string quoted(std::string_view text);

// The first YYYY-MM-DD in `text`; `text` itself, trimmed, where there is none.
[[nodiscard]] std::string release_date(std::string_view text);

// 1 + the number of line ends before byte `at`.
[[nodiscard]] std::int64_t line_at(std::string_view text, std::size_t at) noexcept;

class TextLines {
 public:
  // A byte order mark is skipped. Throws FormatError when the text is empty or its last line has no end,
  // which is how a file that was cut short looks.
  TextLines(std::string source, std::string_view text);

  // Moves to the next line; false at the end. "\n" and "\r\n" both end a line.
  bool next() noexcept;
  [[nodiscard]] std::string_view line() const noexcept { return line_; }
  // The byte at which the current line begins.
  [[nodiscard]] std::size_t at() const noexcept { return at_; }
  // An error about the current line.
  [[nodiscard]] FormatError error(const std::string& message) const { return {source_, number_, message}; }

 private:
  std::string source_;
  std::string_view text_;
  std::string_view line_;
  std::size_t at_ = 0;
  std::size_t next_ = 0;
  std::int64_t number_ = 0;
};

// Cuts a line at its tabs into `columns`, which keeps its memory from line to line.
void split_columns(std::string_view line, std::vector<std::string_view>& columns);

// A header cell without case and punctuation, so that "HPO_ID", "hpo_id" and "#HPO_ID" are one name.
[[nodiscard]] std::string plain_name(std::string_view cell);

}  // namespace phenojax
