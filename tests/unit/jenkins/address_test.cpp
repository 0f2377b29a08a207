// SPDX-License-Identifier: Apache-2.0
#include "agent/jenkins/address.hpp"

#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::jenkins;

TEST_CASE("a controller's address has no slash at its end and no password in it") {
  CHECK(controller_address("https://host/jenkins//").value() == "https://host/jenkins");
  CHECK(controller_address(" http://127.0.0.1:8080 ").value() == "http://127.0.0.1:8080");
  CHECK(controller_address("https://host/a@b").value() == "https://host/a@b");
  for (const char* wrong : {"", "host", "ftp://host", "https://", "https:///a", "https://user:secret@host/"}) {
    const auto refused = controller_address(wrong);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::usage);
    CHECK(refused.error().message.find("secret") == std::string::npos);
  }
}

TEST_CASE("folders of a job are parts of its path") {
  CHECK(job_path("nightly").value() == "job/nightly");
  CHECK(job_path("/team a/nightly/").value() == "job/team%20a/job/nightly");
  CHECK_FALSE(job_path("//"));
}

TEST_CASE("a build knows its controller") {
  CHECK(controller_of_build("https://host/jenkins/job/a/job/b/7/").value() == "https://host/jenkins");
  CHECK_FALSE(controller_of_build("https://host/7/"));
}

TEST_CASE("addresses are rewritten for this side of a proxy") {
  CHECK(as_seen_from("http://here:1", "https://proxy/x/queue/item/7/", "/queue/").value() ==
        "http://here:1/queue/item/7");
  const auto refused = as_seen_from("http://here:1", "https://proxy/login", "/queue/");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::invalid);
}
