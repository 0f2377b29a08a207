// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/core/file_tree.hpp"
#include "agent/core/result.hpp"
#include "agent/execute/action.hpp"
#include "agent/plan/plan.hpp"
#include "testsel/case_matcher.hpp"

namespace spyre::execute {

// Finds a batch's cases among those that pytest collected in its file: each case belongs to one unit, and a batch that
// is a piece of its units takes the cases whose ids hash to it.
class CaseChooser {
 public:
  // `tree` outlives it.
  explicit CaseChooser(const FileTree& tree) : m_tree(tree) {}
  // In the order of `collected`; a node id that comes twice counts once. Error: not_found, io, invalid.
  Result<std::vector<ChosenCase>> choose(const plan::Batch& batch, const std::vector<std::string>& collected);

 private:
  [[maybe_unused]] const FileTree& m_tree;
};

}  // namespace spyre::execute
