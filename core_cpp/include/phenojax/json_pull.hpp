#pragma once
// A strict JSON (RFC 8259) reader that hands values to the caller in file order and builds no tree: the caller asks
// for what it expects and skips the rest. One pass, O(bytes); nesting is limited, so no input can exhaust the stack.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "phenojax/errors.hpp"

namespace phenojax {

class JsonPull {
 public:
  enum class Kind : std::uint8_t { kObject, kArray, kString, kNumber, kBoolean, kNull };

  JsonPull(std::string source, std::string_view text);

  // What the next value is; consumes white space only.
  [[nodiscard]] Kind peek();
  // The byte at which the next value begins, once peek() has been called.
  [[nodiscard]] std::size_t at() const noexcept { return at_; }

  // Calls member(key) for each member of an object; it must consume exactly one value.
  template <class Member>
  void each_member(Member&& member) {
    open('{', "an object");
    std::string scratch;
    for (bool first = true; more('}', first); first = false) {
      const auto key = string(scratch);
      expect(':');
      member(key);
    }
    --depth_;
  }

  // Calls element() for each element of an array; it must consume exactly one value.
  template <class Element>
  void each_element(Element&& element) {
    open('[', "an array");
    for (bool first = true; more(']', first); first = false) element();
    --depth_;
  }

  // The next value, which must be a string: a view into the text, or into `scratch` where there were escapes.
  std::string_view string(std::string& scratch);
  bool boolean();
  // Consumes any value, checking it as strictly as the ones that are read.
  void skip();
  // Only white space may follow.
  void end();

  [[nodiscard]] FormatError error(const std::string& message) const;

 private:
  void skip_space() noexcept;
  void open(char bracket, const char* what);
  bool more(char close, bool first);
  void expect(char c);
  void literal(std::string_view word);
  void number();
  void append_escape(std::string& out);
  unsigned hex4();

  std::string source_;
  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace phenojax
