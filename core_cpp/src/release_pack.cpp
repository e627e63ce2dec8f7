#include "phenojax/release_pack.hpp"

#include <bit>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "phenojax/errors.hpp"

namespace phenojax {
namespace {

static_assert(std::endian::native == std::endian::little, "the pack is read and written as little-endian memory");
static_assert(sizeof(ReadCounts) == 8 * sizeof(std::int64_t) && std::is_trivially_copyable_v<ReadCounts>);

struct Header {
  char magic[8];
  std::uint32_t format;
  std::uint32_t n_sections;
  std::uint64_t n_bytes;
  std::uint64_t checksum;
};
static_assert(sizeof(Header) == kPackChecksumFrom);

struct SectionEntry {
  char name[24];
  std::uint64_t width;  // bytes per element
  std::uint64_t begin;  // byte in the pack
  std::uint64_t count;  // elements
};
static_assert(sizeof(SectionEntry) == 48);

constexpr std::uint64_t align(std::uint64_t at) { return (at + 7) / 8 * 8; }

// The arrays of a release in the order of the pack: the one list that writing and reading share.
template <class AnyRelease, class Visit>
void for_each_section(AnyRelease& r, Visit&& visit) {
  const auto strings = [&](const char* bytes, const char* offsets, auto& table) {
    visit(bytes, table.bytes);
    visit(offsets, table.offsets);
  };
  const auto csr = [&](const char* offsets, const char* indices, auto& table) {
    visit(offsets, table.offsets);
    visit(indices, table.indices);
  };
  visit("version", r.version);
  visit("annotation_version", r.annotation_version);
  visit("licence", r.licence);
  visit("citation", r.citation);
  visit("term_numbers", r.terms.numbers);
  strings("label_bytes", "label_offsets", r.terms.labels);
  visit("term_synonyms", r.terms.synonym_offsets);
  strings("synonym_bytes", "synonym_offsets", r.terms.synonyms);
  csr("parent_offsets", "parent_terms", r.terms.parents);
  visit("other_numbers", r.other_ids.numbers);
  visit("other_status", r.other_ids.status);
  visit("other_targets", r.other_ids.targets);
  csr("consider_offsets", "consider_terms", r.other_ids.consider);
  strings("disease_id_bytes", "disease_id_offsets", r.disease_ids);
  strings("disease_name_bytes", "disease_name_offsets", r.disease_names);
  strings("gene_symbol_bytes", "gene_symbol_offsets", r.gene_symbols);
  visit("gene_ncbi_ids", r.gene_ncbi_ids);
  strings("reference_bytes", "reference_offsets", r.references);
  strings("evidence_bytes", "evidence_offsets", r.evidence_codes);
  visit("row_disease", r.annotations.disease);
  visit("row_term", r.annotations.term);
  visit("row_negated", r.annotations.negated);
  csr("row_reference_offsets", "row_references", r.annotations.references);
  visit("row_evidence", r.annotations.evidence);
  visit("row_onset", r.annotations.onset);
  visit("row_frequency", r.annotations.frequency);
  visit("row_numerator", r.annotations.numerator);
  visit("row_denominator", r.annotations.denominator);
  visit("row_sex", r.annotations.sex);
  visit("row_aspect", r.annotations.aspect);
  visit("gene_row_gene", r.genes.gene);
  visit("gene_row_ncbi_id", r.genes.ncbi_id);
  visit("gene_row_term", r.genes.term);
  visit("gene_row_disease", r.genes.disease);
  visit("unknown_numbers", r.unknown_numbers);
}

template <class Container>
constexpr std::size_t width_of() {
  return sizeof(typename Container::value_type);
}

std::uint32_t count_sections() {
  Release release;
  std::uint32_t n = 1;  // the counts
  for_each_section(release, [&](const char*, auto&) { ++n; });
  return n;
}

class PackWriter {
 public:
  explicit PackWriter(std::uint32_t n_sections)
      : n_sections_(n_sections), pack_(sizeof(Header) + n_sections * sizeof(SectionEntry), '\0') {}

  void add(const char* name, const void* data, std::size_t width, std::size_t count) {
    SectionEntry entry{};
    std::strncpy(entry.name, name, sizeof(entry.name) - 1);
    entry.width = width;
    entry.begin = pack_.size();
    entry.count = count;
    std::memcpy(pack_.data() + sizeof(Header) + written_++ * sizeof(SectionEntry), &entry, sizeof(entry));
    if (count > 0) pack_.append(static_cast<const char*>(data), width * count);
    pack_.resize(align(pack_.size()), '\0');
  }

  std::string finish() && {
    Header header{};
    kPackMagic.copy(header.magic, sizeof(header.magic));
    header.format = kPackFormat;
    header.n_sections = n_sections_;
    header.n_bytes = pack_.size();
    header.checksum = pack_checksum(std::string_view(pack_).substr(kPackChecksumFrom));
    std::memcpy(pack_.data(), &header, sizeof(header));
    return std::move(pack_);
  }

 private:
  std::uint32_t n_sections_;
  std::string pack_;
  std::size_t written_ = 0;
};

class PackReader {
 public:
  PackReader(const std::string& source, std::string_view bytes) : source_(source), bytes_(bytes) {}

  Release read() {
    read_header();
    Release release;
    for_each_section(release, [&](const char* name, auto& values) {
      using Container = std::remove_reference_t<decltype(values)>;
      const auto entry = next_section(name, width_of<Container>());
      values.resize(entry.count);
      copy(entry, values.data());
    });
    const auto entry = next_section("counts", sizeof(std::int64_t));
    if (entry.count * entry.width != sizeof(ReadCounts)) throw damaged("the counts have the wrong length");
    copy(entry, &release.counts);
    if (at_ != bytes_.size()) throw damaged("bytes follow the last section");
    try {
      check_release(release);
    } catch (const std::invalid_argument& error) {
      throw damaged(error.what());
    }
    return release;
  }

 private:
  void read_header() {
    if (!bytes_.starts_with(kPackMagic.substr(0, bytes_.size())) || bytes_.empty()) {
      throw FormatError(source_, 0, "not a phenojax release pack; expected the magic PHENOJAX at its beginning");
    }
    if (bytes_.size() < sizeof(Header)) throw damaged("shorter than its header; it is truncated");
    Header header{};
    std::memcpy(&header, bytes_.data(), sizeof(header));
    if (header.format != kPackFormat) {
      throw FormatError(source_, 0,
                        "pack format " + std::to_string(header.format) + ", this phenojax reads format " +
                            std::to_string(kPackFormat) + "; build the pack again with `phenojax ontology build`");
    }
    if (header.n_bytes != bytes_.size()) {
      throw damaged("it should be " + std::to_string(header.n_bytes) + " bytes, found " +
                    std::to_string(bytes_.size()) + "; it is truncated or has been appended to");
    }
    if (header.checksum != pack_checksum(bytes_.substr(kPackChecksumFrom))) throw damaged("its checksum is wrong");
    n_sections_ = header.n_sections;
    if (n_sections_ != count_sections()) throw damaged("the number of sections is wrong");
    at_ = sizeof(Header) + n_sections_ * sizeof(SectionEntry);
    if (at_ > bytes_.size()) throw damaged("the table of sections does not fit");
  }

  // Sections stand in the order of the list with nothing between them, so their places are known.
  SectionEntry next_section(const char* name, std::size_t width) {
    SectionEntry entry{};
    std::memcpy(&entry, bytes_.data() + sizeof(Header) + sections_read_++ * sizeof(SectionEntry), sizeof(entry));
    entry.name[sizeof(entry.name) - 1] = '\0';
    const auto wrong = [&](const std::string& what) { return damaged(std::string("section '") + name + "' " + what); };
    if (std::strcmp(entry.name, name) != 0) throw wrong("is missing");
    if (entry.width != width) throw wrong("has elements of the wrong width");
    if (entry.begin != at_) throw wrong("is not where it should be");
    if (entry.count > (bytes_.size() - at_) / width) throw wrong("does not fit");
    at_ = align(at_ + entry.count * width);
    if (at_ > bytes_.size()) throw wrong("does not fit");
    return entry;
  }

  void copy(const SectionEntry& entry, void* to) const {
    if (entry.count > 0) std::memcpy(to, bytes_.data() + entry.begin, entry.count * entry.width);
  }

  [[nodiscard]] FormatError damaged(const std::string& why) const {
    return {source_, 0, "this release pack is damaged: " + why + ". Build or fetch it again"};
  }

  std::string source_;
  std::string_view bytes_;
  std::uint64_t n_sections_ = 0;
  std::uint64_t sections_read_ = 0;
  std::size_t at_ = 0;
};

}  // namespace

std::uint64_t pack_checksum(std::string_view bytes) noexcept {
  std::uint64_t state = 0xCBF29CE484222325ULL ^ bytes.size();
  const auto mix = [&](std::uint64_t word) {
    state = (state ^ word) * 0x9E3779B97F4A7C15ULL;
    state ^= state >> 32;
  };
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, 8);
    mix(word);
  }
  if (at < bytes.size()) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, bytes.size() - at);
    mix(word);
  }
  return state;
}

std::string write_pack(const Release& release) {
  PackWriter writer(count_sections());
  for_each_section(release, [&](const char* name, const auto& values) {
    using Container = std::remove_cvref_t<decltype(values)>;
    writer.add(name, values.data(), width_of<Container>(), values.size());
  });
  writer.add("counts", &release.counts, sizeof(std::int64_t), sizeof(ReadCounts) / sizeof(std::int64_t));
  return std::move(writer).finish();
}

Release read_pack(const std::string& source, std::string_view bytes) { return PackReader(source, bytes).read(); }

}  // namespace phenojax
