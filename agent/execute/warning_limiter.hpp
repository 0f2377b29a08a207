// SPDX-License-Identifier: Apache-2.0
// Keeps the warnings of a run few and short, because tests can cause any number of them. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spyre::execute {

class WarningLimiter {
 public:
  // Return the text to report, or nothing: the same was reported before, or enough of its kind (texts that differ only
  // in numbers), or enough of its source. `source` names the place that a warning comes from; empty: any other.
  std::optional<std::string> admit(std::string_view source, std::string_view message);
  // Return one line for each kind of which warnings were left out.
  std::vector<std::string> left_out() const;

 private:
  struct Kind {
    std::vector<std::string> told;
    std::size_t left_out = 0;
  };
  struct Source {
    std::map<std::string, Kind> kinds;
    std::size_t left_out = 0;  // of kinds that are not in the map any more
  };
  std::map<std::string, Source, std::less<>> m_sources;
};

}  // namespace spyre::execute
