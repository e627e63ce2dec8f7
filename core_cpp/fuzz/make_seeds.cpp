// Writes the seeds of the corpora, from the small files of the native tests: make_seeds FOLDER

#include <filesystem>
#include <fstream>
#include <iostream>

#include "../tests/small_release.hpp"
#include "phenojax/release_pack.hpp"

namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream stream(path, std::ios::binary);
  stream << bytes;
  if (!stream.flush()) throw std::runtime_error("cannot write " + path.string());
}

// Six terms in a diamond and a chain, sets of them, then zeros: see bytes.hpp for how bytes are read.
const std::string kNumbers{6, 2, 1, 0, 1, 0, 2, 1, 2, 1, 3, 1, 4, 1, 3, 2, 4, 5, 1, 1, 0, 4, 0, 1, 2, 2, 5, 4, 3, 2};

}  // namespace

int main(int argc, char** argv) {
  using namespace phenojax;
  if (argc != 2) {
    std::cerr << "make_seeds FOLDER\n";
    return 2;
  }
  const fs::path root = argv[1];
  write(root / "obo" / "seed", test::kObo);
  write(root / "hpoa" / "seed", test::kHpoa);
  write(root / "genes" / "seed", test::kGenes);
  write(root / "obographs" / "seed", test::kJson);
  write(root / "pack" / "seed", write_pack(test::small_release()));
  write(root / "graph" / "seed", kNumbers);
  for (const auto* target : {"matches", "overlaps", "sets", "terms"})
    write(root / target / "seed", kNumbers + kNumbers);
  return 0;
}
