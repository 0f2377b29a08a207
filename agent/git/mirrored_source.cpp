// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "agent/core/files.hpp"
#include "agent/core/text.hpp"
#include "agent/git/repository.hpp"
#include "agent/git/source.hpp"
#include "agent/git/transfer.hpp"

namespace spyre::git {
namespace fs = std::filesystem;
namespace {

// Prefix of all entries in a mirror's directory that are not its repositories.
constexpr std::string_view marker_name = "spyre-ci-mirror";

// Held while a mirror is written to. When an agent is killed, its git may go on for a moment, until writing its
// progress fails. Its remaining writes are atomic, and unfinished work is repaired like any other.
Result<FileLock> lock_mirror(const fs::path& directory, const Progress& progress) {
  const fs::path path = directory / fmt::format("{}.lock", marker_name);
  auto taken = FileLock::try_take(path);
  if (taken || taken.error().kind != ErrorKind::busy) return taken;
  if (progress) progress(fmt::format("waiting: {}", taken.error().message));
  return FileLock::take(path);
}

std::string marker_text(const Address& address) {
  return fmt::format("mirror of {}\n", address.shown);
}

// Return whether the directory holds only the files that claiming it creates.
bool is_unclaimed(const fs::path& directory) {
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (!it->path().filename().string().starts_with(marker_name)) return false;
  }
  return !error;
}

// Claim the directory before anything else is written to it, or check that it is claimed already.
Result<void> claim(const fs::path& directory, const Address& address, const Progress& progress) {
  const fs::path marker = directory / marker_name;
  CHECK_OK(make_directories(directory));
  std::error_code ignored;
  if (!fs::exists(marker, ignored)) {
    if (!is_unclaimed(directory)) {
      return fail(ErrorKind::invalid, fmt::format("{} is not empty and not a mirror of ours", directory.string()),
                  "choose another directory with pytorch.mirror");
    }
    TRY(const FileLock claiming, lock_mirror(directory, progress));
    if (!fs::exists(marker, ignored)) CHECK_OK(write_file(marker, marker_text(address)));
  }
  TRY(const std::string text, read_file(marker, 64 * 1024));
  if (text != marker_text(address)) {
    return fail(ErrorKind::invalid, fmt::format("{} is a {}, not of {}", directory.string(), trim(text), address.shown),
                "choose another directory with pytorch.mirror");
  }
  return {};
}

// Return the ref that keeps a fetched one. It is flat: "a" and "a/b" cannot both be refs, but upstream may have them
// one after the other.
std::string kept_as(std::string_view ref) {
  std::string flat = "refs/kept/";
  for (const char c : ref) c == '/' ? flat += "%2F" : c == '%' ? flat += "%25" : flat += c;
  return flat;
}

class MirroredSource final : public Source {
 public:
  MirroredSource(Address address, fs::path directory, std::optional<GitProgram> program, Progress progress)
      : m_address(std::move(address)),
        m_directory(std::move(directory)),
        m_program(std::move(program)),
        m_progress(std::move(progress)),
        m_repository(m_directory / (m_program ? "shallow.git" : "full.git")),
        m_history(m_program ? m_directory / "commits.git" : m_repository) {}

  Result<std::string> resolve(const Revision& revision) override {
    if (auto known = find_known(revision)) return *known;
    TRY(const FileLock writing, lock_mirror(m_directory, m_progress));
    if (auto known = find_known(revision)) return *known;  // another run has fetched it meanwhile
    CHECK_OK(make_usable(m_repository));
    const auto transfer = make_transfer();
    auto found = find_there(revision, *transfer);
    if (found || found.error().kind != ErrorKind::not_found) return found;
    std::vector<std::string> names;
    if (!revision.is_full_sha()) {
      TRY(names, transfer->names());
    }
    return unknown_revision(revision, m_address.shown, names);
  }

  Result<std::shared_ptr<const Objects>> objects() const override {
    return Objects::open(m_repository / "objects", advice());
  }

 private:
  std::string advice() const {
    return fmt::format("remove {} and try again: it is filled anew", m_repository.string());
  }

  std::unique_ptr<Transfer> make_transfer() const {
    return m_program ? git_transfer(*m_program, m_address, m_progress) : libgit2_transfer(m_address, m_progress);
  }

  // Return a commit that needs no transfer: a known commit or tag. Nothing if the remote has to be asked, or if it is
  // damaged.
  std::optional<std::string> find_known(const Revision& revision) const {
    const auto repository = Repository::open(m_repository, advice());
    if (!repository || !packs_are_whole(m_repository)) return std::nullopt;
    const auto whole = [&](const Result<std::string>& commit) -> std::optional<std::string> {
      if (!commit || !repository->objects()->has_all_of(*commit)) return std::nullopt;
      return *commit;
    };
    if (revision.is_full_sha()) return whole(repository->objects()->commit_of(revision.sha));
    for (const Revision::Ref& ref : revision.refs) {
      if (ref.moves) continue;
      if (auto commit = whole(repository->commit_of_ref(kept_as(ref.name)))) return commit;
    }
    // A text with so many digits is not a tag or a branch that happens to look like a SHA.
    constexpr std::size_t surely_a_sha = 7;
    if (revision.sha.size() < surely_a_sha) return std::nullopt;
    const auto commit = find_beginning(revision);
    return commit ? whole(*commit) : std::nullopt;
  }

  // Return the commit that begins with these digits, as far as the history is here.
  Result<std::string> find_beginning(const Revision& revision) const {
    TRY(const Repository history, Repository::open(m_history, advice()));
    TRY(const auto commits, history.objects()->commits_beginning_with(revision.sha));
    return only_one(commits, revision);
  }

  Result<std::string> find_there(const Revision& revision, Transfer& transfer) const {
    if (revision.is_full_sha()) return fetch_commit(revision.sha, transfer);
    for (const Revision::Ref& ref : revision.refs) {
      auto commit = fetch(ref.name, transfer);
      if (commit || commit.error().kind != ErrorKind::not_found) return commit;
    }
    if (revision.sha.empty()) return fail(ErrorKind::not_found, "no such name");
    if (m_progress) m_progress(fmt::format("looking for {} in the history", revision.sha));
    if (m_history != m_repository) CHECK_OK(make_usable(m_history));
    CHECK_OK(transfer.fetch_history(m_history));
    TRY(const std::string sha, find_beginning(revision));
    return fetch_commit(sha, transfer);
  }

  Result<std::string> fetch_commit(const std::string& sha, Transfer& transfer) const {
    TRY(const auto before, objects());
    if (before->commit_of(sha) && before->has_all_of(sha)) return sha;
    return fetch(sha, transfer);
  }

  // Fetch a ref or a full SHA, and check that everything has arrived.
  Result<std::string> fetch(const std::string& ref, Transfer& transfer) const {
    for (const bool from_scratch : {false, true}) {
      CHECK_OK(transfer.fetch(m_repository, ref, kept_as(ref), from_scratch));
      TRY(const Repository repository, Repository::open(m_repository, advice()));
      TRY(const std::string commit,
          is_full_sha(ref) ? repository.objects()->commit_of(ref) : repository.commit_of_ref(kept_as(ref)));
      if (repository.objects()->has_all_of(commit)) return commit;
      if (m_progress) m_progress("the mirror lacks objects that it should have: fetching them again");
    }
    return fail(ErrorKind::io, fmt::format("the mirror {} is damaged", m_directory.string()), advice());
  }

  Address m_address;
  fs::path m_directory;
  std::optional<GitProgram> m_program;
  Progress m_progress;
  fs::path m_repository;  // commits with their files: the git program fetches them one deep, libgit2 with their history
  fs::path m_history;     // commits without their files, for looking up abbreviated SHAs
};

}  // namespace

Result<std::unique_ptr<Source>> mirrored_source(const Address& address, const fs::path& directory, bool use_git_program,
                                                Progress progress) {
  CHECK_OK(claim(directory, address, progress));
  std::optional<GitProgram> program;
  if (use_git_program) program = GitProgram::find();
  if (use_git_program && !program && progress) progress("git program not found: fetching without it, which is slower");
  return std::make_unique<MirroredSource>(address, directory, std::move(program), std::move(progress));
}

}  // namespace spyre::git
