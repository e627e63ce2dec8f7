#include "phenojax/text_lines.hpp"

#include <algorithm>
#include <utility>

namespace phenojax {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool is_date(std::string_view text) noexcept {
  for (std::size_t i = 0; i < 10; ++i) {
    if (i == 4 || i == 7 ? text[i] != '-' : !is_digit(text[i])) return false;
  }
  return true;
}

}  // namespace

std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  std::string out = "'";
  for (const char c : text.substr(0, kLongest)) out.push_back(static_cast<unsigned char>(c) < 0x20 ? '?' : c);
  return out + (text.size() > kLongest ? "...'" : "'");
}

std::string release_date(std::string_view text) {
  for (std::size_t at = 0; at + 10 <= text.size(); ++at) {
    if (is_date(text.substr(at, 10))) return std::string(text.substr(at, 10));
  }
  return std::string(trim(text));
}

std::int64_t line_at(std::string_view text, std::size_t at) noexcept {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(at, text.size()));
  return 1 + std::count(text.begin(), end, '\n');
}

TextLines::TextLines(std::string source, std::string_view text) : source_(std::move(source)), text_(text) {
  if (text_.starts_with("\xEF\xBB\xBF")) next_ = 3;
  if (next_ == text_.size()) throw FormatError(source_, 0, "the file is empty");
  if (text_.back() != '\n') {
    throw FormatError(source_, line_at(text_, text_.size()),
                      "the file ends in the middle of a line, so it seems truncated; fetch it again, or end the last "
                      "line if the file is complete");
  }
}

bool TextLines::next() noexcept {
  if (next_ >= text_.size()) return false;
  at_ = next_;
  const auto end = text_.find('\n', at_);  // never npos: the text ends with a line end
  next_ = end + 1;
  line_ = text_.substr(at_, end - at_);
  if (line_.ends_with('\r')) line_.remove_suffix(1);
  ++number_;
  return true;
}

void split_columns(std::string_view line, std::vector<std::string_view>& columns) {
  columns.clear();
  for (auto tab = line.find('\t'); tab != std::string_view::npos; tab = line.find('\t')) {
    columns.push_back(line.substr(0, tab));
    line.remove_prefix(tab + 1);
  }
  columns.push_back(line);
}

std::string plain_name(std::string_view cell) {
  std::string out;
  for (const char c : cell) {
    if (c >= 'A' && c <= 'Z') {
      out.push_back(static_cast<char>(c - 'A' + 'a'));
    } else if ((c >= 'a' && c <= 'z') || is_digit(c)) {
      out.push_back(c);
    }
  }
  return out;
}

}  // namespace phenojax
