// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/core/file_tree.hpp"
#include "agent/core/result.hpp"
#include "agent/execute/action.hpp"
#include "agent/plan/plan.hpp"
#include "testsel/case_matcher.hpp"

namespace spyre::execute {

// Finds a batch's cases among those that pytest collected in its file. Each case belongs to one batch of the plan and
// no other: to the one with its unit; of several that are pieces of the unit, to the one that its id hashes to. A case
// whose unit is not planned is not run.
class CaseChooser {
 public:
  // Both outlive it.
  CaseChooser(const plan::Plan& plan, const FileTree& tree);
  // In the order of `collected`; a node id that comes twice counts once. Error: not_found, io.
  Result<std::vector<ChosenCase>> choose(const plan::Batch& batch, const std::vector<std::string>& collected);

 private:
  struct Owned {
    testsel::CaseOwner owner;
    const plan::Batch* batch = nullptr;  // nullptr: the plan does not want the case
  };
  using Dealt = std::unordered_map<const plan::Batch*, std::vector<ChosenCase>>;
  struct KnownFile {
    testsel::CaseMatcher matcher;
    std::unordered_map<std::string, Owned> cases;  // by node id
    std::vector<std::string> collected;            // the last time,
    Dealt dealt;                                   // and to whom: a file has many batches, and each asks
  };
  Result<KnownFile*> file(const std::string& path);
  Dealt deal(const std::string& path, KnownFile& known) const;
  testsel::Expectation expectation_of(const std::string& id, const std::string& unit) const;
  const plan::Batch* batch_of(const std::string& path, const std::string& id, const testsel::CaseOwner& owner) const;

  const FileTree& m_tree;
  std::map<std::string, std::vector<const plan::Batch*>> m_batches;  // by file, in the plan's order
  std::unordered_map<std::string_view, const plan::Batch*> m_batch_ids;
  std::map<std::string, KnownFile> m_files;
  const testsel::Expectations& m_expectations;
  std::multimap<std::string_view, const testsel::CaseNote*> m_named;  // by the function's name
  std::vector<const testsel::CaseNote*> m_patterns;                   // those over ids
};

}  // namespace spyre::execute
