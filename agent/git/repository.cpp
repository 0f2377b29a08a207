// SPDX-License-Identifier: Apache-2.0
#include "agent/git/repository.hpp"

#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <git2.h>

namespace spyre::git {
namespace fs = std::filesystem;

Result<Repository> Repository::open(const fs::path& path, std::string advice) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    return fail(ErrorKind::not_found, fmt::format("there is no repository {}", path.string()),
                "give the path or the URL of a git repository");
  }
  auto opened = make(fmt::format("cannot open the repository {}", path.string()), git_repository_open_ext, path.c_str(),
                     static_cast<unsigned>(GIT_REPOSITORY_OPEN_NO_SEARCH), static_cast<const char*>(nullptr));
  if (!opened && opened.error().kind == ErrorKind::not_found) {
    return fail(ErrorKind::invalid, fmt::format("{} is not a git repository", path.string()),
                "give the directory that has .git in it, a bare repository, or a URL");
  }
  if (!opened) return tl::make_unexpected(std::move(opened).error());
  TRY(auto objects, Objects::open(fs::path(git_repository_commondir(opened->get())) / "objects", std::move(advice)));
  return Repository(std::move(*opened), std::move(objects));
}

Result<std::string> Repository::commit_of_ref(const std::string& ref) const {
  git_oid oid;
  const std::string what = fmt::format("no {}", ref);
  CHECK_OK(checked(what, git_reference_name_to_id(&oid, m_repository.get(), ref.c_str())));
  std::string sha(GIT_OID_HEXSZ, '\0');
  git_oid_fmt(sha.data(), &oid);
  return m_objects->commit_of(sha);
}

Result<std::vector<std::string>> Repository::refs() const {
  std::vector<std::string> names;
  const auto add = [](const char* name, void* payload) {
    static_cast<std::vector<std::string>*>(payload)->emplace_back(name);
    return 0;
  };
  CHECK_OK(checked("cannot list the refs", git_reference_foreach_name(m_repository.get(), add, &names)));
  return names;
}

}  // namespace spyre::git
