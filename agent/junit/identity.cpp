// SPDX-License-Identifier: Apache-2.0
#include "agent/junit/identity.hpp"

#include <algorithm>

#include "agent/results/case_id.hpp"

namespace spyre::junit {
namespace {

constexpr std::string_view test_module = "test_", tests_directory = "test/";

std::string slashed(std::string_view dotted) {
  std::string out(dotted);
  std::replace(out.begin(), out.end(), '.', '/');
  return out;
}

// Normalise a path: '/' between directories, no "./", and for Python files relative to their tree.
void tidy_path(std::string& file) {
  std::replace(file.begin(), file.end(), '\\', '/');
  while (file.starts_with("./")) file.erase(0, 2);
  const bool absolute = file.starts_with('/') || (file.size() > 2 && file[1] == ':' && file[2] == '/');
  if (!absolute || !file.ends_with(".py")) return;
  const std::size_t tests = file.rfind("/test/");
  if (tests != std::string::npos) file.erase(0, tests + 1);
}

// PyTorch runs its files in their directory: "test_torch.py" is test/test_torch.py.
bool is_bare_test_file(std::string_view file) {
  return file.starts_with(test_module) && file.ends_with(".py") && file.find('/') == std::string_view::npos;
}

// Return the position after the component `name` of a dotted name; npos without it.
std::size_t behind_component(std::string_view dotted, std::string_view name) {
  for (std::size_t at = 0; (at = dotted.find(name, at)) != std::string_view::npos; ++at) {
    const std::size_t end = at + name.size();
    if ((at == 0 || dotted[at - 1] == '.') && (end == dotted.size() || dotted[end] == '.')) return end;
  }
  return std::string_view::npos;
}

// Return the position after the last component that is a test module ("test_torch"); npos without one.
std::size_t behind_module(std::string_view dotted) {
  std::size_t end = dotted.size();
  while (true) {
    const std::size_t dot = end == 0 ? std::string_view::npos : dotted.rfind('.', end - 1);
    const std::size_t begin = dot == std::string_view::npos ? 0 : dot + 1;
    if (dotted.substr(begin, end - begin).starts_with(test_module)) return end;
    if (begin == 0) return std::string_view::npos;
    end = begin - 1;
  }
}

void strip_module(Identity& identity, std::size_t end) {
  const std::string_view module = std::string_view(identity.classname).substr(0, end);
  // The module has the directory that is missing in a bare file name.
  if (identity.file.find('/') == std::string::npos) identity.file = slashed(module) + ".py";
  identity.classname.erase(0, end + (end < identity.classname.size() ? 1 : 0));
}

}  // namespace

void normalise_identity(Identity& identity) {
  tidy_path(identity.file);
  std::string& classname = identity.classname;
  while (classname.starts_with("__main__.")) classname.erase(0, 9);
  if (classname == "__main__") classname.clear();

  if (identity.file.ends_with(".py")) {
    const std::size_t slash = identity.file.rfind('/') + 1;  // 0 without a slash
    const std::string_view stem = std::string_view(identity.file).substr(slash, identity.file.size() - slash - 3);
    const std::size_t end = behind_component(classname, stem);
    if (end != std::string_view::npos) strip_module(identity, end);
  } else if (identity.file.empty()) {
    const std::size_t end = behind_module(classname);
    if (end != std::string_view::npos) strip_module(identity, end);
  }
  // A file that could not be collected: pytest uses its module as the name.
  if (!identity.file.empty() && classname.empty() && identity.name == results::module_name(identity.file))
    identity.name = identity.file;
  if (is_bare_test_file(identity.file)) {
    if (identity.name == identity.file) identity.name.insert(0, tests_directory);
    identity.file.insert(0, tests_directory);
  }
  const bool is_module =
      identity.file.empty() && classname.empty() && behind_module(identity.name) == identity.name.size() &&
      identity.name.find_first_of("[ :/(") == std::string::npos && identity.name.find('.') != std::string::npos;
  if (is_module) identity.file = identity.name = slashed(identity.name) + ".py";
}

}  // namespace spyre::junit
