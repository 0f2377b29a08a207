// SPDX-License-Identifier: Apache-2.0
#include "agent/relay/check.hpp"

#include <algorithm>
#include <cstdlib>

#include <Poco/DateTime.h>
#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeParser.h>
#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/core/yaml.hpp"
#include "agent/relay/claims.hpp"

namespace spyre::relay {
namespace {

using FindingState = Finding::State;

constexpr std::int64_t tolerable_skew = 30;  // seconds; tokens live minutes

std::int64_t seconds(SystemTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

Finding check_clock(const std::string& date, const Clock& clock) {
  Poco::DateTime theirs;
  int zone = 0;
  if (!Poco::DateTimeParser::tryParse(Poco::DateTimeFormat::HTTP_FORMAT, date, theirs, zone)) {
    return {"clock", FindingState::doubtful, "the server's response has no date", ""};
  }
  const std::int64_t skew = seconds(clock.system()) - theirs.timestamp().epochTime();
  if (std::abs(skew) <= tolerable_skew) return {"clock", FindingState::good, fmt::format("{:+} s", skew), ""};
  return {"clock", FindingState::bad,
          fmt::format("this machine is {} s {} the server", std::abs(skew), skew > 0 ? "ahead of" : "behind"),
          "set the clock (NTP): tokens are valid for minutes, and valid ones would seem expired"};
}

// The repositories of a level: "owner/repo" or "owner/repo: oncalls"; L3 and L4 group them by device.
void collect(const Yaml& value, std::vector<std::string>& out) {
  if (value.kind() == Yaml::Kind::list) {
    for (const Yaml& item : value.items()) collect(item, out);
  } else if (value.kind() == Yaml::Kind::map) {
    for (const Yaml::Entry& entry : value.entries()) {
      if (entry.key.text().find('/') != std::string::npos) {
        out.push_back(entry.key.text());
      } else {
        collect(entry.value, out);
      }
    }
  } else if (value.text().find('/') != std::string::npos) {
    out.push_back(value.text());
  }
}

bool same_but_case(std::string_view a, std::string_view b) {
  return lower(a) == lower(b);
}

constexpr std::string_view consequences[] = {
    "dispatches come, but results are ignored silently", "results go to HUD",
    "results go to HUD, and to a check run when the pull request has the label",
    "results go to HUD and to a check run that blocks the pull request"};

}  // namespace

std::vector<Finding> check_reach(const http::Url& url, http::Transport& transport, const Clock& clock) {
  const std::string where = fmt::format("{}:{}", url.host, url.port);
  const http::Reply reply = transport.exchange({"HEAD", url, {}, ""});
  if (!reply) {
    return {{"reach", FindingState::bad, reply.error().reason,
             "check the URL, https_proxy and relay.ca_file; results would wait in the outbox"}};
  }
  std::vector<Finding> findings;
  if (reply->status >= 300 && reply->status < 400) {
    findings.push_back({"reach", FindingState::bad,
                        fmt::format("{} redirects to '{}'", where, shorten(valid_utf8(reply->location), 200)),
                        "give the URL that it redirects to, if that is the relay: redirects are not followed"});
  } else if (!url.path.ends_with("/github/callback")) {
    findings.push_back({"reach", FindingState::doubtful,
                        fmt::format("{} answers ({}), but the path is '{}'", where, reply->status, url.path),
                        "the relay's path ends in /github/callback"});
  } else {
    findings.push_back({"reach", FindingState::good, fmt::format("{} answers ({})", where, reply->status), ""});
  }
  findings.push_back(check_clock(reply->date, clock));
  return findings;
}

Finding check_token(const Result<std::unique_ptr<TokenSource>>& source, const std::string& repository,
                    const Clock& clock) {
  const auto bad = [](const Error& error) { return Finding{"token", FindingState::bad, error.message, error.hint}; };
  if (!source) return bad(source.error());
  const auto token = (*source)->read();
  if (!token) return bad(token.error());
  const auto claims = read_claims(token->reveal());
  if (!claims) return bad(claims.error());
  if (const auto good = check_claims(*claims, repository, clock.system()); !good) return bad(good.error());
  return {"token", FindingState::good,
          fmt::format("from {}, for {}, valid for {} s", claims->issuer,
                      claims->repository.empty() ? "a pipeline" : claims->repository,
                      *claims->expires - seconds(clock.system())),
          ""};
}

Finding check_level(std::string_view allow_list, std::string_view origin, const std::string& repository) {
  const auto yaml = Yaml::parse(allow_list, origin);
  if (!yaml) return {"level", FindingState::bad, yaml.error().message, yaml.error().hint};
  std::string nearly;
  for (int level = 4; level >= 1; --level) {
    const Yaml* entries = yaml->find(fmt::format("L{}", level));
    if (entries == nullptr) continue;
    std::vector<std::string> names;
    collect(*entries, names);
    if (std::find(names.begin(), names.end(), repository) != names.end()) {
      return {"level", level == 1 ? FindingState::bad : FindingState::good,
              fmt::format("L{}: {}", level, consequences[level - 1]),
              level == 1 ? "ask the relay's maintainers for L2" : ""};
    }
    for (const std::string& name : names) {
      if (same_but_case(name, repository)) nearly = name;
    }
  }
  if (!nearly.empty()) {
    return {"level", FindingState::bad, fmt::format("the list has '{}', not '{}'", nearly, repository),
            "spell the repository as the list does: results would be ignored silently"};
  }
  return {"level", FindingState::bad, fmt::format("'{}' is not on the list", repository),
          "results would be ignored silently; ask the relay's maintainers"};
}

}  // namespace spyre::relay
