// SPDX-License-Identifier: Apache-2.0
// Addresses of a Jenkins controller, its jobs and its builds.
#pragma once

#include <string>
#include <string_view>

#include "agent/core/result.hpp"

namespace spyre::jenkins {

// Return the address without trailing slashes: "https://host/jenkins" for "https://host/jenkins/". Error: usage
// (invalid address, or an address with a password).
Result<std::string> controller_address(std::string_view text);

// Return the path of a job: "job/team/job/nightly" for "team/nightly". Error: usage (empty name).
Result<std::string> job_path(std::string_view job);

// Return the controller of a build: "https://host/jenkins" for "https://host/jenkins/job/a/7/". Error: usage.
Result<std::string> controller_of_build(std::string_view build);

// Replace the host of an address from the controller by `controller`: behind a proxy the controller may use another
// host for itself. `from` is the part at which the path begins, "/queue/" or "/job/". Error: invalid (`address` does
// not contain `from`).
Result<std::string> as_seen_from(std::string_view controller, std::string_view address, std::string_view from);

}  // namespace spyre::jenkins
