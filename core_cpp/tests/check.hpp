#pragma once
// All that the native tests need: a test is a function, a failed check is printed with its place, and run() gives the
// exit status. Each test file is a program of its own.

#include <exception>
#include <functional>
#include <initializer_list>
#include <iostream>
#include <source_location>
#include <string>
#include <string_view>

namespace phenojax::test {

inline int& failures() {
  static int count = 0;
  return count;
}

inline void fail(std::string_view what, const std::source_location& where) {
  ++failures();
  std::cerr << where.file_name() << ':' << where.line() << ": " << what << '\n';
}

inline void check(bool holds, std::string_view what = "check failed",
                  const std::source_location& where = std::source_location::current()) {
  if (!holds) fail(what, where);
}

template <class A, class B>
void check_equal(const A& actual, const B& expected,
                 const std::source_location& where = std::source_location::current()) {
  if (actual == expected) return;
  ++failures();
  std::cerr << where.file_name() << ':' << where.line() << ": values differ";
  if constexpr (requires { std::cerr << actual << expected; }) std::cerr << ": " << actual << ", expected " << expected;
  std::cerr << '\n';
}

// `action` must throw an Error whose message holds `part`.
template <class Error>
void check_throws(const std::function<void()>& action, std::string_view part,
                  const std::source_location& where = std::source_location::current()) {
  try {
    action();
  } catch (const Error& error) {
    if (std::string_view(error.what()).find(part) == std::string_view::npos) {
      fail(std::string("the message lacks '") + std::string(part) + "': " + error.what(), where);
    }
    return;
  } catch (const std::exception& error) {
    return fail(std::string("another exception: ") + error.what(), where);
  }
  fail("nothing was thrown, expected a message with '" + std::string(part) + "'", where);
}

struct Test {
  const char* name;
  void (*body)();
};

inline int run(std::initializer_list<Test> tests) {
  for (const auto& test : tests) {
    const int before = failures();
    try {
      test.body();
    } catch (const std::exception& error) {
      fail(std::string("uncaught: ") + error.what(), std::source_location::current());
    }
    std::cout << (failures() == before ? "ok      " : "FAILED  ") << test.name << '\n';
  }
  return failures() == 0 ? 0 : 1;
}

}  // namespace phenojax::test
