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

// Finds a batch's cases among those that pytest collected in its file. Each case belongs to exactly one batch of the
// plan: the one with its unit or, if several are pieces of the unit, the one that its id hashes to. A case whose unit
// is not planned does not run.
class CaseChooser {
 public:
  // Both outlive this object.
  CaseChooser(const plan::Plan& plan, const FileTree& tree);
  // Return the batch's cases in the order of `collected`; a repeated node id counts once. Error: not_found, io.
  Result<std::vector<ChosenCase>> choose(const plan::Batch& batch, const std::vector<std::string>& collected);

 private:
  struct Owned {
    testsel::CaseOwner owner;
    const plan::Batch* batch = nullptr;  // nullptr: not in the plan
  };
  using Dealt = std::unordered_map<const plan::Batch*, std::vector<ChosenCase>>;
  struct KnownFile {
    testsel::CaseMatcher matcher;
    std::unordered_map<std::string, Owned> cases;  // by node id
    std::vector<std::string> collected;            // by the last collection,
    Dealt dealt;  // with its owners: a file has many batches, and each asks for its cases
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
  std::vector<const testsel::CaseNote*> m_patterns;                   // those that match ids
};

}  // namespace spyre::execute
