#include "phenojax/release.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "phenojax/errors.hpp"
#include "phenojax/ontology_graph.hpp"
#include "phenojax/term_number.hpp"

namespace phenojax {
namespace {

constexpr const char* kLicence =
    "The Human Phenotype Ontology is free to use: cite the Human Phenotype Ontology consortium, show the version, and "
    "do not alter its content (https://hpo.jax.org/app/license).";
constexpr const char* kCitation =
    "Gargano MA, Matentzoglu N, Coleman B, et al. The Human Phenotype Ontology in 2024: phenotypes around the world. "
    "Nucleic Acids Research 2024;52(D1):D1333-D1346. doi:10.1093/nar/gkad1005";

template <class T>
std::int32_t find_sorted(const std::vector<T>& sorted, T value) noexcept {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), value);
  return at != sorted.end() && *at == value ? static_cast<std::int32_t>(at - sorted.begin()) : -1;
}

class ReleaseMaker {
 public:
  explicit ReleaseMaker(const OntologyDocument& document) : document_(document) {}

  Release make() {
    release_.version = document_.version.empty() ? "unknown" : document_.version;
    release_.licence = kLicence;
    release_.citation = kCitation;
    sort_records();
    add_terms();
    add_parents();
    add_other_ids();
    return std::move(release_);
  }

 private:
  void sort_records() {
    for (const auto& term : document_.terms) records_.push_back(&term);
    std::sort(records_.begin(), records_.end(), [](const TermRecord* a, const TermRecord* b) {
      return a->number != b->number ? a->number < b->number : a->at < b->at;
    });
    for (std::size_t i = 1; i < records_.size(); ++i) {
      if (records_[i]->number != records_[i - 1]->number) continue;
      const auto first = line_at(document_.text, records_[i - 1]->at);
      throw document_.error(records_[i]->at, term_id(records_[i]->number) +
                                                 " is defined a second time; first on line " + std::to_string(first));
    }
  }

  void add_terms() {
    auto& terms = release_.terms;
    for (const auto* record : records_) {
      if (record->is_obsolete) {
        obsolete_.push_back(record->number);
        continue;
      }
      terms.numbers.push_back(record->number);
      terms.labels.push(record->name);
      const auto begin = record->synonyms.begin();
      for (auto at = begin; at != record->synonyms.end(); ++at) {
        if (std::find(begin, at, *at) == at) terms.synonyms.push(*at);
      }
      terms.synonym_offsets.push_back(static_cast<std::int64_t>(terms.synonyms.size()));
    }
    if (terms.numbers.empty()) throw FormatError(document_.source, 0, "every term is obsolete");
  }

  void add_parents() {
    const auto n = release_.terms.numbers.size();
    std::vector<std::vector<std::int32_t>> parents(n);
    for (const auto& link : document_.is_a) {
      const auto child = index(link.from);
      if (child < 0) {
        if (is_obsolete(link.from)) continue;
        throw document_.error(link.at, "is_a edge from " + term_id(link.from) + ", which is not a term of this file");
      }
      const auto parent = index(link.to);
      if (parent < 0) {
        throw document_.error(
            link.at, "the parent " + term_id(link.to) + " of " + term_id(link.from) +
                         (is_obsolete(link.to) ? " is obsolete" : " is not a term of this file; it may be truncated"));
      }
      parents[static_cast<std::size_t>(child)].push_back(parent);
    }
    auto& csr = release_.terms.parents;
    for (auto& row : parents) {
      std::sort(row.begin(), row.end());
      row.erase(std::unique(row.begin(), row.end()), row.end());
      csr.indices.insert(csr.indices.end(), row.begin(), row.end());
      csr.end_row();
    }
    try {
      const OntologyGraph graph(csr.view());
    } catch (const CycleError& error) {
      const auto number = release_.terms.numbers[static_cast<std::size_t>(error.term())];
      const auto record = std::lower_bound(records_.begin(), records_.end(), number,
                                           [](const TermRecord* r, std::int32_t value) { return r->number < value; });
      throw document_.error((*record)->at, "the is_a edges form a cycle through " + term_id(number));
    }
  }

  // A stanza of its own that names a replacement says more of an obsolete id than being listed as alternate, and that
  // says more than being obsolete alone.
  void add_other_ids() {
    for (const auto& link : document_.alternates) add_alternate(link);
    std::unordered_map<std::int32_t, std::vector<std::int32_t>> consider;
    for (const auto& link : document_.replaced_by) replacements_[link.from].push_back(link.to);
    for (const auto& link : document_.consider) consider[link.from].push_back(link.to);

    auto numbers = obsolete_;
    for (const auto& [alternate, holder] : holders_) numbers.push_back(alternate);
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());

    auto& other = release_.other_ids;
    for (const auto number : numbers) {
      const bool replaced = is_obsolete(number) && replacements_.contains(number);
      const auto target = resolve(number);
      const auto status = target < 0 ? TermStatus::kObsolete
                          : replaced ? TermStatus::kReplaced
                                     : TermStatus::kAlternate;
      other.numbers.push_back(number);
      other.status.push_back(static_cast<std::uint8_t>(status));
      other.targets.push_back(target);
      for (const auto suggestion : consider[number]) {
        const auto term = resolve(suggestion);
        if (term >= 0) other.consider.indices.push_back(term);
      }
      other.consider.end_row();
    }
  }

  void add_alternate(const TermLink& link) {
    if (link.from == link.to) return;
    if (index(link.from) >= 0) {
      throw document_.error(
          link.at, term_id(link.from) + " is an alternate id of " + term_id(link.to) + " and also a term of its own");
    }
    const auto [at, is_new] = holders_.try_emplace(link.from, link.to);
    if (!is_new && at->second != link.to) {
      throw document_.error(link.at, term_id(link.from) + " is an alternate id of two terms, " + term_id(at->second) +
                                         " and " + term_id(link.to));
    }
  }

  // Follows replacements, and alternate ids where those end nowhere, to a current term; -1 when there is none.
  [[nodiscard]] std::int32_t resolve(std::int32_t number) const {
    std::vector<std::int32_t> next{number};  // a stack: the last one is tried first
    std::unordered_set<std::int32_t> tried;
    while (!next.empty()) {
      const auto at = next.back();
      next.pop_back();
      if (const auto term = index(at); term >= 0) return term;
      if (!tried.insert(at).second) continue;
      const auto holder = holders_.find(at);
      const auto replacement = replacements_.find(at);
      if (holder != holders_.end()) next.push_back(holder->second);
      if (replacement == replacements_.end() || !is_obsolete(at)) continue;
      const auto& targets = replacement->second;
      next.insert(next.end(), targets.rbegin(), targets.rend());
      // A term that was split has several replacements; the one that took its id over comes first.
      if (holder != holders_.end() && std::find(targets.begin(), targets.end(), holder->second) != targets.end()) {
        next.push_back(holder->second);
      }
    }
    return -1;
  }

  [[nodiscard]] std::int32_t index(std::int32_t number) const noexcept {
    return find_sorted(release_.terms.numbers, number);
  }
  [[nodiscard]] bool is_obsolete(std::int32_t number) const noexcept { return find_sorted(obsolete_, number) >= 0; }

  const OntologyDocument& document_;
  Release release_;
  std::vector<const TermRecord*> records_;
  std::vector<std::int32_t> obsolete_;
  std::unordered_map<std::int32_t, std::int32_t> holders_;
  std::unordered_map<std::int32_t, std::vector<std::int32_t>> replacements_;
};

// Copies `texts` in ascending order into `table`; returns where each one went.
std::vector<std::int32_t> add_sorted(Strings& table, const std::vector<std::string_view>& texts) {
  const auto order = sorted_order(texts);
  for (const auto i : order) table.push(texts[static_cast<std::size_t>(i)]);
  return inverse(order);
}

void add_diseases(Release& release, const HpoaRows* annotations, const GeneRows* genes,
                  std::vector<std::int32_t>& of_annotations, std::vector<std::int32_t>& of_genes) {
  Interner all;
  std::vector<std::string_view> names;
  if (annotations != nullptr) {
    for (const auto id : annotations->disease_ids) all.index(id);
    names = annotations->disease_names;
  }
  if (genes != nullptr) {
    for (const auto id : genes->disease_ids) of_genes.push_back(all.index(id));
  }
  names.resize(all.seen().size());
  const auto order = sorted_order(all.seen());
  for (const auto i : order) {
    release.disease_ids.push(all.seen()[static_cast<std::size_t>(i)]);
    release.disease_names.push(names[static_cast<std::size_t>(i)]);
  }
  const auto rank = inverse(order);
  for (auto& disease : of_genes) disease = rank[static_cast<std::size_t>(disease)];
  of_annotations = rank;
}

// The current term of an id that a table names; counts what is remapped or unknown.
std::int32_t place(Release& release, std::int32_t number, std::int64_t& remapped, std::int64_t& unknown) {
  const auto found = release.lookup(number);
  if (found.term < 0) {
    ++unknown;
    release.unknown_numbers.push_back(number);
  } else if (found.status != TermStatus::kCurrent) {
    ++remapped;
  }
  return found.term;
}

void add_annotations(Release& release, const HpoaRows& rows, const std::vector<std::int32_t>& disease_rank) {
  auto& table = release.annotations;
  auto& counts = release.counts;
  release.annotation_version = rows.version;
  const auto reference_rank = add_sorted(release.references, rows.references);
  for (const auto code : rows.evidence_codes) release.evidence_codes.push(code);
  counts.annotation_rows = static_cast<std::int64_t>(rows.disease.size());
  counts.frequency_unusable = rows.unusable_frequencies;
  for (std::size_t r = 0; r < rows.disease.size(); ++r) {
    const auto term = place(release, rows.term_number[r], counts.annotation_remapped, counts.annotation_unknown);
    if (term < 0) continue;
    const auto onset = rows.onset_number[r] < 0 ? -1 : release.lookup(rows.onset_number[r]).term;
    if (rows.onset_number[r] >= 0 && onset < 0) ++counts.onset_unknown;
    table.disease.push_back(disease_rank[static_cast<std::size_t>(rows.disease[r])]);
    table.term.push_back(term);
    table.negated.push_back(rows.negated[r]);
    for (const auto reference : rows.cited.view().row(r)) {
      table.references.indices.push_back(reference_rank[static_cast<std::size_t>(reference)]);
    }
    table.references.end_row();
    table.evidence.push_back(rows.evidence[r]);
    table.onset.push_back(onset);
    table.frequency.push_back(rows.frequency[r]);
    table.numerator.push_back(rows.numerator[r]);
    table.denominator.push_back(rows.denominator[r]);
    table.sex.push_back(rows.sex[r]);
    table.aspect.push_back(rows.aspect[r]);
  }
}

void add_genes(Release& release, const GeneRows& rows, const std::vector<std::int32_t>& disease_rank) {
  auto& counts = release.counts;
  const auto gene_rank = add_sorted(release.gene_symbols, rows.symbols);
  release.gene_ncbi_ids.resize(rows.symbols.size());
  for (std::size_t g = 0; g < rows.symbols.size(); ++g) {
    release.gene_ncbi_ids[static_cast<std::size_t>(gene_rank[g])] = rows.ncbi_ids[g];
  }
  counts.gene_rows = static_cast<std::int64_t>(rows.gene.size());
  for (std::size_t r = 0; r < rows.gene.size(); ++r) {
    const auto term = place(release, rows.term_number[r], counts.gene_remapped, counts.gene_unknown);
    if (term < 0) continue;
    release.genes.gene.push_back(gene_rank[static_cast<std::size_t>(rows.gene[r])]);
    release.genes.ncbi_id.push_back(rows.ncbi_id[r]);
    release.genes.term.push_back(term);
    const auto disease = rows.disease[r];
    release.genes.disease.push_back(disease < 0 ? -1 : disease_rank[static_cast<std::size_t>(disease)]);
  }
}

}  // namespace

TermLookup Release::lookup(std::int32_t number) const noexcept {
  if (const auto term = find_sorted(terms.numbers, number); term >= 0) return {term, TermStatus::kCurrent};
  const auto other = find_sorted(other_ids.numbers, number);
  if (other < 0) return {};
  const auto at = static_cast<std::size_t>(other);
  return {other_ids.targets[at], static_cast<TermStatus>(other_ids.status[at])};
}

Release make_release(const OntologyDocument& document) { return ReleaseMaker(document).make(); }

void set_annotations(Release& release, const HpoaRows* annotations, const GeneRows* genes) {
  Release bare;
  bare.version = std::move(release.version);
  bare.licence = std::move(release.licence);
  bare.citation = std::move(release.citation);
  bare.terms = std::move(release.terms);
  bare.other_ids = std::move(release.other_ids);
  release = std::move(bare);

  std::vector<std::int32_t> of_annotations;
  std::vector<std::int32_t> of_genes;
  add_diseases(release, annotations, genes, of_annotations, of_genes);
  if (annotations != nullptr) add_annotations(release, *annotations, of_annotations);
  if (genes != nullptr) add_genes(release, *genes, of_genes);
  auto& unknown = release.unknown_numbers;
  std::sort(unknown.begin(), unknown.end());
  unknown.erase(std::unique(unknown.begin(), unknown.end()), unknown.end());
}

}  // namespace phenojax
