// SPDX-License-Identifier: Apache-2.0
#include "agent/jenkins/address.hpp"

#include <fmt/format.h>

#include "agent/core/text.hpp"
#include "agent/http/encoding.hpp"

namespace spyre::jenkins {
namespace {

std::string_view without_slashes(std::string_view text) {
  while (text.ends_with('/')) text.remove_suffix(1);
  return text;
}

}  // namespace

Result<std::string> controller_address(std::string_view text) {
  const std::string_view address = without_slashes(trim(text));
  const bool secure = address.starts_with("https://");
  if (!secure && !address.starts_with("http://")) {
    return fail(ErrorKind::usage, fmt::format("'{}' is not the address of a controller", address),
                "give --url https://HOST/…, or set JENKINS_URL");
  }
  const std::string_view rest = address.substr(secure ? 8 : 7);
  if (rest.empty() || rest.starts_with('/')) {
    return fail(ErrorKind::usage, fmt::format("'{}' has no host", address));
  }
  if (rest.substr(0, rest.find('/')).find('@') != std::string_view::npos) {
    return fail(ErrorKind::usage, "the controller's address contains a user or password",
                "give --user, and the token in a file or in JENKINS_TOKEN");
  }
  return std::string(address);
}

Result<std::string> job_path(std::string_view job) {
  std::string path;
  for (const std::string_view part : split(job, '/')) {
    if (part.empty()) continue;
    path += fmt::format("{}job/{}", path.empty() ? "" : "/", http::percent_encoded(part));
  }
  if (path.empty()) return fail(ErrorKind::usage, "--job is empty", "such as --job spyre/upstream-pr");
  return path;
}

Result<std::string> controller_of_build(std::string_view build) {
  const std::size_t job = build.find("/job/");
  if (job == std::string_view::npos) {
    return fail(ErrorKind::usage, fmt::format("'{}' is not the address of a build", build),
                "it is what `jenkins trigger` prints: https://HOST/job/NAME/7/");
  }
  return controller_address(build.substr(0, job));
}

Result<std::string> as_seen_from(std::string_view controller, std::string_view address, std::string_view from) {
  const std::size_t begin = address.find(from);
  if (begin == std::string_view::npos) {
    return fail(ErrorKind::invalid,
                fmt::format("the controller answered with '{}', where {}… was expected", address, from));
  }
  return fmt::format("{}{}", controller, without_slashes(address.substr(begin)));
}

}  // namespace spyre::jenkins
