// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "agent/core/files.hpp"
#include "agent/core/text.hpp"
#include "agent/junit/encoding.hpp"
#include "agent/junit/tools.hpp"
#include "agent/junit/xml_text.hpp"

namespace spyre::junit {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t largest_file = 64ULL << 20;
constexpr std::size_t largest_text = 1 << 20;
constexpr std::size_t most_problems = 50;
constexpr int deepest_suite = 100;

class Checker {
 public:
  Checker(std::string origin, std::string text) : m_origin(std::move(origin)), m_text(std::move(text)) {}
  std::vector<std::string> run();

 private:
  struct Counts {
    std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  };

  void problem(std::size_t at, std::string_view what);
  void check_characters();
  void check_markup();
  void check_tree();
  Counts check_suite(const pugi::xml_node& suite, int depth);
  void check_case(const pugi::xml_node& element, Counts& counts);
  void check_total(const pugi::xml_node& suite, const char* total, std::size_t all, std::size_t direct);
  static std::size_t place(const pugi::xml_node& node) { return static_cast<std::size_t>(node.offset_debug()); }

  std::string m_origin, m_text;
  std::vector<std::string> m_problems;
  std::size_t m_cases = 0;
};

void Checker::problem(std::size_t at, std::string_view what) {
  if (m_problems.size() == most_problems) m_problems.push_back(fmt::format("{}: and more", m_origin));
  if (m_problems.size() > most_problems) return;
  const auto end = m_text.begin() + static_cast<std::ptrdiff_t>(std::min(at, m_text.size()));
  m_problems.push_back(fmt::format("{}:{}: {}", m_origin, std::count(m_text.begin(), end, '\n') + 1, what));
}

// pugixml accepts any bytes; a strict reader refuses the whole file because of one of these.
void Checker::check_characters() {
  const std::string valid = valid_utf8(m_text);
  if (valid != m_text) {
    const auto at = std::mismatch(m_text.begin(), m_text.end(), valid.begin(), valid.end()).first - m_text.begin();
    problem(static_cast<std::size_t>(at), "a byte that is not UTF-8");
  }
  for (std::size_t i = 0; i < m_text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(m_text[i]);
    if (byte >= 0x20 || byte == '\n' || byte == '\r' || byte == '\t') continue;
    problem(i, fmt::format("the control character {:#04x}, which XML forbids", byte));
    return;
  }
}

// References and brackets that pugixml does not check.
void Checker::check_markup() {
  const std::string_view text = m_text;
  char quote = 0;
  bool in_tag = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (!in_tag && (rest.starts_with("<!--") || rest.starts_with("<![CDATA[") || rest.starts_with("<?"))) {
      const std::string_view end = rest[1] == '?' ? "?>" : rest[2] == '-' ? "-->" : "]]>";
      i = std::min(text.find(end, i), text.size());
    } else if (text[i] == '&' && !is_reference(rest)) {
      problem(i, "a bare '&': write &amp;");
      return;
    } else if (quote != 0) {
      if (text[i] == '<') {
        problem(i, "a '<' in an attribute: write &lt;");
        return;
      }
      if (text[i] == quote) quote = 0;
    } else if (in_tag) {
      if (text[i] == '"' || text[i] == '\'') quote = text[i];
      if (text[i] == '>') in_tag = false;
    } else if (text[i] == '<') {
      in_tag = true;
    }
  }
}

void Checker::check_total(const pugi::xml_node& suite, const char* total, std::size_t all, std::size_t direct) {
  const pugi::xml_attribute attribute = suite.attribute(total);
  if (attribute.empty()) return;
  const auto told = parse_count(attribute.value(), SIZE_MAX);
  // Some writers count the cases of nested suites, others do not.
  if (told && (*told == all || *told == direct)) return;
  problem(place(suite),
          fmt::format("the suite '{}' says {}=\"{}\", but there are {}", shorten(suite.attribute("name").value(), 100),
                      total, shorten(attribute.value(), 20), all));
}

void Checker::check_case(const pugi::xml_node& element, Counts& counts) {
  ++m_cases;
  ++counts.tests;
  const std::string name = shorten(element.attribute("name").value(), 200);
  if (name.empty()) problem(place(element), "a case without a name");
  if (!element.child("failure").empty()) ++counts.failures;
  if (!element.child("error").empty()) ++counts.errors;
  if (!element.child("skipped").empty()) ++counts.skipped;
  for (const char* child : {"failure", "error"}) {
    const std::size_t size = std::string_view(element.child(child).text().get()).size();
    if (size <= largest_text) continue;
    problem(place(element),
            fmt::format("the {} of '{}' has {}: Jenkins keeps all of it", child, name, format_size(size)));
  }
}

Checker::Counts Checker::check_suite(const pugi::xml_node& suite, int depth) {
  Counts direct, all;
  if (depth > deepest_suite) {
    problem(place(suite), fmt::format("suites are nested deeper than {}", deepest_suite));
    return all;
  }
  for (const pugi::xml_node& child : suite) {
    const std::string_view name = child.name();
    if (name == "testcase") check_case(child, direct);
    if (name != "testsuite" && name != "testsuites") continue;
    const Counts nested = check_suite(child, depth + 1);
    all.tests += nested.tests;
    all.failures += nested.failures;
    all.errors += nested.errors;
    all.skipped += nested.skipped;
  }
  all.tests += direct.tests;
  all.failures += direct.failures;
  all.errors += direct.errors;
  all.skipped += direct.skipped;
  check_total(suite, "tests", all.tests, direct.tests);
  check_total(suite, "failures", all.failures, direct.failures);
  check_total(suite, "errors", all.errors, direct.errors);
  check_total(suite, "skipped", all.skipped, direct.skipped);
  return all;
}

void Checker::check_tree() {
  pugi::xml_document document;
  const auto parsed = document.load_buffer(m_text.data(), m_text.size(), pugi::parse_default, pugi::encoding_utf8);
  if (!parsed) {
    problem(static_cast<std::size_t>(parsed.offset), fmt::format("not well-formed: {}", parsed.description()));
    return;
  }
  const pugi::xml_node root = document.document_element();
  const std::string_view name = root.name();
  if (name != "testsuites" && name != "testsuite") {
    problem(place(root), fmt::format("this is not JUnit XML: it begins with <{}>", shorten(name, 50)));
    return;
  }
  if (!root.next_sibling().empty()) problem(place(root.next_sibling()), "unexpected content after the document");
  check_suite(root, 0);
  if (m_cases == 0) problem(place(root), "the file does not contain any case");
}

std::vector<std::string> Checker::run() {
  if (trim(m_text).empty()) return {fmt::format("{} is empty", m_origin)};
  check_characters();
  check_markup();
  check_tree();
  return std::move(m_problems);
}

}  // namespace

Result<std::vector<std::string>> check(const fs::path& file) {
  std::error_code error;
  const std::uint64_t size = fs::file_size(file, error);
  if (!error && size > largest_file) {
    return std::vector<std::string>{
        fmt::format("{} has {}: Jenkins keeps all of a file in memory; more than {} is "
                    "asking for trouble",
                    file.string(), format_size(size), format_size(largest_file))};
  }
  TRY(const std::string bytes, read_file(file, largest_file));
  return check_text(bytes, file.string());
}

std::vector<std::string> check_text(std::string_view bytes, std::string_view origin) {
  std::string text;
  const Encoding encoding = detect_encoding(bytes);
  if (encoding == Encoding::utf8) {
    text = bytes.substr(bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0);  // NUL is kept, so that it is reported
  } else {
    Utf8Decoder(encoding).decode(bytes, text);
  }
  return Checker(std::string(origin), std::move(text)).run();
}

}  // namespace spyre::junit
