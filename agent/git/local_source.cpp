// SPDX-License-Identifier: Apache-2.0
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/git/repository.hpp"
#include "agent/git/source.hpp"
#include "agent/git/transfer.hpp"

namespace spyre::git {
namespace {

constexpr std::string_view tracking = "refs/remotes/origin/";

// Return the refs to look in. Those in which a clone keeps fetched branches come after its own, in the order of the
// refs.
std::vector<std::string> places(const Revision& revision) {
  std::vector<std::string> places;
  for (const Revision::Ref& ref : revision.refs) places.push_back(ref.name);
  for (const Revision::Ref& ref : revision.refs) {
    const std::string_view name = ref.name;
    constexpr std::string_view branch = "refs/heads/";
    constexpr std::string_view pull = "refs/pull/";
    if (name.starts_with(branch)) places.push_back(fmt::format("{}{}", tracking, name.substr(branch.size())));
    if (name.starts_with(pull)) {
      const std::string_view number = name.substr(pull.size(), name.rfind('/') - pull.size());
      places.push_back(fmt::format("{}pr/{}", tracking, number));
      places.push_back(fmt::format("{}pull/{}/head", tracking, number));
    }
  }
  return places;
}

class LocalSource final : public Source {
 public:
  LocalSource(Address address, Repository repository)
      : m_address(std::move(address)), m_repository(std::move(repository)) {}

  Result<std::string> resolve(const Revision& revision) override {
    if (revision.is_full_sha()) {
      auto commit = m_repository.objects()->commit_of(revision.sha);
      if (commit || commit.error().kind != ErrorKind::not_found) return commit;
      return unknown(revision);
    }
    for (const std::string& place : places(revision)) {
      auto commit = m_repository.commit_of_ref(place);
      if (commit || commit.error().kind != ErrorKind::not_found) return commit;
    }
    if (revision.sha.empty()) return unknown(revision);
    TRY(const auto commits, m_repository.objects()->commits_beginning_with(revision.sha));
    return commits.empty() ? unknown(revision) : only_one(commits, revision);
  }

  Result<std::shared_ptr<const Objects>> objects() const override { return m_repository.objects(); }

 private:
  Result<std::string> unknown(const Revision& revision) const {
    TRY(const std::vector<std::string> refs, m_repository.refs());
    std::vector<std::string> names;
    for (const std::string_view ref : refs) {
      const std::string_view name = ref.starts_with(tracking) ? ref.substr(tracking.size()) : short_name(ref);
      if (!name.empty()) names.emplace_back(name);
    }
    return unknown_revision(revision, m_address.shown, names);
  }

  Address m_address;
  Repository m_repository;
};

}  // namespace

Result<std::unique_ptr<Source>> local_source(const Address& address) {
  TRY(Repository repository,
      Repository::open(address.location,
                       fmt::format("git -C {} fsck tells whether it is damaged; of a partial clone, give "
                                   "the URL instead of the path",
                                   address.shown)));
  return std::make_unique<LocalSource>(address, std::move(repository));
}

}  // namespace spyre::git
