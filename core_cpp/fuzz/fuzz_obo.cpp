// Any bytes as hp.obo.

#include "harness.hpp"
#include "phenojax/errors.hpp"
#include "phenojax/obo_reader.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phenojax;
  try {
    fuzz::use_release(make_release(read_obo("hp.obo", fuzz::as_text(data, size))));
  } catch (const FormatError&) {
    return 0;
  }
  return 0;
}
