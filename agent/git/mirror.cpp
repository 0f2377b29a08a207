// SPDX-License-Identifier: Apache-2.0
#include "agent/git/mirror.hpp"

#include <cctype>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "agent/core/hash.hpp"
#include "agent/core/text.hpp"
#include "agent/git/address.hpp"
#include "agent/git/commit_tree.hpp"
#include "agent/git/source.hpp"

namespace spyre::git {
namespace fs = std::filesystem;
namespace {

// Without a current directory the path stays as it is, and opening it reports the error.
fs::path whole_path(const fs::path& path) {
  std::error_code error;
  const fs::path whole = fs::absolute(path, error);
  return (error ? path : whole).lexically_normal();
}

}  // namespace

Mirror::Mirror(fs::path directory, std::unique_ptr<Source> source)
    : m_directory(std::move(directory)), m_source(std::move(source)) {}
Mirror::Mirror(Mirror&& other) noexcept = default;
Mirror& Mirror::operator=(Mirror&& other) noexcept = default;
Mirror::~Mirror() = default;

Result<Mirror> Mirror::open(MirrorOptions options) {
  TRY(const Address address, parse_address(options.repo));
  if (address.local) {
    TRY(auto source, local_source(address));
    return Mirror(address.location, std::move(source));
  }
  if (options.directory.empty()) return fail(ErrorKind::internal, "no directory for the mirror is given");
  const fs::path directory = whole_path(options.directory);
  TRY(auto source, mirrored_source(address, directory, options.use_git_program, std::move(options.progress)));
  return Mirror(directory, std::move(source));
}

Result<std::string> Mirror::resolve(const std::string& revision, const RevisionNames& names) {
  TRY(const Revision parsed, parse_revision(revision, names));
  return m_source->resolve(parsed);
}

Result<std::unique_ptr<FileTree>> Mirror::tree(const std::string& sha) const {
  TRY(auto objects, m_source->objects());
  TRY(std::string commit, objects->commit_of(sha));
  return std::make_unique<CommitTree>(std::move(objects), std::move(commit));
}

Result<std::shared_ptr<const Objects>> Mirror::objects() const {
  return m_source->objects();
}

tl::unexpected<Error> unknown_revision(const Revision& revision, const std::string& repository,
                                       const std::vector<std::string>& names) {
  const std::string near = nearest(revision.name, names);
  return fail(
      ErrorKind::not_found, fmt::format("there is no revision {} in {}", revision.shown, repository),
      near.empty() ? "give a SHA, a tag, a branch or pr/N that is there" : fmt::format("did you mean '{}'?", near));
}

Result<std::string> only_one(const std::vector<std::string>& commits, const Revision& revision) {
  if (commits.empty()) return fail(ErrorKind::not_found, fmt::format("no commit begins with {}", revision.sha));
  if (commits.size() == 1) return commits.front();
  constexpr std::size_t shown_digits = 12;
  return fail(ErrorKind::invalid,
              fmt::format("{} is ambiguous: {} commits begin with it, {} and {} among them", revision.shown,
                          commits.size(), commits[0].substr(0, shown_digits), commits[1].substr(0, shown_digits)),
              "give more digits");
}

fs::path mirror_directory(const fs::path& cache, const std::string& repo) {
  const auto address = parse_address(repo);
  if (!address) return cache / "refused";  // opening it reports the error; the address may hold credentials
  std::string key = address->local ? whole_path(address->location).string() : address->shown;
  while (key.ends_with('/')) key.pop_back();
  if (key.ends_with(".git")) key.resize(key.size() - 4);
  std::string name;
  for (const char c : key.substr(key.find_last_of("/:") + 1)) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
    name += plain ? c : '_';
  }
  constexpr std::size_t longest_name = 40;
  return cache / fmt::format("{}-{}", name.substr(0, longest_name), hex(stable_hash(key)));
}

}  // namespace spyre::git
