#pragma once
// Many megabytes of floats, uninitialised.

#include <cstddef>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace phenojax {

class LargeBuffer {
 public:
  explicit LargeBuffer(std::size_t size)
      : data_(static_cast<float*>(::operator new(size * sizeof(float), kAlignment))) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    // Strips of columns touch a page per row. A hint: where it is refused, nothing but time is lost.
    if (size * sizeof(float) >= static_cast<std::size_t>(kAlignment)) {
      (void)madvise(data_, size * sizeof(float), MADV_HUGEPAGE);
    }
#endif
  }
  LargeBuffer(const LargeBuffer&) = delete;
  LargeBuffer& operator=(const LargeBuffer&) = delete;
  ~LargeBuffer() { ::operator delete(data_, kAlignment); }

  [[nodiscard]] float* data() const noexcept { return data_; }

 private:
  static constexpr std::align_val_t kAlignment{std::size_t{1} << 21};
  float* data_;
};

}  // namespace phenojax
