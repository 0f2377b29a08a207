// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes are: the reader ends, says the same however the bytes arrive, and what it saved can be written as
// a file that a strict reader takes and that gives the same results.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/text.hpp"
#include "agent/junit/document.hpp"
#include "agent/junit/reader.hpp"
#include "agent/junit/tools.hpp"

namespace {

using namespace spyre::junit;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Reading {
  bool good = false;
  Cases cases;
  std::vector<std::string> losses;
};

Reading read(std::string_view text, std::size_t block) {
  Reading reading;
  const Sink sink = [&](const Case& each) { reading.cases.add(each); };
  Reader reader("fuzz.xml", sink);
  for (; !text.empty(); text.remove_prefix(std::min(block, text.size()))) reader.feed(text.substr(0, block));
  auto losses = reader.finish();
  reading.good = losses.has_value();
  if (losses) reading.losses = *losses;
  return reading;
}

void require_same(const Case& a, const Case& b) {
  require(a.id() == b.id() && a.outcome == b.outcome && a.time_s == b.time_s && a.reruns == b.reruns);
  require(a.message == b.message && a.details == b.details);
}

void require_clean(std::string_view text) {
  require(spyre::valid_utf8(text) == text);
  require(text.find('\0') == std::string_view::npos && text.find('\x1B') == std::string_view::npos);
}

void check_rewritten(const Cases& cases) {
  SuiteWriter suite{Options{}};
  for (const Case& each : cases) suite.add(each);
  const std::string text = format_document(suite.counts(), suite.finish({}));
  require(check_text(text, "written.xml").empty());
  const Reading again = read(text, text.size());
  require(again.good && again.losses.empty() && again.cases.size() <= cases.size());
  for (std::size_t i = 0; again.cases.size() == cases.size() && i < cases.size(); ++i) {
    require(again.cases[i].outcome == cases[i].outcome && again.cases[i].reruns == cases[i].reruns);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Reading whole = read(text, size + 1);
  const Reading parts = read(text, size > 0 ? data[size - 1] % 61 + 1 : 1);
  require(whole.good == parts.good && whole.cases.size() == parts.cases.size() && whole.losses == parts.losses);
  for (std::size_t i = 0; i < whole.cases.size(); ++i) {
    require_same(whole.cases[i], parts.cases[i]);
    require_clean(whole.cases[i].id());
    require_clean(whole.cases[i].message);
    require_clean(whole.cases[i].details);
  }
  check_text(text, "fuzz.xml");
  if (!whole.cases.empty()) check_rewritten(whole.cases);
  return 0;
}
