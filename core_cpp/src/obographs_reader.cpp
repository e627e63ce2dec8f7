#include "phenojax/obographs_reader.hpp"

#include <optional>
#include <utility>

#include "phenojax/json_pull.hpp"
#include "phenojax/term_number.hpp"

namespace phenojax {
namespace {

constexpr std::string_view kAlternateId = "http://www.geneontology.org/formats/oboInOwl#hasAlternativeId";
constexpr std::string_view kConsider = "http://www.geneontology.org/formats/oboInOwl#consider";
constexpr std::string_view kReplacedBy = "http://purl.obolibrary.org/obo/IAO_0100001";
constexpr std::string_view kVersionInfo = "http://www.w3.org/2002/07/owl#versionInfo";
constexpr std::string_view kSubClassOf = "http://www.w3.org/2000/01/rdf-schema#subClassOf";

struct Node {
  TermRecord term;
  bool is_hp = false;
  bool has_id = false;
  bool is_class = true;
  std::vector<std::int32_t> alternates;
  std::vector<std::int32_t> replaced_by;
  std::vector<std::int32_t> consider;
};

class ObographsReader {
 public:
  ObographsReader(std::string source, std::string_view text) : json_(source, text) {
    document_.source = std::move(source);
    document_.text = text;
  }

  OntologyDocument read() {
    bool has_graphs = false;
    json_.each_member([&](std::string_view key) {
      if (key != "graphs") return json_.skip();
      has_graphs = true;
      json_.each_element([&] { read_graph(); });
    });
    json_.end();
    if (!has_graphs || document_.terms.empty()) {
      throw FormatError(document_.source, 0,
                        "no graph with an HP class; expected the obographs JSON file of the HPO (hp.json)");
    }
    return std::move(document_);
  }

 private:
  void read_graph() {
    json_.each_member([&](std::string_view key) {
      if (key == "nodes") {
        json_.each_element([&] { read_node(); });
      } else if (key == "edges") {
        json_.each_element([&] { read_edge(); });
      } else if (key == "meta") {
        read_graph_meta();
      } else {
        json_.skip();
      }
    });
  }

  void read_graph_meta() {
    std::string version;
    std::string version_info;
    json_.each_member([&](std::string_view key) {
      if (key == "version") {
        version = json_.string(scratch_);
      } else if (key == "basicPropertyValues") {
        each_property([&](std::string_view pred, std::string_view value) {
          if (pred == kVersionInfo) version_info = value;
        });
      } else {
        json_.skip();
      }
    });
    if (document_.version.empty()) document_.version = release_date(version_info.empty() ? version : version_info);
  }

  void read_node() {
    Node node;
    (void)json_.peek();
    node.term.at = json_.at();
    json_.each_member([&](std::string_view key) {
      if (key == "id") {
        node.has_id = true;
        if (const auto number = reference(json_.string(scratch_))) {
          node.is_hp = true;
          node.term.number = *number;
        }
      } else if (key == "lbl") {
        node.term.name = json_.string(scratch_);
      } else if (key == "type") {
        node.is_class = json_.string(scratch_) == "CLASS";
      } else if (key == "meta") {
        read_node_meta(node);
      } else {
        json_.skip();
      }
    });
    if (!node.has_id) throw document_.error(node.term.at, "this node has no id");
    if (node.is_hp && node.is_class) keep(std::move(node));
  }

  void keep(Node&& node) {
    const auto number = node.term.number;
    const auto at = node.term.at;
    for (const auto alternate : node.alternates) document_.alternates.push_back({alternate, number, at});
    if (node.term.name.empty()) {
      if (!node.term.is_obsolete) {
        throw document_.error(at, term_id(number) + " has no label (lbl); the file may be truncated");
      }
      if (!node.replaced_by.empty()) {
        document_.alternates.push_back({number, node.replaced_by.front(), at});
        return;
      }
    }
    for (const auto target : node.replaced_by) document_.replaced_by.push_back({number, target, at});
    for (const auto target : node.consider) document_.consider.push_back({number, target, at});
    document_.terms.push_back(std::move(node.term));
  }

  void read_node_meta(Node& node) {
    json_.each_member([&](std::string_view key) {
      if (key == "deprecated") {
        node.term.is_obsolete = json_.boolean();
      } else if (key == "synonyms") {
        each_property([&](std::string_view, std::string_view value) { node.term.synonyms.emplace_back(value); });
      } else if (key == "basicPropertyValues") {
        each_property([&](std::string_view pred, std::string_view value) {
          auto* const links = pred == kAlternateId  ? &node.alternates
                              : pred == kReplacedBy ? &node.replaced_by
                              : pred == kConsider   ? &node.consider
                                                    : nullptr;
          if (links == nullptr) return;
          if (const auto number = reference(value)) links->push_back(*number);
        });
      } else {
        json_.skip();
      }
    });
  }

  // Calls property(pred, val) for each object of an array of them.
  template <class Property>
  void each_property(Property&& property) {
    json_.each_element([&] {
      std::string pred;
      std::string value;
      json_.each_member([&](std::string_view key) {
        if (key == "pred") {
          pred = json_.string(scratch_);
        } else if (key == "val" && json_.peek() == JsonPull::Kind::kString) {
          value = json_.string(scratch_);
        } else {
          json_.skip();
        }
      });
      property(std::string_view(pred), std::string_view(value));
    });
  }

  void read_edge() {
    std::optional<std::int32_t> child;
    std::optional<std::int32_t> parent;
    bool is_a = false;
    (void)json_.peek();
    const auto at = json_.at();
    json_.each_member([&](std::string_view key) {
      if (key == "sub") {
        child = reference(json_.string(scratch_));
      } else if (key == "obj") {
        parent = reference(json_.string(scratch_));
      } else if (key == "pred") {
        const auto pred = json_.string(scratch_);
        is_a = pred == "is_a" || pred == kSubClassOf;
      } else {
        json_.skip();
      }
    });
    if (is_a && child && parent) document_.is_a.push_back({*child, *parent, at});
  }

  // The HP number of ".../HP_0001250" or "HP:0001250"; nothing for an id of another ontology.
  [[nodiscard]] std::optional<std::int32_t> reference(std::string_view text) const {
    const auto tail = text.substr(text.find_last_of("/#") + 1);
    if (const auto number = parse_term_iri_tail(tail)) return number;
    if (const auto number = parse_term_id(tail)) return number;
    if (tail.starts_with("HP_") || tail.starts_with("HP:")) {
      throw json_.error("malformed id " + quoted(text) + "; expected HP_ or HP: and seven digits");
    }
    return std::nullopt;
  }

  JsonPull json_;
  OntologyDocument document_;
  std::string scratch_;
};

}  // namespace

OntologyDocument read_obographs(std::string source, std::string_view text) {
  return ObographsReader(std::move(source), text).read();
}

}  // namespace phenojax
