#include <string>

#include "check.hpp"
#include "phenojax/json_pull.hpp"

namespace {

using namespace phenojax;
using namespace phenojax::test;

void accepts(const std::string& text) {
  JsonPull json("x.json", text);
  json.skip();
  json.end();
}

void rejects(const std::string& text, std::string_view part,
             const std::source_location& where = std::source_location::current()) {
  check_throws<FormatError>([&] { accepts(text); }, part, where);
}

std::string decoded(const std::string& text) {
  JsonPull json("x.json", text);
  std::string scratch;
  return std::string(json.string(scratch));
}

void accepts_what_is_json() {
  for (const auto* text : {"{}", "[]", " [1, -0.5e+10, 0, 1E3] ", R"({"a": {"b": [true, false, null, "x"]}})", "0"}) {
    accepts(text);
  }
}

void rejects_what_is_not() {
  rejects("", "empty");
  rejects("{", "truncated");
  rejects("[1,]", "expected a JSON value");
  rejects("{\"a\":1,}", "expected a string");
  rejects("{\"a\" 1}", "expected ':'");
  rejects("[1 2]", "expected ','");
  rejects("[01]", "expected ','");
  rejects("[-]", "expected a digit");
  rejects("[1.]", "expected a digit");
  rejects("[1e]", "expected a digit");
  rejects("[tru]", "expected true");
  rejects("[nul]", "expected null");
  rejects("[+1]", "expected a JSON value");
  rejects("{} x", "expected the end");
  rejects("[\"a\nb\"]", "control character");
  rejects("[\"\\x\"]", "expected an escape");
  rejects("[\"\\u12g4\"]", "four hexadecimal");
  rejects("[\"\\u12", "truncated");
  rejects("[\"abc", "truncated");
  rejects("\n\n[1,\n?]", "line 4");
}

void decodes_escapes() {
  check_equal(decoded(R"("plain")"), "plain");
  check_equal(decoded(R"("a\"\\\/\b\f\n\r\tz")"), "a\"\\/\b\f\n\r\tz");
  check_equal(decoded(R"("\u00e9\u20AC\uD83D\uDE00")"), "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  check_equal(decoded(R"("\uD83D!")"), "\xEF\xBF\xBD!");
  check_equal(decoded(R"("\uDE00")"), "\xEF\xBF\xBD");
  check_equal(decoded(R"("\uD83D\u0041")"),
              "\xEF\xBF\xBD"
              "A");
}

void nesting_is_limited() {
  accepts(std::string(64, '[') + std::string(64, ']'));
  rejects(std::string(100'000, '['), "nested deeper than 64");
}

}  // namespace

int main() {
  return run({{"JSON is accepted", accepts_what_is_json},
              {"anything else is an error with its line", rejects_what_is_not},
              {"escapes are decoded", decodes_escapes},
              {"no nesting exhausts the stack", nesting_is_limited}});
}
