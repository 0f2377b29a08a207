// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <git2.h>

#include "agent/git/libgit2.hpp"
#include "agent/git/revision.hpp"
#include "agent/git/transfer.hpp"

namespace spyre::git {
namespace {

class Libgit2Transfer final : public Transfer {
 public:
  Libgit2Transfer(Address address, Progress progress)
      : m_address(std::move(address)), m_progress(std::move(progress)) {}

  Result<void> fetch(const std::filesystem::path& repository, const std::string& ref, const std::string& kept_as,
                     bool /*from_scratch*/) override {
    // libgit2 fetches names only, so a commit requires the complete history.
    if (is_full_sha(ref)) return fetch_history(repository);
    TRY(const Handle<git_repository> store, open(repository));
    TRY(const Handle<git_remote> remote, connect(store.get()));
    TRY(const std::vector<std::string> refs, list(remote.get()));
    if (std::find(refs.begin(), refs.end(), ref) == refs.end()) {
      return fail(ErrorKind::not_found, fmt::format("there is no {} in {}", ref, m_address.shown));
    }
    return download(remote.get(), {fmt::format("+{}:{}", ref, kept_as)});
  }

  Result<void> fetch_history(const std::filesystem::path& repository) override {
    TRY(const Handle<git_repository> store, open(repository));
    TRY(const Handle<git_remote> remote, connect(store.get()));
    return download(remote.get(), {"+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"});
  }

  Result<std::vector<std::string>> names() override {
    TRY(const Handle<git_remote> remote, make("libgit2", git_remote_create_detached, m_address.location.c_str()));
    CHECK_OK(connect(remote.get()));
    TRY(const std::vector<std::string> refs, list(remote.get()));
    std::vector<std::string> names;
    for (const std::string& ref : refs) {
      const std::string_view name = short_name(ref);
      if (!name.empty() && !name.ends_with("^{}")) names.emplace_back(name);  // not the commit behind a tag
    }
    return names;
  }

 private:
  static Result<Handle<git_repository>> open(const std::filesystem::path& repository) {
    return make("cannot open the mirror", git_repository_open, repository.c_str());
  }

  Result<Handle<git_remote>> connect(git_repository* repository) {
    TRY(Handle<git_remote> remote,
        make("libgit2", git_remote_create_anonymous, repository, m_address.location.c_str()));
    CHECK_OK(connect(remote.get()));
    return remote;
  }

  Result<void> connect(git_remote* remote) {
    const git_remote_callbacks callbacks = this->callbacks();
    const git_proxy_options proxy = proxy_options();
    m_asked_for_credentials = false;
    return explained(git_remote_connect(remote, GIT_DIRECTION_FETCH, &callbacks, &proxy, nullptr), "cannot reach");
  }

  Result<std::vector<std::string>> list(git_remote* remote) {
    const git_remote_head** heads = nullptr;
    std::size_t count = 0;
    CHECK_OK(explained(git_remote_ls(&heads, &count, remote), "cannot list the branches of"));
    std::vector<std::string> refs;
    for (std::size_t i = 0; i < count; ++i) refs.emplace_back(heads[i]->name);
    return refs;
  }

  Result<void> download(git_remote* remote, std::vector<std::string> refspecs) {
    std::vector<char*> pointers;
    pointers.reserve(refspecs.size());
    for (std::string& refspec : refspecs) pointers.push_back(refspec.data());
    const git_strarray wanted{pointers.data(), pointers.size()};
    git_fetch_options options = GIT_FETCH_OPTIONS_INIT;
    options.callbacks = callbacks();
    options.proxy_opts = proxy_options();
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
    options.update_fetchhead = 0;
    m_percent = -1;
    m_asked_for_credentials = false;
    return explained(git_remote_fetch(remote, &wanted, &options, nullptr), "cannot fetch from");
  }

  // Return an error of the network or of the other side, without credentials.
  Result<void> explained(int code, std::string_view what) {
    auto result = checked(fmt::format("{} {}", what, m_address.shown), code);
    if (result) return result;
    Error error = std::move(result).error();
    error.message = redact(error.message, m_address);
    const bool no_repository = error.message.find("could not find repository") != std::string::npos ||
                               error.message.find("failed to resolve path") != std::string::npos;
    if (no_repository) {
      error.kind = ErrorKind::invalid;
      error.hint = "check the address of the repository";
    } else if (error.kind != ErrorKind::io || error.hint.empty()) {
      error.kind = ErrorKind::infra;
      error.hint = "check the network, the proxy, the address and the credentials";
    }
    return tl::make_unexpected(std::move(error));
  }

  git_remote_callbacks callbacks() {
    git_remote_callbacks callbacks = GIT_REMOTE_CALLBACKS_INIT;
    callbacks.payload = this;
    callbacks.credentials = [](git_credential** out, const char*, const char* user, unsigned types, void* self) {
      return static_cast<Libgit2Transfer*>(self)->credentials(out, user, types);
    };
    callbacks.transfer_progress = [](const git_indexer_progress* progress, void* self) {
      static_cast<Libgit2Transfer*>(self)->report(*progress);
      return 0;
    };
    return callbacks;
  }

  static git_proxy_options proxy_options() {
    git_proxy_options options = GIT_PROXY_OPTIONS_INIT;
    options.type = GIT_PROXY_AUTO;
    return options;
  }

  // Credentials come from the URL or the user's SSH agent. Each is tried once: libgit2 would ask for a refused one
  // forever.
  int credentials(git_credential** out, const char* user, unsigned types) {
    if (std::exchange(m_asked_for_credentials, true)) return GIT_EAUTH;
    if ((types & GIT_CREDENTIAL_USERPASS_PLAINTEXT) != 0 && !m_address.user.empty()) {
      return git_credential_userpass_plaintext_new(out, m_address.user.c_str(), m_address.password.c_str());
    }
    if ((types & GIT_CREDENTIAL_SSH_KEY) != 0 && user != nullptr) return git_credential_ssh_key_from_agent(out, user);
    return GIT_PASSTHROUGH;
  }

  void report(const git_indexer_progress& progress) {
    if (!m_progress || progress.total_objects == 0) return;
    const int percent = static_cast<int>(100ULL * progress.received_objects / progress.total_objects);
    if (std::exchange(m_percent, percent) == percent) return;
    m_progress(
        fmt::format("Receiving objects: {:3}% ({}/{})", percent, progress.received_objects, progress.total_objects));
  }

  Address m_address;
  Progress m_progress;
  int m_percent = -1;
  bool m_asked_for_credentials = false;
};

}  // namespace

std::unique_ptr<Transfer> libgit2_transfer(Address address, Progress progress) {
  return std::make_unique<Libgit2Transfer>(std::move(address), std::move(progress));
}

}  // namespace spyre::git
