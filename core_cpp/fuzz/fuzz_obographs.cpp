// Any bytes as hp.json.

#include "harness.hpp"
#include "phenojax/errors.hpp"
#include "phenojax/obographs_reader.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace phenojax;
  try {
    fuzz::use_release(make_release(read_obographs("hp.json", fuzz::as_text(data, size))));
  } catch (const FormatError&) {
    return 0;
  }
  return 0;
}
