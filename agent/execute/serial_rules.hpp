// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"

namespace spyre::execute {

// Rules by name for tests that must not run beside others of their file (pipelines/serial.yaml).
class SerialRules {
 public:
  // Parse the rules. `origin` names the text in errors. Error: config.
  static Result<SerialRules> parse(std::string_view text, std::string_view origin);
  bool contains(std::string_view unit) const;

 private:
  std::vector<std::string> m_patterns;
};

}  // namespace spyre::execute
