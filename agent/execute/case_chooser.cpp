// SPDX-License-Identifier: Apache-2.0
#include "agent/execute/case_chooser.hpp"

#include <algorithm>
#include <unordered_set>

#include "agent/core/hash.hpp"
#include "agent/core/text.hpp"

namespace spyre::execute {

using testsel::CaseMatcher;
using testsel::CaseOwner;

CaseChooser::CaseChooser(const plan::Plan& plan, const FileTree& tree)
    : m_tree(tree), m_expectations(plan.notes.tests) {
  for (const plan::Batch& batch : plan.batches) {
    m_batches[std::string(batch.file)].push_back(&batch);
    m_batch_ids.emplace(batch.id, &batch);
  }
  for (const testsel::CaseNote& one : plan.notes.cases) {
    if (one.id.empty()) {
      m_named.emplace(one.name, &one);
    } else {
      m_patterns.push_back(&one);
    }
  }
}

Result<CaseChooser::KnownFile*> CaseChooser::file(const std::string& path) {
  if (const auto known = m_files.find(path); known != m_files.end()) return &known->second;
  TRY(const testsel::TestFile source, testsel::read_test_file(m_tree, path));
  return &m_files.emplace(path, KnownFile{CaseMatcher(m_tree, source), {}, {}, {}}).first->second;
}

const plan::Batch* CaseChooser::batch_of(const std::string& path, const std::string& id, const CaseOwner& owner) const {
  const std::vector<const plan::Batch*>& batches = m_batches.at(path);
  const auto found = std::find_if(batches.begin(), batches.end(), [&](const plan::Batch* batch) {
    const auto pieces = static_cast<std::uint64_t>(std::max(batch->pieces, 1));
    return stable_hash(id) % pieces == static_cast<std::uint64_t>(batch->piece) &&
           std::ranges::binary_search(batch->units, std::string_view(owner.unit), {}, &SharedText::view);
  });
  return found == batches.end() ? nullptr : *found;
}

testsel::Expectation CaseChooser::expectation_of(const std::string& id, const std::string& unit) const {
  const auto known = m_expectations.find(unit);
  testsel::Expectation expectation = known == m_expectations.end() ? testsel::Expectation() : known->second;
  const testsel::CaseName name = testsel::name_of_case(id);
  for (auto [one, end] = m_named.equal_range(name.function); one != end; ++one) {
    const testsel::CaseNote& note = *one->second;
    if (name.class_name.starts_with(note.class_name)) testsel::merge({note.mode, note.reason, {}}, expectation);
  }
  for (const testsel::CaseNote* note : m_patterns) {
    if (id == note->id || glob_match(note->id, id)) testsel::merge({note->mode, note->reason, {}}, expectation);
  }
  return expectation;
}

CaseChooser::Dealt CaseChooser::deal(const std::string& path, KnownFile& known) const {
  Dealt dealt;
  std::unordered_set<std::string_view> seen;
  for (std::size_t index = 0; index < known.collected.size(); ++index) {
    const std::string& id = known.collected[index];
    if (!seen.insert(id).second) continue;
    auto found = known.cases.find(id);
    if (found == known.cases.end()) {
      const CaseOwner owner = known.matcher.owner(id);
      found = known.cases.emplace(id, Owned{owner, batch_of(path, id, owner)}).first;
    }
    const Owned& owned = found->second;
    if (owned.batch == nullptr) continue;
    const bool generated = owned.owner.how == CaseOwner::How::generated;
    dealt[owned.batch].push_back(
        {static_cast<int>(index), id, owned.owner.unit, generated, expectation_of(id, owned.owner.unit)});
  }
  return dealt;
}

Result<std::vector<ChosenCase>> CaseChooser::choose(const plan::Batch& batch,
                                                    const std::vector<std::string>& collected) {
  TRY(KnownFile * known, file(std::string(batch.file)));
  if (known->collected != collected) {
    known->collected = collected;
    known->dealt = deal(std::string(batch.file), *known);
  }
  const auto found = known->dealt.find(m_batch_ids.at(batch.id));
  return found == known->dealt.end() ? std::vector<ChosenCase>() : found->second;
}

}  // namespace spyre::execute
