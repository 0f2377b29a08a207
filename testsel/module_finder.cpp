// SPDX-License-Identifier: Apache-2.0
#include "testsel/module_finder.hpp"

#include <algorithm>

namespace spyre::testsel {
namespace {

std::string_view directory_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

}  // namespace

std::optional<std::uint32_t> ModuleFinder::find(std::string_view path, const ModuleUse& use) {
  const std::string_view directory = directory_of(path);
  if (use.name.empty()) {
    for (std::string_view name = use.module; !name.empty(); name = name.substr(0, name.rfind('.'))) {
      if (const auto found = module(directory, name)) return found;
      if (name.find('.') == std::string_view::npos) break;
    }
    return std::nullopt;
  }
  if (use.name != "*") {
    const std::string_view dot = use.module.ends_with('.') ? "" : ".";
    std::string inner = use.module;
    inner.append(dot).append(use.name);
    if (const auto found = module(directory, inner)) return found;
  }
  return module(directory, use.module);
}

std::optional<std::uint32_t> ModuleFinder::module(std::string_view directory, std::string_view name) {
  return name.starts_with('.') ? relative(directory, name) : absolute(directory, name);
}

std::optional<std::uint32_t> ModuleFinder::relative(std::string_view directory, std::string_view name) {
  const std::size_t dots = std::min(name.find_first_not_of('.'), name.size());
  for (std::size_t i = 1; i < dots; ++i) directory = directory_of(directory);
  return file(directory, name.substr(dots));
}

std::optional<std::uint32_t> ModuleFinder::absolute(std::string_view directory, std::string_view name) {
  const bool in_tests = directory == "test" || directory.starts_with("test/");
  if (in_tests && name != "torch" && !name.starts_with("torch.")) {
    for (; !directory.empty(); directory = directory_of(directory)) {
      if (const auto found = file(directory, name)) return found;
    }
  }
  return file({}, name);
}

std::optional<std::uint32_t> ModuleFinder::file(std::string_view directory, std::string_view module) {
  m_candidate.assign(directory);
  if (!directory.empty() && !module.empty()) m_candidate += '/';
  const std::size_t start = m_candidate.size();
  m_candidate.append(module);
  std::replace(m_candidate.begin() + static_cast<std::ptrdiff_t>(start), m_candidate.end(), '.', '/');
  const std::size_t bare = m_candidate.size();
  for (const std::string_view ending : {"/__init__.py", ".py"}) {  // as in Python, a package hides a module
    m_candidate.resize(bare);
    m_candidate.append(ending);
    if (const auto found = m_files->find(m_candidate); found != m_files->end()) return found->second;
  }
  return std::nullopt;
}

}  // namespace spyre::testsel
