// SPDX-License-Identifier: Apache-2.0
#include "testsel/case_matcher.hpp"

#include <algorithm>

namespace spyre::testsel {
namespace {

using How = CaseOwner::How;

struct Node {
  std::string class_name;  // "Outer.Inner"
  std::string_view test;   // with parameters
};

Node parse_node(std::string_view node) {
  const std::string_view head = node.substr(0, node.find('['));  // parameters may hold anything
  std::size_t begin = head.find("::");
  Node parsed;
  while (begin != std::string_view::npos) {
    begin += 2;
    const std::size_t next = head.find("::", begin);
    if (next == std::string_view::npos) {
      parsed.test = node.substr(begin);
      break;
    }
    if (!parsed.class_name.empty()) parsed.class_name += '.';
    parsed.class_name += head.substr(begin, next - begin);
    begin = next;
  }
  return parsed;
}

struct Found {
  const KnownTest* test = nullptr;
  bool whole = false;  // the case has the test's name and nothing more
};

// Whether one of the words that "_" separates is `word`.
bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || text[at - 1] == '_') && (end == text.size() || text[end] == '_' || text[end] == '[')) return true;
  }
  return false;
}

// The longest test that the case's name is, or begins with before a "_" or a "[". With a device, one after which the
// device follows comes first: "test_add_cpu_float32" on "cpu" is test_add, even where there is a test_add_cpu.
Found find_test(const KnownClass& known, std::string_view name, std::string_view device) {
  Found longest;
  for (std::size_t length = name.size(); length != std::string_view::npos;) {
    const std::string_view part = name.substr(0, length);
    if (const auto test = known.tests.find(part); test != known.tests.end()) {
      const Found found{&test->second, length == name.size()};
      if (device.empty() || has_word(name.substr(length), device)) return found;
      if (longest.test == nullptr) longest = found;
    }
    length = part.find_last_of("_[");
  }
  return longest;
}

// "cpu" of "TestFooCPU", made from "TestFoo".
std::string device_of(std::string_view name, std::string_view made_from) {
  std::string device(name.substr(made_from.size()));
  for (char& c : device) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return device;
}

How how(const KnownTest& test, bool as_written) {
  switch (test.origin) {
    case KnownTest::Origin::base:
      return How::inherited;
    case KnownTest::Origin::elsewhere:
      return How::imported;
    case KnownTest::Origin::here:
      break;
  }
  return as_written ? How::exact : How::expanded;
}

}  // namespace

CaseMatcher::CaseMatcher(const FileTree& tree, const TestFile& file)
    : m_path(file.path), m_classes(known_classes(tree, file)) {}

CaseOwner CaseMatcher::owner(std::string_view node) const {
  const Node parsed = parse_node(node);
  const std::string_view name = parsed.class_name;
  auto known = m_classes.find(name);
  const bool whole = known != m_classes.end();
  if (!whole) known = find_template(m_classes, name, name.size());
  if (known == m_classes.end()) return {m_path, How::generated};
  const KnownClass& nearest = known->second;
  while (known != m_classes.end()) {
    if (const Found found = find_test(known->second, parsed.test, device_of(name, known->first));
        found.test != nullptr) {
      return {found.test->unit, how(*found.test, whole && found.whole)};
    }
    known = whole ? m_classes.end() : find_template(m_classes, name, known->first.size());
  }
  return {nearest.unit, nearest.imported ? How::imported : How::generated};
}

bool CaseOwner::is_run_with(std::string_view other) const {
  if (!other.starts_with(unit)) return false;
  return other.size() == unit.size() || (how == How::generated && other.substr(unit.size()).starts_with("::"));
}

}  // namespace spyre::testsel
