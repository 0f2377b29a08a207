// SPDX-License-Identifier: Apache-2.0
#include "agent/core/log.hpp"

#include <memory>

#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "agent/core/secrets.hpp"
#include "agent/core/text.hpp"

namespace spyre::log {
namespace {

spdlog::logger& logger() {
  // The sink uses colours only on a terminal.
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made = std::make_shared<spdlog::logger>("spyre-ci", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    made->set_pattern("%H:%M:%S %^%l%$: %v");
    made->set_level(spdlog::level::info);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *instance;
}

}  // namespace

Result<void> set_level(std::string_view level) {
  static const std::vector<std::string> names{"debug", "info", "warning", "error", "off"};
  if (std::find(names.begin(), names.end(), level) == names.end()) {
    return fail(ErrorKind::usage, fmt::format("unknown log level '{}'{}", level, did_you_mean(level, names)),
                fmt::format("levels: {}", join(names, ", ")));
  }
  logger().set_level(spdlog::level::from_str(std::string(level)));
  return {};
}

void debug(std::string_view message) {
  logger().debug("{}", hide_secrets(message));
}
void info(std::string_view message) {
  logger().info("{}", hide_secrets(message));
}
void warning(std::string_view message) {
  logger().warn("{}", hide_secrets(message));
}
void error(std::string_view message) {
  logger().error("{}", hide_secrets(message));
}

}  // namespace spyre::log
