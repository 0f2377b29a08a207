// SPDX-License-Identifier: Apache-2.0
#include "agent/core/secrets.hpp"

#include "agent/core/files.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;

TEST_CASE("secrets are recognised by the words of their names") {
  for (const char* name :
       {"RELAY_TOKEN", "token", "DB_PASSWORD", "SSH_AUTH_SOCK", "AWS_SECRET_ACCESS_KEY", "JENKINS_SERVER_COOKIE",
        "ACTIONS_ID_TOKEN_REQUEST_URL", "GH_PAT", "GITHUB_PAT", "DEPLOY_KEY", "REGISTRY_AUTH", "MY_API_KEY", "DB_PASS",
        "PGPASSWORD", "MYSQL_PWD", "github-token", "SSH_KEY_FILE"}) {
    INFO(name);
    CHECK(is_secret(name));
  }
  for (const char* name : {"PATH", "AUTHOR", "LD_LIBRARY_PATH", "PATTERN", "SPYRE_DEVICES", "KEYBOARD", "TOKENIZERS",
                           "PWD", "KEY", "MONKEY", "JENKINS_URL", "BYPASS", ""}) {
    INFO(name);
    CHECK_FALSE(is_secret(name));
  }
}

TEST_CASE("variables of the CI are withheld from tests although they are not secret") {
  for (const char* name : {"JENKINS_URL", "HUDSON_HOME", "ACTIONS_CACHE_URL", "AWS_REGION", "KUBECONFIG", "GH_PAT"}) {
    INFO(name);
    CHECK(is_withheld(name));
  }
  CHECK_FALSE(is_withheld("LANG"));
}

TEST_CASE("a setting is written without its secret") {
  CHECK(public_setting("execute.retries=2") == "execute.retries=2");
  CHECK(public_setting("relay.failed_tests_key=failed") == "relay.failed_tests_key=failed");
  CHECK(public_setting("relay.token=file:/x") == "relay.token=***");
  CHECK(public_setting("execute.environment.set.A=b") == "execute.environment.set.A=b");
  for (const char* name : {"GITHUB_PAT", "DEPLOY_KEY", "REGISTRY_AUTH", "PGPASSWORD"}) {
    const std::string key = std::string("execute.environment.set.") + name;
    CHECK(public_setting(key + "=hunter2") == key + "=***");
  }
  CHECK(public_setting("execute.environment.set={A: b, DB_PASS: hunter2}") == "execute.environment.set=***");
  CHECK(public_setting("execute.environment.set={A: b}") == "execute.environment.set={A: b}");
  CHECK(public_setting("pytorch.repo=https://u:hunter2@host/x") == "pytorch.repo=https://***@host/x");
  CHECK(public_setting("history.url=postgresql://h/db?user=me&password=hunter2") ==
        "history.url=postgresql://h/db?user=me&password=***");
  CHECK(public_setting("no value") == "no value");
}

TEST_CASE("credentials are removed from URLs anywhere in a text") {
  CHECK(without_credentials("cannot fetch 'https://u:p@host/x', nor https://tok@host") ==
        "cannot fetch 'https://host/x', nor https://host");
  CHECK(without_credentials("postgresql://u:p@host/x", "***") == "postgresql://***@host/x");
  CHECK(without_credentials("ssh://git@host/x") == "ssh://git@host/x");
  CHECK(without_credentials("git@host:x and a@b.c") == "git@host:x and a@b.c");
  CHECK(without_credentials("https://a:b@host/p@q") == "https://host/p@q");
  CHECK(without_credentials("https://host/p@q") == "https://host/p@q");
  CHECK(without_credentials("/a/path") == "/a/path");
}

TEST_CASE("known values are replaced in any text") {
  Secrets secrets;
  secrets.add_variables(
      {{"GH_PAT", "ghp_0123456789"}, {"GH_PAT_LONG", "ghp_0123456789abc"}, {"HOME", "/home/somebody"}});
  secrets.add_setting("execute.environment.set.DEPLOY_KEY=0a1b2c3d4e");
  secrets.add_setting("execute.environment.set.NAME=openly-said");
  secrets.add("short");
  CHECK(secrets.hide("a ghp_0123456789abc b ghp_0123456789, 0a1b2c3d4e") == "a *** b ***, ***");
  CHECK(secrets.hide("/home/somebody short openly-said") == "/home/somebody short openly-said");
  CHECK(secrets.hide("https://u:p@host/") == "https://***@host/");
}

TEST_CASE("the name of a file is not a secret value") {
  const auto directory = TemporaryDirectory::create();
  REQUIRE(directory);
  Secrets secrets;
  secrets.add(directory->path().string());
  CHECK(secrets.hide(directory->path().string()) == directory->path().string());
}
