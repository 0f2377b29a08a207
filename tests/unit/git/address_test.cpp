// SPDX-License-Identifier: Apache-2.0
#include "agent/git/address.hpp"

#include <filesystem>

#include "agent/core/files.hpp"
#include "agent/git/mirror.hpp"
#include "tests/unit/git/upstream.hpp"

namespace spyre::git {
namespace {

TEST_CASE("addresses that git can fetch from are accepted", "[address]") {
  const auto [repo, shown] = GENERATE(table<std::string, std::string>({
      {"https://github.com/pytorch/pytorch", "https://github.com/pytorch/pytorch"},
      {"HTTPS://github.com/pytorch/pytorch.git", "https://github.com/pytorch/pytorch.git"},
      {"http://localhost:8080/x.git", "http://localhost:8080/x.git"},
      {"ssh://git@github.com:22/pytorch/pytorch", "ssh://git@github.com:22/pytorch/pytorch"},
      {"git://example.org/x", "git://example.org/x"},
      {"file:///srv/git/x.git", "file:///srv/git/x.git"},
      {"git@github.com:pytorch/pytorch", "git@github.com:pytorch/pytorch"},
      {"host:x", "host:x"},
      {"https://me:secret@example.org/x", "https://example.org/x"},
      {"https://token1234@example.org/x", "https://example.org/x"},
      {"ssh://me:secret@example.org/x", "ssh://example.org/x"},
      {"https://example.org/x?token=secret#secret", "https://example.org/x"},
  }));
  const Address address = value_of(parse_address(repo));
  CHECK(address.location == repo);
  CHECK(address.shown == shown);
  CHECK_FALSE(address.local);
}

TEST_CASE("paths are read in place", "[address]") {
  const std::string path = GENERATE("/srv/pytorch", "pytorch", "./a:b", "../x", "a/b:c");
  CHECK(value_of(parse_address(path)).local);
}

TEST_CASE("an existing path is a path even if it looks like a host", "[address]") {
  const TemporaryDirectory directory = value_of(TemporaryDirectory::create());
  const auto before = std::filesystem::current_path();
  std::filesystem::create_directory(directory.path() / "host:x");
  std::filesystem::current_path(directory.path());
  const bool local = value_of(parse_address("host:x")).local;
  std::filesystem::current_path(before);
  CHECK(local);
}

TEST_CASE("texts that git would take for an option or a program are refused", "[address]") {
  const std::string repo =
      GENERATE("", "-u./evil", "--upload-pack=evil", "ext::sh -c evil", "fd::17", "ssh://-oProxyCommand=evil/x",
               "ssh://-l@host/x", "-l@host:x", "me@-host:x", "host:-x", "host:", "@host:", "user@:x", "ftp://host/x",
               "javascript://host/x", "https:///x", "https://host", "https://host/", "file://host/x", "file://",
               "https://host/a b", "https://host/a\nb", "ho st:x", "transport::host:x");
  const Error error = error_of(parse_address(repo));
  CHECK(error.kind == ErrorKind::usage);
  CHECK_FALSE(error.hint.empty());
}

TEST_CASE("a refused address shows no credentials", "[address]") {
  const std::string repo = GENERATE("ftp://me:hunter22@host/x", "https://me:hunter22@host", "ssh://-me:hunter22@host/x",
                                    "https://me:hunter22@host/a b");
  const Error error = error_of(parse_address(repo));
  CHECK(error.message.find("hunter22") == std::string::npos);
  CHECK(error.hint.find("hunter22") == std::string::npos);
}

TEST_CASE("credentials are removed from every text", "[address]") {
  const Address address = value_of(parse_address("https://me:hun%40ter@example.org/x?key=abcd"));
  CHECK(address.user == "me");
  CHECK(address.password == "hun@ter");
  CHECK(value_of(parse_address("https://me:100%25%zz%4@example.org/x")).password == "100%%zz%4");
  const std::string shown = redact(
      "cannot read https://me:hun%40ter@example.org/x?key=abcd, https://me:hun%40ter@example.org/x/info/refs: hun@ter "
      "is "
      "wrong, hun%40ter too, ?key=abcd",
      address);
  CHECK(shown.find("hun@ter") == std::string::npos);
  CHECK(shown.find("hun%40ter") == std::string::npos);
  CHECK(shown.find("abcd") == std::string::npos);
  CHECK(shown.find("https://example.org/x") != std::string::npos);
}

TEST_CASE("a token in place of a user is a secret, the user of an SSH key is not", "[address]") {
  const Address token = value_of(parse_address("https://ghp_abcdef@github.com/x/y"));
  CHECK(redact("bad token ghp_abcdef", token) == "bad token ***");
  const Address key = value_of(parse_address("git@github.com:x/y"));
  CHECK(redact("git@github.com: Permission denied", key) == "git@github.com: Permission denied");
}

TEST_CASE("a mirror's directory is readable, and is the same with other credentials", "[address]") {
  const std::filesystem::path plain = mirror_directory("/cache", "https://github.com/pytorch/pytorch");
  CHECK(plain.parent_path() == "/cache");
  CHECK(plain.filename().string().starts_with("pytorch-"));
  CHECK(mirror_directory("/cache", "https://me:hunter22@github.com/pytorch/pytorch") == plain);
  CHECK(mirror_directory("/cache", "https://github.com/pytorch/pytorch.git") == plain);
  CHECK(mirror_directory("/cache", "https://github.com/pytorch/pytorch/") == plain);
  CHECK(mirror_directory("/cache", "https://github.com/me/pytorch") != plain);
  CHECK(mirror_directory("/cache", "ftp://me:hunter22@host").string().find("hunter22") == std::string::npos);
}

}  // namespace
}  // namespace spyre::git
