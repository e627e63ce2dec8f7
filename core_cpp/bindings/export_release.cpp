#include <pybind11/stl.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "arrays.hpp"
#include "phenojax/obo_reader.hpp"
#include "phenojax/obographs_reader.hpp"
#include "phenojax/ontology_graph.hpp"
#include "phenojax/release.hpp"
#include "phenojax/release_pack.hpp"
#include "phenojax/term_number.hpp"
#include "register.hpp"

namespace phenojax::bindings {
namespace {

struct NamedText {
  std::string source;
  std::string_view text;
};

// The bytes stay alive because the caller holds the Python object for the whole call.
std::optional<NamedText> named_text(const std::optional<std::pair<std::string, py::bytes>>& file) {
  if (!file) return std::nullopt;
  return NamedText{file->first, std::string_view(file->second)};
}

void read_tables(Release& release, const std::optional<NamedText>& annotations, const std::optional<NamedText>& genes) {
  std::optional<HpoaRows> hpoa_rows;
  std::optional<GeneRows> gene_rows;
  if (annotations) hpoa_rows = read_hpoa(annotations->source, annotations->text);
  if (genes) gene_rows = read_genes(genes->source, genes->text);
  set_annotations(release, hpoa_rows ? &*hpoa_rows : nullptr, gene_rows ? &*gene_rows : nullptr);
}

using File = std::pair<std::string, py::bytes>;

Release read_release(const File& ontology, bool is_json, const std::optional<File>& annotations,
                     const std::optional<File>& genes) {
  const std::string_view text = ontology.second;
  const auto annotation_text = named_text(annotations);
  const auto gene_text = named_text(genes);
  const py::gil_scoped_release unlocked;
  auto release = make_release(is_json ? read_obographs(ontology.first, text) : read_obo(ontology.first, text));
  read_tables(release, annotation_text, gene_text);
  return release;
}

Release with_annotations(const Release& release, const std::optional<File>& annotations,
                         const std::optional<File>& genes) {
  const auto annotation_text = named_text(annotations);
  const auto gene_text = named_text(genes);
  const py::gil_scoped_release unlocked;
  auto out = release;
  read_tables(out, annotation_text, gene_text);
  return out;
}

Release unpack(const std::string& source, const py::bytes& pack) {
  const std::string_view bytes = pack;
  const py::gil_scoped_release unlocked;
  return read_pack(source, bytes);
}

py::bytes pack(const Release& release) {
  std::string bytes;
  {
    const py::gil_scoped_release unlocked;
    bytes = write_pack(release);
  }
  return {bytes};
}

// Bytes that are not UTF-8 become U+FFFD.
py::str to_str(std::string_view text) {
  auto* const str = PyUnicode_DecodeUTF8(text.data(), static_cast<py::ssize_t>(text.size()), "replace");
  if (str == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::str>(str);
}

py::list to_list(const Strings& strings) {
  py::list out(strings.size());
  for (std::size_t i = 0; i < strings.size(); ++i) out[i] = to_str(strings[i]);
  return out;
}

py::list to_ids(const std::vector<std::int32_t>& numbers) {
  py::list out(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) out[i] = py::str(term_id(numbers[i]));
  return out;
}

// A read-only array over a member of a release, which it keeps alive.
template <class T>
Array<T> view(const py::object& owner, const std::vector<T>& values) {
  Array<T> array(static_cast<py::ssize_t>(values.size()), values.data(), owner);
  array.attr("flags").attr("writeable") = false;
  return array;
}

template <class Member>
auto strings_of(Member member) {
  return [member](const Release& release) { return to_list(member(release)); };
}

template <class Member>
auto ids_of(Member member) {
  return [member](const Release& release) { return to_ids(member(release)); };
}

template <class Member>
auto array_of(Member member) {
  return [member](const py::object& self) { return view(self, member(self.cast<const Release&>())); };
}

template <class Member>
auto csr_of(Member member) {
  return [member](const py::object& self) {
    const Csr& csr = member(self.cast<const Release&>());
    return py::make_tuple(view(self, csr.offsets), view(self, csr.indices));
  };
}

py::dict counts_of(const Release& release) {
  const auto& counts = release.counts;
  py::dict out;
  out["annotation_rows"] = counts.annotation_rows;
  out["annotation_remapped"] = counts.annotation_remapped;
  out["annotation_unknown"] = counts.annotation_unknown;
  out["gene_rows"] = counts.gene_rows;
  out["gene_remapped"] = counts.gene_remapped;
  out["gene_unknown"] = counts.gene_unknown;
  out["onset_unknown"] = counts.onset_unknown;
  out["frequency_unusable"] = counts.frequency_unusable;
  return out;
}

}  // namespace

// PHENOJAX_MEMBER(path): a function from a release to one of its members.
#define PHENOJAX_MEMBER(path) [](const Release& r) -> const auto& { return r.path; }

void register_release(py::module_& m) {
  py::class_<Release>(m, "Release")
      .def_property_readonly("version", [](const Release& r) { return to_str(r.version); })
      .def_property_readonly("annotation_version", [](const Release& r) { return to_str(r.annotation_version); })
      .def_property_readonly("licence", [](const Release& r) { return to_str(r.licence); })
      .def_property_readonly("citation", [](const Release& r) { return to_str(r.citation); })
      .def_property_readonly("counts", &counts_of)
      .def("graph", [](const Release& r) { return OntologyGraph(r.terms.parents.view()); })
      .def("term_ids", ids_of(PHENOJAX_MEMBER(terms.numbers)))
      .def("labels", strings_of(PHENOJAX_MEMBER(terms.labels)))
      .def("synonyms", strings_of(PHENOJAX_MEMBER(terms.synonyms)))
      .def("other_ids", ids_of(PHENOJAX_MEMBER(other_ids.numbers)))
      .def("unknown_ids", ids_of(PHENOJAX_MEMBER(unknown_numbers)))
      .def("disease_ids", strings_of(PHENOJAX_MEMBER(disease_ids)))
      .def("disease_names", strings_of(PHENOJAX_MEMBER(disease_names)))
      .def("gene_symbols", strings_of(PHENOJAX_MEMBER(gene_symbols)))
      .def("references", strings_of(PHENOJAX_MEMBER(references)))
      .def("evidence_codes", strings_of(PHENOJAX_MEMBER(evidence_codes)))
      .def_property_readonly("synonym_offsets", array_of(PHENOJAX_MEMBER(terms.synonym_offsets)))
      .def_property_readonly("other_status", array_of(PHENOJAX_MEMBER(other_ids.status)))
      .def_property_readonly("other_targets", array_of(PHENOJAX_MEMBER(other_ids.targets)))
      .def_property_readonly("other_consider", csr_of(PHENOJAX_MEMBER(other_ids.consider)))
      .def_property_readonly("gene_ncbi_ids", array_of(PHENOJAX_MEMBER(gene_ncbi_ids)))
      .def_property_readonly("row_disease", array_of(PHENOJAX_MEMBER(annotations.disease)))
      .def_property_readonly("row_term", array_of(PHENOJAX_MEMBER(annotations.term)))
      .def_property_readonly("row_negated", array_of(PHENOJAX_MEMBER(annotations.negated)))
      .def_property_readonly("row_references", csr_of(PHENOJAX_MEMBER(annotations.references)))
      .def_property_readonly("row_evidence", array_of(PHENOJAX_MEMBER(annotations.evidence)))
      .def_property_readonly("row_onset", array_of(PHENOJAX_MEMBER(annotations.onset)))
      .def_property_readonly("row_frequency", array_of(PHENOJAX_MEMBER(annotations.frequency)))
      .def_property_readonly("row_numerator", array_of(PHENOJAX_MEMBER(annotations.numerator)))
      .def_property_readonly("row_denominator", array_of(PHENOJAX_MEMBER(annotations.denominator)))
      .def_property_readonly("row_sex", array_of(PHENOJAX_MEMBER(annotations.sex)))
      .def_property_readonly("row_aspect", array_of(PHENOJAX_MEMBER(annotations.aspect)))
      .def_property_readonly("gene_row_gene", array_of(PHENOJAX_MEMBER(genes.gene)))
      .def_property_readonly("gene_row_ncbi_id", array_of(PHENOJAX_MEMBER(genes.ncbi_id)))
      .def_property_readonly("gene_row_term", array_of(PHENOJAX_MEMBER(genes.term)))
      .def_property_readonly("gene_row_disease", array_of(PHENOJAX_MEMBER(genes.disease)))
      .def("pack", &pack)
      .def("with_annotations", &with_annotations, py::arg("annotations"), py::arg("genes"))
      .def(
          "without_references",
          [](const Release& release, const std::vector<std::string>& references) {
            const py::gil_scoped_release unlocked;
            return without_references(release, references);
          },
          py::arg("references"))
      .def(py::pickle(&pack, [](const py::bytes& bytes) { return unpack("a pickled release", bytes); }));

  m.def("read_release", &read_release, py::arg("ontology"), py::arg("is_json"), py::arg("annotations"),
        py::arg("genes"));
  m.def("unpack_release", &unpack, py::arg("source"), py::arg("pack"));
}

#undef PHENOJAX_MEMBER

}  // namespace phenojax::bindings
