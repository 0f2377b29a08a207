// SPDX-License-Identifier: Apache-2.0
#include "agent/jenkins/address.hpp"

#include <cctype>

#include <fmt/format.h>

#include "agent/core/text.hpp"

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
    return fail(ErrorKind::usage, fmt::format("'{}' is no address of a controller", address),
                "give --url https://HOST/…, or set JENKINS_URL");
  }
  const std::string_view rest = address.substr(secure ? 8 : 7);
  if (rest.empty() || rest.starts_with('/')) {
    return fail(ErrorKind::usage, fmt::format("'{}' names no host", address));
  }
  if (rest.substr(0, rest.find('/')).find('@') != std::string_view::npos) {
    return fail(ErrorKind::usage, "the controller's address has a user or password in it",
                "give --user, and the token in a file or in JENKINS_TOKEN");
  }
  return std::string(address);
}

Result<std::string> job_path(std::string_view job) {
  std::string path;
  for (const std::string_view part : split(job, '/')) {
    if (part.empty()) continue;
    path += fmt::format("{}job/{}", path.empty() ? "" : "/", escaped(part));
  }
  if (path.empty()) return fail(ErrorKind::usage, "--job names no job", "such as --job spyre/upstream-pr");
  return path;
}

Result<std::string> controller_of_build(std::string_view build) {
  const std::size_t job = build.find("/job/");
  if (job == std::string_view::npos) {
    return fail(ErrorKind::usage, fmt::format("'{}' is no address of a build", build),
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

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::string_view("-_.~").find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", byte);
    }
  }
  return out;
}

std::string form(const std::map<std::string, std::string>& values) {
  std::string out;
  for (const auto& [name, value] : values) {
    out += fmt::format("{}{}={}", out.empty() ? "" : "&", escaped(name), escaped(value));
  }
  return out;
}

std::string basic_authorization(std::string_view user, std::string_view token) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::string text = fmt::format("{}:{}", user, token);
  std::string out = "Basic ";
  for (std::size_t i = 0; i < text.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += i + k > text.size() ? '=' : digits[group >> (18 - 6 * k) & 63];
    }
  }
  return out;
}

}  // namespace spyre::jenkins
