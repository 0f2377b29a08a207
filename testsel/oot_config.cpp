// SPDX-License-Identifier: Apache-2.0
#include "testsel/oot_config.hpp"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "agent/core/files.hpp"
#include "agent/core/text.hpp"
#include "agent/core/yaml.hpp"

namespace spyre::testsel {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view root_token = "${TORCH_ROOT}/";
constexpr std::string_view device_token = "${TORCH_DEVICE_ROOT}";

const std::vector<std::string> mode_names{"mandatory_success", "xfail", "xfail_strict", "skip"};

Result<Mode> read_mode(const Yaml& value) {
  TRY(const std::string text, value.as_string());
  if (const auto mode = parse_mode(text)) return *mode;
  return value.error(fmt::format("unknown mode '{}'{}", shorten(text, 40), did_you_mean(text, mode_names)),
                     "one of " + join(mode_names, ", "));
}

// Return the path from the tree's root; nothing for a file outside it.
std::string within_tree(std::string_view path, const std::string& torch_root) {
  if (path.starts_with(root_token)) return std::string(path.substr(root_token.size()));
  const std::string root = torch_root.empty() || torch_root.ends_with('/') ? torch_root : torch_root + "/";
  if (!root.empty() && path.starts_with(root)) return std::string(path.substr(root.size()));
  return path.starts_with('/') || path.starts_with("$") ? std::string() : std::string(path);
}

}  // namespace

Result<std::vector<fs::path>> expand_oot_paths(const std::vector<fs::path>& paths) {
  std::vector<fs::path> files;
  for (const fs::path& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    std::vector<fs::path> found;
    for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
      const fs::path extension = it->path().extension();
      if (extension == ".yaml" || extension == ".yml") found.push_back(it->path());
    }
    if (error) return fail(ErrorKind::io, fmt::format("cannot read {}: {}", path.string(), error.message()));
    if (found.empty()) {
      return fail(ErrorKind::not_found, fmt::format("{} holds no configuration (*.yaml)", path.string()));
    }
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

// One document while it is added to the configuration.
class OotReader {
 public:
  OotReader(OotConfig& config, const std::string& torch_root) : m_config(config), m_torch_root(torch_root) {}

  Result<void> read(const Yaml& document) {
    warn_of_unknown(document, {"test_suite_config"});
    const Yaml* suite = document.kind() == Yaml::Kind::map ? document.find("test_suite_config") : nullptr;
    if (suite == nullptr) {
      return document.error("expected the key 'test_suite_config'", "is this a configuration of torch-spyre?");
    }
    if (suite->kind() != Yaml::Kind::map) return suite->error("expected the key 'files'");
    warn_of_unknown(*suite, {"files", "global", "labels"});
    const Yaml* files = suite->find("files");
    if (files == nullptr || files->kind() != Yaml::Kind::list) {
      return (files == nullptr ? *suite : *files).error("expected a list of files under 'files'");
    }
    for (const Yaml& file : files->items()) CHECK_OK(read_file(file));
    return {};
  }

 private:
  Result<void> read_file(const Yaml& node) {
    const Yaml* path = node.kind() == Yaml::Kind::map ? node.find("path") : nullptr;
    if (path == nullptr) return node.error("a file needs the key 'path'");
    warn_of_unknown(node, {"path", "unlisted_test_mode", "tests"});
    TRY(const std::string text, path->as_string());
    OotConfig::File file;
    file.path = within_tree(text, m_torch_root);
    file.where = path->where();
    if (file.path.empty() || file.path.find("..") != std::string::npos) {
      const char* why = text.starts_with(device_token) ? "a test of torch-spyre itself" : "no path in PyTorch's tree";
      m_config.m_warnings.push_back(fmt::format("{}: left out, {}: {}", file.where, why, shorten(text, 200)));
      return {};
    }
    if (const Yaml* unlisted = node.find("unlisted_test_mode")) {
      TRY(file.unlisted, read_mode(*unlisted));
      file.unlisted_where = unlisted->where();
    }
    if (const Yaml* tests = node.find("tests"); tests != nullptr && tests->kind() != Yaml::Kind::null) {
      if (tests->kind() != Yaml::Kind::list) return tests->error("expected a list of tests");
      for (const Yaml& test : tests->items()) CHECK_OK(read_entry(test, file));
    }
    return unite(std::move(file));
  }

  Result<void> read_entry(const Yaml& node, OotConfig::File& file) {
    const Yaml* names = node.kind() == Yaml::Kind::map ? node.find("names") : nullptr;
    if (names == nullptr) return node.error("a test needs the key 'names'");
    warn_of_unknown(node, {"names", "mode", "tags", "edits", "seed"});
    OotConfig::Entry entry;
    CHECK_OK(names->as_strings());
    if (names->kind() == Yaml::Kind::scalar) entry.names.push_back({names->text(), names->where()});
    for (const Yaml& name : names->items()) entry.names.push_back({name.text(), name.where()});
    if (const Yaml* mode = node.find("mode")) {
      TRY(entry.mode, read_mode(*mode));
    }
    if (const Yaml* tags = node.find("tags")) {
      TRY(entry.tags, tags->as_strings());
    }
    file.entries.push_back(std::move(entry));
    return {};
  }

  Result<void> unite(OotConfig::File file) {
    const auto known = std::find_if(m_config.m_files.begin(), m_config.m_files.end(),
                                    [&](const OotConfig::File& other) { return other.path == file.path; });
    if (known == m_config.m_files.end()) {
      m_config.m_files.push_back(std::move(file));
      return {};
    }
    if (!known->unlisted_where.empty() && !file.unlisted_where.empty() && known->unlisted != file.unlisted) {
      return fail(ErrorKind::config,
                  fmt::format("{}: unlisted_test_mode of {} is {} here, and {} at {}", file.unlisted_where, file.path,
                              name(file.unlisted), name(known->unlisted), known->unlisted_where),
                  "give each file one mode for its other tests");
    }
    if (known->unlisted_where.empty()) {
      known->unlisted = file.unlisted;
      known->unlisted_where = file.unlisted_where;
    }
    known->entries.insert(known->entries.end(), file.entries.begin(), file.entries.end());
    return {};
  }

  void warn_of_unknown(const Yaml& map, const std::vector<std::string>& known) {
    for (const Yaml::Entry& entry : map.entries()) {
      const std::string& key = entry.key.text();
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      m_config.m_warnings.push_back(
          fmt::format("{}: unknown key '{}'{}", entry.key.where(), shorten(key, 80), did_you_mean(key, known)));
    }
  }

  OotConfig& m_config;
  const std::string& m_torch_root;
};

Result<void> OotConfig::add(std::string_view text, const std::string& origin, const std::string& torch_root) {
  TRY(const Yaml document, Yaml::parse(text, origin));
  return OotReader(*this, torch_root).read(document);
}

Result<OotConfig> OotConfig::load(const std::vector<fs::path>& paths, const std::string& torch_root) {
  TRY(const std::vector<fs::path> files, expand_oot_paths(paths));
  OotConfig config;
  for (const fs::path& path : files) {
    TRY(const std::string text, read_file(path));
    CHECK_OK(config.add(text, path.string(), torch_root));
  }
  return config;
}

}  // namespace spyre::testsel
