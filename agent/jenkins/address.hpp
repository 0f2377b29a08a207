// SPDX-License-Identifier: Apache-2.0
// Addresses on a controller.
#pragma once

#include <string>
#include <string_view>

#include "agent/core/result.hpp"

namespace spyre::jenkins {

// "https://host/jenkins" for "https://host/jenkins/". Error: usage for what is no address, or has a password in it.
Result<std::string> controller_address(std::string_view text);

// "job/team/job/nightly" for the job "team/nightly". Error: usage for an empty name.
Result<std::string> job_path(std::string_view job);

// The controller of a build: "https://host/jenkins" of "https://host/jenkins/job/a/7/". Error: usage.
Result<std::string> controller_of_build(std::string_view build);

// An address as the controller gave it, as seen from here: behind a proxy it may call itself otherwise. `from` is where
// the part that counts begins, "/queue/" or "/job/". Error: invalid when it is not in it.
Result<std::string> as_seen_from(std::string_view controller, std::string_view address, std::string_view from);

}  // namespace spyre::jenkins
