// SPDX-License-Identifier: Apache-2.0
// Tokens: their sources, their claims, and that they are never shown. URLs that they may be sent to.
#include "agent/core/files.hpp"
#include "agent/relay/callback.hpp"
#include "agent/relay/check.hpp"
#include "agent/relay/command.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/relay/fakes.hpp"

using namespace spyre;
using namespace spyre::relay;

namespace {

using Words = std::vector<std::string>;
const std::string repository = "torch-spyre/torch-spyre";
const SystemTime token_time{std::chrono::seconds{1'700'000'000}};

Error problem(const std::string& claims, const std::string& of = repository) {
  const auto read = read_claims(token_of(claims));
  REQUIRE(read);
  const auto checked = check_claims(*read, of, token_time);
  REQUIRE_FALSE(checked);
  return checked.error();
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  return text.replace(text.find(what), what.size(), by);
}

Result<std::string> read_from(const std::string& source, const http::Environment& environment,
                              http::Transport& transport) {
  TRY(const auto made, make_token_source(source, environment, transport));
  TRY(const Secret token, made->read());
  return std::string(token.reveal());
}

}  // namespace

TEST_CASE("a token that the relay accepts") {
  const std::string claims = good_claims(1'700'000'100);
  CHECK(check_claims(read_claims(token_of(claims)).value(), repository, token_time));
  const auto many = replaced(claims, "\"pytorch-cross-repo-ci-relay\"", R"(["other","pytorch-cross-repo-ci-relay"])");
  CHECK(check_claims(read_claims(token_of(many)).value(), repository, token_time));
  const std::string buildkite =
      R"({"iss":"https://agent.buildkite.com","aud":"pytorch-cross-repo-ci-relay","exp":1700000100})";
  CHECK(check_claims(read_claims(token_of(buildkite)).value(), repository, token_time));
}

TEST_CASE("a token that the relay would refuse or silently ignore") {
  const std::string good = good_claims(1'700'000'100);
  CHECK(problem(good_claims(1'700'000'004)).kind == ErrorKind::infra);
  CHECK(problem(good_claims(1'699'999'000)).message == "the token expired 1000 s ago");
  CHECK(problem(replaced(good, "exp", "exq")).kind == ErrorKind::infra);
  CHECK(problem(replaced(good, "pytorch-cross", "pytorch-x")).kind == ErrorKind::invalid);
  CHECK(problem(replaced(good, "githubusercontent", "example")).kind == ErrorKind::invalid);
  CHECK(problem(good, "torch-spyre/Torch-Spyre").message ==
        "the token is for the repository 'torch-spyre/torch-spyre', not for 'torch-spyre/Torch-Spyre'");
  CHECK(problem(replaced(good, "\"repository\"", "\"repo\"")).kind == ErrorKind::invalid);
}

TEST_CASE("an invalid token is refused and not shown") {
  for (const std::string& text :
       {std::string(), std::string("s3cr3t"), std::string("a.b"), std::string("a.b.c.d"), std::string("s3cr3t.!!.x"),
        std::string("a.e30.c\r\nX-Header: 1"), std::string("a..c"), std::string("a.s3cr3t.c"), token_of("[1]"),
        std::string(20'000, 'a')}) {
    CAPTURE(text);
    const auto claims = read_claims(text);
    REQUIRE_FALSE(claims);
    CHECK(claims.error().kind == ErrorKind::infra);
    CHECK(claims.error().message.find("s3cr3t") == std::string::npos);
  }
}

TEST_CASE("tokens from files, variables and commands") {
  FakeTransport none;
  const TemporaryDirectory directory = TemporaryDirectory::create().value();
  const std::string file = (directory.path() / "token").string();
  CHECK(read_from("file:" + file, {}, none).error().kind == ErrorKind::infra);
  REQUIRE(write_file(file, " t1\n"));
  CHECK(read_from("file:" + file, {}, none) == "t1");
  CHECK(read_from("env:T", {{"T", "t2\n"}}, none) == "t2");
  CHECK(read_from("env:T", {}, none).error().message == "the variable T is not set, or empty");
  CHECK(read_from("command:echo 't 3'", {}, none) == "t 3");
  for (const char* source : {"s3cr3t.token.x", "file:", "oidc2", "vault:x", "command:"}) {
    const auto made = make_token_source(source, {}, none);
    REQUIRE_FALSE(made);
    CHECK(made.error().kind == ErrorKind::usage);
    CHECK(made.error().message.find("s3cr3t") == std::string::npos);
  }
}

TEST_CASE("a token from GitHub Actions") {
  FakeTransport github;
  github.answer = [](const http::Request&) { return http::Response{200, R"({"count":1,"value":"t4"})", "", ""}; };
  const http::Environment environment{{"ACTIONS_ID_TOKEN_REQUEST_URL", "https://actions.example/idtoken?api-version=2"},
                                      {"ACTIONS_ID_TOKEN_REQUEST_TOKEN", "s3cr3t"}};
  CHECK(read_from("", environment, github) == "t4");
  const http::Request& request = github.requests.front();
  CHECK(request.method == "GET");
  CHECK(request.url.path == "/idtoken?api-version=2&audience=pytorch-cross-repo-ci-relay");
  CHECK(request.headers.front() == std::pair<std::string, std::string>{"Authorization", "bearer s3cr3t"});
  for (const http::Response& answer : {http::Response{500, "s3cr3t", "", ""}, http::Response{200, "s3cr3t", "", ""},
                                       http::Response{200, "{}", "", ""}}) {
    github.answer = [&](const http::Request&) { return answer; };
    const auto token = read_from("oidc", environment, github);
    REQUIRE_FALSE(token);
    CHECK(token.error().kind == ErrorKind::infra);
    CHECK(token.error().message.find("s3cr3t") == std::string::npos);
  }
  CHECK(read_from("oidc", {}, github).error().kind == ErrorKind::config);
}

TEST_CASE("a command is split into words") {
  CHECK(split_words("a  'b c' \"d 'e'\" f\\ g ''") == Words{"a", "b c", "d 'e'", "f g", ""});
  CHECK(split_words("a$(b);`c`|d>e") == Words{"a$(b);`c`|d>e"});
  for (const char* text : {"", "  ", "'a", "a \"b"}) CHECK(split_words(text).error().kind == ErrorKind::usage);
}

TEST_CASE("a command has limits for time and output, and its output is not shown") {
  CHECK(output_of({"echo", "t"}, Seconds{30}, 100) == "t\n");
  const auto failed = [](const Words& argv, Seconds time = Seconds{30}) {
    const auto output = output_of(argv, time, 1000);
    REQUIRE_FALSE(output);
    CHECK(output.error().kind == ErrorKind::infra);
    CHECK(output.error().message.find("s3cr3t") == std::string::npos);
    return output.error().message;
  };
  CHECK(failed({"sh", "-c", "echo s3cr3t; exit 3"}).ends_with("ended with exit code 3"));
  CHECK(failed({"sh", "-c", "kill -9 $$"}).ends_with("was ended by signal 9"));
  CHECK(failed({"yes", "s3cr3t"}).ends_with("prints more than a token"));
  CHECK(failed({"sleep", "1000"}, Seconds{0.05}).ends_with("did not end in time"));
  CHECK(failed({"sh", "-c", "exec >&-; sleep 1000"}, Seconds{0.05}).ends_with("did not end in time"));
  CHECK(failed({"no-such-program"}).find("cannot be started") != std::string::npos);
}

TEST_CASE("a token is sent over https, or only to this machine") {
  const auto url = parse_callback_url("https://relay.example/x/github/callback?a=1");
  REQUIRE(url);
  CHECK((url->secure && !url->loopback && url->port == 443 && url->path == "/x/github/callback?a=1"));
  for (const char* text :
       {"http://localhost:8080/c", "http://127.0.0.1/c", "http://127.1.2.3/c", "http://[::1]:80/c"}) {
    CAPTURE(text);
    REQUIRE(parse_callback_url(text));
    CHECK(parse_callback_url(text)->loopback);
  }
  for (const char* text :
       {"", "relay", "http://relay.example/c", "http://127.0.0.1.example/c", "http://localhost.example/c", "ftp://x/c",
        "https://", "https://user:s3cr3t@relay.example/c", "https://relay.example/c#x", "https://relay.example/c/",
        "https://relay.example/", "https://relay .example/c", "https://relay.example/c\r\nX: y", "file:///etc/passwd",
        "http://0x7f000001.example/c", "https://relay.example:99999/c"}) {
    CAPTURE(text);
    const auto refused = parse_callback_url(text);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::usage);
    CHECK_FALSE(refused.error().hint.empty());
    CHECK(refused.error().message.find("s3cr3t") == std::string::npos);
  }
  CHECK(parse_callback_url("http://relay.example/c", true));
}

TEST_CASE("an allow-list predicts the treatment of a result") {
  const std::string list =
      "L1: [a/one]\nL2:\n  - b/two: ann, bob\n  - torch-spyre/torch-spyre\n"
      "L3:\n  spyre:\n    c/three: [ann]\n";
  const auto level = [&](const std::string& name) { return check_level(list, "list.yml", name); };
  CHECK(level(repository).detail.starts_with("L2"));
  CHECK(level(repository).state == Finding::State::good);
  CHECK(level("b/two").detail.starts_with("L2"));
  CHECK(level("c/three").detail.starts_with("L3"));
  CHECK(level("a/one").state == Finding::State::bad);
  CHECK(level("Torch-Spyre/torch-spyre").detail.find("the list has 'torch-spyre/torch-spyre'") != std::string::npos);
  CHECK(level("d/four").detail.find("not on the list") != std::string::npos);
  CHECK(check_level("L1: [", "list.yml", "a/b").state == Finding::State::bad);
}

TEST_CASE("reachability and clock are checked without a token") {
  FakeTransport server;
  LooseClock clock;  // Tue, 14 Nov 2023 22:13:20 GMT
  const http::Url url = http::parse_url("https://relay.example/github/callback").value();
  const auto find = [&](http::Reply reply) {
    server.answer = [&](const http::Request&) { return reply; };
    std::string text;
    for (const Finding& finding : check_reach(url, server, clock)) {
      text += fmt::format("{} {} {};", finding.what, static_cast<int>(finding.state), finding.detail);
    }
    return text;
  };
  CHECK(find(http::Response{404, "", "Tue, 14 Nov 2023 22:13:20 GMT", ""}) ==
        "reach 0 relay.example:443 answers (404);clock 0 +0 s;");
  CHECK(
      find(http::Response{404, "", "Tue, 14 Nov 2023 22:03:20 GMT", ""}).find("clock 2 this machine is 600 s ahead") !=
      std::string::npos);
  CHECK(find(http::Response{302, "", "", "https://login/"}).find("reach 2") != std::string::npos);
  CHECK(find(tl::make_unexpected(http::TransportError{false, "refused"})) == "reach 2 refused;");
  CHECK(server.requests.front().headers.empty());
}
