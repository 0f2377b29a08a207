// SPDX-License-Identifier: Apache-2.0
#include "testsel/case_matcher.hpp"

#include <algorithm>
#include <functional>
#include <optional>

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
  bool whole = false;  // the case has exactly the test's name
};

// Return whether one of the words separated by "_" is `word`.
bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || text[at - 1] == '_') && (end == text.size() || text[end] == '_' || text[end] == '[')) return true;
  }
  return false;
}

// Of the tests whose name is the case's name or its beginning before a "_" or a "[", return the one after which most of
// the suffixes of its cases follow, then the longest. "test_add_cpu_float32" on "cpu" is test_add, even if there is a
// test_add_cpu.
Found find_test(const KnownClass& known, std::string_view name, const std::string& device) {
  Found best;
  std::ptrdiff_t most = -1;
  for (std::size_t length = name.size(); length != std::string_view::npos;) {
    const std::string_view part = name.substr(0, length);
    if (const auto test = known.tests.find(part); test != known.tests.end()) {
      const auto follows = [&](const std::string& suffix) { return has_word(name.substr(length), suffix); };
      std::ptrdiff_t count = std::ranges::count_if(test->second.suffixes, follows);
      if (!device.empty() && follows(device)) ++count;
      if (count > most) {
        best = {&test->second, length == name.size()};
        most = count;
      }
    }
    length = part.find_last_of("_[");
  }
  return best;
}

// Return "cpu" for "TestFooCPU", made from "TestFoo".
std::string device_of(std::string_view name, std::string_view made_from) {
  std::string device(name.substr(made_from.size()));
  for (char& c : device) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return device;
}

How how(const KnownTest& test, bool as_written) {
  switch (test.origin) {
    case KnownTest::Origin::lent:
      return How::inherited;
    case KnownTest::Origin::elsewhere:
      return How::imported;
    case KnownTest::Origin::here:
      break;
  }
  return as_written ? How::exact : How::expanded;
}

}  // namespace

CaseMatcher::CaseMatcher(const FileTree& tree, const TestFile& file) : m_known(known_classes(tree, file)) {}

// Return the classes that this may be and whose full name only the function that makes them knows: the longest first.
std::vector<const KnownClass*> CaseMatcher::find_unnamed(std::string_view name) const {
  std::vector<const std::pair<std::string, KnownClass>*> fitting;
  for (const auto& made : m_known.unnamed) {
    if (name.find(made.first) != std::string_view::npos) fitting.push_back(&made);
  }
  std::ranges::stable_sort(fitting, std::greater(), [](const auto* made) { return made->first.size(); });
  std::vector<const KnownClass*> found;
  found.reserve(fitting.size());
  for (const auto* made : fitting) found.push_back(&made->second);
  return found;
}

// Return the class of this name and those that it may have been made of, the likeliest first.
std::vector<CaseMatcher::Candidate> CaseMatcher::candidates(std::string_view name) const {
  if (const auto known = m_known.classes.find(name); known != m_known.classes.end()) {
    return {{&known->second, {}, true}};
  }
  std::vector<Candidate> found;
  for (const auto* made = m_known.find_template(name, name.size()); made != nullptr;
       made = m_known.find_template(name, made->first.size())) {
    found.push_back({&made->second, device_of(name, made->first), false});
  }
  for (const KnownClass* made : find_unnamed(name)) found.push_back({made, {}, false});
  // A decorator may have appended any text to the name.
  for (std::size_t length = name.size(); length-- > 1;) {
    const auto known = m_known.classes.find(name.substr(0, length));
    if (known != m_known.classes.end() && known->second.decorated) found.push_back({&known->second, {}, false});
  }
  return found;
}

CaseOwner CaseMatcher::owner(std::string_view node) const {
  const Node parsed = parse_node(node);
  std::vector<Candidate> classes = candidates(parsed.class_name);
  for (const auto& [known, device, whole] : classes) {
    const Found found = find_test(*known, parsed.test, device);
    if (found.test != nullptr) return {found.test->unit, how(*found.test, whole && found.whole)};
  }
  // A class that no line names belongs to the class around it.
  for (std::string around = parsed.class_name; classes.empty() && !around.empty(); classes = candidates(around)) {
    const std::size_t end = around.rfind('.');
    around.resize(end == std::string::npos ? 0 : end);
  }
  const KnownClass& nearest = classes.empty() ? m_known.classes.at("") : *classes.front().known;
  return {nearest.unit, nearest.imported ? How::imported : How::generated};
}

}  // namespace spyre::testsel
