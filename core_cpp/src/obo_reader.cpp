#include "phenojax/obo_reader.hpp"

#include <cstdint>
#include <optional>
#include <utility>

#include "phenojax/term_number.hpp"
#include "phenojax/text_lines.hpp"

namespace phenojax {
namespace {

// Undoes the escapes of OBO: \n, \t and \W name white space, any other escaped character stands for itself.
std::string unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out.push_back(text[i]);
      continue;
    }
    const char c = text[++i];
    out.push_back(c == 'n' ? '\n' : c == 't' ? '\t' : c == 'W' ? ' ' : c);
  }
  return out;
}

class OboReader {
 public:
  OboReader(std::string source, std::string_view text) : lines_(source, text) {
    document_.source = std::move(source);
    document_.text = text;
  }

  OntologyDocument read() {
    while (lines_.next()) {
      const auto line = trim(lines_.line());
      if (line.empty() || line.front() == '!') continue;
      if (line.front() == '[') {
        begin_stanza(line);
      } else {
        read_tag(line);
      }
    }
    end_term();
    if (document_.terms.empty()) {
      throw FormatError(document_.source, 0, "no [Term] with an HP id; expected the OBO file of the HPO (hp.obo)");
    }
    return std::move(document_);
  }

 private:
  enum class Section : std::uint8_t { kHeader, kTerm, kForeignTerm, kOther };

  void begin_stanza(std::string_view line) {
    if (line.back() != ']') throw lines_.error("a stanza must look like [Term], found " + quoted(line));
    end_term();
    section_ = line == "[Term]" ? Section::kTerm : Section::kOther;
    if (section_ != Section::kTerm) return;
    term_ = TermRecord{};
    term_.at = lines_.at();
    has_name_ = false;
  }

  void end_term() {
    if (section_ != Section::kTerm) return;
    if (term_.number < 0) throw document_.error(term_.at, "this [Term] has no id");
    if (!has_name_ && !term_.is_obsolete) {
      throw document_.error(term_.at, term_id(term_.number) + " has no name; the file may be truncated");
    }
    document_.terms.push_back(std::move(term_));
    section_ = Section::kOther;
  }

  void read_tag(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) throw lines_.error("expected 'tag: value', found " + quoted(line));
    const auto tag = line.substr(0, colon);
    const auto value = trim(line.substr(colon + 1));
    if (section_ == Section::kHeader) {
      if (tag == "data-version") document_.version = release_date(value);
    } else if (section_ == Section::kTerm) {
      read_term_tag(tag, value);
    }
  }

  void read_term_tag(std::string_view tag, std::string_view value) {
    if (tag == "id") {
      read_id(value);
    } else if (term_.number < 0) {
      throw lines_.error("the id must come first in a [Term], found " + quoted(tag));
    } else if (tag == "name") {
      if (has_name_) throw lines_.error(term_id(term_.number) + " has a second name " + quoted(value));
      term_.name = unescape(value);
      has_name_ = !value.empty();
    } else if (tag == "synonym") {
      term_.synonyms.push_back(quoted_value(value));
    } else if (tag == "is_a") {
      link(document_.is_a, term_.number, reference(value));
    } else if (tag == "alt_id") {
      if (const auto alternate = reference(value)) link(document_.alternates, *alternate, term_.number);
    } else if (tag == "replaced_by") {
      link(document_.replaced_by, term_.number, reference(value));
    } else if (tag == "consider") {
      link(document_.consider, term_.number, reference(value));
    } else if (tag == "is_obsolete") {
      if (!value.starts_with("true") && !value.starts_with("false")) {
        throw lines_.error("is_obsolete must be true or false, found " + quoted(value));
      }
      term_.is_obsolete = value.starts_with("true");
    }
  }

  void read_id(std::string_view value) {
    if (term_.number >= 0) {
      throw lines_.error("a second id " + quoted(value) + " in the [Term] of " + term_id(term_.number));
    }
    const auto number = reference(value);
    if (number) {
      term_.number = *number;
    } else {
      section_ = Section::kForeignTerm;
    }
  }

  // The HP number that a value begins with; nothing for an id of another ontology.
  [[nodiscard]] std::optional<std::int32_t> reference(std::string_view value) const {
    const auto id = value.substr(0, value.find_first_of(" \t!{"));
    if (const auto number = parse_term_id(id)) return number;
    const auto colon = id.find(':');
    if (id.starts_with("HP") || colon == std::string_view::npos || colon == 0 || colon + 1 == id.size()) {
      throw lines_.error("malformed id " + quoted(value) + "; expected HP: and seven digits, such as HP:0001250");
    }
    return std::nullopt;
  }

  [[nodiscard]] std::string quoted_value(std::string_view value) const {
    if (!value.starts_with('"')) throw lines_.error("a synonym must be in quotes, found " + quoted(value));
    for (std::size_t i = 1; i < value.size(); ++i) {
      if (value[i] == '\\') {
        ++i;
      } else if (value[i] == '"') {
        return unescape(value.substr(1, i - 1));
      }
    }
    throw lines_.error("the quotes of a synonym do not close: " + quoted(value));
  }

  void link(std::vector<TermLink>& links, std::int32_t from, std::optional<std::int32_t> to) const {
    if (to) links.push_back({from, *to, lines_.at()});
  }

  TextLines lines_;
  OntologyDocument document_;
  Section section_ = Section::kHeader;
  TermRecord term_;
  bool has_name_ = false;
};

}  // namespace

OntologyDocument read_obo(std::string source, std::string_view text) {
  return OboReader(std::move(source), text).read();
}

}  // namespace phenojax
