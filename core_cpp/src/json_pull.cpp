#include "phenojax/json_pull.hpp"

#include <utility>

#include "phenojax/text_lines.hpp"

namespace phenojax {
namespace {

constexpr int kDeepest = 64;

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (code >> 6)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | (code >> 12)));
    out.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | (code >> 18)));
    out.push_back(static_cast<char>(0x80 | ((code >> 12) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

}  // namespace

JsonPull::JsonPull(std::string source, std::string_view text) : source_(std::move(source)), text_(text) {
  if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  if (trim(text_.substr(at_)).empty()) throw FormatError(source_, 0, "the file is empty");
}

FormatError JsonPull::error(const std::string& message) const {
  const auto where = line_at(text_, at_);
  if (at_ >= text_.size()) {
    return {source_, where, message + ", found the end of the file; it seems truncated"};
  }
  return {source_, where, message + ", found " + quoted(text_.substr(at_, 20))};
}

void JsonPull::skip_space() noexcept {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
    ++at_;
  }
}

void JsonPull::expect(char c) {
  skip_space();
  if (at_ >= text_.size() || text_[at_] != c) throw error(std::string("expected '") + c + "'");
  ++at_;
}

JsonPull::Kind JsonPull::peek() {
  skip_space();
  switch (at_ < text_.size() ? text_[at_] : '\0') {
    case '{':
      return Kind::kObject;
    case '[':
      return Kind::kArray;
    case '"':
      return Kind::kString;
    case 't':
    case 'f':
      return Kind::kBoolean;
    case 'n':
      return Kind::kNull;
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
      return Kind::kNumber;
    default:
      throw error("expected a JSON value");
  }
}

void JsonPull::open(char bracket, const char* what) {
  skip_space();
  if (at_ >= text_.size() || text_[at_] != bracket) throw error(std::string("expected ") + what);
  if (++depth_ > kDeepest) throw error("nested deeper than " + std::to_string(kDeepest) + " levels");
  ++at_;
}

bool JsonPull::more(char close, bool first) {
  skip_space();
  if (at_ < text_.size() && text_[at_] == close) {
    ++at_;
    return false;
  }
  if (!first) expect(',');
  return true;
}

std::string_view JsonPull::string(std::string& scratch) {
  skip_space();
  if (at_ >= text_.size() || text_[at_] != '"') throw error("expected a string");
  const auto begin = ++at_;
  bool escaped = false;
  auto copied = begin;  // text up to here is in `scratch`, once there was an escape
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '"') {
      const auto rest = text_.substr(copied, at_ - copied);
      ++at_;
      if (!escaped) return rest;
      scratch.append(rest);
      return scratch;
    }
    if (static_cast<unsigned char>(c) < 0x20) throw error("a string holds a bare control character");
    if (c == '\\') {
      if (!escaped) scratch.clear();
      escaped = true;
      scratch.append(text_.substr(copied, at_ - copied));
      append_escape(scratch);
      copied = at_ + 1;
    }
  }
  throw error("expected the closing quote of a string");
}

// On entry at_ is at the backslash; on return at the last byte of the escape.
void JsonPull::append_escape(std::string& out) {
  ++at_;
  switch (at_ < text_.size() ? text_[at_] : '\0') {
    case '"':
    case '\\':
    case '/':
      out.push_back(text_[at_]);
      return;
    case 'b':
      out.push_back('\b');
      return;
    case 'f':
      out.push_back('\f');
      return;
    case 'n':
      out.push_back('\n');
      return;
    case 'r':
      out.push_back('\r');
      return;
    case 't':
      out.push_back('\t');
      return;
    case 'u':
      break;
    default:
      throw error("expected an escape such as \\n or \\u00e9");
  }
  constexpr unsigned kReplacement = 0xFFFD;  // what half a surrogate pair becomes
  auto code = hex4();
  if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_ + 1, 2) == "\\u") {
    const auto before = at_;
    at_ += 2;
    const auto low = hex4();
    if (low >= 0xDC00 && low < 0xE000) {
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else {
      at_ = before;
    }
  }
  append_utf8(out, code >= 0xD800 && code < 0xE000 ? kReplacement : code);
}

// On entry at_ is at the 'u'; on return at the fourth digit.
unsigned JsonPull::hex4() {
  unsigned code = 0;
  for (int i = 0; i < 4; ++i) {
    ++at_;
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    const bool digit = c >= '0' && c <= '9';
    const bool lower = c >= 'a' && c <= 'f';
    const bool upper = c >= 'A' && c <= 'F';
    if (!digit && !lower && !upper) throw error("expected four hexadecimal digits after \\u");
    code = code * 16 + static_cast<unsigned>(digit ? c - '0' : lower ? c - 'a' + 10 : c - 'A' + 10);
  }
  return code;
}

bool JsonPull::boolean() {
  if (peek() != Kind::kBoolean) throw error("expected true or false");
  const bool value = text_[at_] == 't';
  literal(value ? "true" : "false");
  return value;
}

void JsonPull::literal(std::string_view word) {
  if (text_.substr(at_, word.size()) != word) throw error("expected " + std::string(word));
  at_ += word.size();
}

void JsonPull::number() {
  const auto digits = [&] {
    const auto begin = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    if (at_ == begin) throw error("expected a digit");
  };
  if (text_[at_] == '-') ++at_;
  if (at_ < text_.size() && text_[at_] == '0') {
    ++at_;
  } else {
    digits();
  }
  if (at_ < text_.size() && text_[at_] == '.') {
    ++at_;
    digits();
  }
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    ++at_;
    if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
    digits();
  }
}

void JsonPull::skip() {
  std::string scratch;
  switch (peek()) {
    case Kind::kObject:
      each_member([&](std::string_view) { skip(); });
      return;
    case Kind::kArray:
      each_element([&] { skip(); });
      return;
    case Kind::kString:
      string(scratch);
      return;
    case Kind::kNumber:
      number();
      return;
    case Kind::kBoolean:
      boolean();
      return;
    case Kind::kNull:
      literal("null");
      return;
  }
}

void JsonPull::end() {
  skip_space();
  if (at_ < text_.size()) throw error("expected the end of the file");
}

}  // namespace phenojax
