// SPDX-License-Identifier: Apache-2.0
// The steps of the rollout, pipelines/stages.yaml.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.hpp"

namespace spyre::testsel {

struct Stage {
  std::string id;       // "1"
  double fraction = 0;  // of the in-scope tests, [0, 1]
  int cards = 0;        // number for which the stage is meant
  std::string cadence;  // "nightly"
  std::string description;
};

class Stages {
 public:
  // Parse the stages. `origin` names the text in errors. Error: config, "file:line:column: …".
  static Result<Stages> parse(std::string_view text, std::string_view origin);

  const std::vector<Stage>& all() const { return m_stages; }  // in the order of the file
  // Return a stage. Error: usage, with the list of existing stages.
  Result<Stage> find(std::string_view id) const;

 private:
  std::vector<Stage> m_stages;
};

}  // namespace spyre::testsel
